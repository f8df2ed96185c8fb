//! Calls that come to the process `rex` instead of by `erpc`: `rpc:block_call`, what nodes of C send, and what
//! anybody else says in the old way.

use super::apply::Apply;
use super::invocation::Caller;
use super::job::NotLetIn;
use super::raised::Done;
use crate::etf::{Pid, Term, atom, tuple};
use crate::failure::Code;
use crate::node::call::{self, Request};
use crate::node::core::Core;
use crate::node::peer::Peer;
use crate::node::reason;
use std::sync::Arc;

/// Whom an answer goes to.
enum Asked {
    ByGenCall(Request),
    /// Of C: `{rex, Answer}`.
    Plainly(Pid),
    ByCast,
}

/// A gen_call: `{call, Module, Function, Arguments, GroupLeader}`, or `block_call`. Neither keeps others waiting here.
pub(in crate::node) fn request(core: &Arc<Core>, rex: &Pid, request: Request) {
    let what = named(&request.request, &["call", "block_call"]);
    let caller = Caller::of(core, Some(request.from().clone()), request.peer.as_ref());
    run(core, rex, Asked::ByGenCall(request), caller, what);
}

/// A message `{From, {call, Module, Function, Arguments, GroupLeader}}`, and whether it is one.
pub(in crate::node) fn plain_call(core: &Arc<Core>, rex: &Pid, from: &Pid, message: &Term, peer: Option<&Arc<Peer>>) -> bool {
    let what = named(message, &["call"]);
    let is_call = what.is_some();
    if is_call {
        run(core, rex, Asked::Plainly(from.clone()), Caller::of(core, Some(from.clone()), peer), what);
    }
    is_call
}

/// A gen_cast: `{'$gen_cast', {cast, Module, Function, Arguments, GroupLeader}}`, and whether it is one.
pub(in crate::node) fn cast(core: &Arc<Core>, rex: &Pid, message: &Term, peer: Option<&Arc<Peer>>) -> bool {
    let what = match message.as_tuple() {
        Some([kind, cast]) if kind.is_atom("$gen_cast") => named(cast, &["cast"]),
        _ => None,
    };
    let is_cast = what.is_some();
    if is_cast {
        run(core, rex, Asked::ByCast, Caller::of(core, None, peer), what);
    }
    is_cast
}

fn named(request: &Term, kinds: &[&str]) -> Option<Apply> {
    match request.as_tuple()? {
        [kind, module, function, arguments, _group_leader] if kinds.iter().any(|name| kind.is_atom(name)) => {
            Apply::from_terms(module, function, arguments)
        }
        _ => None,
    }
}

fn run(core: &Arc<Core>, rex: &Pid, asked: Asked, caller: Caller, what: Option<Apply>) {
    let peer = caller.peer.clone();
    let mut owed = Owed { core: Arc::clone(core), rex: rex.clone(), asked, answer: bad(tuple([atom("EXIT"), reason::killed()])) };
    // Without functions there is nothing that could be called, whatever it is.
    let Some(what) = what.filter(|what| has_functions(core, peer.as_deref(), what)) else {
        return owed.shall_be(bad(atom("notsup")));
    };
    match core.let_in(caller, what) {
        Ok(job) => {
            core.spawn_process(move |process| async move {
                let (done, _place) = job.run(process).await;
                owed.shall_be(done.into_rex());
                if let Some(peer) = peer {
                    // As with a value that `erpc` is told.
                    peer.link.room().await;
                }
            });
        }
        Err(NotLetIn::Undef(what)) => owed.shall_be(Done::undef(what).into_rex()),
        Err(NotLetIn::NoRoom) => owed.shall_be(bad(tuple([atom("EXIT"), atom("system_limit")]))),
    }
}

fn has_functions(core: &Core, peer: Option<&Peer>, what: &Apply) -> bool {
    let has_some = !core.settings.functions.is_empty();
    if let Some(peer) = peer.filter(|_| !has_some) {
        core.refuse_call(peer, &what.name(), Code::NotAllowed);
    }
    has_some
}

fn bad(reason: Term) -> Term {
    tuple([atom("badrpc"), reason])
}

/// The answer that somebody waits for: given when this is dropped, so also if whoever works on it is ended.
struct Owed {
    core: Arc<Core>,
    rex: Pid,
    asked: Asked,
    answer: Term,
}

impl Owed {
    fn shall_be(&mut self, answer: Term) {
        self.answer = answer;
    }
}

impl Drop for Owed {
    fn drop(&mut self) {
        let answer = std::mem::replace(&mut self.answer, Term::nil());
        match &self.asked {
            Asked::ByGenCall(request) => call::answer(&self.core, &self.rex, request, answer),
            Asked::Plainly(from) => call::tell(&self.core, &self.rex, from, tuple([atom("rex"), answer])),
            Asked::ByCast => {}
        }
    }
}
