//! A manager of either kind for mutual TLS: the supplied one, and one that a user has written.

use crate::managers::{Trust, hand_written, supplied};
use countersign::tls::{CaPool, CertAuthManager, Certificate, ClientAuth};
use std::fmt;
use std::sync::Arc;

/// Which manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The supplied one.
    Ours,
    /// The one that shares nothing with it but the resolver.
    Own,
}

impl Kind {
    /// A manager of this kind that starts with this certificate, for mutual TLS in both directions.
    pub(crate) fn manager(self, certificate: Certificate, pool: Arc<CaPool>) -> Arc<dyn CertAuthManager> {
        let trust = Trust::cluster(pool, ClientAuth::RequireAndVerify);
        match self {
            Self::Ours => supplied(certificate, trust),
            Self::Own => hand_written(certificate, trust),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ours => "ours",
            Self::Own => "own",
        })
    }
}
