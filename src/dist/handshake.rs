//! Two nodes say their names, and each shows that it knows the cookie. What each step may be follows from
//! the types: a state consumes itself and returns what to send and the next state.
//!
//! Frames are without the length in front ([`Framing`](super::Framing) puts it there).
//!
//! ```
//! use countersign::dist::{Challenge, Cookie, Flags, Local, Outstanding, acceptor, initiator};
//! use countersign::etf::Creation;
//!
//! let node = |name: &str| -> Result<Local, Box<dyn std::error::Error>> {
//!     Ok(Local { name: name.parse()?, creation: Creation(7), flags: Flags::DEFAULT, cookie: Cookie::new(b"secret".to_vec()) })
//! };
//! let (a, b) = (node("a@localhost")?, node("b@localhost")?);
//!
//! let (name, ours) = initiator::send_name(&a, b.name.clone());
//! let acceptor::Introduced::Named(theirs) = acceptor::AwaitName::new(&b).on_name(&name).unwrap() else { panic!("it has one") };
//! let ([status, challenge], theirs) = theirs.send_ok(Challenge(1));
//! let initiator::AfterStatus::Continue(ours) = ours.on_status(&status)? else { panic!("ok") };
//! let (reply, ours) = ours.on_challenge(&challenge, Challenge(2), &Outstanding::default())?;
//! let (ack, theirs) = theirs.on_challenge_reply(&reply)?;
//! let ours = ours.on_challenge_ack(&ack)?;
//! assert_eq!((ours.peer.as_str(), theirs.peer.as_str()), ("b@localhost", "a@localhost"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod acceptor;
pub mod initiator;
mod message;
mod refused;
mod status;

pub use refused::Refused;
pub use status::Status;

use super::cookie::Cookie;
use super::flags::Flags;
use crate::etf::Creation;
use crate::node_name::NodeName;

/// This node, as it introduces itself.
#[derive(Clone, Debug)]
pub struct Local {
    /// Its name.
    pub name: NodeName,
    /// Which life of it; EPMD says so.
    pub creation: Creation,
    /// What it can do.
    pub flags: Flags,
    /// What it shares with its peer.
    pub cookie: Cookie,
}

/// Two nodes that have become peers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Established {
    /// Our name; of a dynamically named node, the one that it was given.
    pub local: NodeName,
    /// Which life of ours.
    pub local_creation: Creation,
    /// The peer's name.
    pub peer: NodeName,
    /// Which life of the peer.
    pub creation: Creation,
    /// What both can do. Visible only if it holds PUBLISHED.
    pub flags: Flags,
    /// There is an older link to this name, which ends now.
    pub replaces: bool,
}

/// What is known of the peer before its cookie is checked.
#[derive(Debug)]
struct Shaken {
    peer: NodeName,
    creation: Creation,
    flags: Flags,
}

impl Shaken {
    fn established(self, local: Local, replaces: bool) -> Established {
        let Self { peer, creation, flags } = self;
        Established { local: local.name, local_creation: local.creation, peer, creation, flags, replaces }
    }
}

/// What both can do.
fn agreed(ours: Flags, theirs: Flags, peer: &str) -> Result<Flags, Refused> {
    let missing = theirs.missing();
    if missing != Flags::NONE {
        return Err(Refused::MissingFlags { peer: peer.to_owned(), missing });
    }
    Ok((ours.expanded() & theirs.expanded()).without(Flags::NAME_ME))
}
