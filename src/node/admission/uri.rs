//! URIs, compared letter by letter. So that this means what everybody else means, only the normal form counts.

use super::oddity::Oddity;

/// The parts of a URI that may hold a star: behind the scheme, and behind the authority if there is one.
pub(super) fn behind_authority(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once(':')?;
    match rest.strip_prefix("//") {
        Some(rest) => Some(rest.find(['/', '?', '#']).and_then(|at| rest.get(at..)).unwrap_or_default()),
        None => Some(rest),
    }
}

/// Whether a URI is as RFC 3986 (6.2.2) would write it: scheme and host in small letters, escaped only what must be,
/// no segments that are dots.
///
/// # Errors
/// It is not, and could be taken for another one.
pub(super) fn check(uri: &str) -> Result<(), Oddity> {
    match uri.chars().find(|c| c.is_control() || !c.is_ascii()) {
        Some(c) if c.is_control() => return Err(Oddity::Control),
        Some(_) => return Err(Oddity::NotAscii),
        None if uri.len() > LONGEST => return Err(Oddity::TooLong),
        None => {}
    }
    let (scheme, rest) = uri.split_once(':').ok_or(Oddity::Uri)?;
    let behind = behind_authority(uri).ok_or(Oddity::Uri)?;
    let authority = rest.strip_suffix(behind).unwrap_or_default();
    let path = behind.split(['?', '#']).next().unwrap_or_default();
    let is_normal = is_scheme(scheme)
        && !rest.is_empty()
        && !authority.chars().any(|c| c.is_ascii_uppercase())
        && !path.split('/').any(|segment| matches!(segment, "." | ".."))
        && rest.chars().all(may_stand)
        && escapes(rest).all(must_be_escaped);
    if is_normal { Ok(()) } else { Err(Oddity::Uri) }
}

fn is_scheme(scheme: &str) -> bool {
    let is_later = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "+-.".contains(c);
    scheme.starts_with(|c: char| c.is_ascii_lowercase()) && scheme.chars().all(is_later)
}

fn may_stand(c: char) -> bool {
    c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c)
}

/// What stands behind each `%`.
fn escapes(text: &str) -> impl Iterator<Item = &str> {
    text.split('%').skip(1).map(|rest| rest.get(..2).unwrap_or(rest))
}

/// Two large hexadecimal digits, of a character that could not stand there as it is.
fn must_be_escaped(digits: &str) -> bool {
    let is_digit = |c: char| c.is_ascii_digit() || ('A'..='F').contains(&c);
    let is_written = digits.len() == 2 && digits.chars().all(is_digit);
    let character = u8::from_str_radix(digits, 16).map(char::from);
    is_written && character.is_ok_and(|c| !c.is_ascii_alphanumeric() && !"-._~".contains(c))
}

/// As long as a SPIFFE id may be.
const LONGEST: usize = 2048;

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn only_the_normal_form_is_read_as_it_stands() {
        for uri in [
            "erl:db-1@Host.internal",
            "spiffe://example.org/ns/A/sa/db",
            "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
            "https://example.org",
            "https://example.org?q=%2F",
        ] {
            assert_eq!(check(uri), Ok(()), "{uri}");
        }
        for uri in [
            "",
            ":",
            "erl",
            "erl:",
            "1x:y",
            "ERL:a@b",
            "Spiffe://example.org/a",
            "spiffe://Example.org/a",
            "spiffe://example.org/a/../b",
            "spiffe://example.org/./b",
            "spiffe://example.org/%61",
            "spiffe://example.org/%2f",
            "spiffe://example.org/%zz",
            "spiffe://example.org/%",
            "spiffe://example.org/%é",
            "spiffe://example.org/a b",
            "spiffe://example.org\\a",
            "spiffe://example.org/a\0",
            "spiffe://example.org/ä",
        ] {
            assert!(check(uri).is_err(), "{uri}");
        }
        assert!(check(&format!("spiffe://example.org/{}", "a".repeat(2048))).is_err());
    }
}
