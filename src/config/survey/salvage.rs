//! What can be read of a document that has keys or values that cannot be.

use crate::config::error::ConfigError;
use crate::config::fault::Fault;
use crate::config::raw::{self, Raw};
use crate::config::spot::Spot;
use serde_json::{Value, json};

/// What was read, and what had to be left out for it.
pub(super) struct Salvaged {
    pub(super) raw: Option<Raw>,
    pub(super) faults: Vec<ConfigError>,
}

/// Leaves out one unreadable place after the other, until the rest can be read.
pub(super) fn read(text: &str, top: &Spot<'_>) -> Salvaged {
    let mut fault = match raw::parse(text, top) {
        Ok(raw) => return Salvaged { raw: Some(raw), faults: Vec::new() },
        Err(fault) => fault,
    };
    let mut faults = Vec::new();
    let Ok(mut document) = serde_json::from_str::<Value>(text) else { return Salvaged { raw: None, faults: vec![fault] } };
    loop {
        let is_mended = mend(&mut document, &fault);
        faults.push(fault);
        if !is_mended || faults.len() >= MOST {
            return Salvaged { raw: None, faults };
        }
        fault = match raw::parse(&document.to_string(), top) {
            Ok(raw) => return Salvaged { raw: Some(raw), faults },
            // The line is one of the text that was written anew.
            Err(fault) => ConfigError { line: None, ..fault },
        };
    }
}

fn mend(document: &mut Value, fault: &ConfigError) -> bool {
    let Fault::Shape(sentence) = fault.fault.as_ref() else { return false };
    let steps = steps(&fault.path);
    if let Some(name) = sentence.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        let found = steps.iter().try_fold(document, |value, step| step.below(value));
        return found.and_then(Value::as_object_mut).is_some_and(|object| object.insert(name.to_owned(), stand_in(name)).is_none());
    }
    let Some((last, way)) = steps.split_last() else { return false };
    let found = way.iter().try_fold(document, |value, step| step.below(value));
    found.is_some_and(|parent| last.cut(parent))
}

fn stand_in(name: &str) -> Value {
    match name {
        "node" => json!({ "name": PLACEHOLDER }),
        "seeds" => json!(0),
        _ => json!(PLACEHOLDER),
    }
}

/// One step on the way to a value.
enum Step {
    Key(String),
    Index(usize),
}

impl Step {
    fn below<'a>(&self, value: &'a mut Value) -> Option<&'a mut Value> {
        match self {
            Self::Key(key) => value.get_mut(key),
            Self::Index(index) => value.get_mut(index),
        }
    }

    fn cut(&self, parent: &mut Value) -> bool {
        match (self, parent) {
            (Self::Key(key), Value::Object(object)) => object.remove(key).is_some(),
            (Self::Index(index), Value::Array(array)) if *index < array.len() => {
                array.remove(*index);
                true
            }
            _ => false,
        }
    }
}

/// The steps of a path such as `acceptors[1].tls.dir`.
fn steps(path: &str) -> Vec<Step> {
    let parts = path.split(['.', '[']).filter(|part| !part.is_empty());
    parts
        .map(|part| match part.strip_suffix(']').and_then(|digits| digits.parse().ok()) {
            Some(index) => Step::Index(index),
            None => Step::Key(part.to_owned()),
        })
        .collect()
}

/// A name that stands in for one that is missing.
pub(super) const PLACEHOLDER: &str = "unknown@localhost";
const MOST: usize = 32;
