//! Where a route leads: a place that is known, one that an epmd knows, one that the program finds out.

use crate::epmd::{self, AliveName};
use crate::node::error::ConnectReason;
use crate::node_name::NodeName;
use crate::x509::name::printable;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

/// Where a route leads.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Place {
    /// To this port.
    At {
        /// Of this host; without it, of the one in the peer's name.
        host: Option<String>,
        /// Which port.
        port: u16,
    },
    /// To the port that an epmd tells.
    Epmd {
        /// The epmd's host, and the peer's; without it, the one in the peer's name.
        host: Option<String>,
        /// The epmd's port; without it, that of the node's epmd.
        port: Option<u16>,
    },
    /// Where the program says.
    Found(Finder),
}

impl Place {
    /// Where a peer is looked for that no route leads to: at the epmd of its own host.
    pub const DISCOVERY: Self = Self::Epmd { host: None, port: None };

    /// This host and port.
    pub fn at(host: impl Into<String>, port: u16) -> Self {
        Self::At { host: Some(host.into()), port }
    }

    pub(super) const fn is_discovery(&self) -> bool {
        matches!(self, Self::Epmd { host: None, port: None })
    }

    /// Where the peer is. The caller has a deadline.
    pub(in crate::node) async fn find(&self, peer: &NodeName, epmd: &epmd::Client) -> Result<Address, ConnectReason> {
        let own = |host: &Option<String>| host.clone().unwrap_or_else(|| peer.host().to_owned());
        match self {
            Self::At { host, port } => Ok(Address { host: own(host), port: *port }),
            Self::Epmd { host, port } => {
                let (host, epmd) = (own(host), port.map_or(*epmd, epmd::Client::at));
                let name = AliveName::new(peer.name()).map_err(ConnectReason::AliveName)?;
                let entry = epmd.lookup(&name, &host).await.map_err(ConnectReason::Epmd)?;
                Ok(Address { host, port: entry.port })
            }
            Self::Found(finder) => finder.find(peer.clone()).await,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const OWN: &str = "the peer's host";
        match self {
            Self::At { host, port } => write!(f, "{}:{port}", host.as_deref().unwrap_or(OWN)),
            Self::Epmd { host, port: None } => write!(f, "the epmd of {}", host.as_deref().unwrap_or(OWN)),
            Self::Epmd { host, port: Some(port) } => write!(f, "the epmd of {} at port {port}", host.as_deref().unwrap_or(OWN)),
            Self::Found(finder) => write!(f, "what {} finds", finder.name),
        }
    }
}

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// A name or an address.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Address {
    /// This host and port.
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self { host: host.into(), port }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

/// A function of the program's that finds peers: in a service registry, in DNS, in a table. It is asked in each
/// attempt, within the attempt's deadline; its words for a failure stand in the error of whoever wanted the peer.
///
/// ```
/// use countersign::node::{Address, Finder, Place, Route};
///
/// let registry = Finder::new("registry", |peer| async move {
///     match peer.name() {
///         "db-1" => Ok(Address::new("10.0.0.7", 15_000)),
///         other => Err(format!("it does not know {other}")),
///     }
/// });
/// let route = Route::matching("db-*@internal".parse()?, Place::Found(registry));
/// assert_eq!(route.place.to_string(), "what registry finds");
/// # Ok::<(), countersign::node::NotANodePattern>(())
/// ```
#[derive(Clone)]
pub struct Finder {
    name: &'static str,
    find: Arc<dyn Fn(NodeName) -> BoxFuture<'static, Result<Address, String>> + Send + Sync>,
}

impl Finder {
    /// Names the function.
    pub fn new<F, Fut>(name: &'static str, find: F) -> Self
    where
        F: Fn(NodeName) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Address, String>> + Send + 'static,
    {
        Self { name, find: Arc::new(move |peer| find(peer).boxed()) }
    }

    /// One that panics has found nothing: whoever waits for the peer must hear of it.
    async fn find(&self, peer: NodeName) -> Result<Address, ConnectReason> {
        let asked = AssertUnwindSafe(async { (self.find)(peer).await }).catch_unwind().await;
        let reason = match asked {
            Ok(Ok(address)) => return Ok(address),
            Ok(Err(reason)) => reason,
            Err(_) => "it panicked".to_owned(),
        };
        Err(ConnectReason::Finder { finder: self.name, reason: printable(&reason) })
    }
}

impl fmt::Debug for Finder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Finder").field("name", &self.name).finish_non_exhaustive()
    }
}
