//! The log on standard error: lines for people, or objects for programs.

mod json;
mod text;

use super::overrides::environment;
use super::trouble::Trouble;
use crate::observe::Event;
use clap::{Args, ValueEnum};
use std::panic::{self, PanicHookInfo};

/// How the log of a command that runs for long is written.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct LogFlags {
    /// How the log is written: for people, or for programs with one JSON object a line [default: text]
    #[arg(long, value_name = "FORM")]
    log: Option<Form>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    #[default]
    Text,
    Json,
}

impl LogFlags {
    fn form(self) -> Result<Form, Trouble> {
        let read = |word: String| Form::from_str(&word, false).map_err(|_| Trouble::LogForm { word });
        match self.log {
            Some(form) => Ok(form),
            None => environment("COUNTERSIGN_LOG").map_or(Ok(Form::default()), read),
        }
    }
}

/// What a command wants of the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    usual: &'static str,
    form: Form,
}

impl Wanted {
    /// Of a command that runs for a moment: what is wrong, for the person who waits for it.
    ///
    /// That its certificate will end one day is not: it is mostly the node's own, which says so itself.
    pub(super) const FOR_A_MOMENT: Self = Self { usual: "warn,countersign::expiry=error", form: Form::Text };

    /// Of a command that tells what happens, and provokes refusals: what nobody expects.
    pub(super) const BESIDE_A_STORY: Self = Self { usual: "error", form: Form::Text };

    /// Of a command that says itself what is wrong, and by whose fault.
    pub(super) const BESIDE_A_DIAGNOSIS: Self = Self { usual: "error", form: Form::Text };

    /// Of a node that runs for months: how it is.
    pub(super) fn for_long(flags: LogFlags) -> Result<Self, Trouble> {
        Ok(Self { usual: "info", form: flags.form()? })
    }

    /// Of a command that says itself how it is: for a person nothing but what is wrong.
    pub(super) fn beside_remarks(flags: LogFlags) -> Result<Self, Trouble> {
        let form = flags.form()?;
        let usual = match form {
            Form::Text => "warn",
            Form::Json => "info",
        };
        Ok(Self { usual, form })
    }

    /// Whether programs read what stands on standard error.
    pub(super) fn is_for_programs(self) -> bool {
        self.form == Form::Json
    }

    /// Begins to write. RUST_LOG asks for more or less.
    pub(super) fn start(self) {
        let mut builder = env_logger::Builder::from_env(env_logger::Env::default().default_filter_or(self.usual));
        let is_for_journal = environment("JOURNAL_STREAM").is_some();
        match self.form {
            Form::Text => builder.format(move |out, record| text::write(out, record, is_for_journal)),
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
