//! What the program says of itself, whole: each help text, and the manual page. They are held against files, which
//! `RENEW_SNAPSHOTS=1 cargo test --test cli snapshots` writes anew; what has changed is then read in the diff.

use crate::commands::{all, help};
use crate::scratch::printed;
use crate::world::World;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn each_help_text_is_the_one_in_its_file() {
    all().iter().for_each(|command| hold(&file(command), &help(command)));
    let kept: BTreeSet<PathBuf> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    let wanted = all().iter().map(|command| file(command)).collect();
    let stale: Vec<&PathBuf> = kept.difference(&wanted).collect();
    if is_renewing() {
        return stale.into_iter().for_each(|path| fs::remove_file(path).unwrap());
    }
    assert!(stale.is_empty(), "no command has this help any more: {stale:?}");
}

#[test]
fn every_command_helps_with_an_example_of_itself() {
    for command in all() {
        let help = help(&command);
        assert!(help.contains("\n  countersign "), "{command:?}\n{help}");
        let is_leaf = !help.contains("\nCommands:\n");
        assert!(!is_leaf || help.contains("Example") && help.contains(&format!("\n  countersign {command}")), "{command:?}\n{help}");
    }
}

#[test]
fn no_line_of_a_help_text_is_too_long_for_a_hundred_columns() {
    for command in all() {
        let help = help(&command);
        let lines: Vec<&str> = help.lines().collect();
        // What did not fit stands alone between two full lines.
        let torn =
            lines.windows(2).find(|two| two[0].len() > 80 && !two[0].starts_with(' ') && !two[1].is_empty() && !two[1].contains(' '));
        assert!(torn.is_none(), "{command:?}: {torn:?}");
    }
}

#[test]
fn the_manual_page_is_the_one_in_priv_and_has_every_command() {
    let page = World::new().done("man").out;
    hold(&root().join("priv/countersign.1"), &page);
    for command in all().iter().filter(|command| !help(command).contains("\nCommands:\n")) {
        assert!(page.contains(&format!(".SS \"countersign {}\"\n", command.replace('-', "\\-"))), "{command}");
    }
}

#[test]
fn man_has_nothing_to_say_against_the_page() {
    let world = World::new();
    fs::write(world.0.join("page.1"), world.done("man").out).unwrap();
    let mut man = Command::new("man");
    man.args(["--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", "page.1"]).current_dir(&*world.0);
    let Ok(checked) = man.output() else {
        return eprintln!("skipped: man_has_nothing_to_say_against_the_page (man is not installed)");
    };
    let said = printed(&checked.stderr);
    assert!(checked.status.success() && said.is_empty(), "{said}");
}

/// Holds a text against a file, or writes the file if that is asked for.
#[track_caller]
fn hold(path: &Path, text: &str) {
    if is_renewing() {
        return fs::write(path, text).unwrap();
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    let differ = kept.lines().zip(text.lines()).enumerate().find(|(_, (kept, said))| kept != said);
    let first = differ.map_or_else(|| "one is longer".to_owned(), |(at, (kept, said))| format!("line {}\n- {kept}\n+ {said}", at + 1));
    let path = path.strip_prefix(root()).unwrap_or(path).display();
    assert!(
        kept == text,
        "{path} is not what the program says: {first}\nif it should be: RENEW_SNAPSHOTS=1 cargo test --test cli snapshots"
    );
}

fn is_renewing() -> bool {
    std::env::var_os("RENEW_SNAPSHOTS").is_some()
}

fn file(command: &str) -> PathBuf {
    let name = format!("countersign {command}").trim_end().replace(' ', "-");
    folder().join(format!("{name}.txt"))
}

fn folder() -> PathBuf {
    root().join("test/cli/snapshots")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
