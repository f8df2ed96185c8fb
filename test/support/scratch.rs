//! A directory of a test's own, gone when the test is.

use std::io::ErrorKind;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        Self::below(&std::env::temp_dir())
    }

    pub(crate) fn below(folder: &Path) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        loop {
            let name = format!("countersign-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
            let path = folder.join(name);
            let created = std::fs::create_dir(&path);
            // Left by a process that was killed and had the same number.
            if created.as_ref().is_err_and(|error| error.kind() == ErrorKind::AlreadyExists) {
                continue;
            }
            created.unwrap();
            return Self(path);
        }
    }

    /// Runs a command here, its arguments written as on a shell's line without quotes.
    pub(crate) fn run(&self, program: &str, arguments: &str) -> Output {
        let mut command = Command::new(program);
        command.args(arguments.split_whitespace()).current_dir(&self.0).env_remove("RUST_LOG").env("NO_COLOR", "1");
        command.output().unwrap()
    }
}

impl Deref for Scratch {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed lies in the system's directory for temporary files, which is emptied.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// What a command printed, for comparisons.
pub(crate) fn printed(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Whether OpenSSL is here. A test that needs it says that it was skipped; where `CI` is set it fails.
pub(crate) fn openssl_is_here(test: &str) -> bool {
    let here = Command::new("openssl").arg("version").output().is_ok_and(|output| output.status.success());
    assert!(here || std::env::var_os("CI").is_none_or(|value| value != "true"), "{test} needs openssl, and CI must have it");
    if !here {
        eprintln!("skipped: {test} (openssl is not installed)");
    }
    here
}
