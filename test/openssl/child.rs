//! An `openssl` process, a directory for its files, and waiting for what it says.

use crate::world::NEVER;
use countersign::testing::Ca;
use countersign::testing::LeafBuilder;
use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

/// Whether the test can run. Says so if it cannot.
pub(crate) fn is_installed() -> bool {
    let found = Command::new("openssl").arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    assert!(found || std::env::var("CI").as_deref() != Ok("true"), "openssl is not installed, and CI must not skip");
    if !found {
        eprintln!("skipped: openssl is not installed");
    }
    found
}

/// A directory that lives as long as the test.
#[derive(Debug)]
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let name = format!("countersign-openssl-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    /// Writes a file that only its owner may read.
    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path).unwrap().write_all(contents.as_ref()).unwrap();
        shown(&path)
    }

    pub(crate) fn ca(&self, ca: &Ca) -> String {
        self.write(&unused("ca"), ca.pem())
    }

    /// The flags that present this leaf, with its intermediates.
    pub(crate) fn identity(&self, leaf: LeafBuilder<'_>) -> Vec<String> {
        let (chain, key) = leaf.pem();
        self.pair(&chain, key.expose())
    }

    /// The same for a chain and key that were made elsewhere.
    pub(crate) fn pair(&self, chain: &str, key: &[u8]) -> Vec<String> {
        let (chain, key) = (self.write(&unused("chain"), chain), self.write(&unused("key"), key));
        flags(&["-cert", &chain, "-cert_chain", &chain, "-key", &key])
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap_or_default();
    }
}

pub(crate) fn flags(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

pub(crate) fn unused(kind: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("{kind}-{}.pem", NEXT.fetch_add(1, Ordering::Relaxed))
}

fn shown(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// A running `openssl`. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Openssl {
    child: Child,
    // Held open: both of its tools leave when their input ends.
    stdin: ChildStdin,
    said: Arc<Said>,
}

#[derive(Debug, Default)]
struct Said {
    text: Mutex<Transcript>,
    more: Condvar,
}

#[derive(Debug, Default)]
struct Transcript {
    text: String,
    ended: usize,
}

impl Openssl {
    pub(crate) fn run(arguments: &[String]) -> Self {
        let mut command = Command::new("openssl");
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let said = Arc::new(Said::default());
        said.listen(child.stdout.take().unwrap());
        said.listen(child.stderr.take().unwrap());
        Self { stdin: child.stdin.take().unwrap(), child, said }
    }

    /// Everything said so far, once this is part of it.
    #[track_caller]
    pub(crate) fn wait_for(&self, words: &str) -> String {
        self.said.wait(words, |transcript| transcript.text.contains(words))
    }

    /// Everything said, once it has left.
    #[track_caller]
    pub(crate) fn wait_for_end(&self) -> String {
        self.said.wait("its end", |transcript| transcript.ended == 2)
    }

    pub(crate) fn type_line(&mut self, line: &str) {
        self.stdin.write_all(format!("{line}\n").as_bytes()).unwrap();
        self.stdin.flush().unwrap();
    }
}

impl Drop for Openssl {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().ok();
    }
}

impl Said {
    fn listen(self: &Arc<Self>, mut from: impl Read + Send + 'static) {
        let said = Arc::clone(self);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = from.read(&mut buffer) {
                let words = String::from_utf8_lossy(buffer.get(..count).unwrap_or_default()).into_owned();
                said.note(|transcript| transcript.text.push_str(&words));
            }
            said.note(|transcript| transcript.ended += 1);
        });
    }

    fn note(&self, change: impl FnOnce(&mut Transcript)) {
        change(&mut self.text.lock().unwrap());
        self.more.notify_all();
    }

    #[track_caller]
    fn wait(&self, what: &str, is_so: impl Fn(&Transcript) -> bool) -> String {
        let guard = self.text.lock().unwrap();
        let (guard, waited) = self.more.wait_timeout_while(guard, NEVER, |transcript| !is_so(transcript)).unwrap();
        let text = guard.text.clone();
        assert!(!waited.timed_out(), "openssl never said {what:?}, but this:\n{text}");
        text
    }
}
