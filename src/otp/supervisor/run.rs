//! A supervisor at work.

use super::Supervisor;
use super::child::ChildState;
use super::ending::{self, word};
use super::family::{Child, Consequence, Family};
use super::intensity::Intensity;
use super::ready::{Ready, give_up};
use super::spec::{ChildSpec, Restart, Started};
use crate::etf::{Pid, Term, atom, tuple};
use crate::node::{Exited, Mail, Process, panicked};
use crate::observe::Event;
use crate::rt;
use futures_util::FutureExt;
use std::collections::HashSet;
use std::ops::Range;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

/// The process of a supervisor.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) process: Process,
    pub(super) supervisor: Supervisor,
    pub(super) family: Family,
    pub(super) parent: Option<Pid>,
    intensity: Intensity,
}

/// The supervisor ends, for this reason.
#[derive(Debug)]
pub(super) struct Ends(pub(super) Term);

/// A child that does not start, and why.
struct NotStarted {
    at: usize,
    reason: Term,
}

impl Running {
    pub(super) fn new(process: Process, mut supervisor: Supervisor, parent: Option<Pid>) -> Self {
        let children = std::mem::take(&mut supervisor.children).into_iter();
        let family = Family(children.map(|spec| Child { spec, state: ChildState::Stopped }).collect());
        let intensity = Intensity::new(supervisor.intensity, supervisor.period);
        Self { process, supervisor, family, parent, intensity }
    }

    /// Its whole life: the reason of its end.
    pub(super) async fn run(mut self, ready: Ready) -> Term {
        self.process.trap_exits(true);
        if let Err(reason) = self.begin().await {
            self.stop_all().await;
            ready.failed(reason.clone());
            return reason;
        }
        ready.ok();
        let Ends(reason) = self.until_it_ends().await;
        self.stop_all().await;
        reason
    }

    /// Starts all children. In a family that is just beginning, one that is temporary and not needed is forgotten.
    async fn begin(&mut self) -> Result<(), Term> {
        let all = 0..self.family.0.len();
        if let Err(NotStarted { at, reason }) = self.start_range(all).await {
            let id = self.family.get(at).map_or_else(Term::nil, |child| child.spec.id().clone());
            let failed = tuple([atom("failed_to_start_child"), id, reason]);
            return Err(tuple([atom("shutdown"), failed]));
        }
        self.family.0.retain(|child| child.pid().is_some() || child.spec.restart != Restart::Temporary);
        Ok(())
    }

    async fn until_it_ends(&mut self) -> Ends {
        loop {
            let done = match self.process.receive().await {
                Mail::Exit(exited) => self.heard_of_an_end(*exited).await,
                Mail::Message(message) => self.hear(message).await,
                Mail::Down(_) | Mail::NodeUp(_) | Mail::NodeDown(_) | Mail::OwnCertificate(_) => Ok(()),
            };
            if let Err(ends) = done {
                return ends;
            }
        }
    }

    /// Of the parent, of a child, or of somebody who is neither, which means nothing.
    async fn heard_of_an_end(&mut self, Exited { from, reason }: Exited) -> Result<(), Ends> {
        if self.parent.as_ref() == Some(&from) {
            return Err(Ends(reason));
        }
        let Some(at) = self.family.by_pid(&from) else { return Ok(()) };
        match self.family.ended(at, &reason, self.supervisor.auto_shutdown) {
            Consequence::Rest => Ok(()),
            Consequence::ShutDown => Err(Ends(atom("shutdown"))),
            Consequence::Again => {
                let (supervisor, reason) = (self.process.pid(), word(&reason));
                log::warn!(target: "countersign::otp", event:% = Event::ProcessRestarted, supervisor:%, child:% = from, reason; "a child has ended, and is started again");
                self.start_again(at).await
            }
        }
    }

    /// Starts a child again, and with it whom the strategy says. One that does not start is tried again, which
    /// counts as often as it happens.
    pub(super) async fn start_again(&mut self, at: usize) -> Result<(), Ends> {
        self.family.set(at, ChildState::Stopped);
        if !self.intensity.bears((self.supervisor.now)()) {
            let (supervisor, most) = (self.process.pid(), self.supervisor.intensity);
            log::error!(target: "countersign::otp", event:% = Event::SupervisorGaveUp, supervisor:%, most; "too many restarts: the supervisor gives up");
            self.family.rests(at);
            return Err(Ends(atom("shutdown")));
        }
        let which = self.family.with(at, self.supervisor.strategy);
        let before = self.family.0.len();
        ending::stop(&mut self.process, &mut self.family, which.clone()).await;
        // Fewer by the temporary ones, which all stood in this range.
        let which = which.start..which.end.saturating_sub(before - self.family.0.len());
        if let Err(NotStarted { at, reason }) = self.start_range(which).await {
            let (supervisor, reason) = (self.process.pid().clone(), word(&reason));
            log::error!(target: "countersign::otp", event:% = Event::ProcessNotStarted, supervisor:%, reason; "a child cannot be started again");
            self.try_again(at).await;
        }
        Ok(())
    }

    /// Behind the mail that has come already, as OTP does: so that somebody can still stop the child.
    async fn try_again(&mut self, at: usize) {
        self.family.set(at, ChildState::Restarting);
        let Some(child) = self.family.get(at) else { return };
        let again = tuple([atom("try_again_restart"), child.spec.id().clone()]);
        let own = self.process.pid().clone();
        // To itself a process can always send.
        let _ = self.process.send(own, tuple([atom("$gen_cast"), again])).await;
    }

    async fn start_range(&mut self, which: Range<usize>) -> Result<(), NotStarted> {
        for at in which {
            let Some(spec) = self.family.get(at).map(|child| child.spec.clone()) else { continue };
            let started = self.start(&spec).await.map_err(|reason| NotStarted { at, reason })?;
            self.family.has_started(at, started);
        }
        Ok(())
    }

    /// Starts one child, in its time. Of one that takes too long nothing is left.
    pub(super) async fn start(&mut self, spec: &ChildSpec) -> Result<Started, Term> {
        let Some(within) = spec.within else { return start(spec, &mut self.process).await };
        let (before, begun): (HashSet<Pid>, _) = (self.process.links().into_iter().collect(), Instant::now());
        match rt::timeout(within, start(spec, &mut self.process)).await {
            Ok(started) => started,
            Err(rt::Elapsed) => {
                for pid in self.process.began_since(begun).iter().filter(|pid| !before.contains(pid)) {
                    give_up(&mut self.process, pid).await;
                }
                Err(atom("timeout"))
            }
        }
    }

    async fn stop_all(&mut self) {
        let all = 0..self.family.0.len();
        ending::stop(&mut self.process, &mut self.family, all).await;
    }
}

/// As in OTP, a panic in the function that starts a child is why that does not start, and not the supervisor's end.
async fn start(spec: &ChildSpec, process: &mut Process) -> Result<Started, Term> {
    let pid = process.pid().clone();
    let starting = async move { spec.start(process).await };
    AssertUnwindSafe(starting).catch_unwind().await.unwrap_or_else(|panic| Err(panicked(&pid, panic)))
}
