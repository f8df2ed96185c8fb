//! `rex`: says which features of remote calls this node has, passes on what peers broadcast to names, and
//! takes the calls that do not come by `erpc`.

use crate::etf::{Atom, Pid, Term, atom, list, tuple};
use crate::node::call::{self, Request};
use crate::node::mail::{Mail, Message};
use crate::node::process::Process;
use crate::node::rpc;

pub(super) async fn run(mut process: Process) {
    loop {
        let Mail::Message(message) = process.receive().await else { continue };
        match Request::parse(message) {
            Ok(request) => rpc::rex::request(process.core(), process.pid(), request),
            Err(message) => plain(&process, message),
        }
    }
}

fn plain(process: &Process, message: Message) {
    if rpc::rex::cast(process.core(), process.pid(), &message.term, message.peer.as_ref()) {
        return;
    }
    let Some([Term::Pid(from), what]) = message.term.as_tuple() else { return };
    if !message.may_be_answered_to(from) {
        return;
    }
    if what.is_atom("features_request") {
        let reply = tuple([atom("features_reply"), Term::from(process.core().atom.clone()), features(process)]);
        call::tell(process.core(), process.pid(), from.as_ref(), reply);
    } else if rpc::rex::plain_call(process.core(), process.pid(), from, what, message.peer.as_ref()) {
        // It will be answered.
    } else if let Some([kind, Term::Atom(name), what]) = what.as_tuple() {
        broadcast(process, from, kind, name, Message { term: what.clone(), peer: message.peer.clone() });
    }
}

/// `erpc` is announced where it could be of use.
fn features(process: &Process) -> Term {
    let has_functions = !process.core().settings.functions.is_empty();
    list(has_functions.then(|| atom("erpc")))
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
    // Not to itself: one message would keep it busy as often as another one stands inside, copying the rest each time.
    let found = core.registry.named(name).filter(|body| body.pid != *process.pid());
    let outcome = if found.is_some() { node.clone() } else { tuple([atom("nonexisting_name"), Term::from(name.clone())]) };
    if is_confirmed || found.is_none() {
        call::tell(core, process.pid(), from, tuple([atom("rex"), node, outcome]));
    }
    if let Some(body) = found {
        core.put(&body, message);
    }
}
