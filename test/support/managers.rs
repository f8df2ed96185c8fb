//! Two ways to come by a `CertAuthManager`: the supplied one, and one that a user might write.

use countersign::tls::{
    CaPool, CertAuth, CertAuthManager, CertManager, CertResolver, Certificate, ClientAuth, Generation, ServerName, UpdateRefused,
};
use std::sync::{Arc, Mutex, MutexGuard};

/// Whom a manager trusts, and what it asks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trust {
    pub(crate) client_cas: Option<Arc<CaPool>>,
    pub(crate) client_auth: ClientAuth,
    pub(crate) root_cas: Option<Arc<CaPool>>,
    pub(crate) server_name: Option<ServerName<'static>>,
}

impl Trust {
    /// What a cluster wants, with another mode perhaps.
    pub(crate) fn cluster(pool: Arc<CaPool>, client_auth: ClientAuth) -> Self {
        Self { client_cas: Some(Arc::clone(&pool)), client_auth, root_cas: Some(pool), server_name: None }
    }
}

pub(crate) type Make = fn(Certificate, Trust) -> Arc<dyn CertAuthManager>;

pub(crate) fn supplied(cert: Certificate, trust: Trust) -> Arc<dyn CertAuthManager> {
    let mut builder = CertAuth::builder(cert).client_auth(trust.client_auth);
    if let Some(pool) = trust.client_cas {
        builder = builder.client_cas(pool);
    }
    if let Some(pool) = trust.root_cas {
        builder = builder.root_cas(pool);
    }
    if let Some(name) = trust.server_name {
        builder = builder.server_name(name);
    }
    Arc::new(builder.build().unwrap())
}

pub(crate) fn hand_written(cert: Certificate, trust: Trust) -> Arc<dyn CertAuthManager> {
    HandWritten::new(cert, trust)
}

/// Shares nothing with the supplied one but the resolver, and can change its mind about whom to trust.
#[derive(Debug)]
pub(crate) struct HandWritten {
    resolver: Arc<CertResolver>,
    trust: Mutex<Trust>,
}

impl HandWritten {
    pub(crate) fn new(cert: Certificate, trust: Trust) -> Arc<Self> {
        Arc::new(Self { resolver: CertResolver::new(cert), trust: Mutex::new(trust) })
    }

    pub(crate) fn change_to(&self, trust: Trust) {
        *self.trust() = trust;
    }

    fn trust(&self) -> MutexGuard<'_, Trust> {
        self.trust.lock().unwrap()
    }
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
        self.trust().client_cas.clone()
    }

    fn client_auth(&self) -> ClientAuth {
        self.trust().client_auth
    }

    fn root_cas(&self) -> Option<Arc<CaPool>> {
        self.trust().root_cas.clone()
    }

    fn server_name(&self) -> Option<ServerName<'static>> {
        self.trust().server_name.clone()
    }
}
