//! `countersign cert`: make certificates, look at them, replace them, take them back.

mod ca;
mod crl;
mod facts;
mod fingerprint;
mod flags;
mod inspect;
mod key_state;
mod leaf;
mod list;
mod renew;
mod revoke;
mod verify;

pub(super) use facts::{Left, until};

use super::Exit;
use super::console::Console;
use super::trouble::Trouble;
use crate::authority::Written;
use crate::clock::{Clock, SystemClock};
use clap::Subcommand;
use std::io;

/// Make certificates, look at them, replace them, take them back.
#[derive(Debug, Subcommand)]
#[command(after_help = FIRST_STEPS)]
pub(crate) enum Command {
    Ca(ca::Ca),
    #[command(alias = "node")]
    Agent(leaf::Agent),
    Client(leaf::Client),
    Inspect(inspect::Inspect),
    Fingerprint(fingerprint::Fingerprint),
    List(list::List),
    Verify(verify::Verify),
    Renew(renew::Renew),
    Revoke(revoke::Revoke),
    Crl(crl::Crl),
}

impl Command {
    pub(crate) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        match self {
            Self::Ca(command) => command.run(console),
            Self::Agent(command) => command.run(console),
            Self::Client(command) => command.run(console),
            Self::Inspect(command) => command.run(console),
            Self::Fingerprint(command) => command.run(console),
            Self::List(command) => command.run(console),
            Self::Verify(command) => command.run(console),
            Self::Renew(command) => command.run(console),
            Self::Revoke(command) => command.run(console),
            Self::Crl(command) => command.run(console),
        }
    }
}

pub(super) const FIRST_STEPS: &str = "\
First steps:
  countersign cert ca -n demo -o pki
  countersign cert agent -n a --dns localhost -o pki
  countersign cert list pki
  countersign cert verify pki/a.crt --ca pki --name localhost";

/// Shows a pair that was just written, and what may surprise about it.
fn show_written(console: &mut Console<'_>, verb: &str, written: &Written) -> io::Result<()> {
    let facts = &written.facts;
    console.line(format_args!("{verb} {}", facts.subject))?;
    let mut fields = vec![
        ("certificate", written.certificate.display().to_string()),
        ("key", format!("{} ({})", written.key.display(), facts.key_algorithm)),
        ("issuer", facts.issuer.clone()),
        ("valid until", facts::until(facts, SystemClock.now())),
        ("sha256", facts.fingerprint.to_string()),
    ];
    if !facts.sans.is_empty() {
        fields.insert(2, ("names", facts.names()));
    }
    console.fields(&fields)?;
    console.warnings(&written.warnings)
}
