//! Children that write down what happens to them, and a hand that moves the time.

use crate::world::NEVER;
use countersign::etf::{Atom, Pid, Term, atom};
use countersign::node::{Mail, Node, Process};
use countersign::otp::supervisor::{ChildSpec, SupervisorRef};
use countersign::rt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What happens to a child: its supervisor has started it, or has asked it to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Started(&'static str),
    Stopped(&'static str),
}

#[derive(Clone, Debug)]
pub(crate) struct Stage {
    events: Arc<Mutex<Vec<Event>>>,
    now: Arc<Mutex<Instant>>,
    failing: Arc<Mutex<Vec<&'static str>>>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self { events: Arc::default(), now: Arc::new(Mutex::new(Instant::now())), failing: Arc::default() }
    }

    /// A child that ends for the reason of the first message, or when it is asked to.
    pub(crate) fn child(&self, id: &'static str) -> ChildSpec {
        let stage = self.clone();
        ChildSpec::reporting(atom(id), move |mut process, ready| {
            let stage = stage.clone();
            async move {
                if stage.fails(id) {
                    ready.failed(atom("not_today"));
                    return atom("not_today");
                }
                process.trap_exits(true);
                stage.note(Event::Started(id));
                ready.ok();
                end_of(&mut process, &stage, id).await
            }
        })
    }

    fn note(&self, event: Event) {
        self.events.lock().unwrap().push(event);
    }

    fn fails(&self, id: &'static str) -> bool {
        let mut failing = self.failing.lock().unwrap();
        let found = failing.iter().position(|other| *other == id);
        found.map(|at| failing.remove(at)).is_some()
    }

    /// So often the child does not start.
    pub(crate) fn fail(&self, id: &'static str, times: usize) {
        self.failing.lock().unwrap().extend(std::iter::repeat_n(id, times));
    }

    /// What has happened since this was last asked.
    pub(crate) fn events(&self) -> Vec<Event> {
        std::mem::take(&mut *self.events.lock().unwrap())
    }

    pub(crate) fn clock(&self) -> impl Fn() -> Instant + Send + Sync + 'static {
        let now = Arc::clone(&self.now);
        move || *now.lock().unwrap()
    }

    pub(crate) fn later(&self, by: Duration) {
        *self.now.lock().unwrap() += by;
    }
}

async fn end_of(process: &mut Process, stage: &Stage, id: &'static str) -> Term {
    match process.receive().await {
        Mail::Message(message) => message.term,
        Mail::Exit(exited) => {
            stage.note(Event::Stopped(id));
            exited.reason
        }
        other => panic!("neither a message nor an exit, but {other:?}"),
    }
}

/// Ends a child, and returns when its supervisor has learnt of that: who watches is told after who is linked.
pub(crate) async fn end(node: &Node, pid: &Pid, reason: impl Into<Term>) {
    let (pid, reason) = (pid.clone(), reason.into());
    let ending = node.run(move |mut process| async move {
        let watched = process.monitor(&pid).await;
        process.send(pid, reason).await.unwrap();
        process.receive_where(|mail| mail.down(&watched).is_some()).await;
    });
    crate::world::found(ending).await;
}

/// The pids of the children that run.
pub(crate) async fn pids(node: &Node, supervisor: &SupervisorRef) -> Vec<Pid> {
    let children = supervisor.which_children(node).await.unwrap();
    children.iter().filter_map(|child| child.pid().cloned()).collect()
}

/// Waits for the end of a process, and why it ended; it must be alive when this is called.
pub(crate) fn watch(node: &Node, whom: &SupervisorRef) -> impl Future<Output = Term> + use<> {
    let (whom, (tell, told)) = (whom.whom().clone(), rt::channel::bounded(1));
    let watching = node.run(move |mut process| async move {
        let watched = process.monitor(whom).await;
        tell.send(()).await.unwrap();
        let mail = process.receive_where(|mail| mail.down(&watched).is_some()).await;
        mail.down(&watched).unwrap().reason.clone()
    });
    rt::block_on(rt::timeout(NEVER, told.recv())).unwrap().unwrap();
    crate::world::found(watching)
}

/// A name for a supervisor.
pub(crate) const NAME: Atom = Atom::fixed("sup");
