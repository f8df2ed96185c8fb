//! A server that does whatever a test asks for.

use countersign::etf::{Atom, Pid, Term, atom, list, map, tuple};
use countersign::node::{Mail, Process};
use countersign::otp::gen_server::{Answer, Caller, Deferred, GenServer, Origin, Step};
use std::time::Duration;

#[derive(Debug, Default)]
pub(crate) struct Desk {
    /// Who is told how it ends.
    witness: Option<Pid>,
    waiting: Vec<Deferred>,
    heard: Vec<Term>,
}

impl Desk {
    /// Whose end is told to a process: `{terminated, Reason}`.
    pub(crate) fn before(witness: &Pid) -> Self {
        Self { witness: Some(witness.clone()), ..Self::default() }
    }

    async fn elsewhere(&mut self, caller: Caller, process: &mut Process) -> Answer {
        let (promise, answer) = caller.defer();
        process.spawn(|mut other| async move { promise.answer(&mut other, atom("from_elsewhere")).await });
        answer
    }
}

impl GenServer for Desk {
    type Call = Term;
    type Cast = Term;

    async fn handle_call(&mut self, request: Term, caller: Caller, process: &mut Process) -> Answer {
        let parts = request.as_tuple().unwrap_or(std::slice::from_ref(&request));
        let word = parts.first().and_then(Term::as_atom).map_or("", Atom::as_str);
        match (word, parts) {
            ("echo", [_, what]) => caller.answer(what.clone()),
            ("heard", [_]) => caller.answer(list(self.heard.clone())),
            ("whence", [_]) => {
                let origin = caller.origin();
                caller.answer(origin.peer().map_or(atom("here"), |peer| Term::from(peer.name().as_str())))
            }
            ("later", [_]) => {
                let (promise, answer) = caller.defer();
                self.waiting.push(promise);
                answer
            }
            ("waiting", [_]) => caller.answer(self.waiting.len() as u64),
            ("forget", [_]) => caller.defer().1,
            ("elsewhere", [_]) => self.elsewhere(caller, process).await,
            ("go_on", [_]) => caller.answer(atom("ok")).then(Step::Continue),
            ("silence", [_, milliseconds]) => {
                let within = Duration::from_millis(milliseconds.as_u64().unwrap());
                caller.answer(atom("ok")).then(Step::WaitFor(within))
            }
            ("trap_exits", [_]) => {
                process.trap_exits(true);
                caller.answer(atom("ok"))
            }
            ("stop", [_, reason, answer]) => caller.answer(answer.clone()).then(Step::stop(reason.clone())),
            ("quit", [_, reason]) => caller.stop(reason.clone()),
            ("panic", [_]) => panic!("as the test wants it"),
            _ => caller.not_supported(),
        }
    }

    async fn handle_cast(&mut self, request: Term, origin: Origin, process: &mut Process) -> Step {
        match request.as_tuple() {
            Some([word, answer]) if word.is_atom("release") => {
                for promise in self.waiting.drain(..) {
                    promise.answer(process, answer.clone()).await;
                }
            }
            Some([word, reason]) if word.is_atom("stop") => return Step::stop(reason.clone()),
            _ => self.heard.push(tuple([atom("cast"), request, Term::from(origin.is_here())])),
        }
        Step::Wait
    }

    async fn handle_info(&mut self, mail: Mail, _: &mut Process) -> Step {
        self.heard.push(match mail {
            Mail::Message(message) => tuple([atom("info"), message.term]),
            Mail::Exit(exited) => tuple([atom("exit"), exited.reason]),
            other => panic!("{other:?}"),
        });
        Step::Wait
    }

    async fn handle_continue(&mut self, _: &mut Process) -> Step {
        self.heard.push(atom("went_on"));
        Step::Wait
    }

    async fn handle_timeout(&mut self, _: &mut Process) -> Step {
        self.heard.push(atom("silence"));
        Step::Wait
    }

    async fn terminate(&mut self, reason: &Term, process: &mut Process) {
        if let Some(witness) = &self.witness {
            process.send(witness, tuple([atom("terminated"), reason.clone()])).await.unwrap();
        }
    }

    fn state(&self) -> Term {
        map([(atom("heard"), list(self.heard.clone()))]).unwrap()
    }
}
