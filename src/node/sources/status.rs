//! How a source is.

use crate::clock::Timestamp;
use crate::tls::Certificate;
use crate::tls::source::{SourceTrouble, Watch};

/// How a source is, as of the last look at it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SourceStatus {
    /// What it is.
    pub name: String,
    /// What those present now who use it.
    pub certificate: Option<Certificate>,
    /// When a certificate of it was taken last; `None`: not since the node has started.
    pub taken_at: Option<Timestamp>,
    /// What is wrong with what lies there; `None` if nothing is.
    pub trouble: Option<SourceTrouble>,
    /// Whether the CA file beside it differs from the pool in force.
    pub restart_required: bool,
}

impl SourceStatus {
    pub(super) fn of(watch: &Watch) -> Self {
        Self {
            name: watch.source().name(),
            certificate: watch.resolvers().next().map(|resolver| resolver.current().certificate.clone()),
            taken_at: watch.taken_at(),
            trouble: watch.trouble().cloned(),
            restart_required: watch.restart_required(),
        }
    }
}
