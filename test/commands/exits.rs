//! With what each command ends: one table, and nothing is left out of it.

use crate::tree::{all, help};
use crate::world::World;
use countersign::testing::Ca;
use std::collections::BTreeSet;

/// What is typed, and the exit code. From top to bottom, in one directory where `dev@localhost` runs.
const WITH_A_NODE: &[(&str, i32)] = &[
    ("--help", 0),
    ("--version", 0),
    ("help cert agent", 0),
    ("", 2),
    ("nonsense", 2),
    ("start --help", 0),
    ("start --port 0", 1),
    ("start --plain", 2),
    ("start --config missing.json", 2),
    ("start --port 70000", 2),
    ("ping", 0),
    ("ping nobody@localhost", 1),
    ("ping nonsense", 2),
    ("status", 0),
    ("status --json", 0),
    ("status nobody@localhost", 1),
    ("status --plain --cookie-file dev/.erlang.cookie", 2),
    ("links", 0),
    ("links --json", 0),
    ("links --peer nobody@localhost", 1),
    ("links nobody@localhost", 1),
    ("links --peer", 2),
    ("disconnect nobody@localhost", 1),
    ("disconnect nobody@localhost --from nobody@localhost", 1),
    ("disconnect --help", 0),
    ("disconnect nonsense", 2),
    ("ca-in-use dev/ca.crt", 1),
    ("ca-in-use missing.crt", 2),
    ("ca-in-use other.crt", 0),
    ("rotate --help", 0),
    ("rotate", 0),
    ("rotate --dry-run --json", 0),
    ("rotate --cert missing.crt", 1),
    ("rotate --key missing.key", 2),
    ("rotate nonsense", 2),
    ("call --help", 0),
    ("call dev@localhost erlang node", 1),
    ("call nobody@localhost erlang node", 1),
    ("call dev@localhost erlang", 2),
    ("call dev@localhost erlang node oops", 2),
    ("send dev@localhost countersign 1", 0),
    ("send dev@localhost nobody 1", 1),
    ("send dev@localhost countersign oops", 2),
    ("doctor", 0),
    ("doctor --peer dev@localhost", 0),
    ("doctor --all", 0),
    ("doctor --peer nobody@localhost", 1),
    ("doctor --peer nonsense", 2),
    ("doctor --all --peer dev@localhost", 2),
    ("doctor --config missing.json", 2),
    ("names", 0),
    ("names --json", 0),
    ("names a b", 2),
    ("epmd --help", 0),
    ("epmd", 1),
    ("epmd --port nonsense", 2),
    ("stop nobody@localhost", 1),
    ("stop nonsense", 2),
    ("stop", 0),
];

/// In the same directory, when that node has ended.
const WITHOUT_IT: &[(&str, i32)] = &[("ping", 1), ("status", 1), ("stop", 1), ("names", 1)];

/// The same for what needs no node, in a directory with a file `bad.crt`, and with one configuration that is right and one
/// that is not.
const ALONE: &[(&str, i32)] = &[
    ("cert", 2),
    ("cert ca -n Root", 0),
    ("cert ca -n Root", 2),
    ("cert ca", 2),
    ("cert agent -n a --dns localhost", 0),
    ("cert agent -n a", 2),
    ("cert agent -n b --dns localhost --ca nowhere", 2),
    ("cert client -n caller", 0),
    ("cert client -n caller", 2),
    ("cert inspect certs/a.crt", 0),
    ("cert inspect bad.crt", 1),
    ("cert inspect missing.crt", 2),
    ("cert fingerprint certs/a.crt", 0),
    ("cert fingerprint bad.crt", 1),
    ("cert fingerprint missing.crt", 2),
    ("cert list", 0),
    ("cert list .", 1),
    ("cert list nowhere", 2),
    ("cert verify certs/a.crt --ca certs", 0),
    ("cert verify certs/caller.crt --ca certs --usage server", 1),
    ("cert verify bad.crt --ca certs", 1),
    ("cert verify certs/a.crt --ca nowhere", 2),
    ("cert renew certs/a.crt", 0),
    ("cert renew missing.crt", 2),
    ("cert revoke certs/a.crt", 0),
    ("cert revoke missing.crt --ca certs", 2),
    ("cert crl --ca certs", 0),
    ("cert crl --ca nowhere", 2),
    ("config", 2),
    ("config check good.json", 0),
    ("config check bad.json", 2),
    ("config check missing.json", 2),
    ("config check", 2),
    ("config show good.json", 0),
    ("config show --json good.json", 0),
    ("config show bad.json", 2),
    ("config show", 2),
    ("completions bash", 0),
    ("completions nonsense", 2),
    ("man", 0),
    ("man nonsense", 2),
    ("demo --json", 0),
    ("demo --no-such-flag", 2),
    ("demo-node --folder . --epmd-port 1", 1),
];

/// What takes more than arguments; `demo::a_scene_that_fails_is_named_with_its_cause` shows it.
const ELSEWHERE: &[(&str, i32)] = &[("demo", 1)];

#[test]
fn each_command_ends_with_the_code_of_the_table() {
    let world = World::new();
    let node = world.start("--port 0");
    world.write("other.crt", &Ca::new().pem());
    hold(&world, WITH_A_NODE);
    assert!(node.ended().success());
    hold(&world, WITHOUT_IT);
    let world = World::new();
    world.write("bad.crt", "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n");
    world.write("good.json", r#"{ "node": { "name": "a@localhost", "cookie": "secret" }, "tls": null }"#);
    world.write("bad.json", r#"{ "node": { "name": "a@localhost", "cookie": "secret" } }"#);
    hold(&world, ALONE);
}

fn hold(world: &World, table: &[(&str, i32)]) {
    for &(typed, code) in table {
        let ran = world.run(typed);
        assert_eq!(ran.code, code, "countersign {typed}\n{}{}", ran.out, ran.err);
        assert!(code == 0 || !ran.err.is_empty() || !ran.out.is_empty(), "countersign {typed} ends with {code} and says nothing");
        assert!(code != 2 || ran.out.is_empty(), "what was asked wrongly has no answer: countersign {typed}\n{}", ran.out);
    }
}

/// A new command fails here until its rows stand above.
#[test]
fn the_table_has_every_command_and_each_of_its_codes() {
    for command in all().iter().filter(|command| !help(command).contains("\nCommands:\n")) {
        let rows = [WITH_A_NODE, WITHOUT_IT, ALONE, ELSEWHERE]
            .into_iter()
            .flatten()
            .filter(|(typed, _)| *typed == command || typed.starts_with(&format!("{command} ")));
        let codes: BTreeSet<i32> = rows.map(|(_, code)| *code).collect();
        let says_when_unwell = help(command).contains("xit code 1") || help(command).contains("1: ");
        assert!(codes.contains(&0) && codes.contains(&2), "{command} has rows with {codes:?} only");
        assert_eq!(codes.contains(&1), says_when_unwell, "{command}: what its help says of exit code 1 is not what the table has");
    }
}
