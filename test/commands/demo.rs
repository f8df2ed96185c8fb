//! `demo`: what it tells, whole; and that nothing is left of it, however it ends.

use crate::here::otp_is_here;
use crate::world::{COUNTERSIGN, Running, World, ran};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// With figures masked: each digit run is `N`, each serial number `S`, each fingerprint `F`, the directory `DIR`.
const STORY: &str = "\
a CA for this demo alone
  ✓ CN=countersign development, its keys and a cookie: in DIR, which only you can read
  ✓ an epmd of its own, on port N
two nodes, each in a process of its own
  ✓ a@localhost is process N, and listens on N.N.N.N:N
  ✓ b@localhost is process N, and listens on N.N.N.N:N
a link over mutual TLS
  ✓ a@localhost has dialled b@localhost; each has verified the other's certificate, and that it bears the name
    TLS N.N, TLSN_SUITE, XNMLKEMN
numbers, in order, in both directions
  ✓ N there and N back, and on they go
a certificate is replaced while they flow
  ✓ a@localhost has a new certificate, of generation N: judged first, then put in the place of the old one
  ✓ the link has moved to a new connection in N ms
    before: a shows S, b sees S
    after:  a shows S, b sees S
  ✓ it is the same link, up for N ms; handovers: N
  ✓ a@localhost to b@localhost: N sent, N arrived in order, N lost
  ✓ b@localhost to a@localhost: N sent, N arrived in order, N lost
an impostor
    it says that it is a@localhost, and has the cookie; but its certificate is of CN=somebody else's CA
  ✓ turned away: unknown_ca
    it is told:  cannot connect to localhost:N: the peer refused with the alert unknown_ca, which most likely means just that; \
we presented CN=a@localhost (SHA-N F), issued by CN=somebody else's CA, valid from TIME to TIME, for DNS:localhost, IP:N.N.N.N, \
URI:erl:a@localhost; the peer asked for one issued by CN=countersign development
    b has noted: certificate signed by unknown authority: CN=a@localhost (SHA-N F) was issued by CN=somebody else's CA; \
trusted here: CN=countersign development
an Erlang shell
    would join with (countersign demo --stay waits for it)
    ERL_EPMD_PORT=N HOME=DIR erl -sname shell@localhost -proto_dist inet_tls -ssl_dist_optfile DIR/shell@localhost.conf
    and there
    net_adm:ping('a@localhost').
the end
  ✓ all of it in N.N s; no process, no file and no port is left
";

/// A world whose demos put their directories into a folder of its own.
struct Theatre {
    world: World,
}

impl Theatre {
    fn new() -> Self {
        let world = World::new();
        fs::create_dir(world.directory.join("tmp")).unwrap();
        Self { world }
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = self.world.command(COUNTERSIGN, arguments);
        command.env("TMPDIR", self.world.directory.join("tmp"));
        command
    }

    fn begin(&self, arguments: &str) -> Running {
        Running::of(self.command(arguments))
    }

    /// No file, and none of these processes.
    #[track_caller]
    fn is_empty_without(&self, processes: &[String]) {
        let left: Vec<_> = fs::read_dir(self.world.directory.join("tmp")).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(left.is_empty(), "{left:?}");
        assert!(!self.world.directory.join("dev").exists(), "the development directory is none of its business");
        let living: Vec<_> = processes.iter().filter(|process| is_alive(process)).collect();
        assert!(living.is_empty(), "{living:?} live");
    }
}

/// Longer than anything here takes; only a failing test waits for so long.
const NEVER: Duration = Duration::from_secs(60);

fn signal(name: &str, process: &str) -> bool {
    Command::new("sh").args(["-c", &format!("kill -{name} {process} 2>/dev/null")]).status().unwrap().success()
}

/// Not if it has ended and only nobody has asked how: that is the part of whoever adopts orphans.
fn is_alive(process: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    signal("0", process) && !stat.contains(") Z ")
}

/// The processes that a story speaks of.
fn processes(story: &str) -> Vec<String> {
    let named = story.lines().filter_map(|line| line.split_once(" is process ")?.1.split_once(','));
    named.map(|(process, _)| process.to_owned()).collect()
}

/// The process of the other node.
fn other(demo: &Running) -> String {
    demo.line_after("b@localhost is process ").split_once(',').unwrap().0.to_owned()
}

/// What differs from one performance to the next.
fn masked(story: &str) -> String {
    let directory = story.split_once("cookie: in ").unwrap().1.split_once(',').unwrap().0;
    let story = story.replace(directory, "DIR");
    let words = story.split_inclusive([' ', '\n', ',', ')']).map(|word| {
        let (text, end) = word.split_at(word.len() - word.chars().last().filter(|c| " \n,)".contains(*c)).map_or(0, char::len_utf8));
        let is_hex = |text: &str| text.chars().all(|c| c.is_ascii_hexdigit());
        let masked = match text {
            _ if text.contains('…') && text.split('…').all(is_hex) => "S".to_owned(),
            _ if text.matches(':').count() == 31 && text.split(':').all(is_hex) => "F".to_owned(),
            _ if text.ends_with('Z') && text.contains('T') && text.contains('-') => "TIME".to_owned(),
            _ if text.starts_with("TLS13_") => "TLSN_SUITE".to_owned(),
            _ => numbers_masked(text),
        };
        masked + end
    });
    words.collect()
}

