//! Starting a node: everything that can be wrong is found before anybody can dial it.

use super::cookie;
use super::core::{Core, Running};
use super::doors::Doors;
use super::error::{ConnectError, ConnectReason, StartError};
use super::handle::Node;
use super::identity::{IdentityPolicy, IdentityRule};
use super::options::{EpmdMode, NodeOptions, Visibility};
use super::peers::{self, Reached};
use super::presence::{self, Presence};
use super::routes::Way;
use super::settings::{Door, Settings};
use super::system;
use crate::dist::initiator::Nameless;
use crate::epmd::{AliveName, NodeEntry};
use crate::etf::Creation;
use crate::net::Listener;
use crate::net::meeting::Introduction;
use crate::node_name::NodeName;
use crate::rt;
use crate::tls::CertResolver;
use crate::x509::name::San;
use std::sync::Arc;

/// Starts a node under a name of its own.
pub(super) async fn start(name: &str, options: NodeOptions) -> Result<Node, StartError> {
    let name = NodeName::new(name).map_err(|source| StartError::Name { name: name.to_owned(), source })?;
    let alive = AliveName::new(name.name())?;
    let options = with_cookie(options)?;
    let settings = Settings::new(&options, presence::client(&options.epmd)?)?;
    warn_of_functions(&options);
    let doors = Doors::open(&options, &name, &settings.counters).await?;
    warn_of_identity(doors.open.iter().map(|(_, door)| &door.effective.identity).chain([&settings.identity]));
    let port = doors.announced.unwrap_or_default();
    let entry = match options.visibility {
        Visibility::Visible => NodeEntry::visible(alive, port),
        Visibility::Hidden => NodeEntry::hidden(alive, port),
    };
    // Who cannot be dialled has nothing to say to an epmd.
    let mode = if doors.announced.is_none() { &EpmdMode::Off } else { &options.epmd };
    let presence = Presence::register(mode, settings.epmd, entry).await?;
    let core = Core::new(name, presence.creation, settings);
    run(&core, doors.open, Some(presence))?;
    Ok(Node::new(core))
}

/// Starts a node that has no name, by asking a peer for one.
pub(super) async fn join(peer: &NodeName, options: NodeOptions) -> Result<Node, ConnectError> {
    let failed = |reason| ConnectError::new(peer.clone(), reason);
    let options = with_cookie(NodeOptions { visibility: Visibility::Hidden, ..options });
    let settings = options.and_then(|options| Settings::new(&options, presence::client(&options.epmd)?));
    let settings = settings.map_err(|error| failed(ConnectReason::Start(Box::new(error))))?;
    let introduce = |way: &Way| {
        let (host, flags, cookie) = (nameless_on(peer, way.presents.as_deref()), way.effective.flags, way.effective.cookie.clone());
        Introduction::Nameless(Nameless { host, flags, cookie })
    };
    let Reached { met, identity, way } = peers::meet(&settings, peer, introduce).await?;
    let core = Core::new(met.established.local.clone(), met.established.local_creation, settings);
    run(&core, Vec::new(), None).map_err(|error| failed(ConnectReason::Start(Box::new(error))))?;
    let attempt = core.peers.begin(peer);
    peers::establish(&core, &attempt, &way.effective, met, identity).map_err(failed)?;
    Ok(Node::new(core))
}

/// The options with the cookie of the user's home, if they have none: read once, for all links.
fn with_cookie(options: NodeOptions) -> Result<NodeOptions, StartError> {
    let cookie = options.cookie.clone().map_or_else(cookie::of_home, Ok)?;
    Ok(NodeOptions { cookie: Some(cookie), ..options })
}

/// Whoever gives the name holds its host against our certificate: the peer's host if that is on it, and the
/// certificate's first host otherwise.
fn nameless_on(peer: &NodeName, presents: Option<&CertResolver>) -> NodeName {
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
    let listens = listeners.iter().flat_map(|(listener, _)| listener.local_addrs()).copied().collect();
    let doors: Result<_, _> = listeners.into_iter().map(|(listener, door)| open(core, listener, door)).collect();
    let epmd = presence.as_ref().and_then(|presence| presence.epmd);
    let creation: Creation = core.creation;
    log::info!(target: "countersign::node", name:% = core.name, creation:%, listens:?, epmd:?; "node started");
    core.run(Running { listens, epmd, presence, doors: doors? });
    Ok(())
}

/// Receives whoever comes through a listener, each in a task of its own.
fn open(core: &Arc<Core>, listener: Listener, door: Arc<Door>) -> Result<rt::Task, StartError> {
    let core = Arc::downgrade(core);
    let receiving = async move {
        while let Ok(connection) = listener.accept().await {
            let Some(core) = core.upgrade() else { return };
            match rt::spawn("meeting", peers::answer(core, Arc::clone(&door), connection)) {
                Ok(task) => task.detach(),
                Err(error) => log::error!(target: "countersign::node", error:%; "cannot start a task"),
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

fn warn_of_functions(options: &NodeOptions) {
    for (module, function) in options.functions.dangerous() {
        log::warn!(target: "countersign::node", module:%, function:%; "peers that nobody vouches for may call a function");
    }
}
