//! The process of a server, from its first moment to its last.

use super::GenServer;
use super::answer::{Answer, Step};
use super::caller::Caller;
use super::launch::{Settings, already_started};
use super::ledger::{Ledger, Owed, failure, not_allowed};
use super::origin::{Access, Origin};
use crate::etf::{Atom, Pid, Term, atom, tuple};
use crate::node::{Mail, Message, Process, Request, deserves_a_line};
use crate::observe;
use crate::otp::proc_lib;
use crate::rt;
use crate::rt::channel::Receiver;
use futures_util::FutureExt;
use futures_util::future::{Either, select};
use std::any::type_name;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

/// A server and the process that it is.
#[derive(Debug)]
pub(super) struct Serving<S> {
    pub(super) server: S,
    pub(super) process: Process,
    pub(super) parent: Option<Pid>,
    pub(super) settings: Settings,
    ledger: Arc<Ledger>,
    /// Answers whose promise was dropped.
    forgotten: Receiver<Owed>,
    /// An answer that is sent when all else is done.
    last: Option<(Owed, Term)>,
    /// How much was not admitted so far.
    refused: u64,
    /// How much it has handled since it last let others have their turn.
    handled: u8,
}

/// What comes next.
enum Event {
    Mail(Mail),
    Forgotten(Owed),
}

impl<S: GenServer> Serving<S> {
    pub(super) fn new(server: S, process: Process, parent: Option<Pid>, settings: Settings) -> Self {
        let (ledger, forgotten) = Ledger::new(settings.patience, settings.mapping.clone());
        Self { server, process, parent, settings, ledger, forgotten, last: None, refused: 0, handled: 0 }
    }

    /// Begins, tells the starter how that went, and serves. Returns the reason to end with.
    pub(super) async fn begin(mut self, starter: &Pid) -> Term {
        let begun = AssertUnwindSafe(self.init()).catch_unwind().await;
        let (said, end) = match begun {
            Ok(Ok(step)) => {
                let ready = tuple([atom("ok"), Term::from(self.process.pid().clone())]);
                self.acknowledge(starter, ready).await;
                return self.serve(step).await;
            }
            Ok(Err(reason)) => (reason.clone(), Ok(reason)),
            Err(panic) => (atom("panic"), Err(panic)),
        };
        if let Some(parent) = &self.parent {
            // It is told by an answer, and lives to hear it.
            self.process.unlink(parent);
        }
        self.acknowledge(starter, failure(said)).await;
        end.unwrap_or_else(|panic| resume_unwind(panic))
    }

    async fn init(&mut self) -> Result<Step, Term> {
        if let Some(name) = &self.settings.name
            && self.process.register(name.clone()).is_err()
        {
            return Err(already_started(self.process.whereis(name)));
        }
        self.server.init(&mut self.process).await
    }

    async fn acknowledge(&mut self, starter: &Pid, result: Term) {
        let told = rt::timeout(self.settings.patience, proc_lib::init_ack(&mut self.process, starter, result)).await;
        if !matches!(told, Ok(Ok(()))) {
            log::debug!(target: "countersign::otp", server = type_name::<S>(), starter:%; "the starter of a server cannot be told");
        }
    }

    async fn serve(mut self, first: Step) -> Term {
        let reason = self.work(first).await;
        self.server.terminate(&reason, &mut self.process).await;
        if let Some((owed, answer)) = self.last.take() {
            self.settle(&owed, answer).await;
        }
        reason
    }

    async fn work(&mut self, first: Step) -> Term {
        let mut step = first;
        loop {
            step = match step {
                Step::Wait => self.wait(None).await,
                Step::WaitFor(within) => self.wait(Instant::now().checked_add(within)).await,
                Step::Continue => self.server.handle_continue(&mut self.process).await,
                Step::Stop(reason) => return reason,
            };
            self.breathe().await;
        }
    }

    /// Until something has come that is the server's to handle, and has been handled.
    async fn wait(&mut self, until: Option<Instant>) -> Step {
        loop {
            let event = match until {
                None => self.next().await,
                Some(until) => match rt::timeout(until.saturating_duration_since(Instant::now()), self.next()).await {
                    Ok(event) => event,
                    Err(rt::Elapsed) => return self.server.handle_timeout(&mut self.process).await,
                },
            };
            if let Some(step) = self.handle(event).await {
                return step;
            }
            self.breathe().await;
        }
    }

    /// A peer that never stops asking would otherwise keep this process from ever being ended.
    async fn breathe(&mut self) {
        self.handled = self.handled.wrapping_add(1);
        if self.handled.is_multiple_of(64) {
            rt::yield_now().await;
        }
    }

