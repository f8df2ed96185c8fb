//! The log of a node, for people and for programs.

use crate::scratch::printed;
use crate::world::{COUNTERSIGN, Running, World};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// `start` with these arguments, its standard error in the file `log`.
fn start(world: &World, arguments: &str, filter: &str) -> Running {
    let mut shell = world.command("sh", "-c");
    shell.arg(format!("exec \"$0\" start --cookie-file cookie --port 0 {arguments} 2>log")).arg(COUNTERSIGN).env("RUST_LOG", filter);
    let node = Running::of(shell);
    node.started();
    node
}

fn with_cookie() -> World {
    let world = World::new();
    world.write("cookie", "one");
    world
}

/// The lines of the file `log`, each of which must be an object with the five keys in front.
fn objects(world: &World) -> Vec<Value> {
    let text = world.read("log");
    let objects = text.lines().map(|line| {
        let object: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let places = FIRST.map(|key| line.find(&format!("\"{key}\":")).unwrap_or_else(|| panic!("no {key}: {line}")));
        assert!(places.is_sorted() && places[0] == 1, "{line}");
        object
    });
    objects.collect()
}

#[track_caller]
fn of_event<'a>(objects: &'a [Value], event: &str) -> &'a Value {
    let found = objects.iter().find(|object| object["event"] == event);
    found.unwrap_or_else(|| panic!("no {event}: {objects:#?}"))
}

#[test]
fn with_log_json_all_of_standard_error_is_objects_with_named_events() {
    let world = with_cookie();
    world.issue("ca", &["a@localhost", "b@localhost"]);
    world.issue("stranger", &["x@localhost"]);
    world.write("other", "two");
    let node = start(&world, "--tls-dir a@localhost --log json --trace-control", "info");
    world.done("ping a@localhost --tls-dir b@localhost --cookie-file cookie");
    for (code, arguments) in [
        (1, "ping a@localhost --tls-dir x@localhost --cookie-file cookie"),
        (1, "ping a@localhost --tls-dir b@localhost --cookie-file other"),
        (1, "stop a@localhost --tls-dir b@localhost --cookie-file cookie"),
        (1, "call a@localhost os cmd --tls-dir b@localhost --cookie-file cookie"),
    ] {
        assert_eq!(world.run(arguments).code, code, "{arguments}");
    }
    node.signal("TERM");
    assert!(node.ended().success());

    let log = objects(&world);
    let started = of_event(&log, "node_started");
    assert_eq!((&started["level"], &started["message"], &started["name"]), (&json!("info"), &json!("node started"), &json!("a@localhost")));
    assert!(started["epmd"].is_u64() && started["creation"].is_u64(), "numbers stay numbers: {started}");
    let refused: Vec<&Value> = log.iter().filter(|object| object["event"] == "connection_refused").map(|object| &object["code"]).collect();
    assert_eq!(refused, [&json!("unknown_ca"), &json!("cookie_mismatch")]);
    let up = of_event(&log, "node_up");
    assert_eq!((&up["dialled"], &up["tls"], &up["generation"]), (&json!(false), &json!("TLSv1_3"), &json!(1)));
    assert_eq!(of_event(&log, "request_refused")["what"], "stop");
    assert_eq!(of_event(&log, "control_message")["way"], "in");
    assert_eq!(of_event(&log, "remark")["message"], "SIGTERM: stopping; once more ends it at once");
    of_event(&log, "node_down");
    of_event(&log, "node_stopped");
    assert!(log.iter().all(|object| !object["event"].is_null()), "a line of ours has an event");
}

#[test]
fn a_line_for_people_says_when_unless_the_journal_does() {
    let world = with_cookie();
    let started = |variable: (&str, &str)| {
        let mut command = world.command(COUNTERSIGN, "start --plain --name a@localhost --passive --port 0 --cookie-file cookie");
        command.env_remove("JOURNAL_STREAM").env(variable.0, variable.1);
        let node = Running::of(command);
        let line = node.line_with("event=node_started");
        node.signal("TERM");
        assert!(node.ended().success());
        line
    };
    let line = started(("RUST_LOG", "info"));
    let (time, rest) = line.strip_prefix('[').unwrap().split_once(' ').unwrap();
    assert!(time.parse::<countersign::clock::Timestamp>().is_ok(), "{line}");
    assert!(rest.starts_with("INFO  countersign::node] node started event=node_started name=a@localhost creation="), "{line}");
    assert!(rest.contains(" listens=127.0.0.1:") && rest.ends_with(" epmd=none"), "{line}");
    assert!(started(("JOURNAL_STREAM", "8:1234")).starts_with("[INFO  countersign::node] node started "));
}

#[test]
fn a_command_that_fails_says_so_to_programs_in_one_object() {
    let world = World::new();
    let ran = world.run("start --plain --name a@localhost --log json");
    assert_eq!((ran.code, ran.out.as_str(), ran.err.lines().count()), (2, "", 1), "{}", ran.err);
    let mut object: Value = serde_json::from_str(&ran.err).unwrap();
    let time = object["time"].take();
    assert!(time.as_str().is_some_and(|time| time.len() == 24 && time.ends_with('Z')), "{time}");
    assert_eq!(
        (&object["event"], &object["target"], &object["level"]),
        (&json!("command_failed"), &json!("countersign::cli"), &json!("error"))
    );
    assert!(
        object["hint"].as_str().is_some_and(|hint| !hint.is_empty())
            && object["message"].as_str().is_some_and(|it| it.contains("no cookie"))
    );
}

