//! PEM files: bundles of certificates, keys and revocation lists in any order, with text around them.
//!
//! An error names the file, the block and the line, because a bundle of eight certificates that "does
//! not parse" helps nobody.

use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::secret::Secret;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer};
use std::fmt;
use std::path::Path;
use zeroize::Zeroizing;

/// Where bytes came from, for error messages: a file's path, or a word such as `inline`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// Bytes that never were a file.
    pub fn memory() -> Self {
        Self("(memory)".to_owned())
    }

    /// Bytes read from this path. A key that stands where its path belongs is not repeated.
    pub fn file(path: &Path) -> Self {
        let path = path.display().to_string();
        if path.contains("-----BEGIN") { Self("(PEM in place of a path)".to_owned()) } else { Self(path) }
    }

    /// Bytes from elsewhere, such as a configuration key.
    pub fn named(name: impl Into<String>) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a PEM block says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// `CERTIFICATE`
    Certificate,
    /// `PRIVATE KEY`
    Pkcs8Key,
    /// `EC PRIVATE KEY`
    Sec1Key,
    /// `RSA PRIVATE KEY`
    Pkcs1Key,
    /// `X509 CRL`
    Crl,
    /// Anything else, such as `EC PARAMETERS` or `CERTIFICATE REQUEST`: kept, and passed over.
    Other,
}

impl Label {
    fn of(text: &str) -> Self {
        match text {
            "CERTIFICATE" | "X509 CERTIFICATE" => Self::Certificate,
            "PRIVATE KEY" => Self::Pkcs8Key,
            "EC PRIVATE KEY" => Self::Sec1Key,
            "RSA PRIVATE KEY" => Self::Pkcs1Key,
            "X509 CRL" => Self::Crl,
            _ => Self::Other,
        }
    }

    /// Whether the block holds a private key that can be read.
    pub const fn is_key(self) -> bool {
        matches!(self, Self::Pkcs8Key | Self::Sec1Key | Self::Pkcs1Key)
    }
}

/// One decoded block.
#[derive(Clone, Debug)]
pub struct Block {
    /// What it says it is.
    pub label: Label,
    /// Its bytes, wiped when dropped: they may be a key.
    pub der: Secret,
    /// Where it stands.
    pub place: Place,
}

/// Where a block stands in its file: the `number`-th, starting at `line`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub origin: Origin,
    /// Counted from 1.
    pub number: usize,
    /// Counted from 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, block {} (line {})", self.origin, self.number, self.line)
    }
}

/// Why a PEM file could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PemError {
    /// The file could not be read at all.
    #[error("{origin}: cannot be read")]
    Unreadable {
        /// The file.
        origin: Origin,
        /// What the system said.
        source: std::io::Error,
    },
    /// Something else stands on the BEGIN line, or is missing there. The line is not repeated: when a file
    /// lost its line breaks, all of the key stands on it.
    #[error("{place}: the BEGIN line is damaged, or the line break behind it was lost")]
    BrokenBegin {
        /// Where.
        place: Place,
    },
    /// No END line, or one with another label. The labels are not repeated either: in a damaged file
    /// even they may be pieces of a key.
    #[error("{place}: the block has no matching END line")]
    Unfinished {
        /// Where.
        place: Place,
    },
    /// The lines between BEGIN and END are not base64.
    #[error("{place}: the text between BEGIN and END is not base64")]
    NotBase64 {
        /// Where.
        place: Place,
    },
    /// The key needs a passphrase.
    #[error("{place}: the private key is encrypted with a passphrase")]
    EncryptedKey {
        /// Where.
        place: Place,
    },
    /// The file has no block of the wanted kind.
    #[error("{origin}: no {wanted} in it{}", found(*blocks))]
    Nothing {
        /// The file.
        origin: Origin,
        /// What was looked for.
        wanted: &'static str,
        /// How many PEM blocks of other kinds there were.
        blocks: usize,
    },
    /// More than one private key: which one is meant?
    #[error("{place}: a second private key in one file")]
    SecondKey {
        /// Where the second one stands.
        place: Place,
    },
}

impl PemError {
    /// Whether the bytes could not even be had, as opposed to being wrong.
    pub const fn is_unreadable(&self) -> bool {
        matches!(self, Self::Unreadable { .. })
    }
}

impl Failure for PemError {
    fn code(&self) -> Code {
        match self {
            Self::BrokenBegin { .. } | Self::Unfinished { .. } | Self::NotBase64 { .. } => Code::MalformedCertificate,
            _ => Code::InvalidTlsConfiguration,
        }
    }

