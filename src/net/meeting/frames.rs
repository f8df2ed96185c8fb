//! Frames of the handshake on a connection, each with a deadline.

use super::MeetingError;
use crate::dist::{Frame, Framing, Splitter};
use crate::net::Connection;
use crate::rt;
use bytes::{Bytes, BytesMut};
use futures_util::io::{AsyncReadExt, AsyncWriteExt};
use std::io;
use std::time::Duration;

/// A connection in its handshake.
#[derive(Debug)]
pub(super) struct Frames {
    pub(super) connection: Connection,
    pub(super) read: BytesMut,
    framing: Framing,
    splitter: Splitter,
    within: Duration,
}

impl Frames {
    pub(super) fn new(connection: Connection, within: Duration) -> Self {
        let is_tls = connection.tls().is_some();
        let (framing, splitter) = (Framing::of_handshake(is_tls), Splitter::of_handshake(is_tls));
        Self { connection, read: BytesMut::new(), framing, splitter, within }
    }

    /// The next frame; `step` is what it should be.
    pub(super) async fn next(&mut self, step: &'static str) -> Result<Bytes, MeetingError> {
        let within = self.within;
        rt::timeout(within, self.wait_for(step)).await.map_err(|_| MeetingError::Timeout { step, within })?
    }

    /// All of these, in one write.
    pub(super) async fn send(&mut self, frames: &[Vec<u8>]) -> Result<(), MeetingError> {
        let bytes = self.framed(frames)?;
        let (within, step) = (self.within, "the peer's reading");
        let writing = async {
            self.connection.write_all(&bytes).await?;
            self.connection.flush().await
        };
        rt::timeout(within, writing)
            .await
            .map_err(|_| MeetingError::Timeout { step, within })?
            .map_err(|error| MeetingError::broken(error, step))
    }

    pub(super) fn framed(&self, frames: &[Vec<u8>]) -> Result<Vec<u8>, MeetingError> {
        let mut bytes = Vec::new();
        frames.iter().try_for_each(|frame| self.framing.write(frame, &mut bytes))?;
        Ok(bytes)
    }

    /// Waits until the peer closes, or has had the time of a step; whatever it says is not heard.
    pub(super) async fn until_closed(mut self) {
        rt::timeout(self.within, rt::drain(&mut self.connection)).await.unwrap_or_default();
    }

    async fn wait_for(&mut self, step: &'static str) -> Result<Bytes, MeetingError> {
        loop {
            match self.splitter.next(&mut self.read)? {
                Some(Frame::Packet(frame)) => return Ok(frame),
                Some(Frame::Tick) => return Err(MeetingError::Tick { step }),
                None => {}
            }
            if self.fill().await.map_err(|error| MeetingError::broken(error, step))? == 0 {
                return Err(MeetingError::Closed { step });
            }
        }
    }

    async fn fill(&mut self) -> io::Result<usize> {
        let mut chunk = [0; 1024];
        let count = self.connection.read(&mut chunk).await?;
        self.read.extend_from_slice(chunk.get(..count).unwrap_or_default());
        Ok(count)
    }
}
