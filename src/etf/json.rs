//! JSON and terms, for people who type the one and programs that keep the other.
//!
//! | JSON | term | and back |
//! |---|---|---|
//! | object | map with binaries as keys | maps whose keys are atoms or text |
//! | array | list | proper lists; a string of Erlang's is a list of numbers |
//! | string | binary | binaries that are UTF-8, and atoms |
//! | `true` `false` `null` | atoms of these names | the same |
//! | integer, other number | integer, float | the same, as far as 64 bits reach |
//!
//! What JSON lacks, such as tuples, pids and other bytes, becomes a string with the term as Erlang prints
//! it, and so does whatever stands deeper than [`DEEPEST`].
//!
//! ```
//! use countersign::etf::json;
//! use countersign::etf::{Term, atom, map, tuple};
//!
//! let term = json::parse(r#"{ "job": ["resize", 0.5], "urgent": true }"#)?;
//! assert_eq!(term.to_string(), r#"#{<<"job">> => [<<"resize">>,0.5],<<"urgent">> => true}"#);
//!
//! let answer = map([(atom("peers"), tuple([atom("a"), atom("b")])), (atom("name"), atom("a@localhost"))])?;
//! assert_eq!(json::of(&answer).to_string(), r#"{"name":"a@localhost","peers":"{a,b}"}"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use super::atom::Atom;
use super::big_int::BigInt;
use super::build;
use super::float::Float;
use super::map::Map;
use super::term::Term;
use serde_json::{Number, Value};

/// So many containers may stand inside one another; the JSON reader has a similar bound of its own. Only
/// for this reason may the functions here call themselves, where the rest of `etf` must not.
pub const DEEPEST: usize = 64;

/// Reads JSON text.
///
/// # Errors
/// The text is no JSON, with the place where it ceases to be.
pub fn parse(text: &str) -> Result<Term, NotJson> {
    from_value(serde_json::from_str(text).map_err(NotJson::Syntax)?, DEEPEST).ok_or(NotJson::TooDeep)
}

/// The term as JSON.
pub fn of(term: &Term) -> Value {
    to_value(term, DEEPEST, &mut false)
}

/// The term as JSON, if JSON has all that is in it.
///
/// ```
/// use countersign::etf::{atom, json, list, tuple};
///
/// assert_eq!(json::exactly(&list([1, 2])), Some(serde_json::json!([1, 2])));
/// assert_eq!(json::exactly(&list([tuple([atom("ok"), atom("x")])])), None);
/// ```
pub fn exactly(term: &Term) -> Option<Value> {
    let mut is_lacking = false;
    let value = to_value(term, DEEPEST, &mut is_lacking);
    (!is_lacking).then_some(value)
}

/// Why text is no term.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotJson {
    /// It breaks the rules of JSON.
    #[error("not JSON")]
    Syntax(#[source] serde_json::Error),
    /// It is nested too deeply.
    #[error("more than {DEEPEST} arrays and objects stand inside one another")]
    TooDeep,
}

fn from_value(value: Value, room: usize) -> Option<Term> {
    let inner = |value| from_value(value, room.checked_sub(1)?);
    Some(match value {
        Value::Null => build::atom("null"),
        Value::Bool(value) => Term::from(value),
        Value::Number(number) => from_number(&number)?,
        Value::String(text) => Term::from(text),
        Value::Array(values) => Term::from(values.into_iter().map(inner).collect::<Option<Vec<_>>>()?),
        Value::Object(pairs) => {
            let pairs = pairs.into_iter().map(|(key, value)| Some((Term::from(key), inner(value)?)));
            // The keys of an object differ.
            Map::new(pairs.collect::<Option<Vec<_>>>()?).ok().map(Term::Map)?
        }
    })
}

/// The reader takes finite numbers only.
fn from_number(number: &Number) -> Option<Term> {
    let integer = number.as_i64().map(Term::from).or_else(|| number.as_u64().map(Term::from));
    integer.or_else(|| Float::new(number.as_f64()?).ok().map(Term::Float))
}

/// `is_lacking` if something in it is not JSON's, and stands there as text.
fn to_value(term: &Term, room: usize, is_lacking: &mut bool) -> Value {
    let exact = match term {
        Term::Integer(value) => Some(Value::from(*value)),
        Term::BigInt(value) => big(value),
        Term::Float(value) => Number::from_f64(value.value()).map(Value::Number),
        Term::Atom(atom) => Some(named(atom)),
        Term::Binary(_) => term.as_text().map(Value::from),
        Term::List(_) | Term::Map(_) if room == 0 => None,
        Term::List(elements) => Some(elements.iter().map(|element| to_value(element, room - 1, is_lacking)).collect()),
        Term::Map(map) => object(map, room - 1, is_lacking),
        _ => None,
    };
    exact.unwrap_or_else(|| {
        *is_lacking = true;
        Value::String(term.to_string())
    })
}

fn big(value: &BigInt) -> Option<Value> {
    value.to_u128().and_then(|value| u64::try_from(value).ok()).map(Value::from)
}

fn named(atom: &Atom) -> Value {
    match atom.as_str() {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "null" => Value::Null,
        name => Value::from(name),
    }
}

/// `None` if a key is no name, or two keys would be one.
fn object(map: &Map, room: usize, is_lacking: &mut bool) -> Option<Value> {
    let mut object = serde_json::Map::new();
    for (key, value) in map.iter() {
        let key = key.as_atom().map(Atom::as_str).or_else(|| key.as_text())?;
        if object.insert(key.to_owned(), to_value(value, room, is_lacking)).is_some() {
            return None;
        }
    }
    Some(Value::Object(object))
}
