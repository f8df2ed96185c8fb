//! A real OTP node as a peer: its port mapper is ours, its certificates come from a [`Pki`], and it is asked over its
//! standard input. It ends with its value, by its own id.
//!
//! Expressions share no variables. Each has a process of its own, which ends with it: what is to stay (a link, a
//! name) belongs to a process that the expression spawns.

#[path = "otp/builder.rs"]
mod builder;
#[path = "otp/conversation.rs"]
mod conversation;
#[path = "otp/here.rs"]
#[expect(dead_code, reason = "tests without links ask for other programs")]
mod here;

#[allow(unused_imports, reason = "not every world chooses a transport")]
pub(crate) use builder::{Builder, Transport};
pub(crate) use conversation::Pending;
#[allow(unused_imports, reason = "not every world asks for the release, or for Elixir")]
pub(crate) use here::{elixir_is_here, otp_is_here, release};

use crate::pki::Pki;
use crate::scratch::Scratch;
use conversation::Said;
use std::fs;
use std::io::Write;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// Longer than anything here takes; only a failing test waits for so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running node.
#[derive(Debug)]
pub(crate) struct Otp {
    name: String,
    language: Language,
    child: Child,
    requests: Mutex<Option<ChildStdin>>,
    said: Arc<Said>,
    next: AtomicU64,
    _files: (Scratch, Arc<Scratch>),
}

impl Otp {
    /// A node that registers with the port mapper on this port. One called `undefined@HOST` asks the first peer for a name,
    /// when it is told to by `net_kernel:connect_node`; until then it does not dial of itself.
    pub(crate) fn node<'a>(name: &str, pki: &'a Pki, epmd: u16) -> Builder<'a> {
        Builder::new(name, pki, epmd)
    }

    #[track_caller]
    fn spawn(name: &str, language: Language, mut command: Command, files: (Scratch, Arc<Scratch>)) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (requests, out, err) = (child.stdin.take(), child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let said = Said::listen(out, err);
        let (name, requests, next) = (name.to_owned(), Mutex::new(requests), AtomicU64::new(1));
        let node = Self { name, language, child, requests, said, next, _files: files };
        let ready = node.pending(0, "start").wait_for(2 * PATIENCE);
        // pause and kill reach the emulator only because every wrapper before it has become it.
        assert!(ready.starts_with(&format!("{{{},", node.child.id())), "{} runs in a process of its own: {ready}", node.name);
        node
    }

    /// The name it was started under, `x@localhost`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// What it has printed besides its answers.
    pub(crate) fn output(&self) -> String {
        self.said.output()
    }

    /// The value of these expressions, printed on one line. An exception is a value, such as `{'EXIT',{badarith,…}}`.
    #[track_caller]
    pub(crate) fn eval(&self, expression: &str) -> String {
        self.begin(expression).wait()
    }

    /// Lets it evaluate these expressions meanwhile. They may span lines, but must not have comments.
    #[track_caller]
    pub(crate) fn begin(&self, expression: &str) -> Pending {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let line = self.language.on_one_line(expression);
        let mut requests = self.requests.lock().unwrap();
        let written = requests.as_mut().map(|requests| writeln!(requests, "{number} {line}"));
        assert!(matches!(written, Some(Ok(()))), "{} does not listen any more: {written:?}\n{}", self.name, self.output());
        self.pending(number, expression)
    }

    /// Stops it in the middle of whatever it does. Its sockets stay open, and nobody reads them.
    pub(crate) fn pause(&self) {
        self.signal("STOP");
        let state = format!("/proc/{}/stat", self.process_id());
        let began = Instant::now();
        // Signals arrive when they arrive, and no event says so.
        while !fs::read_to_string(&state).is_ok_and(|stat| stat.rsplit(')').next().is_some_and(|rest| rest.starts_with(" T"))) {
            assert!(began.elapsed() < PATIENCE, "{} does not stop", self.name);
            thread::sleep(Duration::from_millis(1));
        }
    }

    pub(crate) fn resume(&self) {
        self.signal("CONT");
    }

    /// Ends it as a power failure would, but the kernel still closes its sockets.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it in order: applications stop, links close.
    #[track_caller]
    pub(crate) fn stop(mut self) -> ExitStatus {
        drop(self.requests.lock().unwrap().take());
        assert!(self.said.ends(PATIENCE), "{} does not end\n{}", self.name, self.output());
        self.child.wait().unwrap()
    }

    fn pending(&self, number: u64, expression: &str) -> Pending {
        Pending { said: Arc::clone(&self.said), node: self.name.clone(), number, expression: expression.to_owned() }
    }

    fn signal(&self, signal: &str) {
        // The shell's own kill: a program of this name is not everywhere.
        let sent = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", signal, &self.process_id().to_string()]).status().unwrap();
        assert!(sent.success(), "{} could not be sent {signal}", self.name);
    }
}

/// In which expressions are written, and answers.
#[derive(Clone, Copy, Debug)]
enum Language {
    Erlang,
    Elixir,
}

impl Language {
    fn on_one_line(self, expression: &str) -> String {
        match self {
            Self::Erlang => format!("{}.", expression.replace('\n', " ").trim_end().trim_end_matches('.')),
            // Where a line ends, an expression does.
            Self::Elixir => expression.replace('\n', "\r"),
        }
    }
}

impl Drop for Otp {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().ok();
    }
}

/// A directory for files that a node reads.
pub(crate) fn files() -> Scratch {
    Scratch::below(&here::folder_for_files())
}

/// The compiled helper module, made once for all nodes of a process that run at a time.
fn helpers() -> Arc<Scratch> {
    static HELPERS: Mutex<Weak<Scratch>> = Mutex::new(Weak::new());
    let mut kept = HELPERS.lock().unwrap();
    kept.upgrade().unwrap_or_else(|| {
        let folder = Arc::new(files());
        builder::compile_into(&folder);
        *kept = Arc::downgrade(&folder);
        folder
    })
}
