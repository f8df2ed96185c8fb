//! A link to a node that is up: what is said to it, from any task, in order. The bytes go through a
//! [`transport`](super::transport), which one task drives.

mod ended;
mod facts;
pub(super) mod outbox;
mod succession;
pub(super) mod trace;

pub use ended::{Ended, LinkClosed, Why};
pub use facts::{LinkFacts, LinkId, TlsFacts, TransportFacts};
use outbox::Outbox;
use succession::Succession;
pub(super) use succession::{News, Successor};

use super::handover::{CannotHandOver, HandoverError, Handovers};
use crate::dist::handover::{HandoverNumber, LinkKeys, LinkName};
use crate::dist::{Control, Extension, Form, Unsendable};
use crate::etf::{Pid, Term};
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::rt;
use arc_swap::ArcSwap;
use std::sync::Arc;
use std::time::Duration;

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
    /// Of the transport that carries it now.
    transport: ArcSwap<TransportFacts>,
    /// Whether each message has a line in the log.
    traces: bool,
    pub(super) outbox: Outbox,
    pub(super) succession: Succession,
}

/// What a link starts from.
#[derive(Debug)]
pub(super) struct Beginning {
    pub(super) facts: LinkFacts,
    pub(super) transport: TransportFacts,
    /// By which its two ends will know each other on another connection.
    pub(super) keys: Result<LinkKeys, CannotHandOver>,
    /// What is to be said before anything else.
    pub(super) first: Vec<u8>,
}

impl Link {
    pub(super) fn new(beginning: Beginning, limits: LinkLimits, traces: bool) -> Arc<Self> {
        let Beginning { facts, transport, keys, first } = beginning;
        let outbox = Outbox::new(Form::agreed(facts.flags), limits, first);
        Arc::new(Self { facts, transport: ArcSwap::from_pointee(transport), traces, outbox, succession: Succession::new(keys) })
    }

    pub(super) const fn is_traced(&self) -> bool {
        self.traces
    }

    pub(super) fn trace(&self, way: trace::Way, control: &Control, payload: Option<&Term>) {
        if self.traces {
            trace::line(&self.facts.peer, way, control, payload);
        }
    }

    /// What is known of it, for as long as it lives.
    pub const fn facts(&self) -> &LinkFacts {
        &self.facts
    }

    /// What is known of the connection that carries it now.
    pub fn transport(&self) -> Arc<TransportFacts> {
        self.transport.load_full()
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

    /// The same, but only if nothing waits to be said and nothing has been said by either side since
    /// [`Link::spoken`] was so much. Whether it closes.
    pub fn finish_if_silent_since(&self, spoken: u64, why: Why) -> bool {
        self.outbox.finish_if_silent_since(spoken, why)
    }

    /// A number that grows whenever either side says anything but a tick.
    pub fn spoken(&self) -> u64 {
        self.outbox.spoken()
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

    /// By what both ends call it, if it can be handed over.
    pub fn name(&self) -> Option<LinkName> {
        self.succession.keys().ok().map(LinkKeys::name)
    }

    /// How its handovers went.
    pub fn handovers(&self) -> Handovers {
        self.succession.tally()
    }

    /// Notes an attempt that came to nothing.
    pub(crate) fn note_failed_handover(&self, code: Code, reason: String) {
        self.succession.note_failure(code, reason);
    }

    /// Asks the other end, which has dialled this link, to carry it over; and waits until it has.
    ///
    /// # Errors
    /// It cannot, or does not in time.
    pub(crate) async fn ask_for_a_handover(&self, within: Duration) -> Result<(), HandoverError> {
        self.succession.keys().map_err(HandoverError::Cannot)?;
        let mark = self.succession.mark();
        self.outbox.extend(Extension::HandOver).map_err(|_| HandoverError::Ended)?;
        let late = |_| HandoverError::Timeout { step: "the handover that was asked for", within };
        rt::timeout(within, self.succession.after(mark)).await.map_err(late)?
    }

    /// Says that the handover that the other end has asked for came to nothing.
    pub(crate) fn apologise(&self, code: Code) {
        // Without a link nobody waits for it.
        self.outbox.extend(Extension::Failed(code)).unwrap_or_default();
    }

    /// The driver takes it when it looks next.
    pub(super) fn hand_to_driver(&self, successor: Successor) -> Result<(), HandoverError> {
        self.succession.offer(successor)?;
        self.outbox.driver.wake();
        Ok(())
    }

    /// Gives up what the driver has, if the link has not begun to move.
    pub(super) fn withdraw(&self, number: HandoverNumber, why: &HandoverError) -> bool {
        let withdrawn = self.succession.withdraw(number, why);
        self.outbox.driver.wake();
        withdrawn
    }

    /// It has moved in both directions.
    pub(super) fn has_moved(&self, number: HandoverNumber, transport: TransportFacts) {
        self.transport.store(Arc::new(transport));
        self.succession.is_done(number);
    }

    /// What has gone to the peer and come from it: bytes before encryption, their framing included, and messages, of
    /// which signals are some and ticks are none. A message counts when the last of it is on its way, or has come.
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
    /// Messages to the peer.
    pub messages_sent: u64,
    /// Messages from the peer.
    pub messages_received: u64,
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
