//! What a node answers, in words. It may be of another version, and say things that this command has never heard of:
//! they are shown as they come.

use crate::x509::name::on_one_line;
use serde_json::{Map, Value};

/// A key as a label.
pub(super) fn label(key: &str) -> String {
    on_one_line(&key.replace('_', " "))
}

/// A value on one line.
pub(super) fn words(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(value) => if *value { "yes" } else { "no" }.to_owned(),
        Value::String(text) if text.is_empty() => "none".to_owned(),
        Value::String(text) => on_one_line(text),
        Value::Number(number) => number.to_string(),
        Value::Array(values) if values.is_empty() => "none".to_owned(),
        Value::Array(values) => values.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Object(fields) if fields.is_empty() => "none".to_owned(),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| format!("{} {}", label(key), words(value))).collect::<Vec<_>>().join(", ")
        }
    }
}

/// A value below one key or several, one inside another.
pub(super) fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, key| value.get(key))
}

/// Text below these keys; what a node has nothing to say about is the word `none`.
pub(super) fn text<'a>(value: &'a Value, path: &[&str]) -> Option<&'a str> {
    at(value, path)?.as_str().filter(|text| !matches!(*text, "" | "none"))
}

pub(super) fn number(value: &Value, path: &[&str]) -> u64 {
    at(value, path).and_then(Value::as_u64).unwrap_or(0)
}

pub(super) fn is(value: &Value, path: &[&str]) -> bool {
    at(value, path).and_then(Value::as_bool).unwrap_or(false)
}

/// Keys with their values, these first and in this order.
pub(super) fn ordered<'a>(object: &'a Map<String, Value>, first: &[&str]) -> Vec<(&'a String, &'a Value)> {
    let known = first.iter().filter_map(|key| object.get_key_value(*key));
    let others = object.iter().filter(|(key, _)| !first.contains(&key.as_str()));
    known.chain(others).collect()
}
