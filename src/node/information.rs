//! What can be seen of a process from outside.

use super::core::Core;
use super::handle::Node;
use super::mail::Monitored;
use super::registry::number;
use crate::etf::{Atom, Pid, Term};
use std::time::Instant;

/// A process at one moment, as `process_info/1` of Erlang shows it.
///
/// ```
/// # use countersign::node::{EpmdMode, Node, NodeOptions};
/// # use countersign::{dist::Cookie, testing::Ca, tls::CertAuth};
/// # use std::sync::Arc;
/// use countersign::etf::atom;
///
/// # countersign::rt::block_on(async {
/// # let ca = Ca::new();
/// # let options = NodeOptions {
/// #     cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
/// #     cookie: Some(Cookie::new(b"secret".to_vec())), acceptors: vec![], epmd: EpmdMode::Off, ..NodeOptions::default()
/// # };
/// # let node = Node::start("a@localhost", options).await?;
/// let idle = node.spawn(|mut process| async move { drop(process.receive_where(|_| false).await) });
/// node.register("idle", &idle)?;
/// node.send(&idle, atom("hello")).await?;
///
/// let info = node.process_info(&idle).unwrap();
/// assert_eq!((info.names[0].as_str(), info.waiting), ("idle", 1));
/// assert!(node.processes().contains(&idle));
/// # node.stop().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProcessInfo {
    /// Which.
    pub pid: Pid,
    /// Under which names others find it.
    pub names: Vec<Atom>,
    /// What it says it is.
    pub label: Option<Term>,
    /// To whom it is linked.
    pub links: Vec<Pid>,
    /// What it watches.
    pub monitors: Vec<Monitored>,
    /// Who watches it: once for each monitor.
    pub monitored_by: Vec<Pid>,
    /// How many aliases it has.
    pub aliases: usize,
    /// How much mail waits for it.
    pub waiting: usize,
    /// How much may.
    pub mailbox: usize,
    /// Whether the ends of others come to it as mail.
    pub traps_exits: bool,
    /// Since when there is such a process.
    pub since: Instant,
}

impl Node {
    /// What can be seen of a process of this node; `None` if it does not live.
    pub fn process_info(&self, pid: &Pid) -> Option<ProcessInfo> {
        self.core().process_info(pid)
    }

    /// The processes of this node, its own ones too, in the order in which they began.
    pub fn processes(&self) -> Vec<Pid> {
        let mut pids: Vec<Pid> = self.core().registry.bodies().iter().map(|body| body.pid.clone()).collect();
        pids.sort_unstable();
        pids
    }
}

impl Core {
    pub(super) fn process_info(&self, pid: &Pid) -> Option<ProcessInfo> {
        let body = self.body(pid)?;
        let names = self.registry.names_of(number(pid));
        let ties = body.ties();
        if ties.is_over || ties.doom.is_some() {
            return None;
        }
        Some(ProcessInfo {
            pid: pid.clone(),
            names,
            label: ties.label.clone(),
            links: ties.links.iter().filter(|(_, bond)| bond.unlinking.is_none()).map(|(other, _)| other.clone()).collect(),
            monitors: ties.monitors.values().map(|watched| watched.object.clone()).collect(),
            monitored_by: ties.watchers.values().map(|watcher| watcher.pid.clone()).collect(),
            aliases: ties.aliases.len(),
            waiting: body.mailbox.waiting(),
            mailbox: body.mailbox.limit(),
            traps_exits: ties.traps_exits,
            since: body.since,
        })
    }
}
