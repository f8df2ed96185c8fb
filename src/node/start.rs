//! Starting a node: everything that can be wrong is found before anybody can dial it.

use super::core::{Core, Running};
use super::error::{ConnectError, ConnectReason, StartError};
use super::handle::Node;
use super::identity::IdentityPolicy;
use super::options::{Acceptor, EpmdMode, NodeOptions, Visibility};
use super::presence::{self, Presence};
use super::routes::Way;
use super::settings::{self, Door, Settings};
use super::{peers, system};
use crate::dist::initiator::Nameless;
use crate::epmd::{AliveName, NodeEntry};
use crate::etf::Creation;
use crate::net::meeting::Introduction;
use crate::net::{Listener, ListenerError, ListenerOptions};
use crate::node_name::NodeName;
use crate::observe::Counters;
use crate::rt;
use crate::tls::CertResolver;
use crate::x509::name::San;
use std::net::SocketAddr;
use std::sync::Arc;

/// Starts a node under a name of its own.
pub(super) async fn start(name: &str, options: NodeOptions) -> Result<Node, StartError> {
    let name = NodeName::new(name).map_err(|source| StartError::Name { name: name.to_owned(), source })?;
    let alive = AliveName::new(name.name())?;
    let settings = Settings::new(&options, presence::client(&options.epmd)?)?;
    warn_of_identity(&options);
    warn_of_functions(&options);
    let mut listeners = Vec::new();
    for acceptor in &options.acceptors {
        let door = Arc::new(Door::new(&options, acceptor, &settings.cookie));
        listeners.push((listen(&options, acceptor, &name, &settings.counters).await?, door));
    }
    let port = listeners.first().map_or(0, |(listener, _)| listener.local_addr().port());
    let entry = match options.visibility {
        Visibility::Visible => NodeEntry::visible(alive, port),
        Visibility::Hidden => NodeEntry::hidden(alive, port),
    };
    // Who cannot be dialled has nothing to say to an epmd.
    let mode = if listeners.is_empty() { &EpmdMode::Off } else { &options.epmd };
    let presence = Presence::register(mode, settings.epmd, entry).await?;
    let core = Core::new(name, presence.creation, settings);
    run(&core, listeners, Some(presence))?;
    Ok(Node::new(core))
}

/// Starts a node that has no name, by asking a peer for one.
pub(super) async fn join(peer: &NodeName, options: NodeOptions) -> Result<Node, ConnectError> {
    let failed = |reason| ConnectError::new(peer.clone(), reason);
    let options = NodeOptions { visibility: Visibility::Hidden, ..options };
    let settings = presence::client(&options.epmd).and_then(|client| Settings::new(&options, client));
    let settings = settings.map_err(|error| failed(ConnectReason::Start(Box::new(error))))?;
    let introduce = |way: &Way| {
        Introduction::Nameless(Nameless { host: nameless_on(peer, way.presents.as_deref()), flags: way.flags, cookie: way.cookie.clone() })
    };
    let (met, identity) = peers::meet(&settings, peer, introduce).await?;
    let core = Core::new(met.established.local.clone(), met.established.local_creation, settings);
    run(&core, Vec::new(), None).map_err(|error| failed(ConnectReason::Start(Box::new(error))))?;
    let attempt = core.peers.begin(peer);
    peers::establish(&core, &attempt, met, identity).map_err(failed)?;
    Ok(Node::new(core))
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
    let listens = listeners.iter().map(|(listener, _)| listener.local_addr()).collect();
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

async fn listen(options: &NodeOptions, acceptor: &Acceptor, name: &NodeName, refusals: &Arc<Counters>) -> Result<Listener, StartError> {
    let host = settings::address(acceptor, name);
    let last = acceptor.port.saturating_add(acceptor.port_range.saturating_sub(1));
    for port in acceptor.port..=last {
        let listener = ListenerOptions { refusals: Some(Arc::clone(refusals)), ..settings::listener_options(options, acceptor)? };
        let bound = Listener::bind(SocketAddr::new(host, port), listener).await;
        match bound {
            Err(ListenerError::Port { source, .. }) if port < last && source.kind() == std::io::ErrorKind::AddrInUse => {}
            bound => return Ok(bound?),
        }
    }
    Err(ListenerError::Ended.into())
}

fn warn_of_identity(options: &NodeOptions) {
    let acceptors = options.acceptors.iter().map(|acceptor| acceptor.identity.unwrap_or(options.identity));
    // A route warns by itself, whenever it is added.
    if acceptors.chain([options.identity]).any(|policy| policy == IdentityPolicy::Off) {
        log::warn!(target: "countersign::node", identity = "off"; "any holder of a good certificate may claim the name of any node");
    }
}

fn warn_of_functions(options: &NodeOptions) {
    for (module, function) in options.functions.dangerous() {
        log::warn!(target: "countersign::node", module:%, function:%; "peers that nobody vouches for may call a function");
    }
}
