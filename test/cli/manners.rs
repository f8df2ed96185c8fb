//! How the program behaves at a terminal and in a pipe.

use crate::commands::all;
use crate::scratch::printed;
use crate::world::World;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Output, Stdio};

#[test]
fn a_misspelt_verb_or_flag_is_answered_with_the_one_that_was_meant() {
    let world = World::new();
    for (typed, meant) in [
        ("strat", "some similar subcommands exist: 'rotate', 'status', 'start'"),
        ("cert agnet", "a similar subcommand exists: 'agent'"),
        ("cert verify x --cas y", "a similar argument exists: '--ca'"),
        ("start --tls-dri x", "a similar argument exists: '--tls-dir'"),
        ("cert ca -n x --key rsa4069", "a similar value exists: 'rsa4096'"),
        ("epmd --log jsno", "a similar value exists: 'json'"),
        ("completions bahs", "a similar value exists: 'bash'"),
    ] {
        let ran = world.run(typed);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{typed}");
        assert!(ran.err.contains(meant), "{typed}\n{}", ran.err);
    }
}

/// Reads the first line of what the program prints to a pipe, and closes it.
fn first_line_of(arguments: &[&str], world: &World) -> (String, Output) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    let mut child = command.args(arguments).current_dir(&*world.0).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    // What is read ahead is gone with the reader.
    BufReader::with_capacity(1, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (line, child.wait_with_output().unwrap())
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let world = World::furnished();
    let mut bundle = std::fs::File::create(world.0.join("bundle.pem")).unwrap();
    let certificate = std::fs::read(world.0.join("certs/a.crt")).unwrap();
    // More than a pipe holds.
    (0..200).for_each(|_| bundle.write_all(&certificate).unwrap());
    for arguments in [
        &["cert", "inspect", "bundle.pem"][..],
        &["cert", "inspect", "bundle.pem", "--json"],
        &["man"],
        &["completions", "bash"],
        &["--help"],
    ] {
        let (line, output) = first_line_of(arguments, &world);
        assert!(!line.is_empty(), "{arguments:?}");
        assert_eq!((output.status.code(), printed(&output.stderr).as_str()), (Some(0), ""), "{arguments:?}");
    }
}

/// The program at a terminal that `script` plays, and what the person there sees of both streams.
fn seen_at_a_terminal(test: &str, world: &World, arguments: &str, variables: &[(&str, &str)]) -> Option<String> {
    let line = format!("{} {arguments}", env!("CARGO_BIN_EXE_countersign"));
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).current_dir(&*world.0).env_remove("NO_COLOR").env("TERM", "xterm").stdin(Stdio::null());
    let Ok(output) = script.envs(variables.iter().copied()).output() else {
        assert!(std::env::var_os("CI").is_none_or(|value| value != "true"), "{test} needs script, and CI must have it");
        eprintln!("skipped: {test} (script is not installed)");
        return None;
    };
    Some(printed(&output.stdout))
}

#[test]
fn what_takes_long_says_so_at_a_terminal_and_nowhere_else() {
    let world = World::new();
    assert!(!world.done("cert ca -n Root --key rsa4096 -o quiet").err.contains("making a key"));
    let test = "what_takes_long_says_so_at_a_terminal_and_nowhere_else";
    let Some(seen) = seen_at_a_terminal(test, &world, "cert ca -n Root --key rsa4096", &[]) else { return };
    let (progress, answer) = seen.split_once("made the CA CN=Root").unwrap();
    let said = "making a key (rsa4096) …";
    assert_eq!(progress, format!("{said}\r{}\r", " ".repeat(said.chars().count())), "it is wiped away before the answer comes");
    assert!(!answer.contains("making"), "{answer}");
}

#[test]
fn colours_are_for_terminals_whose_owner_wants_them() {
    let (world, test) = (World::furnished(), "colours_are_for_terminals_whose_owner_wants_them");
    let of = |variables| seen_at_a_terminal(test, &world, "cert inspect certs/a.crt", variables);
    let Some(seen) = of(&[]) else { return };
    assert!(seen.contains("\u{1b}[32mfits\u{1b}[0m"), "{seen:?}");
    assert!(of(&[("NO_COLOR", "")]).unwrap().contains('\u{1b}'), "an empty one asks for nothing");
    assert!(!of(&[("NO_COLOR", "1")]).unwrap().contains('\u{1b}'));
    let error = seen_at_a_terminal(test, &world, "cert inspect missing", &[("NO_COLOR", "1")]).unwrap();
    assert!(error.contains("error: ") && !error.contains('\u{1b}'), "{error:?}");
    assert!(!world.done("cert inspect certs/a.crt").out.contains('\u{1b}'), "a pipe is no terminal");
}

#[test]
fn a_shell_completes_commands_and_flags() {
    let world = World::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = world.done(&format!("completions {shell}")).out;
        let words: Vec<String> = all().iter().filter_map(|command| command.split_whitespace().last().map(str::to_owned)).collect();
        assert!(words.iter().all(|word| script.contains(word.as_str())), "{shell} is not told of {words:?}");
        assert!(!script.contains("demo-node"), "{shell} is told of what is hidden");
    }
    let asked = |words: &str, current: &str, before: &str| {
        let count = words.split_whitespace().count();
        let line = format!(
            "source <(\"$0\" completions bash); COMP_WORDS=({words} {current}); COMP_CWORD={count}; \
             _countersign countersign '{current}' '{before}'; echo \"${{COMPREPLY[@]}}\""
        );
        let output = Command::new("bash").args(["-c", &line, env!("CARGO_BIN_EXE_countersign")]).output();
        output.map(|output| printed(&output.stdout).trim().to_owned())
    };
    let Ok(answer) = asked("countersign cert", "ag", "cert") else {
        return eprintln!("skipped: a_shell_completes_commands_and_flags (bash is not installed)");
    };
    assert_eq!(answer, "agent");
    assert_eq!(asked("countersign", "stat", "countersign").unwrap(), "status");
    assert_eq!(asked("countersign start", "--trace", "start").unwrap(), "--trace-control");
    assert_eq!(asked("countersign epmd --log", "js", "--log").unwrap(), "json");
}
