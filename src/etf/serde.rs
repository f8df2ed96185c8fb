//! Any type of serde's as a term, and back.
//!
//! ```
//! use countersign::etf::serde::{from_term, to_term};
//! use countersign::etf::{Creation, Atom, Pid};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! struct Job {
//!     id: u64,
//!     owner: Option<Pid>,
//!     action: Action,
//! }
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! #[serde(rename_all = "snake_case")]
//! enum Action {
//!     Resize(u32, u32),
//!     Rename { path: String },
//!     Delete,
//! }
//!
//! let owner = Pid { node: Atom::fixed("a@localhost"), id: 84, serial: 0, creation: Creation(1) };
//! let job = Job { id: 1, owner: Some(owner), action: Action::Resize(640, 480) };
//! let term = to_term(&job)?;
//! assert_eq!(term.to_string(), "#{action => {resize,640,480},id => 1,owner => <a@localhost.84.0>}");
//! assert_eq!(from_term::<Job>(&term)?, job);
//! # Ok::<(), countersign::etf::serde::Mismatch>(())
//! ```
//!
//! # The mapping
//!
//! | Rust | term | is read from this, too |
//! |---|---|---|
//! | `bool` | `true`, `false` | |
//! | integers of 8 to 128 bits | integer | |
//! | `f32`, `f64` | float | an integer that is the same number |
//! | `char` | integer, as Erlang's `$a` and Elixir's `?a` | text of one character |
//! | `str`, `String` | binary | a list of characters; where it is a key, an atom |
//! | [`bytes::Bytes`], `&[u8]` (read), serde's other bytes | binary | a list of bytes |
//! | `()` | `ok` | whatever is read as `None`; `{}`, `[]` |
//! | `Option` | the value, or `undefined` | `nil` |
//! | `Vec`, sets, iterators | list | |
//! | tuple, array, tuple struct | tuple | a list of as many elements |
//! | maps | map, with keys of any type | a list of properties: `[{Key, Value}, Key]` |
//! | struct | map with atoms for keys | keys that are binaries; a list of properties |
//! | newtype struct | what it holds | |
//! | unit struct, `Variant` | atom | a binary |
//! | `Variant(A)`, `Variant(A, B)` | `{'Variant', A}`, `{'Variant', A, B}` | |
//! | `Variant { a: A }` | `{'Variant', #{a => A}}` | |
//! | `Result` | `{ok, Value}`, `{error, Reason}`, and `ok` for `Ok(())` | |
//! | [`Term`], [`Pid`](super::Pid), [`Reference`](super::Reference), [`Port`](super::Port), [`Atom`](super::Atom), [`Map`](super::Map), [`Improper`](super::Improper), [`Fun`](super::Fun), [`Export`](super::Export), [`BitString`](super::BitString) | itself | |
//!
//! What was written is read as the same value, with one exception: a `Some` around what is itself written
//! as `undefined` or `nil` comes back as `None`. A `Vec<u8>` is a list, as any other `Vec`; take
//! [`bytes::Bytes`] or `serde_bytes` for a binary. Types that have a form for people and another for
//! machines, such as addresses, use the one for people.
//!
//! Text and bytes are copied unless the type borrows (`&str`, `&[u8]`) or is a [`Term`], which shares them
//! with the frame that they came in.
//!
//! [`Mapping`] has the choices: `nil` for `None`, charlists for strings, atoms for keys.
//! For the strings of one field there is [`charlist`].
//!
//! # Records, tuples and Elixir's structs
//!
//! A type's name says which of them it is, in the signs of the languages themselves. `#name` is a record,
//! `{}` a tuple without a tag, `%Module` a struct of Elixir's. Where a struct leaves out a field, a tuple
//! has `undefined` there.
//!
//! ```
//! use countersign::etf::serde::{from_term, to_term};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! #[serde(rename = "#user")] // -record(user, {name, age}).
//! struct User {
//!     name: String,
//!     age: u8,
//! }
//!
//! #[derive(Serialize, Deserialize)]
//! #[serde(rename = "{}")]
//! struct Point {
//!     x: i32,
//!     y: i32,
//! }
//!
//! #[derive(Serialize, Deserialize)]
//! #[serde(rename = "%MyApp.Job")]
//! struct Job {
//!     id: u64,
//! }
//!
//! #[derive(Serialize, Deserialize)]
//! enum Request {
//!     #[serde(rename = "#resize")]
//!     Resize { width: u32, height: u32 },
//! }
//!
//! let user = to_term(&User { name: "Joe".into(), age: 68 })?;
//! assert_eq!(user.to_string(), r#"{user,<<"Joe">>,68}"#);
//! assert_eq!(from_term::<User>(&user)?.age, 68);
//! assert_eq!(to_term(&Point { x: 1, y: 2 })?.to_string(), "{1,2}");
//! assert_eq!(to_term(&Job { id: 7 })?.to_string(), "#{'__struct__' => 'Elixir.MyApp.Job',id => 7}");
//! assert_eq!(to_term(&Request::Resize { width: 640, height: 480 })?.to_string(), "{resize,640,480}");
//! # Ok::<(), countersign::etf::serde::Mismatch>(())
//! ```
//!
//! A struct without `%` passes over the key `__struct__` unless it has such a field.
//!
//! # Errors
//!
//! They say where. `$` is the whole, elements count from 0, and a tag does not count.
//!
//! ```
//! use countersign::etf::serde::from_term;
//! use countersign::etf::{Term, atom, list, map, tuple};
//! use serde::Deserialize;
//!
//! #[derive(Debug, Deserialize)]
//! struct Queue {
//!     jobs: Vec<Job>,
//! }
//!
//! #[derive(Debug, Deserialize)]
//! #[serde(rename = "#job")]
//! struct Job {
//!     owner: String,
//! }
//!
//! let job = |owner: Term| tuple([atom("job"), owner]);
//! let jobs = list([job(Term::from("ann")), job(tuple([atom("a"), Term::from(1)]))]);
//! let error = from_term::<Queue>(&map([(atom("jobs"), jobs)])?).unwrap_err();
//! assert_eq!(error.to_string(), "$.jobs[1].owner: expected a string, found {a,1}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What serde sets limits to
//!
//! - Behind `untagged`, `flatten` and `tag` serde keeps values in kinds of its own. Pids and the like
//!   come through, and so does an `Atom`; a [`Term`] does not, for atoms and tuples would come out as
//!   something else, and is refused. Strings that are lists of characters are lists there.
//! - `flatten` makes a map of a struct, whatever its name says, with text for keys:
//!   [`Mapping::keys_as_atoms`] writes atoms. `tag` without `content` writes the variant as text.
//! - A value nests [`DEEPEST`] levels, and no more: `Some` and newtypes count, too. serde calls itself for
//!   each, and the stack is finite. A [`Term`] counts as one, however deep it is.
//! - Nothing but terms can hold a [`Term`] or a pid: other formats are told so.

pub mod charlist;
mod excerpt;
mod from_term;
mod mapping;
mod mismatch;
mod passing;
mod path;
mod shape;
mod to_term;

pub use mapping::Mapping;
pub use mismatch::{Fault, Mismatch};
pub use path::{Path, Step};

use super::term::Term;
use ::serde::{Deserialize, Serialize};

/// The term for a value, as [`Mapping::erlang`] has it.
///
/// # Errors
/// As [`Mapping::to_term`].
pub fn to_term<T: Serialize + ?Sized>(value: &T) -> Result<Term, Mismatch> {
    ERLANG.to_term(value)
}

/// The value that a term stands for, as [`Mapping::erlang`] has it.
///
/// # Errors
/// As [`Mapping::from_term`].
pub fn from_term<'de, T: Deserialize<'de>>(term: &'de Term) -> Result<T, Mismatch> {
    ERLANG.from_term(term)
}

/// So many levels may stand inside one another.
pub const DEEPEST: usize = 128;
static ERLANG: Mapping = Mapping::erlang();
