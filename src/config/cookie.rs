//! The cookie: written out, in a file, or in the environment.

use super::error::ConfigError;
use super::fault::Fault;
use super::raw;
use super::spot::Spot;
use super::variables::variable;
use crate::dist::Cookie;
use crate::secret::{self, Secret};
use crate::x509::pem::Origin;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The cookie in a file that only its owner may read, without the blanks around it.
///
/// # Errors
/// A file that cannot be read, that others may read, or that is empty.
pub fn cookie_file(path: &Path) -> Result<Cookie, ConfigError> {
    let spot = Spot::top(Origin::named("cookie"), Path::new(""));
    from_file(path).map_err(|fault| spot.refuse(fault))
}

pub(super) fn resolve(raw: Option<raw::Cookie>, spot: &Spot<'_>) -> Result<Option<Cookie>, ConfigError> {
    raw.map(|raw| read(&raw, spot)).transpose()
}

/// The cookie that is meant.
pub(super) fn read(raw: &raw::Cookie, spot: &Spot<'_>) -> Result<Cookie, ConfigError> {
    let cookie = match raw {
        raw::Cookie::Plain(secret) => trimmed(secret),
        raw::Cookie::File(path) => from_file(&spot.file(path)),
        raw::Cookie::Variable(name) => variable(name).and_then(|text| trimmed(&Secret::new(text.as_bytes().to_vec()))),
    };
    cookie.map_err(|fault| spot.refuse(fault))
}

fn from_file(path: &Path) -> Result<Cookie, Fault> {
    let unreadable = |source| Fault::CookieUnreadable { file: Origin::file(path), source };
    // Before opening: a pipe would wait for its other end.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(unreadable(io::ErrorKind::InvalidInput.into()));
    }
    let mut file = File::open(path).map_err(unreadable)?;
    if let Some(mode) = secret::exposed(&file.metadata().map_err(unreadable)?) {
        return Err(Fault::CookieExposed { file: Origin::file(path), mode });
    }
    let mut bytes = Vec::with_capacity(LONGEST);
    file.by_ref().take(LONGEST as u64).read_to_end(&mut bytes).map_err(unreadable)?;
    trimmed(&Secret::new(bytes))
}

fn trimmed(secret: &Secret) -> Result<Cookie, Fault> {
    match secret.expose().trim_ascii() {
        [] => Err(Fault::CookieEmpty),
        bytes => Ok(Cookie::new(bytes.to_vec())),
    }
}

/// Longer than any cookie: OTP's is an atom.
const LONGEST: usize = 4096;
