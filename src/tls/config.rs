//! From manager and policy to rustls: read once, frozen, and turned into a configuration per handshake.

mod client_side;
mod server_side;

pub use client_side::ClientSide;
pub use server_side::{Hello, ServerSide};

use super::ca_pool::CaPool;
use super::manager::{CertAuthManager, ClientAuth};
use super::policy::{TlsPolicy, TlsVersion};
use super::requirement::Requirement;
use super::resolver::{Attachment, CertResolver};
use super::stream::SecureStream;
use super::verify::{Refusal, SideJudge, Usage, unix_time};
use crate::clock::Clock;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::observe::Event;
use futures_util::io::{AsyncRead, AsyncWrite};
use rustls::crypto::CryptoProvider;
use rustls::time_provider::TimeProvider;
use rustls::{CipherSuite, ClientConfig, ServerConfig, SupportedCipherSuite, SupportedProtocolVersion};
use rustls_pki_types::{ServerName, UnixTime};
use std::sync::Arc;

/// The application protocol by which two of our own nodes know each other.
pub const ALPN: &[u8] = b"countersign/1";
/// The application protocol of a connection that is to succeed another one under a link. Whoever dials for that offers
/// nothing else, so no peer of OTP and no older node can take it for a new link.
pub const HANDOVER_ALPN: &[u8] = b"countersign-handover/1";

/// What a connection is dialled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A new link.
    Link,
    /// To carry a link that is up, in place of its connection.
    Handover,
}

impl Purpose {
    const fn protocol(self) -> &'static [u8] {
        match self {
            Self::Link => ALPN,
            Self::Handover => HANDOVER_ALPN,
        }
    }
}

pub(super) fn is_ours(protocol: &[u8]) -> bool {
    [ALPN, HANDOVER_ALPN].contains(&protocol)
}

/// Settings that cannot make a working handshake. Said at start, and it names the half that is missing.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTls {
    /// The dialling half.
    #[error("root_cas is missing: {0} could verify nobody it dials")]
    NoRootCas(String),
    /// The accepting half.
    #[error("client_cas is missing: {holder} is to verify clients (client_auth {mode}), and knows no CA to do it with")]
    NoClientCas {
        /// Who starts.
        holder: String,
        /// What it was asked to do.
        mode: ClientAuth,
    },
    /// Versions and suites leave nothing to speak.
    #[error("the chosen suites and versions leave {0} nothing to speak")]
    NothingToSpeak(String),
    /// rustls would not have it.
    #[error("the TLS library refuses the settings")]
    Rustls(#[from] rustls::Error),
}

impl Failure for InvalidTls {
    fn code(&self) -> Code {
        Code::InvalidTlsConfiguration
    }

    fn hint(&self) -> Hint {
        Hint::fixed(match self {
            Self::NoRootCas(_) => "set root_cas to the CA that issued your servers' certificates, or use CertAuth::mutual",
            Self::NoClientCas { .. } => "set client_cas to the CA that issued your clients' certificates, or use CertAuth::mutual",
            Self::NothingToSpeak(_) => "name at least one suite of each version that is allowed, or leave the suites unset",
            Self::Rustls(_) => Code::InvalidTlsConfiguration.cure(),
        })
    }
}

/// What a manager answers, asked once each: what it answers later, or differently, changes nothing.
struct Answers {
    resolver: Arc<CertResolver>,
    client_cas: Option<Arc<CaPool>>,
    client_auth: ClientAuth,
    root_cas: Option<Arc<CaPool>>,
    server_name: Option<ServerName<'static>>,
    rustls_server: Option<Arc<ServerConfig>>,
    rustls_client: Option<Arc<ClientConfig>>,
}

impl Answers {
    fn of(manager: &dyn CertAuthManager) -> Self {
        Self {
            resolver: manager.resolver(),
            client_cas: manager.client_cas(),
            client_auth: manager.client_auth(),
            root_cas: manager.root_cas(),
            server_name: manager.server_name(),
            rustls_server: manager.rustls_server(),
            rustls_client: manager.rustls_client(),
        }
    }
}

/// What both sides need, made once.
#[derive(Debug)]
struct Common {
    resolver: Arc<CertResolver>,
    versions: &'static [&'static SupportedProtocolVersion],
    clock: Arc<dyn Clock>,
    time: Arc<dyn TimeProvider>,
    attachment: Option<Attachment>,
    judge: Arc<SideJudge>,
}

