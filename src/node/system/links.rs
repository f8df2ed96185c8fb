//! What a node says of its links, as a term.

use super::facts::{certificate, failure, fields, optional};
use crate::clock::Timestamp;
use crate::etf::{Term, atom, list};
use crate::net::HandoverFailure;
use crate::net::link::TlsFacts;
use crate::node::core::Core;
use crate::node::peer::Peer;
use std::net::SocketAddr;

/// A list of maps, by the names of the peers.
pub(super) fn of(core: &Core) -> Term {
    let mut peers = core.peers.all();
    peers.sort_by(|one, other| one.name().cmp(other.name()));
    let now = core.settings.clock.now();
    list(peers.iter().map(|peer| link(core, peer, now)))
}

fn link(core: &Core, peer: &Peer, now: Timestamp) -> Term {
    let (facts, transport) = (peer.facts(), peer.transport());
    let (traffic, handovers) = (peer.link().traffic(), peer.link().handovers());
    let presented = transport.presented.as_ref();
    let theirs = transport.peer_certificate.as_ref();
    fields([
        ("peer", Term::from(facts.peer_atom.clone())),
        ("visible", Term::from(facts.is_visible())),
        ("dialled", Term::from(facts.dialled)),
        ("address", address(transport.ends.peer)),
        ("local_address", address(transport.ends.local)),
        ("identity", Term::from(peer.identity().to_string())),
        ("verified", Term::from(peer.identity().is_verified())),
        ("tls", optional(transport.tls.as_ref(), tls)),
        ("generation", optional(presented, |issue| Term::from(issue.generation.0))),
        ("outdated", Term::from(transport.is_outdated())),
        ("handovers", Term::from(handovers.done)),
        ("handovers_failed", Term::from(handovers.failed)),
        ("handover_failure", optional(handovers.last_failure.as_ref(), told)),
        ("handover_impossible", handovers.cannot.map_or_else(|| atom("false"), |cannot| Term::from(cannot.to_string()))),
        ("own_certificate", optional(presented, |issue| certificate(issue.certificate.leaf(), now))),
        ("peer_certificate", optional(theirs, |theirs| certificate(&theirs.leaf, now))),
        ("up_seconds", Term::from(peer.since().elapsed().as_secs())),
        ("bytes_sent", Term::from(traffic.sent)),
        ("bytes_received", Term::from(traffic.received)),
        ("bytes_waiting", Term::from(peer.link().waiting() as u64)),
        ("messages_sent", Term::from(traffic.messages_sent)),
        ("messages_received", Term::from(traffic.messages_received)),
        ("last_failure", optional(core.counters.last_failures().of(facts.peer.as_str()), |last| failure(&last))),
    ])
}

fn told(failure: &HandoverFailure) -> Term {
    Term::from(format!("{}: {} ({})", failure.code, failure.reason, failure.at))
}

fn address(address: Option<SocketAddr>) -> Term {
    Term::from(address.map_or_else(String::new, |address| address.to_string()))
}

fn tls(facts: &TlsFacts) -> Term {
    fields([
        ("version", Term::from(facts.version)),
        ("suite", Term::from(facts.suite)),
        ("key_exchange", Term::from(facts.key_exchange)),
        ("countersign", Term::from(facts.is_ours)),
    ])
}
