//! `links`, `status` and `disconnect`: whole outputs, with what changes from run to run replaced.

use crate::here::otp_is_here;
use crate::world::{Running, World};
use countersign::dist::Cookie;
use countersign::etf::atom;
use countersign::node::{Acceptor, EpmdMode, Node, NodeOptions};
use countersign::rt::block_on;
use countersign::tls::CertAuth;
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A node of this process among those of the development directory, whose shell certificate it shows.
fn ours(world: &World) -> Node {
    let file = |name: &str| world.directory.join("dev").join(name);
    let certificate = CertAuth::from_paths(file("shell@localhost.crt"), file("ca.crt"), Some(&file("shell@localhost.key"))).unwrap();
    let options = NodeOptions {
        cert_manager: Some(Arc::new(certificate)),
        cookie: Some(Cookie::new(world.read("dev/.erlang.cookie").trim().as_bytes().to_vec())),
        acceptors: vec![Acceptor::at_port(0)],
        epmd: EpmdMode::At(world.epmd_port),
        ..NodeOptions::default()
    };
    block_on(Node::start("ours@localhost", options)).unwrap()
}

fn meet(node: &Node, other: &str) {
    block_on(node.ping(&other.parse().unwrap())).unwrap();
}

/// An Erlang node by the line that `start` shows, which evaluates this and then waits.
fn shell(world: &World, node: &Running, expression: &str) -> Running {
    node.line_after("an Erlang shell joins with");
    let line = node.line_after("  ");
    let mut shell = world.command("sh", "-c");
    shell.arg(format!("exec env {line} -start_epmd false -noshell -eval \"$0.\"")).arg(format!("{expression}, receive stop -> ok end"));
    Running::of(shell)
}

/// What a command says once the links of commands before it are gone: of their end nobody is told.
#[track_caller]
fn settled(world: &World, arguments: &str, links: usize) -> String {
    let began = Instant::now();
    let count = || serde_json::from_str::<Value>(&world.done("links --json").out).unwrap().as_array().unwrap().len();
    while count() != links {
        assert!(began.elapsed() < Duration::from_secs(60), "never {links} links");
    }
    steady(&world.done(arguments).out)
}

/// Numbers become N, dates DATE, serial numbers and fingerprints HEX, ports PORT; columns are two spaces apart.
fn steady(output: &str) -> String {
    let line = |line: &str| {
        let indent = if line.starts_with(' ') { "  " } else { "" };
        let cells = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty());
        let cells: Vec<String> = cells.map(|cell| cell.split(' ').map(word).collect::<Vec<_>>().join(" ")).collect();
        format!("{indent}{}\n", cells.join("  "))
    };
    output.lines().map(line).collect()
}

