//! The task that drives a connection of a link, both directions at once.
//!
//! Its rules, each learnt from a measurement. It registers its waker before it looks at the buffer. It
//! takes the buffer whole, under a short lock. After a read, too, it flushes what TLS wants to say. What a
//! write took is not sent before a flush says so. It works at most sixteen rounds before others have
//! their turn. It never reads into an empty buffer. It hands what it has read over in batches. And before it
//! sleeps it looks again for a moment.

mod stall;
mod vigil;
mod wear;

use super::connection::Connection;
use super::link::outbox::Taken;
use super::link::trace::Way;
use super::link::{Ended, Link, LinkClosed, LinkFacts, LinkLimits, TransportFacts, Why};
use super::meeting::Met;
use super::timeout::Timeout;
use crate::dist::{Beat, Form, Framing, Heard, PacketReader, Pulse, ReadLimits, Splitter, TickTime, Violation};
use crate::rt;
use bytes::BytesMut;
use futures_util::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use stall::Stall;
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use vigil::Vigil;
use wear::Wear;

/// Who is told what a peer says.
pub trait Hear: Send {
    /// Takes all of these, in their order, and waits for nothing.
    ///
    /// # Errors
    /// The peer breaks the protocol, and its link ends.
    fn hear(&mut self, messages: &mut Vec<Heard>) -> Result<(), Violation>;
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
        let link =
            Link::new(LinkFacts::of(&met), TransportFacts::of(&met.connection), options.limits, options.trace_control, met.last_word);
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
    }
}

