//! Why a supervisor does not start, or does not do what it is asked.

use crate::etf::{Pid, Term, atom, tuple};
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::node::{CallError, NameRefused};

/// A child specification that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpecRefused {
    /// Two children have the same id.
    #[error("two children have the id {0}")]
    Duplicate(Term),
    /// It is significant to a supervisor that never shuts down by itself.
    #[error("the child {0} is significant, and the supervisor never shuts down by itself")]
    SignificantForNothing(Term),
    /// It is significant, and its end never counts because it is always started again.
    #[error("the child {0} is significant and permanent")]
    SignificantAndPermanent(Term),
}

impl Failure for SpecRefused {
    fn code(&self) -> Code {
        match self {
            Self::Duplicate(_) => Code::NameInUse,
            Self::SignificantForNothing(_) | Self::SignificantAndPermanent(_) => Code::NotAllowed,
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Duplicate(_) => Hint::fixed("give each child an id of its own"),
            Self::SignificantForNothing(_) => Hint::fixed("choose any_significant or all_significant for the supervisor"),
            Self::SignificantAndPermanent(_) => Hint::fixed("make it transient or temporary"),
        }
    }
}

/// As OTP says it.
impl From<SpecRefused> for Term {
    fn from(refused: SpecRefused) -> Self {
        let pair = |word, what: Self| tuple([atom(word), what]);
        match refused {
            SpecRefused::Duplicate(id) => pair("duplicate_child_name", id),
            SpecRefused::SignificantForNothing(_) => {
                pair("bad_combination", tuple([pair("auto_shutdown", atom("never")), pair("significant", atom("true"))]))
            }
            SpecRefused::SignificantAndPermanent(_) => {
                pair("bad_combination", tuple([pair("restart", atom("permanent")), pair("significant", atom("true"))]))
            }
        }
    }
}

/// A supervisor does not start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SupervisorError {
    /// Something is wrong with its children.
    #[error(transparent)]
    Spec(#[from] SpecRefused),
    /// Its name cannot be had.
    #[error(transparent)]
    Name(#[from] NameRefused),
    /// A child does not start: `{shutdown, {failed_to_start_child, Id, Reason}}`; or it was ended itself.
    #[error("the supervisor does not start: {reason}")]
    NotStarted {
        /// Why.
        reason: Term,
    },
}

impl SupervisorError {
    /// As a supervisor above says it.
    pub(super) fn to_reason(&self) -> Term {
        match self {
            Self::Spec(refused) => refused.clone().into(),
            Self::Name(_) => atom("name_taken"),
            Self::NotStarted { reason } => reason.clone(),
        }
    }
}

impl Failure for SupervisorError {
    fn code(&self) -> Code {
        match self {
            Self::Spec(refused) => refused.code(),
            Self::Name(_) => Code::NameInUse,
            Self::NotStarted { .. } => Code::Unreachable,
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Spec(refused) => refused.hint(),
            Self::Name(_) => Hint::fixed("is it running already? Otherwise choose another name"),
            Self::NotStarted { .. } => Hint::fixed("the reason names the child that did not start; what it needs must be there before it"),
        }
    }
}

/// A supervisor does not do what it is asked.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChildError {
    /// It was not asked, or does not answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// There is no such child.
    #[error("there is no child {0}")]
    NotFound(Term),
    /// The child runs: it has to be stopped first.
    #[error("the child {0} runs")]
    Running(Term),
    /// The child is about to be started again.
    #[error("the child {0} is being restarted")]
    Restarting(Term),
    /// There is a child of this id, and it runs.
    #[error("the child {id} has been started already, as {pid}")]
    AlreadyStarted {
        /// Of this id.
        id: Term,
        /// This one.
        pid: Pid,
    },
    /// There is a child of this id, which was stopped.
    #[error("the child {0} is there already")]
    AlreadyPresent(Term),
    /// The supervisor lets peers only look.
    #[error("the supervisor lets peers only look")]
    NotAllowed,
    /// A specification holds functions, which do not travel; and peers may not stop a supervisor.
    #[error("only a process of the supervisor's own node may ask for this")]
    Elsewhere,
    /// It does not start.
    #[error("the child {id} does not start: {reason}")]
    NotStarted {
        /// Which.
        id: Term,
        /// Why.
        reason: Term,
    },
    /// What came is no answer of a supervisor.
    #[error("this is no answer of a supervisor: {answer}")]
    Strange {
        /// This.
        answer: Term,
    },
}

impl ChildError {
    /// What a supervisor says instead of what it was asked for.
    pub(super) fn of(answer: Term, id: &Term) -> Self {
        let id = id.clone();
        let Some([word, reason]) = answer.as_tuple() else { return Self::Strange { answer } };
        if !word.is_atom("error") {
            return Self::Strange { answer };
        }
        match (reason.as_atom().map(crate::etf::Atom::as_str), reason.as_tuple()) {
            (Some("not_found"), _) => Self::NotFound(id),
            (Some("running"), _) => Self::Running(id),
            (Some("restarting"), _) => Self::Restarting(id),
            (Some("already_present"), _) => Self::AlreadyPresent(id),
            (Some("not_allowed"), _) => Self::NotAllowed,
            (_, Some([word, Term::Pid(pid)])) if word.is_atom("already_started") => Self::AlreadyStarted { id, pid: pid.as_ref().clone() },
            _ => Self::NotStarted { id, reason: reason.clone() },
        }
    }
}

impl Failure for ChildError {
    fn code(&self) -> Code {
        match self {
            Self::Call(error) => error.code(),
            Self::NotFound(_) | Self::NotStarted { .. } => Code::Unreachable,
            Self::Running(_) | Self::Restarting(_) | Self::AlreadyStarted { .. } | Self::AlreadyPresent(_) => Code::NameInUse,
            Self::NotAllowed | Self::Elsewhere => Code::NotAllowed,
            Self::Strange { .. } => Code::ProtocolViolation,
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Call(error) => error.hint(),
            Self::NotFound(_) => Hint::fixed("which_children lists those there are; a temporary one is forgotten when it ends"),
            Self::Running(_) => Hint::fixed("terminate_child first"),
            Self::Restarting(_) => Hint::fixed("terminate_child ends the attempts"),
            Self::AlreadyStarted { .. } => Hint::fixed("nothing to do, or give the new one another id"),
            Self::AlreadyPresent(_) => Hint::fixed("restart_child starts it, delete_child forgets it"),
            Self::NotAllowed => Hint::fixed("ask on its own node, or build it with peers_may_change or callers_may_change"),
            Self::Elsewhere => Hint::fixed("ask from a process of the supervisor's own node"),
            Self::NotStarted { .. } => Hint::fixed("the reason is the child's own"),
            Self::Strange { .. } => Hint::fixed("is this process a supervisor?"),
        }
    }
}