fn word(word: &str) -> String {
    let (bare, comma) = word.strip_suffix(',').map_or((word, ""), |bare| (bare, ","));
    let is_number =
        |text: &str| text.starts_with(|c: char| c.is_ascii_digit()) && text.trim_end_matches(char::is_alphabetic).parse::<f64>().is_ok();
    let is_hex = |text: &str| text.split(':').all(|pair| pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let steady = match bare {
        _ if bare.len() == 20 && bare.ends_with('Z') => "DATE",
        _ if bare.len() > 20 && is_hex(bare) => "HEX",
        _ if bare.starts_with("127.0.0.1:") => "127.0.0.1:PORT",
        _ if bare.split('/').count() == 2 && bare.split('/').all(is_number) => "N/N",
        _ if bare.strip_prefix('(').is_some_and(is_number) => "(N",
        _ if is_number(bare) => "N",
        _ => bare,
    };
    format!("{steady}{comma}")
}

#[test]
fn a_node_without_links_says_so() {
    let world = World::new();
    let _node = world.start("--port 0");
    assert_eq!(settled(&world, "links", 0), "");
    assert_eq!(world.done("links").err, "dev@localhost has no links\n");
    assert_eq!(world.done("links --wide").err, "dev@localhost has no links\n");
    assert_eq!(world.done("links --json").out, "[]\n");
    let ran = world.run("links --peer b@localhost");
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    let said: Vec<&str> = ran.err.lines().collect();
    assert_eq!(said[0], "dev@localhost has no link to b@localhost");
    assert!(said[1].starts_with("nothing failed under this name; ") && said.len() == 2, "{said:?}");
}

#[test]
fn links_to_a_node_of_ours_are_a_table_a_wide_one_and_a_block() {
    let world = World::new();
    let node = world.start("--port 0");
    node.line_after("and there");
    let ours = ours(&world);
    meet(&ours, "dev@localhost");
    let narrow = "\
PEER  WAY  TLS  UP  MSGS OUT/IN  BYTES OUT/IN  WAITING  OURS  THEIRS
ours@localhost  in  N  N  N/N  N/N  N  N  N
";
    assert_eq!(settled(&world, "links", 1), narrow);
    assert!(world.done("links").out.lines().all(|line| line.chars().count() <= 100));
    let wide = steady(&world.done("links --wide").out);
    let [heading, row] = &wide.lines().collect::<Vec<_>>()[..] else { panic!("{wide}") };
    assert_eq!(
        *heading,
        "PEER  WAY  TLS  UP  MSGS OUT/IN  BYTES OUT/IN  WAITING  OURS  THEIRS  ADDRESS  KIND  SEEN  SUITE  KEY EXCHANGE  GEN  OUR SERIAL  \
         THEIR SERIAL  LAST FAILURE  IDENTITY"
    );
    assert!(row.contains("  countersign  hidden  TLS13_AES_256_GCM_SHA384  X25519MLKEM768  N  "), "{row}");
    assert_eq!(steady(&world.done("links --peer ours@localhost").out), BLOCK);
    block_on(ours.stop());
}

const BLOCK: &str = "\
ours@localhost
  identity  CN=shell@localhost (DNS:localhost, IP:127.0.0.1, URI:erl:shell@localhost)
  verified  yes
  dialled  no
  visible  no
  address  127.0.0.1:PORT
  local address  127.0.0.1:PORT
  tls version  TLSv1_3
  tls suite  TLS13_AES_256_GCM_SHA384
  tls key exchange  X25519MLKEM768
  tls countersign  yes
  generation  N
  outdated  no
  handovers  N
  handovers failed  N
  handover failure  none
  handover impossible  no
  own certificate subject  CN=dev@localhost
  own certificate names  DNS:localhost, IP:127.0.0.1, URI:erl:dev@localhost
  own certificate issuer  CN=countersign development
  own certificate serial  HEX
  own certificate not before  DATE
  own certificate not after  DATE (N days left)
  own certificate stage  well
  own certificate sha256  HEX
  peer certificate subject  CN=shell@localhost
  peer certificate names  DNS:localhost, IP:127.0.0.1, URI:erl:shell@localhost
  peer certificate issuer  CN=countersign development
  peer certificate serial  HEX
  peer certificate not before  DATE
  peer certificate not after  DATE (N days left)
  peer certificate stage  well
  peer certificate sha256  HEX
  up  N
  messages sent  N
  messages received  N
  bytes sent  N
  bytes received  N
  bytes waiting  N
  last failure  none
";

#[test]
fn links_as_json_have_stable_keys_and_tell_who_was_dialled() {
    let world = World::new();
    let node = world.start("--port 0");
    node.line_after("and there");
    let ours = ours(&world);
    meet(&ours, "dev@localhost");
    settled(&world, "links", 1);
    let links: Value = serde_json::from_str(&world.done("links --json").out).unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(
        keys(&links[0]),
        "address bytes_received bytes_sent bytes_waiting dialled generation handover_failure handover_impossible handovers handovers_failed identity last_failure local_address messages_received \
         messages_sent outdated own_certificate peer peer_certificate tls up_seconds verified visible"
    );
    assert_eq!(keys(&links[0]["own_certificate"]), "days_left issuer names not_after not_before serial sha256 stage subject");
    assert_eq!(keys(&links[0]["tls"]), "countersign key_exchange suite version");
    assert_eq!((&links[0]["generation"], &links[0]["dialled"]), (&1.into(), &false.into()));
    let shown = links[0]["peer_certificate"]["sha256"].as_str().unwrap();
    let fingerprint = world.done("cert fingerprint dev/shell@localhost.crt").out;
    assert_eq!(fingerprint, format!("sha256 Fingerprint={shown}\n"));
    let one: Value = serde_json::from_str(&world.done("links --peer ours@localhost --json").out).unwrap();
    assert_eq!((one.as_array().unwrap().len(), &one[0]["peer"]), (1, &"ours@localhost".into()));
    block_on(ours.stop());
}

#[test]
fn links_in_the_clear_say_that_they_are() {
    let world = World::new();
    world.write("cookie", "secret");
    let _node = world.start("--plain --name a@localhost --cookie-file cookie --port 0");
    let options = NodeOptions {
        danger_plaintext: true,
        cookie: Some(Cookie::new(b"secret".to_vec())),
        acceptors: vec![Acceptor::at_port(0)],
        epmd: EpmdMode::At(world.epmd_port),
        ..NodeOptions::default()
    };
    let b = block_on(Node::start("b@localhost", options)).unwrap();
    meet(&b, "a@localhost");
    let links = steady(&world.done("links a@localhost --plain --cookie-file cookie").out);
    assert!(links.ends_with("\nb@localhost  in  none  N  N/N  N/N  N  -  -\n"), "{links}");
    let ran = world.run("disconnect b@localhost --from a@localhost --plain --cookie-file cookie");
    assert!(ran.code == 1 && ran.err.contains("code: not_allowed"), "nobody is an admin of a node that verifies nobody: {}", ran.err);
    block_on(b.stop());
}

#[test]
fn disconnect_returns_when_the_link_is_down_and_says_so() {
    let world = World::new();
    let node = world.start("--port 0");
    node.line_after("and there");
    let ours = ours(&world);
    meet(&ours, "dev@localhost");
    let ran = world.done("disconnect ours@localhost");
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("dev@localhost has no link to ours@localhost any more\n", ""));
    assert_eq!(settled(&world, "links", 0), "");
    let ran = world.run("disconnect ours@localhost");
    let said = "error: dev@localhost has no link to ours@localhost\ncode: unreachable\nhint: countersign links lists the peers of a node\n";
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (1, "", said));
    assert_eq!(world.run("disconnect ours").code, 2);
    block_on(ours.stop());
}

