//! What a process is to itself: its mailbox, and what it can do to others.

use super::body::{Body, Exit, Owner};
use super::core::Core;
use super::destination::{Destination, Target};
use super::error::{CallError, SendError};
use super::mail::Mail;
use super::outcome::Outcome;
use super::registry::{NameRefused, number};
use super::signals::Where;
use super::{call, wire};
use crate::dist::control::Proc;
use crate::etf::{Atom, Pid, Reference, Term};
use crate::node_name::NodeName;
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::time::Duration;

/// A process from inside: what an async function gets that runs as one.
///
/// ```
/// use countersign::etf::{Term, atom, tuple};
/// use countersign::node::Node;
/// # use countersign::node::{EpmdMode, NodeOptions};
/// # use countersign::{dist::Cookie, testing::Ca, tls::CertAuth};
/// # use std::sync::Arc;
///
/// # countersign::rt::block_on(async {
/// # let ca = Ca::new();
/// # let options = NodeOptions {
/// #     cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
/// #     cookie: Some(Cookie::new(b"secret".to_vec())), acceptors: vec![], epmd: EpmdMode::Off, ..NodeOptions::default()
/// # };
/// let node = Node::start("a@localhost", options).await?;
/// let echo = node.spawn(|mut process| async move {
///     loop {
///         let Some(term) = process.receive().await.into_term() else { continue };
///         let Some([from, what]) = term.as_tuple() else { continue };
///         if let Some(from) = from.as_pid() {
///             process.send(from, what.clone()).await.unwrap();
///         }
///     }
/// });
///
/// let asking = node.run(|mut process| async move {
///     process.send(&echo, tuple([Term::from(process.pid().clone()), atom("hello")])).await.unwrap();
///     process.receive().await.into_term()
/// });
/// assert_eq!(asking.await, Some(Some(atom("hello"))));
/// node.stop().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
pub struct Process {
    core: Arc<Core>,
    body: Arc<Body>,
    /// Taken from the mailbox and not yet looked at, or passed over.
    queue: VecDeque<Mail>,
    last: Option<(Atom, Arc<super::peer::Peer>)>,
    /// Calls that have ended without an answer: one that comes yet is dropped. The oldest first.
    late: VecDeque<Reference>,
}

impl Process {
    pub(super) const fn new(core: Arc<Core>, body: Arc<Body>) -> Self {
        Self { core, body, queue: VecDeque::new(), last: None, late: VecDeque::new() }
    }

    /// Its pid.
    pub fn pid(&self) -> &Pid {
        &self.body.pid
    }

    /// The name of its node.
    pub fn node(&self) -> &NodeName {
        &self.core.name
    }

    /// The next mail.
    pub async fn receive(&mut self) -> Mail {
        self.receive_where(|_| true).await
    }

    /// The next mail that is wanted. What comes before it stays, for later.
    pub async fn receive_where(&mut self, mut is_wanted: impl FnMut(&Mail) -> bool) -> Mail {
        let mut looked_at = 0;
        loop {
            while let Some(mail) = self.queue.get(looked_at) {
                if is_wanted(mail)
                    && let Some(mail) = self.queue.remove(looked_at)
                {
                    self.body.mailbox.release(1);
                    return mail;
                }
                looked_at += 1;
            }
            poll_fn(|cx| self.body.mailbox.poll_take(&mut self.queue, cx)).await;
            self.drop_late_answers(looked_at);
        }
    }

    /// Of what has just been taken.
    fn drop_late_answers(&mut self, from: usize) {
        if self.late.is_empty() {
            return;
        }
        let (late, before, mut at) = (&mut self.late, self.queue.len(), 0);
        self.queue.retain(|mail| {
            at += 1;
            let found = late.iter().position(|reference| at > from && call::is_answer(mail, reference));
            found.and_then(|found| late.remove(found)).is_none()
        });
        self.body.mailbox.release(before - self.queue.len());
    }

    /// An answer to this call, if one comes at all, is too late.
    pub(super) fn expect_no_more(&mut self, reference: Reference) {
        if self.late.len() >= MOST_LATE {
            self.late.pop_front();
        }
        self.late.push_back(reference);
    }

    /// Makes sure that the node of a destination is a peer.
    pub(super) async fn connect_to(&mut self, whom: &Destination) -> Result<(), SendError> {
        let node = match whom {
            Destination::Pid(pid) => pid.node.clone(),
            Destination::Name(_) => return Ok(()),
            Destination::NameAt(_, node) => wire::atom_of(node),
        };
        if node != self.core.atom {
            self.peer(&node).await?;
        }
        Ok(())
    }

    /// The next mail that is wanted, if it is there already.
    pub fn take_where(&mut self, is_wanted: impl FnMut(&Mail) -> bool) -> Option<Mail> {
        self.body.mailbox.take(&mut self.queue);
        let at = self.queue.iter().position(is_wanted)?;
        self.body.mailbox.release(1);
        self.queue.remove(at)
    }

