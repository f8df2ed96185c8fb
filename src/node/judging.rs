//! Links that are open, judged again: who would be refused now is a peer no longer.
//!
//! A link is judged when revocation lists, pins, the lists of names or a [`LinkJudge`] change, when the first certificate
//! of its peer's path ends, now and then all the same, and whenever [`Node::judge_links`](super::Node::judge_links) is
//! called. The judge is that of its handshake. Only those that fail are closed, with the code as the reason that
//! `NodeDown` gives.

mod alarm;
mod pass;

pub(super) use pass::keep_judging;

use super::peer::Peer;
use crate::clock::Timestamp;
use crate::failure::{Code, Failure};
use crate::node_name::NodeName;
use crate::tls::rejudge::NotJudged;
use crate::tls::{Changes, Watcher};
use alarm::Alarm;
use arc_swap::ArcSwapOption;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Judges peers by more than certificates: names that may come in, times of day, whatever a program knows. It is asked
/// when a link comes up, when it says that it has changed, and whenever links are judged again.
///
/// ```
/// use countersign::failure::Failure;
/// use countersign::node::{LinkJudge, Peer};
/// use countersign::tls::{Changes, Refusal};
/// use std::collections::HashSet;
/// use std::sync::Mutex;
///
/// #[derive(Debug, Default)]
/// struct Banned {
///     names: Mutex<HashSet<String>>,
///     changes: Changes,
/// }
///
/// impl Banned {
///     fn ban(&self, name: &str) {
///         self.names.lock().unwrap().insert(name.to_owned());
///         self.changes.tell();
///     }
/// }
///
/// impl LinkJudge for Banned {
///     fn changes(&self) -> &Changes {
///         &self.changes
///     }
///
///     fn judge(&self, peer: &Peer) -> Result<(), Box<dyn Failure + Send + Sync>> {
///         match self.names.lock().unwrap().contains(peer.name().as_str()) {
///             true => Err(Box::new(Refusal::ByHook { hook: "ban", reason: "it is banned".to_owned() })),
///             false => Ok(()),
///         }
///     }
/// }
/// # Banned::default().ban("b@localhost");
/// ```
pub trait LinkJudge: fmt::Debug + Send + Sync {
    /// Told when the verdict on anybody may have changed.
    fn changes(&self) -> &Changes;

    /// Whether a peer may stay one. It must not wait; if it panics, the peer is refused.
    ///
    /// # Errors
    /// Why not.
    fn judge(&self, peer: &Peer) -> Result<(), Box<dyn Failure + Send + Sync>>;
}

/// What becomes of links whose certificates have ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExpiredLinks {
    /// They are closed.
    #[default]
    Close,
    /// They stay, and are counted; a revocation, a pin or a hook still closes them. New links are refused all the same.
    Keep,
}

/// What came out when all links were judged.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Judgement {
    /// When, by the node's clock.
    pub at: Timestamp,
    /// Each peer that was up, by name.
    pub links: Vec<(NodeName, LinkVerdict)>,
}

/// What became of one link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LinkVerdict {
    /// Its peer would be let in now.
    Good,
    /// It would be refused, and the link was closed.
    Closed(Code),
    /// Its certificate is out of its dates, and links are kept beyond them.
    Kept(Code),
    /// Nobody can say, and the link stays.
    NotJudged(NotJudged),
}

impl Judgement {
    /// The peers with this verdict.
    pub fn names(&self, verdict: LinkVerdict) -> Vec<&NodeName> {
        self.links.iter().filter(|(_, found)| *found == verdict).map(|(name, _)| name).collect()
    }

    /// How many were found to be so.
    pub fn count(&self, is: impl Fn(LinkVerdict) -> bool) -> usize {
        self.links.iter().filter(|(_, verdict)| is(*verdict)).count()
    }
}

/// In two words at most: `good`, `closed revoked`, `kept expired`, `not_judged plain`.
impl fmt::Display for LinkVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Good => f.write_str("good"),
            Self::Closed(code) => write!(f, "closed {code}"),
            Self::Kept(code) => write!(f, "kept {code}"),
            Self::NotJudged(why) => write!(f, "not_judged {why}"),
        }
    }
}

/// How a node judges, and what it found last.
#[derive(Debug)]
pub(super) struct Judging {
    expired: ExpiredLinks,
    judges: Vec<Arc<dyn LinkJudge>>,
    watcher: Arc<Watcher>,
    alarm: Alarm,
    last: ArcSwapOption<Judgement>,
}

impl Judging {
    pub(super) fn new(every: Duration, expired: ExpiredLinks, judges: Vec<Arc<dyn LinkJudge>>) -> Self {
        let watcher = Watcher::new();
        judges.iter().for_each(|judge| judge.changes().watch(&watcher));
        Self { expired, judges, watcher, alarm: Alarm::new(every), last: ArcSwapOption::empty() }
    }

    /// What came out last; `None` if no links were judged yet.
    pub(super) fn last(&self) -> Option<Arc<Judgement>> {
        self.last.load_full()
    }
}
