//! A link to a node that is up: what is said to it, from any task, in order. The bytes go through a
//! [`transport`](super::transport), which one task drives.

mod ended;
pub(super) mod outbox;
pub(super) mod trace;

pub use ended::{Ended, LinkClosed, Why};
use outbox::Outbox;

use super::meeting::Met;
use crate::dist::{Control, Flags, Form, Unsendable};
use crate::etf::{Atom, Creation, Pid, Term};
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::node_name::NodeName;
use crate::tls::{Ends, Issue, PeerCertificate};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Tells the links of a process apart, also two to the same node one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LinkId(u64);

/// What is known of a link since it came up.
#[derive(Clone, Debug)]
pub struct LinkFacts {
    /// Which link.
    pub id: LinkId,
    /// Our name: of a node that was given one, that.
    pub local: NodeName,
    /// Who is at the other end.
    pub peer: NodeName,
    /// The peer's name as identifiers have it.
    pub peer_atom: Atom,
    /// Which life of the peer.
    pub creation: Creation,
    /// What both can do.
    pub flags: Flags,
    /// Whether we dialled.
    pub dialled: bool,
    /// The two addresses.
    pub ends: Ends,
    /// What was agreed on, unless it is plain TCP.
    pub tls: Option<TlsFacts>,
    /// The certificate that the peer presented.
    pub peer_certificate: Option<PeerCertificate>,
    /// The certificate that we presented, whatever has been rotated since.
    pub presented: Option<Issue>,
}

/// What the two ends of a TLS connection agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TlsFacts {
    /// The version, such as `TLSv1_3`.
    pub version: &'static str,
    /// The suite, such as `TLS13_CHACHA20_POLY1305_SHA256`.
    pub suite: &'static str,
    /// The key exchange, such as `X25519MLKEM768`.
    pub key_exchange: &'static str,
    /// Whether the peer is a node of our own kind.
    pub is_ours: bool,
}

impl TlsFacts {
    /// Whether the link has to end before its keys are worn out. AES-GCM allows 2^24 records under one key. Then
    /// TLS 1.3 takes new keys and asks the peer to, which OTP does not survive; and TLS 1.2 takes none.
    pub fn keys_wear_out(&self) -> bool {
        let are_renewed = self.is_ours && self.version == "TLSv1_3";
        !are_renewed && self.suite.contains("_GCM_")
    }
}

impl LinkFacts {
    pub(super) fn of(met: &Met) -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let tls = met.connection.tls();
        let (local, peer) = (met.established.local.clone(), met.established.peer.clone());
        // A name of a node is never longer than an atom may be.
        let peer_atom = Atom::new(peer.as_str()).unwrap_or(Atom::fixed(""));
        Self {
            id: LinkId(LAST.fetch_add(1, Ordering::Relaxed)),
            local,
            peer,
            peer_atom,
            creation: met.established.creation,
            flags: met.established.flags,
            dialled: met.dialled,
            ends: met.connection.ends(),
            tls: tls.map(|tls| TlsFacts {
                version: tls.version(),
                suite: tls.suite(),
                key_exchange: tls.key_exchange(),
                is_ours: tls.is_ours(),
            }),
            peer_certificate: met.connection.peer_certificate().cloned(),
            presented: met.connection.presented().cloned(),
        }
    }

    /// Whether OTP would list the peer under `nodes()`.
    pub const fn is_visible(&self) -> bool {
        self.flags.contains(Flags::PUBLISHED)
    }
}

/// How much a link lets wait.
#[derive(Clone, Copy, Debug)]
pub struct LinkLimits {
    /// So many bytes wait for the peer before a sender waits too. The rest of long messages is not among them:
    /// each has a sender who waits, and 16 of them wait at most.
    pub send_buffer: usize,
    /// So many bytes that nobody waited for end the link: a peer that asks, and reads no answer, must not
    /// fill the memory.
    pub unread_answers: usize,
}

/// The sending end of a link. What goes in comes out in that order, or the link ends.
#[derive(Debug)]
pub struct Link {
    facts: LinkFacts,
    /// Whether each message has a line in the log.
    traces: bool,
    pub(super) outbox: Outbox,
}

