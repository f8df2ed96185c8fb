//! Opening a node's acceptors, and which of them the epmd is told of.

use super::effective::Effective;
use super::error::StartError;
use super::mode::Mode;
use super::options::{Acceptor, NodeOptions};
use super::settings::{self, Door};
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::net::{Listener, ListenerError};
use crate::node_name::NodeName;
use crate::observe::Counters;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

/// The acceptors of a node, open.
pub(super) struct Doors {
    pub(super) open: Vec<(Listener, Arc<Door>)>,
    /// The port that the epmd is to be told, if any.
    pub(super) announced: Option<u16>,
}

impl Doors {
    /// Opens all acceptors, or none.
    pub(super) async fn open(options: &NodeOptions, name: &NodeName, refusals: &Arc<Counters>) -> Result<Self, StartError> {
        let registered = options.registered()?;
        let mut open = Vec::new();
        for acceptor in Mode::acceptors(options) {
            let effective = Effective::of_acceptor(options, acceptor)?;
            let listener = listen(&effective, acceptor, name, refusals).await?;
            open.push((listener, Arc::new(Door { effective })));
        }
        let announced = registered.and_then(|index| {
            let own = options.acceptors.get(index).and_then(|acceptor| acceptor.announce_port);
            own.or_else(|| open.get(index).map(|(listener, _)| listener.local_addr().port()))
        });
        Ok(Self { open, announced })
    }
}

impl NodeOptions {
    /// Which of the acceptors the epmd is told of: it knows one port of a node.
    ///
    /// ```
    /// use countersign::node::{Acceptor, NodeOptions};
    ///
    /// let declines = Acceptor { registered: Some(false), ..Acceptor::at_port(15_001) };
    /// let options = NodeOptions { acceptors: vec![declines, Acceptor::default()], ..NodeOptions::default() };
    /// assert_eq!(options.registered()?, Some(1));
    /// # Ok::<(), countersign::node::AcceptorError>(())
    /// ```
    ///
    /// # Errors
    /// Two that insist, or a port to announce at one that it is not told of.
    pub fn registered(&self) -> Result<Option<usize>, AcceptorError> {
        let mut insisting = self.acceptors_that_wish(Some(true));
        let told = insisting.next().or_else(|| self.acceptors_that_wish(None).next());
        if let Some(second) = insisting.next() {
            return Err(AcceptorError::TwoRegistered { second });
        }
        let others = self.acceptors.iter().enumerate().filter(|(index, _)| Some(*index) != told);
        match others.filter_map(|(index, acceptor)| acceptor.announce_port.map(|port| (index, port))).next() {
            Some((index, port)) => Err(AcceptorError::NobodyTold { index, port }),
            None => Ok(told),
        }
    }

    fn acceptors_that_wish(&self, wish: Option<bool>) -> impl Iterator<Item = usize> {
        let acceptors = self.acceptors.iter().enumerate();
        acceptors.filter(move |(_, acceptor)| acceptor.registered == wish).map(|(index, _)| index)
    }
}

/// Tries the ports of an acceptor until one is free at each of its addresses.
async fn listen(effective: &Effective, acceptor: &Acceptor, name: &NodeName, refusals: &Arc<Counters>) -> Result<Listener, StartError> {
    let hosts = acceptor.addresses(Some(name)).await?;
    let last = acceptor.port.saturating_add(acceptor.port_range.saturating_sub(1));
    for port in acceptor.port..=last {
        let addresses: Vec<_> = hosts.iter().map(|host| SocketAddr::new(*host, port)).collect();
        let bound = Listener::bind_all(&addresses, settings::listener_options(effective, acceptor, refusals)).await;
        match bound {
            Err(ListenerError::Port { source, .. }) if port < last && source.kind() == io::ErrorKind::AddrInUse => {}
            bound => return Ok(bound?),
        }
    }
    Err(ListenerError::Ended.into())
}

impl Acceptor {
    /// Where a node of this name listens: a node whose name is not known, where this machine alone reaches it.
    pub(crate) async fn addresses(&self, name: Option<&NodeName>) -> Result<Vec<IpAddr>, AcceptorError> {
        let Some(host) = &self.host else { return Ok(vec![usual_address(name.map_or("localhost", NodeName::host))]) };
        host.addresses().await.map_err(|source| AcceptorError::Unresolved { host: host.to_string(), source })
    }
}

/// The address of an acceptor that names none, for a node of this host.
fn usual_address(host: &str) -> IpAddr {
    let own = match host {
        "localhost" => Some(IpAddr::from(Ipv4Addr::LOCALHOST)),
        host => host.parse().ok().filter(IpAddr::is_loopback),
    };
    let everywhere = if has_ipv6() { IpAddr::from(Ipv6Addr::UNSPECIFIED) } else { IpAddr::from(Ipv4Addr::UNSPECIFIED) };
    own.unwrap_or(everywhere)
}

fn has_ipv6() -> bool {
    std::net::UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).is_ok()
}

/// Acceptors that cannot be opened as they are described.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AcceptorError {
    /// Two want the one place.
    #[error("two acceptors are to be registered, and an epmd knows one port of a node")]
    TwoRegistered {
        /// Where the second one stands in the list.
        second: usize,
    },
    /// A port to announce, and nobody who is told.
    #[error("port {port} is to be announced, and its acceptor is not the one that is registered")]
    NobodyTold {
        /// Where the acceptor stands in the list.
        index: usize,
        /// Which port.
        port: u16,
    },
    /// The host has no address.
    #[error("the acceptor's host {host} cannot be resolved")]
    Unresolved {
        /// Which host.
        host: String,
        /// What the system said.
        source: io::Error,
    },
}

impl Failure for AcceptorError {
    fn code(&self) -> Code {
        match self {
            Self::TwoRegistered { .. } | Self::NobodyTold { .. } => Code::InvalidTlsConfiguration,
            Self::Unresolved { .. } => Code::Unreachable,
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::TwoRegistered { .. } => Hint::fixed("leave registered out at all but one of them; peers reach the others by routes"),
            Self::NobodyTold { .. } => Hint::fixed("say registered there, or leave announce_port out"),
            Self::Unresolved { .. } => Hint::fixed("check the spelling, or name the addresses themselves, each by an acceptor"),
        }
    }
}
