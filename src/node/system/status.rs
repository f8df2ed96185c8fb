//! What a node says of itself, as a term.

use crate::etf::{Map, Term, atom, list};
use crate::net::link::TlsFacts;
use crate::node::core::Core;
use crate::node::peer::Peer;
use crate::tls::Issue;
use std::sync::atomic::Ordering;

/// Everything: a map of atoms to numbers, texts and lists of maps.
pub(super) fn of(core: &Core) -> Term {
    let mut peers = core.peers.all();
    peers.sort_by(|one, other| one.name().cmp(other.name()));
    let listens = core.listens().into_iter().map(|address| Term::from(address.to_string()));
    let refusals = core.counters.refusals().into_iter().map(|(code, count)| (Term::from(code), Term::from(count)));
    map([
        ("name", Term::from(core.atom.clone())),
        ("version", Term::from(env!("CARGO_PKG_VERSION"))),
        ("creation", Term::from(core.creation.0)),
        ("uptime_seconds", Term::from(core.since.elapsed().as_secs())),
        ("listens", list(listens)),
        ("certificate", core.settings.manager.as_ref().map_or(atom("none"), |manager| certificate(&manager.resolver().current()))),
        ("processes", Term::from(core.registry.count() as u64)),
        ("registered", list(core.registry.names().into_iter().map(Term::from))),
        ("dropped_messages", Term::from(core.dropped.load(Ordering::Relaxed))),
        ("calls_running", Term::from(core.calls.taken() as u64)),
        ("calls_refused", Term::from(core.refused_calls.load(Ordering::Relaxed))),
        ("links_made", Term::from(core.counters.accepted())),
        ("refusals", Map::new(refusals).map_or_else(|_| Term::nil(), Term::from)),
        ("links", list(peers.iter().map(|peer| link(peer)))),
    ])
}

fn certificate(issue: &Issue) -> Term {
    let leaf = issue.certificate.leaf();
    map([
        ("subject", Term::from(leaf.subject.as_str())),
        ("names", Term::from(leaf.names())),
        ("issuer", Term::from(leaf.issuer.as_str())),
        ("not_before", Term::from(leaf.not_before.to_string())),
        ("not_after", Term::from(leaf.not_after.to_string())),
        ("sha256", Term::from(leaf.fingerprint.to_string())),
        ("generation", Term::from(issue.generation.to_string())),
    ])
}

fn link(peer: &Peer) -> Term {
    let (facts, transport) = (peer.facts(), peer.transport());
    let (traffic, handovers) = (peer.link().traffic(), peer.link().handovers());
    let failure = handovers.last_failure.map(|failure| format!("{}: {} ({})", failure.code, failure.reason, failure.at));
    map([
        ("peer", Term::from(facts.peer_atom.clone())),
        ("visible", Term::from(facts.is_visible())),
        ("dialled", Term::from(facts.dialled)),
        ("address", Term::from(transport.ends.peer.map_or_else(String::new, |address| address.to_string()))),
        ("identity", Term::from(peer.identity().to_string())),
        ("verified", Term::from(peer.identity().is_verified())),
        ("tls", transport.tls.as_ref().map_or(atom("none"), tls)),
        ("generation", transport.presented.as_ref().map_or(atom("none"), |issue| Term::from(issue.generation.to_string()))),
        ("handovers", Term::from(handovers.done)),
        ("handovers_failed", Term::from(handovers.failed)),
        ("handover_failure", failure.map_or_else(|| atom("none"), Term::from)),
        ("handover_impossible", handovers.cannot.map_or_else(|| atom("false"), |cannot| Term::from(cannot.to_string()))),
        ("up_seconds", Term::from(peer.since().elapsed().as_secs())),
        ("bytes_sent", Term::from(traffic.sent)),
        ("bytes_received", Term::from(traffic.received)),
        ("bytes_waiting", Term::from(peer.link().waiting() as u64)),
    ])
}

fn tls(facts: &TlsFacts) -> Term {
    map([
        ("version", Term::from(facts.version)),
        ("suite", Term::from(facts.suite)),
        ("key_exchange", Term::from(facts.key_exchange)),
        ("countersign", Term::from(facts.is_ours)),
    ])
}

/// The names are ours and differ.
fn map<const N: usize>(fields: [(&'static str, Term); N]) -> Term {
    Map::new(fields.into_iter().map(|(name, value)| (atom(name), value))).map_or_else(|_| Term::nil(), Term::from)
}
