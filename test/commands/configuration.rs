//! `config check` and `config show`, whole; and who wins: flags, the environment, the file, the default.

use crate::world::{COUNTERSIGN, Ran, Running, World, ran};
use serde_json::Value;

/// A directory with a configuration in the file `node.json`.
fn world(json: &str) -> World {
    let world = World::new();
    world.write("node.json", json);
    world.write("cookie", "secret\n");
    world
}

fn with(world: &World, arguments: &str, variables: &[(&str, &str)]) -> Ran {
    let mut command = world.command(COUNTERSIGN, arguments);
    command.envs(variables.iter().copied());
    ran(command)
}

#[test]
fn a_check_says_all_that_is_wrong_and_not_what_follows_from_it() {
    let world = world(
        r#"{
  "node": { "nane": "a@localhost", "cookie": { "file": "nowhere" }, "visibility": "hiden", "admins": ["a", "b@localhost", "c"] },
  "tls": { "cert": "a.crt", "key": "a.key", "root_ca": "ca.crt", "client_ca": "ca.crt", "identity": "${WHO}" },
  "acceptors": [{ "port": 15000, "prot": 1 }, ["b"], { "networks": ["10.0.0.1/8"] }],
  "routes": [{ "match": "^(", "port": 0 }],
  "tick": { "seconds": "60" }
}"#,
    );
    let checked = world.run("config check node.json");
    assert_eq!((checked.code, checked.out.as_str()), (2, ""));
    assert_eq!(checked.err, ALL_THAT_IS_WRONG);
    let started = world.run("start --config node.json");
    assert_eq!((started.code, started.out.as_str(), started.err.as_str()), (2, "", ALL_THAT_IS_WRONG));
}

