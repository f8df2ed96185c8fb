//! What a manager answered once, kept: whoever borrows it later borrows this.

use super::ca_pool::CaPool;
use super::credential::Certificate;
use super::manager::{CertAuthManager, CertManager, ClientAuth};
use super::requirement::UpdateRefused;
use super::resolver::{CertResolver, Generation};
use rustls::{ClientConfig, ServerConfig};
use rustls_pki_types::ServerName;
use std::sync::Arc;

/// A manager whose pools, mode and name stay as they were when this was made. Its certificate is still the other's.
#[derive(Clone, Debug)]
pub(crate) struct Frozen {
    manager: Arc<dyn CertAuthManager>,
    resolver: Arc<CertResolver>,
    client_cas: Option<Arc<CaPool>>,
    client_auth: ClientAuth,
    root_cas: Option<Arc<CaPool>>,
    server_name: Option<ServerName<'static>>,
    rustls_server: Option<Arc<ServerConfig>>,
    rustls_client: Option<Arc<ClientConfig>>,
}

impl Frozen {
    pub(crate) fn of(manager: Arc<dyn CertAuthManager>) -> Self {
        Self {
            resolver: manager.resolver(),
            client_cas: manager.client_cas(),
            client_auth: manager.client_auth(),
            root_cas: manager.root_cas(),
            server_name: manager.server_name(),
            rustls_server: manager.rustls_server(),
            rustls_client: manager.rustls_client(),
            manager,
        }
    }

    /// The same, for servers that bear this name.
    pub(crate) fn dialling(mut self, name: Option<ServerName<'static>>) -> Self {
        self.server_name = name.or(self.server_name);
        self
    }
}

impl CertManager for Frozen {
    fn resolver(&self) -> Arc<CertResolver> {
        Arc::clone(&self.resolver)
    }

    fn update(&self, cert: Certificate) -> Result<Generation, UpdateRefused> {
        self.manager.update(cert)
    }
}

impl CertAuthManager for Frozen {
    fn client_cas(&self) -> Option<Arc<CaPool>> {
        self.client_cas.clone()
    }

    fn client_auth(&self) -> ClientAuth {
        self.client_auth
    }

    fn root_cas(&self) -> Option<Arc<CaPool>> {
        self.root_cas.clone()
    }

    fn server_name(&self) -> Option<ServerName<'static>> {
        self.server_name.clone()
    }

    fn rustls_server(&self) -> Option<Arc<ServerConfig>> {
        self.rustls_server.clone()
    }

    fn rustls_client(&self) -> Option<Arc<ClientConfig>> {
        self.rustls_client.clone()
    }
}