#[test]
fn only_an_admin_disconnects() {
    let world = World::new();
    world.issue("ca", &["a@localhost", "b@localhost"]);
    world.write("cookie", "one");
    let _node = world.start("--tls-dir a@localhost --cookie-file cookie --port 0");
    let ran = world.run("disconnect x@localhost --from a@localhost --tls-dir b@localhost --cookie-file cookie");
    assert!(ran.code == 1 && ran.err.contains("may not ask a@localhost for: disconnect\ncode: not_allowed\n"), "{}", ran.err);
    // Reading is open to it, and what it was refused is no failure of a link.
    assert_eq!(world.done("links a@localhost --tls-dir b@localhost --cookie-file cookie --json").out, "[]\n");
}

#[test]
fn status_says_in_short_what_links_say_what_failed_and_what_helps() {
    let world = World::new();
    let node = world.start("--port 0");
    node.line_after("and there");
    world.issue("stranger", &["x@localhost"]);
    world.write("cookie", &world.read("dev/.erlang.cookie"));
    for _ in 0..2 {
        assert_eq!(world.run("ping dev@localhost --tls-dir x@localhost --cookie-file cookie").code, 1);
    }
    let ours = ours(&world);
    meet(&ours, "dev@localhost");
    assert_eq!(settled(&world, "status", 1).replace(&world.directory.display().to_string(), "DIRECTORY"), STATUS);
    let ran = world.run("links --peer 127.0.0.1");
    assert_eq!((ran.code, ran.err.as_str()), (1, "dev@localhost has no link to 127.0.0.1\n"));
    let failure = steady(&ran.out);
    assert!(failure.starts_with("last failure\n  code  unknown_ca\n  reason  "), "{failure}");
    assert!(failure.ends_with("\n  occasion  answering\n  by  peer\n  at  DATE\n  times  N\n"), "{failure}");
    let status: Value = serde_json::from_str(&world.done("status --json").out).unwrap();
    assert_eq!(status["refusals"][0]["count"], 2);
    assert!(status["refusals"][0]["hint"].as_str().unwrap().starts_with("issue the certificate from a CA"));
    assert_eq!((&status["last_failures"][0]["code"], &status["last_failures"][0]["times"]), (&"unknown_ca".into(), &2.into()));
    assert_eq!((&status["links"][0]["peer"], status["links"].as_array().unwrap().len()), (&"ours@localhost".into(), 1));
    assert!(status["certificate"]["days_left"].as_i64().unwrap() > 80);
    block_on(ours.stop());
}

