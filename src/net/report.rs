//! One line and one count for each refusal; but a flood of peers over the limits does not become a flood
//! of lines.

use crate::failure::Failure;
use crate::observe::{Counters, Event, LastFailure, Occasion};
use crate::tls::Refused;
use crate::tls::explain::Cause;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) counters: Counters,
    also: Option<Arc<Counters>>,
    too_many: Mutex<Flood>,
    elsewhere: Mutex<Flood>,
    failures: Mutex<Flood>,
}

#[derive(Debug, Default)]
struct Flood {
    last_line: Option<Instant>,
    unsaid: u64,
}

impl Report {
    /// Counts refusals there as well.
    pub(super) fn new(also: Option<Arc<Counters>>) -> Self {
        Self { also, ..Self::default() }
    }

    pub(super) fn refuse(&self, refused: &Refused) {
        let (code, by_peer) = (refused.code(), refused.is_by_peer());
        self.counters.refuse(code, by_peer);
        self.also.iter().for_each(|counters| counters.refuse(code, by_peer));
        if matches!(refused.cause(), Cause::Wordless) {
            let peer = refused.ends().peer.map(|peer| peer.to_string()).unwrap_or_default();
            log::debug!(target: "countersign::net", peer, code:%; "{refused}");
            return;
        }
        let unsaid = self.flood(refused).map_or(Some(0), unsaid_before_this_line);
        let Some(unsaid) = unsaid else { return };
        self.remember(refused);
        let peer = refused.ends().peer.map(|peer| peer.to_string()).unwrap_or_default();
        let (by, guess, hint) = (if by_peer { "peer" } else { "us" }, refused.is_guess(), refused.hint());
        if unsaid == 0 {
            log::warn!(target: "countersign::net", event:% = Event::ConnectionRefused, peer, code:%, guess, by, reason:% = refused, hint:%; "connection refused");
        } else {
            log::warn!(target: "countersign::net", event:% = Event::ConnectionRefused, peer, code:%, guess, by, unsaid, reason:% = refused, hint:%; "connection refused, like others before it");
        }
    }

    /// A peer that was refused at the door has cost nothing but a connect: whoever floods us would choose our log's size.
    const fn flood(&self, refused: &Refused) -> Option<&Mutex<Flood>> {
        match refused.cause() {
            Cause::TooMany(..) => Some(&self.too_many),
            Cause::Elsewhere => Some(&self.elsewhere),
            _ => None,
        }
    }

    /// Under the address alone: whoever knocks again comes from another port.
    fn remember(&self, refused: &Refused) {
        let peer = refused.ends().peer.map(|peer| peer.ip().to_string()).unwrap_or_default();
        let failure = LastFailure::now(Occasion::Answering, peer, refused.code(), refused.to_string(), refused.hint());
        let failure = LastFailure { by_peer: refused.is_by_peer(), ..failure };
        let counters = self.also.iter().map(Arc::as_ref).chain([&self.counters]);
        counters.for_each(|counters| counters.last_failures().note(failure.clone()));
    }

    /// Out of descriptors, this happens with every connect.
    pub(super) fn cannot_accept(&self, error: &io::Error) {
        if let Some(unsaid) = unsaid_before_this_line(&self.failures) {
            log::error!(target: "countersign::net", event:% = Event::CannotAccept, error:%, unsaid; "cannot accept a connection");
        }
    }
}

/// `None` if this line would be the second within the interval.
fn unsaid_before_this_line(flood: &Mutex<Flood>) -> Option<u64> {
    let mut flood = flood.lock().unwrap_or_else(PoisonError::into_inner);
    if flood.last_line.is_some_and(|last| last.elapsed() < INTERVAL) {
        flood.unsaid += 1;
        return None;
    }
    flood.last_line = Some(Instant::now());
    Some(std::mem::take(&mut flood.unsaid))
}

const INTERVAL: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Code;
    use crate::tls::Ends;

    #[test]
    fn of_many_who_come_from_elsewhere_within_a_moment_one_has_a_line_and_all_are_counted() {
        let report = Report::default();
        let ends = Ends::default();
        report.refuse(&Refused::elsewhere(ends));
        assert_eq!(report.elsewhere.lock().unwrap().unsaid, 0);
        // However slow the machine: the last line was not long ago.
        report.elsewhere.lock().unwrap().last_line = Instant::now().checked_add(INTERVAL * 60);
        report.refuse(&Refused::elsewhere(ends));
        report.refuse(&Refused::elsewhere(ends));
        assert_eq!(report.elsewhere.lock().unwrap().unsaid, 2);
        assert_eq!((report.counters.refused(Code::NotAllowed), report.too_many.lock().unwrap().last_line), (3, None));
    }
}
