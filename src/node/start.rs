//! Starting a node: everything that can be wrong is found before anybody can dial it.

use super::cluster::{Kept, QuorumPolicy, keeper, quorum};
use super::cookie;
use super::core::{Core, Running};
use super::doors::Doors;
use super::effective::Effective;
use super::error::{ConnectError, ConnectReason, StartError};
use super::expiry::{Holder, keep_looking};
use super::handle::Node;
use super::identity::{IdentityMismatch, IdentityPolicy, IdentityRule};
use super::judging::keep_judging;
use super::mode::Mode;
use super::options::{EpmdMode, NodeOptions, Visibility};
use super::peers::{self, Reached};
use super::presence::{self, Presence};
use super::routes::Way;
use super::settings::{Door, Settings};
use super::{idle, sources, system};
use crate::dist::initiator::Nameless;
use crate::epmd::{AliveName, NodeEntry};
use crate::failure::Failure;
use crate::net::Listener;
use crate::net::meeting::Introduction;
use crate::node_name::NodeName;
use crate::observe::Event;
use crate::rt;
use crate::tls::CertResolver;
use crate::x509::name::San;
use std::net::SocketAddr;
use std::sync::Arc;

/// Starts a node under a name of its own, and waits for the seeds that it cannot be without.
pub(super) async fn start(name: &str, options: NodeOptions, mut tell: impl FnMut(&[Kept])) -> Result<Node, StartError> {
    let name = NodeName::new(name).map_err(|source| StartError::Name { name: name.to_owned(), source })?;
    let (seeds, quorum) = (options.cluster.seeds_of(&name), options.cluster.quorum);
    if let Some(wanted) = quorum.map(|quorum| quorum.seeds).filter(|wanted| *wanted > seeds.len()) {
        return Err(StartError::QuorumBeyondSeeds { wanted, seeds: seeds.len() });
    }
    let node = alone(name, options).await?;
    let Some(quorum) = quorum else { return Ok(node) };
    match quorum::wait(node.core(), &seeds, quorum, &mut tell).await {
        Ok(()) => Ok(node),
        Err(missing) if quorum.policy == QuorumPolicy::Warn => {
            let hint = missing.hint();
            log::warn!(target: "countersign::node", event:% = Event::QuorumMissing, reason:% = missing, hint:%; "started without its quorum");
            Ok(node)
        }
        Err(missing) => {
            node.stop().await;
            Err(StartError::NoQuorum(Box::new(missing)))
        }
    }
}

async fn alone(name: NodeName, options: NodeOptions) -> Result<Node, StartError> {
    if Mode::is_contradicted(&options) {
        return Err(StartError::PassiveAndVisible);
    }
    let alive = AliveName::new(name.name())?;
    let options = with_cookie(options)?;
    let settings = Settings::new(&options, presence::client(&options.epmd)?)?;
    warn_of_functions(&options);
    let doors = Doors::open(&options, &name, &settings.counters).await?;
    warn_of_identity(doors.open.iter().map(|(_, door)| &door.effective.identity).chain([&settings.identity]));
    warn_of_own_name(&name, [&Effective::of_node(&options)?].into_iter().chain(doors.open.iter().map(|(_, door)| &door.effective)));
    let port = doors.announced.unwrap_or_default();
    let entry = match options.visibility {
        Visibility::Visible => NodeEntry::visible(alive, port),
        Visibility::Hidden => NodeEntry::hidden(alive, port),
    };
    // Who cannot be dialled has nothing to say to an epmd.
    let mode = if doors.announced.is_none() { &EpmdMode::Off } else { Mode::epmd(&options) };
    let presence = Presence::register(mode, settings.epmd, entry).await?;
    let core = Core::new(name, presence.creation, settings);
    let kept = options.cluster.seeds.iter().chain(&options.cluster.keep).filter(|name| **name != core.name);
    kept.for_each(|name| core.keeper.keep(name));
    run(&core, doors.open, Some(presence))?;
    Ok(Node::new(core))
}

/// Starts a node that has no name, by asking a peer for one.
pub(super) async fn join(peer: &NodeName, options: NodeOptions) -> Result<Node, ConnectError> {
    let failed = |reason| ConnectError::new(peer.clone(), reason);
    let options = with_cookie(NodeOptions { visibility: Visibility::Hidden, mode: Mode::OutgoingOnly, ..options });
    let settings = options.and_then(|options| Settings::new(&options, presence::client(&options.epmd)?));
    let settings = settings.map_err(|error| failed(ConnectReason::Start(Box::new(error))))?;
    let introduce = |way: &Way| {
        let (host, flags, cookie) = (nameless_on(peer, way.presents.as_deref()), way.effective.flags, way.effective.cookie.clone());
        Introduction::Nameless(Nameless { host, flags, cookie })
    };
    let Reached { met, identity, terms } = peers::meet(&settings, peer, introduce).await?;
    let core = Core::new(met.established.local.clone(), met.established.local_creation, settings);
    run(&core, Vec::new(), None).map_err(|error| failed(ConnectReason::Start(Box::new(error))))?;
    let attempt = core.peers.begin(peer);
    peers::establish(&core, &attempt, met, identity, terms).map_err(failed)?;
    Ok(Node::new(core))
}

