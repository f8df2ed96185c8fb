//! A node whose certificate has little time left says so; the commands that reach it with the same certificate do not.

use crate::world::{COUNTERSIGN, Running, World};
use countersign::clock::{Clock, DAY, SystemClock};
use countersign::testing::Ca;

#[test]
fn the_node_warns_at_start_and_in_its_status_and_a_ping_says_nothing_of_it() {
    let (world, ca, now) = (World::new(), Ca::new(), SystemClock.now());
    // In the middle of an hour, so that no second counts.
    let end = now + 5 * DAY + 1_800;
    let leaf = ca.leaf().common_name("a").names(&["localhost", "erl:a@localhost"]).valid(now + -85 * DAY, end);
    let (chain, key) = leaf.pem();
    std::fs::create_dir(world.directory.join("tls")).unwrap();
    world.write("tls/tls.crt", &chain);
    world.write("tls/tls.key", &String::from_utf8_lossy(key.expose()));
    world.write("tls/ca.crt", &ca.pem());
    world.write("cookie", "secret");
    // It says so when its name is known and its acceptor open: from then on it is reached.
    let node = Running::of(world.command(COUNTERSIGN, "start --tls-dir tls --cookie-file cookie --port 0"));
    let line = node.line_after("own certificate ends soon");
    assert!(line.contains("stage=tenth") && line.contains("event=own_certificate_ending"), "{line}");

    let ping = world.done("ping --tls-dir tls --cookie-file cookie");
    assert_eq!(ping.err, "");
    let status = world.done("status --tls-dir tls --cookie-file cookie").out;
    let row = status.lines().skip_while(|line| *line != "own certificates").nth(2).unwrap();
    let cells: Vec<&str> = row.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
    let hint = "renew it, and have the node take the new one: countersign cert renew, countersign rotate";
    assert_eq!(cells, ["node", "tenth", "5 days", &end.to_string(), "-", hint]);
}
