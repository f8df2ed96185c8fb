//! The accepting half: frozen settings, and one handshake at a time on any stream.

use super::{ALPN, Answers, Common, First, HANDOVER_ALPN, InvalidTls, hold_own, is_ours, provider, warn_of_overridden};
use crate::observe::Event;
use crate::tls::explain::{Ends, Refused, Role};
use crate::tls::handshake::Witness;
use crate::tls::manager::{CertAuthManager, ClientAuth};
use crate::tls::policy::TlsPolicy;
use crate::tls::receipt::Unredeemable;
use crate::tls::resolver::Attachment;
use crate::tls::stream::{SecureStream, Watched};
use crate::tls::verify::{ClientVerifier, PeerVerifier, SideJudge, Usage};
use async_tls::{LazyConfigAcceptor, StartHandshake};
use futures_util::io::{AsyncRead, AsyncWrite};
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::server::{Acceptor, ProducesTickets};
use rustls_pki_types::ServerName;
use std::fmt;
use std::sync::Arc;

/// Accepts TLS as its manager and policy said when it was made. The manager's pools and mode are read
/// here and never again; its certificate is asked for in every handshake.
#[derive(Debug)]
pub struct ServerSide {
    common: Common,
    mode: ClientAuth,
    for_ours: Arc<CryptoProvider>,
    for_others: Arc<CryptoProvider>,
    own: Option<Arc<ServerConfig>>,
}

impl ServerSide {
    /// Freezes the settings. `holder` names the listener in logs and in refused updates; `names` are
    /// those by which peers dial it, so that no update may lose them.
    ///
    /// # Errors
    /// The half that is missing.
    pub fn new(
        manager: &dyn CertAuthManager,
        policy: &TlsPolicy,
        holder: &str,
        names: Vec<ServerName<'static>>,
    ) -> Result<Self, InvalidTls> {
        let answers = Answers::of(manager);
        let (mode, client_cas, own) = (answers.client_auth, answers.client_cas.clone(), answers.rustls_server.clone());
        if mode.judges() && client_cas.is_none() && own.is_none() {
            return Err(InvalidTls::NoClientCas { holder: holder.to_owned(), mode });
        }
        if mode == ClientAuth::None && own.is_none() {
            log::warn!(target: "countersign::tls", event:% = Event::WeakSetting, holder; "client_auth is none: anyone who reaches this listener may connect");
        }
        if own.is_some() {
            warn_of_overridden(policy, holder, "rustls_server", &[("client_cas", client_cas.is_some())]);
        }
        let judge = SideJudge::new(Usage::Client, client_cas.filter(|_| mode.judges()), policy, &answers.resolver);
        let common = Common::new(&answers, policy, holder.to_owned(), Usage::Server, names, judge);
        let side = Self {
            common,
            mode,
            for_ours: provider(policy, First::Aes, holder)?,
            for_others: provider(policy, First::ChaCha20, holder)?,
            own,
        };
        // Whatever rustls would refuse, it refuses now and not when the first peer comes.
        side.config(&Witness::new(Arc::clone(&side.common.resolver)), true)?;
        Ok(side)
    }

    /// Hands over what keeps updates in line with this side: to an owner whose end is the end of it, while
    /// handshakes in progress may hold this side for a moment longer.
    pub(crate) fn take_attachment(&mut self) -> Option<Attachment> {
        self.common.attachment.take()
    }

