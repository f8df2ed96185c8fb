//! What is printed, whole.

use crate::program::World;
use crate::running::configuration;
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// Without what differs from run to run: the moment.
fn steady(out: &str) -> String {
    let line = |line: &str| match line.split_once("clock") {
        Some((mark, rest)) if mark.len() < 6 => format!("{mark}clock{}", rest.split_once("Z: ").map_or(rest, |(_, said)| said)),
        _ => line.to_owned(),
    };
    out.lines().map(|text| line(text) + "\n").collect()
}

#[test]
fn what_is_well_is_a_line_each() {
    let world = World::new();
    world.issue("ca", &["a@localhost"]);
    world.write("a.json", &configuration(0));
    let ran = world.done("doctor --config a.json");
    assert_eq!(ran.err, "");
    assert_eq!(
        steady(&ran.out),
        "\
✓ configuration        a.json: it can be read, and a node could start with it
✓ certificate          a@localhost/tls.crt: CN=a@localhost
✓ key                  a@localhost/tls.key: a private key that can sign
✓ pair                 a@localhost/tls.key: the key is the certificate's
✓ ca                   a@localhost/ca.crt: 1 authority: CN=ca
✓ dates                a@localhost/tls.crt: valid for 90 more days
✓ usage                a@localhost/tls.crt: may be used as a server
✓ usage                a@localhost/tls.crt: may be used as a client
✓ chain                a@localhost/tls.crt: CN=ca vouches for it
✓ name                 a@localhost/tls.crt: it bears a@localhost
✓ clockno certificate is from the future
✓ cookie               node.cookie: written out in the configuration
- port                 acceptors[0]: the system chooses one when the node starts
- epmd                 epmd: the node tells no epmd of itself: peers need a route
- running              a@localhost: no node of this name answers
nothing is wrong
"
    );
}

#[test]
fn what_is_wrong_has_its_facts_code_hint_and_other_names() {
    let world = World::new();
    world.issue("ca", &["a@localhost"]);
    fs::set_permissions(world.directory.join("a@localhost/tls.key"), fs::Permissions::from_mode(0o640)).unwrap();
    world.write(
        "a.json",
        &configuration(0).replace("a@localhost\"", "b@internal\"").replace("\"dir\": \"b@internal\"", "\"dir\": \"a@localhost\""),
    );
    let ran = world.run("doctor --config a.json --peer nowhere.invalid:1");
    assert_eq!(ran.code, 1);
    let (own, peer) = ran.out.split_at(ran.out.find("- offer").unwrap());
    let sha256 = own.split_once("SHA-256 ").unwrap().1.get(..95).unwrap();
    assert_eq!(
        own.replace(sha256, "…"),
        "\
✗ key                  a@localhost/tls.key: a@localhost/tls.key: the private key can be read by others (mode 0640)
    code: invalid_tls_configuration
    hint: chmod 600 a@localhost/tls.key (in Kubernetes: set defaultMode: 0400 on the secret's volume)
    also seen as: ErrInvalidTLSConfiguration
✗ name                 a@localhost/tls.crt: certificate is valid for DNS:localhost, URI:erl:a@localhost, not internal (CN=a@localhost (SHA-256 …))
    code: name_mismatch
    hint: dial a name that the certificate lists, set server_name, or issue it with the missing --dns or --ip
    also seen as: certificate is valid for X, not Y · SNI mismatch · tls: handshake failure · certificate relies on legacy Common Name field, use SANs instead · cannot validate certificate because it doesn't contain any IP SANs · hostname_check_failed · Hostname mismatch, certificate is not valid for
"
    );
    assert!(peer.contains("✗ resolve") && peer.ends_with("3 things are wrong\n"), "{peer}");
}

#[test]
fn programs_get_a_list_with_stable_keys() {
    let world = World::new();
    world.issue("ca", &["a@localhost"]);
    world.write("a.json", &configuration(0));
    let ran = world.done("doctor --config a.json --json");
    for finding in crate::running::findings(&ran) {
        let keys: Vec<&str> = finding.as_object().unwrap().keys().map(String::as_str).collect();
        let mut wanted = ["check", "about", "ok", "said", "facts", "code", "hint", "also_seen_as"];
        wanted.sort_unstable();
        let mut keys = keys;
        keys.sort_unstable();
        assert_eq!(keys, wanted);
    }
}
