//! The README is walked through from top to bottom, by the one who types and the one who reads.
//!
//! Its blocks for terminals are typed into shells in a home of the test's own, and what the README shows must be said.
//! Where `…` is the last line that is shown, the program may go on, or say more.
//! Without `erl` and `elixir` the walk says that it was skipped; where the environment says `CI=true` it fails.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test reports by panicking")]

mod document;
#[path = "../support/otp/here.rs"]
#[expect(dead_code, clippy::print_stderr, reason = "other tests ask for other programs; a test that was skipped must say so")]
mod here;
mod likeness;
#[path = "../support/scratch.rs"]
#[expect(dead_code, clippy::print_stderr, reason = "other tests run commands there")]
mod scratch;
mod terminal;
mod walk;

use document::{blocks, languages};
use walk::Walk;

const README: &str = include_str!("../../README.md");

#[test]
fn the_readme_says_what_its_commands_say() {
    if !here::programs_are_here("the_readme_says_what_its_commands_say", &["erl", "elixir"]) {
        return;
    }
    let mut walk = Walk::new();
    let blocks = blocks(README);
    assert!(blocks.len() > 5, "the README shows less than it did: {}", blocks.len());
    blocks.iter().for_each(|block| walk.go_through(block));
}

#[test]
fn no_block_of_the_readme_is_for_a_shell_and_not_run() {
    let known = ["console", "rust", "json", "text", "erlang", "elixir", "toml"];
    let unknown: Vec<_> = languages(README).into_iter().filter(|language| !known.contains(language)).collect();
    assert!(unknown.is_empty(), "{unknown:?}: whatever a person may type stands in a block `console NAME`");
}
