//! `cert agent` and `cert client`

use super::flags::{DEFAULT_DIRECTORY, LifetimeFlags, SubjectFlags, existing, key_kind, while_making};
use super::show_written;
use crate::authority::{AuthorityError, Directory, FileName, KeyKind, Leaf, Lifetime, Names};
use crate::cli::console::Console;
use crate::cli::{Exit, Trouble};
use crate::clock::SystemClock;
use clap::Args;
use std::net::IpAddr;
use std::path::PathBuf;

/// Issue a node's certificate: it accepts and dials (server and client authentication)
#[derive(Debug, Args)]
#[command(after_help = "\
Writes NAME.crt (behind the leaf, any intermediates) and NAME.key (mode 0600), valid for 90 days
unless told otherwise. At least one --dns, --ip or --uri is needed.

Examples:
  countersign cert agent -n db-1 --dns db-1.internal --ip 10.0.0.7 --ca certs -o certs
  countersign cert agent -n a --dns localhost --uri erl:a@localhost --hours 24")]
pub(crate) struct Agent {
    /// A host name that peers dial; a wildcard may be the whole first label
    #[arg(long, display_order = 1, value_name = "HOST", num_args = 1.., value_delimiter = ',')]
    dns: Vec<String>,
    /// An address that peers dial
    #[arg(long, display_order = 1, value_name = "ADDRESS", num_args = 1.., value_delimiter = ',')]
    ip: Vec<IpAddr>,
    /// A URI, such as erl:name@host, which bears a node's whole name
    #[arg(long, display_order = 1, value_name = "URI", num_args = 1..)]
    uri: Vec<String>,
    #[command(flatten)]
    issue: IssueFlags,
}

/// Issue a certificate that only dials (client authentication)
#[derive(Debug, Args)]
#[command(after_help = "\
Writes NAME.crt (behind the leaf, any intermediates) and NAME.key (mode 0600), valid for 90 days
unless told otherwise.

Example:
  countersign cert client -n operator --days 7 --ca certs -o certs")]
pub(crate) struct Client {
    #[command(flatten)]
    issue: IssueFlags,
}

#[derive(Debug, Args)]
struct IssueFlags {
    /// The name of the files, and CN on the certificate
    #[arg(short, long, display_order = 0)]
    name: String,
    /// The CA's directory [default: the one given by --out]
    #[arg(long, value_name = "DIR")]
    ca: Option<PathBuf>,
    /// The directory to write to
    #[arg(short, long, value_name = "DIR", default_value = DEFAULT_DIRECTORY)]
    out: PathBuf,
    #[command(flatten)]
    subject: SubjectFlags,
    #[command(flatten)]
    lifetime: LifetimeFlags,
    /// What key to make
    #[arg(long, value_name = "KIND", default_value_t, value_parser = key_kind())]
    key: KeyKind,
    /// Replace a pair that is there already; it stays as NAME.crt.old and NAME.key.old
    #[arg(long)]
    force: bool,
}

impl Agent {
    pub(crate) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let names = self.names()?;
        self.issue.run(console, |subject| Leaf::agent(subject, names))
    }

    fn names(&self) -> Result<Names, AuthorityError> {
        let names = self.dns.iter().try_fold(Names::default(), |names, host| names.dns(host))?;
        let names = self.ip.iter().fold(names, |names, &address| names.ip(address));
        Ok(self.uri.iter().try_fold(names, |names, uri| names.uri(uri))?)
    }
}

impl Client {
    pub(crate) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        self.issue.run(console, Leaf::client)
    }
}

impl IssueFlags {
    fn run(self, console: &mut Console<'_>, leaf: impl FnOnce(crate::authority::Subject) -> Leaf) -> Result<Exit, Trouble> {
        let name: FileName = self.name.parse()?;
        let lifetime = self.lifetime.lifetime().unwrap_or(Lifetime::LEAF);
        let leaf = Leaf { lifetime, key: self.key, ..leaf(self.subject.subject(name.as_str())?) };
        let ca = Directory::open(self.ca.as_deref().unwrap_or(&self.out))?;
        let issue = || ca.issue(&self.out, &name, &leaf, existing(self.force), &SystemClock);
        let written = while_making(console, self.key, issue)?;
        show_written(console, &format!("issued the {} certificate", leaf.role), &written)?;
        Ok(Exit::Done)
    }
}
