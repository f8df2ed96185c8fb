//! Why a demo did not come to its end.

use super::scene::Scene;
use crate::authority::AuthorityError;
use crate::cli::development::DevelopmentError;
use crate::cli::trouble::Trouble;
use crate::epmd::EpmdError;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::node::{ConnectError, HandOverError, StartError};
use crate::node_name::NodeName;
use crate::otp::gen_server::{AskError, StartFailed};
use crate::tls::UpdateRefused;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

/// In which scene, and what happened there.
#[derive(Debug, thiserror::Error)]
#[error("the demo did not get beyond \"{scene}\"")]
pub(crate) struct DemoError {
    pub(super) scene: Scene,
    #[source]
    pub(super) mishap: Mishap,
}

/// What can happen in a demo. What it shows off is checked, too: a demo that shows something else fails.
#[derive(Debug, thiserror::Error)]
pub(super) enum Mishap {
    #[error("{0}")]
    Command(Box<Trouble>),
    #[error("{0}")]
    Start(#[from] StartError),
    #[error("{0}")]
    Connect(#[from] Arc<ConnectError>),
    #[error("{0}")]
    HandOver(#[from] HandOverError),
    #[error("{0}")]
    Update(#[from] UpdateRefused),
    #[error("{0}")]
    Ask(#[from] AskError),
    #[error("{0}")]
    Server(#[from] StartFailed),
    #[error("the other process cannot be started")]
    NotSpawned(#[source] io::Error),
    #[error("the other process has ended ({})", .status.map_or_else(|| "nobody knows how".to_owned(), |status| status.to_string()))]
    ProcessEnded { status: Option<ExitStatus> },
    #[error("the other process does not say where it listens, but {said:?}")]
    NoAddress { said: String },
    #[error("interrupted by {signal}")]
    Interrupted { signal: &'static str },
    #[error("it took longer than {within:?}")]
    Overdue { within: Duration },
    #[error("{from} was kept from sending: {reason}")]
    Silenced { from: NodeName, reason: String },
    #[error("of {sent} numbers from {from}, {heard} arrived in order")]
    Lost { from: NodeName, sent: u64, heard: u64 },
    #[error("the link did not move: {shown} is shown, {seen} is seen")]
    NotMoved { shown: String, seen: String },
    #[error("the link is not the one that it was")]
    AnotherLink,
    #[error("the impostor was let in")]
    LetIn,
    #[error("the impostor was turned away for another reason: {0}")]
    OtherReason(Arc<ConnectError>),
    #[error("{}: not a demo's directory", .path.display())]
    NotOfADemo { path: PathBuf },
    #[error("{}: cannot be removed", .path.display())]
    LeftBehind { path: PathBuf, source: io::Error },
}

impl DemoError {
    /// Whether nobody reads any more what is told.
    pub(in crate::cli) fn is_broken_pipe(&self) -> bool {
        matches!(&self.mishap, Mishap::Command(trouble) if trouble.is_broken_pipe())
    }
}

impl Failure for DemoError {
    fn code(&self) -> Code {
        self.mishap.carried().map_or(Code::InvalidTlsConfiguration, Failure::code)
    }

    fn hint(&self) -> Hint {
        match &self.mishap {
            Mishap::NotSpawned(_) => Hint::fixed("the program starts itself: is its file still there, and may it be run?"),
            Mishap::ProcessEnded { .. } => Hint::fixed("was it killed? what it said stands above; RUST_LOG=info has it say more"),
            Mishap::Interrupted { .. } => Hint::fixed("nothing is left behind; begin again whenever you like"),
            Mishap::Overdue { .. } => Hint::fixed("is the machine very busy? RUST_LOG=debug shows what it waits for"),
            Mishap::NotOfADemo { .. } => Hint::fixed("this command is for countersign demo, which starts it"),
            Mishap::LeftBehind { .. } => Hint::fixed("remove it by hand: keys of a throwaway CA lie there"),
            other => other.carried().map_or(BUG, Failure::hint),
        }
    }
}

impl Mishap {
    fn carried(&self) -> Option<&dyn Failure> {
        match self {
            Self::Command(error) => Some(error.as_ref()),
            Self::Start(error) => Some(error),
            Self::Connect(error) | Self::OtherReason(error) => Some(error.as_ref()),
            Self::HandOver(error) => Some(error),
            Self::Update(error) => Some(error),
            Self::Ask(error) => Some(error),
            Self::Server(error) => Some(error),
            _ => None,
        }
    }
}

/// What the commands are made of.
macro_rules! command {
    ($($error:ty),*) => {
        $(impl From<$error> for Mishap {
            fn from(error: $error) -> Self {
                Self::Command(Box::new(error.into()))
            }
        })*
    };
}

command!(Trouble, DevelopmentError, AuthorityError, EpmdError, io::Error);

const BUG: Hint = Hint::fixed("this should not happen: please report it, with the output of RUST_LOG=debug countersign demo");
