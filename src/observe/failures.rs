//! What failed last, peer by peer: for whoever asks an hour later why a node is no peer.

use crate::clock::{Clock, SystemClock, Timestamp};
use crate::failure::Code;
use crate::hint::Hint;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// During what it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Occasion {
    /// We dialled.
    Dialling,
    /// Somebody dialled us. Who it was is not proven.
    Answering,
    /// The link was up.
    Linked,
}

impl Occasion {
    /// The word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dialling => "dialling",
            Self::Answering => "answering",
            Self::Linked => "linked",
        }
    }
}

/// The last failure of a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LastFailure {
    /// The node's name; of somebody who did not get as far as saying one, the address.
    pub peer: String,
    /// During what.
    pub occasion: Occasion,
    /// Whether the peer refused us, by its own words.
    pub by_peer: bool,
    /// The stable code.
    pub code: Code,
    /// What happened, as a sentence.
    pub reason: String,
    /// What to do about it.
    pub hint: Hint,
    /// When.
    pub at: Timestamp,
    /// How many failures of this peer there have been on such occasions, this one included.
    pub times: u64,
}

impl LastFailure {
    pub(crate) fn now(occasion: Occasion, peer: impl Into<String>, code: Code, reason: impl Into<String>, hint: Hint) -> Self {
        let (peer, reason, at) = (peer.into(), reason.into(), SystemClock.now());
        Self { peer, occasion, by_peer: false, code, reason, hint, at, times: 1 }
    }
}

/// The last failures of so many peers; who failed longest ago is forgotten.
///
/// Those who dialled us are kept apart from those whom we dialled or had a link to: anybody can say a name, and must
/// neither push out nor overwrite what we know from our own doing.
///
/// ```
/// # use countersign::{failure::Code, node::{EpmdMode, Node, NodeOptions}, testing::Ca, tls::CertAuth, dist::Cookie};
/// # use std::sync::Arc;
/// # countersign::rt::block_on(async {
/// # let ca = Ca::new();
/// # let options = NodeOptions {
/// #     cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
/// #     cookie: Some(Cookie::new(b"secret".to_vec())), acceptors: vec![], epmd: EpmdMode::At(1), ..NodeOptions::default()
/// # };
/// let node = Node::start("a@localhost", options).await?;
/// node.connect(&"b@localhost".parse()?).await.unwrap_err();
///
/// let failure = node.counters().last_failures().of("b@localhost").unwrap();
/// assert_eq!((failure.code, failure.times), (Code::Unreachable, 1));
/// println!("{}: {} ({})", failure.peer, failure.reason, failure.hint);
/// # node.stop().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Default)]
pub struct LastFailures(Mutex<Tables>);

#[derive(Debug, Default)]
struct Tables {
    known: Table,
    strangers: Table,
    noted: u64,
}

/// Each with the number of its noting.
type Table = HashMap<String, (u64, LastFailure)>;

impl LastFailures {
    /// The last failure under this name or address.
    pub fn of(&self, peer: &str) -> Option<LastFailure> {
        let tables = self.lock();
        let found = [tables.known.get(peer), tables.strangers.get(peer)].into_iter().flatten();
        found.max_by_key(|(number, _)| *number).map(|(_, failure)| failure.clone())
    }

    /// All that are kept, the latest first. A name occurs twice if it failed both ways.
    pub fn all(&self) -> Vec<LastFailure> {
        let tables = self.lock();
        let mut all: Vec<_> = tables.known.values().chain(tables.strangers.values()).cloned().collect();
        drop(tables);
        all.sort_unstable_by_key(|(number, _)| std::cmp::Reverse(*number));
        all.into_iter().map(|(_, failure)| failure).collect()
    }

    pub(crate) fn note(&self, failure: LastFailure) {
        let mut tables = self.lock();
        tables.noted += 1;
        let number = tables.noted;
        let (table, most) = match failure.occasion {
            Occasion::Answering => (&mut tables.strangers, MOST_STRANGERS),
            Occasion::Dialling | Occasion::Linked => (&mut tables.known, MOST_KNOWN),
        };
        let before = table.remove(&failure.peer).map_or(0, |(_, before)| before.times);
        if table.len() >= most {
            forget_oldest(table);
        }
        table.insert(failure.peer.clone(), (number, LastFailure { times: before.saturating_add(1), ..failure }));
    }

    fn lock(&self) -> MutexGuard<'_, Tables> {
        // Nothing that runs under this lock can panic half way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn forget_oldest(table: &mut Table) {
    let oldest = table.iter().min_by_key(|(_, (number, _))| *number).map(|(peer, _)| peer.clone());
    oldest.iter().for_each(|peer| drop(table.remove(peer)));
}

const MOST_KNOWN: usize = 1_024;
const MOST_STRANGERS: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(occasion: Occasion, peer: &str, code: Code) -> LastFailure {
        LastFailure::now(occasion, peer, code, "a reason", Hint::fixed("a hint"))
    }

    #[test]
    fn the_latest_failure_of_a_peer_is_kept_and_counted() {
        let failures = LastFailures::default();
        failures.note(failure(Occasion::Dialling, "a@h", Code::Unreachable));
        failures.note(failure(Occasion::Linked, "b@h", Code::Timeout));
        failures.note(failure(Occasion::Dialling, "a@h", Code::UnknownCa));
        let all: Vec<_> = failures.all().into_iter().map(|failure| (failure.peer, failure.code, failure.times)).collect();
        assert_eq!(all, [("a@h".to_owned(), Code::UnknownCa, 2), ("b@h".to_owned(), Code::Timeout, 1)]);
        assert_eq!(failures.of("c@h"), None);
    }

    #[test]
    fn strangers_push_out_strangers_only_and_overwrite_nothing_of_ours() {
        let failures = LastFailures::default();
        failures.note(failure(Occasion::Dialling, "a@h", Code::Expired));
        for number in 0..2 * MOST_STRANGERS {
            failures.note(failure(Occasion::Answering, &number.to_string(), Code::CookieMismatch));
        }
        failures.note(failure(Occasion::Answering, "a@h", Code::CookieMismatch));
        assert_eq!(failures.all().len(), 1 + MOST_STRANGERS);
        assert!(failures.of("0").is_none() && failures.of(&(2 * MOST_STRANGERS - 1).to_string()).is_some());
        let of_a: Vec<Code> = failures.all().into_iter().filter(|failure| failure.peer == "a@h").map(|failure| failure.code).collect();
        assert_eq!(of_a, [Code::CookieMismatch, Code::Expired]);
    }
}
