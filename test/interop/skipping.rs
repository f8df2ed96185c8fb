//! A peer that is not installed is skipped aloud, and is missed where it must be.

use crate::scratch::{Scratch, printed};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

#[test]
fn without_erl_a_test_says_that_it_was_skipped() {
    let empty = Scratch::new();
    let skipped = one_test(&empty, "false");
    assert!(skipped.status.success(), "{skipped:?}");
    assert!(printed(&skipped.stderr).contains(SKIPPED), "{skipped:?}");
    assert!(!one_test(&empty, "true").status.success());
}

/// As after installing only the first half of Debian's packages.
#[test]
fn without_the_ssl_of_erl_a_test_says_that_it_was_skipped() {
    let folder = Scratch::new();
    let erl = folder.join("erl");
    std::fs::write(&erl, "#!/bin/sh\nexit 0\n").unwrap();
    std::fs::set_permissions(&erl, PermissionsExt::from_mode(0o755)).unwrap();
    let skipped = one_test(&folder, "false");
    assert!(skipped.status.success(), "{skipped:?}");
    assert!(printed(&skipped.stderr).contains(SKIPPED), "{skipped:?}");
    assert!(!one_test(&folder, "true").status.success());
}

/// Runs a test of this binary where only programs of this folder are found.
fn one_test(programs: &Scratch, ci: &str) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "meeting::nodes_over_tcp_find_each_other", "--nocapture"]);
    command.env("PATH", &**programs).env("CI", ci).env_remove("COUNTERSIGN_OTP_ROOT").output().unwrap()
}

const SKIPPED: &str = "skipped: nodes_over_tcp_find_each_other (erl with the application ssl is not installed)";
