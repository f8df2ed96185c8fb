//! A call that was let in, and what of a caller's wishes is refused.

use super::apply::Apply;
use super::functions::Function;
use super::invocation::{Call, Caller};
use super::raised::{Done, Named};
use super::room::Place;
use crate::etf::Pid;
use crate::failure::Code;
use crate::node::core::Core;
use crate::node::exits::deserves_a_line;
use crate::node::peer::Peer;
use crate::node::process::Process;
use crate::observe::Event;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// What a caller may have run. Dropped, it leaves its place to another one.
pub(super) struct Job {
    function: Arc<dyn Function>,
    what: Apply,
    caller: Caller,
    place: Option<Place>,
}

/// Why nothing runs.
#[derive(Debug)]
pub(super) enum NotLetIn {
    /// There is no such function, or none for this caller.
    Undef(Apply),
    /// As much runs as may.
    NoRoom,
}

impl Job {
    /// Runs as this process. The place is taken until whoever waits has been told.
    pub(super) async fn run(self, process: Process) -> (Done, Option<Place>) {
        let Self { function, what, caller, place } = self;
        let name = what.name();
        let outcome = function.call(Call { process, arguments: what.arguments, caller }).await;
        (Done::of(outcome, &name), place)
    }
}

impl Caller {
    pub(super) fn of(core: &Core, pid: Option<Pid>, peer: Option<&Arc<Peer>>) -> Self {
        let node = peer.map_or(&core.name, |peer| peer.name()).clone();
        Self { pid, peer: peer.cloned(), node }
    }
}

impl Core {
    /// The one door: whatever way a call takes, it is held against the list here, and nowhere else. Our own processes
    /// are on every list, as they could do everything themselves.
    pub(super) fn let_in(&self, caller: Caller, what: Apply) -> Result<Job, NotLetIn> {
        let export = self.settings.functions.find(&what.module, &what.function, what.arguments.len());
        let Some(peer) = caller.peer.clone() else {
            return match export {
                Some(export) => Ok(Job { function: Arc::clone(&export.function), what, caller, place: None }),
                None => Err(NotLetIn::Undef(what)),
            };
        };
        let Some(export) = export.filter(|export| export.callers.admit(peer.name(), &peer.identity())) else {
            self.refuse_call(&peer, &what.name(), Code::NotAllowed);
            return Err(NotLetIn::Undef(what));
        };
        let Some(place) = self.calls.enter(&peer.facts().peer_atom, &self.settings.limits) else {
            self.refuse_call(&peer, &what.name(), Code::TooMany);
            return Err(NotLetIn::NoRoom);
        };
        Ok(Job { function: Arc::clone(&export.function), what, caller, place: Some(place) })
    }

    /// Counts and reports what a peer wanted in vain. The line says nothing of whether there is such a function: the
    /// program knows what it has exported.
    pub(super) fn refuse_call(&self, peer: &Peer, what: &Named, code: Code) {
        self.refused_calls.fetch_add(1, Ordering::Relaxed);
        let (before, identity, peer) = (peer.refuse(), peer.identity(), peer.name());
        let refused = before.saturating_add(1);
        if deserves_a_line(before, refused) {
            log::warn!(target: "countersign::node", event:% = Event::CallRefused, peer:%, identity:%, what:%, refused, code:%; "a remote call was refused");
        }
    }
}
