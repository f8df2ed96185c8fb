//! The certificate authority: what it makes, and what it refuses to make.

mod throwaway;
