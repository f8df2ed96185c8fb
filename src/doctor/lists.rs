//! Revocation lists.

use super::finding::{Check, Finding, Report};
use crate::clock::{Clock, SystemClock, Timestamp};
use crate::config::{Paper, Papers};
use crate::failure::Code;
use crate::tls::{CrlPolicy, Revocation};
use crate::x509::RevocationList;

/// All of them together, if all can be read; each is reported.
pub(super) fn read(papers: &Papers, report: &mut Report) -> Option<Revocation> {
    let now = SystemClock.now();
    let mut paths = Vec::new();
    for paper in &papers.lists {
        let Paper::File { path, shown: at, .. } = paper else { continue };
        paths.push(path);
        match Revocation::from_files(&[path], CrlPolicy::AllowUnknown) {
            Ok(lists) => lists.facts().for_each(|list| report.add(judged(at, list, now))),
            Err(error) => report.add(Finding::bad(Check::Crl, at, &error).calling(path, at)),
        }
    }
    let is_asked = !paths.is_empty();
    is_asked.then(|| Revocation::from_files(&paths, CrlPolicy::AllowUnknown).ok()).flatten()
}

fn judged(at: &str, list: &RevocationList, now: Timestamp) -> Finding {
    let finding = match list.next_update {
        Some(next) if next < now => {
            let said = format!("the list of {} is out of date: the next one was due at {next}, and it is {now}", list.issuer);
            Finding::of_code(Check::Crl, at, said, Code::RevocationUnknown)
        }
        _ if list.this_update > now => {
            let said = format!("the list of {} is from the future: it was made at {}, and it is {now}", list.issuer, list.this_update);
            Finding::of_code(Check::Crl, at, said, Code::RevocationUnknown)
        }
        _ => Finding::good(Check::Crl, at, format!("the list of {} names {} certificates", list.issuer, list.revoked.len())),
    };
    let next = list.next_update.map_or_else(|| "never".to_owned(), |next| next.to_string());
    finding.with("this_update", list.this_update.to_string()).with("next_update", next)
}
