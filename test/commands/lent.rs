//! Keys and cookies that belong to root, and that a group may read: as Kubernetes mounts them for a node without privileges.

use crate::world::{COUNTERSIGN, Ran, World, ran};
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;

#[test]
fn a_node_without_privileges_takes_what_root_lets_its_group_read_and_nothing_that_others_can_read() {
    let world = World::new();
    if chown(&*world.directory, Some(0), Some(GROUP)).is_err() {
        eprintln!("skipped: a_node_without_privileges_takes_what_root_lets_its_group_read (only root can make such files)");
        return;
    }
    world.issue("ca", &["a@localhost"]);
    world.write("a@localhost/cookie", "secret");
    let program = world.directory.join("countersign");
    fs::copy(COUNTERSIGN, &program).unwrap();
    lend(&world.directory.join("a@localhost"), 0, 0o750);
    lend(&program, 0, 0o750);
    lend(&world.directory, 0, 0o750);
    let key = world.directory.join("a@localhost/tls.key");
    let cases = [
        (0, 0o440, "unreachable"),
        (0, 0o640, "unreachable"),
        (0, 0o400, "cannot be read"),
        (0, 0o444, "the private key can be read by others (mode 0444)"),
        (0, 0o460, "the private key can be read by others (mode 0460)"),
        (USER, 0o400, "unreachable"),
        (USER, 0o440, "the private key can be read by others (mode 0440)"),
    ];
    for (owner, mode, outcome) in cases {
        for file in ["tls.crt", "ca.crt", "cookie"] {
            lend(&world.directory.join("a@localhost").join(file), 0, 0o440);
        }
        lend(&key, owner, mode);
        let ran = as_nobody(&world, &program);
        assert!(ran.err.contains(outcome), "{owner} {mode:o}: {}", ran.err);
    }
}

fn lend(path: &Path, owner: u32, mode: u32) {
    chown(path, Some(owner), Some(GROUP)).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Nobody listens, so that whoever has read everything says `unreachable`.
fn as_nobody(world: &World, program: &Path) -> Ran {
    let mut command = world.command(program.to_str().unwrap(), "ping a@localhost --tls-dir a@localhost --cookie-file a@localhost/cookie");
    command.uid(USER).gid(GROUP);
    ran(command)
}

const USER: u32 = 65_532;
const GROUP: u32 = 65_531;
