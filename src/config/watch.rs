//! Which files are looked at again while the node runs.

use super::error::ConfigError;
use super::fault::Fault;
use super::raw;
use super::spot::Spot;
use crate::tls::CertAuth;
use crate::tls::source::{CaFiles, CertFiles, CertSource};
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The sources of a configuration: one for each certificate, whoever names it, so that all follow it together.
#[derive(Debug, Default)]
pub(super) struct Sources(RefCell<Vec<Arc<CertFiles>>>);

impl Sources {
    fn shared(&self, files: CertFiles) -> Arc<dyn CertSource> {
        let mut known = self.0.borrow_mut();
        if let Some(source) = known.iter().find(|source| ***source == files) {
            return Arc::clone(source) as _;
        }
        let source = Arc::new(files);
        known.push(Arc::clone(&source));
        source
    }
}

/// The manager, with what a section names as its files; unless it says that they are not to be looked at.
pub(super) fn watched(manager: CertAuth, raw: &raw::Tls, sources: &Sources, spot: &Spot<'_>) -> Result<CertAuth, ConfigError> {
    match (raw.watch, files(raw, spot)) {
        (Some(false), _) | (None, None) => Ok(manager),
        (Some(true), None) => {
            Err(spot.key("watch").refuse(Fault::Idle { beside: "the certificate or its key stands in the configuration itself" }))
        }
        (_, Some(files)) => Ok(manager.with_source(sources.shared(files)).with_ca_files(ca_files(raw, spot))),
    }
}

/// The same for a directory that is not a configuration's.
pub(super) fn watched_directory(manager: CertAuth, directory: &Path) -> CertAuth {
    manager.with_source(Arc::new(CertFiles::directory(directory))).with_ca_files(CaFiles::directory(directory))
}

/// `None` if the certificate or its key is in no file.
fn files(raw: &raw::Tls, spot: &Spot<'_>) -> Option<CertFiles> {
    if let Some(directory) = &raw.dir {
        return Some(CertFiles::directory(spot.file(directory)));
    }
    let certificate = spot.file(raw.cert.as_ref()?);
    match (&raw.key, &raw.key_pem) {
        (Some(key), _) => Some(CertFiles::pair(certificate, spot.file(key))),
        (None, None) => Some(CertFiles::combined(certificate)),
        (None, Some(_)) => None,
    }
}

fn ca_files(raw: &raw::Tls, spot: &Spot<'_>) -> CaFiles {
    let file = |path: &Option<PathBuf>| path.as_ref().map(|path| spot.file(path));
    raw.dir.as_ref().map_or_else(|| CaFiles::of(file(&raw.root_ca), file(&raw.client_ca)), |dir| CaFiles::directory(spot.file(dir)))
}
