//! Why a link was not handed over when somebody wanted it.

use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::node::error::ConnectReason;
use crate::node_name::NodeName;

/// Why a link stays on the connection that it has; or that there is none.
#[derive(Debug, thiserror::Error)]
#[error("the link to {peer} was not handed over: {reason}")]
pub struct HandOverError {
    peer: NodeName,
    #[source]
    reason: ConnectReason,
}

impl HandOverError {
    pub(super) const fn new(peer: NodeName, reason: ConnectReason) -> Self {
        Self { peer, reason }
    }

    /// Whose link it is.
    pub const fn peer(&self) -> &NodeName {
        &self.peer
    }

    /// Why.
    pub const fn reason(&self) -> &ConnectReason {
        &self.reason
    }
}

impl Failure for HandOverError {
    fn code(&self) -> Code {
        self.reason.code()
    }

    fn hint(&self) -> Hint {
        self.reason.hint()
    }
}
