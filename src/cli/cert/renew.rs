//! `cert renew`

use super::flags::{LifetimeFlags, ca_of, key_kind};
use super::show_written;
use crate::authority::{Directory, KeyKind, Renewal};
use crate::cli::console::Console;
use crate::cli::{Exit, Trouble};
use crate::clock::SystemClock;
use clap::Args;
use std::path::PathBuf;

/// Issue a certificate again: same names, same use, new key
#[derive(Debug, Args)]
#[command(after_help = "\
Replaces NAME.crt and NAME.key; the old pair stays as NAME.crt.old and NAME.key.old. The length of
its validity and the kind of its key stay too, unless a flag says otherwise. A pair behind symbolic
links is replaced where the links point. A node that countersign start runs notices within
seconds, or at once by countersign rotate; a program gives its node the new one by update.

Example:
  countersign cert renew certs/db-1.crt --ca certs")]
pub(crate) struct Renew {
    /// The certificate; its key lies beside it and ends in .key
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The directory of the CA that issued it [default: the one FILE lies in]
    #[arg(long, value_name = "DIR")]
    ca: Option<PathBuf>,
    #[command(flatten)]
    lifetime: LifetimeFlags,
    /// Make another kind of key than before
    #[arg(long, value_name = "KIND", value_parser = key_kind())]
    key: Option<KeyKind>,
}

impl Renew {
    pub(crate) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let renewal = Renewal { lifetime: self.lifetime.lifetime(), key: self.key };
        let ca = Directory::open(ca_of(self.ca.as_deref(), &self.file))?;
        let written = console.while_saying("making the new pair", || ca.renew(&self.file, renewal, &SystemClock))?;
        show_written(console, "renewed", &written)?;
        console.note("the pair before it stays beside it, with .old behind its names")?;
        Ok(Exit::Done)
    }
}
