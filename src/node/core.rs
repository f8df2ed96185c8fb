//! What all parts of a node share.

use super::body::Body;
use super::cluster::keeper::Keeper;
use super::effective::Effective;
use super::events::Subscribers;
use super::expiry::Expiry;
use super::judging::Judging;
use super::peers::Peers;
use super::presence::Presence;
use super::reason;
use super::registry::{Registry, number};
use super::rotation::Rotations;
use super::rpc::room::Room;
use super::settings::Settings;
use super::sources::Sources;
use super::timers::Timers;
use crate::dist::Local;
use crate::dist::control::UnlinkNumber;
use crate::etf::{Atom, Creation, Pid, Reference};
use crate::net::link::{Ended, Why};
use crate::node_name::NodeName;
use crate::observe::{self, Counters};
use crate::rt::{self, Event};
use futures_util::future::join_all;
use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What ends with the node.
#[derive(Debug, Default)]
pub(super) struct Running {
    pub(super) listens: Vec<SocketAddr>,
    pub(super) epmd: Option<u16>,
    pub(super) presence: Option<Presence>,
    pub(super) tasks: Vec<rt::Task>,
}

#[derive(Debug)]
pub(super) struct Core {
    pub(super) name: NodeName,
    pub(super) atom: Atom,
    pub(super) creation: Creation,
    pub(super) settings: Settings,
    pub(super) registry: Registry,
    pub(super) peers: Peers,
    pub(super) subscribers: Subscribers,
    pub(super) keeper: Keeper,
    /// Told when a link has come up that may be closed when it is idle.
    pub(super) may_idle: Event,
    pub(super) timers: Timers,
    pub(super) judging: Arc<Judging>,
    pub(super) expiry: Arc<Expiry>,
    pub(super) rotations: Rotations,
    pub(super) sources: Sources,
    pub(super) counters: Arc<Counters>,
    /// Messages that no mailbox had room for.
    pub(super) dropped: AtomicU64,
    /// What runs for peers.
    pub(super) calls: Room,
    /// What they wanted to run in vain.
    pub(super) refused_calls: AtomicU64,
    pub(super) since: Instant,
    pub(super) stopping: AtomicBool,
    /// Somebody wants the node to stop.
    pub(super) stop_wanted: AtomicBool,
    /// Told when a process has ended, and when the node is to stop.
    pub(super) changed: Event,
    running: Mutex<Running>,
    processes: AtomicU64,
    /// Processes of whose end not everybody has been told yet. They leave the registry before that.
    unburied: AtomicUsize,
    references: AtomicU64,
    unlinks: AtomicU64,
}

impl Core {
    pub(super) fn new(name: NodeName, creation: Creation, settings: Settings) -> Arc<Self> {
        // A name of a node is never longer than an atom may be.
        let atom = Atom::new(name.as_str()).unwrap_or(Atom::fixed(""));
        Arc::new(Self {
            name,
            atom,
            creation,
            rotations: Rotations::new(settings.limits.handovers),
            sources: Sources::new(settings.reload_every, &settings.managers, settings.manager.as_ref().map(|manager| manager.resolver())),
            counters: Arc::clone(&settings.counters),
            judging: Arc::clone(&settings.judging),
            expiry: Arc::default(),
            settings,
            registry: Registry::default(),
            peers: Peers::default(),
            subscribers: Subscribers::default(),
            keeper: Keeper::default(),
            may_idle: Event::new(),
            timers: Timers::default(),
            dropped: AtomicU64::new(0),
            calls: Room::default(),
            refused_calls: AtomicU64::new(0),
            since: Instant::now(),
            stopping: AtomicBool::new(false),
            stop_wanted: AtomicBool::new(false),
            changed: Event::new(),
            running: Mutex::default(),
            processes: AtomicU64::new(1),
            unburied: AtomicUsize::new(0),
            references: AtomicU64::new(1),
            unlinks: AtomicU64::new(1),
        })
    }

    /// As whom this node introduces itself.
    pub(super) fn local(&self, effective: &Effective) -> Local {
        Local { name: self.name.clone(), creation: self.creation, flags: effective.flags, cookie: effective.cookie.clone() }
    }

    /// The pid that stands for the node itself, where a message has to have a sender. It is no process.
    pub(super) fn own_pid(&self) -> Pid {
        self.pid(0)
    }

    /// One more process that will have to be buried.
    pub(super) fn is_conceived(&self) {
        self.unburied.fetch_add(1, Ordering::SeqCst);
    }

    /// Everybody knows of the end of a process.
    pub(super) fn is_buried(&self) {
        self.unburied.fetch_sub(1, Ordering::SeqCst);
        self.changed.notify(usize::MAX);
    }

