//! What has happened in a demo: for people in sentences, for programs as objects.

use super::scene::Scene;
use crate::cli::short::serial;
use serde::Serialize;

/// Something that has happened, and was checked.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Told {
    Begun { scene: Scene },
    Authority { subject: String, directory: String, epmd_port: u16 },
    Node { name: String, process: u32, listens: String },
    Linked { from: String, to: String, version: String, suite: String, key_exchange: String },
    Flowing { sent: u64, received: u64 },
    Replaced { node: String, generation: u64 },
    HandedOver { milliseconds: u64, before: Certificate, after: Certificate, handovers: u64, up_milliseconds: u64 },
    Counted { from: String, to: String, sent: u64, received: u64 },
    Impostor { name: String, issuer: String },
    TurnedAway { code: String, told: String, noted: String },
    Shell { command: String, then: String, stays: bool },
    Ended { milliseconds: u64 },
}

/// The serial number of a node's certificate: as the node itself has it, and as its peer sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Certificate {
    pub(super) shown: String,
    pub(super) seen: String,
}

/// How a line begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Of a scene.
    Heading,
    /// It is as it should be.
    Good,
    /// It belongs to the line before.
    More,
    /// To be copied.
    Typed,
}

impl Told {
    pub(super) fn lines(&self) -> Vec<(Mark, String)> {
        use Mark::{Good, Heading, More, Typed};
        match self {
            Self::Begun { scene } => vec![(Heading, scene.title().to_owned())],
            Self::Authority { subject, directory, epmd_port } => vec![
                (Good, format!("{subject}, its keys and a cookie: in {directory}, which only you can read")),
                (Good, format!("an epmd of its own, on port {epmd_port}")),
            ],
            Self::Node { name, process, listens } => vec![(Good, format!("{name} is process {process}, and listens on {listens}"))],
            Self::Linked { from, to, version, suite, key_exchange } => vec![
                (Good, format!("{from} has dialled {to}; each has verified the other's certificate, and that it bears the name")),
                (More, format!("TLS {}, {suite}, {key_exchange}", version.replace("TLSv", "").replace('_', "."))),
            ],
            Self::Flowing { sent, received } => vec![(Good, format!("{sent} there and {received} back, and on they go"))],
            Self::Replaced { node, generation } => {
                vec![(
                    Good,
                    format!("{node} has a new certificate, of generation {generation}: judged first, then put in the place of the old one"),
                )]
            }
            Self::HandedOver { milliseconds, before, after, handovers, up_milliseconds } => vec![
                (Good, format!("the link has moved to a new connection in {milliseconds} ms")),
                (More, format!("before: a shows {}, b sees {}", serial(&before.shown), serial(&before.seen))),
                (More, format!("after:  a shows {}, b sees {}", serial(&after.shown), serial(&after.seen))),
                (Good, format!("it is the same link, up for {up_milliseconds} ms; handovers: {handovers}")),
            ],
            Self::Counted { from, to, sent, received } => {
                vec![(Good, format!("{from} to {to}: {sent} sent, {received} arrived in order, {} lost", sent.saturating_sub(*received)))]
            }
            Self::Impostor { name, issuer } => {
                vec![(More, format!("it says that it is {name}, and has the cookie; but its certificate is of {issuer}"))]
            }
            Self::TurnedAway { code, told, noted } => vec![
                (Good, format!("turned away: {code}")),
                (More, format!("it is told:  {told}")),
                (More, format!("b has noted: {noted}")),
            ],
            Self::Shell { command, then, stays } => {
                let when = if *stays { "joins with" } else { "would join with (countersign demo --stay waits for it)" };
                vec![(More, when.to_owned()), (Typed, command.clone()), (More, "and there".to_owned()), (Typed, then.clone())]
            }
            Self::Ended { milliseconds } => {
                let (seconds, tenths) = (milliseconds / 1_000, milliseconds % 1_000 / 100);
                vec![(Good, format!("all of it in {seconds}.{tenths} s; no process, no file and no port is left"))]
            }
        }
    }
}
