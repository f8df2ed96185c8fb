//! What a node goes by while it runs, and how it dials and receives its peers.

use super::admission::AdmissionHandle;
use super::cluster::Reconnect;
use super::effective::Effective;
use super::error::StartError;
use super::identity::IdentityRule;
use super::judging::Judging;
use super::mode::Mode;
use super::options::{Acceptor, NameGiving, NodeLimits, NodeOptions, Route, Visibility};
use super::rpc::Functions;
use crate::clock::Clock;
use crate::dist::TickTime;
use crate::epmd;
use crate::net::link::LinkLimits;
use crate::net::{Challenges, Dialer, DialerOptions, Limits, ListenerOptions, TransportOptions};
use crate::node_name::NodeName;
use crate::observe::Counters;
use crate::tls::{CaPool, CertAuthManager, ServerName};
use std::collections::HashMap;
use std::sync::Arc;

/// What a node goes by while it runs.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) manager: Option<Arc<dyn CertAuthManager>>,
    /// Whose certificates peers see: the node's, and those of its acceptors and routes.
    pub(super) managers: Vec<Arc<dyn CertAuthManager>>,
    /// All whom these trusted when they were asked, in both directions.
    pub(super) authorities: Option<Arc<CaPool>>,
    pub(super) mode: Mode,
    pub(super) visibility: Visibility,
    pub(super) reconnect: Reconnect,
    pub(super) limits: NodeLimits,
    pub(super) tick: TickTime,
    pub(super) names: NameGiving,
    pub(super) identity: IdentityRule,
    pub(super) admission: AdmissionHandle,
    pub(super) admins: Vec<NodeName>,
    pub(super) functions: Functions,
    pub(super) trace_control: bool,
    pub(super) epmd: epmd::Client,
    pub(super) challenges: Challenges,
    pub(super) counters: Arc<Counters>,
    /// That of all verdicts.
    pub(super) clock: Arc<dyn Clock>,
    pub(super) judging: Arc<Judging>,
    default_route: Way,
    routes: HashMap<NodeName, Way>,
}

/// How a peer is dialled.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) dialer: Arc<Dialer>,
    /// What stands in for the peer's host on its certificate.
    pub(super) server_name: Option<ServerName<'static>>,
    pub(super) effective: Effective,
}

/// How those are received who dial one acceptor.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) effective: Effective,
}

impl Settings {
    pub(super) fn new(options: &NodeOptions, epmd: epmd::Client) -> Result<Self, StartError> {
        let managers = managers(options);
        let ways = options.routes.iter().map(|route| Ok((route.peer.clone(), Way::by(options, route)?)));
        Ok(Self {
            routes: ways.collect::<Result<_, StartError>>()?,
            default_route: Way::new(Effective::of_node(options)?)?,
            authorities: all_authorities(&managers),
            managers,
            manager: options.cert_manager.clone(),
            mode: Mode::of(options),
            visibility: options.visibility,
            reconnect: options.cluster.reconnect,
            limits: options.limits,
            tick: options.tick,
            names: options.names,
            identity: IdentityRule::new(options.identity, options.spiffe.clone()),
            admission: options.admission.clone(),
            admins: options.admins.clone(),
            functions: options.functions.clone(),
            trace_control: options.trace_control,
            epmd,
            challenges: Challenges::default(),
            counters: Arc::default(),
            clock: Arc::clone(options.tls.the_clock()),
            judging: Arc::new(Judging::new(options.judge_every, options.expired, options.link_judges.clone())),
        })
    }

    pub(super) fn way(&self, peer: &NodeName) -> &Way {
        self.routes.get(peer).unwrap_or(&self.default_route)
    }

    /// What is in force for peers that are dialled.
    pub(super) fn effective(&self) -> impl Iterator<Item = &Effective> {
        self.routes.values().chain([&self.default_route]).map(|way| &way.effective)
    }

    pub(super) fn transport(&self, effective: &Effective) -> TransportOptions {
        let Effective { frame_bytes, send_buffer, unread_answers, send_timeout, .. } = *effective;
        let limits = LinkLimits { send_buffer, unread_answers };
        TransportOptions { tick: self.tick, frame_bytes, read: self.limits.read, limits, send_timeout, trace_control: self.trace_control }
    }
}

impl Way {
    /// To wherever an epmd says that the peer is.
    fn new(effective: Effective) -> Result<Self, StartError> {
        // Asked before the dialler does: once each, and kept.
        let server_name = effective.cert_manager.as_ref().and_then(|manager| manager.server_name());
        let dialer = Arc::new(Dialer::new(dialer_options(&effective))?);
        Ok(Self { host: None, port: None, dialer, server_name, effective })
    }

    fn by(options: &NodeOptions, route: &Route) -> Result<Self, StartError> {
        let way = Self::new(Effective::of_route(options, route)?)?;
        Ok(Self { host: route.host.clone(), port: route.port, ..way })
    }
}

fn dialer_options(effective: &Effective) -> DialerOptions {
    let mut dialer = effective.cert_manager.clone().map_or_else(DialerOptions::plain, DialerOptions::secure);
    dialer.tls = effective.tls.clone();
    dialer.connect_timeout = effective.connect_timeout;
    dialer.handshake_timeout = effective.handshake_timeout;
    dialer.keep_alive = effective.keep_alive;
    dialer
}

/// What the listener of an acceptor is made of.
pub(super) fn listener_options(effective: &Effective, acceptor: &Acceptor, refusals: &Arc<Counters>) -> ListenerOptions {
    let mut listener = effective.cert_manager.clone().map_or_else(ListenerOptions::plain, ListenerOptions::secure);
    listener.tls = effective.tls.clone();
    listener.limits = Limits { handshake_timeout: effective.handshake_timeout, ..acceptor.limits };
    listener.keep_alive = effective.keep_alive;
    listener.networks = acceptor.networks.clone();
    listener.refusals = Some(Arc::clone(refusals));
    listener
}

fn managers(options: &NodeOptions) -> Vec<Arc<dyn CertAuthManager>> {
    let acceptors = Mode::acceptors(options).iter().map(|acceptor| &acceptor.cert_manager);
    let routes = options.routes.iter().map(|route| &route.cert_manager);
    acceptors.chain(routes).chain([&options.cert_manager]).flatten().cloned().collect()
}

fn all_authorities(managers: &[Arc<dyn CertAuthManager>]) -> Option<Arc<CaPool>> {
    let pools = managers.iter().flat_map(|manager| [manager.root_cas(), manager.client_cas()]).flatten();
    pools.reduce(|one, other| Arc::new(one.merge(&other)))
}
