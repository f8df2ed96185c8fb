//! The demo's directory: for its owner alone, and gone with this value.

use crate::cli::development::{DevelopmentError, random_word};
use std::fs::{self, DirBuilder};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Both processes hold one: whichever of them lives longer leaves nothing behind.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes one that nobody has made before.
    pub(super) fn make() -> Result<Self, DevelopmentError> {
        let word: String = random_word()?.chars().take(12).collect();
        let path = std::env::temp_dir().join(format!("{PREFIX}{word}"));
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        // Where something has this name it fails, and does not follow it.
        match builder.create(&path) {
            Ok(()) => Ok(Self(path)),
            Err(source) => Err(DevelopmentError::Io { path, action: "made", source }),
        }
    }

    /// One that the other process has made. `None` for a directory that is not a demo's: it is removed in the end.
    pub(super) fn adopt(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let is_of_a_demo = name.starts_with(PREFIX) && fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
        is_of_a_demo.then(|| Self(path.to_owned()))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Removes it, and all that is in it.
    pub(super) fn remove(&self) -> io::Result<()> {
        fs::remove_dir_all(&self.0).or_else(|error| if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed lies in the system's directory for temporary files, which is emptied.
        drop(self.remove());
    }
}

const PREFIX: &str = "countersign-demo-";
