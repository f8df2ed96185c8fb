//! Every command, as the program lists them.

use crate::scratch::printed;
use std::process::Command;

/// The words behind the program's name, from none at all to `cert agent`. `help` is left out: it is clap's.
pub(crate) fn all() -> Vec<String> {
    let mut found = vec![String::new()];
    let mut at = 0;
    while let Some(command) = found.get(at).cloned() {
        found.extend(below(&help(&command)).map(|word| format!("{command} {word}").trim_start().to_owned()));
        at += 1;
    }
    assert!(found.len() > 10, "the commands were not found: {found:?}");
    found
}

/// What `--help` prints, as wide as where there is no terminal.
pub(crate) fn help(command: &str) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_countersign"));
    let output = program.args(command.split_whitespace()).arg("--help").env_remove("COLUMNS").output().unwrap();
    assert!(output.status.success(), "countersign {command} --help");
    printed(&output.stdout)
}

fn below(help: &str) -> impl Iterator<Item = String> {
    let list = help.split_once("\nCommands:\n").map_or("", |(_, list)| list);
    let rows = list.lines().take_while(|line| !line.is_empty()).filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let words: Vec<String> = rows.filter_map(|row| row.split_whitespace().next()).map(str::to_owned).collect();
    words.into_iter().filter(|word| word != "help")
}
