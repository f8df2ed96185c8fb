//! Bytes that must not outlive their use, nor appear in a log.

use std::fmt;
use std::fs::Metadata;
use zeroize::Zeroizing;

/// Key bytes: wiped when dropped, and printed as nothing but their presence.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the bytes over; the caller keeps no copy.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, for the one place that needs them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl From<Zeroizing<Vec<u8>>> for Secret {
    fn from(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(elided)")
    }
}

/// The permissions of a file with a secret in it, if others have any than whom it is for. That is its owner; and where it
/// belongs to root, and we do not, also those whom root lets read it, by a group or an access list: so Kubernetes and
/// systemd hand secrets to who runs without privileges. Who owns a file himself has no such reason.
#[cfg(unix)]
pub(crate) fn exposed(metadata: &Metadata) -> Option<u32> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let is_lent = metadata.uid() == 0 && !rustix::process::geteuid().is_root();
    let mode = metadata.permissions().mode() & 0o7777;
    is_open(mode, is_lent).then_some(mode)
}

/// Nobody but root may change what root lends.
#[cfg(unix)]
const fn is_open(mode: u32, is_lent: bool) -> bool {
    mode & (if is_lent { 0o037 } else { 0o077 }) != 0
}

/// Where files have no such permissions, none has.
#[cfg(not(unix))]
pub(crate) const fn exposed(_metadata: &Metadata) -> Option<u32> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::is_open;

    #[test]
    fn a_group_may_read_what_root_lends_and_nothing_else() {
        let closed = |is_lent: bool| [0o400, 0o600, 0o440, 0o640, 0o460, 0o450, 0o404, 0o444, 0o644].map(|mode| !is_open(mode, is_lent));
        assert_eq!(closed(false), [true, true, false, false, false, false, false, false, false]);
        assert_eq!(closed(true), [true, true, true, true, false, false, false, false, false]);
    }
}
