//! `cert inspect`

use super::facts::{self, Found, Report};
use crate::cli::console::Console;
use crate::cli::{Exit, Trouble};
use crate::clock::{Clock, SystemClock, Timestamp};
use crate::x509::Inspected;
use clap::Args;
use std::path::PathBuf;

/// Show what each certificate of a file says
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  countersign cert inspect certs/db-1.crt")]
pub(crate) struct Inspect {
    /// A PEM file with one certificate or more
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print an array of objects for programs
    #[arg(long)]
    json: bool,
}

impl Inspect {
    pub(crate) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let (found, now) = (facts::read(&self.file)?, SystemClock.now());
        if self.json {
            let reports: Vec<Report> = found.iter().map(|found| Report::of(&found.facts, now)).collect();
            console.json(&reports)?;
            return Ok(Exit::Done);
        }
        for Found { place, facts, .. } in &found {
            console.line(place)?;
            console.fields(&fields(facts, now))?;
        }
        Ok(Exit::Done)
    }
}

fn fields(facts: &Inspected, now: Timestamp) -> Vec<(&'static str, String)> {
    let path_len = facts.basic_constraints.and_then(|constraints| constraints.path_len);
    let below = path_len.map_or(String::new(), |length| format!(", {length} CAs below it"));
    let usages = |usages: Option<String>| usages.unwrap_or_else(|| "any (the extension is absent)".to_owned());
    let mut fields = vec![
        ("subject", facts.subject.clone()),
        ("issuer", facts.issuer.clone()),
        ("kind", format!("{}{below}", facts::kind(facts))),
        ("names", facts.names()),
        ("valid from", facts.not_before.to_string()),
        ("valid until", facts::until(facts, now)),
        ("serial", facts.serial_hex()),
        ("key", facts.key_algorithm.to_string()),
        ("signature", facts.signature_algorithm.clone()),
        ("key usage", usages(facts.key_usage.as_ref().map(|usages| usages.join(", ")))),
        ("used for", usages(facts.extended_key_usage.as_ref().map(|usages| usages.join(", ")))),
        ("sha256", facts.fingerprint.to_string()),
        ("key sha256", facts.key_fingerprint.to_string()),
    ];
    fields.extend(facts.weakness().map(|weakness| ("too weak", weakness)));
    fields
}
