//! The command line: run a node (`start`), ask one (`ping`, `status`, `links`, `call`, `send`, `disconnect`, `stop`), make
//! its certificates (`cert …`), find it (`names`, `epmd`).
//!
//! Data goes to standard output; warnings, remarks and errors go to standard error. Exit codes: 0 done,
//! 1 the thing asked about is not well, 2 wrong usage, or a file that cannot be read.

mod access;
mod ask;
mod ca_in_use;
mod call;
mod cert;
mod console;
mod development;
mod disconnect;
mod epmd;
mod links;
mod names;
mod ping;
mod send;
mod short;
mod spoken;
mod start;
mod status;
mod stop;
mod trouble;

use clap::{Parser, Subcommand};
use console::Console;
use std::ffi::OsString;
use std::io::{self, ErrorKind, IsTerminal};
use std::process::ExitCode;
use trouble::Trouble;

/// Runs the program with these arguments, the first of which is its own name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let command = match Program::try_parse_from(arguments) {
        Ok(program) => program.command,
        Err(error) => return refuse_usage(&error),
    };
    start_log(command.usual_log());
    let (mut out, mut err) = (io::stdout(), io::stderr());
    let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let colours = (wanted && io::stdout().is_terminal(), wanted && io::stderr().is_terminal());
    let mut console = Console::new((&mut out, colours.0), (&mut err, colours.1));
    match command.run(&mut console) {
        Ok(exit) => exit.into(),
        // The reader, such as `head`, has seen enough.
        Err(Trouble::Output(error)) if error.kind() == ErrorKind::BrokenPipe => Exit::Done.into(),
        Err(trouble) => {
            // Where standard error is gone too, the exit code has to do.
            let _ = console.error(&trouble);
            trouble.exit().into()
        }
    }
}

/// Warnings of the library are for the person at the terminal; RUST_LOG asks for more or less.
fn start_log(usual: &str) {
    let environment = env_logger::Env::default().default_filter_or(usual);
    // A second start in one process, as tests may do it, keeps the first one's log.
    let _ = env_logger::Builder::from_env(environment).format_timestamp(None).try_init();
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
    Ping(ping::Ping),
    Status(status::Status),
    Links(links::Links),
    Disconnect(disconnect::Disconnect),
    Call(call::Call),
    Send(send::Send),
    Stop(stop::Stop),
    CaInUse(ca_in_use::CaInUse),
    #[command(subcommand)]
    Cert(cert::Command),
    Epmd(epmd::Epmd),
    Names(names::Names),
}

impl Command {
    /// A node that runs for months tells how it is; a command that runs for a moment, only what is wrong.
    const fn usual_log(&self) -> &'static str {
        if matches!(self, Self::Start(_)) { "info" } else { "warn" }
    }

    fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        match self {
            Self::Start(command) => command.run(console),
            Self::Ping(command) => command.run(console),
            Self::Status(command) => command.run(console),
            Self::Links(command) => command.run(console),
            Self::Disconnect(command) => command.run(console),
            Self::Call(command) => command.run(console),
            Self::Send(command) => command.run(console),
            Self::Stop(command) => command.run(console),
            Self::CaInUse(command) => command.run(console),
            Self::Cert(command) => command.run(console),
            Self::Epmd(command) => command.run(console),
            Self::Names(command) => command.run(console),
        }
    }
}

/// Help and version are answers, everything else is wrong usage; clap knows which, and where to print.
fn refuse_usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

const FIRST_STEPS: &str = "\
First steps:
  countersign start            runs a node, and says how an Erlang shell joins it
  countersign ping             asks it whether it is there
  countersign status           shows its certificate, its links, and what failed
  countersign stop

With certificates of your own: countersign cert --help
Settings of a node: --config FILE; priv/countersign.json is a sample";
