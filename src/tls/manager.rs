//! The two traits a node asks for its certificate and for whom to trust, and the one implementation
//! that most people need.

use super::ca_pool::{CaPool, CaPoolError};
use super::credential::{Certificate, CertificateError};
use super::requirement::UpdateRefused;
use super::resolver::{CertResolver, Generation};
use super::source::{CaFiles, CertSource};
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use rustls::{ClientConfig, ServerConfig};
use rustls_pki_types::ServerName;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Holds the certificate a node presents, and replaces it while the node runs.
pub trait CertManager: fmt::Debug + Send + Sync {
    /// Where handshakes find the certificate. Always the same one.
    fn resolver(&self) -> Arc<CertResolver>;

    /// Presents another certificate from the next handshake on; connections that are open keep theirs. Others have to wait
    /// meanwhile, so it waits for no disk and for nobody else.
    ///
    /// # Errors
    /// When a listener or dialler that uses this manager could not work with it: then nothing changes.
    fn update(&self, cert: Certificate) -> Result<Generation, UpdateRefused>;

    /// Where its next certificates come from, if not from the program alone; always the same one. Whoever uses the manager
    /// looks there, and calls [`update`](Self::update). Managers that answer with one and the same are updated together.
    fn source(&self) -> Option<Arc<dyn CertSource>> {
        None
    }
}

/// A [`CertManager`] that also knows whom to trust. Read **once**, when the node, acceptor or route
/// starts: what it answers later changes nothing until a restart.
pub trait CertAuthManager: CertManager {
    /// The authorities that vouch for those who dial us.
    fn client_cas(&self) -> Option<Arc<CaPool>>;

    /// What those who dial us must show.
    fn client_auth(&self) -> ClientAuth;

    /// The authorities that vouch for those we dial.
    fn root_cas(&self) -> Option<Arc<CaPool>>;

    /// The name to ask for and to verify, where it is not the host that is dialled.
    fn server_name(&self) -> Option<ServerName<'static>>;

    /// For experts: a rustls configuration of one's own for the accepting side. Its versions, suites
    /// and verifier rule; the certificate still comes from the resolver, and nothing is resumable.
    fn rustls_server(&self) -> Option<Arc<ServerConfig>> {
        None
    }

    /// For experts: the same for the dialling side.
    fn rustls_client(&self) -> Option<Arc<ClientConfig>> {
        None
    }

    /// Whether a restart would bring other pools: what they were read from has changed. It may wait for a disk.
    ///
    /// # Errors
    /// After a restart there would be none.
    fn awaits_restart(&self) -> Result<bool, CaPoolError> {
        Ok(false)
    }
}

/// What the accepting side asks of those who dial it.
///
/// ```
/// use countersign::tls::ClientAuth;
///
/// assert_eq!("require_and_verify".parse(), Ok(ClientAuth::RequireAndVerify));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ClientAuth {
    /// Asks for no certificate: anyone may come. A listener warns about it when it starts.
    #[default]
    None,
    /// Asks, takes what comes, and judges no chain.
    Request,
    /// Insists on some certificate, and judges no chain.
    RequireAny,
    /// Judges a certificate if one comes.
    VerifyIfGiven,
    /// Insists on a certificate that a client CA vouches for: mutual TLS.
    RequireAndVerify,
}

impl ClientAuth {
    /// All modes, in the order of their strictness.
    pub const ALL: [Self; 5] = [Self::None, Self::Request, Self::RequireAny, Self::VerifyIfGiven, Self::RequireAndVerify];

    /// The word in configurations.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Request => "request",
            Self::RequireAny => "require_any",
            Self::VerifyIfGiven => "verify_if_given",
            Self::RequireAndVerify => "require_and_verify",
        }
    }

    /// Whether a certificate that comes is judged against the client CAs.
    pub const fn judges(self) -> bool {
        matches!(self, Self::VerifyIfGiven | Self::RequireAndVerify)
    }

    /// Whether a peer without a certificate is refused.
    pub const fn insists(self) -> bool {
        matches!(self, Self::RequireAny | Self::RequireAndVerify)
    }
}

impl fmt::Display for ClientAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The word names no mode.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a client_auth mode (none, request, require_any, verify_if_given, require_and_verify)")]
pub struct NotAClientAuth(pub String);

impl std::str::FromStr for ClientAuth {
    type Err = NotAClientAuth;

    fn from_str(word: &str) -> Result<Self, NotAClientAuth> {
        let mode = Self::ALL.into_iter().find(|mode| mode.as_str() == word);
        mode.ok_or_else(|| NotAClientAuth(word.to_owned()))
    }
}

/// The manager that most nodes use: one certificate behind a resolver, and fixed pools.
///
/// ```
/// use countersign::testing::Ca;
/// use countersign::tls::{CertAuth, CertAuthManager, CertManager, ClientAuth};
///
/// let ca = Ca::new();
/// let manager = CertAuth::mutual(ca.agent(&["localhost"]), ca.pool());
/// assert_eq!(manager.client_auth(), ClientAuth::RequireAndVerify);
///
/// let generation = manager.update(ca.agent(&["localhost"]))?;
/// assert_eq!(manager.resolver().current().generation, generation);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct CertAuth {
    resolver: Arc<CertResolver>,
    client_cas: Option<Arc<CaPool>>,
    client_auth: ClientAuth,
    root_cas: Option<Arc<CaPool>>,
    server_name: Option<ServerName<'static>>,
    rustls_server: Option<Arc<ServerConfig>>,
    rustls_client: Option<Arc<ClientConfig>>,
    source: Option<Arc<dyn CertSource>>,
    ca_files: CaFiles,
}

