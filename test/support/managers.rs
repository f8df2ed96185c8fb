//! Two managers of certificates: the usual one, and one that a user has written. Nothing in the house
//! may need more than the traits.

use countersign::tls::{
    CaPool, CertAuth, CertAuthManager, CertManager, CertResolver, Certificate, ClientAuth, Generation, ServerName, UpdateRefused,
};
use std::fmt;
use std::sync::Arc;

/// Which manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// [`CertAuth`].
    Ours,
    /// [`HandWritten`].
    Own,
}

impl Kind {
    /// A manager of this kind that starts with this certificate, for mutual TLS in both directions.
    pub(crate) fn manager(self, certificate: Certificate, pool: Arc<CaPool>) -> Arc<dyn CertAuthManager> {
        match self {
            Self::Ours => Arc::new(CertAuth::mutual(certificate, pool)),
            Self::Own => Arc::new(HandWritten { resolver: CertResolver::new(certificate), pool }),
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

/// A manager as a user would write it. It shares nothing of ours but the resolver.
#[derive(Debug)]
struct HandWritten {
    resolver: Arc<CertResolver>,
    pool: Arc<CaPool>,
}

impl CertManager for HandWritten {
    fn resolver(&self) -> Arc<CertResolver> {
        Arc::clone(&self.resolver)
    }

    fn update(&self, cert: Certificate) -> Result<Generation, UpdateRefused> {
        self.resolver.update(cert)
    }
}

impl CertAuthManager for HandWritten {
    fn client_cas(&self) -> Option<Arc<CaPool>> {
        Some(Arc::clone(&self.pool))
    }

    fn client_auth(&self) -> ClientAuth {
        ClientAuth::RequireAndVerify
    }

    fn root_cas(&self) -> Option<Arc<CaPool>> {
        Some(Arc::clone(&self.pool))
    }

    fn server_name(&self) -> Option<ServerName<'static>> {
        None
    }
}