const STATUS: &str = "\
dev@localhost
  name  dev@localhost
  version  0.1.0
  mode  listen_and_dial
  visible  no
  uptime  N
  listens  127.0.0.1:PORT
  creation  N
  generation  N
  allow  none
  deny  none
  processes  N
  registered  countersign, net_kernel, rex, user
  dropped messages  N
  calls running  N
  calls refused  N
  links made  N
  keeps  none
  judged  none
certificate
  subject  CN=dev@localhost
  names  DNS:localhost, IP:127.0.0.1, URI:erl:dev@localhost
  issuer  CN=countersign development
  serial  HEX
  not before  DATE
  not after  DATE (N days left)
  stage  well
  sha256  HEX
own certificates
HOLDERS  STAGE  LEFT  UNTIL  AUTHORITY  HINT
node  well  N days  DATE  -  -
source DIRECTORY/dev/dev@localhost.crt, DIRECTORY/dev/dev@localhost.key
  serial  HEX
  restart required  no
links
PEER  WAY  TLS  UP  MSGS OUT/IN  BYTES OUT/IN  WAITING  OURS  THEIRS
ours@localhost  in  N  N  N/N  N/N  N  N  N
refusals
CODE  COUNT  BY PEERS  HINT
unknown_ca  N  N  issue the certificate from a CA in the judging side's pool, or add its CA to that pool and restart
last failures
PEER  CODE  TIMES  OCCASION  BY  AT
127.0.0.1  unknown_ca  N  answering  peer  DATE
";

#[test]
fn links_to_an_erlang_node_and_one_of_ours_stand_in_one_table_and_the_shell_sees_them_too() {
    if !otp_is_here("links_to_an_erlang_node_and_one_of_ours_stand_in_one_table_and_the_shell_sees_them_too") {
        return;
    }
    let world = World::new();
    let node = world.start("--port 0");
    let expression = "pong = net_adm:ping('dev@localhost'), io:format(\"ready~n\"), receive links -> ok end, \
        Links = gen_server:call({countersign, 'dev@localhost'}, links), \
        io:format(\"links ~0p~n\", [[{Peer, Version} || #{peer := Peer, tls := #{version := Version}} <- Links]]), \
        Refused = gen_server:call({countersign, 'dev@localhost'}, {disconnect, 'ours@localhost'}), \
        {error, {not_allowed, Text}} = Refused, io:format(\"refused ~ts~n\", [Text])";
    let shell = shell(&world, &node, &format!("register(asked, self()), {expression}"));
    shell.line_after("ready");
    let ours = ours(&world);
    meet(&ours, "dev@localhost");
    let table = "\
PEER  WAY  TLS  UP  MSGS OUT/IN  BYTES OUT/IN  WAITING  OURS  THEIRS
ours@localhost  in  N  N  N/N  N/N  N  N  N
shell@localhost  in  N  N  N/N  N/N  N  N  N
";
    assert_eq!(settled(&world, "links", 2), table);
    let wide = world.done("links --wide").out;
    assert!(wide.contains("  other        hidden  TLS13_CHACHA20_POLY1305_SHA256  "), "{wide}");
    block_on(ours.send(
        (countersign::etf::Atom::fixed("asked"), "shell@localhost".parse::<countersign::node_name::NodeName>().unwrap()),
        atom("links"),
    ))
    .unwrap();
    assert_eq!(shell.line_after("links "), "[{ours@localhost,<<\"TLSv1_3\">>},{shell@localhost,<<\"TLSv1_3\">>}]");
    assert!(shell.line_after("refused ").ends_with("may not ask dev@localhost for: disconnect"));
    assert_eq!(world.done("disconnect shell@localhost").out, "dev@localhost has no link to shell@localhost any more\n");
    block_on(ours.stop());
}

#[test]
fn the_commands_that_an_operator_uses_help_with_examples() {
    let world = World::new();
    for command in ["links", "status", "disconnect"] {
        let help = world.done(&format!("{command} --help")).out;
        assert!(
            help.contains(&format!("\n  countersign {command}")) && help.contains("gen_server:call({countersign, 'a@localhost'}, "),
            "{help}"
        );
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
    }
}
