//! Process groups that span the cluster, as OTP's `pg` has them: processes join groups, and every node of the same
//! scope sees who is in them.
//!
//! A node of ours is a full member of a scope: `pg:get_members/2` at a node of OTP lists our processes, and
//! [`Scope::members`] lists OTP's. A process that ends leaves all its groups, and so do all processes of a node
//! whose link is lost. Nobody decides for the whole cluster: each node tells all others who joins and leaves there,
//! in that order, and a node that comes (back) is told all.
//!
//! ```
//! use countersign::etf::atom;
//! use countersign::node::Node;
//! use countersign::otp::pg::{Change, Scope};
//! # use countersign::node::{EpmdMode, NodeOptions};
//! # use countersign::{dist::Cookie, testing::Ca, tls::CertAuth};
//! # use std::sync::Arc;
//!
//! # countersign::rt::block_on(async {
//! # let ca = Ca::new();
//! # let options = NodeOptions {
//! #     cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
//! #     cookie: Some(Cookie::new(b"secret".to_vec())), acceptors: vec![], epmd: EpmdMode::Off, ..NodeOptions::default()
//! # };
//! let node = Node::start("a@localhost", options).await?;
//! // OTP's default scope is called pg, and so is that of an Elixir node: :pg.start_link()
//! let scope = Scope::start(&node, "pg").await?;
//!
//! let room = scope.clone();
//! let guest = node.spawn(|mut process| async move {
//!     process.receive().await;
//! });
//! let watching = node.run(move |mut process| async move {
//!     let (watching, there) = room.watch(process.pid()).await.unwrap();
//!     assert!(there.is_empty());
//!     room.join(atom("lobby"), &guest).await.unwrap();
//!     assert_eq!(*room.members(&atom("lobby")), [guest.clone()]);
//!     let joined = watching.change(&process.receive().await);
//!     assert_eq!(joined, Some(Change::Joined { group: atom("lobby"), pids: vec![guest.clone()] }));
//!
//!     // Who ends leaves.
//!     process.exit(&guest, atom("kill")).await.unwrap();
//!     let left = watching.change(&process.receive().await);
//!     assert_eq!(left, Some(Change::Left { group: atom("lobby"), pids: vec![guest] }));
//! });
//! watching.await.unwrap();
//! assert!(scope.groups().is_empty());
//! node.stop().await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! # What a peer can do here
//!
//! It speaks for its own processes only, and for those of its present life; what it may have us keep is bounded by
//! [`ScopeLimits`]. What it says beside that is ignored, and counted by [`Scope::ignored`]. The scope's process waits
//! for nobody: a peer that does not read loses its link, and hears everything when it comes back.

mod bag;
mod error;
mod holdings;
mod message;
mod options;
mod overlay;
mod roster;
mod server;
mod watchers;

pub use error::ScopeError;
pub use options::{ScopeLimits, ScopeOptions};
pub use roster::Members;
pub use watchers::{Change, Watching};

use crate::etf::{Atom, Pid, Term, encode};
use crate::node::{NameRefused, Node, Process};
use crate::rt::channel::{Receiver, Sender, bounded};
use roster::Roster;
use server::{Command, Order, Server, Shared};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A scope of this node. Clones are the same scope; it lasts until it is stopped, or its node is.
#[derive(Clone, Debug)]
pub struct Scope {
    pid: Pid,
    shared: Arc<Shared>,
    orders: Sender<Order>,
}

impl Scope {
    /// Starts a scope, whose process is registered under its name. All scopes of this name, at all nodes that are or
    /// become peers, share their groups.
    ///
    /// # Errors
    /// The name is taken: the node has such a scope already, or any other process of that name.
    pub async fn start(node: &Node, name: &str) -> Result<Self, ScopeError> {
        Self::start_with(node, name, ScopeOptions::default()).await
    }

    /// The same, with other options.
    ///
    /// # Errors
    /// The name is taken.
    pub async fn start_with(node: &Node, name: &str, options: ScopeOptions) -> Result<Self, ScopeError> {
        let name = Atom::new(name).map_err(|_| NameRefused::TooLong)?;
        let home = Atom::new(node.name().as_str()).map_err(|_| NameRefused::TooLong)?;
        let shared = Arc::new(Shared { name, roster: Roster::new(home), refused: AtomicU64::new(0), ignored: AtomicU64::new(0) });
        let (orders, wanted) = bounded(MOST_ORDERS);
        let (ready, started) = bounded(1);
        let begun = (Arc::clone(&shared), (orders.clone(), wanted));
        let pid = node.spawn_service(move |process| serve(process, begun.0, options, begun.1, ready));
        started.recv().await.map_err(|_| ScopeError::Ended)??;
        Ok(Self { pid, shared, orders })
    }

    /// Its name.
    pub fn name(&self) -> &Atom {
        &self.shared.name
    }

    /// Its process.
    pub const fn pid(&self) -> &Pid {
        &self.pid
    }

    /// A process of this node joins a group; again, if it is in it already. It must then leave as often.
    ///
    /// # Errors
    /// It is a process of another node, the group has a name that cannot be sent, or the scope has ended.
    pub async fn join(&self, group: impl Into<Term>, process: &Pid) -> Result<(), ScopeError> {
        self.join_many(group, [process.clone()]).await
    }

