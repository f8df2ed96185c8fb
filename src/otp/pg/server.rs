//! The process of a scope: the only one that changes who is in which group, one thing after the other, so that all
//! scopes hear of them in one order. It waits for nobody, not even for a peer that does not read.

use super::holdings::Movement;
use super::message;
use super::options::ScopeOptions;
use super::overlay::Overlay;
use super::roster::{Members, Roster};
use super::watchers::{Direction, Watchers};
use crate::dist::control::Proc;
use crate::etf::{Atom, Pid, Reference, Term, atom, tuple};
use crate::node::{Down, Mail, Message, Process, Request};
use crate::rt;
use crate::rt::channel::{Receiver, Sender};
use futures_util::future::{Either, select};
use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

/// What a program wants of its scope.
#[derive(Debug)]
pub(super) enum Command {
    Join { group: Term, pids: Vec<Pid>, done: Sender<()> },
    Leave { group: Term, pids: Vec<Pid>, done: Sender<bool> },
    Watch { pid: Pid, group: Option<Term>, done: Sender<(Reference, Vec<Members>)> },
    Unwatch { reference: Reference, done: Sender<bool> },
}

#[derive(Debug)]
pub(super) enum Order {
    Do(Command),
    Stop(Sender<()>),
}

/// What all handles of a scope and its process share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) name: Atom,
    pub(super) roster: Roster,
    /// Memberships beyond the limits.
    pub(super) refused: AtomicU64,
    /// Messages that no scope process of a peer would send.
    pub(super) ignored: AtomicU64,
}

#[derive(Debug)]
pub(super) struct Server {
    pub(super) process: Process,
    pub(super) shared: Arc<Shared>,
    pub(super) options: ScopeOptions,
    pub(super) overlay: Overlay,
    locals: HashMap<Pid, Local>,
    watchers: Watchers,
    orders: Receiver<Order>,
    /// A handle like all others: the scope lasts until it is stopped, and not until nobody can stop it.
    _orders: Sender<Order>,
}

/// A process of this node that is in groups, and how often in each.
#[derive(Debug)]
struct Local {
    reference: Reference,
    groups: HashMap<Term, usize>,
}

enum Event {
    Mail(Mail),
    Command(Command),
    Stop(Sender<()>),
}

impl Server {
    pub(super) fn new(
        process: Process,
        shared: Arc<Shared>,
        options: ScopeOptions,
        (keep, orders): (Sender<Order>, Receiver<Order>),
    ) -> Self {
        let (overlay, locals, watchers) = Default::default();
        Self { process, shared, options, overlay, locals, watchers, orders, _orders: keep }
    }

    pub(super) async fn run(mut self) {
        // In this order: a peer that comes now is asked twice, which does no harm.
        self.process.monitor_nodes(true);
        self.look_around();
        let mut next_look = Instant::now() + self.options.look_around;
        loop {
            let now = Instant::now();
            if now >= next_look {
                self.look_around();
                next_look = now + self.options.look_around;
            }
            match rt::timeout(next_look.saturating_duration_since(now), self.event()).await {
                Ok(Event::Mail(mail)) => self.take(mail),
                Ok(Event::Stop(done)) => return self.stop(&done),
                Ok(Event::Command(command)) => {
                    self.carry_out(command);
                    // However many commands there are, mail has every other turn.
                    self.process.take_where(|_| true).into_iter().for_each(|mail| self.take(mail));
                }
                Err(rt::Elapsed) => {}
            }
        }
    }

    async fn event(&mut self) -> Event {
        let (order, mail) = (pin!(self.orders.recv()), pin!(self.process.receive()));
        match select(order, mail).await {
            Either::Left((Ok(Order::Stop(done)), _)) => Event::Stop(done),
            Either::Left((Ok(Order::Do(command)), _)) => Event::Command(command),
            Either::Left((Err(_), mail)) => Event::Mail(mail.await),
            Either::Right((mail, _)) => Event::Mail(mail),
        }
    }

    /// When this is answered nobody knows anything of the scope, and another one of its name can start.
    fn stop(self, done: &Sender<()>) {
        self.process.resign(&self.shared.name);
        drop(self);
        answer(done, ());
    }

    fn take(&mut self, mail: Mail) {
        match mail {
            Mail::Message(message) => self.take_message(message),
            Mail::Down(down) => self.down(&down),
            Mail::NodeUp(event) => {
                if let Some(peer) = self.process.peer_at_hand(&event.node) {
                    self.look_at(&peer);
                }
            }
            // The end of the monitor says so as well.
            Mail::NodeDown(_) | Mail::OwnCertificate(_) | Mail::Exit(_) => {}
        }
    }

