//! Files that are looked at without anybody waiting for them.

use super::pem::{Origin, PemError};
use crate::secret::Secret;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;
use zeroize::Zeroizing;

/// The bytes of a plain file that is not too long, if its permissions will do. What is judged is the file that is open:
/// a link may point elsewhere a moment later.
pub(crate) fn read_plain<E: From<PemError>>(path: &Path, judge: impl FnOnce(&Metadata) -> Result<(), E>) -> Result<Secret, E> {
    let unreadable = |source| PemError::Unreadable { origin: Origin::file(path), source };
    // Before opening: a pipe would wait for its other end.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(unreadable(io::ErrorKind::InvalidInput.into()).into());
    }
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    judge(&metadata)?;
    if metadata.len() > LONGEST {
        return Err(unreadable(io::ErrorKind::FileTooLarge.into()).into());
    }
    // With room for all of it at once: a vector that grows leaves copies behind.
    let size = usize::try_from(metadata.len()).unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(size + 1));
    file.take(LONGEST).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(Secret::from(bytes))
}

/// A thousand certificates of the largest kind.
const LONGEST: u64 = 8 * 1024 * 1024;
