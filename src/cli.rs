//! The command line: run a node (`start`), watch two (`demo`), ask one (`ping`, `status`, `links`, `call`, `send`,
//! `disconnect`, `rotate`, `stop`), make its certificates (`cert …`), look at its configuration (`config …`), find it
//! (`names`, `epmd`), find out why it is not well (`doctor`). One table of commands and flags, `Program`, is behind
//! help, manual page and completions.
//!
//! Data goes to standard output; warnings, remarks and errors go to standard error. Exit codes: 0 done,
//! 1 the thing asked about is not well, 2 wrong usage, or a file that cannot be read.

mod access;
mod ask;
mod ca_in_use;
mod call;
mod cert;
mod completions;
mod configuration;
mod console;
mod demo;
mod development;
mod disconnect;
mod doctor;
mod epmd;
mod links;
mod logging;
mod manual;
mod names;
mod overrides;
mod ping;
mod rotate;
mod send;
mod short;
mod spoken;
mod start;
mod status;
mod stop;
mod trouble;

use clap::{Parser, Subcommand};
use console::{Console, Reader};
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use trouble::Trouble;

/// Runs the program with these arguments, the first of which is its own name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let command = match Program::try_parse_from(arguments) {
        Ok(program) => program.command,
        Err(error) => return refuse_usage(&error),
    };
    let (log, refused) = match command.log() {
        Ok(log) => (log, None),
        Err(trouble) => (logging::Wanted::FOR_A_MOMENT, Some(trouble)),
    };
    log.start();
    let (mut out, mut err) = (io::stdout(), io::stderr());
    let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let (terminal_out, terminal_err) = (io::stdout().is_terminal(), io::stderr().is_terminal());
    let reader = match (log.is_for_programs(), terminal_err) {
        (true, _) => Reader::Program,
        (false, true) => Reader::Waiting,
        (false, false) => Reader::Person,
    };
    let mut console = Console::new((&mut out, wanted && terminal_out), (&mut err, wanted && terminal_err), reader);
    match refused.map_or_else(|| command.run(&mut console), Err) {
        Ok(exit) => exit.into(),
        // The reader, such as `head`, has seen enough.
        Err(trouble) if trouble.is_broken_pipe() => Exit::Done.into(),
        Err(trouble) => {
            // Where standard error is gone too, the exit code has to do.
            let _ = console.error(&trouble);
            trouble.exit().into()
        }
    }
}

/// What the program says with its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Done,
    Unwell,
    Usage,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Unwell => 1,
            Exit::Usage => 2,
        })
    }
}

/// An Erlang-distribution node whose links are mutual TLS with certificates that rotate at run time.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, max_term_width = 100, after_help = FIRST_STEPS)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Start(start::Start),
    Demo(demo::Demo),
    #[command(hide = true)]
    DemoNode(demo::DemoNode),
    Ping(ping::Ping),
    Status(status::Status),
    Links(links::Links),
    Disconnect(disconnect::Disconnect),
    Rotate(rotate::Rotate),
    Call(call::Call),
    Send(send::Send),
    Stop(stop::Stop),
    Doctor(doctor::Doctor),
    CaInUse(ca_in_use::CaInUse),
    #[command(subcommand)]
    Cert(cert::Command),
    #[command(subcommand, name = "config")]
    Configuration(configuration::Command),
    Epmd(epmd::Epmd),
    Names(names::Names),
    Completions(completions::Completions),
    Man(manual::Man),
}

impl Command {
    fn log(&self) -> Result<logging::Wanted, Trouble> {
        match self {
            Self::Start(command) => command.log(),
            Self::Epmd(command) => command.log(),
            Self::Demo(_) | Self::DemoNode(_) => Ok(logging::Wanted::BESIDE_A_STORY),
            Self::Doctor(_) => Ok(logging::Wanted::BESIDE_A_DIAGNOSIS),
            _ => Ok(logging::Wanted::FOR_A_MOMENT),
        }
    }

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        match self {
            Self::Start(command) => command.run(console),
            Self::Demo(command) => command.run(console),
            Self::DemoNode(command) => command.run(console),
            Self::Ping(command) => command.run(console),
            Self::Status(command) => command.run(console),
            Self::Links(command) => command.run(console),
            Self::Disconnect(command) => command.run(console),
            Self::Rotate(command) => command.run(console),
            Self::Call(command) => command.run(console),
            Self::Send(command) => command.run(console),
            Self::Stop(command) => command.run(console),
            Self::Doctor(command) => command.run(console),
            Self::CaInUse(command) => command.run(console),
            Self::Cert(command) => command.run(console),
            Self::Configuration(command) => command.run(console),
            Self::Epmd(command) => command.run(console),
            Self::Names(command) => command.run(console),
            Self::Completions(command) => command.run(console),
            Self::Man(command) => command.run(console),
        }
    }
}

/// Help and version are answers, everything else is wrong usage; clap knows which, and where to print.
fn refuse_usage(error: &clap::Error) -> ExitCode {
    // It repeats what it does not understand.
    let _ = if error.to_string().contains("-----BEGIN") { writeln!(io::stderr(), "{PEM_IN_AN_ARGUMENT}") } else { error.print() };
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

const PEM_IN_AN_ARGUMENT: &str = "\
error: a key or a certificate stands where a word or a path is wanted
hint: put it into a file of its own that only you can read, and say the file's path";

const FIRST_STEPS: &str = "\
First steps:
  countersign demo             shows what it does, in ten seconds, and leaves nothing behind
  countersign start            runs a node, and says how an Erlang shell joins it
  countersign ping             asks it whether it is there
  countersign status           shows its certificate, its links, and what failed
  countersign doctor           finds out what is wrong, with a cure, whether it runs or not
  countersign stop             ends it

With certificates of your own: countersign cert --help
Settings of a node: --config FILE; priv/node.json is a sample
The whole manual: countersign man | man -l -";