    fn hint(&self) -> Hint {
        Hint::fixed(match self {
            Self::Unreadable { .. } => "check the path, and that this user may read the file",
            Self::BrokenBegin { .. } => "keep the line breaks of the file; in an environment variable, quote the value",
            Self::Unfinished { .. } => "the file looks cut off; copy it again, whole",
            Self::NotBase64 { .. } => "the block is damaged; copy the file again, as text",
            Self::EncryptedKey { .. } => "decrypt it once: openssl pkey -in KEY -out KEY.plain (and chmod 600 it)",
            Self::Nothing { blocks: 1.., .. } => "is it the right file? Certificate, key and CA are easily swapped",
            Self::Nothing { .. } => "PEM is expected (-----BEGIN …-----); DER converts with: openssl x509 -inform der -in FILE",
            Self::SecondKey { .. } => "keep one key in the file, the one that belongs to the first certificate",
        })
    }
}

/// Reads a file whole.
///
/// # Errors
/// [`PemError::Unreadable`] with the path and what the system said.
pub fn read_file(path: &Path) -> Result<Secret, PemError> {
    let bytes = std::fs::read(path);
    bytes.map(Secret::new).map_err(|source| PemError::Unreadable { origin: Origin::file(path), source })
}

/// All blocks of a file, in their order.
///
/// # Errors
/// The first damaged or encrypted block, by its place.
pub fn blocks(origin: &Origin, bytes: &[u8]) -> Result<Vec<Block>, PemError> {
    let mut out = Vec::new();
    // Behind a byte order mark the first BEGIN would go unseen, and the second certificate pass for the leaf.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut lines = bytes.split(|&byte| byte == b'\n').enumerate();
    while let Some((index, line)) = lines.next() {
        let Some(rest) = line.trim_ascii().strip_prefix(b"-----BEGIN ") else { continue };
        let place = Place { origin: origin.clone(), number: out.len() + 1, line: index + 1 };
        let Some(label) = label(rest) else { return Err(PemError::BrokenBegin { place }) };
        let body = body_until_end(&mut lines, &label, &place)?;
        let der = decode(&label, body.expose(), place.clone())?;
        out.push(Block { label: Label::of(&label), der, place });
    }
    Ok(out)
}

/// The certificates of a bundle; at least one.
///
/// # Errors
/// A damaged block, or no certificate at all.
pub fn certificates(origin: &Origin, bytes: &[u8]) -> Result<Vec<(Place, CertificateDer<'static>)>, PemError> {
    let found = of_kind(origin, bytes, "certificate", |label| label == Label::Certificate)?;
    Ok(found.into_iter().map(|block| (block.place, block.der.expose().to_vec().into())).collect())
}

/// The revocation lists of a file; at least one.
///
/// # Errors
/// A damaged block, or no list at all.
pub fn crls(origin: &Origin, bytes: &[u8]) -> Result<Vec<(Place, CertificateRevocationListDer<'static>)>, PemError> {
    let found = of_kind(origin, bytes, "revocation list", |label| label == Label::Crl)?;
    Ok(found.into_iter().map(|block| (block.place, block.der.expose().to_vec().into())).collect())
}

/// The one private key of a file, which may hold certificates too.
///
/// # Errors
/// A damaged block, an encrypted key, no key or two.
pub fn private_key(origin: &Origin, bytes: &[u8]) -> Result<Block, PemError> {
    let mut keys = of_kind(origin, bytes, "private key", Label::is_key)?.into_iter();
    match (keys.next(), keys.next()) {
        (Some(key), None) => Ok(key),
        (_, Some(second)) => Err(PemError::SecondKey { place: second.place }),
        (None, None) => Err(PemError::Nothing { origin: origin.clone(), wanted: "private key", blocks: 0 }),
    }
}

