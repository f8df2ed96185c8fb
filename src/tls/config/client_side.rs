//! The dialling half: frozen settings, and one handshake at a time on any stream.

use super::{Answers, Common, First, InvalidTls, Purpose, hold_own, provider, warn_of_overridden};
use crate::observe::Event;
use crate::tls::explain::{Ends, Refused, Role};
use crate::tls::handshake::Witness;
use crate::tls::manager::CertAuthManager;
use crate::tls::policy::TlsPolicy;
use crate::tls::receipt::ReceiptBook;
use crate::tls::stream::{SecureStream, Watched};
use crate::tls::verify::{PeerVerifier, ServerVerifier, SideJudge, Usage};
use async_tls::TlsConnector;
use futures_util::io::{AsyncRead, AsyncWrite};
use rustls::ClientConfig;
use rustls::client::{Resumption, Tls12Resumption};
use rustls::crypto::CryptoProvider;
use rustls_pki_types::ServerName;
use std::sync::Arc;

/// Dials TLS as its manager and policy said when it was made. The manager's pool and name are read
/// here and never again; its certificate is asked for in every handshake.
#[derive(Debug)]
pub struct ClientSide {
    common: Common,
    provider: Arc<CryptoProvider>,
    server_name: Option<ServerName<'static>>,
    own: Option<Arc<ClientConfig>>,
}

impl ClientSide {
    /// Freezes the settings. `holder` names the dialler in logs and in refused updates.
    ///
    /// # Errors
    /// The half that is missing.
    pub fn new(manager: &dyn CertAuthManager, policy: &TlsPolicy, holder: &str) -> Result<Self, InvalidTls> {
        let answers = Answers::of(manager);
        let (root_cas, own) = (answers.root_cas.clone(), answers.rustls_client.clone());
        let skip = policy.skip_server_verification;
        if root_cas.is_none() && own.is_none() && !skip {
            return Err(InvalidTls::NoRootCas(holder.to_owned()));
        }
        if skip {
            log::warn!(target: "countersign::tls", event:% = Event::WeakSetting, holder; "DANGER: servers are not verified (insecure_skip_verify): anyone between can read and change everything");
        }
        if own.is_some() {
            warn_of_overridden(policy, holder, "rustls_client", &[("root_cas", root_cas.is_some()), ("danger_insecure_skip_verify", skip)]);
        }
        let judge = SideJudge::new(Usage::Server, root_cas.filter(|_| !skip), policy, &answers.resolver);
        let common = Common::new(&answers, policy, holder.to_owned(), Usage::Client, Vec::new(), judge);
        let provider = provider(policy, First::ChaCha20, holder)?;
        let side = Self { common, provider, server_name: answers.server_name, own };
        side.config(&Witness::new(Arc::clone(&side.common.resolver)), Purpose::Link)?;
        Ok(side)
    }

    /// The name that overrides the dialled one.
    pub fn server_name(&self) -> Option<&ServerName<'static>> {
        self.server_name.as_ref()
    }

    /// One whole handshake with the server at the other end of `io`, who must be `name` unless the
    /// manager's own server name overrides it. With a node of our own kind it returns only when that
    /// node has accepted our certificate; with others on TLS 1.3 a refusal may come with the first read.
    ///
    /// # Errors
    /// Why there is no connection.
    pub async fn connect<IO>(&self, name: ServerName<'static>, io: IO, ends: Ends) -> Result<SecureStream<IO>, Refused>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        self.connect_for(Purpose::Link, name, io, ends).await
    }

    /// The same for another purpose than a new link.
    ///
    /// # Errors
    /// Why there is no connection.
    pub async fn connect_for<IO>(
        &self,
        purpose: Purpose,
        name: ServerName<'static>,
        io: IO,
        ends: Ends,
    ) -> Result<SecureStream<IO>, Refused>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let witness = Witness::new(Arc::clone(&self.common.resolver));
        let explain = |error: &std::io::Error| Refused::explain(Role::Dialler, error, &witness, ends, self.common.clock.now());
        let config = self.config(&witness, purpose).map_err(|error| explain(&std::io::Error::other(error)))?;
        let name = self.server_name.clone().unwrap_or(name);
        let watched = Watched::new(io, Arc::clone(&witness));
        let stream = TlsConnector::from(config).connect(name, watched).await.map_err(|error| explain(&error))?;
        let mut stream = SecureStream::dialled(stream, Arc::clone(&witness), ends, Arc::clone(&self.common.clock));
        hold_own(self.own.is_some(), &self.common.judge, &stream).map_err(|refusal| Refused::judged(refusal, ends))?;
        stream.await_receipt().await.map_err(|error| explain(&error))?;
        Ok(stream)
    }

    fn config(&self, witness: &Arc<Witness>, purpose: Purpose) -> Result<Arc<ClientConfig>, rustls::Error> {
        let mut config = match &self.own {
            Some(own) => own.as_ref().clone(),
            None => self.fresh(witness)?,
        };
        config.client_auth_cert_resolver = Arc::<Witness>::clone(witness);
        if config.alpn_protocols.is_empty() {
            config.alpn_protocols = vec![purpose.protocol().to_vec()];
        }
        let book = Arc::new(ReceiptBook(Arc::clone(witness)));
        config.resumption = Resumption::store(book).tls12_resumption(Tls12Resumption::Disabled);
        config.enable_early_data = false;
        config.send_ticket_request = None;
        Ok(Arc::new(config))
    }

    fn fresh(&self, witness: &Arc<Witness>) -> Result<ClientConfig, rustls::Error> {
        let verifier = ServerVerifier(PeerVerifier { judge: Arc::clone(&self.common.judge), witness: Arc::clone(witness) });
        let builder = ClientConfig::builder_with_details(Arc::clone(&self.provider), Arc::clone(&self.common.time))
            .with_protocol_versions(self.common.versions)?;
        let resolver = Arc::<Witness>::clone(witness);
        Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_client_cert_resolver(resolver))
    }
}
