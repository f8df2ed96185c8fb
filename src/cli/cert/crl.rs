//! `cert crl`

use super::flags::DEFAULT_DIRECTORY;
use crate::authority::{Directory, Lifetime, PublishedList};
use crate::cli::console::Console;
use crate::cli::{Exit, Trouble};
use crate::clock::SystemClock;
use clap::Args;
use std::io;
use std::path::PathBuf;

/// Write a CA's revocation list
#[derive(Debug, Args)]
#[command(after_help = "\
Writes crl.pem into the CA's directory. A list proves nothing after its last day: write a new one
before, also when nothing was revoked since.

Example:
  countersign cert crl --ca certs --days 7")]
pub(crate) struct Crl {
    /// The CA's directory
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DIRECTORY)]
    ca: PathBuf,
    /// After how many days the next list is due
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3_650))]
    days: u32,
}

impl Crl {
    pub(crate) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let list = Directory::open(&self.ca)?.publish_list(Lifetime::days(self.days), &SystemClock)?;
        show_list(console, &list)?;
        Ok(Exit::Done)
    }
}

pub(super) fn show_list(console: &mut Console<'_>, list: &PublishedList) -> io::Result<()> {
    console.line(format_args!("wrote the revocation list {}", list.path.display()))?;
    console.fields(&[
        ("number", list.number.to_string()),
        ("revoked", list.revoked.to_string()),
        ("next due", list.next_update.to_string()),
    ])
}