    /// The next mail, if it comes in time.
    pub async fn receive_within(&mut self, within: Duration) -> Option<Mail> {
        crate::rt::timeout(within, self.receive()).await.ok()
    }

    /// How much mail waits.
    pub fn waiting(&self) -> usize {
        self.body.mailbox.waiting()
    }

    /// Sends a term to a process, a name, or a name at a node. Connects to the node if it is no peer; waits
    /// while the peer, or the mailbox, is slow. As in Erlang, a process that has ended takes messages and
    /// does nothing with them.
    ///
    /// # Errors
    /// It cannot be sent.
    pub async fn send(&mut self, to: impl Into<Destination>, term: impl Into<Term>) -> Result<(), SendError> {
        let term = term.into();
        match to.into().target(&self.core)? {
            Target::Here(body) => {
                self.put_here(&body, term).await;
                Ok(())
            }
            Target::Nobody => Ok(()),
            Target::There(node, process) => {
                let peer = self.peer(&node).await?;
                let control = match process {
                    Proc::Pid(to) => wire::send(&peer, self.body.pid.clone(), to),
                    Proc::Name(to) => wire::send_to_name(self.body.pid.clone(), to),
                };
                peer.link.send(control, Some(&term)).await.map_err(|source| SendError::NotSent { peer: peer.name().clone(), source })
            }
        }
    }

    /// The peer to send to, remembered from the last time.
    async fn peer(&mut self, node: &Atom) -> Result<Arc<super::peer::Peer>, SendError> {
        if let Some((last, peer)) = &self.last
            && last == node
            && peer.is_up()
        {
            return Ok(Arc::clone(peer));
        }
        let peer = self.core.reach_atom(node).await?;
        self.last = Some((node.clone(), Arc::clone(&peer)));
        Ok(peer)
    }

    /// Links this process to another: when one ends, for another reason than `normal`, the other one does
    /// too, or gets [`Mail::Exit`] if it traps exits. If the other one is not there, it is as if it ended now.
    pub async fn link(&mut self, other: &Pid) {
        let place = self.core.place(&other.node).await;
        self.core.link(&self.body, other, place);
    }

    /// Ends a link. Nothing that the other process does has consequences here from now on.
    pub fn unlink(&mut self, other: &Pid) {
        self.core.unlink(&self.body, other);
        self.discard(|mail| matches!(mail, Mail::Exit(exited) if exited.from == *other));
    }

    /// Whether the ends of linked processes come as [`Mail::Exit`] instead of ending this one.
    pub fn trap_exits(&mut self, traps: bool) {
        self.body.ties().traps_exits = traps;
    }

    /// Watches a process, by pid or name: its end comes as [`Mail::Down`] with this reference; at once with
    /// the reason `noproc` if it is not there, or `noconnection` if its node is not.
    pub async fn monitor(&mut self, what: impl Into<Destination>) -> Reference {
        let (process, node) = what.into().named(&self.core);
        let place = self.core.place(&wire::atom_of(&node)).await;
        self.core.monitor(&self.body, process, &node, place)
    }

    /// Watches no more, and forgets a [`Mail::Down`] that came already.
    pub fn demonitor(&mut self, reference: &Reference) {
        self.core.demonitor(&self.body, reference);
        self.discard(|mail| mail.down(reference).is_some());
    }

    /// Watches a node: the end of its link comes as [`Mail::NodeDown`], once; also if it cannot be reached.
    pub async fn monitor_node(&mut self, node: &NodeName) {
        self.core.subscribers.watch(number(&self.body.pid), node.clone());
        // A link that ended meanwhile may have been told already, which used this up.
        if *node != self.core.name
            && self.core.reach(node).await.is_err()
            && self.core.subscribers.watch_no_more(number(&self.body.pid), node)
        {
            let event = super::mail::NodeEvent { node: node.clone(), is_visible: false, reason: Some("not connected".to_owned()) };
            self.body.mailbox.put_signal(Mail::NodeDown(Box::new(event)));
        }
    }

    /// Calls off one [`Process::monitor_node`].
    pub fn demonitor_node(&mut self, node: &NodeName) {
        self.core.subscribers.watch_no_more(number(&self.body.pid), node);
    }

    /// Whether all nodes that come and go come as [`Mail::NodeUp`] and [`Mail::NodeDown`].
    pub fn monitor_nodes(&mut self, wanted: bool) {
        self.core.subscribers.subscribe(number(&self.body.pid), wanted);
    }

    /// Asks another process to end. It may trap that, unless the reason is the atom `kill`.
    ///
    /// # Errors
    /// Its node cannot be reached.
    pub async fn exit(&mut self, other: &Pid, reason: impl Into<Term>) -> Result<(), SendError> {
        let reason = reason.into();
        if self.core.is_here(other) {
            self.core.exit_here(&self.body.pid, other, &reason, None);
        } else if other.node != self.core.atom {
            let peer = self.peer(&other.node).await?;
            wire::exit2(&peer, &self.body.pid, other, &reason);
        }
        Ok(())
    }

