//! Rust as text: what is code and what is prose, which tokens it has, and which modules its paths name.

use std::fs;
use std::path::{Path, PathBuf};

/// One file of `src`.
pub(crate) struct Source {
    /// From the root, with slashes.
    pub(crate) path: String,
    /// Comments, strings and test items are blanks here; lines stay where they were.
    pub(crate) code: String,
    pub(crate) lines: usize,
}

/// A word or a sign, and where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Token<'a> {
    pub(crate) line: usize,
    pub(crate) text: &'a str,
}

pub(crate) fn source(path: &str, text: &str) -> Source {
    Source { path: path.to_owned(), code: without_tests(&without_prose(text)), lines: text.lines().count() }
}

/// All of `src`, however deep.
pub(crate) fn sources() -> Vec<Source> {
    let mut out = Vec::new();
    collect(&root().join("src"), &mut out);
    assert!(out.len() > 5, "src was not found: the rules would hold for nothing");
    out
}

/// The visible folders beside Cargo.toml.
pub(crate) fn root_folders() -> Vec<String> {
    let entries = fs::read_dir(root()).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir());
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Folders at the root that git ignores: what people's own runs leave behind.
pub(crate) fn ignored_folders() -> Vec<String> {
    let ignored = fs::read_to_string(root().join(".gitignore")).unwrap_or_default();
    ignored.lines().filter_map(|line| line.strip_prefix('/')).map(|line| line.trim_end_matches('/').to_owned()).collect()
}

impl Source {
    /// `src/tls/verify/pin.rs` is `["tls", "verify", "pin"]`.
    fn module(&self) -> Vec<&str> {
        self.path.trim_start_matches("src/").trim_end_matches(".rs").split('/').collect()
    }

    /// The module of the map in which the file lies.
    pub(crate) fn top(&self) -> &str {
        self.module().first().copied().unwrap_or_default()
    }