#[test]
fn epmd_has_both_forms_too() {
    let world = World::new();
    let node = world.start("--port 0");
    // Its port is taken by the node's own.
    for (arguments, words) in [("epmd --log json", "\"event\":\"command_failed\""), ("epmd", "error: ")] {
        let ran = world.run(arguments);
        assert!(ran.code == 1 && ran.err.contains(words), "{}", ran.err);
    }
    drop(node);
    let epmd = Running::of(world.command(COUNTERSIGN, "epmd --port 0 --log json"));
    epmd.line_after("\"event\":\"epmd_listening\"");
    epmd.line_after("\"event\":\"remark\",\"message\":\"epmd listens on 0.0.0.0:");
}

#[test]
fn rust_log_rules_how_much_is_said_in_both_forms() {
    for form in ["text", "json"] {
        let said = |filter: &str| {
            let world = with_cookie();
            world.issue("ca", &["a@localhost"]);
            let node = start(&world, &format!("--tls-dir a@localhost --log {form}"), filter);
            world.done("ping --tls-dir a@localhost --cookie-file cookie");
            world.done("stop --tls-dir a@localhost --cookie-file cookie");
            assert!(node.ended().success());
            world.read("log")
        };
        assert!(said("info").contains("node_up"), "{form}");
        assert!(!said("warn").contains("node_"), "{form}");
        assert_eq!(said("off"), if form == "text" { "stopping, as an admin asked for\n" } else { "" });
    }
}

/// Says as the distribution's handshake has it that a node of this name is there.
fn claims(port: u16, name: &[u8]) {
    let mut tcp = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let flags = 0x0000_000d_07df_7fbd_u64.to_be_bytes();
    let length = u16::try_from(name.len()).unwrap().to_be_bytes();
    let frame = [&b"N"[..], &flags, &[0, 0, 0, 7], &length, name].concat();
    tcp.write_all(&u16::try_from(frame.len()).unwrap().to_be_bytes()).unwrap();
    tcp.write_all(&frame).unwrap();
    // Until it is shown out, by when the line is written.
    let _ = tcp.read_to_end(&mut Vec::new());
}

#[test]
fn nothing_that_a_peer_says_begins_a_line() {
    for form in ["text", "json"] {
        let world = with_cookie();
        let node = start(&world, &format!("--plain --name a@localhost --log {form}"), "trace");
        let port = node.line_after("listens on").trim().rsplit_once(':').unwrap().1.parse().unwrap();
        for name in
            [&b"x\n[ERROR x] all is lost\x1b[2J@localhost"[..], b"\r\n\r\n@\n", "\u{202e}a@localhost".as_bytes(), b"\xff\n@localhost"]
        {
            claims(port, name);
        }
        node.signal("TERM");
        assert!(node.ended().success());
        let log = world.read("log");
        assert!(log.matches("connection_refused").count() >= 4, "{log}");
        assert!(!log.contains(|c: char| c != '\n' && c.is_control()), "{log:?}");
        if form == "json" {
            objects(&world);
        } else {
            let remark = "SIGTERM: stopping; once more ends it at once";
            assert!(log.lines().all(|line| line.starts_with('[') && !line.starts_with("[ERROR x]") || line == remark), "{log}");
        }
    }
}

/// Where nobody reads any more.
fn gone() -> Stdio {
    let (_, writer) = std::io::pipe().unwrap();
    Stdio::from(writer)
}

#[test]
fn a_node_outlives_who_reads_what_it_says() {
    let world = World::new();
    // A test that fails must not leave it behind.
    let mut node = world.command("timeout", &format!("120 {COUNTERSIGN} start --port 0")).stdout(gone()).stderr(gone()).spawn().unwrap();
    let began = Instant::now();
    while world.run("ping").code != 0 {
        assert!(node.try_wait().unwrap().is_none(), "it has ended");
        assert!(began.elapsed() < Duration::from_secs(60), "it never ran");
    }
    world.done("stop");
    assert!(node.wait().unwrap().success());
}

#[test]
fn a_status_that_nobody_reads_is_no_error() {
    let world = World::new();
    let _node = world.start("--port 0");
    for arguments in ["status", "status --json", "ping", "names"] {
        let child = world.command(COUNTERSIGN, arguments).stdout(gone()).stderr(Stdio::piped()).spawn().unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), printed(&output.stderr).as_str()), (Some(0), ""), "{arguments}");
    }
}

#[test]
fn a_person_at_a_terminal_sees_levels_in_colour_unless_no_color_is_set() {
    let world = with_cookie();
    let seen = |no_color: Option<&str>| {
        let line = format!("timeout 60 {COUNTERSIGN} ping a@localhost --plain --cookie-file cookie");
        let mut script: Command = world.command("script", "");
        script.args(["-qec", &line, "/dev/null"]).env_remove("NO_COLOR").env("TERM", "xterm").env("RUST_LOG", "info");
        script.envs(no_color.map(|value| ("NO_COLOR", value)));
        script.output().map(|output| printed(&output.stdout))
    };
    let Ok(colourful) = seen(None) else {
        return eprintln!("skipped: a_person_at_a_terminal_sees_levels_in_colour_unless_no_color_is_set (script is not installed)");
    };
    assert!(colourful.contains("\u{1b}[33mWARN"), "{colourful:?}");
    assert!(!seen(Some("1")).unwrap().contains('\u{1b}'));
}

const FIRST: [&str; 5] = ["time", "level", "target", "event", "message"];
