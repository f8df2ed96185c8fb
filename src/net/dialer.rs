//! Dials peers. An error says where, why, and what to do.

use super::connection::Connection;
use super::keep_alive::KeepAlive;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::observe::{Counters, Event};
use crate::rt;
use crate::tls::config::InvalidTls;
use crate::tls::{CertAuthManager, ClientSide, Ends, Purpose, Refused, ServerName, TlsPolicy};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// What a dialler is made of.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DialerOptions {
    /// The certificate and whom to trust; without it the dialler speaks plain TCP.
    pub cert_manager: Option<Arc<dyn CertAuthManager>>,
    /// How handshakes are made and judged.
    pub tls: TlsPolicy,
    /// How long the host's name may take to resolve, and again how long all of its addresses together may
    /// take to answer: each gets an even share.
    pub connect_timeout: Duration,
    /// How long the handshake may take.
    pub handshake_timeout: Duration,
    /// Whether the system probes connections on which nothing moves.
    pub keep_alive: KeepAlive,
    /// What it is called in logs, and in the refusals of updates that it could not work with.
    pub holder: String,
}

impl DialerOptions {
    /// TLS with this manager.
    pub fn secure(manager: Arc<dyn CertAuthManager>) -> Self {
        Self { cert_manager: Some(manager), ..Self::plain() }
    }

    /// Plain TCP: whoever is on the way can read and change everything. The dialler warns about it.
    pub fn plain() -> Self {
        Self {
            cert_manager: None,
            tls: TlsPolicy::default(),
            connect_timeout: Duration::from_secs(5),
            handshake_timeout: Duration::from_secs(7),
            keep_alive: KeepAlive::OFF,
            holder: "dialler".to_owned(),
        }
    }
}

/// Dials peers with one certificate manager and one policy.
#[derive(Debug)]
pub struct Dialer {
    tls: Option<ClientSide>,
    connect_timeout: Duration,
    handshake_timeout: Duration,
    keep_alive: KeepAlive,
    counters: Counters,
}

impl Dialer {
    /// Reads the manager's pool and name once.
    ///
    /// # Errors
    /// Settings that cannot work.
    pub fn new(options: DialerOptions) -> Result<Self, InvalidTls> {
        let tls = match &options.cert_manager {
            Some(manager) => Some(ClientSide::new(manager.as_ref(), &options.tls, &options.holder)?),
            None => {
                log::warn!(target: "countersign::net", event:% = Event::WeakSetting, holder = options.holder.as_str(); "no certificate manager: this dialler speaks plain TCP");
                None
            }
        };
        let DialerOptions { connect_timeout, handshake_timeout, keep_alive, .. } = options;
        Ok(Self { tls, connect_timeout, handshake_timeout, keep_alive, counters: Counters::default() })
    }

    /// Connects to a host by name or address; each of its addresses is tried. The host must be on the
    /// server's certificate, unless the manager's server name overrides it.
    ///
    /// # Errors
    /// Why there is no connection.
    pub async fn dial(&self, host: &str, port: u16) -> Result<Connection, DialError> {
        self.counted(format!("{host}:{port}"), self.try_dial(host, port).await)
    }

    /// Connects once more to where a link of ours leads: no name is resolved and nobody is asked, for what answers
    /// there now might be another node.
    pub(crate) async fn dial_again(&self, host: &str, address: SocketAddr) -> Result<Connection, DialError> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| DialReason::NotAHost);
        let outcome = match name {
            Ok(name) => self.connect(name, &[address], Purpose::Handover).await,
            Err(reason) => Err(reason),
        };
        self.counted(format!("{host} at {address}"), outcome)
    }

    fn counted(&self, target: String, outcome: Result<Connection, DialReason>) -> Result<Connection, DialError> {
        match outcome {
            Ok(connection) => {
                self.counters.accept();
                Ok(connection)
            }
            Err(reason) => {
                let error = DialError { target, reason };
                self.counters.refuse(error.code(), error.refused().is_some_and(Refused::is_by_peer));
                Err(error)
            }
        }
    }

    /// What became of the dials so far.
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    async fn try_dial(&self, host: &str, port: u16) -> Result<Connection, DialReason> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| DialReason::NotAHost)?;
        let slow = |_| io::Error::new(io::ErrorKind::TimedOut, format!("no answer within {:?}", self.connect_timeout));
        let resolved = rt::timeout(self.connect_timeout, rt::resolve(host, port)).await.map_err(slow);
        let addresses = resolved.and_then(|resolved| resolved).map_err(DialReason::Resolve)?;
        self.connect(name, &addresses, Purpose::Link).await
    }

    async fn connect(&self, name: ServerName<'static>, addresses: &[SocketAddr], purpose: Purpose) -> Result<Connection, DialReason> {
        let tcp = rt::connect(addresses, self.connect_timeout).await.map_err(DialReason::Connect)?;
        let ends = Ends { local: tcp.local_addr().ok(), peer: tcp.peer_addr().ok() };
        tcp.set_nodelay(true).and_then(|()| self.keep_alive.set_on(&tcp)).map_err(DialReason::Connect)?;
        let Some(tls) = &self.tls else { return Ok(Connection::plain(tcp, ends, true, None)) };
        let handshake = tls.connect_for(purpose, name, tcp, ends);
        let within = self.handshake_timeout;
        match rt::timeout(within, handshake).await {
            Ok(outcome) => {
                outcome.map(|stream| Connection::secure(Box::new(stream), None)).map_err(|refused| DialReason::Refused(Box::new(refused)))
            }
            Err(_) => Err(DialReason::Refused(Box::new(Refused::timeout("the handshake", within, ends)))),
        }
    }
}

/// Why there is no connection to `target`.
#[derive(Debug, thiserror::Error)]
#[error("cannot connect to {target}: {reason}")]
pub struct DialError {
    target: String,
    reason: DialReason,
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DialReason {
    /// The host is neither a name nor an address.
    #[error("this is neither a host name nor an address")]
    NotAHost,
    /// The host is unknown.
    #[error("its name cannot be resolved: {0}")]
    Resolve(io::Error),
    /// Nobody listens, or nobody answers.
    #[error("{0}")]
    Connect(io::Error),
    /// The handshake failed.
    #[error("{0}")]
    Refused(Box<Refused>),
}

impl DialError {
    /// Whom we dialled.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// What went wrong.
    pub const fn reason(&self) -> &DialReason {
        &self.reason
    }

    /// The refused handshake, if it got that far.
    pub const fn refused(&self) -> Option<&Refused> {
        match &self.reason {
            DialReason::Refused(refused) => Some(refused),
            _ => None,
        }
    }
}

impl Failure for DialError {
    fn code(&self) -> Code {
        match &self.reason {
            DialReason::Refused(refused) => refused.code(),
            DialReason::Connect(error) | DialReason::Resolve(error) if error.kind() == io::ErrorKind::TimedOut => Code::Timeout,
            _ => Code::Unreachable,
        }
    }

    fn hint(&self) -> Hint {
        match &self.reason {
            DialReason::Refused(refused) => refused.hint(),
            DialReason::NotAHost => Hint::fixed("write host and port as db-1.internal 15000 or 192.0.2.7 15000"),
            DialReason::Resolve(_) => Hint::fixed("check the spelling, and that this machine's resolver knows the name"),
            DialReason::Connect(_) => Hint::fixed(self.code().cure()),
        }
    }
}
