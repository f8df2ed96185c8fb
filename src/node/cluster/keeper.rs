//! The nodes that are to stay peers, and the one task that dials them again.

use super::Reconnect;
use crate::etf::{Term, atom, list};
use crate::failure::{Code, Failure};
use crate::net::link::{Ended, Why};
use crate::node::core::Core;
use crate::node::error::{ConnectError, ConnectReason};
use crate::node::peer::Peer;
use crate::node::system;
use crate::node_name::NodeName;
use crate::observe;
use crate::rt::{self, Event};
use futures_util::future::{Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::collections::HashMap;
use std::fmt;
use std::future::pending;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A node that is to stay a peer, and how that goes.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Which.
    pub node: NodeName,
    /// Whether it is a peer.
    pub is_linked: bool,
    /// Whether it was disconnected by hand: then it is dialled no more, until it is linked or marked anew.
    pub is_resting: bool,
    /// How often in a row it could not be reached or was soon lost.
    pub failures: u32,
    /// Why it could not be reached the last time, unless it is a peer.
    pub error: Option<Arc<ConnectError>>,
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.error {
            _ if self.is_linked => write!(f, "{} is linked", self.node),
            _ if self.is_resting => write!(f, "{} was disconnected by hand", self.node),
            Some(error) => write!(f, "{}: {}", self.node, error.reason()),
            None => write!(f, "{}: no answer yet", self.node),
        }
    }
}

/// All that are to stay peers.
#[derive(Debug, Default)]
pub(in crate::node) struct Keeper {
    marks: Mutex<HashMap<NodeName, Mark>>,
    /// Told whenever a node is marked or is no more, when a peer comes or goes, and when one was dialled in vain.
    pub(in crate::node) changed: Event,
}

#[derive(Debug)]
struct Mark {
    /// Not before. Whether it is linked is asked of the peers, and noted nowhere else.
    due: Instant,
    is_dialled: bool,
    is_resting: bool,
    failures: u32,
    error: Option<Arc<ConnectError>>,
    /// What has been reported since it was last linked.
    reported: Option<Code>,
}

impl Keeper {
    pub(in crate::node) fn keep(&self, name: &NodeName) {
        let due = Instant::now();
        let mut marks = self.lock();
        let is_dialled = marks.get(name).is_some_and(|mark| mark.is_dialled);
        marks.insert(name.clone(), Mark { due, is_dialled, is_resting: false, failures: 0, error: None, reported: None });
        drop(marks);
        self.tell();
    }

    /// Whether it was marked.
    pub(in crate::node) fn forget(&self, name: &NodeName) -> bool {
        let was_marked = self.lock().remove(name).is_some();
        self.tell();
        was_marked
    }

    pub(in crate::node) fn has(&self, name: &NodeName) -> bool {
        self.lock().contains_key(name)
    }

    /// Somebody disconnects it by hand.
    pub(in crate::node) fn rest(&self, name: &NodeName) {
        if let Some(mark) = self.lock().get_mut(name) {
            mark.is_resting = true;
        }
    }

    /// It is a peer.
    pub(in crate::node) fn gain(&self, name: &NodeName) {
        if let Some(mark) = self.lock().get_mut(name) {
            (mark.is_resting, mark.error, mark.reported) = (false, None, None);
        }
        self.tell();
    }

    /// It is about to be no peer any more: before its name is free, so that nobody finds it due at once.
    pub(in crate::node) fn lose(&self, reconnect: Reconnect, peer: &Peer, ended: &Ended) {
        if let Some(mark) = self.lock().get_mut(peer.name()) {
            mark.is_resting |= matches!(ended, Ended::Us(Why::Disconnected));
            if peer.since().elapsed() >= reconnect.most {
                mark.failures = 0;
            }
            mark.put_off(reconnect);
        }
    }

    /// Peers have come or gone, or marks.
    pub(in crate::node) fn tell(&self) {
        self.changed.notify(usize::MAX);
    }

    pub(in crate::node) fn all(&self, core: &Core) -> Vec<Kept> {
        let marks = self.lock();
        let mut all: Vec<Kept> = marks.iter().map(|(name, mark)| mark.seen(name, core)).collect();
        all.sort_by(|one, other| one.node.cmp(&other.node));
        all
    }

