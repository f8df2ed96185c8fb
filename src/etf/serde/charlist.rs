//! Strings of a field as lists of characters: `#[serde(with = "countersign::etf::serde::charlist")]`.
//!
//! All strings inside count, so that an `Option<String>` or a `Vec<String>` can be such a field. Reading
//! takes both kinds of string anyway, and other formats than Erlang's see no difference.
//!
//! ```
//! use countersign::etf::serde::{charlist, to_term};
//! use serde::Serialize;
//!
//! #[derive(Serialize)]
//! struct Include {
//!     #[serde(with = "charlist")]
//!     paths: Vec<String>,
//!     comment: String,
//! }
//!
//! let include = Include { paths: vec!["/etc".into()], comment: "ours".into() };
//! assert_eq!(to_term(&include)?.to_string(), r#"#{comment => <<"ours">>,paths => ["/etc"]}"#);
//! # Ok::<(), countersign::etf::serde::Mismatch>(())
//! ```

use ::serde::de::Visitor;
use ::serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;

/// Writes the value, and each string in it as a list of characters.
///
/// # Errors
/// The value cannot be written at all.
pub fn serialize<T: Serialize + ?Sized, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_newtype_struct(CHARLIST, value)
}

/// Reads the value.
///
/// # Errors
/// What stands there is no such value.
pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_newtype_struct(CHARLIST, Inside(PhantomData))
}

/// Other formats may write newtypes by name, and then there is one to be read.
struct Inside<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Inside<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, or a value with strings in it")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::deserialize(deserializer)
    }
}

/// By this name our serializer knows what is asked for; others pass it over.
pub(super) const CHARLIST: &str = "$countersign::etf::serde::charlist";