    /// The pid of the next process, and its number.
    pub(super) fn next_pid(&self) -> (Pid, u64) {
        let number = self.processes.fetch_add(1, Ordering::Relaxed);
        (self.pid(number), number)
    }

    fn pid(&self, number: u64) -> Pid {
        Pid { node: self.atom.clone(), id: number as u32, serial: (number >> 32) as u32, creation: self.creation }
    }

    pub(super) fn reference(&self) -> Reference {
        self.reference_with(&self.next_reference())
    }

    /// A reference that says whose it is: as in OTP 27 the number of its process is what it ends with.
    pub(super) fn alias_reference(&self, process: u64) -> Reference {
        let [first, second, third] = self.next_reference();
        self.reference_with(&[first, second, third, process as u32, (process >> 32) as u32])
    }

    /// What a reference of ours counts.
    pub(super) fn count_of(&self, reference: &Reference) -> u64 {
        let [first, second, third, ..] = *reference.words() else { return 0 };
        u64::from(first) | u64::from(second) << 18 | u64::from(third) << 50
    }

    fn next_reference(&self) -> [u32; 3] {
        let number = self.references.fetch_add(1, Ordering::Relaxed);
        // The first word has 18 bits, which is what every peer takes.
        [(number & 0x3_ffff) as u32, (number >> 18) as u32, (number >> 50) as u32]
    }

    fn reference_with(&self, words: &[u32]) -> Reference {
        Reference::new(self.atom.clone(), self.creation, words).unwrap_or_else(|_| unreachable!("up to five words are a reference"))
    }

    pub(super) fn unlink_number(&self) -> UnlinkNumber {
        let number = self.unlinks.fetch_add(1, Ordering::Relaxed);
        UnlinkNumber(NonZeroU64::new(number).unwrap_or(NonZeroU64::MIN))
    }

    /// Whether a pid is of this life of this node.
    pub(super) fn is_here(&self, pid: &Pid) -> bool {
        pid.creation == self.creation && pid.node == self.atom
    }

    /// The living process that a pid of ours means.
    pub(super) fn body(&self, pid: &Pid) -> Option<Arc<Body>> {
        self.is_here(pid).then(|| self.registry.body(number(pid)))?
    }
}

/// The life of the node itself.
impl Core {
    pub(super) fn run(&self, running: Running) {
        *self.running() = running;
    }

    pub(super) fn listens(&self) -> Vec<SocketAddr> {
        self.running().listens.clone()
    }

    pub(super) fn epmd(&self) -> Option<u16> {
        self.running().epmd
    }

    pub(super) async fn until_stop_is_wanted(&self) {
        self.when_changed(|| self.stop_wanted.load(Ordering::SeqCst)).await;
    }

    pub(super) async fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.stop_wanted.store(true, Ordering::SeqCst);
        self.changed.notify(usize::MAX);
        let Running { presence, tasks, .. } = std::mem::take(&mut *self.running());
        drop(tasks);
        if let Some(presence) = presence {
            presence.leave().await;
        }
        self.timers.end();
        self.registry.bodies().iter().for_each(|body| body.doom(reason::shutdown()));
        // One that never waits cannot be ended; it must not keep the rest from it.
        let _ = rt::timeout(PATIENCE, self.when_changed(|| self.unburied.load(Ordering::SeqCst) == 0)).await;
        let peers = self.peers.all();
        peers.iter().for_each(|peer| peer.link.finish(Why::Stopped));
        join_all(peers.iter().map(|peer| self.gone(peer, Why::Stopped))).await;
        log::info!(target: "countersign::node", event:% = observe::Event::NodeStopped, name:% = self.name; "node stopped");
    }

    /// The program has dropped the node: everything ends at once.
    pub(super) fn abandon(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        drop(std::mem::take(&mut *self.running()));
        self.timers.end();
        self.registry.bodies().iter().for_each(|body| body.doom(reason::shutdown()));
        let peers = self.peers.all();
        peers.iter().for_each(|peer| peer.link.finish(Why::Stopped));
        let cutting = async move {
            rt::sleep(PATIENCE).await;
            peers.iter().for_each(|peer| peer.link.cut(Ended::Us(Why::Stopped)));
        };
        // Without threads for this the whole program is about to end.
        drop(rt::spawn("farewell", cutting).map(rt::Task::detach));
    }

    pub(super) async fn when_changed(&self, is_so: impl Fn() -> bool) {
        loop {
            let changed = self.changed.listen();
            if is_so() {
                return;
            }
            changed.await;
        }
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        // One value, exchanged at once.
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// For processes to end.
const PATIENCE: Duration = Duration::from_secs(2);
