//! What `sys` wants of a supervisor: `supervisor:stop`, the shell and `observer` ask it.

use super::run::{Ends, Running};
use crate::etf::{Term, atom, list, tuple};
use crate::node::Request;
use crate::otp::sys::{Activity, Command, Status, shown};

impl Running {
    pub(super) fn obey(&mut self, request: &Request) -> Result<(), Ends> {
        let may_change = self.supervisor.may_be_changed_by(request.peer.as_deref());
        let (answer, done) = match Command::parse(&request.request) {
            Command::GetState => (shown(self.state()), Ok(())),
            Command::GetStatus => (self.status(), Ok(())),
            Command::Terminate(reason) if may_change => (atom("ok"), Err(Ends(reason))),
            Command::Terminate(_) => (refused(atom("not_allowed")), Ok(())),
            // While it slept, children would end and nobody would start them again.
            Command::Suspend => (refused(atom("notsup")), Ok(())),
            Command::Resume => (atom("ok"), Ok(())),
            Command::Answered(answer) => (answer, Ok(())),
        };
        self.process.reply_at_once(request, answer);
        done
    }

    /// The children, as `which_children` has them.
    fn state(&self) -> Term {
        list(self.family.infos().rev().map(|child| child.to_term()))
    }

    fn status(&self) -> Term {
        let status = Status {
            pid: self.process.pid(),
            name: self.supervisor.name.as_ref(),
            parent: self.parent.as_ref(),
            module: "supervisor",
            activity: Activity::Running,
            state: self.state(),
        };
        status.into_term()
    }
}

fn refused(why: Term) -> Term {
    tuple([atom("error"), why])
}
