//! Finds out why TLS fails: what a node starts with, looked at piece by piece; the node that runs, held against its
//! files; and a peer, met step by step until something fails.
//!
//! What is found are values, [`Finding`]s: which check, whether it is well, the facts, a stable code, a cure, and the
//! words in which other programs say the same. Nothing here changes anything, and no secret is ever part of a finding.
//!
//! ```
//! use countersign::doctor::{Case, examine};
//! use countersign::failure::Code;
//! use std::path::Path;
//!
//! # countersign::rt::block_on(async {
//! let text = r#"{ "node": { "name": "a@localhost", "cookie": "secret" }, "epmd": { "mode": "off" }, "acceptors": [],
//!                 "tls": { "cert": "missing.crt", "key": "missing.key", "root_ca": "missing-ca.crt", "client_auth": "none" } }"#;
//! let report = examine(&Case::of_json(text, Path::new("."))).await;
//! assert!(!report.is_well());
//! assert!(report.codes().contains(&Code::InvalidTlsConfiguration));
//! # });
//! ```

mod authorities;
mod case;
mod cookies;
mod dates;
mod finding;
mod lists;
mod material;
mod pair;
mod paths;
mod ports;
mod present;
mod registry;
mod running;
mod status;
mod target;
mod visit;

pub use case::Case;
pub use finding::{Check, Fact, Finding, Health, Link, Report};
pub use running::{Asked, running};
pub use target::{NotATarget, Target};
pub use visit::{everybody, visit};

use crate::config::Warning;
use crate::failure::Failure;

/// Looks at everything that a node starts with, without a peer.
pub async fn examine(case: &Case) -> Report {
    beside(case, &Asked::Not).await
}

/// The same, and the node that runs. What it has said of itself need not be found out by connecting to it.
pub async fn examine_running(case: &Case, asked: &Asked<'_>) -> Report {
    let mut report = beside(case, asked).await;
    report.extend(running(case, asked).await);
    report
}

async fn beside(case: &Case, asked: &Asked<'_>) -> Report {
    let mut report = credentials(case);
    let runs = ports::examine(case, &asked.listens(), &mut report).await;
    registry::examine(case, runs, &mut report).await;
    report
}

/// Looks at the configuration and at the files that it names: whatever peers will judge.
pub fn credentials(case: &Case) -> Report {
    let mut report = Report::default();
    let mut books = Vec::new();
    for papers in &case.papers {
        books.push(material::read(papers, &mut report));
    }
    for book in &books {
        paths::examine(book, case, &mut report);
    }
    dates::clock(&books, &mut report);
    cookies::examine(case, &mut report);
    loose(case, &mut report);
    add_faults(case, &mut report);
    report
}

/// What weakens, and was meant: nothing is wrong with it, and everybody should know.
fn loose(case: &Case, report: &mut Report) {
    // What a certificate's dates say is a finding of its own.
    for warning in case.warnings.iter().filter(|warning| !matches!(warning, Warning::Certificate { .. })) {
        report.add(Finding::absent(Check::Configuration, warning.about(), warning.sentence()).hinting(warning.hint()));
    }
}

/// What the reader of the configuration has to say besides. What is wrong with a file has been said in more detail.
fn add_faults(case: &Case, report: &mut Report) {
    let codes = report.codes();
    let is_said = |fault: &&crate::config::ConfigError| fault.fault.is_of_material() && codes.contains(&fault.code());
    let mut faults: Vec<Finding> =
        case.faults.iter().filter(|fault| !is_said(fault)).map(|fault| Finding::bad(Check::Configuration, &fault.path, fault)).collect();
    if let (true, Some(source)) = (faults.is_empty(), &case.source) {
        let finding = match case.options {
            Some(_) => Finding::good(Check::Configuration, source, "it can be read, and a node could start with it"),
            None => Finding::absent(Check::Configuration, source, "a node starts with it when what is named below is well"),
        };
        faults.push(finding);
    }
    report.put_first(faults);
}
