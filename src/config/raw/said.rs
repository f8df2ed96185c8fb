//! What the parser says, in the words of this house.

use super::super::error::ConfigError;
use super::super::fault::Fault;
use super::super::nearest::nearest;
use super::super::spot::Spot;
use serde_json::error::Category;

pub(super) fn refuse(error: &serde_json::Error, path: String, top: &Spot<'_>) -> ConfigError {
    let said = error.to_string();
    // The parser says where behind the sentence; here it stands before it.
    let sentence = said.rsplit_once(" at line ").map_or(said.as_str(), |(sentence, _)| sentence);
    match error.classify() {
        Category::Data => top.refuse_at(error.line(), path, unknown(sentence).unwrap_or_else(|| Fault::Shape(without_value(sentence)))),
        _ => top.refuse_at(error.line(), String::new(), Fault::Syntax(format!("{sentence} (column {})", error.column()))),
    }
}

/// Of a key that nobody knows the parser says which ones there are.
fn unknown(sentence: &str) -> Option<Fault> {
    let rest = ["unknown field `", "unknown variant `"].iter().find_map(|words| sentence.strip_prefix(words))?;
    let (key, known) = rest.split_once("`, expected ")?;
    let names = known.split('`').skip(1).step_by(2);
    Some(Fault::Unknown { said: sentence.to_owned(), nearest: nearest(key, names).map(str::to_owned) })
}

/// The parser repeats what it did not expect, and that may be a cookie or a key in a wrong place.
fn without_value(sentence: &str) -> String {
    let Some(rest) = sentence.strip_prefix("invalid type: ").or_else(|| sentence.strip_prefix("invalid value: ")) else {
        return sentence.to_owned();
    };
    let kind = match rest.split([' ', ',']).next().unwrap_or_default() {
        "integer" if sentence.starts_with("invalid value") => "an integer out of bounds",
        kind => in_words(kind),
    };
    match sentence.rsplit_once(", expected ") {
        Some((_, expected)) => format!("this is {kind}, and not {}", expected_in_words(expected)),
        None => format!("this is {kind}"),
    }
}

/// The parser's words for what JSON has.
fn in_words(kind: &str) -> &'static str {
    match kind {
        "string" => "a string",
        "integer" => "an integer",
        "floating" => "a number with a fraction",
        "boolean" => "true or false",
        "null" => "null",
        "sequence" => "an array",
        "map" => "an object",
        _ => "something else",
    }
}

fn expected_in_words(expected: &str) -> &str {
    match expected {
        "u16" => "a whole number from 0 to 65535",
        "i32" => "a whole number",
        "u32" | "u64" | "usize" => "a whole number from 0 on",
        "path string" => "the path of a file",
        "a sequence" => "an array",
        "a boolean" => "true or false",
        other => other,
    }
}
