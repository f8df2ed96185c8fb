//! Dates on certificates, and the clock that they are held against.

use super::finding::{Check, Finding, Report};
use super::material::Book;
use crate::clock::{Clock, DAY, SystemClock, Timestamp};
use crate::failure::Code;
use crate::hint::Hint;
use crate::tls::Refusal;
use crate::x509::Inspected;

/// The dates of a certificate that is presented.
pub(super) fn of_certificate(at: &str, facts: &Inspected, report: &mut Report) {
    let now = SystemClock.now();
    report.add(match Refusal::of_dates(facts, now) {
        Some(refusal) => dated(Finding::bad(Check::Dates, at, &refusal), facts, now),
        None => dated(Finding::good(Check::Dates, at, in_words(facts, now)), facts, now),
    });
}

/// An authority is worth a line when its dates are wrong.
pub(super) fn of_authority(at: &str, facts: &Inspected, report: &mut Report) {
    let now = SystemClock.now();
    if let Some(refusal) = Refusal::of_dates(facts, now) {
        report.add(dated(Finding::bad(Check::Dates, at, &refusal), facts, now));
    }
}

/// Whether this machine's clock can be right.
pub(super) fn clock(books: &[Book<'_>], report: &mut Report) {
    let now = SystemClock.now();
    let own = books.iter().flat_map(|book| book.chain.iter().map(|(_, facts)| facts));
    let pools = books.iter().filter_map(|book| book.root_ca.as_deref()).flat_map(|pool| pool.authorities());
    let newest = own.chain(pools).max_by_key(|facts| facts.not_before);
    let early = newest.filter(|newest| now < newest.not_before);
    report.add(match early {
        _ if now.as_unix() < BEFORE_ALL_THIS => {
            Finding::of_code(Check::Clock, now.to_string(), "it is set to a time before this program was written", Code::NotYetValid)
                .hinting(Hint::fixed("set this machine's clock, and have it kept by NTP"))
        }
        Some(facts) => {
            let said = format!("it is {} days before the first moment of {}", now.days_until(facts.not_before), facts.subject);
            Finding::of_code(Check::Clock, now.to_string(), said, Code::NotYetValid)
                .hinting(Hint::fixed("is this machine's clock behind, or was that of the CA ahead when the certificate was made?"))
        }
        None => Finding::good(Check::Clock, now.to_string(), "no certificate is from the future"),
    });
}

fn dated(finding: Finding, facts: &Inspected, now: Timestamp) -> Finding {
    let days = now.days_until(facts.not_after).to_string();
    finding.with("not_before", facts.not_before.to_string()).with("not_after", facts.not_after.to_string()).with("days_left", days)
}

fn in_words(facts: &Inspected, now: Timestamp) -> String {
    // What was just made for 90 days has 90 days left, not 89.
    match (facts.not_after + DAY / 2).as_unix().saturating_sub(now.as_unix()) / DAY {
        days @ 2.. => format!("valid for {days} more days"),
        _ => format!("valid until {}, which is soon", facts.not_after),
    }
}

/// The first moment of 2025.
const BEFORE_ALL_THIS: i64 = 1_735_689_600;