    /// Several processes of this node join a group; peers hear of it in one message.
    ///
    /// # Errors
    /// One is a process of another node, and nobody has joined; the group has a name that cannot be sent; or the scope
    /// has ended.
    pub async fn join_many(&self, group: impl Into<Term>, processes: impl IntoIterator<Item = Pid>) -> Result<(), ScopeError> {
        let (group, pids) = (group.into(), self.own(processes)?);
        if self.members(&group).is_empty() {
            encode(&group)?;
        }
        self.ask(|done| Command::Join { group, pids, done }).await
    }

    /// A process of this node leaves a group, once; whether it was in it.
    ///
    /// # Errors
    /// It is a process of another node, or the scope has ended.
    pub async fn leave(&self, group: impl Into<Term>, process: &Pid) -> Result<bool, ScopeError> {
        self.leave_many(group, [process.clone()]).await
    }

    /// Several processes of this node leave a group, each once; whether any was in it.
    ///
    /// # Errors
    /// One is a process of another node, and nobody has left; or the scope has ended.
    pub async fn leave_many(&self, group: impl Into<Term>, processes: impl IntoIterator<Item = Pid>) -> Result<bool, ScopeError> {
        let (group, pids) = (group.into(), self.own(processes)?);
        self.ask(|done| Command::Leave { group, pids, done }).await
    }

    /// Who is in a group, at all nodes. This asks nobody: reading is a look at a table that is here.
    pub fn members(&self, group: &Term) -> Arc<[Pid]> {
        self.shared.roster.members(group)
    }

    /// Who of this node is in a group.
    pub fn local_members(&self, group: &Term) -> Arc<[Pid]> {
        self.shared.roster.local_members(group)
    }

    /// All groups in which anybody is.
    pub fn groups(&self) -> Vec<Term> {
        self.shared.roster.groups()
    }

    /// All groups in which anybody of this node is.
    pub fn local_groups(&self) -> Vec<Term> {
        self.shared.roster.local().into_iter().map(|(group, _)| group).collect()
    }

    /// Has a process of this node hear of every change of every group, until it ends or the watching is
    /// [called off](Scope::unwatch). Returns who is in which group before the first change.
    ///
    /// # Errors
    /// It is a process of another node, or the scope has ended.
    pub async fn watch(&self, process: &Pid) -> Result<(Watching, Vec<Members>), ScopeError> {
        self.begin_to_watch(process, None).await
    }

    /// Has a process of this node hear of every change of one group. Returns who is in it before the first.
    ///
    /// # Errors
    /// It is a process of another node, or the scope has ended.
    pub async fn watch_group(&self, group: impl Into<Term>, process: &Pid) -> Result<(Watching, Arc<[Pid]>), ScopeError> {
        let (watching, known) = self.begin_to_watch(process, Some(group.into())).await?;
        let members = known.into_iter().next().map(|(_, members)| members);
        Ok((watching, members.unwrap_or_default()))
    }

    /// Calls a watching off; whether it lasted. Changes that were told before may still be in the mailbox.
    ///
    /// # Errors
    /// The scope has ended.
    pub async fn unwatch(&self, watching: &Watching) -> Result<bool, ScopeError> {
        let reference = watching.reference.clone();
        self.ask(|done| Command::Unwatch { reference, done }).await
    }

    /// How many memberships of peers were beyond [`ScopeLimits`].
    pub fn refused(&self) -> u64 {
        self.shared.refused.load(Ordering::Relaxed)
    }

    /// How many messages came that no scope of a peer sends: malformed, from a process of this node, or for processes
    /// that are not the peer's own.
    pub fn ignored(&self) -> u64 {
        self.shared.ignored.load(Ordering::Relaxed)
    }

    /// Ends the scope: all nodes forget what processes of this one are in.
    pub async fn stop(&self) {
        let (sender, done) = bounded(1);
        if self.orders.send(Order::Stop(sender)).await.is_ok() {
            // It says nothing if it has ended meanwhile.
            let _ = done.recv().await;
        }
    }

    async fn begin_to_watch(&self, process: &Pid, group: Option<Term>) -> Result<(Watching, Vec<Members>), ScopeError> {
        let pid = self.own([process.clone()])?.into_iter().next().ok_or(ScopeError::Ended)?;
        let (reference, known) = self.ask(|done| Command::Watch { pid, group, done }).await?;
        Ok((Watching { reference }, known))
    }

    async fn ask<T>(&self, command: impl FnOnce(Sender<T>) -> Command) -> Result<T, ScopeError> {
        let (sender, answer) = bounded(1);
        self.orders.send(Order::Do(command(sender))).await.map_err(|_| ScopeError::Ended)?;
        answer.recv().await.map_err(|_| ScopeError::Ended)
    }

    fn own(&self, processes: impl IntoIterator<Item = Pid>) -> Result<Vec<Pid>, ScopeError> {
        let is_own = |pid: &Pid| pid.creation == self.pid.creation && pid.node == self.pid.node;
        let checked = processes.into_iter().map(|pid| if is_own(&pid) { Ok(pid) } else { Err(ScopeError::NotLocal(pid)) });
        checked.collect()
    }
}

async fn serve(
    mut process: Process,
    shared: Arc<Shared>,
    options: ScopeOptions,
    orders: (Sender<Order>, Receiver<Order>),
    ready: Sender<Result<(), NameRefused>>,
) {
    let registered = process.register(shared.name.clone());
    let is_named = registered.is_ok();
    // Whoever starts it may not be waiting any more: then it is a scope that nobody has a handle of, as if dropped.
    let _ = ready.try_send(registered);
    if is_named {
        Server::new(process, shared, options, orders).run().await;
    }
}

/// Whoever wants more at a time waits.
const MOST_ORDERS: usize = 64;
