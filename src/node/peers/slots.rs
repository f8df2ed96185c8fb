//! The slots, and who may have one. Every race between two attempts is decided here, under one lock.

use crate::node::error::{ConnectError, ConnectReason};
use crate::node::peer::Peer;
use crate::node_name::NodeName;
use crate::rt::Event;
use crate::rt::channel::Sender;
use futures_util::future::{AbortHandle, AbortRegistration};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// All slots of a node.
#[derive(Debug, Default)]
pub(in crate::node) struct Peers {
    slots: Mutex<Slots>,
    /// Told whenever a slot changes hands.
    pub(in crate::node) freed: Event,
}

#[derive(Debug, Default)]
struct Slots {
    by_name: HashMap<NodeName, Slot>,
    last_attempt: u64,
}

#[derive(Debug)]
enum Slot {
    /// We dial.
    Dialling(Pending),
    /// It has dialled, and the cookies are not checked yet.
    Answering(Pending),
    Up {
        peer: Arc<Peer>,
        /// It dials again, and says that it knows of no link.
        challenger: Option<Pending>,
    },
}

#[derive(Debug)]
struct Pending {
    attempt: u64,
    cancel: AbortHandle,
    waiting: Vec<Sender<Outcome>>,
}

/// What became of an attempt.
#[derive(Clone, Debug)]
pub(in crate::node) enum Outcome {
    Up(Arc<Peer>),
    Failed(Arc<ConnectError>),
    Again,
}

/// What somebody who wants a peer is to do.
#[derive(Debug)]
pub(in crate::node) enum Wish {
    Granted(Arc<Peer>),
    Ending,
    Wait,
    Dial(Attempt, AbortRegistration),
}

/// What a node that has dialled us is to be told.
#[derive(Debug)]
pub(in crate::node) enum Claim {
    /// `ok`.
    Free(Attempt),
    /// `ok_simultaneous`: our own attempt is cancelled.
    Theirs(Attempt),
    /// `nok`.
    Ours,
    /// `alive`.
    Linked(Attempt, Arc<Peer>),
    /// Nothing.
    Busy,
}

/// The right to go on under a name, unless somebody else has taken it over meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::node) struct Attempt {
    pub(in crate::node) name: NodeName,
    number: u64,
}

impl Peers {
    /// Somebody here wants this peer, and is told through the sender unless it is granted at once.
    pub(super) fn wish(&self, name: &NodeName, sender: Sender<Outcome>) -> Wish {
        let mut slots = self.lock();
        match slots.by_name.get_mut(name) {
            Some(Slot::Up { peer, .. }) if peer.is_up() => return Wish::Granted(Arc::clone(peer)),
            Some(Slot::Up { .. }) => return Wish::Ending,
            Some(Slot::Dialling(pending) | Slot::Answering(pending)) => {
                pending.waiting.push(sender);
                return Wish::Wait;
            }
            None => {}
        }
        let (pending, attempt, registration) = slots.begin(name, vec![sender]);
        slots.by_name.insert(name.clone(), Slot::Dialling(pending));
        Wish::Dial(attempt, registration)
    }

    /// An attempt that nobody waits for.
    pub(in crate::node) fn begin(&self, name: &NodeName) -> Attempt {
        let mut slots = self.lock();
        let (pending, attempt, _) = slots.begin(name, Vec::new());
        slots.by_name.insert(name.clone(), Slot::Dialling(pending));
        attempt
    }

    /// Somebody has dialled and claims this name. The registration belongs to whoever answers: a newer
    /// attempt under the same name ends an older one, which the peer must have given up.
    pub(super) fn claim(&self, own: &NodeName, name: &NodeName) -> (Claim, Option<AbortRegistration>) {
        let mut slots = self.lock();
        let (mut pending, attempt, registration) = slots.begin(name, Vec::new());
        match slots.by_name.remove(name) {
            Some(Slot::Dialling(ours)) if own > name => {
                slots.by_name.insert(name.clone(), Slot::Dialling(ours));
                return (Claim::Ours, None);
            }
            Some(Slot::Up { peer, challenger: Some(first) }) => {
                slots.by_name.insert(name.clone(), Slot::Up { peer, challenger: Some(first) });
                return (Claim::Busy, None);
            }
            Some(Slot::Up { peer, challenger: None }) => {
                let claim = Claim::Linked(attempt, Arc::clone(&peer));
                slots.by_name.insert(name.clone(), Slot::Up { peer, challenger: Some(pending) });
                return (claim, Some(registration));
            }
            Some(Slot::Dialling(old)) => {
                old.cancel.abort();
                pending.waiting = old.waiting;
                slots.by_name.insert(name.clone(), Slot::Answering(pending));
                return (Claim::Theirs(attempt), Some(registration));
            }
            Some(Slot::Answering(old)) => {
                old.cancel.abort();
                pending.waiting = old.waiting;
            }
            None => {}
        }
        slots.by_name.insert(name.clone(), Slot::Answering(pending));
        (Claim::Free(attempt), Some(registration))
    }