    pub(crate) fn tokens(&self) -> Vec<Token<'_>> {
        let mut out = Vec::new();
        for (index, mut rest) in self.code.lines().enumerate() {
            while let Some(length) = token_length(rest) {
                let (text, after) = rest.split_at(length);
                rest = after;
                if !text.trim().is_empty() {
                    out.push(Token { line: index + 1, text });
                }
            }
        }
        out
    }

    /// Every name right below the crate's root that a `crate::` or `super::` path goes through.
    pub(crate) fn imports(&self) -> Vec<(usize, String)> {
        let (tokens, mut out, mut at) = (self.tokens(), Vec::new(), 0);
        let mut braces: Vec<Option<&str>> = Vec::new();
        while let Some(token) = tokens.get(at) {
            let text = |index: usize| tokens.get(index).map_or("", |token| token.text);
            match token.text {
                "{" => braces.push((at >= 2 && text(at - 2) == "mod").then(|| text(at - 1))),
                "}" => drop(braces.pop()),
                "crate" | "super" if text(at + 1) == "::" => {
                    let here = self.module().into_iter().chain(braces.iter().copied().flatten()).collect();
                    at = follow(&tokens, at, here, &mut out);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        out
    }
}

/// Walks one path that starts in module `here`; returns where it ends.
fn follow(tokens: &[Token<'_>], mut at: usize, mut here: Vec<&str>, out: &mut Vec<(usize, String)>) -> usize {
    while let Some(token) = tokens.get(at) {
        match token.text {
            "crate" => here.clear(),
            "super" => drop(here.pop()),
            "self" | "::" => {}
            "{" => return follow_group(tokens, at, &here, out),
            name => {
                if here.is_empty() {
                    out.push((token.line, name.to_owned()));
                }
                return at + 1;
            }
        }
        at += 1;
    }
    at
}

fn follow_group(tokens: &[Token<'_>], open: usize, here: &[&str], out: &mut Vec<(usize, String)>) -> usize {
    let (mut at, mut depth) = (open, 0usize);
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token.text {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if depth == 1 && matches!(token.text, "{" | ",") && tokens.get(at).is_some_and(|next| next.text != "}") {
            at = follow(tokens, at, here.to_vec(), out);
        }
    }
    at
}

fn collect(folder: &Path, out: &mut Vec<Source>) {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            out.push(source(&name, &fs::read_to_string(&path).unwrap()));
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn token_length(rest: &str) -> Option<usize> {
    let first = rest.chars().next()?;
    if rest.starts_with("::") {
        return Some(2);
    }
    Some(if is_word(first) { rest.find(|c| !is_word(c)).unwrap_or(rest.len()) } else { first.len_utf8() })
}

/// Comments, strings and characters become blanks.
fn without_prose(text: &str) -> String {
    let (mut out, mut rest, mut in_word) = (String::with_capacity(text.len()), text, false);
    while let Some(first) = rest.chars().next() {
        let prose = if in_word { word_end(rest) } else { prose_length(rest) };
        let (piece, after) = rest.split_at(prose.unwrap_or(first.len_utf8()));
        if prose.is_some() {
            out.extend(piece.chars().map(blank))
        } else {
            out.push_str(piece)
        }
        in_word = prose.is_none() && is_word(first);
        rest = after;
    }
    out
}

/// In the middle of a word an `r` or `b` opens no string; anything that is no word still may.
fn word_end(rest: &str) -> Option<usize> {
    if rest.starts_with(is_word) { None } else { prose_length(rest) }
}

fn prose_length(rest: &str) -> Option<usize> {
    let end_of = |found: Option<usize>| Some(found.unwrap_or(rest.len()));
    if rest.starts_with("//") {
        return end_of(rest.find('\n'));
    }
    if rest.starts_with("/*") {
        return Some(comment_length(rest));
    }
    let bare = rest.strip_prefix(['b', 'c']).unwrap_or(rest);
    let prefix = rest.len() - bare.len();
    if let Some(raw) = bare.strip_prefix('r') {
        return raw_length(raw).map(|length| prefix + 1 + length);
    }
    match bare.strip_prefix('"') {
        Some(inside) => Some(prefix + 1 + quoted_length(inside, '"')),
        None => bare.strip_prefix('\'').and_then(character_length).map(|length| prefix + 1 + length),
    }
}

fn comment_length(rest: &str) -> usize {
    let (mut at, mut depth) = (0, 0usize);
    while let Some(here) = rest.get(at..).filter(|here| !here.is_empty()) {
        match here.get(..2) {
            Some("/*") => (at, depth) = (at + 2, depth + 1),
            Some("*/") if depth == 1 => return at + 2,
            Some("*/") => (at, depth) = (at + 2, depth - 1),
            _ => at += here.chars().next().map_or(1, char::len_utf8),
        }
    }
    rest.len()
}

fn raw_length(rest: &str) -> Option<usize> {
    let inside = rest.trim_start_matches('#');
    let hashes = rest.len() - inside.len();
    let close = format!("\"{}", "#".repeat(hashes));
    let text = inside.strip_prefix('"')?;
    Some(text.find(&close).map_or(rest.len(), |end| hashes + 1 + end + close.len()))
}

fn quoted_length(inside: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in inside.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    inside.len()
}

/// `None` for a lifetime, which has no closing quote.
fn character_length(inside: &str) -> Option<usize> {
    let mut chars = inside.chars();
    match (chars.next()?, chars.next()?) {
        ('\\', _) => Some(quoted_length(inside, '\'')),
        (one, '\'') => Some(one.len_utf8() + 1),
        _ => None,
    }
}

/// Items under `#[cfg(test)]` or `#[cfg(all(test…` become blanks.
fn without_tests(code: &str) -> String {
    let mut out = code.to_owned();
    for mark in ["#[cfg(test)]", "#[cfg(all(test"] {
        while let Some(start) = out.find(mark) {
            let end = start + item_length(&out[start..]);
            let blanks: String = out[start..end].chars().map(blank).collect();
            out.replace_range(start..end, &blanks);
        }
    }
    out
}

/// To the closing brace of the first block, or to a semicolon before it.
fn item_length(item: &str) -> usize {
    let (mut braces, mut brackets) = (0i32, 0i32);
    for (at, c) in item.char_indices() {
        match c {
            '{' => braces += 1,
            '}' => braces -= 1,
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets -= 1,
            _ => {}
        }
        let closed = c == '}' && braces <= 0 || c == ';' && braces == 0 && brackets == 0;
        if closed {
            return if braces < 0 { at } else { at + 1 };
        }
    }
    item.len()
}

fn blank(c: char) -> char {
    if c == '\n' { c } else { ' ' }
}
