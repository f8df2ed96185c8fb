//! What is wrong with a source, as something to show.

use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::tls::requirement::UpdateRefused;
use std::error::Error;
use std::time::Duration;

/// Why the certificate in force was not replaced, or could not be after a restart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
#[non_exhaustive]
pub struct SourceTrouble {
    /// The code of the failure behind it.
    pub code: Code,
    /// Who could not work with the certificate; `None` if there is no whole one.
    pub holder: Option<String>,
    /// The failure's sentence, and what lies behind it.
    pub reason: String,
    /// What to do about it.
    pub hint: Hint,
}

impl SourceTrouble {
    pub(crate) fn of(failure: &(dyn Failure + Send + Sync)) -> Self {
        Self { code: failure.code(), holder: None, reason: sentences(failure), hint: failure.hint() }
    }

    pub(super) fn silent(within: Duration) -> Self {
        let reason = format!("there was no answer within {within:?}");
        Self { code: Code::Timeout, holder: None, reason, hint: Hint::fixed("does the disk answer, or the service behind it?") }
    }

    pub(super) fn crowded() -> Self {
        let hint = Hint::fixed("does the disk answer on which they lie? Certificates at the node's own sources are still taken");
        let reason = "those that were given before have not been read yet".to_owned();
        Self { code: Code::Timeout, holder: None, reason, hint }
    }

    pub(super) fn panicked(who: &str) -> Self {
        let hint = Hint::fixed("it is the program's own, and its fault; the log has the panic's message");
        Self { code: Code::CallFailed, holder: None, reason: format!("the {who} panicked"), hint }
    }
}

impl From<UpdateRefused> for SourceTrouble {
    fn from(refused: UpdateRefused) -> Self {
        Self { holder: Some(refused.holder().to_owned()), ..Self::of(&refused) }
    }
}

impl Failure for SourceTrouble {
    fn code(&self) -> Code {
        self.code
    }

    fn hint(&self) -> Hint {
        self.hint.clone()
    }
}

/// Each once: a failure may repeat what lies behind it.
fn sentences(failure: &dyn Error) -> String {
    let mut said = failure.to_string();
    let mut cause = failure.source();
    while let Some(error) = cause {
        let sentence = error.to_string();
        if !said.ends_with(&sentence) {
            said = format!("{said}: {sentence}");
        }
        cause = error.source();
    }
    said
}