    /// The attempt has made a link. `Err` if it is not its turn any more.
    pub(super) fn succeed(&self, attempt: &Attempt, peer: &Arc<Peer>) -> Result<Vec<Sender<Outcome>>, ConnectReason> {
        let mut slots = self.lock();
        match slots.by_name.get(&attempt.name) {
            Some(Slot::Dialling(pending) | Slot::Answering(pending)) if pending.attempt == attempt.number => {}
            _ => return Err(ConnectReason::Superseded),
        }
        let up = Slot::Up { peer: Arc::clone(peer), challenger: None };
        match slots.by_name.insert(attempt.name.clone(), up) {
            Some(Slot::Dialling(pending) | Slot::Answering(pending)) => Ok(pending.waiting),
            _ => Ok(Vec::new()),
        }
    }

    /// The attempt is over without a link. Does nothing if it is not its turn any more.
    pub(super) fn fail(&self, attempt: &Attempt, error: &Arc<ConnectError>) {
        let mut slots = self.lock();
        let outcome = match slots.by_name.get_mut(&attempt.name) {
            Some(Slot::Dialling(pending)) if pending.attempt == attempt.number => Outcome::Failed(Arc::clone(error)),
            Some(Slot::Answering(pending)) if pending.attempt == attempt.number => Outcome::Again,
            Some(Slot::Up { challenger, .. }) => {
                if challenger.as_ref().is_some_and(|pending| pending.attempt == attempt.number) {
                    *challenger = None;
                }
                return;
            }
            _ => return,
        };
        if let Some(Slot::Dialling(pending) | Slot::Answering(pending)) = slots.by_name.remove(&attempt.name) {
            tell(pending.waiting, &outcome);
        }
        drop(slots);
        self.freed.notify(usize::MAX);
    }

    /// The end of a peer has been told to everybody. If it has dialled again, the slot is that attempt's.
    pub(super) fn free(&self, peer: &Arc<Peer>) {
        let mut slots = self.lock();
        if !slots.holds(peer) {
            return;
        }
        if let Some(Slot::Up { challenger: Some(pending), .. }) = slots.by_name.remove(peer.name()) {
            slots.by_name.insert(peer.name().clone(), Slot::Answering(pending));
        }
        drop(slots);
        self.freed.notify(usize::MAX);
    }

    /// The peer of this name, if its end has not been told to everybody yet.
    pub(in crate::node) fn up(&self, name: &str) -> Option<Arc<Peer>> {
        match self.lock().by_name.get(name) {
            Some(Slot::Up { peer, .. }) => Some(Arc::clone(peer)),
            _ => None,
        }
    }

    /// All peers.
    pub(in crate::node) fn all(&self) -> Vec<Arc<Peer>> {
        let slots = self.lock();
        let up = slots.by_name.values().filter_map(|slot| match slot {
            Slot::Up { peer, .. } => Some(Arc::clone(peer)),
            _ => None,
        });
        up.collect()
    }

    /// Whether the name is still this peer's.
    pub(in crate::node) fn is_held_by(&self, peer: &Arc<Peer>) -> bool {
        self.lock().holds(peer)
    }

    /// Whether nobody has the name, or is about to.
    pub(super) fn is_free(&self, name: &NodeName) -> bool {
        !self.lock().by_name.contains_key(name)
    }

    fn lock(&self) -> MutexGuard<'_, Slots> {
        // Nothing that runs under this lock can panic half way.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slots {
    fn begin(&mut self, name: &NodeName, waiting: Vec<Sender<Outcome>>) -> (Pending, Attempt, AbortRegistration) {
        self.last_attempt = self.last_attempt.wrapping_add(1);
        let number = self.last_attempt;
        let (cancel, registration) = AbortHandle::new_pair();
        (Pending { attempt: number, cancel, waiting }, Attempt { name: name.clone(), number }, registration)
    }

    fn holds(&self, peer: &Arc<Peer>) -> bool {
        matches!(self.by_name.get(peer.name()), Some(Slot::Up { peer: there, .. }) if Arc::ptr_eq(there, peer))
    }
}

pub(super) fn tell(waiting: Vec<Sender<Outcome>>, outcome: &Outcome) {
    // Whoever does not wait any more need not know.
    waiting.into_iter().for_each(|sender| drop(sender.try_send(outcome.clone())));
}