fn numbers_masked(text: &str) -> String {
    let mut masked = String::new();
    for c in text.chars() {
        if !c.is_ascii_digit() {
            masked.push(c);
        } else if !masked.ends_with('N') {
            masked.push('N');
        }
    }
    masked
}

#[test]
fn a_demo_tells_its_story_and_leaves_nothing_behind() {
    let theatre = Theatre::new();
    let ran = ran(theatre.command("demo"));
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert_eq!(masked(&ran.out), STORY);
    let processes = processes(&ran.out);
    assert_eq!(processes.len(), 2);
    theatre.is_empty_without(&processes);
}

#[test]
fn what_a_demo_tells_programs_is_what_it_tells_people() {
    let theatre = Theatre::new();
    let ran = ran(theatre.command("demo --json"));
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    let events: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let text = |event: &Value, key: &str| event.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let names: Vec<String> = events.iter().map(|event| text(event, "event")).filter(|name| name != "begun").collect();
    let expected = "authority node node linked flowing replaced handed_over counted counted impostor turned_away shell ended";
    assert_eq!(names.join(" "), expected);
    let of = |name: &str| events.iter().filter(|event| text(event, "event") == name).collect::<Vec<_>>();

    let moved = of("handed_over")[0];
    let serial = |when: &str, whose: &str| moved.pointer(&format!("/{when}/{whose}")).unwrap().as_str().unwrap();
    assert_eq!(serial("before", "shown"), serial("before", "seen"));
    assert_eq!(serial("after", "shown"), serial("after", "seen"));
    assert_ne!(serial("before", "seen"), serial("after", "seen"), "b sees another certificate");
    assert_eq!(moved.get("handovers"), Some(&Value::from(1)));
    for counted in of("counted") {
        let number = |key: &str| counted.get(key).and_then(Value::as_u64).unwrap();
        assert!(number("sent") == number("received") && number("sent") >= 20_000, "{counted}");
    }
    let turned_away = of("turned_away")[0];
    assert_eq!(text(turned_away, "code"), "unknown_ca");
    let help = theatre.world.done("demo --help").out;
    names.iter().for_each(|name| assert!(help.contains(name.as_str()), "the help says nothing of {name}"));
}

#[test]
fn two_demos_at_once_are_not_in_each_others_way() {
    let theatre = Theatre::new();
    let demos = [theatre.begin("demo"), theatre.begin("demo")];
    for demo in demos {
        let told = demo.rest();
        assert!(told.last().unwrap().contains("no process, no file and no port is left"), "{}", told.join("\n"));
        processes(&told.join("\n")).iter().for_each(|process| assert!(!is_alive(process)));
    }
    theatre.is_empty_without(&[]);
}

#[test]
fn a_demo_that_is_interrupted_leaves_nothing_behind() {
    let mut interrupted = 0;
    for name in ["TERM", "INT"] {
        for scene in
            ["a CA for this demo alone", "two nodes", "a link over", "numbers, in order", "a certificate is replaced", "an impostor"]
        {
            let theatre = Theatre::new();
            let demo = theatre.begin("demo");
            demo.line_after(scene);
            demo.signal(name);
            let told = demo.rest().join("\n");
            // It may be done before the signal comes.
            if !told.contains("no process, no file") {
                assert!(told.contains(&format!("caused by: interrupted by SIG{name}\nhint: nothing is left behind")), "{scene}: {told}");
                interrupted += 1;
            }
            theatre.is_empty_without(&processes(&told));
        }
    }
    assert!(interrupted > 0, "no signal ever came in time");
}

#[test]
fn an_interrupted_demo_ends_with_one_and_says_where_it_was() {
    let theatre = Theatre::new();
    let demo = theatre.begin("demo");
    let other = other(&demo);
    // It cannot go on, and cannot be ended in order either.
    assert!(signal("STOP", &other));
    demo.signal("INT");
    demo.line_after("error: the demo did not get beyond \"");
    demo.line_after("caused by: interrupted by SIGINT");
    assert_eq!(demo.ended().code(), Some(1));
    theatre.is_empty_without(&[other]);
}

#[test]
fn a_demo_whose_other_process_is_ended_says_so_and_leaves_nothing_behind() {
    for (name, status) in [("KILL", "signal: 9 (SIGKILL)"), ("TERM", "exit status: 0")] {
        let theatre = Theatre::new();
        let demo = theatre.begin("demo --stay");
        let other = other(&demo);
        demo.line_after("net_adm:ping");
        assert!(signal(name, &other));
        demo.line_after("error: the demo did not get beyond \"an Erlang shell\"");
        demo.line_after(&format!("caused by: the other process has ended ({status})"));
        assert_eq!(demo.ended().code(), Some(1));
        theatre.is_empty_without(&[other]);
    }
}

