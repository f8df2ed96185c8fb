//! Files with revocation lists, looked at again and again.

use super::successor::Bench;
use super::{ListRefused, Listed, RevocationError};
use crate::failure::Failure;
use crate::observe::Event;
use crate::x509::Fingerprint;
use crate::x509::crl::CrlError;
use crate::x509::pem::{Origin, PemError};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file whose content is not what is in force.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FileFault {
    /// Which.
    pub path: PathBuf,
    /// Why.
    pub refused: Arc<ListRefused>,
}

#[derive(Debug)]
pub(super) struct Files(Vec<Watched>);

#[derive(Debug)]
struct Watched {
    path: PathBuf,
    /// What was last good.
    content: Content,
    fault: Option<Arc<ListRefused>>,
}

#[derive(Debug)]
struct Content {
    lists: Vec<Arc<Listed>>,
    /// Of the bytes in which they stood.
    sha256: Fingerprint,
}

impl Files {
    pub(super) fn open(paths: &[PathBuf]) -> Result<Self, RevocationError> {
        let opened = paths.iter().map(|path| {
            let bytes = read(path).and_then(whole).map_err(|source| unreadable(path, source))?;
            let content = Content { lists: Listed::all(&Origin::file(path), &bytes)?, sha256: Fingerprint::of(&bytes) };
            Ok(Watched { path: path.clone(), content, fault: None })
        });
        opened.collect::<Result<_, _>>().map(Self)
    }

    /// What counts of all of them.
    pub(super) fn good(&self) -> Vec<Arc<Listed>> {
        self.0.iter().flat_map(|file| file.content.lists.iter().cloned()).collect()
    }

    pub(super) fn faults(&self) -> Vec<FileFault> {
        let faults = self.0.iter().filter_map(|file| Some((file.path.clone(), file.fault.clone()?)));
        faults.map(|(path, refused)| FileFault { path, refused }).collect()
    }

    /// Whether any of them has something better.
    pub(super) fn look(&mut self, bench: &Bench<'_>) -> bool {
        let changed = self.0.iter_mut().map(|file| file.look(bench)).filter(|is_changed| *is_changed);
        changed.count() > 0
    }
}

impl Watched {
    fn look(&mut self, bench: &Bench<'_>) -> bool {
        match self.better(bench) {
            Ok(better) => {
                if self.fault.take().is_some() {
                    log::info!(target: "countersign::tls", event:% = Event::RevocationFileGood, file:% = self.path.display(); "the file with revocation lists is good again");
                }
                let is_changed = better.is_some();
                if let Some(content) = better {
                    self.content = content;
                }
                is_changed
            }
            Err(refused) => {
                self.report(&refused);
                self.fault = Some(Arc::new(refused));
                false
            }
        }
    }

    /// `None` if it is what it was.
    fn better(&self, bench: &Bench<'_>) -> Result<Option<Content>, ListRefused> {
        let bytes = read(&self.path).map_err(|source| unreadable(&self.path, source))?;
        if bytes.len() as u64 > LONGEST {
            return Err(ListRefused::TooLong { path: self.path.clone(), limit: LONGEST });
        }
        let sha256 = Fingerprint::of(&bytes);
        if sha256 == self.content.sha256 {
            return Ok(None);
        }
        let lists = Listed::all(&Origin::file(&self.path), &bytes)?;
        bench.judge(&lists, &self.content.lists)?;
        Ok(Some(Content { lists, sha256 }))
    }

    /// Once, and again only if it is wrong in another way: a file is looked at every second.
    fn report(&self, refused: &ListRefused) {
        if self.fault.as_ref().is_some_and(|before| before.is_like(refused)) {
            return;
        }
        let (code, hint) = (refused.code(), refused.hint());
        log::warn!(
            target: "countersign::tls", event:% = Event::RevocationFileBad, file:% = self.path.display(), code:%, reason:% = refused, hint:%;
            "revocation lists are not replaced: what was read before stays in force, and the file is looked at again"
        );
    }
}

fn unreadable(path: &Path, source: io::Error) -> RevocationError {
    CrlError::from(PemError::Unreadable { origin: Origin::file(path), source }).into()
}

/// At most a byte more than may be there, which shows that there is more.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LONGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What is only the beginning of a file may leave out lists and look complete.
fn whole(bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    if bytes.len() as u64 > LONGEST { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

/// More than a million entries.
const LONGEST: u64 = 64 * 1024 * 1024;
