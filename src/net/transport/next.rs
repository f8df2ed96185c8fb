//! The connection to which a link is about to move.

use super::scratch::with_scratch;
use crate::dist::Violation;
use crate::dist::handover::HandoverNumber;
use crate::net::connection::Connection;
use crate::net::link::{Ended, Successor};
use bytes::BytesMut;
use futures_util::io::{AsyncRead, AsyncWrite};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Which of the two connections takes what this side writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writing {
    Old,
    /// The old one, for the last time: the word that all else goes over the new one.
    LastWord,
    New,
}

#[derive(Debug)]
pub(super) struct Next {
    pub(super) connection: Connection,
    pub(super) number: HandoverNumber,
    /// Whether it was this side that dialled.
    pub(super) dialled: bool,
    pub(super) writing: Writing,
    /// Whether the other end has said its last word on the old connection.
    pub(super) is_read: bool,
    greeting: Vec<u8>,
    greeted: usize,
    /// What the other end has said here already, while its last word on the old connection is still under way. One read
    /// and no more: whether the connection lives is all that has to be known.
    ahead: BytesMut,
}

impl Next {
    pub(super) fn new(successor: Successor, dialled: bool) -> Self {
        let Successor { connection, number, greeting } = successor;
        let (writing, ahead) = (Writing::Old, BytesMut::new());
        Self { connection, number, dialled, writing, is_read: false, greeting, greeted: 0, ahead }
    }

    pub(super) fn has_begun(&self) -> bool {
        self.is_read || self.writing != Writing::Old
    }

    /// Whether the other end can know that this side agrees.
    pub(super) fn has_greeted(&self) -> bool {
        self.greeted == self.greeting.len()
    }

    pub(super) fn take_ahead(&mut self) -> BytesMut {
        std::mem::take(&mut self.ahead)
    }

    /// Greets, and looks whether the connection lives. `Err`: it does not, and nothing has moved.
    pub(super) fn attend(&mut self, cx: &mut Context<'_>) -> Result<(), Ended> {
        if self.has_begun() {
            return Ok(());
        }
        if let Poll::Ready(Err(error)) = self.poll_greet(cx) {
            return Err(Ended::of(error));
        }
        if !self.ahead.is_empty() {
            return Ok(());
        }
        let (connection, ahead) = (&mut self.connection, &mut self.ahead);
        let polled = with_scratch(|scratch| {
            let polled = Pin::new(connection).poll_read(cx, scratch);
            if let Poll::Ready(Ok(count)) = polled {
                ahead.extend_from_slice(scratch.get(..count).unwrap_or_default());
            }
            polled
        });
        match polled {
            Poll::Pending => Ok(()),
            Poll::Ready(Ok(0)) => Err(Ended::ByPeer),
            // Whoever was dialled moves after this side.
            Poll::Ready(Ok(_)) if self.dialled => Err(Violation::BadExtension { what: "it moved before its time" }.into()),
            Poll::Ready(Ok(_)) => Ok(()),
            Poll::Ready(Err(error)) => Err(Ended::of(error)),
        }
    }

    fn poll_greet(&mut self, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        while let Some(rest) = self.greeting.get(self.greeted..).filter(|rest| !rest.is_empty()) {
            match ready!(Pin::new(&mut self.connection).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(std::io::ErrorKind::WriteZero.into())),
                count => self.greeted += count,
            }
        }
        Pin::new(&mut self.connection).poll_flush(cx)
    }
}