impl Common {
    fn new(answers: &Answers, policy: &TlsPolicy, holder: String, usage: Usage, names: Vec<ServerName<'static>>, judge: SideJudge) -> Self {
        let resolver = Arc::clone(&answers.resolver);
        let clock = Arc::clone(&policy.clock);
        let mut pools: Vec<Arc<CaPool>> = [&answers.root_cas, &answers.client_cas].into_iter().flatten().cloned().collect();
        pools.dedup_by(|one, other| Arc::ptr_eq(one, other));
        let judge = Arc::new(judge.with_own_pools(&pools));
        let mut requirement = Requirement::new(holder, Arc::clone(&clock));
        (requirement.usages, requirement.pools, requirement.names) = (vec![usage], pools, names);
        requirement.revocation = Arc::clone(&policy.revocation);
        warn_of_own_certificate(&requirement, &resolver);
        let time = Arc::new(OwnTime(Arc::clone(&clock)));
        let versions = versions(policy.min_version);
        Self { attachment: Some(resolver.attach(requirement)), resolver, versions, clock, time, judge }
    }
}

/// A node whose certificate has expired while it was down must be able to come up and take a new one:
/// so its faults are a warning at start, and only an update is refused for them.
fn warn_of_own_certificate(requirement: &Requirement, resolver: &CertResolver) {
    let issue = resolver.current();
    if let Err(refused) = requirement.judge_alone(&issue.certificate) {
        let (code, hint) = (refused.code(), refused.hint());
        log::warn!(target: "countersign::tls", event:% = Event::OwnCertificateUnfit, holder = requirement.holder, code:%, reason:% = refused.refusal(), hint:%; "peers may refuse our own certificate");
    }
}

/// With a configuration of one's own its verifier rules, and ours is not asked: whatever was set for ours
/// would look as if it protected, and is named.
fn warn_of_overridden(policy: &TlsPolicy, holder: &str, side: &'static str, also: &[(&'static str, bool)]) {
    let set = [
        ("min_version", policy.min_version != TlsVersion::Tls13),
        ("suites", policy.suites.is_some()),
        ("revocation", policy.revocation.in_force().revocation().facts().next().is_some()),
        ("hook", policy.demands.hook.is_some()),
    ];
    let ignored: Vec<&str> = set.iter().chain(also).filter(|(_, set)| *set).map(|(name, _)| *name).collect();
    if !ignored.is_empty() {
        let ignored = ignored.join(", ");
        log::warn!(target: "countersign::tls", event:% = Event::SettingOverridden, holder, ignored; "{side} decides instead of these settings");
    }
}

/// A verifier of the user's own knows nothing of pins and expected names: they are held against the certificate that it
/// let pass.
fn hold_own<IO>(has_own: bool, judge: &SideJudge, stream: &SecureStream<IO>) -> Result<(), Refusal>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    match stream.peer_certificate() {
        Some(certificate) if has_own => judge.demands().names(&certificate.leaf),
        None if has_own && stream.tls().peer_certificates().is_some() && judge.demands().name_somebody() => {
            Err(Refusal::Malformed { part: "structure" })
        }
        _ => Ok(()),
    }
}

/// The injectable clock, for rustls.
#[derive(Debug)]
struct OwnTime(Arc<dyn Clock>);

impl TimeProvider for OwnTime {
    fn current_time(&self) -> Option<UnixTime> {
        Some(unix_time(self.0.now()))
    }
}

const fn versions(min: TlsVersion) -> &'static [&'static SupportedProtocolVersion] {
    match min {
        TlsVersion::Tls13 => NEW,
        TlsVersion::Tls12 => NEW_AND_OLD,
    }
}

static NEW: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];
static NEW_AND_OLD: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13, &rustls::version::TLS12];

/// The crypto provider with the policy's suites, or ours in this order of preference.
fn provider(policy: &TlsPolicy, first: First, holder: &str) -> Result<Arc<CryptoProvider>, InvalidTls> {
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    match &policy.suites {
        Some(suites) => provider.cipher_suites.clone_from(suites),
        None => provider.cipher_suites.sort_by_key(|suite| is_chacha(suite) != (first == First::ChaCha20)),
    }
    let spoken =
        |version: &&SupportedProtocolVersion| provider.cipher_suites.iter().any(|suite| suite.version().version == version.version);
    let speaks = versions(policy.min_version).iter().any(spoken);
    if speaks { Ok(Arc::new(provider)) } else { Err(InvalidTls::NothingToSpeak(holder.to_owned())) }
}

/// Which cipher leads. AES-GCM is the faster one, but limits the records under one key, and what rustls
/// does about it (a KeyUpdate that asks for one in return) wedges OTP for good: ChaCha20-Poly1305 has no such limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum First {
    Aes,
    ChaCha20,
}

fn is_chacha(suite: &SupportedCipherSuite) -> bool {
    matches!(
        suite.suite(),
        CipherSuite::TLS13_CHACHA20_POLY1305_SHA256
            | CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
            | CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
    )
}
