//! How a node is known on its host, and stays so when its epmd is lost.

use super::error::StartError;
use super::options::EpmdMode;
use crate::epmd::{self, Client, NodeEntry, Registered, ServerOptions};
use crate::etf::Creation;
use crate::observe::Event;
use crate::rt;
use crate::rt::channel::{Receiver, Sender, bounded};
use futures_util::future::{Either, select};
use std::convert::Infallible;
use std::pin::pin;
use std::time::Duration;

/// The node's place in an epmd. Dropped, the name is free again.
#[derive(Debug)]
pub(super) struct Presence {
    pub(super) creation: Creation,
    /// The port of the epmd, if the node is known to one.
    pub(super) epmd: Option<u16>,
    /// Keeps the registration, and renews it, until the node leaves.
    keeper: Option<Keeper>,
}

#[derive(Debug)]
struct Keeper {
    _task: rt::Task,
    /// Closed when the node is to leave.
    stay: Sender<Infallible>,
    /// Closed when it has left.
    left: Receiver<Infallible>,
}

/// Where a node's peers are looked for: the port of its own epmd.
pub(crate) fn client(mode: &EpmdMode) -> Result<Client, StartError> {
    Ok(match mode {
        EpmdMode::At(port) => Client::at(*port),
        EpmdMode::Embedded(options) => Client::at(options.port),
        EpmdMode::Auto | EpmdMode::Off => Client::from_environment()?,
    })
}

impl Presence {
    /// Registers a node, or gives it a creation without.
    pub(super) async fn register(mode: &EpmdMode, client: Client, entry: NodeEntry) -> Result<Self, StartError> {
        let server = match mode {
            EpmdMode::Off => return Ok(Self { creation: unregistered()?, epmd: None, keeper: None }),
            EpmdMode::At(_) => None,
            EpmdMode::Auto => Some(ServerOptions { port: client.port(), ..ServerOptions::from_environment()? }),
            EpmdMode::Embedded(options) => Some(options.clone()),
        };
        let registered = register(server.as_ref(), client, &entry).await?;
        let creation = Creation(registered.registration.creation().as_u32());
        let (stay, leaving) = bounded(1);
        let (leaver, left) = bounded(1);
        let keeping = async move {
            keep(registered, server, client, entry, &leaving).await;
            drop::<Sender<Infallible>>(leaver);
        };
        let task = rt::spawn("presence", keeping)?;
        Ok(Self { creation, epmd: Some(client.port()), keeper: Some(Keeper { stay, left, _task: task }) })
    }

    /// Gives the name up, and waits until it is free.
    pub(super) async fn leave(self) {
        if let Some(Keeper { stay, left, _task }) = self.keeper {
            drop(stay);
            closed(&left).await;
        }
    }
}

async fn register(server: Option<&ServerOptions>, client: Client, entry: &NodeEntry) -> Result<Registered, epmd::EpmdError> {
    match server {
        Some(options) => epmd::auto(&client, options, entry).await,
        None => Ok(Registered { registration: client.register(entry).await?, server: None }),
    }
}

/// A node that loses its epmd registers again, as OTP's do, and keeps the creation that it had first.
async fn keep(mut registered: Registered, server: Option<ServerOptions>, client: Client, entry: NodeEntry, leaving: &Receiver<Infallible>) {
    let name = entry.name.as_str();
    while unless(leaving, registered.registration.lost()).await.is_some() {
        log::warn!(target: "countersign::node", event:% = Event::EpmdLost, name; "epmd is lost: this node will register again");
        match unless(leaving, again(server.as_ref(), client, &entry)).await {
            Some(again) => registered = again,
            None => return,
        }
        log::info!(target: "countersign::node", event:% = Event::NodeRegistered, name; "registered again");
    }
    registered.registration.end().await;
}

async fn again(server: Option<&ServerOptions>, client: Client, entry: &NodeEntry) -> Registered {
    loop {
        rt::sleep(PAUSE).await;
        match register(server, client, entry).await {
            Ok(again) => return again,
            Err(error) => {
                log::warn!(target: "countersign::node", event:% = Event::EpmdLost, name = entry.name.as_str(), error:%; "not registered yet")
            }
        }
    }
}

/// `None` if the node leaves before.
async fn unless<T>(leaving: &Receiver<Infallible>, waiting: impl Future<Output = T>) -> Option<T> {
    match select(pin!(closed(leaving)), pin!(waiting)).await {
        Either::Left(_) => None,
        Either::Right((done, _)) => Some(done),
    }
}

async fn closed(end: &Receiver<Infallible>) {
    // Nothing is ever sent.
    let _ = end.recv().await;
}

/// Two lives of a node must differ, and nobody else counts them.
fn unregistered() -> Result<Creation, StartError> {
    let mut bytes = [0; 4];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| std::io::Error::other("the system gives no random bytes"))?;
    Ok(Creation(u32::from_be_bytes(bytes).max(4)))
}

const PAUSE: Duration = Duration::from_secs(2);