    /// Those that are to be dialled now, no more than so many; and when to look again for the next.
    fn take_due(&self, core: &Core, room: usize) -> (Vec<NodeName>, Option<Instant>) {
        let now = Instant::now();
        let mut marks = self.lock();
        let mut missing: Vec<(&NodeName, &mut Mark)> = marks.iter_mut().filter(|(name, mark)| mark.is_wanted(name, core)).collect();
        missing.sort_by_key(|(_, mark)| mark.due);
        let due = missing.iter().take_while(|(_, mark)| mark.due <= now).count().min(room);
        // Without room the next one is looked for when there is some.
        let next = missing.get(due).filter(|_| due < room).map(|(_, mark)| mark.due);
        let taken = missing.into_iter().take(due).map(|(name, mark)| {
            mark.is_dialled = true;
            name.clone()
        });
        (taken.collect(), next)
    }

    fn dialled(&self, reconnect: Reconnect, name: &NodeName, failed: Option<Arc<ConnectError>>) {
        if let Some(mark) = self.lock().get_mut(name) {
            mark.is_dialled = false;
            if let Some(error) = failed {
                let pause = mark.put_off(reconnect);
                mark.report(name, &error, pause);
                mark.error = Some(error);
            }
        }
        self.tell();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<NodeName, Mark>> {
        // Nothing that runs under this lock can panic half way.
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mark {
    fn is_wanted(&self, name: &NodeName, core: &Core) -> bool {
        !self.is_dialled && !self.is_resting && !is_linked(name, core)
    }

    fn put_off(&mut self, reconnect: Reconnect) -> Duration {
        let pause = reconnect.pause(self.failures);
        self.failures = self.failures.saturating_add(1);
        self.due = Instant::now().checked_add(pause).unwrap_or(self.due);
        pause
    }

    /// Once for each reason, and not once for each attempt.
    fn report(&mut self, name: &NodeName, error: &ConnectError, pause: Duration) {
        if self.reported == Some(error.code()) || matches!(error.reason(), ConnectReason::Stopping) {
            return;
        }
        self.reported = Some(error.code());
        let (code, hint, again_in) = (error.code(), error.hint(), format!("{pause:.1?}"));
        log::warn!(
            target: "countersign::node", event:% = observe::Event::NotConnected, peer:% = name, code:%, reason:% = error.told(), hint:%, again_in;
            "a node that is to be kept is not linked"
        );
    }

    fn seen(&self, name: &NodeName, core: &Core) -> Kept {
        let (is_linked, Self { is_resting, failures, error, .. }) = (is_linked(name, core), self);
        let error = error.clone().filter(|_| !is_linked);
        Kept { node: name.clone(), is_linked, is_resting: *is_resting, failures: *failures, error }
    }
}

fn is_linked(name: &NodeName, core: &Core) -> bool {
    core.peers.up(name.as_str()).is_some()
}

/// Dials whoever is to be kept and is no peer, for as long as the node runs.
pub(in crate::node) async fn run(core: Arc<Core>) {
    let reconnect = core.settings.reconnect;
    let dial = async |name: NodeName| {
        let failed = core.reach(&name).await.err();
        core.keeper.dialled(reconnect, &name, failed);
    };
    let mut dials = FuturesUnordered::new();
    loop {
        let changed = core.keeper.changed.listen();
        let (due, next) = core.keeper.take_due(&core, reconnect.at_a_time.max(1).saturating_sub(dials.len()));
        dials.extend(due.into_iter().map(dial));
        let pause = async {
            match next {
                Some(next) => rt::sleep(next.saturating_duration_since(Instant::now())).await,
                None => pending().await,
            }
        };
        let moved = async {
            if dials.next().await.is_none() {
                pending::<()>().await;
            }
        };
        match select(changed, select(pin!(pause), pin!(moved))).await {
            Either::Left(_) | Either::Right(_) => {}
        }
    }
}

/// What the node says of them.
pub(in crate::node) fn status(core: &Core) -> Term {
    let fields = |kept: Kept| {
        [
            ("peer", Term::from(kept.node.as_str())),
            ("linked", Term::from(kept.is_linked)),
            ("resting", Term::from(kept.is_resting)),
            ("failures", Term::from(u64::from(kept.failures))),
            ("code", kept.error.map_or(atom("none"), |error| Term::from(error.code().as_str()))),
        ]
    };
    list(core.keeper.all(core).into_iter().map(|kept| system::fields(fields(kept))))
}
