//! A node of a demo; and the hidden command that is the other process.

use super::error::{DemoError, Mishap};
use super::folder::Folder;
use super::numbers;
use super::scene::Scene;
use crate::cli::console::Console;
use crate::cli::development::{Development, DevelopmentError};
use crate::cli::{Exit, Trouble};
use crate::node::{Acceptor, EpmdMode, Node, NodeOptions};
use crate::node_name::NodeName;
use crate::rt;
use crate::rt::signals::Stops;
use clap::Args;
use futures_util::FutureExt;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

/// Be the other node of a demo, which starts this
#[derive(Debug, Args)]
pub(in crate::cli) struct DemoNode {
    /// The demo's directory; it is removed in the end
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
    /// Where the demo's epmd is
    #[arg(long, value_name = "N")]
    epmd_port: u16,
}

impl DemoNode {
    pub(in crate::cli) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let outcome = match Folder::adopt(&self.folder) {
            Some(folder) => rt::block_on(serve(&folder, self.epmd_port, console)),
            None => Err(Mishap::NotOfADemo { path: self.folder }),
        };
        outcome.map_err(|mishap| DemoError { scene: Scene::Nodes, mishap })?;
        Ok(Exit::Done)
    }
}

/// The node's options: on this host alone, at a port of the system's choice, beside the demo's own epmd.
pub(super) fn options(development: &Development, name: &NodeName, epmd_port: u16) -> Result<NodeOptions, DevelopmentError> {
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST).into();
    Ok(NodeOptions {
        acceptors: vec![Acceptor { host: Some(loopback), ..Acceptor::at_port(0) }],
        epmd: EpmdMode::At(epmd_port),
        ..development.options(name)?
    })
}

/// The node that dials, and the one in the other process.
pub(super) fn names() -> Result<[NodeName; 2], DevelopmentError> {
    Ok([NodeName::new("a@localhost")?, NodeName::new("b@localhost")?])
}

/// Until whoever started it has ended or lets it end, whichever way that is.
async fn serve(folder: &Folder, epmd_port: u16, console: &mut Console<'_>) -> Result<(), Mishap> {
    let mut stops = Stops::listen().map_err(Trouble::Signals)?;
    let [_, name] = names()?;
    let development = Development::open(folder.path())?;
    let node = Node::start(name.as_str(), options(&development, &name, epmd_port)?).await?;
    let _tally = numbers::listen(&node).await?;
    for address in node.local_addrs() {
        console.line(address)?;
    }
    // Nothing is ever said to it.
    let mut released = Box::pin(rt::unblock(|| io::copy(&mut io::stdin(), &mut io::sink()))).fuse();
    futures_util::select_biased! {
        _ = released => {}
        _ = stops.next().fuse() => {}
    }
    // Whoever has lost patience ends it.
    rt::timeout(PATIENCE, node.stop()).await.unwrap_or_default();
    Ok(())
}

const PATIENCE: Duration = Duration::from_secs(3);