struct Driver<H> {
    link: Arc<Link>,
    connection: Connection,
    ear: H,
    reader: PacketReader,
    splitter: Splitter,
    read: BytesMut,
    batch: Vec<Heard>,
    out: Vec<u8>,
    written: usize,
    vigil: Vigil,
    /// TLS may have more to say than was written.
    unflushed: bool,
    /// Nothing can be written any more, and why. What the peer said before may still be there to be read.
    broken: Option<Ended>,
    wear: Wear,
    stall: Stall,
    began: Instant,
    pulse: Pulse,
    period: Duration,
    alarm: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl<H: Hear> Driver<H> {
    fn new(transport: Transport, ear: H) -> Self {
        let Transport { link, connection, options, read } = transport;
        let facts = link.facts();
        let pulse = Pulse::new(options.tick, Duration::ZERO, !facts.is_visible());
        let wear = Wear::of(link.transport().tls.as_ref());
        Self {
            reader: PacketReader::new(Form::agreed(facts.flags), options.read),
            splitter: Splitter::new(Framing::Four, options.frame_bytes),
            alarm: Box::pin(rt::sleep(pulse.next_look())),
            period: options.tick.period,
            stall: Stall::new(options.send_timeout),
            began: Instant::now(),
            batch: Vec::new(),
            out: Vec::new(),
            written: 0,
            vigil: Vigil::new(),
            unflushed: false,
            broken: None,
            link,
            connection,
            ear,
            read,
            wear,
            pulse,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ended> {
        self.link.outbox.driver.register(cx.waker());
        match self.rounds(cx) {
            Ok(more) => {
                if more || self.vigil.lasts() {
                    cx.waker().wake_by_ref();
                }
            }
            Err(ended) => return Poll::Ready(ended),
        }
        Poll::Pending
    }

    /// Whether there is more to do at once.
    fn rounds(&mut self, cx: &mut Context<'_>) -> Result<bool, Ended> {
        // What came with the handshake's last bytes may be whole frames.
        self.hear()?;
        for _ in 0..ROUNDS {
            self.watch_pulse(cx)?;
            let wrote = self.write(cx)?;
            let read = self.read(cx)?;
            let flushed = self.flush(cx)?;
            // Behind all three: what they leave is what the peer does not take.
            self.stall.look(cx, self.unflushed || self.written < self.out.len())?;
            if wrote || read {
                self.vigil.begin();
            } else if !flushed {
                return self.broken.take().map_or(Ok(false), Err);
            }
        }
        Ok(true)
    }

    fn watch_pulse(&mut self, cx: &mut Context<'_>) -> Result<(), Ended> {
        while self.alarm.as_mut().poll(cx).is_ready() {
            let now = self.began.elapsed();
            match self.pulse.look(now) {
                Beat::Quiet => {}
                Beat::Tick => self.link.outbox.tick(),
                Beat::Dead => return Err(Ended::Silent { period: self.period }),
            }
            self.slim();
            self.alarm = Box::pin(rt::sleep(self.pulse.next_look().saturating_sub(now)));
        }
        Ok(())
    }

    /// Buffers that were large once must not stay so for the life of the link. Looked at with the pulse, and not
    /// after each write: a busy link would only make them anew.
    fn slim(&mut self) {
        if self.written == self.out.len() {
            (self.out, self.written) = (Vec::new(), 0);
        }
        self.link.outbox.slim();
    }

    fn write(&mut self, cx: &mut Context<'_>) -> Result<bool, Ended> {
        if self.link.outbox.is_over() {
            return Err(Ended::Us(Why::Disconnected));
        }
        if self.broken.is_some() {
            return Ok(false);
        }
        if self.written == self.out.len() {
            self.out.clear();
            self.written = 0;
            match self.link.outbox.take(&mut self.out) {
                Taken::Bytes => {}
                Taken::Nothing => return Ok(false),
                // Whatever was written must have left before the connection is closed.
                Taken::Finished(why) => return if self.unflushed { Ok(false) } else { Err(Ended::Us(why)) },
                Taken::Ended => return Err(Ended::Us(Why::Disconnected)),
            }
        }
        let rest = self.out.get(self.written..).unwrap_or_default();
        match Pin::new(&mut self.connection).poll_write(cx, rest) {
            Poll::Ready(Ok(0)) => Ok(self.breaks(Ended::ByPeer)),
            Poll::Ready(Ok(count)) => {
                self.written += count;
                self.unflushed = true;
                self.stall.moved();
                self.pulse.has_written(self.began.elapsed());
                if self.wear.write(count) {
                    self.link.finish(Why::KeysWornOut);
                }
                Ok(true)
            }
            Poll::Ready(Err(error)) => Ok(self.breaks(Ended::of(error))),
            Poll::Pending => Ok(false),
        }
    }

    fn breaks(&mut self, ended: Ended) -> bool {
        self.broken = Some(ended);
        self.unflushed = false;
        false
    }

    fn read(&mut self, cx: &mut Context<'_>) -> Result<bool, Ended> {
        let (connection, read) = (&mut self.connection, &mut self.read);
        let polled = SCRATCH.with_borrow_mut(|scratch| {
            let polled = Pin::new(connection).poll_read(cx, scratch);
            if let Poll::Ready(Ok(count)) = polled {
                read.extend_from_slice(scratch.get(..count).unwrap_or_default());
            }
            polled
        });
        match polled {
            Poll::Ready(Ok(0)) => Err(Ended::ByPeer),
            Poll::Ready(Ok(count)) => {
                self.unflushed = true;
                self.link.outbox.has_received(count);
                self.pulse.has_read(self.began.elapsed());
                self.hear()?;
                if !self.read.is_empty() {
                    // A long frame is under way.
                    self.link.outbox.is_spoken_to();
                }
                Ok(true)
            }
            Poll::Ready(Err(error)) => Err(Ended::of(error)),
            Poll::Pending => Ok(false),
        }
    }

    /// Hands over what has come, all at once; what came before a violation too.
    fn hear(&mut self) -> Result<(), Ended> {
        let cut = self.cut_frames();
        if !self.batch.is_empty() {
            self.trace();
            self.link.outbox.has_heard(self.batch.len());
            self.ear.hear(&mut self.batch)?;
            self.batch.clear();
        }
        self.make_room();
        Ok(cut?)
    }

    fn trace(&self) {
        if !self.link.is_traced() {
            return;
        }
        let mut last = None;
        for heard in &self.batch {
            let payload = match heard {
                Heard::Message(message) => {
                    last = Some(&message.control);
                    message.payload.as_ref()
                }
                Heard::Again(payload) => Some(payload),
            };
            last.iter().for_each(|control| self.link.trace(Way::In, control, payload));
        }
    }

    /// Room for the rest of a frame, made once instead of again and again; but what a peer only announces is
    /// not believed beyond a point.
    fn make_room(&mut self) {
        if self.read.is_empty() {
            // The messages own the bytes now; keeping the rest of the buffer would keep them all.
            self.read = BytesMut::new();
        } else if let Some(wanted) = self.splitter.wanted(&self.read) {
            self.read.reserve(wanted.min(ROOM).saturating_sub(self.read.len()));
        }
    }

    fn cut_frames(&mut self) -> Result<(), Violation> {
        let mut frames = self.splitter.take_whole(&mut self.read);
        self.reader.begin();
        let mut has_packets = false;
        while let Some(packet) = frames.next_packet() {
            has_packets = true;
            self.batch.extend(self.reader.read_in(packet)?);
        }
        if has_packets {
            self.link.outbox.is_spoken_to();
        }
        // What is left is not complete, or too long to ever be.
        self.splitter.next(&mut self.read).map(drop)
    }

    /// Whether all is out now that was not before.
    fn flush(&mut self, cx: &mut Context<'_>) -> Result<bool, Ended> {
        if !self.unflushed || self.broken.is_some() {
            return Ok(false);
        }
        match Pin::new(&mut self.connection).poll_flush(cx) {
            Poll::Ready(Ok(())) => {
                self.unflushed = false;
                self.stall.moved();
            }
            Poll::Ready(Err(error)) => return Ok(self.breaks(Ended::of(error))),
            Poll::Pending => {}
        }
        Ok(!self.unflushed)
    }

    /// Says goodbye, as far as the peer listens, and waits until it has gone too: a socket that is closed with
    /// bytes unread takes back what is still on its way to the peer.
    async fn close(&mut self) {
        let connection = &mut self.connection;
        let closing = async {
            // A peer that is gone already needs no goodbye.
            if connection.close().await.is_ok() {
                rt::drain(connection).await;
            }
        };
        rt::timeout(GOODBYE, closing).await.unwrap_or_default();
    }
}

thread_local! {
    /// Where bytes land before they are known to be frames: one for each thread and not for each link, since
    /// nothing stays in it between two polls.
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; CHUNK].into_boxed_slice());
}

/// Before others have their turn.
const ROUNDS: usize = 16;
const CHUNK: usize = 64 * 1024;
/// What is set aside for a frame on the word of its length.
const ROOM: usize = 256 * 1024;
/// For a peer to read to the end, and to close.
const GOODBYE: Duration = Duration::from_secs(2);
