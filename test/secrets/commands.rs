//! A node and the commands that reach it, with everything logged, in both forms.

use crate::canary::Canary;
use crate::world::{COUNTERSIGN, Ran, Running, World, ran};

const COOKIE: &str = "COOKIEQZXJWVKYPTLMBN";
/// Of a binary in the external term format: version, tag and length.
const HEAD: usize = 6;
const PAYLOAD: &str = "payload-qzxjwv-of-a-message";

/// A command whose log says everything.
fn loud(world: &World, arguments: &str) -> Ran {
    let mut command = world.command(COUNTERSIGN, arguments);
    command.env("RUST_LOG", "trace");
    ran(command)
}

#[test]
fn commands_and_nodes_say_no_cookie_no_key_and_no_message() {
    for form in ["text", "json"] {
        let world = World::new();
        world.issue("ca", &["a@localhost", "b@localhost"]);
        world.write("cookie", COOKIE);
        world.write("other", "another-cookie");
        let keys = ["a@localhost", "b@localhost"].map(|name| Canary::key(&world.read(&format!("{name}/tls.key"))));
        let all = [Canary::text("cookie", COOKIE), Canary::text("message", PAYLOAD)].into_iter().chain(keys).collect::<Vec<_>>();

        let mut shell = world.command("sh", "-c");
        let start =
            format!("exec \"$0\" start --tls-dir a@localhost --cookie-file cookie --port 0 --trace-control --log {form} 2>log >out");
        shell.arg(start).arg(COUNTERSIGN).env("RUST_LOG", "trace");
        let node = Running::of(shell);
        let own = "--tls-dir a@localhost --cookie-file cookie";
        let mut said = Vec::new();
        // Nobody says when it runs: its words go into a file.
        let began = std::time::Instant::now();
        while loud(&world, &format!("ping {own}")).code != 0 {
            assert!(began.elapsed() < std::time::Duration::from_secs(60), "{}", world.read("log"));
        }
        for (code, typed) in [
            (0, format!("ping {own}")),
            (0, format!("status {own}")),
            (0, format!("status --json {own}")),
            (0, format!("send a@localhost countersign \"{PAYLOAD}\" {own}")),
            (1, format!("send a@localhost nobody \"{PAYLOAD}\" {own}")),
            (1, format!("call a@localhost os cmd [\"{PAYLOAD}\"] {own}")),
            (2, format!("send a@localhost countersign \"{PAYLOAD} {own}")),
            (2, format!("call a@localhost os cmd {{{PAYLOAD} {own}")),
            (1, "ping a@localhost --tls-dir b@localhost --cookie-file other".to_owned()),
            (1, "stop a@localhost --tls-dir b@localhost --cookie-file cookie".to_owned()),
            (0, "cert inspect a@localhost/tls.key".to_owned()),
            (0, "cert inspect a@localhost/tls.crt".to_owned()),
            (1, "cert verify a@localhost/tls.crt --ca a@localhost/ca.crt --key b@localhost/tls.key".to_owned()),
            (1, "cert fingerprint a@localhost/tls.key".to_owned()),
            (2, "ping --tls-dir a@localhost --cookie-file a@localhost".to_owned()),
            (0, format!("stop {own}")),
        ] {
            let ran = loud(&world, &typed);
            assert_eq!(ran.code, code, "{typed}\n{}{}", ran.out, ran.err);
            said.push((typed, format!("{}{}", ran.out, ran.err)));
        }
        assert!(node.ended().success());
        said.push(("the node's log".to_owned(), world.read("log")));
        said.push(("the node's output".to_owned(), world.read("out")));
        for (place, text) in &said {
            all.iter().for_each(|canary| canary.is_not_in(place, text));
        }
        // They were in use: the cookie let some in and one not, the key made a link, the message was there to be traced.
        let log = world.read("log");
        let payload = format!("binary, {} bytes", HEAD + PAYLOAD.len());
        for words in ["cookie_mismatch", "node_up", "TLSv1_3", "REG_SEND", payload.as_str()] {
            assert!(log.contains(words), "{words} is not in\n{log}");
        }
    }
}

#[test]
fn certificates_are_made_renewed_and_listed_without_a_word_of_their_keys() {
    let world = World::new();
    let (mut said, mut keys) = (String::new(), Vec::new());
    for typed in
        ["cert ca -n Root", "cert agent -n a --dns localhost", "cert client -n c", "cert renew certs/a.crt", "cert revoke certs/c.crt"]
    {
        let ran = loud(&world, typed);
        assert_eq!(ran.code, 0, "{}", ran.err);
        said.extend([ran.out, ran.err]);
        for key in ["ca", "a", "c"] {
            let path = world.directory.join(format!("certs/{key}.key"));
            keys.extend(path.exists().then(|| Canary::key(&std::fs::read_to_string(path).unwrap())));
        }
    }
    for typed in ["cert list --json", "cert list", "cert inspect certs/a.key --json", "cert agent -n a --dns localhost"] {
        let ran = loud(&world, typed);
        said.extend([ran.out, ran.err]);
    }
    keys.iter().for_each(|key| key.is_not_in("the commands", &said));
    assert!(keys.len() > 10 && said.contains("issued the agent certificate"), "{said}");
}

#[test]
fn a_development_node_shows_how_to_join_it_and_not_its_cookie() {
    let world = World::new();
    let mut command = world.command(COUNTERSIGN, "start --port 0 --trace-control");
    command.env("RUST_LOG", "trace");
    let node = Running::of(command);
    node.line_after("an Erlang shell joins with");
    let (cookie, key) = (world.read("dev/.erlang.cookie"), world.read("dev/dev@localhost.key"));
    let said = ["ping", "status --json", "stop"].map(|typed| {
        let ran = loud(&world, typed);
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.out + &ran.err
    });
    let all = node.rest().join("\n") + &said.concat();
    Canary::text("cookie", cookie.trim()).is_not_in("start", &all);
    Canary::key(&key).is_not_in("start", &all);
    assert!(all.contains("node_up"), "{all}");
}

#[test]
fn a_demo_says_no_cookie_and_no_key() {
    let world = World::new();
    let mut shell = world.command("sh", "-c");
    shell.arg("exec \"$0\" demo --stay 2>log >out").arg(COUNTERSIGN).env("RUST_LOG", "trace").env("TMPDIR", &*world.directory);
    let demo = Running::of(shell);
    // Nobody says how far it is: its words go into a file.
    let began = std::time::Instant::now();
    let story = || std::fs::read_to_string(world.directory.join("out")).unwrap_or_default();
    while !story().contains("net_adm:ping") {
        assert!(began.elapsed() < std::time::Duration::from_secs(60), "{}{}", story(), world.read("log"));
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let story = story();
    let folder = story.split_once("HOME=").unwrap().1.split(' ').next().unwrap().rsplit('/').next().unwrap();
    let cookie = Canary::text("cookie", world.read(&format!("{folder}/.erlang.cookie")).trim());
    let keys =
        ["ca", "a@localhost", "b@localhost", "shell@localhost"].map(|name| Canary::key(&world.read(&format!("{folder}/{name}.key"))));
    demo.signal("INT");
    assert!(demo.ended().success());
    for file in ["out", "log"] {
        [&cookie].into_iter().chain(&keys).for_each(|canary| canary.is_not_in(file, &world.read(file)));
    }
    assert!(world.read("log").contains("certificate_rotated") && world.read("log").contains("unknown_ca"));
}
