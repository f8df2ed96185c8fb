//! Processes: our program, and Erlang's `epmd` and `erl`. Each ends with its value, by its own id.

use crate::here::programs_are_here;
use crate::world::NEVER;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

/// Whether Erlang is here. A test that needs it says that it was skipped; where `CI` is `true` it fails.
pub(crate) fn otp_is_here(test: &str) -> bool {
    programs_are_here(test, &["erl", "epmd"])
}

/// A program, its arguments as on a shell's line without quotes, and the port of its epmd.
pub(crate) fn command(program: &str, arguments: &str, port: u16) -> Command {
    let mut command = Command::new(program);
    command.args(arguments.split_whitespace()).env("ERL_EPMD_PORT", port.to_string()).env("NO_COLOR", "1");
    command.env_remove("ERL_EPMD_ADDRESS").env_remove("RUST_LOG");
    command.stdin(Stdio::null());
    command
}

pub(crate) fn countersign(arguments: &str, port: u16) -> Output {
    command(COUNTERSIGN, arguments, port).output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A running process, and the lines that it writes to both streams.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let streams: [Box<dyn BufRead + Send>; 2] = [Box::new(BufReader::new(out)), Box::new(BufReader::new(err))];
        for stream in streams {
            let sender = sender.clone();
            thread::spawn(move || stream.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        }
        Self { child, lines }
    }

    /// What follows these words in the next line that has them.
    pub(crate) fn line_after(&self, words: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(NEVER).unwrap_or_else(|_| panic!("never said: {words}"));
            if let Some((_, rest)) = line.split_once(words) {
                return rest.to_owned();
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().ok();
    }
}

pub(crate) const COUNTERSIGN: &str = env!("CARGO_BIN_EXE_countersign");
