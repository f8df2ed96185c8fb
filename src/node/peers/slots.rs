//! The slots, and who may have one. Every race between two attempts is decided here, under one lock.
//!
//! A name alone moves nothing: anybody can say one. Attempts under the same name go on side by side, ours and
//! theirs, and the first one to show the cookie has the slot and ends the others.

use crate::node::error::{ConnectError, ConnectReason};
use crate::node::peer::Peer;
use crate::node_name::NodeName;
use crate::rt::Event;
use crate::rt::channel::Sender;
use futures_util::future::{AbortHandle, AbortRegistration};
use std::collections::{HashMap, VecDeque};
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

/// What is known of a name. A slot in which there is nothing is removed.
#[derive(Debug, Default)]
struct Slot {
    up: Option<Arc<Peer>>,
    /// We dial.
    dialling: Option<Pending>,
    /// It has dialled, and the cookies are not checked yet; the oldest first.
    answering: VecDeque<Pending>,
    waiting: Vec<Sender<Outcome>>,
}

#[derive(Debug)]
struct Pending {
    attempt: u64,
    cancel: AbortHandle,
}

/// What became of an attempt.
#[derive(Clone, Debug)]
pub(in crate::node) enum Outcome {
    Up(Arc<Peer>),
    Failed(Arc<ConnectError>),
    /// Theirs failed; that says nothing about ours.
    Again,
}

/// What somebody who wants a peer is to do.
#[derive(Debug)]
pub(in crate::node) enum Wish {
    Granted(Arc<Peer>),
    /// Its link has ended, or is about to, and not everybody knows yet.
    Ending,
    Wait,
    Dial(Attempt, AbortRegistration),
}

/// What a node that has dialled us is to be told.
#[derive(Debug)]
pub(in crate::node) enum Claim {
    /// `ok`.
    Free(Attempt, AbortRegistration),
    /// `ok_simultaneous`: its attempt goes before ours.
    Theirs(Attempt, AbortRegistration),
    /// `nok`.
    Ours,
    /// `alive`.
    Linked(Attempt, AbortRegistration, Arc<Peer>),
    /// `not_allowed`: a verified peer has the name, and this one is none.
    Forbidden,
}

/// The right to go on under a name, until another attempt is faster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::node) struct Attempt {
    pub(in crate::node) name: NodeName,
    number: u64,
}

impl Peers {
    /// Somebody here wants this peer, and is told through the sender unless it is granted at once. While the
    /// peer dials us nobody else need dial; but who has seen that fail insists.
    pub(super) fn wish(&self, name: &NodeName, insists: bool, sender: Sender<Outcome>) -> Wish {
        let mut slots = self.lock();
        let slot = slots.by_name.entry(name.clone()).or_default();
        match &slot.up {
            Some(peer) if peer.is_up() => return Wish::Granted(Arc::clone(peer)),
            Some(_) => return Wish::Ending,
            None => {}
        }
        slot.waiting.push(sender);
        if slot.dialling.is_some() || !slot.answering.is_empty() && !insists {
            return Wish::Wait;
        }
        let (attempt, registration) = slots.dial(name);
        Wish::Dial(attempt, registration)
    }

    /// An attempt that nobody waits for.
    pub(in crate::node) fn begin(&self, name: &NodeName) -> Attempt {
        self.lock().dial(name).0
    }

    /// Somebody has dialled and claims this name.
    pub(super) fn claim(&self, own: &NodeName, name: &NodeName, is_verified: bool) -> Claim {
        let mut slots = self.lock();
        let slot = slots.by_name.entry(name.clone()).or_default();
        let up = slot.up.clone();
        match &up {
            Some(peer) if peer.identity().is_verified() && !is_verified => return Claim::Forbidden,
            None if slot.dialling.is_some() && own > name => return Claim::Ours,
            _ => {}
        }
        let collides = slot.dialling.is_some();
        let (pending, attempt, registration) = slots.start(name);
        let slot = slots.by_name.entry(name.clone()).or_default();
        slot.answering.push_back(pending);
        if slot.answering.len() > MOST_ANSWERING
            && let Some(oldest) = slot.answering.pop_front()
        {
            oldest.cancel.abort();
        }
        match up {
            Some(peer) => Claim::Linked(attempt, registration, peer),
            None if collides => Claim::Theirs(attempt, registration),
            None => Claim::Free(attempt, registration),
        }
    }

