//! The cookie of a user's home.

use super::error::StartError;
use crate::dist::Cookie;
use crate::secret;
use std::io;
use std::path::{Path, PathBuf};

/// As OTP does, which also refuses a file that others can read.
pub(crate) fn of_home() -> Result<Cookie, StartError> {
    let home = std::env::var_os("HOME").unwrap_or_default();
    let path = PathBuf::from(home).join(".erlang.cookie");
    let read = std::fs::read_to_string(&path).and_then(|text| if is_private(&path)? { Ok(text) } else { Err(readable_by_others()) });
    match read.map(|text| text.trim().as_bytes().to_vec()) {
        Ok(cookie) if !cookie.is_empty() => Ok(Cookie::new(cookie)),
        Ok(_) => Err(StartError::NoCookie { path, source: io::Error::new(io::ErrorKind::InvalidData, "it is empty") }),
        Err(source) => Err(StartError::NoCookie { path, source }),
    }
}

fn is_private(path: &Path) -> io::Result<bool> {
    Ok(secret::exposed(&std::fs::metadata(path)?).is_none())
}

fn readable_by_others() -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, "others than its owner can read it (chmod 600)")
}
