//! Two processes of the program that the README shows: one rotates while the other dials.
#![expect(clippy::unwrap_used, reason = "a test reports by panicking")]

use countersign::testing::Ca;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::TcpStream;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

#[path = "../support/scratch.rs"]
#[expect(dead_code, clippy::print_stderr, reason = "other tests run commands there")]
mod scratch;

use scratch::Scratch;

#[test]
fn a_dialling_process_loses_nothing_while_the_listening_one_rotates() {
    let (pki, ca) = world();
    for name in ["a2", "a3"] {
        write_pair(&pki, name, &ca);
    }
    let mut listener = Listening::start(&pki.join("a"));
    let dialling = Command::new(greet()).args(["dial", &listener.target, &stem(&pki, "b"), "300"]).stdout(Stdio::piped()).spawn().unwrap();
    for name in ["a2", "a3", "a", "a2", "a3"] {
        let answer = listener.ask(&format!("rotate {}", stem(&pki, name)));
        assert!(answer.starts_with("rotated to generation "), "{answer}");
    }
    let output = dialling.wait_with_output().unwrap();
    assert!(output.status.success());
    let met: usize = text(&output.stdout).lines().map(|line| line.split_whitespace().next().unwrap().parse::<usize>().unwrap()).sum();
    assert_eq!(met, 300);
    listener.ask_until("accepted 300, refused {}");
}

#[test]
fn a_refused_process_prints_the_code_and_the_cure() {
    let (pki, _ca) = world();
    write_pair(&pki, "x", &Ca::new());
    let mut listener = Listening::start(&pki.join("a"));
    let refused = dial(&listener.target, &stem(&pki, "x"));
    let said = text(&refused.stderr);
    assert!(!refused.status.success());
    assert!(said.contains("code: unknown_ca") && said.contains("hint: "), "{said}");
    listener.ask_until(r#"accepted 0, refused {"unknown_ca": 1}"#);
}

#[test]
#[cfg(target_os = "linux")]
fn a_listening_process_out_of_descriptors_shows_out_the_silent_and_lets_the_good_in() {
    let (pki, _ca) = world();
    let mut command = Command::new("sh");
    command.args(["-c", r#"ulimit -n 64; exec "$0" "$@""#]).arg(greet()).stderr(File::create(pki.join("log")).unwrap());
    let mut listener = Listening::start_by(command, &pki.join("a"));
    let address = listener.target.replace("localhost", "127.0.0.1");
    let silent: Vec<TcpStream> = (0..150).map(|_| TcpStream::connect(&address).unwrap()).collect();
    let met = dial(&listener.target, &stem(&pki, "b"));
    assert!(text(&met.stdout).starts_with("hello CN=b, you said line 1"), "{met:?}");
    listener.ask_until(r#"accepted 1, refused {"too_many": "#);
    let (left, lines) = (silent.iter().filter(|tcp| is_open(tcp)).count(), fs::read_to_string(pki.join("log")).unwrap().lines().count());
    assert!(left > 45, "no more had to go than there was no room for: {left}");
    assert!((2..20).contains(&lines), "{lines}");
}

#[test]
fn a_certificate_that_would_break_the_listener_is_not_taken() {
    let (pki, ca) = world();
    let other = Scratch::new();
    write_pair(&other, "z", &Ca::new());
    let mut listener = Listening::start(&pki.join("a"));
    let answer = listener.ask(&format!("rotate {}", stem(&other, "z")));
    assert!(answer.contains("not rotated: listener") && answer.contains("signed by unknown authority"), "{answer}");
    // The old one is still there, and works.
    drop(ca);
    let met = dial(&listener.target, &stem(&pki, "b"));
    assert!(text(&met.stdout).starts_with("hello CN=b, you said line 1"), "{met:?}");
}

/// A directory with a CA, the listener's pair `a` and the caller's `b`.
fn world() -> (Scratch, Ca) {
    let (pki, ca) = (Scratch::new(), Ca::new());
    fs::write(pki.join("ca.crt"), ca.pem()).unwrap();
    write_pair(&pki, "a", &ca);
    let (chain, key) = ca.leaf().common_name("b").usage(countersign::testing::Usage::Client).pem();
    write(&pki, "b", &chain, key.expose());
    (pki, ca)
}

fn write_pair(dir: &Path, name: &str, ca: &Ca) {
    let (chain, key) = ca.leaf().common_name(name).dns("localhost").pem();
    write(dir, name, &chain, key.expose());
}

fn write(dir: &Path, name: &str, chain: &str, key: &[u8]) {
    fs::write(dir.join(format!("{name}.crt")), chain).unwrap();
    let mut file: File = File::options().write(true).create_new(true).mode(0o600).open(dir.join(format!("{name}.key"))).unwrap();
    file.write_all(key).unwrap();
}

fn stem(dir: &Scratch, name: &str) -> String {
    dir.join(name).to_str().unwrap().to_owned()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn dial(target: &str, pair: &str) -> Output {
    Command::new(greet()).args(["dial", target, pair]).output().unwrap()
}

/// Whether the other end has neither answered nor closed.
#[cfg(target_os = "linux")]
fn is_open(tcp: &TcpStream) -> bool {
    tcp.set_nonblocking(true).unwrap();
    tcp.peek(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

/// Cargo builds examples before tests, in a folder beside the tests' own.
fn greet() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let greet = own.parent().unwrap().parent().unwrap().join("examples").join("greet");
    assert!(greet.exists(), "a test named alone does not build it: cargo build --example greet");
    greet
}

/// A listening process; it ends with this value.
struct Listening {
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    target: String,
}

impl Listening {
    fn start(pair: &Path) -> Self {
        let mut command = Command::new(greet());
        command.stderr(Stdio::null());
        Self::start_by(command, pair)
    }

    fn start_by(mut command: Command, pair: &Path) -> Self {
        command.args(["listen", "127.0.0.1:0", pair.to_str().unwrap()]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (commands, answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut listening = Self { child, commands, answers, target: String::new() };
        let port = listening.answer().rsplit(':').next().unwrap().to_owned();
        listening.target = format!("localhost:{port}");
        listening
    }

    fn ask(&mut self, command: &str) -> String {
        writeln!(self.commands, "{command}").unwrap();
        self.answer()
    }

    /// Asks for the status until the answer begins so: peers are answered before they are counted.
    fn ask_until(&mut self, beginning: &str) {
        let began = Instant::now();
        while !self.ask("status").starts_with(beginning) {
            assert!(began.elapsed() < PATIENCE, "{}", self.ask("status"));
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_secs(20);