impl Link {
    pub(super) fn new(facts: LinkFacts, limits: LinkLimits, traces: bool, first: Vec<u8>) -> Arc<Self> {
        let outbox = Outbox::new(Form::agreed(facts.flags), limits, first);
        Arc::new(Self { facts, traces, outbox })
    }

    pub(super) const fn is_traced(&self) -> bool {
        self.traces
    }

    pub(super) fn trace(&self, way: trace::Way, control: &Control, payload: Option<&Term>) {
        if self.traces {
            trace::line(&self.facts.peer, way, control, payload);
        }
    }

    /// What is known of it.
    pub const fn facts(&self) -> &LinkFacts {
        &self.facts
    }

    /// Which link.
    pub const fn id(&self) -> LinkId {
        self.facts.id
    }

    /// Sends a message, having waited until there is room for it. A long message waits also until its last
    /// fragment is on its way: others may go between its fragments, but nothing else of this sender.
    ///
    /// # Errors
    /// The link has ended, or the message cannot be sent.
    pub async fn send(&self, control: &Control, payload: Option<&Term>) -> Result<(), NotSent> {
        self.trace(trace::Way::Out, control, payload);
        self.outbox.send(control, payload).await
    }

    /// Sends a signal at once, however much waits already: for what cannot wait, such as the end of a process.
    ///
    /// # Errors
    /// The link has ended, or the message cannot be sent.
    pub fn post(&self, control: impl Into<Control>, payload: Option<&Term>) -> Result<(), NotSent> {
        let control = control.into();
        self.trace(trace::Way::Out, &control, payload);
        self.outbox.post(None, &control, payload)
    }

    /// As [`Link::post`], behind everything that this process has sent: for signals that do not name it.
    ///
    /// # Errors
    /// The link has ended, or the message cannot be sent.
    pub fn post_behind(&self, sender: &Pid, control: impl Into<Control>, payload: Option<&Term>) -> Result<(), NotSent> {
        let control = control.into();
        self.trace(trace::Way::Out, &control, payload);
        self.outbox.post(Some(sender), &control, payload)
    }

    /// Waits until there is room for a message, or the link has ended: for who is about to say something that
    /// waits for nobody, and can wait with it.
    pub async fn room(&self) {
        self.outbox.room().await;
    }

    /// Says what waits to be said, and closes. Nothing more is taken.
    pub fn finish(&self, why: Why) {
        self.outbox.finish(why);
    }

    /// Closes at once.
    pub fn cut(&self, ended: Ended) {
        self.outbox.end(ended);
    }

    /// Whether it takes what is to be said: it has not ended, and is not about to.
    pub fn is_up(&self) -> bool {
        self.outbox.is_open()
    }

    /// Why it has ended; `None` while it is up.
    pub fn ended(&self) -> Option<LinkClosed> {
        self.outbox.ended()
    }

    /// Waits for the end.
    pub async fn closed(&self) -> LinkClosed {
        self.outbox.closed().await
    }

    /// How many bytes wait for the peer.
    pub fn waiting(&self) -> usize {
        self.outbox.waiting()
    }

    /// Bytes that have gone to the peer and come from it, before encryption, their framing included.
    pub fn traffic(&self) -> Traffic {
        self.outbox.traffic()
    }
}

/// What has gone over a link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes to the peer.
    pub sent: u64,
    /// Bytes from the peer.
    pub received: u64,
}

/// Why something was not sent.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotSent {
    /// The link has ended.
    #[error("the link has ended")]
    Closed(#[source] LinkClosed),
    /// It cannot be put into bytes.
    #[error(transparent)]
    Unsendable(#[from] Unsendable),
}

impl Failure for NotSent {
    fn code(&self) -> Code {
        match self {
            Self::Closed(closed) => closed.code(),
            Self::Unsendable(error) => error.code(),
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Closed(closed) => closed.hint(),
            Self::Unsendable(error) => error.hint(),
        }
    }
}
