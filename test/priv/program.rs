//! Lines that begin with `countersign`, held against what the program says of itself.

use std::process::Command;

/// Whether the program has this verb and these flags.
#[track_caller]
pub(crate) fn understands(arguments: &[&str]) {
    let line = arguments.join(" ");
    let verbs: Vec<&str> = arguments.iter().copied().take_while(|word| !word.starts_with('-') && is_verb(word)).collect();
    assert!(!verbs.is_empty(), "no verb: {line}");
    let asked = Command::new(env!("CARGO_BIN_EXE_countersign")).args(&verbs).arg("--help").output().unwrap();
    assert!(asked.status.success(), "no such command: {line}");
    let help = String::from_utf8(asked.stdout).unwrap();
    let known: Vec<&str> = help.split(|letter: char| letter.is_whitespace() || letter == ',').collect();
    let flags = arguments.iter().filter(|word| word.starts_with("--"));
    flags.for_each(|flag| assert!(known.contains(flag), "{flag} is no flag: {line}"));
}

/// Neither a node nor a file.
fn is_verb(word: &str) -> bool {
    word.bytes().all(|letter| letter.is_ascii_lowercase() || letter == b'-')
}

#[test]
fn what_the_program_does_not_have_is_found() {
    understands(&["start", "--tls-dir", "/x", "--log", "json"]);
    let caught = |arguments: &'static [&str]| std::panic::catch_unwind(|| understands(arguments)).is_err();
    assert!(caught(&["starts"]) && caught(&["start", "--tls-dirs", "/x"]) && caught(&["--log", "json"]));
}
