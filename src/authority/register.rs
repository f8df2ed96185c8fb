//! What a CA remembers about the certificates that it took back.

use super::error::AuthorityError;
use super::files;
use crate::clock::Timestamp;
use crate::x509::fingerprint::colon_hex;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The register of revoked certificates, kept beside the CA in the file `revoked`: a line for the number
/// of the last revocation list, and a line for each certificate with serial number, moment and subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Register {
    path: PathBuf,
    number: u64,
    entries: Vec<Revoked>,
}

/// A certificate that was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Revoked {
    /// Its serial number.
    pub serial: Vec<u8>,
    /// Since when it is revoked.
    pub since: Timestamp,
    /// Whom it was for, for the person who reads the file.
    pub subject: String,
}

impl Register {
    /// Reads the register of a CA's directory. Without a file, nothing was revoked yet.
    ///
    /// # Errors
    /// [`AuthorityError::Register`] with the damaged line: to pass over it would un-revoke a certificate.
    pub fn open(directory: &Path) -> Result<Self, AuthorityError> {
        let path = Self::file(directory);
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(path, &text),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self { path, number: 0, entries: Vec::new() }),
            Err(error) => Err(files::refused(&path, "read")(error)),
        }
    }

    /// Where a CA's directory keeps it.
    pub(super) fn file(directory: &Path) -> PathBuf {
        directory.join("revoked")
    }

    /// All entries, the oldest first.
    pub fn entries(&self) -> &[Revoked] {
        &self.entries
    }

    /// The entry of the certificate with this serial number.
    pub fn find(&self, serial: &[u8]) -> Option<&Revoked> {
        self.entries.iter().find(|entry| entry.serial == serial)
    }

    pub(super) fn add(&mut self, entry: Revoked) {
        self.entries.push(entry);
    }

    /// The number for the next list. It is spent even if that list is never published.
    pub(super) const fn next_number(&mut self) -> u64 {
        self.number = self.number.saturating_add(1);
        self.number
    }

    pub(super) fn save(&self) -> Result<(), AuthorityError> {
        let mut text = format!("{HEADING}\n{NUMBER}{}\n", self.number);
        for Revoked { serial, since, subject } in &self.entries {
            text.push_str(&format!("{} {since} {subject}\n", colon_hex(serial)));
        }
        files::replace(&self.path, text.as_bytes())
    }

    fn parse(path: PathBuf, text: &str) -> Result<Self, AuthorityError> {
        let mut register = Self { path, number: 0, entries: Vec::new() };
        for (index, line) in text.lines().enumerate() {
            let damaged = || AuthorityError::Register { path: register.path.clone(), line: index + 1 };
            match line.strip_prefix(NUMBER) {
                _ if line.is_empty() || line.starts_with('#') => {}
                Some(number) => register.number = number.parse().map_err(|_| damaged())?,
                None => register.entries.push(entry(line).ok_or_else(damaged)?),
            }
        }
        Ok(register)
    }
}

fn entry(line: &str) -> Option<Revoked> {
    let (serial, rest) = line.split_once(' ')?;
    let (since, subject) = rest.split_once(' ')?;
    let bytes = serial.split(':').map(|pair| (pair.len() == 2).then(|| u8::from_str_radix(pair, 16).ok()).flatten());
    Some(Revoked { serial: bytes.collect::<Option<_>>()?, since: since.parse().ok()?, subject: subject.to_owned() })
}

const HEADING: &str = "# Certificates that this CA has revoked: serial number, moment, subject. Kept by countersign cert revoke.";
const NUMBER: &str = "last-list ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_line_is_named_and_not_passed_over() {
        let parse = |line: &str| Register::parse(PathBuf::from("revoked"), &format!("{HEADING}\n{NUMBER}3\n{line}\n"));
        let good = parse("0A:FF 2026-01-01T00:00:00Z CN=db-1, O=Example").unwrap();
        assert_eq!((good.number, good.find(&[0x0a, 0xff]).map(|entry| entry.subject.as_str())), (3, Some("CN=db-1, O=Example")));
        for bad in ["0A:FF", "0AFF 2026-01-01 x", "0A:F 2026-01-01 x", "0A: 2026-01-01 x", "0A:FF yesterday x", "+1:FF 2026-01-01"] {
            assert!(matches!(parse(bad), Err(AuthorityError::Register { line: 3, .. })), "{bad}");
        }
    }
}
