//! The node, as the program that runs it sees it.

use super::admission::AdmissionHandle;
use super::ca_use::CaUse;
use super::cluster::Kept;
use super::core::Core;
use super::error::{CallError, ConnectError, ConnectReason, SendError, StartError};
use super::expiry::OwnCertificate;
use super::judging::Judgement;
use super::mail::Mail;
use super::mode::Mode;
use super::options::NodeOptions;
use super::outcome::Outcome;
use super::peer::Peer;
use super::process::Process;
use super::registry::NameRefused;
use super::rotation::{self, HandOverError, HandoverCounts};
use super::spawn::SpawnOptions;
use super::{Destination, start};
use crate::etf::{Atom, Creation, Pid, Term, atom, tuple};
use crate::net::link::Why;
use crate::node_name::NodeName;
use crate::observe::Counters;
use crate::rt::channel::bounded;
use crate::tls::{CaPool, CertAuthManager};
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A running node. Clones are the same node; when the last one is dropped, the node ends without the
/// courtesies of [`Node::stop`].
#[derive(Clone, Debug)]
pub struct Node {
    core: Arc<Core>,
    _owner: Arc<Owner>,
}

#[derive(Debug)]
struct Owner(Arc<Core>);

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

impl Node {
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self { _owner: Arc::new(Owner(Arc::clone(&core))), core }
    }

    /// Starts a node: `name@host`. The managers' pools and modes are read once, now.
    ///
    /// # Errors
    /// Why it does not start: settings that cannot work, a port or a name that is taken.
    pub async fn start(name: &str, options: NodeOptions) -> Result<Self, StartError> {
        Self::start_telling(name, options, |_| {}).await
    }

    /// As [`Node::start`], and tells of the seeds while it waits for a [quorum](super::Quorum) of them: all seeds, each
    /// time that one of them has come, has gone, or could not be reached for a new reason.
    ///
    /// # Errors
    /// As of [`Node::start`].
    pub async fn start_telling(name: &str, options: NodeOptions, tell: impl FnMut(&[Kept])) -> Result<Self, StartError> {
        start::start(name, options, tell).await
    }

    /// Starts a node that is given its name by the peer that it dials. It is hidden, and nobody dials it:
    /// the acceptors, the epmd, and the seeds and kept nodes of the options do not count, except that epmds are asked for peers.
    ///
    /// # Errors
    /// Why the peer is none.
    pub async fn join(peer: &NodeName, options: NodeOptions) -> Result<Self, ConnectError> {
        start::join(peer, options).await
    }

    pub(super) const fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// Its name.
    pub fn name(&self) -> &NodeName {
        &self.core.name
    }

    /// Which life of it this is.
    pub fn creation(&self) -> Creation {
        self.core.creation
    }

    /// The addresses at which it can be dialled.
    pub fn local_addrs(&self) -> Vec<SocketAddr> {
        self.core.listens()
    }

    /// Who dials whom.
    pub fn mode(&self) -> Mode {
        self.core.settings.mode
    }

    /// The port of the epmd that knows it.
    pub fn epmd_port(&self) -> Option<u16> {
        self.core.epmd()
    }

    /// The manager that it was started with: `update` on it rotates the certificate.
    pub fn cert_manager(&self) -> Option<&Arc<dyn CertAuthManager>> {
        self.core.settings.manager.as_ref()
    }

    /// Who may be a peer: exchanging the lists counts for whoever comes next.
    pub fn admission(&self) -> &AdmissionHandle {
        &self.core.settings.admission
    }

    /// Starts a process.
    pub fn spawn<F, Fut>(&self, run: F) -> Pid
    where
        F: FnOnce(Process) -> Fut + Send + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        self.core.spawn_process(run)
    }

    /// Starts a process with settings of its own: a name that it has from its first moment, a mailbox.
    ///
    /// # Errors
    /// The name is taken, and the process did not begin.
    pub fn spawn_with<F, Fut>(&self, options: SpawnOptions, run: F) -> Result<Pid, NameRefused>
    where
        F: FnOnce(Process) -> Fut + Send + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        self.core.spawn_process_with(options, run)
    }

    /// Runs a function as a process, and waits for what it returns; `None` if it was ended before.
    pub fn run<F, Fut, T>(&self, run: F) -> impl Future<Output = Option<T>> + Send + use<F, Fut, T>
    where
        F: FnOnce(Process) -> Fut + Send + 'static,
        Fut: Future<Output = T> + Send + 'static,
        T: Send + 'static,
    {
        let (sender, outcome) = bounded(1);
        self.spawn(|process| async move {
            let value = run(process).await;
            // Nobody may be waiting any more.
            let _ = sender.try_send(value);
        });
        async move { outcome.recv().await.ok() }
    }

    /// Gives a process a name.
    ///
    /// # Errors
    /// Another process has it, or this one has ended.
    pub fn register(&self, name: &str, pid: &Pid) -> Result<(), NameRefused> {
        let name = Atom::new(name).map_err(|_| NameRefused::TooLong)?;
        self.core.registry.register(name, pid)
    }

    /// Takes a name away; whether anybody had it.
    pub fn unregister(&self, name: &str) -> bool {
        Atom::new(name).is_ok_and(|name| self.core.registry.unregister(&name))
    }

    /// Who has a name.
    pub fn whereis(&self, name: &str) -> Option<Pid> {
        let name = Atom::new(name).ok()?;
        self.core.registry.named(&name).map(|body| body.pid.clone())
    }

    /// All names that processes have.
    pub fn registered(&self) -> Vec<Atom> {
        self.core.registry.names()
    }

    /// Whether a process of this node lives.
    pub fn is_alive(&self, pid: &Pid) -> bool {
        self.core.body(pid).is_some_and(|body| body.is_alive())
    }

    /// Sends a term in the name of the node itself: nobody to answer to.
    ///
    /// # Errors
    /// It cannot be sent.
    pub async fn send(&self, to: impl Into<Destination>, term: impl Into<Term>) -> Result<(), SendError> {
        let (to, term) = (to.into(), term.into());
        let sent = self.run(move |mut process| async move { process.send(to, term).await });
        sent.await.unwrap_or_else(|| Err(self.stopped()))
    }

    /// Asks a `gen_server`, here or at any node.
    ///
    /// # Errors
    /// There is no answer, and why.
    pub async fn call(&self, whom: impl Into<Destination>, request: impl Into<Term>, within: Duration) -> Result<Term, CallError> {
        let (whom, request) = (whom.into(), request.into());
        let called = self.run(move |mut process| async move { process.call(whom, request, within).await });
        called.await.unwrap_or_else(|| Err(self.stopped().into()))
    }

    /// Tells a `gen_server`, here or at any node, something that it does not answer.
    ///
    /// # Errors
    /// It cannot be sent.
    pub async fn cast(&self, whom: impl Into<Destination>, request: impl Into<Term>) -> Result<(), SendError> {
        self.send(whom, super::call::cast(request.into())).await
    }

    /// Sends a term to whoever has a name at a node, having made sure that somebody has it.
    ///
    /// # Errors
    /// Nobody has it, or the node cannot be reached.
    pub async fn post(&self, node: &NodeName, name: Atom, term: impl Into<Term>) -> Result<(), CallError> {
        let (whom, term) = (Destination::NameAt(name, node.clone()), term.into());
        let (node, own) = (node.clone(), self.core.atom.clone());
        let posting = self.run(move |mut process| async move {
            let object = whom.clone();
            let reference = process.monitor(whom.clone()).await;
            process.send(whom, term).await?;
            // Whatever the node says about the name it says before it answers this.
            let request = tuple([atom("is_auth"), Term::from(own)]);
            process.call((Atom::fixed("net_kernel"), node), request, PATIENCE).await?;
            match process.take_where(|mail| mail.down(&reference).is_some()) {
                // For any other reason it was there, and may have ended because of the term.
                Some(Mail::Down(down)) if down.reason.is_atom("noproc") => Err(CallError::NoProcess { object }),
                _ => Ok(()),
            }
        });
        posting.await.unwrap_or_else(|| Err(self.stopped().into()))
    }

    /// Makes a node a peer, if it is none yet.
    ///
    /// # Errors
    /// Why it is none.
    pub async fn connect(&self, node: &NodeName) -> Result<Arc<Peer>, Arc<ConnectError>> {
        self.core.reach(node).await
    }

    /// Asks a node whether it is there, as `net_adm:ping` does, and how long the answer took. It is connected
    /// to before, if it is no peer yet; that does not count.
    ///
    /// # Errors
    /// It is not.
    pub async fn ping(&self, node: &NodeName) -> Result<Duration, CallError> {
        if *node == self.core.name {
            return Ok(Duration::ZERO);
        }
        self.connect(node).await.map_err(SendError::Unreachable)?;
        let asked = Instant::now();
        let request = tuple([atom("is_auth"), Term::from(self.core.atom.clone())]);
        self.call((Atom::fixed("net_kernel"), node), request, PATIENCE).await?;
        Ok(asked.elapsed())
    }

    /// The peers that OTP would list under `nodes()`.
    pub fn nodes(&self) -> Vec<NodeName> {
        self.peers().iter().filter(|peer| peer.facts().is_visible()).map(|peer| peer.name().clone()).collect()
    }

    /// All peers, hidden ones too, by name. Whoever has been told of a node's end does not find it here.
    pub fn peers(&self) -> Vec<Arc<Peer>> {
        let mut peers = self.core.peers.all();
        peers.retain(|peer| peer.is_up());
        peers.sort_by(|one, other| one.name().cmp(other.name()));
        peers
    }

    /// Carries the link to a peer over to a new connection, with the newest certificates of this node and of the peer,
    /// and without anybody noticing. It goes on when nobody waits for it any more.
    ///
    /// ```
    /// # use countersign::dist::Cookie;
    /// # use countersign::node::{Acceptor, EpmdMode, Node, NodeOptions, Route};
    /// # use countersign::testing::Ca;
    /// # use countersign::tls::CertAuth;
    /// # use std::sync::Arc;
    /// # countersign::rt::block_on(async {
    /// # let ca = Ca::new();
    /// # let options = || NodeOptions {
    /// #     cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
    /// #     cookie: Some(Cookie::new(b"secret".to_vec())),
    /// #     acceptors: vec![Acceptor::at_port(0)],
    /// #     epmd: EpmdMode::Off,
    /// #     ..NodeOptions::default()
    /// # };
    /// # let a = Node::start("a@localhost", options()).await?;
    /// # let route = Route::to(a.name().clone(), "localhost", a.local_addrs()[0].port());
    /// # let b = Node::start("b@localhost", NodeOptions { routes: vec![route], ..options() }).await?;
    /// let link = b.connect(a.name()).await?;
    /// let newest = b.cert_manager().unwrap().update(ca.agent(&["localhost"]))?;
    /// b.hand_over(a.name()).await?;
    /// assert_eq!(link.transport().presented.as_ref().unwrap().generation, newest);
    /// assert_eq!(link.link().handovers().done, 1);
    /// # b.stop().await;
    /// # a.stop().await;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// Why the link stays on the connection that it has, or that there is none.
    pub async fn hand_over(&self, node: &NodeName) -> Result<(), HandOverError> {
        rotation::by_hand(&self.core, node).await
    }

    /// How handovers of all links went so far.
    pub fn handovers(&self) -> HandoverCounts {
        self.core.rotations.counts()
    }

    /// Ends the link to a peer, after what waits to be said; whether it was one. The next message to it
    /// connects again; but a node that is [kept](Node::keep_connected) is not dialled for that any more.
    pub async fn disconnect(&self, node: &NodeName) -> bool {
        self.core.disconnect(node, Why::Disconnected).await
    }

    /// Judges all links now, as a handshake would: those that fail are closed. For a hook that has changed its mind, and
    /// for whoever wants to know; the rest the node does by itself.
    pub async fn judge_links(&self) -> Arc<Judgement> {
        self.core.judge_links().await
    }

    /// What came out when links were judged last; `None` if they were not yet.
    pub fn last_judgement(&self) -> Option<Arc<Judgement>> {
        self.core.judging.last()
    }

    /// The certificates that this node presents, each once, and how long they last. What has begun since the node looked
    /// last it says now, as it does by itself within a minute.
    pub fn certificates(&self) -> Vec<OwnCertificate> {
        self.core.look_at_certificates()
    }

    /// What could not be made anew if these authorities were in no pool: ask it before a restart that takes an old CA
    /// out.
    pub fn depends_on(&self, ca: &CaPool) -> CaUse {
        self.core.ca_use(&ca.fingerprints())
    }

    /// Asks a process to end, as `exit/2` does.
    ///
    /// # Errors
    /// Its node cannot be reached.
    pub async fn exit(&self, pid: &Pid, reason: impl Into<Term>) -> Result<(), SendError> {
        let reason = reason.into();
        if self.core.is_here(pid) {
            self.core.doom(pid, &reason);
            return Ok(());
        }
        let pid = pid.clone();
        let asked = self.run(move |mut process| async move { process.exit(&pid, reason).await });
        asked.await.unwrap_or_else(|| Err(self.stopped()))
    }

    /// Nothing but its end keeps a process of the node's own from what it does.
    pub(super) fn stopped(&self) -> SendError {
        SendError::Unreachable(Arc::new(ConnectError::new(self.core.name.clone(), ConnectReason::Stopping)))
    }

    /// What became of links so far: made, and refused by code.
    pub fn counters(&self) -> &Counters {
        &self.core.counters
    }

    /// How many messages no mailbox had room for.
    pub fn dropped_messages(&self) -> u64 {
        self.core.dropped.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Stops: takes nobody in any more, ends the processes with the reason `shutdown`, says to each peer
    /// what waits to be said, closes the links. Its name is free when this returns: a node may start under it.
    pub async fn stop(&self) {
        self.core.stop().await;
    }

    /// Waits until somebody wants the node to stop: an admin by [`gen_server:call`](crate::node), or
    /// [`Node::stop`].
    pub async fn stop_wanted(&self) {
        self.core.until_stop_is_wanted().await;
    }
}

/// For an answer of a peer that is there.
const PATIENCE: Duration = Duration::from_secs(7);
