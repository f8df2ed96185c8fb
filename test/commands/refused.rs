//! What goes wrong is explained, with the exit code that the manual promises.

use crate::world::World;
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_process_that_is_not_there_gets_no_message() {
    let world = World::new();
    let _node = world.start("--port 0");
    let ran = world.run("send dev@localhost nobody 1");
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{}", ran.err);
    let said = "error: no process of dev@localhost has the name nobody\ncode: unreachable\nhint: countersign status lists";
    assert!(ran.err.starts_with(said), "{}", ran.err);
}

#[test]
fn a_certificate_of_another_ca_does_not_get_in() {
    let world = World::new();
    let _node = world.start("--port 0");
    world.issue("stranger", &["x@localhost"]);
    fs::copy(world.directory.join("dev/.erlang.cookie"), world.directory.join("cookie")).unwrap();
    let ran = world.run("ping dev@localhost --tls-dir x@localhost --cookie-file cookie");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("code: unknown_ca") && ran.err.contains("hint: "), "{}", ran.err);
}

#[test]
fn who_forgets_to_say_whose_certificate_is_told_so_and_not_sent_to_look_at_the_cas() {
    let world = World::new();
    world.issue("ca", &["a@localhost"]);
    world.write("cookie", "one");
    let _development = world.start("--port 0");
    let _own = world.start("--tls-dir a@localhost --cookie-file cookie --port 0");
    let said = "code: unknown_ca\nhint: is a node of the development directory meant? For another one say --config FILE or --tls-dir DIR; ";
    for command in ["ping a@localhost", "stop a@localhost"] {
        let ran = world.run(command);
        assert!(ran.code == 1 && ran.err.contains(said), "{}", ran.err);
    }
    let ran = world.run("ping nobody@localhost");
    assert!(ran.code == 1 && ran.err.contains("code: unreachable\nhint: countersign names"), "{}", ran.err);
    let ran = world.run("ping a@localhost --dev-dir dev");
    assert!(ran.code == 1 && !ran.err.contains("--tls-dir"), "{}", ran.err);
}

#[test]
fn of_a_host_that_is_nowhere_stands_there_what_the_system_says_and_nothing_in_rusts_notation() {
    let ran = World::new().run("names nowhere.invalid");
    assert_eq!(ran.code, 1);
    let said = "error: the host nowhere.invalid cannot be resolved\n  caused by: failed to lookup address information: ";
    assert!(ran.err.starts_with(said) && ran.err.matches("caused by").count() == 1, "{}", ran.err);
}

#[test]
fn who_has_no_cookie_is_told_how_to_say_one() {
    let ran = World::new().run("start --plain --name a@localhost");
    assert_eq!(ran.code, 2);
    assert!(ran.err.starts_with("error: no cookie was given") && ran.err.contains("--cookie-file FILE"), "{}", ran.err);
}

#[test]
fn a_cookie_of_another_cluster_does_not_get_in() {
    let world = World::new();
    world.issue("ca", &["a@localhost", "b@localhost"]);
    world.write("cookie", "one");
    world.write("other", "two");
    let node = world.start("--tls-dir a@localhost --cookie-file cookie --port 0");
    let ran = world.run("ping a@localhost --tls-dir b@localhost --cookie-file other");
    assert_eq!(ran.code, 1);
    // A node closes without a word, as OTP's do; its log says why.
    assert!(ran.err.contains("code: cookie_mismatch\nhint: set the same cookie on both nodes"), "{}", ran.err);
    node.line_after("code=cookie_mismatch");
}

#[test]
fn a_node_obeys_its_own_certificate_and_not_every_peers() {
    let world = World::new();
    world.issue("ca", &["a@localhost", "b@localhost"]);
    world.write("cookie", "one");
    let node = world.start("--tls-dir a@localhost --cookie-file cookie --port 0");
    let ran = world.run("stop a@localhost --tls-dir b@localhost --cookie-file cookie");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("code: not_allowed") && ran.err.contains("node.admins"), "{}", ran.err);
    world.done("stop --tls-dir a@localhost --cookie-file cookie");
    assert!(node.ended().success());
}

#[test]
fn a_mistake_in_the_configuration_is_wrong_usage_and_names_its_place() {
    let world = World::new();
    world.write("countersign.json", r#"{ "node": { "name": "a@localhost" }, "tls": { "dir": "none" } }"#);
    for command in ["start", "ping", "status", "stop"] {
        let ran = world.run(&format!("{command} --config countersign.json"));
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        assert!(ran.err.starts_with("error: countersign.json: tls.dir: none/tls.crt: cannot be read\n  caused by: "), "{}", ran.err);
        assert!(ran.err.contains("\nhint: check the path"), "{}", ran.err);
    }
}

#[test]
fn without_a_development_directory_nobody_is_meant() {
    let world = World::new();
    let ran = world.run("status");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("dev: no development directory is there yet\nhint: countersign start makes it"), "{}", ran.err);
    assert!(!world.directory.join("dev").exists());
    let ran = world.run("status --plain");
    assert!(ran.code == 2 && ran.err.contains("it is not said which node is meant\nhint: say NODE"), "{}", ran.err);
}

#[test]
fn a_development_directory_that_is_open_to_others_is_not_used() {
    let world = World::new();
    fs::create_dir(world.directory.join("dev")).unwrap();
    fs::set_permissions(world.directory.join("dev"), fs::Permissions::from_mode(0o755)).unwrap();
    let ran = world.run("start");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("the development directory is open to others (mode 0755)\nhint: chmod 700 "), "{}", ran.err);
}

#[test]
fn a_message_that_is_no_json_is_wrong_usage() {
    let ran = World::new().run("send a@localhost name oops");
    assert_eq!(ran.code, 2);
    assert!(ran.err.starts_with("error: not JSON\n  caused by: expected value at line 1 column 1\n"), "{}", ran.err);
}

#[test]
fn without_a_cookie_nothing_starts_and_nobody_is_reached() {
    let world = World::new();
    for command in ["start --plain --name a@localhost", "ping a@localhost --plain"] {
        let ran = world.run(command);
        assert!(ran.code == 2 && ran.err.contains("no cookie was given, and "), "{}", ran.err);
        assert!(ran.err.contains(".erlang.cookie has none: No such file") && ran.err.contains("\nhint: "), "{}", ran.err);
    }
}

#[test]
fn two_sources_exclude_each_other() {
    let ran = World::new().run("start --plain --config x.json");
    assert!(ran.code == 2 && ran.err.contains("cannot be used with"), "{}", ran.err);
}

#[test]
fn a_node_needs_a_name() {
    let world = World::new();
    let ran = world.run("start --plain");
    assert!(ran.code == 2 && ran.err.contains("the node has no name\nhint: say --name NAME@HOST"), "{}", ran.err);
    let ran = world.run("start --plain --name a");
    assert!(ran.code == 2 && ran.err.contains("there is no @"), "{}", ran.err);
}
