//! The task that drives a connection of a link, both directions at once.
//!
//! Its rules, each learnt from a measurement. It registers its waker before it looks at the buffer. It
//! takes the buffer whole, under a short lock. After a read, too, it flushes what TLS wants to say. What a
//! write took is not sent before a flush says so. It works at most sixteen rounds before others have
//! their turn. It never reads into an empty buffer. It hands what it has read over in batches. And before it
//! sleeps it looks again for a moment.

mod driver;
mod lanes;
mod next;
mod scratch;
mod stall;
mod vigil;
mod wear;

use super::connection::Connection;
use super::handover;
use super::link::{Beginning, Ended, Link, LinkClosed, LinkFacts, LinkLimits, TransportFacts, Why};
use super::meeting::Met;
use super::timeout::Timeout;
use crate::dist::{Heard, ReadLimits, TickTime, Violation};
use bytes::BytesMut;
use driver::Driver;
use std::sync::Arc;

/// Who is told what a peer says.
pub trait Hear: Send {
    /// Takes all of these, in their order, and waits for nothing.
    ///
    /// # Errors
    /// The peer breaks the protocol, and its link ends.
    fn hear(&mut self, messages: &mut Vec<Heard>) -> Result<(), Violation>;

    /// The peer, which we have dialled, has a new certificate and asks to be dialled again.
    fn hear_that_a_handover_is_wanted(&mut self) {}
}

/// How a transport is driven.
#[derive(Clone, Copy, Debug)]
pub struct TransportOptions {
    /// How long a silent peer is believed to live.
    pub tick: TickTime,
    /// The longest frame.
    pub frame_bytes: usize,
    /// What a peer may ask of terms and of messages in fragments.
    pub read: ReadLimits,
    /// How much waits for the peer.
    pub limits: LinkLimits,
    /// How long the peer may take nothing of what waits for it.
    pub send_timeout: Timeout,
    /// Whether each control message has a line in the log, with its payload masked.
    pub trace_control: bool,
}

/// A link, and the transport under it that somebody has to drive.
#[derive(Debug)]
pub struct Transport {
    link: Arc<Link>,
    connection: Connection,
    options: TransportOptions,
    read: BytesMut,
}

impl Transport {
    /// Makes a link of two nodes that have met.
    pub fn new(met: Met, options: TransportOptions) -> Self {
        let (facts, transport) = (LinkFacts::of(&met), TransportFacts::of(&met.connection));
        let beginning = Beginning { facts, transport, keys: handover::keys(&met.connection), first: met.last_word };
        let link = Link::new(beginning, options.limits, options.trace_control);
        Self { link, connection: met.connection, options, read: met.early }
    }

    /// The sending end.
    pub fn link(&self) -> Arc<Link> {
        Arc::clone(&self.link)
    }

    /// Carries bytes until the link ends, and says why it did. Dropped before, it ends the link at once.
    pub async fn drive<H: Hear>(self, ear: H) -> LinkClosed {
        let _end_at_last = EndAtLast(Arc::clone(&self.link));
        let link = Arc::clone(&self.link);
        let mut driver = Driver::new(self, ear);
        let ended = std::future::poll_fn(|cx| driver.poll(cx)).await;
        if matches!(ended, Ended::Us(_)) && !link.outbox.is_over() {
            driver.close().await;
        }
        link.outbox.end(ended)
    }
}

struct EndAtLast(Arc<Link>);

impl Drop for EndAtLast {
    fn drop(&mut self) {
        self.0.outbox.end(Ended::Us(Why::Stopped));
        self.0.succession.end();
    }
}
