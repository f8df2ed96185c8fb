//! The Erlang external term format: bytes from a peer become terms, terms become bytes.
//!
//! Values only: no socket, no clock. Whatever a peer sends, decoding ends in a [`Term`] or a
//! [`DecodeError`] with the offset; it never panics, never recurses, and never allocates more than a
//! fixed multiple of the bytes that are really there. Binaries are slices of the frame they came in.
//!
//! ```
//! use bytes::Bytes;
//! use countersign::etf::{Term, atom, decode, encode, list, tuple};
//!
//! let term = tuple([atom("ok"), list([1, 2, 300]), Term::from("text")]);
//! assert_eq!(term.to_string(), r#"{ok,[1,2,300],<<"text">>}"#);
//!
//! let frame = Bytes::from(encode(&term)?);
//! let back = decode(&frame)?;
//! assert_eq!(back, term);
//!
//! let Some([status, numbers, text]) = back.as_tuple() else { panic!("three were sent") };
//! assert!(status.is_atom("ok"));
//! assert_eq!(numbers.as_list().unwrap()[2].as_i64(), Some(300));
//! assert_eq!(text.as_text(), Some("text"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Whole types become terms, and terms whole types, with [`serde`].
//!
//! # What is where
//!
//! A [`Term`] takes 24 bytes and owns its children through [`Terms`], [`Improper`], [`Map`] or [`Fun`].
//! These drop, copy, compare, hash, print and encode with a stack of their own, so that a term may be
//! as deep as [`Limits::depth`] allows, or as a builder makes it, without endangering the thread's.
//!
//! Two things differ from the tables in OTP's documentation on purpose. Map keys that occur twice are
//! refused, as OTP does in practice. And `-0.0` is not `0.0`: OTP 27 holds them apart, OTP 25 does not.

mod atom;
mod big_int;
mod bit_string;
mod build;
mod decode;
mod display;
mod encode;
mod error;
mod float;
mod fun;
mod id;
#[cfg(feature = "cli")]
pub mod json;
mod limits;
mod map;
mod matching;
mod order;
pub mod serde;
mod tag;
mod term;
mod terms;

pub use atom::{Atom, AtomTooLong};
pub use big_int::BigInt;
pub use bit_string::BitString;
pub use build::{atom, binary, improper, integer, list, map, string, tuple};
pub(crate) use decode::Piece;
pub use decode::{AtomTable, Decoder, Fields, decode};
pub use encode::{AtomIndex, TermWriter, encode, encode_bare, encode_bare_with, encode_into};
pub use error::{DecodeError, EncodeError};
pub use float::{Float, NotFinite};
pub use fun::{Export, Fun};
pub use id::{Creation, Pid, Port, Reference, TooManyWords};
pub use limits::Limits;
pub use map::{DuplicateKey, Map};
pub use term::Term;
pub use terms::{Improper, Terms};
