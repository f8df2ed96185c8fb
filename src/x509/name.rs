//! Names on certificates, made safe to print: a peer chooses its own subject, and a log line must not
//! be something that a stranger can break in two.

use der::{Encode, Tag, Tagged};
use std::fmt;
use std::net::IpAddr;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;

/// A subject alternative name, of whatever kind. Its text is as it stands on the certificate, with zero bytes if there
/// are some, so that no two names are taken for one; only [`Display`](fmt::Display) makes it safe to print.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum San {
    /// A host name, perhaps with a wildcard as its first label.
    Dns(String),
    /// An address.
    Ip(IpAddr),
    /// A URI, such as `erl:name@host`.
    Uri(String),
    /// A mail address.
    Email(String),
    /// A distinguished name.
    Directory(String),
    /// A kind that has no place in a cluster, named by its type.
    Other(String),
}

impl San {
    pub(crate) fn of(name: &GeneralName) -> Self {
        match name {
            GeneralName::DnsName(text) => Self::Dns(text.as_str().to_owned()),
            GeneralName::Rfc822Name(text) => Self::Email(text.as_str().to_owned()),
            GeneralName::UniformResourceIdentifier(text) => Self::Uri(text.as_str().to_owned()),
            GeneralName::DirectoryName(name) => Self::Directory(distinguished(name)),
            GeneralName::IpAddress(bytes) => ip(bytes.as_bytes()),
            GeneralName::RegisteredId(oid) => Self::Other(format!("registeredID {oid}")),
            GeneralName::OtherName(other) => Self::Other(format!("otherName {}", other.type_id)),
            GeneralName::EdiPartyName(_) => Self::Other("ediPartyName".to_owned()),
        }
    }
}

impl fmt::Display for San {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => write!(f, "DNS:{}", printable(name)),
            Self::Ip(address) => write!(f, "IP:{address}"),
            Self::Uri(uri) => write!(f, "URI:{}", printable(uri)),
            Self::Email(address) => write!(f, "email:{}", printable(address)),
            Self::Directory(name) => write!(f, "DirName:{name}"),
            Self::Other(kind) => write!(f, "other:{kind}"),
        }
    }
}

/// A distinguished name in the order in which it was written: `CN=db-1, O=Example`. Characters that would
/// let a value look like another part are escaped, as RFC 4514 has it; still, decide by
/// [`San`]s and not by a subject's text: many CAs copy a subject from whoever asks.
pub fn distinguished(name: &Name) -> String {
    let parts: Vec<String> = name.iter().map(|part| format!("{}={}", short(&part.oid), value(&part.value))).collect();
    let whole = if parts.is_empty() { "(empty)".to_owned() } else { parts.join(", ") };
    if whole.len() <= LONGEST_NAME {
        return whole;
    }
    let cut = whole.floor_char_boundary(LONGEST_NAME);
    format!("{}… ({} parts)", whole.get(..cut).unwrap_or_default(), parts.len())
}

/// A distinguished name from its DER, as certificate requests carry it; unreadable bytes say so.
pub fn distinguished_der(der: &[u8]) -> String {
    let parsed: Result<Name, _> = der::Decode::from_der(der);
    parsed.map_or_else(|_| "(unreadable name)".to_owned(), |name| distinguished(&name))
}

/// Text of a stranger: control and direction-changing characters escaped, and not longer than a line.
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(LONGEST));
    for c in text.chars() {
        if out.len() >= LONGEST {
            out.push_str(&format!("… ({} bytes)", text.len()));
            break;
        }
        push_harmless(c, &mut out);
    }
    out
}

/// As [`printable`], but whole: for a line of our own that a stranger's words, cut already, are a part of.
pub fn on_one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| push_harmless(c, &mut out));
    out
}

fn push_harmless(c: char, out: &mut String) {
    if is_odd(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
}

/// Whether a text may stand between two dots of a host's name. Underscores are no part of that grammar, but of many a
/// container's name.
pub(crate) fn is_label(label: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=63).contains(&label.len()) && label.bytes().all(inside) && !label.starts_with('-') && !label.ends_with('-')
}

/// Whether a text is as it looks: without control and direction-changing characters.
pub(crate) fn is_printable(text: &str) -> bool {
    !text.chars().any(is_odd)
}

fn is_odd(c: char) -> bool {
    c.is_control() || turns_direction(c)
}

/// The common names of a subject, as they stand there; `None` for one whose encoding is read in different ways.
pub(super) fn common_names(name: &Name) -> Vec<Option<String>> {
    name.iter().filter(|part| part.oid == COMMON_NAME).map(|part| text(&part.value)).collect()
}

fn text(any: &der::Any) -> Option<String> {
    let bytes = any.value();
    match any.tag() {
        Tag::Utf8String => std::str::from_utf8(bytes).ok().map(str::to_owned),
        Tag::PrintableString | Tag::Ia5String => std::str::from_utf8(bytes).ok().filter(|text| text.is_ascii()).map(str::to_owned),
        Tag::BmpString if bytes.len().is_multiple_of(2) => String::from_utf16(&units(bytes)).ok(),
        _ => None,
    }
}

/// The two-byte characters of a BMPString.
fn units(bytes: &[u8]) -> Vec<u16> {
    bytes.chunks(2).map(|pair| pair.iter().fold(0, |unit, &byte| unit << 8 | u16::from(byte))).collect()
}

/// A value with the characters escaped that separate parts of a name.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for (index, c) in printable(text).chars().enumerate() {
        let edge = index == 0 && matches!(c, '#' | ' ');
        if edge || matches!(c, ',' | '+' | '=' | '"' | '<' | '>' | ';') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

const fn turns_direction(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn ip(bytes: &[u8]) -> San {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    let address = four.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from));
    address.map_or_else(|_| San::Other(format!("iPAddress of {} bytes", bytes.len())), San::Ip)
}

fn value(any: &der::Any) -> String {
    let bytes = any.value();
    match any.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::TeletexString => escaped(&String::from_utf8_lossy(bytes)),
        Tag::BmpString => escaped(&String::from_utf16_lossy(&units(bytes))),
        _ => printable(
            &any.to_der().map_or_else(|_| "#".to_owned(), |der| format!("#{}", super::fingerprint::colon_hex(&der).replace(':', ""))),
        ),
    }
}

fn short(oid: &der::asn1::ObjectIdentifier) -> String {
    let text = oid.to_string();
    let known = SHORT_NAMES.iter().find(|(dotted, _)| *dotted == text);
    known.map_or(text, |(_, name)| (*name).to_owned())
}

const COMMON_NAME: der::asn1::ObjectIdentifier = der::asn1::ObjectIdentifier::new_unwrap("2.5.4.3");
// The longest a DNS name can be, and more than a person reads.
const LONGEST: usize = 253;
// Six parts as long as RFC 5280 allows; a line holds up to three such names.
const LONGEST_NAME: usize = 400;

const SHORT_NAMES: &[(&str, &str)] = &[
    ("2.5.4.3", "CN"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "street"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_and_says_how_long_it_was() {
        let shown = printable(&"\u{7}".repeat(40_000));
        assert!(shown.len() < 300 && shown.ends_with("… (40000 bytes)"), "{shown}");
    }

    #[test]
    fn a_value_cannot_pass_for_another_part_of_the_name() {
        assert_eq!(escaped("x, CN=db-1"), "x\\, CN\\=db-1");
    }

    #[test]
    fn a_stranger_cannot_start_a_new_log_line() {
        assert_eq!(printable("a\r\nb\u{202e}c\u{1b}[31m"), "a\\u{d}\\u{a}b\\u{202e}c\\u{1b}[31m");
    }
}
