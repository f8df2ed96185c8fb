//! SHA-256 of a certificate or of a public key.

use std::fmt;
use std::str::FromStr;

/// A SHA-256 digest, printed as OpenSSL prints it: `AB:CD:…`.
///
/// ```
/// use countersign::x509::Fingerprint;
///
/// let empty = Fingerprint::of(b"");
/// assert!(empty.to_string().starts_with("E3:B0:C4:42:"));
/// assert_eq!(empty.to_string().to_lowercase().replace(':', "").parse(), Ok(empty));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The digest of these bytes (of a certificate: its DER).
    pub fn of(bytes: &[u8]) -> Self {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
        let mut out = [0; 32];
        for (slot, byte) in out.iter_mut().zip(digest.as_ref()) {
            *slot = *byte;
        }
        Self(out)
    }

    /// The digest's bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&colon_hex(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// The text is not 64 hexadecimal digits, with or without colons.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a SHA-256 fingerprint: 64 hexadecimal digits, with or without colons")]
pub struct NotAFingerprint(pub String);

impl FromStr for Fingerprint {
    type Err = NotAFingerprint;

    fn from_str(text: &str) -> Result<Self, NotAFingerprint> {
        let refuse = || NotAFingerprint(text.to_owned());
        let mut nibbles = text.chars().filter(|&c| c != ':').map(|c| c.to_digit(16));
        let mut out = [0; 32];
        for slot in &mut out {
            let high = nibbles.next().flatten().ok_or_else(refuse)?;
            let low = nibbles.next().flatten().ok_or_else(refuse)?;
            *slot = u8::try_from(high * 16 + low).map_err(|_| refuse())?;
        }
        if nibbles.next().is_some() { Err(refuse()) } else { Ok(Self(out)) }
    }
}

/// Bytes as `AB:CD:…`, the way OpenSSL prints serials and digests.
pub fn colon_hex(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(":")
}