#[test]
fn a_configuration_that_comes_through_a_pipe_is_refused_for_what_was_in_it() {
    let world = world(r#"{ "node": { "nane": "a@localhost" } }"#);
    let mut shell = world.command("sh", "-c");
    shell.arg("cat node.json | exec \"$0\" start --config /dev/stdin").arg(COUNTERSIGN);
    let started = ran(shell);
    assert!(started.code == 2 && started.err.contains("node.nane: unknown field"), "{}", started.err);
}

const ALL_THAT_IS_WRONG: &str = include_str!("configuration/wrong.txt");

#[test]
fn a_check_says_what_a_node_would_warn_about_and_starts_nothing() {
    let world = world(
        r#"{
  "node": { "name": "a@localhost", "cookie": "secret" }, "tls": null,
  "acceptors": [{ "port": 15000 }],
  "cluster": { "seeds": ["b@localhost"], "quorum": { "seeds": 1 } }
}"#,
    );
    let checked = world.run("config check node.json");
    assert_eq!((checked.code, checked.err.as_str()), (0, ""));
    assert_eq!(
        checked.out,
        "node.json: a@localhost can start with it\n\
         it would warn: tls: plain TCP is spoken: anybody on the way can read and change everything\n  \
         hint: give it a certificate\n"
    );
    world.issue("ca", &["a@localhost"]);
    let tls = r#""tls": { "dir": "a@localhost", "client_auth": "request", "identity": "off" }"#;
    let route = r#""routes": [{ "match": "b@localhost", "danger_insecure_skip_verify": true }]"#;
    world.write("node.json", &format!(r#"{{ "node": {{ "name": "a@localhost", "cookie": {{ "file": "cookie" }} }}, {tls}, {route} }}"#));
    assert_eq!(
        world.done("config check node.json").out,
        "node.json: a@localhost can start with it\n\
         it would warn: tls: identity is off: any holder of a good certificate may claim the name of any node\n  \
         hint: leave identity out: then hosts must be right\n\
         it would warn: acceptors[0]: client_auth is request: peers without a verified certificate may connect\n  \
         hint: give it a client_ca, and leave client_auth out\n\
         it would warn: routes[0]: whoever answers is not verified: anyone between can read and change everything\n  \
         hint: take danger_insecure_skip_verify out, and trust the CA of whoever answers\n"
    );
    assert_eq!(world.run("names").code, 1, "nobody has started an epmd");
}

#[test]
fn a_certificate_that_does_not_bear_the_nodes_name_is_said_before_a_peer_refuses_it() {
    let world = World::new();
    world.issue("ca", &["a@localhost"]);
    world.write("cookie", "secret");
    let node = r#""node": { "name": "a@127.0.0.1", "cookie": { "file": "cookie" } }, "tls": { "dir": "a@localhost" }"#;
    world.write("node.json", &format!(r#"{{ {node}, "acceptors": [{{ "host": "127.0.0.1", "port": 0 }}] }}"#));
    let mismatch = "a@127.0.0.1 is not whom its certificate names: DNS:localhost, URI:erl:a@localhost";
    assert_eq!(
        world.done("config check node.json").out,
        format!(
            "node.json: a@127.0.0.1 can start with it\n\
             it would warn: tls: {mismatch}: peers refuse it\n  \
             hint: issue the certificate with the node's host, or with the URI erl:name@host\n"
        )
    );
    let node = Running::of(world.command(COUNTERSIGN, "start --config node.json"));
    let line = node.line_after("peers may refuse our own certificate");
    assert!(line.contains("event=own_certificate_unfit") && line.contains("code=identity_mismatch"), "{line}");
    assert!(line.contains(mismatch) && line.contains("hint=issue the certificate"), "{line}");
}

#[test]
fn what_is_missing_outside_of_the_file_is_checked_too() {
    let world = world(r#"{ "node": { "name": "a@localhost" }, "tls": null }"#);
    let checked = world.run("config check node.json");
    assert_eq!((checked.code, checked.out.as_str()), (2, ""));
    assert!(checked.err.contains(".erlang.cookie"), "{}", checked.err);
    assert_eq!(world.run("config check node.json --cookie-file cookie").code, 0);
    let unread = world.run("config check node.json --cookie-file nowhere");
    assert!(unread.err.starts_with("error: --cookie-file: "), "{}", unread.err);
}

/// An option, and what is said of it by the flag, the environment and the file; without all three it is the default.
struct Said {
    option: &'static str,
    flag: &'static str,
    variable: (&'static str, &'static str),
    in_file: &'static str,
    /// The value that each of the four brings, in this order.
    values: [&'static str; 4],
}

const WHO_WINS: &[Said] = &[
    Said {
        option: "node.name",
        flag: "--name f@localhost",
        variable: ("COUNTERSIGN_NAME", "e@localhost"),
        in_file: r#"{ "node": { "name": "a@localhost", "cookie": "c" }, "tls": null }"#,
        values: [r#""f@localhost""#, r#""e@localhost""#, r#""a@localhost""#, ""],
    },
    Said {
        option: "acceptors[0].port",
        flag: "--port 1",
        variable: ("COUNTERSIGN_LISTEN_PORT", "2"),
        in_file: r#"{ "node": { "name": "a@localhost", "cookie": "c" }, "tls": null, "acceptors": [{ "port": 3 }, { "port": 9 }] }"#,
        values: ["1", "2", "3", "15000"],
    },
    Said {
        option: "node.mode",
        flag: "--passive",
        variable: ("COUNTERSIGN_MODE", "outgoing_only"),
        in_file: r#"{ "node": { "name": "a@localhost", "cookie": "c", "mode": "listen_and_dial" }, "tls": null }"#,
        values: [r#""passive""#, r#""outgoing_only""#, r#""listen_and_dial""#, r#""listen_and_dial""#],
    },
    Said {
        option: "cluster.seeds",
        flag: "--seed f@localhost --seed g@localhost",
        variable: ("COUNTERSIGN_SEEDS", "d@localhost,e@localhost"),
        in_file: r#"{ "node": { "name": "a@localhost", "cookie": "c" }, "tls": null, "cluster": { "seeds": ["b@localhost"] } }"#,
        values: [r#"["f@localhost","g@localhost"]"#, r#"["d@localhost","e@localhost"]"#, r#"["b@localhost"]"#, "[]"],
    },
    Said {
        option: "cluster.quorum.seeds",
        flag: "--quorum 0 --seed b@localhost",
        variable: ("COUNTERSIGN_QUORUM", "1"),
        in_file: r#"{ "node": { "name": "a@localhost", "cookie": "c" }, "tls": null,
            "cluster": { "seeds": ["b@localhost", "c@localhost"], "quorum": { "seeds": 2 } } }"#,
        values: ["0", "1", "2", ""],
    },
    Said {
        option: "node.trace_control",
        flag: "--trace-control",
        variable: ("COUNTERSIGN_TRACE_CONTROL", "0"),
        in_file: r#"{ "node": { "name": "a@localhost", "cookie": "c", "trace_control": true }, "tls": null }"#,
        values: ["true", "false", "true", "false"],
    },
    Said {
        option: "node.cookie",
        flag: "--cookie-file cookie",
        variable: ("COUNTERSIGN_COOKIE_FILE", "cookie"),
        in_file: r#"{ "node": { "name": "a@localhost", "cookie": "c" }, "tls": null }"#,
        values: [r#""(hidden)""#, r#""(hidden)""#, r#""(hidden)""#, r#""(hidden)""#],
    },
];

const NOTHING_SAID: &str = r#"{ "node": { "name": "a@localhost" }, "tls": null }"#;

#[test]
fn a_flag_wins_over_the_environment_that_over_the_file_and_the_file_over_the_default() {
    for Said { option, flag, variable, in_file, values } in WHO_WINS {
        let world = world(in_file);
        let (with_flag, without) = (format!("config show --json node.json {flag}"), "config show --json node.json");
        let shown = |arguments: &str, variables: &[(&str, &str)]| {
            let shown = with(&world, arguments, variables);
            assert_eq!(shown.code, 0, "{option}: {}", shown.err);
            let settings: Value = serde_json::from_str(&shown.out).unwrap();
            let found = settings.as_array().unwrap().iter().find(|setting| setting["option"] == *option);
            found.map_or(String::new(), |setting| format!("{} {} {}", setting["value"], setting["from"], setting["at"]))
        };
        let name = flag.split(' ').next().unwrap();
        assert_eq!(shown(&with_flag, &[*variable]), format!("{} \"flag\" \"{name}\"", values[0]));
        assert_eq!(shown(without, &[*variable]), format!("{} \"environment\" \"{}\"", values[1], variable.0));
        assert_eq!(shown(without, &[(variable.0, "")]), format!("{} \"file\" \"{option}\"", values[2]), "an empty one says nothing");
        world.write("node.json", NOTHING_SAID);
        if !values[3].is_empty() {
            assert_eq!(shown(without, &[]), format!("{} \"default\" null", values[3]));
        }
    }
}

#[test]
fn a_port_takes_the_place_of_the_others_and_of_nothing_else() {
    let world = world(
        r#"{
  "node": { "name": "a@localhost", "cookie": "c" }, "tls": null,
  "acceptors": [{ "port": 3, "port_range": 4, "host": "${HOST_HERE}" }, { "port": 9 }]
}"#,
    );
    let shown = with(&world, "config show node.json --port 7", &[("HOST_HERE", "127.0.0.1")]).out;
    let lines: Vec<_> = shown.lines().filter(|line| line.starts_with("acceptors[")).map(|line| line.split_whitespace().collect()).collect();
    let first: Vec<Vec<&str>> = lines.into_iter().take(3).collect();
    assert_eq!(first[0], ["acceptors[0].host", "127.0.0.1", "file:", "acceptors[0].host", "with", "${HOST_HERE}"]);
    assert_eq!(first[1..], [["acceptors[0].port", "7", "--port"], ["acceptors[0].port_range", "1", "--port"]]);
    assert!(!shown.contains("acceptors[1]"), "{shown}");
    let blamed = with(&world, "config check node.json --port 7", &[("HOST_HERE", "no host")]).err;
    assert!(blamed.starts_with("error: node.json: acceptors[0].host: \"${HOST_HERE}\" is neither"), "{blamed}");
}

#[test]
fn what_is_wrong_in_a_flag_or_in_the_environment_is_blamed_on_it() {
    let world = world(NOTHING_SAID);
    for (variable, value, said) in [
        ("COUNTERSIGN_NAME", "a", "COUNTERSIGN_NAME: the name of a node is name@host, and there is no @"),
        ("COUNTERSIGN_LISTEN_PORT", "web", "COUNTERSIGN_LISTEN_PORT: this is a string, and not a whole number from 0 to 65535"),
        (
            "COUNTERSIGN_LISTEN_PORT",
            "70000",
            "COUNTERSIGN_LISTEN_PORT: this is an integer out of bounds, and not a whole number from 0 to 65535",
        ),
        ("COUNTERSIGN_MODE", "pasive", "COUNTERSIGN_MODE: \"pasive\" is none of listen_and_dial, passive, outgoing_only"),
        ("COUNTERSIGN_SEEDS", "b@localhost,c", "COUNTERSIGN_SEEDS: the name of a node is name@host, and there is no @"),
        ("COUNTERSIGN_QUORUM", "3", "COUNTERSIGN_QUORUM: 3 is not a number from 0 to 0"),
        ("COUNTERSIGN_TRACE_CONTROL", "yes", "COUNTERSIGN_TRACE_CONTROL: this is a string, and not true or false"),
        ("COUNTERSIGN_COOKIE_FILE", "nowhere", "COUNTERSIGN_COOKIE_FILE: "),
    ] {
        let checked = with(&world, "config check node.json", &[(variable, value)]);
        assert_eq!((checked.code, checked.out.as_str()), (2, ""), "{variable}={value}");
        assert!(checked.err.starts_with(&format!("error: {said}")), "{variable}={value}\n{}", checked.err);
        assert!(!checked.err.contains("schema.json"), "no schema describes a variable: {}", checked.err);
        let started = with(&world, "start --config node.json", &[(variable, value)]);
        assert_eq!((started.code, started.err), (2, checked.err), "{variable}={value}");
    }
    let started = with(&world, "start --config node.json", &[("COUNTERSIGN_LOG", "jsno")]);
    assert_eq!(started.code, 2);
    assert_eq!(started.err, "error: COUNTERSIGN_LOG: \"jsno\" is neither text nor json\nhint: set it to one of both, or unset it\n");
}

#[test]
fn the_environment_alone_is_enough_to_start_and_to_reach_a_node() {
    let world = world(r#"{ "tls": { "dir": "b@localhost" } }"#);
    world.issue("ca", &["b@localhost"]);
    let variables = [
        ("COUNTERSIGN_CONFIG", "node.json"),
        ("COUNTERSIGN_NAME", "b@localhost"),
        ("COUNTERSIGN_COOKIE_FILE", "cookie"),
        ("COUNTERSIGN_LISTEN_PORT", "0"),
    ];
    let node = world.start_with("", &variables);
    let pong = with(&world, "ping", &variables);
    assert!(pong.out.starts_with("b@localhost answered in "), "{}", pong.err);
    assert_eq!(with(&world, "stop", &variables).out, "stopped b@localhost\n");
    assert!(node.ended().success());
}

#[test]
fn everything_in_force_is_shown_with_its_source() {
    let world = world(
        r#"{
  "node": { "name": "a@${HOST_HERE}", "cookie": "s3cr3t", "setup_seconds": 3 },
  "tls": { "dir": "a@localhost", "allow": ["node:*@localhost"] },
  "acceptors": [{ "port": 15000, "cookie": { "env": "COOKIE" }, "link": { "idle_seconds": 600 } }],
  "routes": [{ "match": "db-*@localhost", "port": 15001, "danger_plaintext": true }],
  "limits": { "per_ip": 7 }
}"#,
    );
    world.issue("ca", &["a@localhost"]);
    let variables = [("HOST_HERE", "localhost"), ("COOKIE", "s3cr3t"), ("COUNTERSIGN_SEEDS", "b@localhost")];
    let shown = with(&world, "config show node.json --trace-control", &variables);
    assert_eq!((shown.code, shown.err.as_str()), (0, ""));
    assert_eq!(shown.out, EVERYTHING);
    let for_programs = with(&world, "config show node.json --json --trace-control", &variables).out;
    let first = r#"[
  {
    "option": "node.name",
    "value": "a@localhost",
    "from": "file",
    "at": "node.name",
    "variables": [
      "HOST_HERE"
    ]
  },
"#;
    assert!(for_programs.starts_with(first), "{for_programs}");
    let all: Value = serde_json::from_str(&for_programs).unwrap();
    assert_eq!(all.as_array().unwrap().len(), EVERYTHING.lines().count() - 1);
}

const EVERYTHING: &str = include_str!("configuration/shown.txt");
