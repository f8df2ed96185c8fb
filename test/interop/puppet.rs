//! A process of ours that a test plays.

use crate::world::eventually;
use countersign::etf::{Pid, Reference, Term};
use countersign::node::{Destination, Down, Exited, Mail, Node, NodeEvent, Process, SendError};
use countersign::node_name::NodeName;
use countersign::rt::channel::{Receiver, Sender, bounded};
use countersign::rt::{block_on, timeout};
use futures_util::future::BoxFuture;
use std::time::Duration;

type Order = Box<dyn for<'a> FnOnce(&'a mut Process) -> BoxFuture<'a, ()> + Send>;

/// It does one thing after the other; its mail waits until the test wants some. Dropped, it ends.
#[derive(Debug)]
pub(crate) struct Puppet {
    pid: Pid,
    orders: Sender<Order>,
    alive: Receiver<()>,
}

impl Puppet {
    pub(crate) fn new(node: &Node) -> Self {
        let (orders, wanted) = bounded::<Order>(1);
        let (life, alive) = bounded(1);
        let pid = node.spawn(|mut process| async move {
            while let Ok(order) = wanted.recv().await {
                order(&mut process).await;
            }
            drop(life);
        });
        Self { pid, orders, alive }
    }

    /// One that has a name.
    pub(crate) fn named(node: &Node, name: &str) -> Self {
        let puppet = Self::new(node);
        node.register(name, &puppet.pid).unwrap();
        puppet
    }

    /// Ends it, and returns when nothing is left of it.
    #[track_caller]
    pub(crate) fn end(self, node: &Node) {
        let pid = self.pid();
        drop(self);
        eventually("it has ended", || !node.processes().contains(&pid));
    }

    pub(crate) fn pid(&self) -> Pid {
        self.pid.clone()
    }

    /// Has it do something, and waits for what comes of it.
    #[track_caller]
    pub(crate) fn tell<T: Send + 'static>(&self, act: impl for<'a> FnOnce(&'a mut Process) -> BoxFuture<'a, T> + Send + 'static) -> T {
        let (sender, value) = bounded(1);
        let order: Order = Box::new(move |process| {
            Box::pin(async move {
                let value = act(process).await;
                sender.try_send(value).unwrap();
            })
        });
        let told = self.orders.try_send(order);
        assert!(told.is_ok(), "{} has ended", self.pid);
        in_time(value.recv()).unwrap_or_else(|_| panic!("{} ended meanwhile", self.pid))
    }

    #[track_caller]
    pub(crate) fn send(&self, to: impl Into<Destination>, term: Term) -> Result<(), SendError> {
        let to = to.into();
        self.tell(|process| Box::pin(process.send(to, term)))
    }

    #[track_caller]
    pub(crate) fn mail(&self) -> Mail {
        self.tell(|process| Box::pin(process.receive()))
    }

    #[track_caller]
    pub(crate) fn term(&self) -> Term {
        let mail = self.mail();
        mail.term().cloned().unwrap_or_else(|| panic!("a message was due, and this came: {mail:?}"))
    }

    #[track_caller]
    pub(crate) fn exited(&self) -> Exited {
        match self.mail() {
            Mail::Exit(exited) => *exited,
            other => panic!("an exit was due, and this came: {other:?}"),
        }
    }

    #[track_caller]
    pub(crate) fn down(&self) -> Down {
        match self.mail() {
            Mail::Down(down) => *down,
            other => panic!("the end of a monitor was due, and this came: {other:?}"),
        }
    }

    #[track_caller]
    pub(crate) fn node_down(&self) -> NodeEvent {
        match self.mail() {
            Mail::NodeDown(event) => *event,
            other => panic!("a node's end was due, and this came: {other:?}"),
        }
    }

    #[track_caller]
    pub(crate) fn waiting(&self) -> usize {
        self.tell(|process| Box::pin(async { process.waiting() }))
    }

    #[track_caller]
    pub(crate) fn trap_exits(&self) {
        self.tell(|process| Box::pin(async { process.trap_exits(true) }));
    }

    #[track_caller]
    pub(crate) fn link(&self, other: &Pid) {
        let other = other.clone();
        self.tell(|process| Box::pin(async move { process.link(&other).await }));
    }

    #[track_caller]
    pub(crate) fn unlink(&self, other: &Pid) {
        let other = other.clone();
        self.tell(|process| Box::pin(async move { process.unlink(&other) }));
    }

    #[track_caller]
    pub(crate) fn monitor(&self, what: impl Into<Destination>) -> Reference {
        let what = what.into();
        self.tell(|process| Box::pin(process.monitor(what)))
    }

    #[track_caller]
    pub(crate) fn demonitor(&self, reference: &Reference) {
        let reference = reference.clone();
        self.tell(|process| Box::pin(async move { process.demonitor(&reference) }));
    }

    #[track_caller]
    pub(crate) fn monitor_node(&self, node: &NodeName) {
        let node = node.clone();
        self.tell(|process| Box::pin(async move { process.monitor_node(&node).await }));
    }

    #[track_caller]
    pub(crate) fn exit(&self, other: &Pid, reason: Term) -> Result<(), SendError> {
        let other = other.clone();
        self.tell(|process| Box::pin(async move { process.exit(&other, reason).await }))
    }

    /// Waits until it has ended, because somebody ended it.
    #[track_caller]
    pub(crate) fn ended(&self) {
        in_time(self.alive.recv()).unwrap_err();
    }
}

/// What comes of this, which must come.
#[track_caller]
pub(crate) fn in_time<F: Future>(future: F) -> F::Output {
    let outcome = block_on(timeout(NEVER, future));
    assert!(outcome.is_ok(), "nothing came of it");
    outcome.unwrap()
}

/// Longer than anything here takes; only a failing test waits for so long.
const NEVER: Duration = Duration::from_secs(60);
