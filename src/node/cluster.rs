//! The nodes that this one wants to be linked to, whatever happens.

pub(super) mod keeper;
pub(super) mod quorum;
mod reconnect;

pub use keeper::Kept;
pub use quorum::{NoQuorum, Quorum, QuorumPolicy};
pub use reconnect::Reconnect;

use super::handle::Node;
use crate::node_name::NodeName;
use std::collections::BTreeSet;

/// Whom a node dials of itself, and whether it starts without them.
///
/// ```
/// use countersign::node::{ClusterOptions, NodeOptions, Quorum};
///
/// let seeds = vec!["a@one.example".parse()?, "a@two.example".parse()?, "a@three.example".parse()?];
/// let options = NodeOptions { cluster: ClusterOptions { seeds, quorum: Some(Quorum::of(2)), ..ClusterOptions::default() }, ..NodeOptions::default() };
/// assert_eq!(options.cluster.reconnect.most.as_secs(), 60);
/// # Ok::<(), countersign::node_name::NotANodeName>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ClusterOptions {
    /// Dialled when the node starts, several at a time, and kept: again and again while they cannot be reached, and again
    /// when they are lost. The node's own name may be among them, so that all nodes can have one list; it does not count.
    pub seeds: Vec<NodeName>,
    /// Kept as well, and nobody waits for them.
    pub keep: Vec<NodeName>,
    /// How many seeds have to be peers before the node counts as started. Without it nobody waits.
    pub quorum: Option<Quorum>,
    /// How those that are kept are dialled again.
    pub reconnect: Reconnect,
}

impl ClusterOptions {
    /// The seeds of a node with this name.
    pub(super) fn seeds_of(&self, own: &NodeName) -> BTreeSet<NodeName> {
        self.seeds.iter().filter(|seed| *seed != own).cloned().collect()
    }
}

impl Node {
    /// Wants a node to be a peer from now on: it is dialled if it is none, again and again while it cannot be reached, and
    /// again whenever it is lost, until [`Node::forget`]. Once [disconnected](Node::disconnect) by hand it is left alone,
    /// until it has dialled this node or this is called anew. The node itself is never dialled.
    ///
    /// Refusals are no reason to give up: whoever refuses may be given another certificate or cookie. Each new reason is
    /// logged once.
    ///
    /// ```
    /// # use countersign::dist::Cookie;
    /// # use countersign::node::{EpmdMode, Node, NodeOptions};
    /// # countersign::rt::block_on(async {
    /// # let cookie = Some(Cookie::new(b"secret".to_vec()));
    /// # let options = NodeOptions { danger_plaintext: true, cookie, acceptors: vec![], epmd: EpmdMode::Off, ..NodeOptions::default() };
    /// let node = Node::start("a@localhost", options).await?;
    /// let away = "b@localhost".parse()?;
    /// node.keep_connected(&away);
    /// assert_eq!(node.kept()[0].node, away);
    /// assert!(node.forget(&away));
    /// node.stop().await;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn keep_connected(&self, node: &NodeName) {
        if node != self.name() {
            self.core().keeper.keep(node);
        }
    }

    /// Wants a node no more: what link there is stays. Whether it was wanted.
    pub fn forget(&self, node: &NodeName) -> bool {
        self.core().keeper.forget(node)
    }

    /// All that are wanted, seeds too, and how that goes.
    pub fn kept(&self) -> Vec<Kept> {
        self.core().keeper.all(self.core())
    }
}
