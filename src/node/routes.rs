//! Where peers are, and what differs there: routes by pattern and weight, which come and go while the node runs.

mod handle;
mod listing;
mod pattern;
mod place;
mod refused;
mod way;

pub use listing::RouteInfo;
pub use pattern::{NodePattern, NotANodePattern};
pub use place::{Address, Finder, Place};
pub use refused::RouteRefused;
pub(super) use way::Way;

use super::admission::AdmissionHandle;
use super::effective::Effective;
use super::error::StartError;
use super::expiry::Holder;
use super::identity::{IdentityPolicy, SpiffeTemplate};
use super::link_options::LinkOptions;
use super::options::NodeOptions;
use super::rotation::Rotation;
use crate::dist::Cookie;
use crate::node_name::NodeName;
use crate::tls::{CertAuthManager, ExpectedIdentity, ServerName, TlsPolicy};
use crate::x509::Fingerprint;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Where some peers are, and what differs there. What a route does not say, the node says.
///
/// Of several routes that are for one peer the heaviest is tried first, and of equals the one that was added first.
/// Each is an attempt of its own: a lighter route without pins makes up for the heavier one with them whenever that
/// one fails, so whoever must be reached only by a pinned key has only routes with it.
///
/// ```
/// use countersign::node::{Place, Route};
/// use std::time::Duration;
///
/// let route = Route {
///     weight: 10,
///     expects: Some("spiffe://example.org/db".parse()?),
///     deadline: Some(Duration::from_secs(3)),
///     ..Route::matching("db-*@internal".parse()?, Place::at("10.0.0.7", 15_000))
/// };
/// assert!(route.matches.matches(&"db-1@internal".parse()?) && !route.discovery);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Route {
    /// Whom it is for.
    pub matches: NodePattern,
    /// The heaviest is tried first; 0 unless said otherwise.
    pub weight: i32,
    /// Where they are.
    pub place: Place,
    /// Whether a peer that is not reached there, nor by another route, is also looked for at the epmd of its own host;
    /// what the route says holds there too.
    pub discovery: bool,
    /// Instead of the node's.
    pub cert_manager: Option<Arc<dyn CertAuthManager>>,
    /// Speaks plain TCP here, whatever the node does elsewhere: whoever is on the way can read and change everything. The
    /// node warns about it.
    pub danger_plaintext: bool,
    /// The name to ask for and to verify, instead of the host that is dialled or of what the manager says.
    pub server_name: Option<ServerName<'static>>,
    /// Whom the peer's certificate must name. It stands in for the host that is dialled, and for the peer's name whatever
    /// `identity` says: its holder may be any node that the route is for.
    pub expects: Option<ExpectedIdentity>,
    /// The SHA-256 of the public keys or certificates that will do; empty: those of the policy, which may be exchanged
    /// while the node runs. A peer with another is refused within the handshake of TLS.
    pub pins: Vec<Fingerprint>,
    /// Dials **without knowing who answers**, as [`TlsPolicy::danger_insecure_skip_verify`] does; pins still hold.
    pub danger_insecure_skip_verify: bool,
    /// Instead of the node's.
    pub tls: Option<TlsPolicy>,
    /// How the peer's name is held against its certificate, instead of the node's rule.
    pub identity: Option<IdentityPolicy>,
    /// Instead of the node's.
    pub spiffe: Option<SpiffeTemplate>,
    /// Who may answer there. Its allow list takes the place of the node's if anybody is on it; both deny lists count.
    pub admission: Option<AdmissionHandle>,
    /// What becomes of its links when the certificate behind them is replaced, instead of the node's.
    pub rotation: Option<Rotation>,
    /// Instead of the node's.
    pub cookie: Option<Cookie>,
    /// Instead of the node's.
    pub connect_timeout: Option<Duration>,
    /// Instead of the node's.
    pub handshake_timeout: Option<Duration>,
    /// How long a whole attempt may take, from looking the peer up to the last answer; without it, as long as all of its
    /// steps may.
    pub deadline: Option<Duration>,
    /// What else its links have instead of the node's.
    pub link: LinkOptions,
}

impl Route {
    /// To a peer at this host and port, with the node's settings.
    pub fn to(peer: NodeName, host: impl Into<String>, port: u16) -> Self {
        Self::matching(NodePattern::exactly(&peer), Place::at(host, port))
    }

    /// To all peers with such names, with the node's settings.
    pub const fn matching(matches: NodePattern, place: Place) -> Self {
        Self {
            matches,
            weight: 0,
            place,
            discovery: false,
            cert_manager: None,
            danger_plaintext: false,
            server_name: None,
            expects: None,
            pins: Vec::new(),
            danger_insecure_skip_verify: false,
            tls: None,
            identity: None,
            spiffe: None,
            admission: None,
            rotation: None,
            cookie: None,
            connect_timeout: None,
            handshake_timeout: None,
            deadline: None,
            link: LinkOptions::NONE,
        }
    }
}

