//! Whether a program said what a document shows.
//!
//! Numbers, serials and fingerprints are of the moment, and so is how far a column is from the next. A line with
//! nothing but `…` stands for any lines, and `…` within one for any text.

/// Whether all of it was said, and nothing else.
pub(crate) fn is_said(shown: &[String], said: &[String]) -> bool {
    let (shown, said) = (plain(shown), plain(said));
    matches(&shown, &said, true)
}

/// Whether it was said, whatever may come after it.
pub(crate) fn is_said_so_far(shown: &[String], said: &[String]) -> bool {
    let (shown, said) = (plain(shown), plain(said));
    matches(&shown, &said, false)
}

fn plain(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| plain_line(line)).collect()
}

/// A number becomes `0`, and a long word or row of bytes in hexadecimal `#`.
fn plain_line(line: &str) -> String {
    let words = line.split_whitespace().map(|word| {
        let mut plain = String::new();
        for part in word.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != ':' && c != '_') {
            let end = part.len() - part.chars().last().filter(|c| !c.is_ascii_alphanumeric()).map_or(0, char::len_utf8);
            let (inner, separator) = part.split_at(end);
            plain.push_str(&if is_hexadecimal(inner) { "#".to_owned() } else { without_numbers(inner) });
            plain.push_str(separator);
        }
        plain
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Long enough to be no word of a language, and with a digit in it.
fn is_hexadecimal(word: &str) -> bool {
    let digits = word.chars().filter(|c| *c != ':');
    digits.clone().count() >= 8 && digits.clone().all(|c| c.is_ascii_hexdigit()) && word.contains(|c: char| c.is_ascii_digit())
}

fn without_numbers(word: &str) -> String {
    let mut plain = String::new();
    for c in word.chars() {
        match c {
            '0'..='9' if plain.ends_with('0') => {}
            '0'..='9' => plain.push('0'),
            other => plain.push(other),
        }
    }
    plain
}

fn matches(shown: &[String], said: &[String], wholly: bool) -> bool {
    match (shown.split_first(), said.split_first()) {
        (None, None) => true,
        (None, Some(_)) => !wholly,
        (Some((shown, rest)), _) if shown == "…" => {
            (0..=said.len()).any(|skipped| matches(rest, said.get(skipped..).unwrap_or_default(), wholly))
        }
        (Some(_), None) => false,
        (Some((shown, rest)), Some((said, more))) => is_line(shown, said) && matches(rest, more, wholly),
    }
}

fn is_line(shown: &str, said: &str) -> bool {
    let mut parts = shown.split('…');
    let Some(mut rest) = parts.next().and_then(|first| said.strip_prefix(first)) else { return false };
    let mut is_open = false;
    for part in parts {
        let Some((_, behind)) = rest.split_once(part) else { return false };
        rest = if part.is_empty() { rest } else { behind };
        is_open = part.is_empty();
    }
    is_open || rest.is_empty()
}

#[test]
fn numbers_and_fingerprints_are_of_the_moment_and_words_are_not() {
    let is_like = |shown: &str, said: &str| {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        is_said(&lines(shown), &lines(said))
    };
    assert!(is_like("dev@localhost answered in 1.1 ms", "dev@localhost answered in 23.075 ms"));
    assert!(is_like("serial   61:4C:C2:42:D8:91", "serial  0A:4C:CC:DD:D8:9F"));
    assert!(is_like("CN=a (SHA-256 9ffa1e22)", "CN=a (SHA-256 0aaaaaa1)"));
    assert!(is_like("a …, and b", "a 1 2 x, and b") && is_like("a …", "a b c") && is_like("a\n…\nb", "a\nx\ny\nb"));
    assert!(is_like("…\nb", "b") && is_like("a\n…", "a"));
    assert!(!is_like("pong", "pang") && !is_like("a", "a\nb") && !is_like("a\nb", "a") && !is_like("a … b", "a x c"));
    assert!(!is_like("deadbeef", "beadfeed") && !is_like("a …c", "a bd"));
}

#[test]
fn what_comes_later_does_not_matter_where_a_program_goes_on() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(is_said_so_far(&lines("a\nb"), &lines("a\nb\nc")));
    let log = "x\n[INFO  a::tls] replaced serial=63:13:EE:AD:51:8B:62:C1:8F:04 generation=2\ny";
    assert!(is_said_so_far(&lines("…\n[INFO  a::tls] replaced serial=… generation=2\n…"), &lines(log)));
    assert!(!is_said_so_far(&lines("a\nb"), &lines("a")) && !is_said_so_far(&lines("a\nb"), &lines("x\na\nb")));
}
