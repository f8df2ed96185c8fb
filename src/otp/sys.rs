//! What OTP's `sys` asks of a process, and the shape of what it expects.

use crate::etf::{Atom, Pid, Term, atom, list, string, tuple};

/// What `sys` wants: `{system, From, Request}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    GetState,
    GetStatus,
    Suspend,
    Resume,
    Terminate(Term),
    /// It has an answer that is always the same.
    Answered(Term),
}

impl Command {
    pub(super) fn parse(request: &Term) -> Self {
        match (request.as_atom().map(Atom::as_str), request.as_tuple()) {
            (Some("get_state"), _) => Self::GetState,
            (Some("get_status"), _) => Self::GetStatus,
            (Some("suspend"), _) => Self::Suspend,
            (Some("resume"), _) => Self::Resume,
            (_, Some([what, reason])) if what.is_atom("terminate") => Self::Terminate(reason.clone()),
            (_, Some([what, command])) if what.is_atom("debug") => Self::Answered(debug(command)),
            // A state in Rust is nothing that a fun of Erlang could be run on.
            (_, Some([what, _])) if what.is_atom("replace_state") => Self::Answered(error(atom("notsup"))),
            _ => Self::Answered(error(tuple([atom("unknown_system_msg"), request.clone()]))),
        }
    }
}

/// Nothing is traced or counted here: what turns it off or reads it is answered, what turns it on is refused.
fn debug(command: &Term) -> Term {
    match command.as_tuple() {
        None if command.is_atom("no_debug") => atom("ok"),
        Some([_, what]) if what.is_atom("false") => atom("ok"),
        Some([remove, _]) if remove.is_atom("remove") => atom("ok"),
        Some([log, get]) if log.is_atom("log") && get.is_atom("get") => tuple([atom("ok"), Term::nil()]),
        Some([statistics, get]) if statistics.is_atom("statistics") && get.is_atom("get") => tuple([atom("ok"), atom("no_statistics")]),
        _ => error(atom("notsup")),
    }
}

/// A state as `sys:get_state` wants it from OTP 27 on. Earlier releases show the `ok` around it too, as they do with a
/// server of OTP 27; without it those would crash.
pub(super) fn shown(state: Term) -> Term {
    tuple([atom("ok"), state])
}

fn error(reason: Term) -> Term {
    tuple([atom("error"), reason])
}

/// Whether a process does its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Activity {
    Running,
    Suspended,
}

impl Activity {
    const fn word(self) -> Term {
        match self {
            Self::Running => atom("running"),
            Self::Suspended => atom("suspended"),
        }
    }
}

/// What `sys:get_status` shows of a process.
#[derive(Debug)]
pub(super) struct Status<'a> {
    pub(super) pid: &'a Pid,
    pub(super) name: Option<&'a Atom>,
    pub(super) parent: Option<&'a Pid>,
    /// The module that Erlang would have it run: the name of its type.
    pub(super) module: &'static str,
    pub(super) activity: Activity,
    pub(super) state: Term,
}

impl Status<'_> {
    /// `{status, Pid, {module, gen_server}, [Dictionary, Activity, Parent, Debug, Misc]}`. A process that nobody
    /// is linked to as its parent is its own, as in OTP.
    pub(super) fn into_term(self) -> Term {
        let parent = Term::from(self.parent.unwrap_or(self.pid).clone());
        let shown = self.name.map_or_else(|| self.pid.to_string(), |name| name.as_str().to_owned());
        let misc = list([
            pair(atom("header"), string(&format!("Status for generic server {shown}"))),
            data([("Status", self.activity.word()), ("Parent", parent.clone()), ("Logged events", Term::nil())]),
            data([("State", self.state)]),
        ]);
        // Cut where a name could not be an atom.
        let module = Atom::new(self.module).unwrap_or(Atom::fixed("rust"));
        let initial = tuple([Term::from(module), atom("init"), Term::from(1)]);
        let ancestors = list(self.parent.map(|parent| Term::from(parent.clone())));
        let dictionary = list([pair(atom("$initial_call"), initial), pair(atom("$ancestors"), ancestors)]);
        let parts = list([dictionary, self.activity.word(), parent, Term::nil(), misc]);
        tuple([atom("status"), Term::from(self.pid.clone()), pair(atom("module"), atom("gen_server")), parts])
    }
}

fn data<const N: usize>(fields: [(&str, Term); N]) -> Term {
    pair(atom("data"), list(fields.map(|(name, value)| pair(string(name), value))))
}

fn pair(one: Term, other: Term) -> Term {
    tuple([one, other])
}
