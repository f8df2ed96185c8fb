//! What the name of a type or variant says about its form: the signs are Erlang's and Elixir's own.

use super::excerpt;
use super::mismatch::{Fault, Mismatch};
use crate::etf::atom::Atom;
use crate::etf::term::Term;
use std::fmt;

/// The form of a struct.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// A name without a sign.
    Map,
    /// `#job`: `{job, …}`.
    Record(&'static str),
    /// `{}`: `{…}`.
    Tuple,
    /// `%MyApp.Job`: a map with `__struct__`.
    Elixir(&'static str),
}

impl Shape {
    pub(super) fn of(name: &'static str) -> Self {
        match (name, name.strip_prefix(RECORD), name.strip_prefix('%')) {
            ("{}", ..) => Self::Tuple,
            (_, Some(tag), _) => Self::Record(tag),
            (_, _, Some(module)) => Self::Elixir(module),
            _ => Self::Map,
        }
    }
}

/// The form of a variant.
#[derive(Clone, Copy)]
pub(super) struct Variant {
    pub(super) tag: &'static str,
    /// `#resize`: fields with names stand in the tuple by their order, and without fields it is a tuple of the tag.
    pub(super) is_record: bool,
}

impl Variant {
    pub(super) fn of(name: &'static str, variant: &'static str) -> Self {
        let record = variant.strip_prefix(RECORD);
        let tag = match (name, variant) {
            (RESULT, "Ok") => "ok",
            (RESULT, "Err") => "error",
            _ => record.unwrap_or(variant),
        };
        Self { tag, is_record: record.is_some() }
    }

    /// The variant with this tag, by the name that the type has for it.
    ///
    /// # Errors
    /// The tag is such a name, sign and all, or `Ok` for `ok`.
    pub(super) fn find(name: &'static str, variants: &'static [&'static str], tag: &str) -> Result<Option<(&'static str, Self)>, Mismatch> {
        let mut all = variants.iter().map(|&variant| (variant, Self::of(name, variant)));
        match all.find(|(_, variant)| variant.tag == tag) {
            None if variants.contains(&tag) || variants == ["Ok", "Err"] => {
                let known = if name == RESULT { &["ok", "error"] } else { variants };
                Err(Fault::UnknownVariant { found: excerpt::of_text(tag), known }.into())
            }
            found => Ok(found),
        }
    }
}

/// What stands behind the tag of a tuple, if it is this one.
pub(super) fn behind<'de>(tag: &str, terms: &'de [Term]) -> Option<&'de [Term]> {
    terms.split_first().filter(|(first, _)| first.is_atom(tag)).map(|(_, elements)| elements)
}

/// `{job,_,_}`, for an error.
pub(super) struct Pattern<'a> {
    pub(super) tag: Option<&'a str>,
    pub(super) length: usize,
}

impl fmt::Display for Pattern<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tag = self.tag.and_then(|tag| Atom::new(tag).ok());
        let places = self.length.min(LONGEST_PATTERN);
        write!(f, "{{{}", tag.as_ref().map(Atom::to_string).unwrap_or_default())?;
        for place in 0..places {
            f.write_str(if place > 0 || tag.is_some() { ",_" } else { "_" })?;
        }
        f.write_str(if places < self.length { ",…}" } else { "}" })
    }
}

/// `{ok, ok}` is written `ok`: that is what a function says that has nothing to return.
pub(super) fn is_short_result(name: &str, variant: &str) -> bool {
    name == RESULT && variant == "Ok"
}

/// Without a copy, but for names that are no atoms anyway.
pub(super) fn atom(name: &'static str) -> Result<Atom, Mismatch> {
    if name.len() <= SHORT { Ok(Atom::fixed(name)) } else { Atom::new(name).map_err(|_| Fault::AtomTooLong.into()) }
}

pub(super) fn elixir_module(module: &str) -> Result<Atom, Mismatch> {
    Atom::new(&format!("Elixir.{module}")).map_err(|_| Fault::AtomTooLong.into())
}

/// The key under which Elixir's structs have their module.
pub(super) const STRUCT: &str = "__struct__";
pub(super) const RECORD: char = '#';
/// As serde calls the standard library's.
const RESULT: &str = "Result";
/// So many bytes are never too many characters.
const SHORT: usize = 255;
/// So many places of a tuple are drawn.
const LONGEST_PATTERN: usize = 16;
