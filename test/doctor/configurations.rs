//! A configuration that is wrong in several places is looked at to its end.

use crate::world::{World, found};
use countersign::config::Layers;
use countersign::doctor::{Case, Check, Health, examine};
use countersign::failure::Code;
use countersign::rt::block_on;

/// What is wrong with the document, by its keys.
fn wrong_keys(case: &Case) -> Vec<String> {
    let report = block_on(examine(case)).wrong();
    let of_document = report.findings().iter().filter(|finding| finding.check == Check::Configuration);
    let mut keys: Vec<String> = of_document.map(|finding| finding.about.clone()).collect();
    keys.sort();
    keys
}

#[test]
fn each_section_says_what_is_wrong_with_it() {
    let world = World::new();
    let tls = r#""cert": "a.crt", "key": "a.key", "root_ca": "ca.crt", "client_ca": "ca.crt", "identity": "maybe", "min_version": "1.1""#;
    let more = r#", "tick": { "seconds": 0 }, "limits": { "per_ip": 0 }, "cluster": { "seeds": ["b"] },
                  "routes": [{ "match": "b@localhost", "port": 0 }, { "match": "c@localhost", "port": 1 }, { "match": "" }]"#;
    let case = world.case_of(tls, more);
    assert_eq!(
        wrong_keys(&case),
        ["cluster.seeds[0]", "limits.per_ip", "routes[0].port", "routes[2].match", "tick.seconds", "tls.identity", "tls.min_version"]
    );
}

#[test]
fn an_unknown_key_and_a_value_of_another_kind_hide_nothing() {
    let world = World::new();
    let tls = r#""cert": "a.crt", "key": "a.key", "root_ca": "missing.crt", "client_ca": "ca.crt", "certt": 1"#;
    let case = world.case_of(tls, r#", "tick": { "seconds": "often" }, "routes": [{}]"#);
    let report = block_on(examine(&case));
    assert!(report.findings().iter().any(|finding| finding.said.contains("unknown field `certt`")), "{report:#?}");
    assert_eq!(wrong_keys(&case), ["routes[0]", "tick.seconds", "tls.certt"]);
    assert_eq!(found(&report.wrong(), Check::Ca).code, Some(Code::InvalidTlsConfiguration));
}

#[test]
fn sections_that_are_well_may_contradict_each_other() {
    let world = World::new();
    let case = world.case(r#", "routes": []"#);
    assert!(case.options.is_some());
    let text =
        r#"{ "node": { "name": "a@localhost", "cookie": "c", "mode": "outgoing_only" }, "tls": null, "acceptors": [{ "port": 1 }] }"#;
    assert_eq!(wrong_keys(&Case::of_json(text, &world.directory)), ["acceptors"]);
}

#[test]
fn a_key_in_the_place_of_a_path_is_never_repeated() {
    let world = World::new();
    let key = world.read("a.key");
    let inline = serde_json::to_string(&key).unwrap();
    let tls = format!(r#""cert": {inline}, "key": {inline}, "root_ca": {inline}, "client_ca": {inline}, "crl": [{inline}]"#);
    let cookie = format!(r#", "routes": [{{ "match": "b@localhost", "port": 1, "cookie": {{ "file": {inline} }} }}]"#);
    let case = world.case_of(&tls, &cookie);
    let report = format!("{:?}{case:?}", block_on(examine(&case)));
    let body = key.lines().nth(1).unwrap();
    assert!(report.contains("PEM in place of a path") && !report.contains(body), "{report}");
}

#[test]
fn what_is_no_json_says_where() {
    let case = Case::of_json("{ \"node\": { \"name\" } }", std::path::Path::new("."));
    let report = block_on(examine(&case)).wrong();
    let finding = found(&report, Check::Configuration);
    assert!(finding.said.contains("not JSON"), "{finding:?}");
}

/// What `config check` warns of, the doctor says, too: one who hears that nothing is wrong looks no further.
#[test]
fn whatever_weakens_is_said_and_is_no_fault() {
    let world = World::new();
    let tls = r#""cert": "a.crt", "key": "a.key", "root_ca": "ca.crt", "client_ca": "ca.crt", "identity": "off""#;
    let text = format!(
        r#"{{ "node": {{ "name": "a@localhost", "cookie": "cluster" }}, "tls": {{ {tls} }}, "epmd": {{ "mode": "off" }},
              "acceptors": [{{ "port": 0 }}, {{ "port": 0, "danger_plaintext": true }}],
              "routes": [{{ "match": "b@localhost", "port": 1, "danger_insecure_skip_verify": true }}] }}"#
    );
    world.write("a.json", text, 0o644);
    let path = world.directory.join("a.json");
    let report = block_on(examine(&Case::of_file(&path, &Layers::default()).unwrap()));
    assert!(report.is_well(), "{report:#?}");
    let weak = report.findings().iter().filter(|finding| finding.check == Check::Configuration && finding.health == Health::Absent);
    let places: Vec<&str> = weak.map(|finding| finding.about.as_str()).collect();
    assert_eq!(places, [path.to_str().unwrap(), "tls", "acceptors[1]", "routes[0]"]);
}

#[test]
fn a_cookie_that_cannot_be_read_where_it_stands_is_not_missed_elsewhere() {
    let world = World::new();
    for cookie in ["5", r#""${COUNTERSIGN_NOT_SET}""#] {
        let text = format!(r#"{{ "node": {{ "name": "a@localhost", "cookie": {cookie} }}, "tls": null, "acceptors": [] }}"#);
        let report = block_on(examine(&Case::of_json(&text, &world.directory))).wrong();
        assert_eq!(report.findings().iter().map(|finding| finding.about.as_str()).collect::<Vec<_>>(), ["node.cookie"], "{report:#?}");
    }
}

/// A program may write it, such as one that decrypts it; what never ends is no configuration.
#[test]
fn a_configuration_may_come_through_a_pipe_and_has_an_end() {
    let world = crate::program::World::new();
    world.issue("ca", &["a@localhost"]);
    world.write("a.json", &crate::running::configuration(0));
    let piped = |program: &str| {
        let mut command = world.command("sh", "-c");
        command.arg(format!("{program} | {} config check /dev/stdin", crate::program::COUNTERSIGN));
        crate::program::ran(command)
    };
    let ran = piped(r#"sed "s|\"dir\": \"|&$PWD/|" a.json"#);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    let ran = piped("yes");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("it is longer than 4194304 bytes"), "{}", ran.err);
}
