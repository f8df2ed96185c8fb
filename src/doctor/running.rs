//! The node that runs, held against its files: does it present the certificate that lies there, and trust the same CAs?

use super::case::Case;
use super::finding::{Check, Finding, Health, Report};
use super::{ports, status};
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::tls::CertAuthManager;
use serde_json::Value;
use std::net::SocketAddr;

/// What the node itself said when it was asked how it is.
#[derive(Debug)]
pub enum Asked<'a> {
    /// Its answer to `status`.
    Said(&'a Value),
    /// There was none.
    Failed(&'a dyn Failure),
    /// It could not be asked, for want of a name, a cookie or a certificate to come with.
    Not,
}

impl Asked<'_> {
    /// Where it says that it listens.
    pub(super) fn listens(&self) -> Vec<SocketAddr> {
        let Self::Said(status) = self else { return Vec::new() };
        status::rows(status, "listens").iter().filter_map(|address| address.as_str()?.parse().ok()).collect()
    }

    /// Whether it compares itself what it goes by with what lies in its files. Then nobody need connect for a look, which it
    /// would note as one who came without a certificate.
    fn looks_itself(&self) -> bool {
        matches!(self, Self::Said(status) if !status::rows(status, "sources").is_empty())
    }
}

/// Holds the node that runs against its files.
pub async fn running(case: &Case, asked: &Asked<'_>) -> Report {
    let mut report = Report::default();
    let about = case.name.as_ref().map_or_else(|| "the node".to_owned(), ToString::to_string);
    match asked {
        Asked::Failed(failure) if failure.code() == Code::Unreachable => {
            report.add(Finding::absent(Check::Running, &about, "no node of this name answers"));
        }
        Asked::Not => report.add(Finding::absent(Check::Running, &about, NOT_ASKED)),
        Asked::Failed(failure) => report.add(Finding::bad(Check::Running, &about, *failure)),
        Asked::Said(status) => {
            let uptime = status.get("uptime_seconds").and_then(Value::as_u64).unwrap_or_default();
            report.add(Finding::good(Check::Running, &about, format!("it answers, and has run for {uptime} seconds")));
            by_status(case, status, &about, &mut report);
            failures(status, &about, &mut report);
        }
    }
    if asked.looks_itself() {
        return report;
    }
    if let Some((manager, sight)) = ports::held(case).await {
        if !report.findings().iter().any(|finding| finding.check == Check::RunningCertificate) {
            let shown = sight.chain.first().map(|leaf| leaf.fingerprint.to_string());
            report.extend(of_certificate(manager.as_ref(), shown.as_deref(), &about, false));
        }
        report.extend(of_authorities(manager.as_ref(), sight.asks_for.as_deref(), &about));
    }
    report
}

fn by_status(case: &Case, status: &Value, about: &str, report: &mut Report) {
    let manager = case.options.as_ref().and_then(|options| options.cert_manager.as_deref());
    let shown = status.get("certificate").and_then(|certificate| certificate.get("sha256")).and_then(Value::as_str);
    if let Some(manager) = manager {
        report.extend(of_certificate(manager, shown, about, !status::rows(status, "sources").is_empty()));
    }
    status::own_certificates(status, about, report);
    status::sources(status, about, report);
    let links = status::rows(status, "links");
    let is_old = |link: &&Value| link.get("outdated").and_then(Value::as_bool) == Some(true);
    match links.iter().filter(is_old).count() {
        0 => report.add(Finding::good(Check::RunningLinks, about, "no link has another certificate than the one in force")),
        count => {
            let said = format!("{count} of {} links still have the certificate from before: it is for new connections only", links.len());
            let finding = Finding::of_code(Check::RunningLinks, about, said, Code::StaleCertificate);
            report.add(Finding { health: Health::Absent, ..finding });
        }
    }
}

/// What was refused lately, by the node or to it: the last of each peer, and of other codes how often. It may be over and done
/// with, so nothing is wrong for that.
fn failures(status: &Value, about: &str, report: &mut Report) {
    let mut told = Vec::new();
    for row in status::rows(status, "last_failures") {
        let Some(code) = status::code(row) else { continue };
        let said = format!("{}: {} ({})", status::text(row, "peer"), status::text(row, "reason"), status::text(row, "at"));
        report.add(past(about, said, code).with("by", status::text(row, "by")).hinting(Hint::of(status::text(row, "hint").to_owned())));
        told.push(code);
    }
    for row in status::rows(status, "refusals") {
        let Some(code) = status::code(row).filter(|code| !told.contains(code)) else { continue };
        let count = row.get("count").and_then(Value::as_u64).unwrap_or_default();
        report.add(past(about, format!("{count} attempts have ended with {code} since it started"), code));
    }
}

fn past(about: &str, said: String, code: Code) -> Finding {
    Finding { health: Health::Absent, ..Finding::of_code(Check::RunningFailures, about, said, code) }
}

fn of_certificate(manager: &dyn CertAuthManager, shown: Option<&str>, about: &str, follows: bool) -> Report {
    let mut report = Report::default();
    let Some(shown) = shown else { return report };
    let current = manager.resolver().current();
    let leaf = current.certificate.leaf();
    let lies_there = leaf.fingerprint.to_string();
    let finding = if shown == lies_there {
        Finding::good(Check::RunningCertificate, about, "it presents the certificate that lies in its files")
    } else {
        let said =
            format!("it presents another certificate than the one that lies in its files ({}, serial {})", leaf.subject, leaf.serial_hex());
        let finding = Finding::of_code(Check::RunningCertificate, about, said, Code::StaleCertificate);
        if follows { finding.hinting(Hint::fixed(FOLLOWS)) } else { finding }
    };
    report.add(finding.with("in_force_sha256", shown).with("file_sha256", lies_there));
    report
}

/// A server says in each handshake whose certificates it takes.
fn of_authorities(manager: &dyn CertAuthManager, asks_for: Option<&[String]>, about: &str) -> Report {
    let mut report = Report::default();
    let (Some(pool), Some(in_force)) = (manager.client_cas(), asks_for) else { return report };
    let sorted = |mut subjects: Vec<String>| {
        subjects.sort();
        subjects.dedup();
        subjects
    };
    let (files, in_force) = (sorted(pool.authorities().map(|facts| facts.subject.clone()).collect()), sorted(in_force.to_vec()));
    let finding = if files == in_force {
        Finding::good(Check::RunningCa, about, "it asks for certificates of the CAs that lie in its files")
    } else {
        Finding::of_code(
            Check::RunningCa,
            about,
            "it goes by other CAs than those that lie in its files: restart required",
            Code::RestartRequired,
        )
    };
    report.add(finding.with("in_force", in_force.join("; ")).with("file", files.join("; ")));
    report
}

/// A node that looks at its files by itself is early or has said why it does not take what lies there.
const FOLLOWS: &str =
    "it takes what lies there when it looks next, every node.reload_seconds: countersign rotate has it look now, and says what keeps it";
const NOT_ASKED: &str =
    "not asked: one comes to it with its name and files, and with these one cannot; if it runs, it goes on with what it has";
