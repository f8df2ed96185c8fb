//! `cert revoke`

use super::crl::show_list;
use super::flags::ca_of;
use crate::authority::Directory;
use crate::cli::console::Console;
use crate::cli::{Exit, Trouble};
use crate::clock::SystemClock;
use crate::x509::fingerprint::colon_hex;
use clap::Args;
use std::path::PathBuf;

/// Take a certificate back, and write the CA's revocation list anew
#[derive(Debug, Args)]
#[command(after_help = "\
Enters the certificate into the CA's register and writes crl.pem, current for 30 days. Nodes refuse
the certificate as soon as they read that list. There is no way back. What was renewed is another
certificate: the one before it is FILE.old.

Example:
  countersign cert revoke certs/db-1.crt --ca certs")]
pub(crate) struct Revoke {
    /// The certificate
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The directory of the CA that issued it [default: the one FILE lies in]
    #[arg(long, value_name = "DIR")]
    ca: Option<PathBuf>,
}

impl Revoke {
    pub(crate) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let revocation = Directory::open(ca_of(self.ca.as_deref(), &self.file))?.revoke(&self.file, &SystemClock)?;
        let entry = &revocation.entry;
        let verb = if revocation.already { "was revoked already:" } else { "revoked" };
        console.line(format_args!("{verb} {}", entry.subject))?;
        console.fields(&[("serial", colon_hex(&entry.serial)), ("since", entry.since.to_string())])?;
        show_list(console, &revocation.list)?;
        Ok(Exit::Done)
    }
}