    async fn next(&mut self) -> Event {
        match select(pin!(self.forgotten.recv()), pin!(self.process.receive())).await {
            Either::Left((Ok(owed), _)) => Event::Forgotten(owed),
            // The ledger does not go before the server does.
            Either::Left((Err(_), receiving)) => Event::Mail(receiving.await),
            Either::Right((mail, _)) => Event::Mail(mail),
        }
    }

    /// `None` if that was not the server's to handle.
    async fn handle(&mut self, event: Event) -> Option<Step> {
        match event {
            Event::Forgotten(owed) => {
                log::warn!(target: "countersign::otp", event:% = observe::Event::AnswerDropped, server = type_name::<S>(); "a promised answer was dropped");
                self.settle(&owed, failure(atom("unanswered"))).await;
                None
            }
            Event::Mail(Mail::Message(message)) => self.hear(message).await,
            Event::Mail(mail) => match self.end_by(&mail) {
                Some(reason) => Some(Step::Stop(reason)),
                None => Some(self.server.handle_info(mail, &mut self.process).await),
            },
        }
    }

    /// The end of the parent is the server's own.
    pub(super) fn end_by(&self, mail: &Mail) -> Option<Term> {
        match mail {
            Mail::Exit(exited) if self.parent.as_ref() == Some(&exited.from) => Some(exited.reason.clone()),
            _ => None,
        }
    }

    async fn hear(&mut self, message: Message) -> Option<Step> {
        let message = match label(&message.term) {
            Some("$gen_call") => match Request::parse(message) {
                Ok(request) => return self.answer(request).await,
                Err(message) => message,
            },
            Some("system") => match Request::parse_system(message) {
                Ok(request) => return self.obey(request).await.map(Step::Stop),
                Err(message) => message,
            },
            Some("$gen_cast") if is_pair(&message.term) => return self.hear_cast(message).await,
            _ => message,
        };
        self.hear_rest(message).await
    }

    async fn answer(&mut self, mut request: Request) -> Option<Step> {
        let refusal = self.refusal(&Origin::of(request.peer.as_ref()), Access::Call);
        let asked = std::mem::replace(&mut request.request, Term::nil());
        let owed = Owed(request);
        let read = refusal.map_or_else(|| S::Call::try_from(asked).map_err(bad_request), Err);
        match read {
            Ok(request) => {
                let caller = Caller::new(owed, Arc::clone(&self.ledger));
                let answer = self.server.handle_call(request, caller, &mut self.process).await;
                Some(self.give(answer).await)
            }
            Err(refusal) => {
                self.settle(&owed, refusal).await;
                None
            }
        }
    }

    async fn give(&mut self, answer: Answer) -> Step {
        match (answer.now, &answer.then) {
            (Some(now), Step::Stop(_)) => self.last = Some(now),
            (Some((owed, now)), _) => self.settle(&owed, now).await,
            (None, _) => {}
        }
        answer.then
    }

    pub(super) async fn settle(&mut self, owed: &Owed, answer: Term) {
        self.ledger.settle(owed, &mut self.process, answer).await;
    }

    async fn hear_cast(&mut self, message: Message) -> Option<Step> {
        let origin = Origin::from(&message);
        let Term::Tuple(parts) = message.term else { return None };
        if self.refusal(&origin, Access::Cast).is_some() {
            return None;
        }
        let said = parts.into_iter().nth(1).unwrap_or_else(Term::nil);
        match S::Cast::try_from(said).map_err(|error| error.to_string()) {
            Ok(request) => Some(self.server.handle_cast(request, origin, &mut self.process).await),
            Err(error) => {
                log::debug!(target: "countersign::otp", server = type_name::<S>(), error:%; "a cast that cannot be read");
                None
            }
        }
    }

    async fn hear_rest(&mut self, message: Message) -> Option<Step> {
        if self.refusal(&Origin::from(&message), Access::Message).is_some() {
            return None;
        }
        Some(self.server.handle_info(Mail::Message(message), &mut self.process).await)
    }

    /// What is said to whoever is not admitted.
    pub(super) fn refusal(&mut self, origin: &Origin, access: Access) -> Option<Term> {
        if self.server.admits(origin, access) {
            return None;
        }
        let before = self.refused;
        self.refused = before.saturating_add(1);
        if deserves_a_line(before, self.refused) {
            let (server, refused) = (type_name::<S>(), self.refused);
            log::warn!(target: "countersign::otp", event:% = observe::Event::RequestRefused, server, origin:%, access:%, refused, code = "not_allowed"; "a request was refused");
        }
        Some(not_allowed(format_args!("{origin}, and is not admitted ({access})")))
    }
}

fn bad_request(error: impl std::fmt::Display) -> Term {
    failure(tuple([atom("bad_request"), Term::from(error.to_string())]))
}

fn is_pair(term: &Term) -> bool {
    matches!(term.as_tuple(), Some([_, _]))
}

fn label(term: &Term) -> Option<&str> {
    term.as_tuple()?.first()?.as_atom().map(Atom::as_str)
}
