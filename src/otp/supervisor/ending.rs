//! How children are stopped.

use super::child::ChildState;
use super::family::Family;
use super::spec::Shutdown;
use crate::etf::{Pid, Reference, Term, atom};
use crate::node::{Mail, Process};
use crate::observe::Event;
use std::ops::Range;
use std::time::Duration;

/// Stops these children, the one that was started last first, and forgets the temporary ones.
pub(super) async fn stop(process: &mut Process, family: &mut Family, which: Range<usize>) {
    for at in which.rev() {
        stop_one(process, family, at).await;
        family.rests(at);
    }
}

/// Stops a child, if it runs.
pub(super) async fn stop_one(process: &mut Process, family: &mut Family, at: usize) {
    let Some(child) = family.get(at) else { return };
    let Some(pid) = child.pid().cloned() else { return };
    let shutdown = child.spec.shutdown;
    end(process, &pid, shutdown).await;
    family.set(at, ChildState::Stopped);
}

/// The link stays until the process has ended: if the supervisor is killed meanwhile, the child ends with it.
async fn end(process: &mut Process, child: &Pid, shutdown: Shutdown) {
    let watched = process.monitor(child).await;
    let has_ended = match shutdown {
        Shutdown::Brutal => false,
        Shutdown::Within(time) => {
            ask(process, child, "shutdown").await;
            is_down_within(process, &watched, time).await
        }
        Shutdown::Infinity => {
            ask(process, child, "shutdown").await;
            process.receive_where(|mail| mail.down(&watched).is_some()).await;
            true
        }
    };
    if !has_ended {
        ask(process, child, "kill").await;
        if !is_down_within(process, &watched, DYING).await {
            log::error!(target: "countersign::otp", event:% = Event::ProcessNotStarted, supervisor:% = process.pid(), child:%; "a child that was killed never waits for anything: it goes on");
        }
    }
    process.demonitor(&watched);
    process.unlink(child);
}

async fn ask(process: &mut Process, child: &Pid, reason: &'static str) {
    // One whose node cannot be reached is as good as ended, and the monitor says so.
    let _ = process.exit(child, atom(reason)).await;
}

async fn is_down_within(process: &mut Process, watched: &Reference, time: Duration) -> bool {
    process.receive_where_within(time, |mail: &Mail| mail.down(watched).is_some()).await.is_some()
}

/// What a log may say of a reason: its first word, and nothing that somebody put behind it.
pub(super) fn word(reason: &Term) -> &str {
    let first = reason.as_tuple().and_then(<[Term]>::first).unwrap_or(reason);
    first.as_atom().map_or("something else", crate::etf::Atom::as_str)
}

/// For a process that was killed to notice: it does when it next waits for something.
const DYING: Duration = Duration::from_secs(5);
