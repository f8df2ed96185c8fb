//! One line and one count for each refusal; but a flood of peers over the limits does not become a flood
//! of lines.

use crate::failure::{Code, Failure};
use crate::observe::{Counters, Event};
use crate::tls::Refused;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) counters: Counters,
    also: Option<Arc<Counters>>,
    too_many: Mutex<Flood>,
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
        // A peer over a limit has cost nothing but a connect: whoever floods us would choose our log's size.
        let unsaid = if code == Code::TooMany { unsaid_before_this_line(&self.too_many) } else { Some(0) };
        let Some(unsaid) = unsaid else { return };
        let peer = refused.ends().peer.map(|peer| peer.to_string()).unwrap_or_default();
        let (by, guess, hint) = (if by_peer { "peer" } else { "us" }, refused.is_guess(), refused.hint());
        if unsaid == 0 {
            log::warn!(target: "countersign::net", event:% = Event::ConnectionRefused, peer, code:%, guess, by, reason:% = refused, hint:%; "connection refused");
        } else {
            log::warn!(target: "countersign::net", event:% = Event::ConnectionRefused, peer, code:%, guess, by, unsaid, reason:% = refused, hint:%; "connection refused, like others before it");
        }
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
