//! `global_name_server`: what a visible node says to OTP's `global`, and no more.
//!
//! OTP's process of this name casts `init_connect` to that of each visible node that comes up, and counts it as in step when
//! the two have exchanged their names under a lock; until then `global:sync/0` waits. The word `in_sync` ends that without
//! an exchange: OTP's nodes say it to those that they know through others. Whoever hears it from us counts us as in step and
//! does not note us among the nodes that `global` knows. So it asks us for no lock of its own, sends us no names, and
//! when it loses its link to us tells the others something that they pass over: `prevent_overlapping_partitions` cuts no link.
//!
//! Locks are another matter: `global:set_lock/1` asks all of `nodes()`, us too. Those are granted, and kept.

mod locks;

use crate::etf::{Atom, Term, atom, tuple};
use crate::node::call::{self, Request};
use crate::node::mail::{Mail, Message};
use crate::node::process::Process;
use locks::Locks;

/// Its name, here and there.
pub(super) const NAME: &str = "global_name_server";

pub(super) async fn run(mut process: Process) {
    let mut locks = Locks::default();
    loop {
        match process.receive().await {
            Mail::Message(message) => match Request::parse(message) {
                Ok(request) => {
                    let answer = answer(&process, &mut locks, &request);
                    call::answer(process.core(), process.pid(), &request, answer);
                }
                Err(message) => greet(&process, &message),
            },
            Mail::Down(down) => locks.lose(&down.reference),
            _ => {}
        }
    }
}

fn answer(process: &Process, locks: &mut Locks, request: &Request) -> Term {
    let asked = match request.request.as_tuple() {
        Some([what, lock]) => lock.as_tuple().map(|lock| (what, lock)),
        _ => None,
    };
    match asked {
        Some((what, [resource, requester])) if what.is_atom("set_lock") => {
            let watch = || process.monitor_at(request.from(), request.peer.as_ref());
            Term::from(locks.set(resource, requester, request.from(), watch))
        }
        Some((what, [resource, requester])) if what.is_atom("del_lock") => {
            if let Some(reference) = locks.delete(resource, requester, request.from()) {
                process.watch_no_more(&reference);
            }
            Term::from(true)
        }
        _ => tuple([atom("error"), atom("notsup")]),
    }
}

/// `{init_connect, {Version, Tag}, Node, Locker}`
fn greet(process: &Process, message: &Message) {
    let Some(peer) = &message.peer else { return };
    let Some([kind, cast]) = message.term.as_tuple() else { return };
    let Some([what, _version, node, _locker]) = cast.as_tuple() else { return };
    // Of itself: nobody has us say anything about others.
    let is_of_peer = matches!(node, Term::Atom(node) if *node == peer.facts().peer_atom);
    if kind.is_atom("$gen_cast") && what.is_atom("init_connect") && is_of_peer {
        let own = Term::from(process.core().atom.clone());
        process.tell_name(peer, &Atom::fixed(NAME), &call::cast(tuple([atom("in_sync"), own, atom("true")])));
    }
}
