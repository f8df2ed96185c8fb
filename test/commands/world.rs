//! A directory in which nodes run, and the program with an environment of the test's own.

use crate::scratch::{Scratch, printed};
use countersign::authority::{Directory, Existing, Leaf, Names, Plan, Subject};
use countersign::clock::SystemClock;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

pub(crate) struct World {
    pub(crate) directory: Scratch,
    pub(crate) epmd_port: u16,
}

/// What one run of the program left behind.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::beside(free_port())
    }

    /// Where nodes find each other through the epmd on this port.
    pub(crate) fn beside(epmd_port: u16) -> Self {
        Self { directory: Scratch::new(), epmd_port }
    }

    /// A program, its arguments as on a shell's line without quotes. Nothing of the user's is read.
    pub(crate) fn command(&self, program: &str, arguments: &str) -> Command {
        let mut command = Command::new(program);
        command.args(arguments.split_whitespace()).current_dir(&*self.directory).stdin(Stdio::null());
        command.env("ERL_EPMD_PORT", self.epmd_port.to_string()).env("COUNTERSIGN_DEV_DIR", self.directory.join("dev"));
        command.env("HOME", &*self.directory).env("NO_COLOR", "1");
        for variable in ["ERL_EPMD_ADDRESS", "RUST_LOG", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "ERL_FLAGS"] {
            command.env_remove(variable);
        }
        for word in ["CONFIG", "NAME", "LISTEN_PORT", "COOKIE_FILE", "SEEDS", "QUORUM", "MODE", "TRACE_CONTROL", "LOG"] {
            command.env_remove(format!("COUNTERSIGN_{word}"));
        }
        command
    }

    pub(crate) fn run(&self, arguments: &str) -> Ran {
        ran(self.command(COUNTERSIGN, arguments))
    }

    /// A run that must succeed.
    #[track_caller]
    pub(crate) fn done(&self, arguments: &str) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "countersign {arguments}\n{}{}", ran.out, ran.err);
        ran
    }

    /// A node that has said that it runs.
    pub(crate) fn start(&self, arguments: &str) -> Running {
        self.start_with(arguments, &[])
    }

    pub(crate) fn start_with(&self, arguments: &str, variables: &[(&str, &str)]) -> Running {
        let mut command = self.command(COUNTERSIGN, &format!("start {arguments}"));
        command.envs(variables.iter().copied());
        let running = Running::of(command);
        running.started();
        running
    }

    /// A CA and certificates for these names of nodes, each in a directory `NODE` as Kubernetes mounts it.
    pub(crate) fn issue(&self, ca: &str, nodes: &[&str]) {
        let plan = Plan::new(Subject::common_name(ca).unwrap());
        let (authority, _) = Directory::create(&self.directory.join(ca), &plan, None, Existing::Keep, &SystemClock).unwrap();
        for node in nodes {
            let names = Names::default().dns("localhost").unwrap().uri(&format!("erl:{node}")).unwrap();
            let issued = authority.authority().issue(&Leaf::agent(Subject::common_name(node).unwrap(), names), &SystemClock).unwrap();
            fs::create_dir(self.directory.join(node)).unwrap();
            self.write(&format!("{node}/tls.crt"), &issued.certified.chain_pem);
            self.write(&format!("{node}/tls.key"), &String::from_utf8_lossy(issued.key_pem.expose()));
            self.write(&format!("{node}/ca.crt"), &authority.authority().ca_pem());
        }
    }

    /// A file that only its owner may read.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.directory.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.directory.join(name)).unwrap()
    }
}

pub(crate) fn ran(mut command: Command) -> Ran {
    let output = command.output().unwrap();
    Ran { code: output.status.code().unwrap(), out: printed(&output.stdout), err: printed(&output.stderr) }
}

/// A process, and the lines that it writes to both streams. It ends with this value, by its own id.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    pub(crate) fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let streams: [Box<dyn Read + Send>; 2] = [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for stream in streams {
            let sender = sender.clone();
            let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
            thread::spawn(move || lines.try_for_each(|line| sender.send(line)));
        }
        Self { child, lines }
    }

    /// What follows these words in the next line that has them.
    #[track_caller]
    pub(crate) fn line_after(&self, words: &str) -> String {
        self.line_where(words, |line| line.split_once(words).map(|(_, rest)| rest))
    }

    /// The whole line with these words.
    #[track_caller]
    pub(crate) fn line_with(&self, words: &str) -> String {
        self.line_where(words, |line| line.contains(words).then_some(line))
    }

    /// The name of the node, when it runs. The log has the word `started`, too.
    #[track_caller]
    pub(crate) fn started(&self) -> String {
        self.line_where("started", |line| line.strip_prefix("started "))
    }

    #[track_caller]
    fn line_where(&self, words: &str, wanted: impl Fn(&str) -> Option<&str>) -> String {
        let mut before = String::new();
        loop {
            let line = self.lines.recv_timeout(NEVER).unwrap_or_else(|_| panic!("never said: {words}, but\n{before}"));
            if let Some(part) = wanted(&line) {
                return part.to_owned();
            }
            before.push_str(&line);
            before.push('\n');
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// What it has yet to say until it ends by itself.
    pub(crate) fn rest(self) -> Vec<String> {
        std::iter::from_fn(|| self.lines.recv_timeout(NEVER).ok()).collect()
    }

    /// Waits until it has ended by itself. Its streams end with it.
    pub(crate) fn ended(mut self) -> ExitStatus {
        while self.lines.recv_timeout(NEVER).is_ok() {}
        assert!(self.lines.try_recv().is_err());
        self.child.wait().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().ok();
    }
}

/// Waits until it is so. Only for what sends no event; the bound is for tests that fail.
#[track_caller]
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < NEVER, "waited in vain: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// A port on which nobody listens at this moment.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

pub(crate) const COUNTERSIGN: &str = env!("CARGO_BIN_EXE_countersign");
/// Longer than anything here takes; only a failing test waits for so long.
const NEVER: Duration = Duration::from_secs(60);
