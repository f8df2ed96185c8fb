//! How a function fails, in the three ways that Erlang knows, and what each kind of caller is told.

use super::apply::Apply;
use crate::etf::{Term, atom, list, tuple};
use crate::node::reason;

/// An exception of Erlang's, with its reason.
///
/// ```
/// use countersign::etf::atom;
/// use countersign::node::rpc::Raised;
///
/// // What erpc:call/4 then raises: error:{exception, badarg, [{math, add, 2, []}]}
/// assert_eq!(Raised::error(atom("badarg")), Raised::Error(atom("badarg")));
/// // throw:enough
/// assert_eq!(Raised::throw(atom("enough")), Raised::Throw(atom("enough")));
/// // exit:{exception, shutdown}
/// assert_eq!(Raised::exit(atom("shutdown")), Raised::Exit(atom("shutdown")));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Raised {
    /// `error(Reason)`: something is wrong with the call or the function.
    Error(Term),
    /// `throw(Value)`: another kind of result.
    Throw(Term),
    /// `exit(Reason)`: the process that runs it gives up.
    Exit(Term),
}

impl Raised {
    /// `error(Reason)`
    pub fn error(reason: impl Into<Term>) -> Self {
        Self::Error(reason.into())
    }

    /// `throw(Value)`
    pub fn throw(value: impl Into<Term>) -> Self {
        Self::Throw(value.into())
    }

    /// `exit(Reason)`
    pub fn exit(reason: impl Into<Term>) -> Self {
        Self::Exit(reason.into())
    }
}

/// What became of a call.
#[derive(Debug)]
pub(super) enum Done {
    Returned(Term),
    Raised(Raised, Stack),
}

/// Where an error was raised: `[{Module, Function, Arity, []}]`.
#[derive(Debug)]
pub(super) struct Stack(Term);

impl Done {
    pub(super) fn of(outcome: Result<Term, Raised>, what: &Named) -> Self {
        match outcome {
            Ok(value) => Self::Returned(value),
            Err(raised) => Self::Raised(raised, what.stack()),
        }
    }

    /// There is no such function, or none for this caller: who asks learns no difference.
    pub(super) fn undef(what: Apply) -> Self {
        let Apply { module, function, arguments } = what;
        let stack = list([tuple([module.into(), function.into(), list(arguments), Term::nil()])]);
        Self::Raised(Raised::Error(atom("undef")), Stack(stack))
    }

    /// Why a process ends that was spawned to run it.
    pub(super) fn into_reason(self) -> Term {
        match self {
            Self::Returned(_) => reason::normal(),
            Self::Raised(Raised::Exit(reason), _) => reason,
            Self::Raised(Raised::Error(reason), Stack(stack)) => tuple([reason, stack]),
            Self::Raised(Raised::Throw(value), Stack(stack)) => tuple([tuple([atom("nocatch"), value]), stack]),
        }
    }

    /// Why a process ends that `erpc` has spawned: that is how it learns the value.
    pub(super) fn into_erpc(self, tag: Term) -> Term {
        match self {
            Self::Returned(value) => tuple([tag, atom("return"), value]),
            Self::Raised(Raised::Throw(value), _) => tuple([tag, atom("throw"), value]),
            Self::Raised(Raised::Exit(reason), _) => tuple([tag, atom("exit"), reason]),
            Self::Raised(Raised::Error(reason), Stack(stack)) => tuple([tag, atom("error"), reason, stack]),
        }
    }

    /// What `rex` answers: with a thrown value as if it had been returned, which is how it always was.
    pub(super) fn into_rex(self) -> Term {
        let bad = |reason| tuple([atom("badrpc"), tuple([atom("EXIT"), reason])]);
        match self {
            Self::Returned(value) | Self::Raised(Raised::Throw(value), _) => value,
            Self::Raised(Raised::Exit(reason), _) => bad(reason),
            Self::Raised(Raised::Error(reason), Stack(stack)) => bad(tuple([reason, stack])),
        }
    }
}

/// A function by its name, when its arguments are gone.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) module: crate::etf::Atom,
    pub(super) function: crate::etf::Atom,
    pub(super) arity: usize,
}

impl Named {
    fn stack(&self) -> Stack {
        let arity = Term::from(self.arity as u64);
        Stack(list([tuple([self.module.clone().into(), self.function.clone().into(), arity, Term::nil()])]))
    }
}
