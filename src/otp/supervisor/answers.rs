//! What a supervisor is asked, and answers: in the terms of OTP's `supervisor`, whose functions work on it.

use super::child::ChildState;
use super::ending;
use super::family::Child;
use super::handle::take_placed;
use super::run::{Ends, Running};
use super::spec::{Restart, Started};
use crate::etf::{Term, atom, list, tuple};
use crate::node::{Message, Request};

impl Running {
    pub(super) async fn hear(&mut self, message: Message) -> Result<(), Ends> {
        let message = match Request::parse(message) {
            Ok(request) => return self.answer(&request).await,
            Err(message) => message,
        };
        match Request::parse_system(message) {
            Ok(request) => self.obey(&request),
            Err(message) if message.peer.is_none() => self.hear_itself(&message.term).await,
            // What peers say without wanting an answer has no meaning here.
            Err(_) => Ok(()),
        }
    }

    /// `{'$gen_cast', {try_again_restart, Id}}`. From anybody of this node it does no harm.
    async fn hear_itself(&mut self, term: &Term) -> Result<(), Ends> {
        let Some([cast, what]) = term.as_tuple() else { return Ok(()) };
        let Some([word, id]) = what.as_tuple() else { return Ok(()) };
        if !cast.is_atom("$gen_cast") || !word.is_atom("try_again_restart") {
            return Ok(());
        }
        match self.family.by_id(id) {
            Some(at) if self.is(at, &ChildState::Restarting) => self.start_again(at).await,
            _ => Ok(()),
        }
    }

    async fn answer(&mut self, request: &Request) -> Result<(), Ends> {
        let is_ours = request.peer.is_none();
        if is_ours && request.request.is_atom("stop") {
            // Whoever asks watches, and so learns when all of it has ended.
            return Err(Ends(atom("shutdown")));
        }
        let answer = match &request.request {
            what if what.is_atom("which_children") => list(self.family.infos().rev().map(|child| child.to_term())),
            what if what.is_atom("count_children") => self.family.count().to_term(),
            what => match what.as_tuple() {
                Some([verb, id]) if self.supervisor.may_be_changed_by(request.peer.as_deref()) => self.change(verb, id, is_ours).await,
                Some([_, _]) => error(atom("not_allowed")),
                _ => error(atom("notsup")),
            },
        };
        // Whoever asks and does not read must not keep it from its children.
        self.process.reply_at_once(request, answer);
        Ok(())
    }

    async fn change(&mut self, verb: &Term, id: &Term, is_ours: bool) -> Term {
        let found = self.family.by_id(id);
        match (verb.as_atom().map(crate::etf::Atom::as_str), found) {
            (Some("start_child"), _) if is_ours => self.start_child(id).await,
            (Some("terminate_child"), Some(at)) => self.terminate_child(at).await,
            (Some("restart_child"), Some(at)) => self.restart_child(at).await,
            (Some("delete_child"), Some(at)) => self.delete_child(at),
            (Some("terminate_child" | "restart_child" | "delete_child"), None) => error(atom("not_found")),
            _ => error(atom("notsup")),
        }
    }

    /// A specification does not travel: the number is that of one on the shelf. What peers would have started is
    /// a function that this node does not have.
    async fn start_child(&mut self, number: &Term) -> Term {
        let Some(spec) = number.as_u64().and_then(take_placed) else { return error(atom("notsup")) };
        if let Err(refused) = self.supervisor.check_one(&spec) {
            return error(refused.into());
        }
        if let Some(child) = self.family.by_id(spec.id()).and_then(|at| self.family.get(at)) {
            return error(match child.pid() {
                Some(pid) => tuple([atom("already_started"), Term::from(pid.clone())]),
                None => atom("already_present"),
            });
        }
        match self.start(&spec).await {
            Err(reason) => error(reason),
            Ok(Started::Ignored) if spec.restart == Restart::Temporary => ok(atom("undefined")),
            Ok(started) => {
                self.family.0.push(Child { spec, state: ChildState::Stopped });
                self.started(self.family.0.len() - 1, started)
            }
        }
    }

    async fn terminate_child(&mut self, at: usize) -> Term {
        ending::stop_one(&mut self.process, &mut self.family, at).await;
        self.family.rests(at);
        atom("ok")
    }

    async fn restart_child(&mut self, at: usize) -> Term {
        let Some(child) = self.family.get(at).filter(|child| child.state == ChildState::Stopped) else { return self.busy(at) };
        let spec = child.spec.clone();
        match self.start(&spec).await {
            Ok(started) => self.started(at, started),
            Err(reason) => error(reason),
        }
    }

    fn delete_child(&mut self, at: usize) -> Term {
        if !self.is(at, &ChildState::Stopped) {
            return self.busy(at);
        }
        self.family.0.remove(at);
        atom("ok")
    }

    fn started(&mut self, at: usize, started: Started) -> Term {
        let pid = match &started {
            Started::Running(pid) => pid.clone().into(),
            Started::Ignored => atom("undefined"),
        };
        self.family.has_started(at, started);
        ok(pid)
    }

    fn is(&self, at: usize, state: &ChildState) -> bool {
        self.family.get(at).is_some_and(|child| child.state == *state)
    }

    fn busy(&self, at: usize) -> Term {
        error(if self.is(at, &ChildState::Restarting) { atom("restarting") } else { atom("running") })
    }
}

fn ok(what: Term) -> Term {
    tuple([atom("ok"), what])
}

fn error(what: Term) -> Term {
    tuple([atom("error"), what])
}
