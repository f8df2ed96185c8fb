//! A shell that is typed into, and what is seen in it.

use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// It ends with this value, and whatever runs in it.
pub(crate) struct Terminal {
    shell: Child,
    keyboard: ChildStdin,
    screen: Receiver<Vec<u8>>,
    seen: Vec<u8>,
    /// Whether the last command goes on.
    pub(crate) is_busy: bool,
}

impl Terminal {
    /// Both streams are seen, in the order in which they were written to.
    pub(crate) fn open(mut shell: Command) -> Self {
        let (mut reader, writer) = std::io::pipe().unwrap();
        let errors: OwnedFd = writer.try_clone().unwrap().into();
        std::os::unix::process::CommandExt::process_group(&mut shell, 0);
        let mut shell = shell.stdin(Stdio::piped()).stdout(writer).stderr(errors).spawn().unwrap();
        let keyboard = shell.stdin.take().unwrap();
        let (sender, screen) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer.get(..count).unwrap_or_default().to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { shell, keyboard, screen, seen: Vec::new(), is_busy: false }
    }

    pub(crate) fn type_line(&mut self, line: &str) {
        writeln!(self.keyboard, "{line}").unwrap();
    }

    /// All that is on the screen, as soon as it is as wanted; or, as an error, at the end of our patience.
    pub(crate) fn wait_until(&mut self, wanted: impl Fn(&str) -> bool) -> Result<String, String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let text = String::from_utf8_lossy(&self.seen).into_owned();
            if wanted(&text) {
                return Ok(text);
            }
            match self.screen.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(more) => self.seen.extend(more),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Err(text),
            }
        }
    }

    /// The screen is empty from here on.
    pub(crate) fn clear(&mut self) {
        self.seen.clear();
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Its group is its own: what it started ends with it.
        let group = format!("kill -KILL -{}", self.shell.id());
        Command::new("sh").args(["-c", &group]).stderr(Stdio::null()).status().ok();
        self.shell.wait().ok();
    }
}

/// Longer than anything here takes; only a failing test waits for so long.
const PATIENCE: Duration = Duration::from_secs(90);