/// Which route of a node. None is given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteId(u64);

impl fmt::Display for RouteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "route {}", self.0)
    }
}

/// The routes of a node, and what it does without one.
#[derive(Debug)]
pub(super) struct Routes {
    /// What holds where a route says nothing. Its manager has been read: a route that borrows it later is not to change
    /// whom the node trusts.
    node: NodeOptions,
    discovery: Arc<Way>,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    last: u64,
    /// The heaviest first, and of equals the oldest.
    ways: Vec<Arc<Way>>,
}

/// Where to look for a peer, and how to talk to it there.
#[derive(Clone, Debug)]
pub(super) struct Lead {
    pub(super) way: Arc<Way>,
    pub(super) place: Place,
}

impl Lead {
    /// Whether the peer is looked for where the route itself does not lead.
    pub(super) fn is_fallback(&self) -> bool {
        self.place.is_discovery() && !self.way.route.place.is_discovery()
    }
}

/// At least one.
#[derive(Clone, Debug)]
pub(super) struct Leads {
    pub(super) first: Lead,
    pub(super) rest: Vec<Lead>,
}

impl Leads {
    /// For all attempts one after the other.
    pub(super) fn deadline(&self) -> Duration {
        let each = [&self.first].into_iter().chain(&self.rest).map(|lead| lead.way.effective.whole_setup());
        each.fold(Duration::ZERO, Duration::saturating_add)
    }
}

impl Routes {
    /// Without any route yet.
    pub(super) fn new(node: NodeOptions) -> Result<Self, StartError> {
        let nowhere = Route::matching(NodePattern::everybody(), Place::DISCOVERY);
        let discovery = Arc::new(Way::new(None, nowhere, Effective::of_node(&node)?)?);
        Ok(Self { node, discovery, table: Mutex::default() })
    }

    /// Reads the route's manager now. A peer that is being dialled goes on by the routes that there were.
    pub(super) fn add(&self, route: Route) -> Result<RouteId, RouteRefused> {
        let id = self.next();
        // Without the lock: the manager is the program's own, and may ask for routes.
        let effective = Effective::of_later_route(&self.node, &self.discovery.effective.cookie, &route)?;
        let way = Arc::new(Way::by(id, route, effective)?);
        let mut table = self.lock();
        let rank = |way: &Way| (std::cmp::Reverse(way.route.weight), way.id);
        let at = table.ways.partition_point(|other| rank(other) < rank(&way));
        table.ways.insert(at, way);
        Ok(id)
    }

    /// Whether there was such a route. What it requires of certificates goes with it and with the last of its links.
    pub(super) fn remove(&self, id: RouteId) -> bool {
        let mut table = self.lock();
        let before = table.ways.len();
        table.ways.retain(|way| way.id != Some(id));
        table.ways.len() < before
    }

    /// The managers that routes have of their own.
    pub(super) fn managers(&self) -> Vec<Arc<dyn CertAuthManager>> {
        self.lock().ways.iter().filter_map(|way| way.route.cert_manager.clone()).collect()
    }

    pub(super) fn list(&self) -> Vec<RouteInfo> {
        self.lock().ways.iter().filter_map(|way| RouteInfo::of(way)).collect()
    }

    /// Who presents a certificate besides the node.
    pub(super) fn holders(&self) -> Vec<Holder> {
        self.lock().ways.iter().filter_map(|way| way.holder()).collect()
    }

    /// The attempts for a peer, in order.
    pub(super) fn leads(&self, peer: &NodeName) -> Leads {
        let ways: Vec<Arc<Way>> = self.lock().ways.iter().filter(|way| way.route.matches.matches(peer)).cloned().collect();
        let led = ways.iter().map(|way| Lead { way: Arc::clone(way), place: way.route.place.clone() });
        let discovered = ways.iter().filter(|way| way.route.discovery && !way.route.place.is_discovery());
        let discovered = discovered.map(|way| Lead { way: Arc::clone(way), place: Place::DISCOVERY });
        let mut leads = led.chain(discovered);
        let first = leads.next().unwrap_or_else(|| Lead { way: Arc::clone(&self.discovery), place: Place::DISCOVERY });
        Leads { first, rest: leads.collect() }
    }

    fn next(&self) -> RouteId {
        let mut table = self.lock();
        table.last = table.last.wrapping_add(1);
        RouteId(table.last)
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // A table that is changed in one step.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