/// The options with the cookie of the user's home, if they have none: read once, for all links.
fn with_cookie(options: NodeOptions) -> Result<NodeOptions, StartError> {
    let cookie = options.cookie.clone().map_or_else(cookie::of_home, Ok)?;
    Ok(NodeOptions { cookie: Some(cookie), ..options })
}

/// Whoever gives the name holds its host against our certificate: the peer's host if that is on it, and the
/// certificate's first host otherwise.
pub(crate) fn nameless_on(peer: &NodeName, presents: Option<&CertResolver>) -> NodeName {
    let issue = presents.map(CertResolver::current);
    let hosts = issue.iter().flat_map(|issue| &issue.certificate.leaf().sans).filter_map(|san| match san {
        San::Dns(name) => NodeName::new(&format!("nameless@{name}")).ok(),
        San::Ip(address) => NodeName::new(&format!("nameless@{address}")).ok(),
        _ => None,
    });
    let hosts: Vec<NodeName> = hosts.collect();
    let here = hosts.iter().find(|name| name.host().eq_ignore_ascii_case(peer.host())).or(hosts.first());
    here.cloned().or_else(|| NodeName::new(&format!("nameless@{}", peer.host())).ok()).unwrap_or_else(|| peer.clone())
}

fn run(core: &Arc<Core>, listeners: Vec<(Listener, Arc<Door>)>, presence: Option<Presence>) -> Result<(), StartError> {
    system::start(core);
    core.keep_own_name();
    let listens: Vec<SocketAddr> = listeners.iter().flat_map(|(listener, _)| listener.local_addrs()).copied().collect();
    core.expiry.listens(listeners.iter().filter_map(|(listener, door)| holder(listener, door)).collect());
    core.look_at_certificates();
    let mut tasks = vec![rt::spawn("judging", keep_judging(Arc::downgrade(core)))?];
    tasks.push(rt::spawn("expiry", keep_looking(Arc::downgrade(core)))?);
    tasks.push(rt::spawn("sources", sources::keep_looking(Arc::downgrade(core)))?);
    for (listener, door) in listeners {
        tasks.push(open(core, listener, door)?);
    }
    let epmd = presence.as_ref().and_then(|presence| presence.epmd);
    say_started(core, &listens, epmd);
    tasks.push(rt::spawn("keeper", keeper::run(Arc::clone(core)))?);
    tasks.push(rt::spawn("idle", idle::run(Arc::clone(core)))?);
    core.run(Running { listens, epmd, presence, tasks });
    Ok(())
}

fn say_started(core: &Core, listens: &[SocketAddr], epmd: Option<u16>) {
    let all = listens.iter().map(SocketAddr::to_string).collect::<Vec<_>>().join(", ");
    let (creation, listens) = (core.creation.0, Some(all.as_str()).filter(|all| !all.is_empty()));
    log::info!(target: "countersign::node", event:% = Event::NodeStarted, name:% = core.name, creation, listens, epmd; "node started");
}

fn holder(listener: &Listener, door: &Door) -> Option<Holder> {
    let manager = door.effective.cert_manager.as_ref()?;
    // Its authorities are among those that the node has read.
    Some(Holder { name: format!("acceptor {}", listener.local_addr()), resolver: manager.resolver(), root_cas: None })
}

/// Receives whoever comes through a listener, each in a task of its own.
fn open(core: &Arc<Core>, listener: Listener, door: Arc<Door>) -> Result<rt::Task, StartError> {
    let core = Arc::downgrade(core);
    let receiving = async move {
        while let Ok(connection) = listener.accept().await {
            let Some(core) = core.upgrade() else { return };
            match rt::spawn("meeting", peers::answer(core, Arc::clone(&door), connection)) {
                Ok(task) => task.detach(),
                Err(error) => log::error!(target: "countersign::node", event:% = Event::TaskNotStarted, error:%; "cannot start a task"),
            }
        }
    };
    Ok(rt::spawn("door", receiving)?)
}

/// Routes warn by themselves, whenever they are added.
fn warn_of_identity<'a>(rules: impl Iterator<Item = &'a IdentityRule>) {
    let all: Vec<IdentityPolicy> = rules.map(IdentityRule::policy).collect();
    let in_force = IdentityPolicy::ALL.into_iter().filter(|policy| all.contains(policy));
    in_force.for_each(|policy| policy.warn_if_loose("node"));
}

/// A peer may ask for less than we do, so the node starts all the same.
fn warn_of_own_name<'a>(name: &NodeName, all: impl Iterator<Item = &'a Effective>) {
    let mut said: Vec<IdentityMismatch> = Vec::new();
    for mismatch in all.filter_map(|effective| effective.judge_own_name(name).err()) {
        if !said.contains(&mismatch) {
            let (holder, code, hint) = (format!("node {name}"), mismatch.code(), mismatch.hint());
            log::warn!(target: "countersign::node", event:% = Event::OwnCertificateUnfit, holder, code:%, reason:% = mismatch, hint:%; "peers may refuse our own certificate");
            said.push(mismatch);
        }
    }
}

fn warn_of_functions(options: &NodeOptions) {
    for (module, function) in options.functions.dangerous() {
        log::warn!(target: "countersign::node", event:% = Event::WeakSetting, module:%, function:%; "peers that nobody vouches for may call a function");
    }
}
