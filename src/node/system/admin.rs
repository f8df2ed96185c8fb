//! `countersign`: the node's own process, which the command line and any Erlang shell can call:
//! `gen_server:call({countersign, 'a@host'}, status)`.

use super::facts::because;
use super::{ca_use, disconnect, links, rotate, status};
use crate::etf::{Term, atom, tuple};
use crate::node::call::{self, Request};
use crate::node::core::Core;
use crate::node::exits::deserves_a_line;
use crate::node::identity::Identity;
use crate::node::mail::Mail;
use crate::node::process::Process;
use crate::observe::Event;
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub(super) async fn run(mut process: Process) {
    loop {
        let Mail::Message(message) = process.receive().await else { continue };
        let Ok(request) = Request::parse(message) else { continue };
        let core = Arc::clone(process.core());
        if let Some(whom) = disconnect::whom(&request.request).map(str::to_owned) {
            match refusal(&core, &request, "disconnect", is_admin) {
                None => disconnect::carry_out(&core, process.pid(), request, &whom),
                Some(refusal) => call::answer(&core, process.pid(), &request, refusal),
            }
            continue;
        }
        if let Some(wanted) = rotate::wanted(&request.request) {
            match refusal(&core, &request, "rotate", is_admin) {
                None => rotate::carry_out(&core, process.pid(), request, wanted),
                Some(refusal) => call::answer(&core, process.pid(), &request, refusal),
            }
            continue;
        }
        let (answer, stops) = answer(&core, &request);
        call::answer(&core, process.pid(), &request, answer);
        if stops {
            core.stop_wanted.store(true, Ordering::SeqCst);
            core.changed.notify(usize::MAX);
        }
    }
}

/// Reading is open to verified peers; what changes something, to admins. On a node that verifies nobody,
/// reading is open to all.
fn answer(core: &Core, request: &Request) -> (Term, bool) {
    match &request.request {
        what if what.is_atom("status") => (read(core, request, "status", status::of), false),
        what if what.is_atom("links") => (read(core, request, "links", links::of), false),
        what if what.is_atom("failures") => (read(core, request, "failures", status::failures), false),
        what if what.is_atom("ping") => (atom("pong"), false),
        what if what.is_atom("stop") => match refusal(core, request, "stop", is_admin) {
            None => (atom("ok"), true),
            Some(refusal) => (refusal, false),
        },
        what => match ca_use::asked(what) {
            Some(fingerprints) => match refusal(core, request, "depends_on", may_read) {
                None => (ca_use::answer(core, &fingerprints), false),
                Some(refusal) => (refusal, false),
            },
            None => (tuple([atom("error"), atom("notsup")]), false),
        },
    }
}

fn read(core: &Core, request: &Request, what: &'static str, say: impl Fn(&Core) -> Term) -> Term {
    refusal(core, request, what, may_read).unwrap_or_else(|| say(core))
}

fn refusal(core: &Core, request: &Request, what: &'static str, may: impl Fn(&Core, &Identity) -> bool) -> Option<Term> {
    // Our own processes are trusted: they could stop the whole program.
    let peer = request.peer.as_ref()?;
    if may(core, &peer.identity()) {
        return None;
    }
    let (before, peer, identity) = (peer.refuse(), peer.name(), peer.identity());
    if deserves_a_line(before, before.saturating_add(1)) {
        let refused = before.saturating_add(1);
        log::warn!(target: "countersign::node", event:% = Event::RequestRefused, peer:%, identity:%, what, refused, code = "not_allowed"; "a request was refused");
    }
    Some(because("not_allowed", format!("{peer} is {identity}, and may not ask {} for: {what}", core.name)))
}

fn may_read(core: &Core, identity: &Identity) -> bool {
    core.settings.manager.is_none() || identity.is_verified()
}

fn is_admin(core: &Core, identity: &Identity) -> bool {
    // Whoever had a certificate of another subject presented can take that back.
    let is_own = core.own().any(|own| identity.is_as(own.leaf()));
    let has_name = |name| identity.certificate().is_some_and(|leaf| core.settings.identity.has_name(leaf, name));
    is_own || has_name(&core.name) || core.settings.admins.iter().any(has_name)
}
