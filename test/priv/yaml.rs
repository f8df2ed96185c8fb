//! The part of YAML in which the manifests are written, which every reader of YAML reads alike: maps and lists by
//! indentation, plain words, and JSON for the rest. Whatever else YAML has is refused.

use serde_json::{Map, Value};

/// The documents of a file.
#[track_caller]
pub(crate) fn documents(text: &str) -> Vec<Value> {
    let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.trim_start().starts_with('#'));
    let lines: Vec<&str> = lines.collect();
    lines.split(|line| *line == "---").map(document).collect()
}

fn document(lines: &[&str]) -> Value {
    let lines = lines.iter().map(|line| (line.len() - line.trim_start_matches(' ').len(), line.trim_start_matches(' ').to_owned()));
    let mut reader = Reader { lines: lines.collect(), at: 0 };
    let value = reader.block(0);
    assert_eq!(reader.at, reader.lines.len(), "stands too far to the left or right: {:?}", reader.lines[reader.at..].first());
    value
}

/// Lines, each with how far it is indented.
struct Reader {
    lines: Vec<(usize, String)>,
    at: usize,
}

impl Reader {
    /// What stands at this indentation.
    fn block(&mut self, indent: usize) -> Value {
        if self.here(indent).is_some_and(is_item) { self.list(indent) } else { self.map(indent) }
    }

    fn map(&mut self, indent: usize) -> Value {
        let mut map = Map::new();
        while let Some(line) = self.here(indent).filter(|line| !is_item(line)).map(str::to_owned) {
            let (key, value) = entry(&line).unwrap_or_else(|| panic!("neither a key nor an item: {line}"));
            self.at += 1;
            let value = if value.is_empty() { self.below(indent) } else { scalar(value) };
            assert!(map.insert(key.to_owned(), value).is_none(), "{key} stands there twice");
        }
        Value::Object(map)
    }

    /// The value of a key that has nothing on its own line.
    fn below(&mut self, indent: usize) -> Value {
        match self.lines.get(self.at) {
            Some(&(deeper, _)) if deeper > indent => self.block(deeper),
            _ => panic!("a key without a value, before {:?}", self.lines.get(self.at)),
        }
    }

    fn list(&mut self, indent: usize) -> Value {
        let mut items = Vec::new();
        while let Some(line) = self.here(indent).filter(|line| is_item(line)) {
            let item = line[2..].to_owned();
            if entry(&item).is_some() {
                self.lines[self.at] = (indent + 2, item);
                items.push(self.map(indent + 2));
            } else {
                items.push(scalar(&item));
                self.at += 1;
            }
        }
        Value::Array(items)
    }

    fn here(&self, indent: usize) -> Option<&str> {
        self.lines.get(self.at).filter(|(own, _)| *own == indent).map(|(_, line)| line.as_str())
    }
}

fn is_item(line: &str) -> bool {
    line.starts_with("- ")
}

fn entry(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(": ").or_else(|| Some((line.strip_suffix(':')?, "")))?;
    key.bytes().all(|letter| letter.is_ascii_alphanumeric() || b"./-_".contains(&letter)).then_some((key, value))
}

fn scalar(text: &str) -> Value {
    let is_json = text.starts_with(['"', '[', '{']) || matches!(text, "true" | "false");
    let is_number = text.bytes().all(|digit| digit.is_ascii_digit());
    // One version of YAML reads 0400 as 256, and another one as 400.
    assert!(!is_number || text == "0" || !text.starts_with('0'), "{text} is read in two ways");
    if is_json || is_number {
        return serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
    let is_plain = !text.starts_with(|first: char| "&*!|>%@`'?,#".contains(first)) && !text.contains(" #") && !text.contains('\t');
    let is_word = !matches!(text.to_lowercase().as_str(), "yes" | "no" | "on" | "off" | "null" | "~");
    assert!(is_plain && is_word && entry(text).is_none(), "in quotes, please: {text}");
    Value::from(text)
}

#[test]
fn maps_lists_and_words_are_read_and_all_else_is_refused() {
    let text = "# x\na: 1\nb:\n  - c: d e\n    f: [\"g\"]\n  - h:\n      i: true\nj:\n  - -c\n  - \"1\"\n---\nk: {}\n";
    let expected = ["{\"a\":1,\"b\":[{\"c\":\"d e\",\"f\":[\"g\"]},{\"h\":{\"i\":true}}],\"j\":[\"-c\",\"1\"]}", "{\"k\":{}}"];
    assert_eq!(documents(text).iter().map(Value::to_string).collect::<Vec<_>>(), expected);
    for wrong in ["a", "a:", "a: 0400", "a: yes", "a: &b c", "a: b # c", "a: 1\n  b: 2", "a: 1\na: 2", "a: b: c", "a:\n\t- b", "a: |"] {
        assert!(std::panic::catch_unwind(|| documents(wrong)).is_err(), "{wrong:?} was read");
    }
}
