//! `cert ca`

use super::flags::{DEFAULT_DIRECTORY, SubjectFlags, existing, key_kind, while_making};
use super::show_written;
use crate::authority::{Directory, KeyKind, Lifetime, Plan};
use crate::cli::console::{Console, typed};
use crate::cli::{Exit, Trouble};
use crate::clock::SystemClock;
use clap::Args;
use std::path::PathBuf;

/// Make a certificate authority: a root, or with --parent an intermediate
#[derive(Debug, Args)]
#[command(after_help = "\
Writes ca.crt, which peers trust, and ca.key (mode 0600), which signs and belongs on no node.
An intermediate's ca.crt also holds what is above it. Nodes trust the root's ca.crt in any case.

Examples:
  countersign cert ca -n \"Example CA\" -o certs
  countersign cert ca -n \"Example CA, berlin\" --parent certs -o certs-berlin")]
pub(crate) struct Ca {
    /// The CA's name, as CN on its certificate
    #[arg(short, long)]
    name: String,
    /// The directory to write to
    #[arg(short, long, value_name = "DIR", default_value = DEFAULT_DIRECTORY)]
    out: PathBuf,
    /// The directory of the CA that shall sign it; without, it signs itself
    #[arg(long, value_name = "DIR")]
    parent: Option<PathBuf>,
    #[command(flatten)]
    subject: SubjectFlags,
    /// How many days it shall be valid [default: 1826]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    days: Option<u32>,
    /// What key to make
    #[arg(long, value_name = "KIND", default_value_t, value_parser = key_kind())]
    key: KeyKind,
    /// Replace a CA that is there already; its pair stays as ca.crt.old and ca.key.old
    #[arg(long)]
    force: bool,
}

impl Ca {
    pub(crate) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let lifetime = self.days.map_or(Lifetime::CA, Lifetime::days);
        let plan = Plan { lifetime, key: self.key, ..Plan::new(self.subject.subject(&self.name)?) };
        let parent = self.parent.as_deref().map(Directory::open).transpose()?;
        let create = || Directory::create(&self.out, &plan, parent.as_ref(), existing(self.force), &SystemClock);
        let (_, written) = while_making(console, self.key, create)?;
        show_written(console, "made the CA", &written)?;
        let out = typed(&self.out);
        console.note(format_args!("next: countersign cert agent -n NAME --dns HOST --ca {out} -o {out}"))?;
        Ok(Exit::Done)
    }
}
