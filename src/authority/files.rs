//! Files that are whole or absent: a crash leaves no half certificate, and nobody else ever sees a key.

use super::CA;
use super::error::AuthorityError;
use crate::secret::Secret;
use crate::x509::pem;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};

/// What to do about files that are there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// Refuse, before anything is written.
    #[default]
    Keep,
    /// Replace them, and keep what was there as `….old`, one generation.
    Replace,
}

/// The plain name under which a pair of files is kept: `NAME.crt` and `NAME.key`.
///
/// ```
/// use countersign::authority::FileName;
///
/// assert!("db-1".parse::<FileName>().is_ok());
/// assert!("../db-1".parse::<FileName>().is_err());
/// assert!("ca".parse::<FileName>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName(String);

impl FileName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FileName {
    type Err = AuthorityError;

    fn from_str(name: &str) -> Result<Self, AuthorityError> {
        let reason = match name {
            "" => "it is empty",
            _ if name.contains(['/', '\\']) => "it names a path",
            _ if name.starts_with('.') => "it begins with a dot",
            _ if [".crt", ".key"].iter().any(|ending| name.ends_with(ending)) => "its ending comes by itself",
            _ if name.contains(char::is_control) => "it holds control characters",
            // Some file systems do not tell upper case from lower.
            _ if name.eq_ignore_ascii_case(CA) => "ca.crt and ca.key are the CA's own",
            _ => return Ok(Self(name.to_owned())),
        };
        Err(AuthorityError::FileName { name: name.to_owned(), reason })
    }
}

/// A certificate's file and its key's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

impl Pair {
    pub(super) fn named(directory: &Path, name: &str) -> Self {
        Self { certificate: directory.join(format!("{name}.crt")), key: directory.join(format!("{name}.key")) }
    }

    /// The pair of a certificate's file: its key has the same name and ends in `.key`. Links are followed,
    /// because to replace a link would leave the file behind it, which others may read, as it was.
    pub(super) fn of(certificate: &Path) -> Result<Self, AuthorityError> {
        let key = certificate.with_extension("key");
        if !key.is_file() {
            return Err(AuthorityError::NoKeyBeside { certificate: certificate.to_owned(), key });
        }
        Ok(Self { certificate: behind_link(certificate)?, key: behind_link(&key)? })
    }

    pub(super) fn refuse_existing(&self) -> Result<(), AuthorityError> {
        match [&self.certificate, &self.key].into_iter().find(|path| path.symlink_metadata().is_ok()) {
            Some(path) => Err(AuthorityError::Exists { path: path.clone() }),
            None => Ok(()),
        }
    }

    /// Both halves of a CA have to be there before either is worth reading.
    pub(super) fn expect_ca(&self) -> Result<(), AuthorityError> {
        for missing in [&self.certificate, &self.key] {
            match fs::metadata(missing) {
                Err(source) if matches!(source.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                    return Err(AuthorityError::NoCa { missing: missing.clone(), source });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Puts both files in their places. Both are on the disk before the first is moved, the key goes
    /// first, and between the two moves lies no other work; a crash just there leaves the new key with
    /// the old certificate. A node refuses such a pair (`key_mismatch`) and keeps what it has; when it
    /// was a replacement, the pair that matches is still there as `….old`.
    pub(super) fn write(&self, chain_pem: &str, key_pem: &Secret, existing: Existing) -> Result<(), AuthorityError> {
        if existing == Existing::Keep {
            self.refuse_existing()?;
        }
        let key = Staged::new(&self.key, key_pem.expose(), Access::Owner)?;
        let certificate = Staged::new(&self.certificate, chain_pem.as_bytes(), Access::Everyone)?;
        if existing == Existing::Keep {
            key.place()?;
            return certificate.place().inspect_err(|_| drop(fs::remove_file(&self.key)));
        }
        set_aside(&self.key, Access::Owner)?;
        set_aside(&self.certificate, Access::Everyone)?;
        key.replace()?;
        certificate.replace()
    }
}

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Owner,
    Everyone,
}

/// Replaces a file, or makes it, in one step.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), AuthorityError> {
    Staged::new(path, bytes, Access::Everyone)?.replace()
}

pub(super) fn make_directory(path: &Path) -> Result<(), AuthorityError> {
    fs::create_dir_all(path).map_err(refused(path, "made as a directory"))
}

/// Moves a file that may not be there to `path.old`.
pub(super) fn retire(path: &Path) -> Result<(), AuthorityError> {
    match fs::rename(path, old(path)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(refused(path, "renamed")(error)),
        _ => Ok(()),
    }
}

/// Removes a file that may not be there.
pub(super) fn remove(path: &Path) -> Result<(), AuthorityError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(refused(path, "removed")(error)),
        _ => Ok(()),
    }
}

/// Waits until no other process changes what this file stands for. The lock ends with the value.
pub(super) fn lock(path: &Path) -> Result<File, AuthorityError> {
    let file = File::open(path).map_err(refused(path, "opened"))?;
    file.lock().map_err(refused(path, "locked"))?;
    Ok(file)
}

pub(super) fn refused(path: &Path, action: &'static str) -> impl Fn(io::Error) -> AuthorityError {
    move |source| AuthorityError::Io { path: path.to_owned(), action, source }
}

/// A file that is written, but not yet where it belongs; it goes away if it never gets there.
struct Staged {
    draft: PathBuf,
    target: PathBuf,
}

impl Staged {
    fn new(target: &Path, bytes: &[u8], access: Access) -> Result<Self, AuthorityError> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let unique = format!(".{name}.{}-{}.tmp", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let staged = Self { draft: target.with_file_name(unique), target: target.to_owned() };
        let written = options(access).open(&staged.draft).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
        written.map_err(refused(target, "written"))?;
        Ok(staged)
    }

    /// Moves it to where nothing is. A hard link refuses to hit a file that has come there meanwhile;
    /// where the file system has none, the check made before has to do.
    fn place(self) -> Result<(), AuthorityError> {
        match fs::hard_link(&self.draft, &self.target) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(AuthorityError::Exists { path: self.target.clone() }),
            Err(_) => self.replace(),
            Ok(()) => keep_name(&self.target),
        }
    }

    fn replace(self) -> Result<(), AuthorityError> {
        fs::rename(&self.draft, &self.target).map_err(refused(&self.target, "replaced"))?;
        keep_name(&self.target)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // After a move there is nothing left to remove, which is no error here.
        drop(fs::remove_file(&self.draft));
    }
}

/// Makes the new name of a file survive a power failure, before anything is done that relies on it.
fn keep_name(path: &Path) -> Result<(), AuthorityError> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) {
        File::open(directory).and_then(|directory| directory.sync_all()).map_err(refused(directory, "synchronised"))?;
    }
    Ok(())
}

fn behind_link(path: &Path) -> Result<PathBuf, AuthorityError> {
    if path.is_symlink() { fs::canonicalize(path).map_err(refused(path, "followed")) } else { Ok(path.to_owned()) }
}

fn old(path: &Path) -> PathBuf {
    let mut old = path.as_os_str().to_owned();
    old.push(".old");
    old.into()
}

/// Copies what is at `path`, if anything, to `path.old`.
fn set_aside(path: &Path, access: Access) -> Result<(), AuthorityError> {
    if !path.exists() {
        return Ok(());
    }
    Staged::new(&old(path), pem::read_file(path)?.expose(), access)?.replace()
}

fn options(access: Access) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if access == Access::Owner {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    options
}
