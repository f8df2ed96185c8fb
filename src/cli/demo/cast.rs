//! Who takes part: a CA, an epmd, a node in this process and one in another; and the link between the two.

use super::companion::Companion;
use super::error::Mishap;
use super::folder::Folder;
use super::member;
use super::narrator::Narrator;
use super::numbers::{self, Tally};
use super::props::Props;
use super::scene::Scene;
use super::told::Told;
use crate::cli::access::Reached;
use crate::cli::development::{self, Development};
use crate::epmd::{Server, ServerOptions};
use crate::net::{LinkId, TransportFacts};
use crate::node::Node;
use crate::node_name::NodeName;
use std::net::SocketAddr;
use std::sync::Arc;

pub(super) struct Cast {
    pub(super) development: Development,
    pub(super) a: Node,
    pub(super) b: NodeName,
    pub(super) b_listens: SocketAddr,
    /// Of the numbers, as a knows it.
    pub(super) tally: Arc<Tally>,
    epmd: Server,
}

impl Cast {
    pub(super) async fn gather(props: &mut Props, narrator: &mut Narrator<'_, '_>) -> Result<Self, Mishap> {
        narrator.begin(Scene::Authority).await?;
        let folder = props.folder.insert(Folder::make()?);
        let development = Development::prepare(folder.path())?;
        let epmd = Server::bind(ServerOptions::loopback()).await?;
        let (subject, directory) = (development.subject().to_owned(), folder.path().display().to_string());
        narrator.tell(&Told::Authority { subject, directory, epmd_port: epmd.port() })?;

        narrator.begin(Scene::Nodes).await?;
        let [name, b] = member::names()?;
        let a = Node::start(name.as_str(), member::options(&development, &name, epmd.port())?).await?;
        let tally = numbers::listen(&a).await?;
        let listens = a.local_addrs().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        narrator.tell(&Told::Node { name: name.to_string(), process: std::process::id(), listens })?;
        let companion = Companion::start(folder.path(), epmd.port(), props.alive.take())?;
        let companion = props.companion.insert(companion);
        let b_listens = companion.address().await?;
        narrator.tell(&Told::Node { name: b.to_string(), process: companion.id(), listens: b_listens.to_string() })?;
        Ok(Self { development, a, b, b_listens, tally, epmd })
    }

    /// a dials b, through the epmd, as any two nodes meet.
    pub(super) async fn link(&self, narrator: &mut Narrator<'_, '_>) -> Result<LinkId, Mishap> {
        narrator.begin(Scene::Link).await?;
        let peer = self.a.connect(&self.b).await?;
        let transport = peer.transport();
        let tls = transport.tls.as_ref();
        let said = |of: fn(&crate::net::link::TlsFacts) -> &'static str| tls.map_or("no TLS", of).to_owned();
        narrator.tell(&Told::Linked {
            from: self.a.name().to_string(),
            to: self.b.to_string(),
            version: said(|tls| tls.version),
            suite: said(|tls| tls.suite),
            key_exchange: said(|tls| tls.key_exchange),
        })?;
        Ok(peer.facts().id)
    }

    /// Tells with what an Erlang shell joins.
    pub(super) async fn invite(&self, stays: bool, narrator: &mut Narrator<'_, '_>) -> Result<(), Mishap> {
        narrator.begin(Scene::Shell).await?;
        let command = self.development.shell_beside(self.a.name(), Some(self.epmd.port().to_string()))?;
        Ok(narrator.tell(&Told::Shell { command, then: development::ping(self.a.name()), stays })?)
    }

    /// b, to be asked questions over the link.
    pub(super) fn to_b(&self) -> Reached {
        Reached { node: self.a.clone(), peer: self.b.clone() }
    }
}

/// The serial number of the certificate that this side has presented on a connection.
pub(super) fn presented(transport: &TransportFacts) -> String {
    transport.presented.as_ref().map(|issue| issue.certificate.leaf().serial_hex()).unwrap_or_default()
}
