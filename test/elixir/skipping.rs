//! Elixir that is not installed is skipped aloud, and is missed where it must be.

use crate::scratch::{Scratch, printed};
use std::process::{Command, Output};

#[test]
fn without_elixir_a_test_says_that_it_was_skipped() {
    let empty = Scratch::new();
    let skipped = one_test(&empty, "false");
    assert!(skipped.status.success(), "{skipped:?}");
    assert!(printed(&skipped.stderr).contains("skipped: an_agent_answers_us (elixir is not installed)"), "{skipped:?}");
    assert!(!one_test(&empty, "true").status.success());
}

/// Runs a test of this binary where only programs of this folder are found.
fn one_test(programs: &Scratch, ci: &str) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "calling::an_agent_answers_us", "--nocapture"]);
    command.env("PATH", &**programs).env("CI", ci).env_remove("COUNTERSIGN_OTP_ROOT").output().unwrap()
}
