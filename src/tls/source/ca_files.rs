//! Files with authorities: what lies there counts after a restart.

use super::files::of_one_moment;
use crate::tls::ca_pool::{CaPool, CaPoolError};
use crate::x509::file::read_public;
use crate::x509::pem::Origin;
use std::path::{Path, PathBuf};

/// The files from which a manager's pools were read. Pools never change; so it can be seen whether a restart would bring
/// others.
///
/// ```
/// use countersign::testing::Ca;
/// use countersign::tls::source::CaFiles;
///
/// let files = CaFiles::of(Some("ca.crt".into()), None);
/// // Nothing to compare: the manager trusts nobody.
/// assert!(!files.differ(None, None)?);
/// assert!(files.differ(Some(&Ca::new().pool()), None).is_err(), "there is no such file");
/// # Ok::<(), countersign::tls::CaPoolError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct CaFiles {
    root: Option<CaFile>,
    client: Option<CaFile>,
}

#[derive(Clone, Debug)]
enum CaFile {
    At(PathBuf),
    Mounted(PathBuf),
}

impl CaFiles {
    /// The file with those who vouch for whom we dial, and the one with those who vouch for whoever dials us.
    pub fn of(root: Option<PathBuf>, client: Option<PathBuf>) -> Self {
        Self { root: root.map(CaFile::At), client: client.map(CaFile::At) }
    }

    /// `ca.crt` of a directory as Kubernetes mounts it, for both.
    pub fn directory(directory: impl Into<PathBuf>) -> Self {
        let file = CaFile::Mounted(directory.into());
        Self { root: Some(file.clone()), client: Some(file) }
    }

    /// Whether there are other authorities in the files than in these pools.
    ///
    /// # Errors
    /// A file that cannot be used: with it the node would not start again.
    pub fn differ(&self, root: Option<&CaPool>, client: Option<&CaPool>) -> Result<bool, CaPoolError> {
        let pairs = [self.root.as_ref().zip(root), self.client.as_ref().zip(client)];
        let mut differ = false;
        for (file, pool) in pairs.into_iter().flatten() {
            differ |= !same(&file.read()?, pool);
        }
        Ok(differ)
    }
}

impl CaFile {
    fn read(&self) -> Result<CaPool, CaPoolError> {
        match self {
            Self::At(path) => read(path),
            Self::Mounted(directory) => of_one_moment(directory, |there| read(&there.join("ca.crt"))),
        }
    }
}

fn read(path: &Path) -> Result<CaPool, CaPoolError> {
    CaPool::from_pem(&Origin::file(path), read_public(path)?.expose())
}

/// In whatever order.
fn same(one: &CaPool, other: &CaPool) -> bool {
    let (mut one, mut other) = (one.fingerprints(), other.fingerprints());
    one.sort_unstable();
    other.sort_unstable();
    one == other
}
