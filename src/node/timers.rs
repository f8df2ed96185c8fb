//! Messages that are to be sent later.
//!
//! One task for all timers of a node, and only while there are any: a timer is an entry in an ordered map, which
//! costs a fraction of a microsecond to make and to call off, where a task for each would cost an allocation, a
//! place in the executor's queue and an entry in the reactor's own ordered map besides.

use super::body::Body;
use super::core::Core;
use super::destination::{Destination, Target};
use super::mail::{Mail, Message};
use super::peer::Made;
use crate::etf::{Pid, Reference, Term, atom, tuple};
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::observe;
use crate::rt::{self, Event};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A message that is to be sent later, as its maker knows it. In `{timeout, Timer, Message}` it is a reference.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Timer(Reference);

impl Timer {
    /// The timer that a reference is, which somebody has sent.
    pub const fn of(reference: Reference) -> Self {
        Self(reference)
    }

    /// As what it travels.
    pub const fn reference(&self) -> &Reference {
        &self.0
    }
}

impl From<Timer> for Term {
    fn from(timer: Timer) -> Self {
        timer.0.into()
    }
}

impl fmt::Display for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A timer does not begin to run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimerRefused {
    /// As in Erlang, a timer is for a process of its own node.
    #[error("{0} is at another node")]
    NotHere(Destination),
    /// As many timers of this process run as may.
    #[error("{limit} timers of this process run already")]
    TooMany {
        /// So many.
        limit: usize,
    },
}

impl Failure for TimerRefused {
    fn code(&self) -> Code {
        match self {
            Self::NotHere(_) => Code::Unreachable,
            Self::TooMany { .. } => Code::TooMany,
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::NotHere(_) => Hint::fixed("have the timer wake a process of this node, and send from there"),
            Self::TooMany { .. } => Hint::fixed("cancel those that are not needed any more, or raise limits.timers_per_process"),
        }
    }
}

/// What a timer says when it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// The message.
    Message,
    /// `{timeout, Timer, Message}`.
    Timeout,
}

/// The number of a timer: what all references of a node count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct TimerId(u64);

#[derive(Debug, Default)]
pub(super) struct Timers {
    inner: Mutex<Inner>,
    /// Told when another timer is the next one.
    changed: Event,
}

#[derive(Debug, Default)]
struct Inner {
    due: BTreeMap<(Instant, TimerId), Due>,
    at: HashMap<TimerId, Instant>,
    /// What waits for the next one; only while there is one.
    task: Option<rt::Task>,
    is_over: bool,
}

#[derive(Debug)]
struct Due {
    to: Destination,
    /// Whose end ends it.
    target: Option<Pid>,
    /// Whether it is for the process that made it, which may have as much of its own as it likes.
    is_own: bool,
    term: Term,
    _made: Made,
}

impl Timers {
    /// How much time there is left.
    fn read(&self, id: TimerId) -> Option<Duration> {
        let at = *self.lock().at.get(&id)?;
        Some(at.saturating_duration_since(Instant::now()))
    }

    fn take(&self, id: TimerId) -> Option<(Instant, Due)> {
        let mut inner = self.lock();
        let at = inner.at.remove(&id)?;
        let due = inner.due.remove(&(at, id));
        drop(inner);
        Some((at, due?))
    }

    /// Whom these were for has ended.
    pub(super) fn forget(&self, ids: HashSet<TimerId>) {
        ids.into_iter().for_each(|id| drop(self.take(id)));
    }

    /// The node has ended.
    pub(super) fn end(&self) {
        let mut inner = self.lock();
        inner.is_over = true;
        let left = (std::mem::take(&mut inner.due), inner.task.take());
        inner.at.clear();
        drop(inner);
        drop(left);
    }

