//! `rex`: says which features of remote calls this node has, passes on what peers broadcast to names, and
//! refuses calls in the words of `rpc`.

use crate::etf::{Atom, Pid, Term, atom, tuple};
use crate::node::call::{self, Request};
use crate::node::mail::{Mail, Message};
use crate::node::process::Process;

pub(super) async fn run(mut process: Process) {
    loop {
        let Mail::Message(message) = process.receive().await else { continue };
        match Request::parse(message) {
            Ok(request) => call::answer(process.core(), process.pid(), &request, tuple([atom("badrpc"), atom("notsup")])),
            Err(message) => plain(&process, message),
        }
    }
}

fn plain(process: &Process, message: Message) {
    let Some([Term::Pid(from), what]) = message.term.as_tuple() else { return };
    if !message.may_be_answered_to(from) {
        return;
    }
    if what.is_atom("features_request") {
        let reply = tuple([atom("features_reply"), Term::from(process.core().atom.clone()), Term::nil()]);
        call::tell(process.core(), process.pid(), from.as_ref(), reply);
    } else if let Some([kind, Term::Atom(name), what]) = what.as_tuple() {
        broadcast(process, from, kind, name, Message { term: what.clone(), peer: message.peer.clone() });
    }
}

/// `sbcast` confirms what arrived; `send` leaves that to whoever gets it, who learns from whom it is.
fn broadcast(process: &Process, from: &Pid, kind: &Term, name: &Atom, mut message: Message) {
    let is_confirmed = kind.is_atom("sbcast");
    if !is_confirmed && !kind.is_atom("send") {
        return;
    }
    if !is_confirmed {
        message.term = tuple([Term::from(from.clone()), message.term]);
    }
    let (core, node) = (process.core(), Term::from(process.core().atom.clone()));
    let found = core.registry.named(name);
    let outcome = if found.is_some() { node.clone() } else { tuple([atom("nonexisting_name"), Term::from(name.clone())]) };
    if is_confirmed || found.is_none() {
        call::tell(core, process.pid(), from, tuple([atom("rex"), node, outcome]));
    }
    if let Some(body) = found {
        core.put(&body, message);
    }
}