    /// The attempt has shown the cookie and made a link: the others are over. `Err` if one was faster.
    pub(super) fn succeed(&self, attempt: &Attempt, peer: &Arc<Peer>) -> Result<Vec<Sender<Outcome>>, ConnectReason> {
        let mut slots = self.lock();
        let slot = slots.by_name.get_mut(&attempt.name).filter(|slot| slot.has(attempt) && slot.up.is_none());
        let slot = slot.ok_or(ConnectReason::Superseded)?;
        slot.remove(attempt);
        slot.dialling.take().into_iter().chain(slot.answering.drain(..)).for_each(|other| other.cancel.abort());
        slot.up = Some(Arc::clone(peer));
        Ok(std::mem::take(&mut slot.waiting))
    }

    /// The attempt is over without a link.
    pub(super) fn fail(&self, attempt: &Attempt, error: &Arc<ConnectError>) {
        let mut slots = self.lock();
        let Some(slot) = slots.by_name.get_mut(&attempt.name).filter(|slot| slot.has(attempt)) else { return };
        let was_ours = slot.dialling.as_ref().is_some_and(|pending| pending.attempt == attempt.number);
        slot.remove(attempt);
        // Whoever gives way waits on for the attempt that it gave way to.
        let goes_on = slot.dialling.is_some() || !slot.answering.is_empty() && (!was_ours || error.gives_way());
        if !goes_on {
            let outcome = if was_ours { Outcome::Failed(Arc::clone(error)) } else { Outcome::Again };
            tell(std::mem::take(&mut slot.waiting), &outcome);
        }
        slots.sweep(&attempt.name);
        drop(slots);
        self.freed.notify(usize::MAX);
    }

    /// The end of a peer has been told to everybody.
    pub(super) fn free(&self, peer: &Arc<Peer>) {
        let mut slots = self.lock();
        let held = slots.by_name.get_mut(peer.name()).filter(|slot| slot.is_held_by(peer));
        let Some(slot) = held else { return };
        slot.up = None;
        slots.sweep(peer.name());
        drop(slots);
        self.freed.notify(usize::MAX);
    }

    /// The peer of this name, if its end has not been told to everybody yet.
    pub(in crate::node) fn up(&self, name: &str) -> Option<Arc<Peer>> {
        self.lock().by_name.get(name).and_then(|slot| slot.up.clone())
    }

    /// All peers.
    pub(in crate::node) fn all(&self) -> Vec<Arc<Peer>> {
        self.lock().by_name.values().filter_map(|slot| slot.up.clone()).collect()
    }

    /// Whether the name is still this peer's.
    pub(in crate::node) fn is_held_by(&self, peer: &Arc<Peer>) -> bool {
        self.lock().by_name.get(peer.name()).is_some_and(|slot| slot.is_held_by(peer))
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
    fn start(&mut self, name: &NodeName) -> (Pending, Attempt, AbortRegistration) {
        self.last_attempt = self.last_attempt.wrapping_add(1);
        let number = self.last_attempt;
        let (cancel, registration) = AbortHandle::new_pair();
        (Pending { attempt: number, cancel }, Attempt { name: name.clone(), number }, registration)
    }

    fn dial(&mut self, name: &NodeName) -> (Attempt, AbortRegistration) {
        let (pending, attempt, registration) = self.start(name);
        self.by_name.entry(name.clone()).or_default().dialling = Some(pending);
        (attempt, registration)
    }

    fn sweep(&mut self, name: &NodeName) {
        if self.by_name.get(name).is_some_and(Slot::is_empty) {
            self.by_name.remove(name);
        }
    }
}

impl Slot {
    fn has(&self, attempt: &Attempt) -> bool {
        self.dialling.iter().chain(&self.answering).any(|pending| pending.attempt == attempt.number)
    }

    fn remove(&mut self, attempt: &Attempt) {
        self.dialling = self.dialling.take().filter(|pending| pending.attempt != attempt.number);
        self.answering.retain(|pending| pending.attempt != attempt.number);
    }

    fn is_held_by(&self, peer: &Arc<Peer>) -> bool {
        self.up.as_ref().is_some_and(|up| Arc::ptr_eq(up, peer))
    }

    fn is_empty(&self) -> bool {
        self.up.is_none() && self.dialling.is_none() && self.answering.is_empty() && self.waiting.is_empty()
    }
}

pub(super) fn tell(waiting: Vec<Sender<Outcome>>, outcome: &Outcome) {
    // Whoever does not wait any more need not know.
    waiting.into_iter().for_each(|sender| drop(sender.try_send(outcome.clone())));
}

/// Of one name at a time: an honest node has one, and takes milliseconds.
const MOST_ANSWERING: usize = 16;
