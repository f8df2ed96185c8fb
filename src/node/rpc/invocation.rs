//! What an exported function gets.

use crate::etf::{Pid, Term};
use crate::node::identity::Identity;
use crate::node::peer::Peer;
use crate::node::process::Process;
use crate::node_name::NodeName;
use std::sync::Arc;

/// One call of an exported function.
///
/// ```
/// use countersign::etf::{Term, atom, tuple};
/// use countersign::node::rpc::{Call, Raised};
///
/// /// `greet(Name)`: says who calls, and leaves a message where it came from.
/// async fn greet(mut call: Call) -> Result<Term, Raised> {
///     let [name] = call.arguments.as_slice() else { return Err(Raised::error(atom("badarg"))) };
///     let greeting = tuple([atom("hello"), name.clone(), Term::from(call.caller.to_string())]);
///     if let Some(pid) = call.caller.pid.clone() {
///         call.process.send(&pid, atom("seen")).await.map_err(|_| Raised::exit(atom("gone")))?;
///     }
///     Ok(greeting)
/// }
/// # let _ = greet;
/// ```
#[derive(Debug)]
pub struct Call {
    /// The process as which it runs, and which ends with it: with a pid, a mailbox, links and monitors of its own.
    pub process: Process,
    /// What it was called with.
    pub arguments: Vec<Term>,
    /// Who calls.
    pub caller: Caller,
}

/// Who calls a function.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The process at which the call was made, if it is known. Of [`Caller::peer`], always.
    pub pid: Option<Pid>,
    /// Which peer; `None`: a process of this node.
    pub peer: Option<Arc<Peer>>,
    pub(super) node: NodeName,
}

impl Caller {
    /// The name of its node.
    pub const fn node(&self) -> &NodeName {
        &self.node
    }

    /// Who the peer has shown to be; `None`: this node itself.
    pub fn identity(&self) -> Option<Arc<Identity>> {
        self.peer.as_deref().map(Peer::identity)
    }
}

impl std::fmt::Display for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.node.fmt(f)
    }
}