    /// Gives this process a name.
    ///
    /// # Errors
    /// Another process has it.
    pub fn register(&mut self, name: Atom) -> Result<(), NameRefused> {
        self.core.registry.register(name, &self.body.pid)
    }

    /// Starts a process of this node.
    pub fn spawn<F, Fut>(&self, run: F) -> Pid
    where
        F: FnOnce(Process) -> Fut + Send + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        self.core.spawn_process(run)
    }

    /// Starts a process that is linked to this one from its first moment.
    pub fn spawn_link<F, Fut>(&self, run: F) -> Pid
    where
        F: FnOnce(Process) -> Fut + Send + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        let core = Arc::clone(&self.core);
        let child = self.core.conceive(Owner::Program);
        // Before it runs: it cannot end without the other knowing.
        child.body.tie(&self.body.pid, None);
        self.body.tie(&child.body.pid, None);
        self.core.bear(child, |body| super::outcome::reason_of(run(Process::new(core, body)))).pid.clone()
    }

    /// Asks a `gen_server`, here or at any node, and waits for its answer.
    ///
    /// # Errors
    /// There is none: it was not sent, nobody is there, or nobody answers in time.
    pub async fn call(&mut self, whom: impl Into<Destination>, request: impl Into<Term>, within: Duration) -> Result<Term, CallError> {
        call::call(self, whom.into(), request.into(), within).await
    }

    /// Answers a request that [`super::Request::parse`] has found.
    ///
    /// # Errors
    /// It cannot be sent.
    pub async fn reply(&mut self, request: &call::Request, answer: impl Into<Term>) -> Result<(), SendError> {
        call::reply(self, request, answer.into()).await
    }

    pub(super) const fn core(&self) -> &Arc<Core> {
        &self.core
    }

    pub(super) const fn body(&self) -> &Arc<Body> {
        &self.body
    }

    /// To an alias of a process at a node.
    pub(super) async fn send_to_alias(&mut self, node: &Atom, alias: Reference, term: &Term) -> Result<(), SendError> {
        let peer = self.peer(node).await?;
        let control = wire::send_to_alias(self.body.pid.clone(), alias);
        peer.link.send(control, Some(term)).await.map_err(|source| SendError::NotSent { peer: peer.name().clone(), source })
    }

    /// To a process of this node, having waited for room in its mailbox; but nobody waits for himself.
    async fn put_here(&self, to: &Arc<Body>, term: Term) {
        let mail = Mail::Message(super::mail::Message { term, peer: None });
        if Arc::ptr_eq(to, &self.body) {
            return to.mailbox.put_signal(mail);
        }
        // A process that has ended takes everything.
        let _ = to.mailbox.put_patiently(mail).await;
    }

    fn discard(&mut self, mut is_unwanted: impl FnMut(&Mail) -> bool) {
        self.body.mailbox.take(&mut self.queue);
        let before = self.queue.len();
        self.queue.retain(|mail| !is_unwanted(mail));
        self.body.mailbox.release(before - self.queue.len());
    }
}

impl Core {
    /// Where the processes of a node are, having connected to it if need be.
    pub(super) async fn place(self: &Arc<Self>, node: &Atom) -> Where {
        if *node == self.atom {
            return Where::Here;
        }
        self.reach_atom(node).await.map_or(Where::Nowhere, Where::At)
    }

    pub(super) async fn reach_atom(self: &Arc<Self>, node: &Atom) -> Result<Arc<super::peer::Peer>, SendError> {
        if let Some(peer) = self.peer(node.as_str()) {
            return Ok(peer);
        }
        let name = NodeName::new(node.as_str()).map_err(SendError::NotANode)?;
        self.reach(&name).await.map_err(SendError::Unreachable)
    }

    pub(super) fn spawn_process<F, Fut>(self: &Arc<Self>, run: F) -> Pid
    where
        F: FnOnce(Process) -> Fut + Send + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        self.spawn_for(Owner::Program, run)
    }

    pub(super) fn spawn_for<F, Fut>(self: &Arc<Self>, owner: Owner, run: F) -> Pid
    where
        F: FnOnce(Process) -> Fut + Send + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        let core = Arc::clone(self);
        self.bear(self.conceive(owner), |body| super::outcome::reason_of(run(Process::new(core, body)))).pid.clone()
    }

    pub(super) fn doom(&self, pid: &Pid, reason: &Term) {
        if let Some(body) = self.body(pid) {
            self.take_exit(&body, &self.own_pid(), reason, Exit::Asked, None);
        }
    }
}

/// Calls whose answers are still waited for, to be dropped.
const MOST_LATE: usize = 64;
