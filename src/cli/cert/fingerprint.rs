//! `cert fingerprint`

use super::facts;
use crate::cli::console::Console;
use crate::cli::{Exit, Trouble};
use clap::Args;
use std::path::PathBuf;

/// Print the SHA-256 of a file's first certificate
#[derive(Debug, Args)]
#[command(after_help = "\
Prints what `openssl x509 -noout -fingerprint -sha256` prints.
Exit code 1 if the file holds no certificate, or a damaged one.

Example:
  countersign cert fingerprint certs/db-1.crt")]
pub(crate) struct Fingerprint {
    /// A PEM file
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Fingerprint {
    pub(crate) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let found = facts::read(&self.file)?;
        if let Some(leaf) = found.first() {
            console.line(format_args!("sha256 Fingerprint={}", leaf.facts.fingerprint))?;
        }
        Ok(Exit::Done)
    }
}
