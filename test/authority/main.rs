//! The certificate authority: what it makes, what it refuses to make, and what OpenSSL says about it.

#[path = "../support/scratch.rs"]
mod scratch;

mod certificates;
mod directory;
mod openssl;
mod throwaway;