impl CertAuth {
    /// Starts from a certificate alone: asks nothing of clients and trusts nobody, until told otherwise.
    pub fn builder(cert: Certificate) -> CertAuthBuilder {
        CertAuthBuilder(Self {
            resolver: CertResolver::new(cert),
            client_cas: None,
            client_auth: ClientAuth::None,
            root_cas: None,
            server_name: None,
            rustls_server: None,
            rustls_client: None,
            source: None,
            ca_files: CaFiles::default(),
        })
    }

    /// What a cluster wants: one CA pool for both directions, and everybody shows a certificate.
    pub fn mutual(cert: Certificate, pool: Arc<CaPool>) -> Self {
        let mut auth = Self::builder(cert).0;
        auth.client_cas = Some(Arc::clone(&pool));
        auth.root_cas = Some(pool);
        auth.client_auth = ClientAuth::RequireAndVerify;
        auth
    }

    /// [`Self::mutual`] from PEM files; without `key`, the key stands in the certificate's file.
    ///
    /// # Errors
    /// The file that cannot be used, and why.
    pub fn from_paths(cert: impl AsRef<Path>, ca: impl AsRef<Path>, key: Option<&Path>) -> Result<Self, CertAuthError> {
        let pool = CaPool::from_file(ca)?;
        Ok(Self::mutual(Certificate::from_paths(cert, key)?, Arc::new(pool)))
    }

    /// The same, with a source of further certificates. See [`CertFiles`](super::source::CertFiles) for files.
    #[must_use]
    pub fn with_source(self, source: Arc<dyn CertSource>) -> Self {
        Self { source: Some(source), ..self }
    }

    /// The same, with the files in which its pools stand, so that it can be told when a restart would bring others.
    #[must_use]
    pub fn with_ca_files(self, ca_files: CaFiles) -> Self {
        Self { ca_files, ..self }
    }
}

impl CertAuth {
    /// What another manager answers now: whoever borrows it later borrows this, whatever that one answers then. The
    /// certificate is still the other's. A name, where one is given, stands in for the other's.
    pub(crate) fn frozen(manager: &dyn CertAuthManager, name: Option<ServerName<'static>>) -> Self {
        Self {
            resolver: manager.resolver(),
            client_cas: manager.client_cas(),
            client_auth: manager.client_auth(),
            root_cas: manager.root_cas(),
            server_name: name.or_else(|| manager.server_name()),
            rustls_server: manager.rustls_server(),
            rustls_client: manager.rustls_client(),
            source: None,
            ca_files: CaFiles::default(),
        }
    }
}

impl CertManager for CertAuth {
    fn resolver(&self) -> Arc<CertResolver> {
        Arc::clone(&self.resolver)
    }

    fn update(&self, cert: Certificate) -> Result<Generation, UpdateRefused> {
        self.resolver.update(cert)
    }

    fn source(&self) -> Option<Arc<dyn CertSource>> {
        self.source.clone()
    }
}

impl CertAuthManager for CertAuth {
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

    fn awaits_restart(&self) -> Result<bool, CaPoolError> {
        self.ca_files.differ(self.root_cas.as_deref(), self.client_cas.as_deref())
    }
}

/// Completes a [`CertAuth`]. The setters of Ergo became a builder because pools are read once.
#[derive(Debug)]
#[must_use]
pub struct CertAuthBuilder(CertAuth);

impl CertAuthBuilder {
    /// The authorities that vouch for those who dial us.
    pub fn client_cas(mut self, pool: Arc<CaPool>) -> Self {
        self.0.client_cas = Some(pool);
        self
    }

    /// What those who dial us must show.
    pub fn client_auth(mut self, mode: ClientAuth) -> Self {
        self.0.client_auth = mode;
        self
    }

    /// The authorities that vouch for those we dial.
    pub fn root_cas(mut self, pool: Arc<CaPool>) -> Self {
        self.0.root_cas = Some(pool);
        self
    }

    /// The name to ask for and to verify, where it is not the host that is dialled.
    pub fn server_name(mut self, name: ServerName<'static>) -> Self {
        self.0.server_name = Some(name);
        self
    }

    /// A rustls configuration of one's own for the accepting side.
    pub fn rustls_server(mut self, config: Arc<ServerConfig>) -> Self {
        self.0.rustls_server = Some(config);
        self
    }

    /// A rustls configuration of one's own for the dialling side.
    pub fn rustls_client(mut self, config: Arc<ClientConfig>) -> Self {
        self.0.rustls_client = Some(config);
        self
    }

    /// The finished manager.
    ///
    /// # Errors
    /// When client certificates are to be verified and no client CA is given.
    pub fn build(self) -> Result<CertAuth, CertAuthError> {
        let auth = self.0;
        if auth.client_auth.judges() && auth.client_cas.is_none() && auth.rustls_server.is_none() {
            return Err(CertAuthError::NoClientCas(auth.client_auth));
        }
        Ok(auth)
    }
}

/// Why a manager could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertAuthError {
    /// The certificate or its key.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The authorities.
    #[error(transparent)]
    CaPool(#[from] CaPoolError),
    /// The half that judges those who dial us is missing.
    #[error("client_auth is {0}, and client_cas is missing: nobody could be verified")]
    NoClientCas(ClientAuth),
}

impl Failure for CertAuthError {
    fn code(&self) -> Code {
        match self {
            Self::Certificate(error) => error.code(),
            Self::CaPool(error) => error.code(),
            Self::NoClientCas(_) => Code::InvalidTlsConfiguration,
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Certificate(error) => error.hint(),
            Self::CaPool(error) => error.hint(),
            Self::NoClientCas(_) => Hint::fixed("set client_cas to the CA that issued your clients' certificates"),
        }
    }
}