    /// Those that are due, and when the next one is; none at all, and nobody waits for one any more.
    fn next(&self, now: Instant) -> Next {
        let mut inner = self.lock();
        let mut due = Vec::new();
        while let Some(first) = inner.due.first_entry() {
            let (at, id) = *first.key();
            if at > now {
                return if due.is_empty() { Next::At(at) } else { Next::Due(due) };
            }
            due.push((id, first.remove()));
            inner.at.remove(&id);
            if due.len() == AT_A_TIME {
                break;
            }
        }
        if due.is_empty() {
            inner.task = None;
            return Next::Nothing;
        }
        Next::Due(due)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing that runs under this lock can panic half way.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Next {
    Due(Vec<(TimerId, Due)>),
    At(Instant),
    Nothing,
}

impl Core {
    /// Starts a timer that a process has made.
    pub(super) fn start_timer(
        self: &Arc<Self>,
        maker: &Body,
        after: Duration,
        to: Destination,
        says: Says,
        term: Term,
    ) -> Result<Timer, TimerRefused> {
        let target = self.target_of(&to)?;
        let limit = self.settings.limits.timers_per_process;
        let made = Made::one_more(&maker.timers, limit).ok_or(TimerRefused::TooMany { limit })?;
        let reference = self.reference();
        let id = TimerId(self.count_of(&reference));
        let term = match says {
            Says::Message => term,
            Says::Timeout => tuple([atom("timeout"), Term::from(reference.clone()), term]),
        };
        let is_own = target.as_ref() == Some(&maker.pid);
        // As in Erlang, one for a process that has ended is one that has ended.
        if target.as_ref().is_none_or(|pid| self.body(pid).is_some_and(|body| body.is_waited_for_by(id))) {
            self.run_timer(after, id, Due { to, target: target.clone(), is_own, term, _made: made });
            // One that has ended since was looked through before the timer was there.
            if target.is_some_and(|pid| self.body(&pid).is_none()) {
                drop(self.timers.take(id));
            }
        }
        Ok(Timer(reference))
    }

    /// Whose end ends the timer.
    fn target_of(&self, to: &Destination) -> Result<Option<Pid>, TimerRefused> {
        match to {
            Destination::Pid(pid) if pid.node == self.atom => Ok(Some(pid.clone())),
            Destination::Alias(alias) if *alias.node() == self.atom => Ok(Some(alias.owner().unwrap_or_else(|| self.own_pid()))),
            Destination::Name(_) => Ok(None),
            Destination::NameAt(_, node) if *node == self.name => Ok(None),
            _ => Err(TimerRefused::NotHere(to.clone())),
        }
    }

    fn run_timer(self: &Arc<Self>, after: Duration, id: TimerId, due: Due) {
        let now = Instant::now();
        let at = now.checked_add(after).unwrap_or_else(|| now + NEVER);
        let mut inner = self.timers.lock();
        if inner.is_over {
            return;
        }
        inner.at.insert(id, at);
        inner.due.insert((at, id), due);
        if inner.task.is_none() {
            let core = Arc::clone(self);
            match rt::spawn("timers", async move { core.keep_time().await }) {
                Ok(task) => inner.task = Some(task),
                Err(error) => log::error!(target: "countersign::node", event:% = observe::Event::TaskNotStarted, error:%; "no timer runs"),
            }
        } else if inner.due.first_key_value().is_some_and(|(first, _)| *first == (at, id)) {
            drop(inner);
            self.timers.changed.notify(1);
        }
    }

    async fn keep_time(&self) {
        loop {
            let changed = self.timers.changed.listen();
            let now = Instant::now();
            match self.timers.next(now) {
                Next::Due(due) => due.into_iter().for_each(|(id, due)| self.tell_time(id, due)),
                // Either is a reason to look.
                Next::At(at) => drop(rt::timeout(at.saturating_duration_since(now), changed).await),
                Next::Nothing => return,
            }
        }
    }

    fn tell_time(&self, id: TimerId, due: Due) {
        if let Some(target) = due.target.and_then(|pid| self.body(&pid)) {
            target.ties().timers.remove(&id);
        }
        // Nobody is told that there is nobody.
        let Ok(target) = due.to.target(self) else { return };
        let message = Message { term: due.term, peer: None };
        match target {
            Target::Here(body) if !due.is_own => self.put(&body, message),
            Target::Here(body) | Target::Awaited(body) => body.mailbox.put_signal(Mail::Message(message)),
            Target::Nobody | Target::There(..) => {}
        }
    }

    /// Calls a timer off: how much time was left. `None` if it is due already, or none.
    pub(super) fn cancel_timer(&self, timer: &Timer) -> Option<Duration> {
        let id = self.timer_id(timer)?;
        let (at, due) = self.timers.take(id)?;
        if let Some(target) = due.target.and_then(|pid| self.body(&pid)) {
            target.ties().timers.remove(&id);
        }
        Some(at.saturating_duration_since(Instant::now()))
    }

    pub(super) fn read_timer(&self, timer: &Timer) -> Option<Duration> {
        self.timers.read(self.timer_id(timer)?)
    }

    fn timer_id(&self, Timer(reference): &Timer) -> Option<TimerId> {
        let is_ours = *reference.node() == self.atom && reference.creation() == self.creation;
        is_ours.then(|| TimerId(self.count_of(reference)))
    }
}

impl Body {
    /// Notes a timer that ends with this process; false if it has ended.
    fn is_waited_for_by(&self, timer: TimerId) -> bool {
        let mut ties = self.ties();
        !ties.is_over && ties.timers.insert(timer)
    }
}

/// So many are taken under one lock.
const AT_A_TIME: usize = 256;
/// A hundred years: longer than any node runs.
const NEVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
