//! Facts as terms: maps whose keys are atoms that never change their meaning.

use crate::clock::Timestamp;
use crate::etf::{Map, Term, atom, tuple};
use crate::node::expiry::{ExpiryStage, OwnCertificate};
use crate::observe::LastFailure;
use crate::x509::Inspected;

/// The names are ours and differ.
pub(in crate::node) fn fields<const N: usize>(fields: [(&'static str, Term); N]) -> Term {
    Map::new(fields.into_iter().map(|(name, value)| (atom(name), value))).map_or_else(|_| Term::nil(), Term::from)
}

/// `{error, {Code, Text}}`
pub(super) fn because(code: &'static str, text: String) -> Term {
    tuple([atom("error"), tuple([atom(code), Term::from(text)])])
}

/// `none` where there is nothing.
pub(super) fn optional<T>(value: Option<T>, term: impl FnOnce(T) -> Term) -> Term {
    value.map_or(atom("none"), term)
}

/// What a certificate says, and how much time it has left by its own dates.
pub(super) fn certificate(leaf: &Inspected, now: Timestamp) -> Term {
    fields([
        ("subject", Term::from(leaf.subject.as_str())),
        ("names", Term::from(leaf.names())),
        ("issuer", Term::from(leaf.issuer.as_str())),
        ("serial", Term::from(leaf.serial_hex())),
        ("not_before", Term::from(leaf.not_before.to_string())),
        ("not_after", Term::from(leaf.not_after.to_string())),
        ("days_left", Term::from(now.days_until(leaf.not_after))),
        ("stage", Term::from(ExpiryStage::of(leaf.not_before, leaf.not_after, now).as_str())),
        ("sha256", Term::from(leaf.fingerprint.to_string())),
    ])
}

/// A certificate of the node's own, how long it lasts, and what helps.
pub(super) fn own(own: &OwnCertificate) -> Term {
    let leaf = own.certificate.leaf();
    fields([
        ("holders", Term::from(own.holders.join(", "))),
        ("subject", Term::from(leaf.subject.as_str())),
        ("serial", Term::from(leaf.serial_hex())),
        ("stage", Term::from(own.stage.as_str())),
        ("left", Term::from(own.left())),
        ("seconds_left", Term::from(own.seconds_left())),
        ("until", Term::from(own.until.to_string())),
        ("authority", optional(own.authority.as_deref(), Term::from)),
        ("hint", optional(own.hint(), |hint| Term::from(hint.as_str()))),
    ])
}

pub(super) fn failure(failure: &LastFailure) -> Term {
    fields([
        ("peer", Term::from(failure.peer.as_str())),
        ("occasion", Term::from(failure.occasion.as_str())),
        ("by", Term::from(if failure.by_peer { "peer" } else { "us" })),
        ("code", Term::from(failure.code.as_str())),
        ("reason", Term::from(failure.reason.as_str())),
        ("hint", Term::from(failure.hint.as_str())),
        ("at", Term::from(failure.at.to_string())),
        ("times", Term::from(failure.times)),
    ])
}
