//! What a node says of the sources of its certificates, as terms.

use super::facts::{fields, optional};
use crate::etf::Term;
use crate::failure::Failure;
use crate::node::core::Core;
use crate::node::sources::SourceStatus;
use crate::tls::Certificate;
use crate::tls::source::SourceTrouble;

/// A map for each.
pub(super) fn of(core: &Core) -> Vec<Term> {
    core.sources.shown().iter().map(source).collect()
}

fn source(status: &SourceStatus) -> Term {
    let [code, holder, reason, hint] = trouble(status.trouble.as_ref());
    fields([
        ("name", Term::from(status.name.as_str())),
        ("serial", serial(status.certificate.as_ref())),
        ("taken_at", optional(status.taken_at, |at| Term::from(at.to_string()))),
        ("restart_required", Term::from(status.restart_required)),
        ("code", code),
        ("holder", holder),
        ("reason", reason),
        ("hint", hint),
    ])
}

pub(super) fn serial(certificate: Option<&Certificate>) -> Term {
    optional(certificate, |certificate| Term::from(certificate.leaf().serial_hex()))
}

/// Its code, who could not work with the certificate, the sentence and the cure.
pub(super) fn trouble(trouble: Option<&SourceTrouble>) -> [Term; 4] {
    [
        optional(trouble, |trouble| Term::from(trouble.code().as_str())),
        optional(trouble.and_then(|trouble| trouble.holder.as_deref()), Term::from),
        optional(trouble, |trouble| Term::from(trouble.reason.as_str())),
        optional(trouble, |trouble| Term::from(trouble.hint().as_str())),
    ]
}
