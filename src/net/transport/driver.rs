//! What the task of a transport does when it is polled.

use super::lanes::{Lanes, Turn};
use super::scratch::with_scratch;
use super::stall::Stall;
use super::vigil::Vigil;
use super::wear::Wear;
use super::{Hear, Transport};
use crate::dist::{Beat, Extension, Form, Framing, Heard, PacketReader, Pulse, Splitter, Violation};
use crate::net::link::outbox::Taken;
use crate::net::link::trace::Way;
use crate::net::link::{Ended, Link, Why};
use crate::rt;
use bytes::BytesMut;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

pub(super) struct Driver<H> {
    link: Arc<Link>,
    lanes: Lanes,
    ear: H,
    reader: PacketReader,
    splitter: Splitter,
    read: BytesMut,
    batch: Vec<Heard>,
    out: Vec<u8>,
    written: usize,
    stall: Stall,
    vigil: Vigil,
    /// TLS may have more to say than was written.
    unflushed: bool,
    /// Nothing can be written any more, and why. What the peer said before may still be there to be read.
    broken: Option<Ended>,
    wear: Wear,
    began: Instant,
    pulse: Pulse,
    period: Duration,
    alarm: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl<H: Hear> Driver<H> {
    pub(super) fn new(transport: Transport, ear: H) -> Self {
        let Transport { link, connection, options, read } = transport;
        let facts = link.facts();
        let pulse = Pulse::new(options.tick, Duration::ZERO, !facts.is_visible());
        let wear = Wear::of(link.transport().tls.as_ref());
        Self {
            reader: PacketReader::new(Form::agreed(facts.flags), options.read).extended(link.succession.keys().is_ok()),
            splitter: Splitter::new(Framing::Four, options.frame_bytes),
            alarm: Box::pin(rt::sleep(pulse.next_look())),
            period: options.tick.period,
            began: Instant::now(),
            batch: Vec::new(),
            out: Vec::new(),
            written: 0,
            stall: Stall::new(options.send_timeout),
            vigil: Vigil::new(),
            unflushed: false,
            broken: None,
            lanes: Lanes::new(connection, options.tick.period),
            link,
            ear,
            read,
            wear,
            pulse,
        }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ended> {
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
        self.lanes.attend(cx, &self.link);
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
            match self.refill() {
                Taken::Bytes => {}
                Taken::Nothing => return Ok(false),
                // Whatever was written must have left before the connection is closed.
                Taken::Finished(why) => return if self.unflushed { Ok(false) } else { Err(Ended::Us(why)) },
                Taken::Ended => return Err(Ended::Us(Why::Disconnected)),
            }
        }
        let rest = self.out.get(self.written..).unwrap_or_default();
        match self.lanes.poll_write(cx, rest) {
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

    /// Whole frames, or the last word on a connection that the link leaves.
    fn refill(&mut self) -> Taken {
        match self.lanes.turn(&self.link, self.unflushed) {
            Turn::Frames => self.link.outbox.take(&mut self.out),
            Turn::LastWord(number) => {
                Extension::Moved(number).write(&mut self.out);
                self.link.outbox.has_sent(self.out.len());
                Taken::Bytes
            }
            Turn::Nothing => Taken::Nothing,
        }
    }

    fn breaks(&mut self, ended: Ended) -> bool {
        self.broken = Some(ended);
        self.unflushed = false;
        false
    }

    fn read(&mut self, cx: &mut Context<'_>) -> Result<bool, Ended> {
        let (lanes, read) = (&mut self.lanes, &mut self.read);
        let polled = with_scratch(|scratch| {
            let polled = lanes.poll_read(cx, scratch);
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
            self.link.outbox.has_heard(self.batch.len());
            self.trace();
            self.ear.hear(&mut self.batch)?;
            self.batch.clear();
        }
        self.make_room();
        cut
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

    fn cut_frames(&mut self) -> Result<(), Ended> {
        loop {
            let mut frames = self.splitter.take_whole(&mut self.read);
            self.reader.begin();
            let mut has_turned = false;
            let mut has_packets = false;
            while let Some(packet) = frames.next_packet() {
                has_packets = true;
                match self.reader.read_in(packet)? {
                    Some(heard) => self.batch.push(heard),
                    None => has_turned |= self.extend(frames.is_empty())?,
                }
            }
            if has_packets {
                self.link.outbox.is_spoken_to();
            }
            if !has_turned {
                break;
            }
        }
        // What is left is not complete, or too long to ever be.
        Ok(self.splitter.next(&mut self.read).map(drop)?)
    }

    /// What was read last was no message, and perhaps no part of one. Returns whether all else comes over another
    /// connection, and some of it is here already.
    fn extend(&mut self, was_last: bool) -> Result<bool, Ended> {
        let Some(extension) = self.reader.take_extension() else { return Ok(false) };
        match extension {
            Extension::HandOver if self.link.facts().dialled => self.ear.hear_that_a_handover_is_wanted(),
            Extension::Failed(code) if !self.link.facts().dialled => self.link.succession.apologised(code),
            Extension::Moved(number) if was_last && self.read.is_empty() => {
                self.read = self.lanes.has_heard(number, &self.link)?;
                // Read ahead, and part of the link only now.
                self.link.outbox.has_received(self.read.len());
                return Ok(true);
            }
            Extension::Moved(_) => return Err(Violation::BadExtension { what: "something stands behind a last word" }.into()),
            _ => return Err(Violation::BadExtension { what: "this is for the other end to say" }.into()),
        }
        Ok(false)
    }

    /// Whether all is out now that was not before.
    fn flush(&mut self, cx: &mut Context<'_>) -> Result<bool, Ended> {
        if !self.unflushed || self.broken.is_some() {
            return Ok(false);
        }
        match self.lanes.poll_flush(cx) {
            Poll::Ready(Ok(())) => {
                self.unflushed = false;
                self.stall.moved();
            }
            Poll::Ready(Err(error)) => return Ok(self.breaks(Ended::of(error))),
            Poll::Pending => {}
        }
        Ok(!self.unflushed)
    }

    /// Says goodbye, as far as the peer listens, and waits until it has gone too.
    pub(super) async fn close(&mut self) {
        self.lanes.close(GOODBYE).await;
    }
}

/// Before others have their turn.
const ROUNDS: usize = 16;
/// What is set aside for a frame on the word of its length.
const ROOM: usize = 256 * 1024;
/// For a peer to read to the end, and to close.
const GOODBYE: Duration = Duration::from_secs(2);
