//! What `sys` wants of a server.

use super::GenServer;
use super::ledger::Owed;
use super::origin::{Access, Origin};
use super::serving::Serving;
use crate::etf::{Term, atom};
use crate::node::{Mail, Request};
use crate::otp::sys::{Activity, Command, Status, shown};
use std::any::type_name;

/// What a server is after a command: as active as this, or about to end for a reason.
type Obeyed = Result<Activity, Term>;

impl<S: GenServer> Serving<S> {
    /// Does what `sys` wants, and nothing else as long as it wants the server suspended. Returns the reason to end
    /// with, if it is to.
    pub(super) async fn obey(&mut self, request: Request) -> Option<Term> {
        let mut obeyed = self.carry_out(request, Activity::Running).await;
        while obeyed == Ok(Activity::Suspended) {
            obeyed = match self.next_command().await {
                Ok(request) => self.carry_out(request, Activity::Suspended).await,
                Err(reason) => Err(reason),
            };
        }
        obeyed.err()
    }

    async fn carry_out(&mut self, request: Request, activity: Activity) -> Obeyed {
        let refusal = self.refusal(&Origin::of(request.peer.as_ref()), Access::System);
        let command = refusal.map_or_else(|| Command::parse(&request.request), Command::Answered);
        let (answer, obeyed) = match command {
            Command::GetState => (shown(self.server.state()), Ok(activity)),
            Command::GetStatus => (self.status(activity), Ok(activity)),
            Command::Suspend => (atom("ok"), Ok(Activity::Suspended)),
            Command::Resume => (atom("ok"), Ok(Activity::Running)),
            Command::Terminate(reason) => (atom("ok"), Err(reason)),
            Command::Answered(answer) => (answer, Ok(activity)),
        };
        self.settle(&Owed(request), answer).await;
        obeyed
    }

    /// All else stays where it is. The parent's end is a reason, as ever.
    async fn next_command(&mut self) -> Result<Request, Term> {
        loop {
            let parent = self.parent.as_ref();
            let is_parents = |mail: &Mail| matches!(mail, Mail::Exit(exited) if Some(&exited.from) == parent);
            let mail = self.process.receive_where(|mail| is_command(mail) || is_parents(mail)).await;
            match mail {
                Mail::Message(message) => {
                    if let Ok(request) = Request::parse_system(message) {
                        return Ok(request);
                    }
                }
                Mail::Exit(exited) => return Err(exited.reason),
                _ => {}
            }
        }
    }

    fn status(&self, activity: Activity) -> Term {
        let status = Status {
            pid: self.process.pid(),
            name: self.settings.name.as_ref(),
            parent: self.parent.as_ref(),
            module: type_name::<S>(),
            activity,
            state: self.server.state(),
        };
        status.into_term()
    }
}

fn is_command(mail: &Mail) -> bool {
    matches!(mail.term().and_then(Term::as_tuple), Some([kind, _, _]) if kind.is_atom("system"))
}