    fn take_message(&mut self, message: Message) {
        match Request::parse(message) {
            // OTP's own functions never ask from another node.
            Ok(request) => self.process.answer(&request, tuple([atom("error"), atom("notsup")])),
            Err(message) => self.hear(message),
        }
    }

    fn carry_out(&mut self, command: Command) {
        match command {
            Command::Join { group, pids, done } => {
                self.join(group, pids);
                answer(&done, ());
            }
            Command::Leave { group, pids, done } => answer(&done, self.leave(&group, pids)),
            Command::Watch { pid, group, done } => answer(&done, self.watch(pid, group)),
            Command::Unwatch { reference, done } => {
                self.process.watch_no_more(&reference);
                answer(&done, self.watchers.remove(&reference));
            }
        }
    }

    fn join(&mut self, group: Term, pids: Vec<Pid>) {
        // OTP would list a group without members.
        if pids.is_empty() {
            return;
        }
        for pid in &pids {
            // One that has ended already is as one that ends now.
            let local = self
                .locals
                .entry(pid.clone())
                .or_insert_with(|| Local { reference: self.process.monitor_at(pid, None), groups: HashMap::new() });
            let times = local.groups.entry(group.clone()).or_default();
            *times = times.saturating_add(1);
        }
        let own = self.process.pid();
        self.overlay.tell_all(&self.process, &message::join(own, &group, &pids));
        self.joined(&(group, pids));
    }

    /// Whether any of them was in the group.
    fn leave(&mut self, group: &Term, pids: Vec<Pid>) -> bool {
        let left: Vec<Pid> = pids.into_iter().filter(|pid| self.leaves(pid, group)).collect();
        if left.is_empty() {
            return false;
        }
        let own = self.process.pid();
        self.overlay.tell_all(&self.process, &message::leave(own, &left, [group.clone()]));
        self.left(&(group.clone(), left));
        true
    }

    /// Whether it was in the group.
    fn leaves(&mut self, pid: &Pid, group: &Term) -> bool {
        let Some(local) = self.locals.get_mut(pid) else { return false };
        let Some(times) = local.groups.get_mut(group) else { return false };
        *times = times.saturating_sub(1);
        if *times == 0 {
            local.groups.remove(group);
        }
        if local.groups.is_empty()
            && let Some(local) = self.locals.remove(pid)
        {
            self.process.watch_no_more(&local.reference);
        }
        true
    }

    fn down(&mut self, down: &Down) {
        if self.watchers.remove(&down.reference) {
            return;
        }
        let Proc::Pid(pid) = &down.object.process else { return };
        match self.overlay.remove(pid, &down.reference) {
            Some(member) => self.lost(member),
            None => self.ended(pid, &down.reference),
        }
    }

    /// A process of this node has ended.
    fn ended(&mut self, pid: &Pid, reference: &Reference) {
        if self.locals.get(pid).is_none_or(|local| local.reference != *reference) {
            return;
        }
        let groups = self.locals.remove(pid).map(|local| local.groups).unwrap_or_default();
        let named = groups.iter().flat_map(|(group, &times)| std::iter::repeat_n(group.clone(), times));
        let said = message::leave(self.process.pid(), std::slice::from_ref(pid), named);
        self.overlay.tell_all(&self.process, &said);
        groups.into_iter().for_each(|(group, times)| self.left(&(group, vec![pid.clone(); times])));
    }

    fn watch(&mut self, pid: Pid, group: Option<Term>) -> (Reference, Vec<Members>) {
        let reference = self.process.monitor_at(&pid, None);
        let known = match &group {
            Some(group) => vec![(group.clone(), self.shared.roster.members(group))],
            None => self.shared.roster.all(),
        };
        self.watchers.add(reference.clone(), pid, group);
        (reference, known)
    }

    pub(super) fn joined(&mut self, movement: &Movement) {
        self.shared.roster.join(&movement.0, &movement.1);
        self.watchers.tell(&mut self.process, Direction::Join, movement);
    }

    pub(super) fn left(&mut self, movement: &Movement) {
        self.shared.roster.leave(&movement.0, &movement.1);
        self.watchers.tell(&mut self.process, Direction::Leave, movement);
    }
}

/// However it ends, nobody goes on believing what it knew.
impl Drop for Server {
    fn drop(&mut self) {
        self.shared.roster.clear();
        self.watchers.lose_all(&mut self.process);
    }
}

fn answer<T>(done: &Sender<T>, value: T) {
    // Nobody may be waiting any more.
    let _ = done.try_send(value);
}