/// Writes one block the way every reader accepts: 64 characters a line.
pub fn encode(label: &str, der: &[u8]) -> String {
    let body = base64(der);
    let lines: Vec<&str> = body.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn of_kind(origin: &Origin, bytes: &[u8], wanted: &'static str, is: impl Fn(Label) -> bool) -> Result<Vec<Block>, PemError> {
    let all = blocks(origin, bytes)?;
    let blocks = all.len();
    let found: Vec<Block> = all.into_iter().filter(|block| is(block.label)).collect();
    if found.is_empty() { Err(PemError::Nothing { origin: origin.clone(), wanted, blocks }) } else { Ok(found) }
}

/// The label, if the rest of a BEGIN line is one and nothing more (RFC 7468 §3).
fn label(rest: &[u8]) -> Option<String> {
    let label = std::str::from_utf8(rest.strip_suffix(b"-----")?).ok()?;
    let is_label = label.len() <= LONGEST_LABEL && !label.contains("--") && label.chars().all(|c| matches!(c, ' '..='~'));
    is_label.then(|| label.to_owned())
}

/// The lines up to the END line, in room that was measured first: a vector that grows leaves copies
/// behind, and this may be a key.
fn body_until_end<'a, L>(lines: &mut L, label: &str, place: &Place) -> Result<Secret, PemError>
where
    L: Iterator<Item = (usize, &'a [u8])> + Clone,
{
    let end = format!("-----END {label}-----");
    let within = |(_, line): (usize, &'a [u8])| Some(line.trim_ascii()).filter(|line| !line.starts_with(b"-----"));
    let room = lines.clone().map_while(within).map(|line| line.len() + 1).sum();
    let mut body = Zeroizing::new(Vec::with_capacity(room));
    for line in lines.map(|(_, line)| line.trim_ascii()) {
        if line == end.as_bytes() {
            return Ok(Secret::from(body));
        }
        if line.starts_with(b"-----") {
            break;
        }
        body.extend_from_slice(line);
        body.push(b'\n');
    }
    Err(PemError::Unfinished { place: place.clone() })
}

fn decode(label: &str, body: &[u8], place: Place) -> Result<Secret, PemError> {
    let encrypted = |line: &[u8]| line.starts_with(b"Proc-Type:") && line.ends_with(b"ENCRYPTED");
    if label == "ENCRYPTED PRIVATE KEY" || body.split(|&byte| byte == b'\n').any(encrypted) {
        return Err(PemError::EncryptedKey { place });
    }
    let mut text = Zeroizing::new(Vec::with_capacity(body.len()));
    text.extend(without_headers(body).iter().filter(|&&byte| byte != b'\n'));
    unbase64(&text).map(Secret::from).ok_or(PemError::NotBase64 { place })
}

/// Headers end at an empty line (RFC 1421 §4.4). A colon anywhere else is damage: passing over its line
/// would make the block a shorter one.
fn without_headers(body: &[u8]) -> &[u8] {
    let has_headers = body.split(|&byte| byte == b'\n').next().is_some_and(|first| first.contains(&b':'));
    let gap = body.windows(2).position(|pair| pair == b"\n\n");
    gap.filter(|_| has_headers).and_then(|gap| body.get(gap..)).unwrap_or(body)
}

fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0u32, |acc, &byte| acc << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
        for position in 0..4 {
            let digit = usize::try_from(group >> (18 - 6 * position) & 63).unwrap_or(0);
            let letter = ALPHABET.get(digit).copied().unwrap_or(b'=');
            out.push(if position <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

/// Strict in the alphabet and the padding, so that a damaged block is never read as a shorter one.
fn unbase64(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let digits = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    if text.is_empty() || !text.len().is_multiple_of(4) {
        return None;
    }
    let mut out = Zeroizing::new(Vec::with_capacity(text.len() / 4 * 3));
    for chunk in digits.chunks(4) {
        let mut group = 0u32;
        for &letter in chunk {
            let digit = ALPHABET.iter().position(|&other| other == letter)?;
            group = group << 6 | u32::try_from(digit).ok()?;
        }
        let missing = 4 - chunk.len();
        let bytes = (group << (6 * missing)).to_be_bytes();
        out.extend(bytes.iter().skip(1).take(3 - missing));
    }
    Some(out)
}

fn found(blocks: usize) -> String {
    match blocks {
        0 => " (no PEM block at all)".to_owned(),
        1 => " (one block of another kind)".to_owned(),
        many => format!(" ({many} blocks of other kinds)"),
    }
}

/// `NEW CERTIFICATE REQUEST` has 23 characters.
const LONGEST_LABEL: usize = 40;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_survives_the_round_trip_at_every_length() {
        for length in 0..200usize {
            let bytes: Vec<u8> = (0..length).map(|i| (i * 37 % 251) as u8).collect();
            let text = base64(&bytes);
            assert_eq!(unbase64(text.as_bytes()).as_deref(), (length > 0).then_some(&bytes));
        }
    }
}
