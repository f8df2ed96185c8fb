//! The log on standard error: lines for people, or objects for programs.

mod json;
mod text;

use crate::observe::Event;
use clap::{Args, ValueEnum};
use std::panic::{self, PanicHookInfo};

/// How the log of a command that runs for long is written.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct LogFlags {
    /// How the log is written: for people, or for programs with one JSON object a line
    #[arg(long, value_name = "FORM", default_value = "text")]
    log: Form,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    #[default]
    Text,
    Json,
}

/// What a command wants of the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    usual: &'static str,
    form: Form,
}

impl Wanted {
    /// Of a command that runs for a moment: what is wrong, for the person who waits for it.
    pub(super) const FOR_A_MOMENT: Self = Self { usual: "warn", form: Form::Text };

    /// Of a command that says itself what is wrong, and by whose fault.
    pub(super) const BESIDE_A_DIAGNOSIS: Self = Self { usual: "error", form: Form::Text };

    /// Of a node that runs for months: how it is.
    pub(super) const fn for_long(flags: LogFlags) -> Self {
        Self { usual: "info", form: flags.log }
    }

    /// Of a command that says itself how it is: for a person nothing but what is wrong.
    pub(super) const fn beside_remarks(flags: LogFlags) -> Self {
        let usual = match flags.log {
            Form::Text => "warn",
            Form::Json => "info",
        };
        Self { usual, form: flags.log }
    }

    /// Whether programs read what stands on standard error.
    pub(super) fn is_for_programs(self) -> bool {
        self.form == Form::Json
    }

    /// Begins to write. RUST_LOG asks for more or less.
    pub(super) fn start(self) {
        let environment = env_logger::Env::default().default_filter_or(self.usual);
        let mut builder = env_logger::Builder::from_env(environment);
        match self.form {
            Form::Text => builder.format(text::write),
            Form::Json => builder.format(json::write),
        };
        // A second start in one process, as tests may do it, keeps the first one's log.
        let _ = builder.try_init();
        if self.is_for_programs() {
            panic::set_hook(Box::new(panicked));
        }
    }
}

/// What panics says so in several lines of its own otherwise, which no program could read.
fn panicked(info: &PanicHookInfo<'_>) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let panic = info.payload_as_str().unwrap_or("it says nothing that can be shown");
    log::error!(target: TARGET, event:% = Event::Panicked, panic, place; "a thread panicked");
}

/// What the command line itself says.
pub(super) const TARGET: &str = "countersign::cli";
