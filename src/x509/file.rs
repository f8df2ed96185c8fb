//! Files that are looked at without anybody waiting for them.

use super::pem::{Origin, PemError};
use crate::secret::Secret;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;
use zeroize::Zeroizing;

/// The bytes of a plain file that is not too long, whoever may read it.
pub(crate) fn read_public(path: &Path) -> Result<Secret, PemError> {
    read_plain(path, |_| Ok(()))
}

/// The bytes of a plain file that is not too long, if its permissions will do. What is judged is the file that is open:
/// a link may point elsewhere a moment later.
pub(super) fn read_plain<E: From<PemError>>(path: &Path, judge: impl FnOnce(&Metadata) -> Result<(), E>) -> Result<Secret, E> {
    let unreadable = |source| PemError::Unreadable { origin: Origin::file(path), source };
    // Before opening: a pipe would wait for its other end.
    is_plain(&std::fs::metadata(path).map_err(unreadable)?).map_err(unreadable)?;
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    judge(&metadata)?;
    if metadata.len() > LONGEST {
        return Err(unreadable(io::ErrorKind::FileTooLarge.into()).into());
    }
    // With room for all of it at once, and not a byte more than it has: a vector that grows leaves copies behind, and a
    // file of the system, such as /proc/kmsg, says that it has none and keeps its reader waiting.
    let size = usize::try_from(metadata.len()).unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(size + 1));
    file.take(metadata.len()).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(Secret::from(bytes))
}

fn is_plain(metadata: &Metadata) -> io::Result<()> {
    match metadata {
        metadata if metadata.is_file() => Ok(()),
        metadata if metadata.is_dir() => Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory")),
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a pipe, a socket or a device")),
    }
}

/// A thousand certificates of the largest kind.
const LONGEST: u64 = 8 * 1024 * 1024;

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn nobody_waits_for_a_file_that_says_it_is_empty() {
        let path = Path::new("/proc/self/status");
        assert!(!std::fs::read(path).unwrap().is_empty());
        assert!(read_public(path).unwrap().expose().is_empty());
    }
}
