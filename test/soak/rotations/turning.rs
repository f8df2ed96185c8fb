//! One node's certificate is replaced, and looked for.

use crate::plan::Mode;
use crate::tally::Counts;
use crate::worker::{Member, certificate, options};
use countersign::node::{Node, NodeOptions};
use countersign::rt;
use countersign::tls::Generation;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Replaces certificates by turns until it is enough.
pub(crate) async fn turn(members: &[Member], mode: Mode, stock: u64, counts: &Counts, enough: &AtomicBool) {
    for number in 1..stock {
        for member in members {
            if enough.load(Ordering::Relaxed) {
                return;
            }
            let generation = replace(member, number, counts);
            match mode {
                Mode::Handover => until_moved(member, generation, counts).await,
                Mode::Keep | Mode::Otp => look(member, number, counts).await,
            }
        }
    }
    counts.fault("there are no certificates left");
}

fn replace(member: &Member, number: u64, counts: &Counts) -> Generation {
    let updated = member.node.cert_manager().unwrap().update(certificate(&member.files, member.number, number));
    Counts::add(&counts.rotations, 1);
    updated.unwrap_or_else(|refused| {
        counts.fault(&format!("{} cannot take its certificate {number}: {refused}", member.node.name()));
        Generation(0)
    })
}

/// Until every link of a node carries its newest certificate.
pub(crate) async fn until_moved(member: &Member, generation: Generation, counts: &Counts) {
    let began = Instant::now();
    while shown(&member.node).any(|shown| shown != Some(generation)) {
        // No event tells it of all links at once.
        rt::sleep(Duration::from_millis(5)).await;
        if began.elapsed() > PATIENCE {
            let late: Vec<_> = shown(&member.node).collect();
            return counts.fault(&format!("links of {} still show {late:?} and not {generation}", member.node.name()));
        }
    }
}

/// What the links of a node show of it.
fn shown(node: &Node) -> impl Iterator<Item = Option<Generation>> {
    node.peers().into_iter().map(|peer| peer.transport().presented.as_ref().map(|issue| issue.generation))
}

/// Somebody new connects, and sees what was put there last.
async fn look(member: &Member, number: u64, counts: &Counts) {
    let guest = NodeOptions { acceptors: Vec::new(), ..options(&member.files, member.epmd, member.number, Mode::Keep) };
    let newest = certificate(&member.files, member.number, number).leaf().fingerprint;
    let guest = match Node::join(member.node.name(), guest).await {
        Ok(guest) => guest,
        Err(error) => return counts.fault(&format!("nobody new can connect to {}: {error}", member.node.name())),
    };
    let seen = guest.peers().first().and_then(|peer| Some(peer.transport().peer_certificate.as_ref()?.leaf.fingerprint));
    if seen == Some(newest) {
        Counts::add(&counts.looked, 1);
    } else {
        counts.fault(&format!("{} does not show its certificate {number} to a new connection", member.node.name()));
    }
    guest.stop().await;
}

const PATIENCE: Duration = Duration::from_secs(60);
