//! The connection under a link; and while it is being handed over, the one that comes after it.
//!
//! Each direction moves by itself, between two frames. Until the first of them does, whatever becomes of the new
//! connection is nothing to the link; from then on the link needs both, until the second has moved, too.

use super::next::{Next, Writing};
use crate::dist::Violation;
use crate::dist::handover::HandoverNumber;
use crate::net::connection::Connection;
use crate::net::link::{Ended, Link, LinkClosed, News, TransportFacts};
use crate::observe::Event;
use crate::rt;
use bytes::BytesMut;
use futures_util::future::join;
use futures_util::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

#[derive(Debug)]
pub(super) struct Lanes {
    now: Connection,
    next: Option<Box<Next>>,
    /// The last one that was lost before anything moved: the other end may have moved already, and not know it.
    lost: Option<(HandoverNumber, LinkClosed)>,
    /// How long a connection on which this side spoke last waits for the other end to have read it.
    linger: Duration,
}

/// What is to be written between two frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// The next frames.
    Frames,
    /// The last word on the old connection.
    LastWord(HandoverNumber),
    /// Nothing, until that has left.
    Nothing,
}

impl Lanes {
    pub(super) const fn new(now: Connection, linger: Duration) -> Self {
        Self { now, next: None, lost: None, linger }
    }

    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let reader = match &mut self.next {
            Some(next) if next.is_read => &mut next.connection,
            _ => &mut self.now,
        };
        Pin::new(reader).poll_read(cx, buffer)
    }

    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(self.writer()).poll_write(cx, bytes)
    }

    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.next.as_ref().is_some_and(|next| next.writing == Writing::New) {
            // What TLS wants to say where this side still reads. Whether that connection lives, the reads tell.
            let _ = Pin::new(&mut self.now).poll_flush(cx);
        }
        Pin::new(self.writer()).poll_flush(cx)
    }

    fn writer(&mut self) -> &mut Connection {
        match &mut self.next {
            Some(next) if next.writing == Writing::New => &mut next.connection,
            _ => &mut self.now,
        }
    }

    /// Looks after a handover, if there is one.
    pub(super) fn attend(&mut self, cx: &mut Context<'_>, link: &Link) {
        match link.succession.news() {
            None => {}
            Some(News::Withdrawn) => self.next = self.next.take().filter(|next| next.has_begun()),
            Some(News::Successor(successor)) => self.next = Some(Box::new(Next::new(*successor, link.facts().dialled))),
        }
        let Some(next) = &mut self.next else { return };
        if let Err(ended) = next.attend(cx) {
            let (number, closed) = (next.number, LinkClosed(Arc::new(ended)));
            link.succession.lost(number, closed.clone());
            (self.next, self.lost) = (None, Some((number, closed)));
        }
    }

    /// What this side writes next, having written whole frames; `unflushed` says that they have not all left.
    pub(super) fn turn(&mut self, link: &Link, unflushed: bool) -> Turn {
        let Some(next) = &mut self.next else { return Turn::Frames };
        match next.writing {
            Writing::Old if next.is_read || next.dialled && link.succession.begins(next.number) => {
                next.writing = Writing::LastWord;
                Turn::LastWord(next.number)
            }
            Writing::LastWord if unflushed => Turn::Nothing,
            Writing::LastWord => {
                next.writing = Writing::New;
                self.settle(link);
                Turn::Frames
            }
            Writing::Old | Writing::New => Turn::Frames,
        }
    }

    /// The other end has said its last word on the old connection. Returns what it has said on the new one already.
    pub(super) fn has_heard(&mut self, number: HandoverNumber, link: &Link) -> Result<BytesMut, Ended> {
        let next = self.next.as_mut().filter(|next| next.number == number && !next.is_read);
        let next = next.filter(|next| match next.dialled {
            true => next.writing != Writing::Old,
            false => next.has_greeted() && link.succession.begins(number),
        });
        let Some(next) = next else {
            return Err(match self.lost.take() {
                Some((lost, closed)) if lost == number => Ended::HandedOver(closed),
                _ => Violation::BadExtension { what: "it moves to a connection that was not agreed on" }.into(),
            });
        };
        next.is_read = true;
        let ahead = next.take_ahead();
        self.settle(link);
        Ok(ahead)
    }

    fn settle(&mut self, link: &Link) {
        let Some(next) = self.next.take_if(|next| next.is_read && next.writing == Writing::New) else { return };
        let Next { connection, number, dialled, .. } = *next;
        let old = std::mem::replace(&mut self.now, connection);
        // Whoever has dialled moves first and hears the last word of both: nobody has anything left to read there.
        let_go(old, if dialled { FAREWELL } else { self.linger });
        link.has_moved(number, TransportFacts::of(&self.now));
    }

    /// Says goodbye, as far as the peer listens.
    pub(super) async fn close(&mut self, within: Duration) {
        let begun = self.next.take().filter(|next| next.has_begun());
        let with_next = async {
            if let Some(mut next) = begun {
                goodbye(&mut next.connection).await;
            }
        };
        rt::timeout(within, join(goodbye(&mut self.now), with_next)).await.map(drop).unwrap_or_default();
    }
}

/// Waits until the peer has gone, too: a socket that is closed with bytes unread takes back what is still on its way.
async fn goodbye(connection: &mut Connection) {
    // A peer that is gone already needs no goodbye.
    if connection.close().await.is_ok() {
        rt::drain(connection).await;
    }
}

/// Everything has been said on this connection; but the peer may not have read it yet.
fn let_go(mut old: Connection, within: Duration) {
    let lingering = async move { rt::timeout(within, goodbye(&mut old)).await.unwrap_or_default() };
    match rt::spawn("linger", lingering) {
        Ok(task) => task.detach(),
        Err(error) => log::error!(target: "countersign::net", event:% = Event::TaskNotStarted, error:%; "cannot start a task"),
    }
}

/// For the other end to close, where nobody depends on it.
const FAREWELL: Duration = Duration::from_secs(2);
