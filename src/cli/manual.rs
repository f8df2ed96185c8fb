//! `man`: the manual page, made from the table of commands and flags.
//!
//! One page for all commands, and by hand: `clap_mangen` makes a page for each, and fills the lines of examples.

mod roff;

use super::console::Console;
use super::{Exit, Program, Trouble};
use crate::observe::Event;
use clap::{Arg, Args, Command, CommandFactory};
use roff::Page;

/// Print the manual page
#[derive(Debug, Args)]
#[command(after_help = "\
The page is in roff, which man shows.

Examples:
  countersign man | man -l -
  countersign man > /usr/local/share/man/man1/countersign.1")]
pub(super) struct Man {}

impl Man {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        console.line(page().trim_end())?;
        Ok(Exit::Done)
    }
}

fn page() -> String {
    let mut program = Program::command();
    program.build();
    let mut page = Page::new("COUNTERSIGN", "1", program.get_version().unwrap_or_default());
    page.section("NAME");
    page.text(&format!("countersign - {}", about(&program)));
    page.section("SYNOPSIS");
    page.bold_then("countersign", " COMMAND [OPTIONS]");
    page.section("DESCRIPTION");
    page.help(&after_help(&program));
    page.section("COMMANDS");
    program.get_subcommands().for_each(|command| describe(&mut page, command));
    page.section("EXIT STATUS");
    EXIT_STATUS.iter().for_each(|(code, meaning)| page.term(code, meaning));
    page.section("ENVIRONMENT");
    ENVIRONMENT.iter().for_each(|(name, meaning)| page.term(name, meaning));
    page.section("EVENTS OF THE LOG");
    page.text("Each line of the log from info up names its event, with --log json under the key event. Those of security come first.");
    Event::ALL.iter().for_each(|event| page.term(event.as_str(), event.meaning()));
    page.finish()
}

/// A command that is none itself has those below it described.
fn describe(page: &mut Page, command: &Command) {
    if command.is_hide_set() || command.get_name() == "help" {
        return;
    }
    if command.has_subcommands() {
        return command.get_subcommands().for_each(|below| describe(page, below));
    }
    page.subsection(command.get_bin_name().unwrap_or(command.get_name()));
    page.text(&format!("{}.", about(command)));
    page.paragraph();
    page.text(&usage(command));
    let (named, placed): (Vec<&Arg>, Vec<&Arg>) = command.get_arguments().partition(|arg| !arg.is_positional());
    placed.into_iter().chain(named).filter(|arg| is_worth_a_word(arg)).for_each(|arg| page.term(&heading(arg), &meaning(arg)));
    page.paragraph();
    page.help(&after_help(command));
}

fn usage(command: &Command) -> String {
    command.clone().render_usage().to_string()
}

/// Every command has `--help`, and nobody looks for it here.
fn is_worth_a_word(arg: &Arg) -> bool {
    !arg.is_hide_set() && arg.get_id() != "help" && arg.get_id() != "version"
}

/// `-o, --out <DIR>`
fn heading(arg: &Arg) -> String {
    let values = arg.get_value_names().unwrap_or_default().join(" ");
    if arg.is_positional() {
        return values;
    }
    let short = arg.get_short().map(|short| format!("-{short}"));
    let long = arg.get_long().map(|long| format!("--{long}"));
    let flag = short.into_iter().chain(long).collect::<Vec<_>>().join(", ");
    if arg.get_action().takes_values() { format!("{flag} <{values}>") } else { flag }
}

fn meaning(arg: &Arg) -> String {
    let mut meaning = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let defaults: Vec<String> = arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    if arg.get_action().takes_values() {
        let words: Vec<String> = arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
        let lists = [("default", defaults), ("possible values", words)].into_iter().filter(|(_, list)| !list.is_empty());
        lists.for_each(|(label, list)| meaning.push_str(&format!(" [{label}: {}]", list.join(", "))));
    }
    meaning
}

fn about(command: &Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

fn after_help(command: &Command) -> String {
    command.get_after_help().map(ToString::to_string).unwrap_or_default()
}

const EXIT_STATUS: [(&str, &str); 3] = [
    ("0", "Done."),
    ("1", "The thing asked about is not well: a ping without answer, a certificate that is refused, a name that is taken."),
    ("2", "Wrong usage, or a configuration or file that cannot be used."),
];

const ENVIRONMENT: [(&str, &str); 5] = [
    ("RUST_LOG", "What is logged, such as debug, or warn,countersign::net=trace."),
    ("NO_COLOR", "Set to anything, nothing is coloured. Where no terminal is, nothing is coloured in any case."),
    ("COUNTERSIGN_DEV_DIR", "The development directory."),
    ("ERL_EPMD_PORT", "The port of epmd, 4369 otherwise."),
    ("ERL_EPMD_ADDRESS", "Where an epmd of ours listens besides 127.0.0.1."),
];