#[test]
fn at_a_terminal_what_is_well_is_green() {
    let (theatre, test) = (Theatre::new(), "at_a_terminal_what_is_well_is_green");
    let mut script = theatre.world.command("script", "-qec");
    script.arg(format!("{COUNTERSIGN} demo")).arg("/dev/null").env_remove("NO_COLOR").env("TERM", "xterm");
    let Ok(output) = script.env("TMPDIR", theatre.world.directory.join("tmp")).output() else {
        assert!(std::env::var_os("CI").is_none_or(|value| value != "true"), "{test} needs script, and CI must have it");
        return eprintln!("skipped: {test} (script is not installed)");
    };
    let story = String::from_utf8_lossy(&output.stdout);
    assert_eq!(story.matches('✓').count(), STORY.matches('✓').count(), "{story}");
    assert_eq!(story.matches("\u{1b}[32m✓\u{1b}[0m").count(), STORY.matches('✓').count(), "{story}");
    theatre.is_empty_without(&[]);
}

#[test]
fn what_is_left_of_a_demo_that_is_killed_ends_and_tidies_up() {
    let theatre = Theatre::new();
    let demo = theatre.begin("demo --stay");
    let other = other(&demo);
    demo.line_after("net_adm:ping");
    demo.signal("KILL");
    // Their standard error is one, and closes when the last of them has ended.
    assert_eq!(demo.ended().code(), None);
    // Its last breath comes after that.
    let began = Instant::now();
    while is_alive(&other) && began.elapsed() < NEVER {
        thread::sleep(Duration::from_millis(1));
    }
    theatre.is_empty_without(&[other]);
}

#[test]
fn a_demo_that_nobody_reads_any_more_ends_and_leaves_nothing_behind() {
    let theatre = Theatre::new();
    let mut shell = theatre.world.command("sh", "-c");
    shell.arg("\"$0\" demo | head -n 1; exit 0").arg(COUNTERSIGN).env("TMPDIR", theatre.world.directory.join("tmp"));
    let ran = ran(shell);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "a CA for this demo alone\n", ""));
    theatre.is_empty_without(&[]);
}

#[test]
fn a_scene_that_fails_is_named_with_its_cause() {
    let theatre = Theatre::new();
    let mut command = theatre.command("demo");
    command.env("TMPDIR", theatre.world.directory.join("nowhere"));
    let ran = ran(command);
    assert_eq!(ran.code, 1);
    assert!(ran.err.starts_with("error: the demo did not get beyond \"a CA for this demo alone\"\n  caused by: "), "{}", ran.err);
    assert!(ran.err.contains("cannot be made\n") && ran.err.contains("hint: "), "{}", ran.err);
}

#[test]
fn nobody_else_can_read_the_directory_of_a_demo() {
    let theatre = Theatre::new();
    let demo = theatre.begin("demo --stay");
    demo.line_after("net_adm:ping");
    let [directory] =
        &fs::read_dir(theatre.world.directory.join("tmp")).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>()[..]
    else {
        panic!("one directory")
    };
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(directory), 0o700);
    for secret in ["ca.key", "a@localhost.key", "b@localhost.key", "shell@localhost.key", ".erlang.cookie"] {
        assert_eq!(mode(&directory.join(secret)), 0o600, "{secret}");
    }
    demo.signal("TERM");
    assert_eq!(demo.ended().code(), Some(0), "what was to go on until somebody ends it has ended as it should");
    theatre.is_empty_without(&[]);
}

#[test]
fn the_other_process_takes_no_directory_that_is_not_of_a_demo() {
    let theatre = Theatre::new();
    let precious = theatre.world.directory.join("precious");
    fs::create_dir(&precious).unwrap();
    fs::write(precious.join("file"), "x").unwrap();
    std::os::unix::fs::symlink(&precious, theatre.world.directory.join("countersign-demo-link")).unwrap();
    for folder in ["precious", "countersign-demo-link", "nowhere", ".."] {
        let ran = theatre.world.run(&format!("demo-node --folder {folder} --epmd-port 1"));
        assert!(ran.code == 1 && ran.err.contains(&format!("caused by: {folder}: not a demo's directory\n")), "{}", ran.err);
    }
    assert!(precious.join("file").exists());
}

#[test]
fn the_line_of_a_demo_that_stays_starts_an_erlang_shell_that_joins() {
    if !otp_is_here("the_line_of_a_demo_that_stays_starts_an_erlang_shell_that_joins") {
        return;
    }
    let theatre = Theatre::new();
    let demo = theatre.begin("demo --stay");
    let other = other(&demo);
    demo.line_after("joins with");
    let line = demo.line_after("    ");
    demo.line_after("and there");
    let ping = demo.line_after("    ");
    let mut shell = theatre.world.command("sh", "-c");
    let say = format!("io:format(\"said ~p~n\", [{}]), receive stop -> ok end.", ping.trim_end_matches('.'));
    shell.arg(format!("exec env {line} -start_epmd false -noshell -eval \"$0\"")).arg(say);
    let shell = Running::of(shell);
    assert_eq!(shell.line_after("said "), "pong");
    demo.signal("INT");
    demo.line_after("no process, no file and no port is left");
    assert_eq!(demo.ended().code(), Some(0));
    theatre.is_empty_without(&[other]);
}