    /// Waits for the peer's hello. Until it has come, nothing was computed for this peer.
    ///
    /// # Errors
    /// What came instead.
    pub async fn hello<IO>(&self, io: IO, ends: Ends) -> Result<Hello<'_, IO>, Refused>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        let witness = Witness::new(Arc::clone(&self.common.resolver));
        let watched = Watched::new(io, Arc::clone(&witness));
        match LazyConfigAcceptor::new(Acceptor::default(), watched).await {
            Ok(start) => {
                witness.hear_hello(&start.client_hello());
                Ok(Hello { side: self, start, witness, ends })
            }
            Err(error) => Err(Refused::explain(Role::Acceptor, &error, &witness, ends, self.common.clock.now())),
        }
    }

    /// One whole handshake.
    ///
    /// # Errors
    /// Why there is no connection.
    pub async fn accept<IO>(&self, io: IO, ends: Ends) -> Result<SecureStream<IO>, Refused>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        self.hello(io, ends).await?.finish().await
    }

    fn config(&self, witness: &Arc<Witness>, ours: bool) -> Result<Arc<ServerConfig>, rustls::Error> {
        let mut config = match &self.own {
            Some(own) => own.as_ref().clone(),
            None => self.fresh(witness, ours)?,
        };
        config.cert_resolver = Arc::<Witness>::clone(witness);
        if config.alpn_protocols.is_empty() {
            config.alpn_protocols = vec![ALPN.to_vec(), HANDOVER_ALPN.to_vec()];
        }
        // Nothing is resumable, whatever else is set: a resumed session would skip the verifier.
        config.session_storage = Arc::new(Unredeemable);
        config.ticketer = Arc::new(NoTickets);
        config.send_tls13_tickets = usize::from(ours);
        config.max_tls13_tickets = 0;
        config.send_half_rtt_data = false;
        config.max_early_data_size = 0;
        Ok(Arc::new(config))
    }

    fn fresh(&self, witness: &Arc<Witness>, ours: bool) -> Result<ServerConfig, rustls::Error> {
        let provider = if ours { &self.for_ours } else { &self.for_others };
        let builder = ServerConfig::builder_with_details(Arc::clone(provider), Arc::clone(&self.common.time))
            .with_protocol_versions(self.common.versions)?;
        let resolver = Arc::<Witness>::clone(witness);
        let mut config = match self.mode {
            ClientAuth::None => builder.with_no_client_auth().with_cert_resolver(resolver),
            mode => {
                let verifier = PeerVerifier { judge: Arc::clone(&self.common.judge), witness: Arc::clone(witness) };
                builder.with_client_cert_verifier(Arc::new(ClientVerifier(verifier, mode))).with_cert_resolver(resolver)
            }
        };
        config.ignore_client_order = true;
        Ok(config)
    }
}

/// A peer whose hello has come, and who was answered nothing yet.
pub struct Hello<'a, IO> {
    side: &'a ServerSide,
    start: StartHandshake<Watched<IO>>,
    witness: Arc<Witness>,
    ends: Ends,
}

impl<IO> Hello<'_, IO>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    /// Whether the peer is a node of our own kind.
    pub fn is_ours(&self) -> bool {
        self.start.client_hello().alpn().is_some_and(|mut offered| offered.any(is_ours))
    }

    /// Does the rest of the handshake.
    ///
    /// # Errors
    /// Why there is no connection.
    pub async fn finish(self) -> Result<SecureStream<IO>, Refused> {
        let ours = self.is_ours();
        let Self { side, start, witness, ends } = self;
        let explain = |error: &std::io::Error| Refused::explain(Role::Acceptor, error, &witness, ends, side.common.clock.now());
        let config = side.config(&witness, ours).map_err(|error| explain(&std::io::Error::other(error)))?;
        let stream = start.into_stream(config).await.map_err(|error| explain(&error))?;
        // A configuration of the user's own may ask for no certificate at all; the mode still holds.
        if side.mode.insists() && stream.get_ref().1.peer_certificates().is_none() {
            return Err(Refused::no_certificate(ends));
        }
        let stream = SecureStream::accepted(stream, witness, ends, Arc::clone(&side.common.clock));
        hold_own(side.own.is_some(), &side.common.judge, &stream).map_err(|refusal| Refused::judged(refusal, ends))?;
        Ok(stream)
    }
}

impl<IO> fmt::Debug for Hello<'_, IO> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hello").field("ends", &self.ends).finish_non_exhaustive()
    }
}

/// No tickets of TLS 1.2 either.
#[derive(Debug)]
struct NoTickets;

impl ProducesTickets for NoTickets {
    fn enabled(&self) -> bool {
        false
    }

    fn lifetime(&self) -> u32 {
        0
    }

    fn encrypt(&self, _plain: &[u8]) -> Option<Vec<u8>> {
        None
    }

    fn decrypt(&self, _cipher: &[u8]) -> Option<Vec<u8>> {
        None
    }
}
