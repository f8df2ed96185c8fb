//! What a process is to itself: its mailbox, and what it can do to others.

mod aliases;
mod asking;
mod itself;
mod spawning;
mod ties;
mod timers;

use super::body::{Body, Exit};
use super::core::Core;
use super::destination::{Destination, Target};
use super::error::{CallError, SendError};
use super::mail::{Mail, Message};
use super::payload::Payload;
use super::peer::Peer;
use super::signals::Where;
use super::{call, wire};
use crate::etf::{Atom, Pid, Term};
use crate::node_name::NodeName;
use std::collections::VecDeque;
use std::future::poll_fn;
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
    last: Option<(Atom, Arc<Peer>)>,
}

impl Process {
    pub(super) const fn new(core: Arc<Core>, body: Arc<Body>) -> Self {
        Self { core, body, queue: VecDeque::new(), last: None }
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
    ///
    /// As in Erlang, each call looks at what has been passed over from the start, so a process that lets much
    /// mail wait pays for it whenever it chooses: with ten thousand waiting, some ten thousand looks. Whoever
    /// waits for an answer among much else asks by an [`Alias`](super::Alias) and lets little wait; [`Process::call`]
    /// looks only at what has come since it asked.
    pub async fn receive_where(&mut self, is_wanted: impl FnMut(&Mail) -> bool) -> Mail {
        self.receive_behind(0, is_wanted).await
    }

    /// The same behind so much mail that waits already.
    pub(super) async fn receive_behind(&mut self, passed: usize, mut is_wanted: impl FnMut(&Mail) -> bool) -> Mail {
        let mut looked_at = passed;
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
        }
    }

    /// Makes sure that the node of a destination is a peer.
    pub(super) async fn connect_to(&mut self, whom: &Destination) -> Result<(), SendError> {
        let node = match whom {
            Destination::Pid(pid) => pid.node.clone(),
            Destination::Name(_) => return Ok(()),
            Destination::NameAt(_, node) => wire::atom_of(node),
            Destination::Alias(alias) => alias.node().clone(),
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

    /// The next mail that is wanted, if it comes in time. What is not wanted stays, and starts no time anew.
    pub async fn receive_where_within(&mut self, within: Duration, is_wanted: impl FnMut(&Mail) -> bool) -> Option<Mail> {
        crate::rt::timeout(within, self.receive_where(is_wanted)).await.ok()
    }

    /// How much mail waits.
    pub fn waiting(&self) -> usize {
        self.body.mailbox.waiting()
    }

    /// Sends a term to a process, a name, a name at a node, or an alias. Connects to the node if it is no peer; waits
    /// while the peer, or the mailbox, is slow. As in Erlang, a process that has ended takes messages and
    /// does nothing with them. A term that is lent and not given is not copied on its way to another node.
    ///
    /// # Errors
    /// It cannot be sent.
    pub async fn send<'a>(&mut self, to: impl Into<Destination>, term: impl Into<Payload<'a>>) -> Result<(), SendError> {
        let payload = term.into();
        match to.into().target(&self.core)? {
            Target::Here(body) => {
                self.put_here(&body, payload.into_term()).await;
                Ok(())
            }
            Target::Awaited(body) => {
                body.mailbox.put_signal(Mail::Message(Message { term: payload.into_term(), peer: None }));
                Ok(())
            }
            Target::Nobody => Ok(()),
            Target::There(node, whom) => {
                let peer = self.peer(&node).await?;
                let control = wire::send_to(&peer, &self.body.pid, whom);
                peer.link
                    .send(&control, Some(payload.term()))
                    .await
                    .map_err(|source| SendError::NotSent { peer: peer.name().clone(), source })
            }
        }
    }

    /// The peer to send to, remembered from the last time.
    pub(super) async fn peer(&mut self, node: &Atom) -> Result<Arc<Peer>, SendError> {
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

    /// The same without waiting for a peer that is slow to read, or for room in a mailbox: for servers that must not
    /// be kept from their work. An answer that has no room is dropped and counted, and too many that a peer does
    /// not read end its link; one who has asked at an alias, as calls do, always has room.
    pub fn reply_at_once(&mut self, request: &call::Request, answer: impl Into<Term>) {
        call::answer(&self.core, &self.body.pid, request, answer.into());
    }

    pub(super) const fn core(&self) -> &Arc<Core> {
        &self.core
    }

    pub(super) const fn body(&self) -> &Arc<Body> {
        &self.body
    }

    /// To a process of this node, having waited for room in its mailbox; but nobody waits for himself.
    async fn put_here(&self, to: &Arc<Body>, term: Term) {
        let mail = Mail::Message(Message { term, peer: None });
        if Arc::ptr_eq(to, &self.body) {
            return to.mailbox.put_signal(mail);
        }
        // A process that has ended takes everything.
        let _ = to.mailbox.put_patiently(mail).await;
    }

    /// How much mail has come so far. What answers to something that is still to be said comes behind it.
    pub(super) fn passed(&mut self) -> usize {
        self.body.mailbox.take(&mut self.queue);
        self.queue.len()
    }

    pub(super) fn discard(&mut self, is_unwanted: impl FnMut(&Mail) -> bool) {
        self.discard_behind(0, is_unwanted);
    }

    /// The same behind so much mail that waits already.
    pub(super) fn discard_behind(&mut self, passed: usize, mut is_unwanted: impl FnMut(&Mail) -> bool) {
        let before = self.passed();
        let mut behind = self.queue.split_off(passed.min(before));
        behind.retain(|mail| !is_unwanted(mail));
        self.queue.append(&mut behind);
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

    pub(super) async fn reach_atom(self: &Arc<Self>, node: &Atom) -> Result<Arc<Peer>, SendError> {
        if let Some(peer) = self.peer(node.as_str()) {
            return Ok(peer);
        }
        let name = NodeName::new(node.as_str()).map_err(SendError::NotANode)?;
        self.reach(&name).await.map_err(SendError::Unreachable)
    }

    pub(super) fn doom(&self, pid: &Pid, reason: &Term) {
        if let Some(body) = self.body(pid) {
            self.take_exit(&body, &self.own_pid(), reason, Exit::Asked, None);
        }
    }
}
