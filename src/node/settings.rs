//! What a node goes by while it runs, and how it dials and receives its peers.

use super::admission::AdmissionHandle;
use super::cluster::Reconnect;
use super::effective::Effective;
use super::error::StartError;
use super::identity::IdentityRule;
use super::judging::Judging;
use super::mode::Mode;
use super::options::{Acceptor, NameGiving, NodeLimits, NodeOptions, Visibility};
use super::routes::Routes;
use super::rpc::Functions;
use crate::clock::Clock;
use crate::dist::TickTime;
use crate::epmd;
use crate::net::link::LinkLimits;
use crate::net::{Challenges, Limits, ListenerOptions, TransportOptions};
use crate::node_name::NodeName;
use crate::observe::Counters;
use crate::tls::{CaPool, CertAuth, CertAuthManager};
use std::sync::Arc;
use std::time::Duration;

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
    /// How often the sources of certificates are looked at.
    pub(super) reload_every: Duration,
    pub(super) routes: Routes,
}

/// How those are received who dial one acceptor.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) effective: Effective,
}

impl Settings {
    pub(super) fn new(options: &NodeOptions, epmd: epmd::Client) -> Result<Self, StartError> {
        let managers = managers(options);
        Ok(Self {
            routes: routes(options)?,
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
            reload_every: options.reload_every,
            judging: Arc::new(Judging::new(options.judge_every, options.expired, options.link_judges.clone())),
        })
    }

    pub(super) fn transport(&self, effective: &Effective) -> TransportOptions {
        let Effective { frame_bytes, send_buffer, unread_answers, send_timeout, .. } = *effective;
        let limits = LinkLimits { send_buffer, unread_answers };
        TransportOptions { tick: self.tick, frame_bytes, read: self.limits.read, limits, send_timeout, trace_control: self.trace_control }
    }
}

/// With the routes of the start. Routes that come later borrow what the node's manager says now.
fn routes(options: &NodeOptions) -> Result<Routes, StartError> {
    let frozen = options.cert_manager.as_deref().map(|manager| Arc::new(CertAuth::frozen(manager, None)) as _);
    let routes = Routes::new(NodeOptions { cert_manager: frozen, ..options.clone() })?;
    for route in &options.routes {
        routes.add(route.clone()).map_err(|refused| StartError::Route { matches: route.matches.clone(), refused: Box::new(refused) })?;
    }
    Ok(routes)
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
