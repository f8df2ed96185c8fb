//! A connection whose handshake is over, secure or plain.

use super::limits::Pass;
use crate::rt::TcpStream;
use crate::tls::explain::{self, Ends, Refused};
use crate::tls::{Issue, PeerCertificate, SecureStream};
use futures_util::io::{AsyncRead, AsyncWrite};
use std::io;
use std::net::Shutdown;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Bytes both ways to a peer who was let in, or who let us in.
#[derive(Debug)]
pub struct Connection {
    stream: Stream,
    ends: Ends,
    _pass: Option<Pass>,
}

#[derive(Debug)]
enum Stream {
    Secure(Box<SecureStream<TcpStream>>),
    /// The flag says that this side dialled and has read nothing yet.
    Plain(TcpStream, bool),
}

impl Connection {
    pub(super) fn secure(stream: Box<SecureStream<TcpStream>>, pass: Option<Pass>) -> Self {
        Self { ends: stream.ends(), stream: Stream::Secure(stream), _pass: pass }
    }

    pub(super) fn plain(stream: TcpStream, ends: Ends, dialled: bool, pass: Option<Pass>) -> Self {
        Self { ends, stream: Stream::Plain(stream, dialled), _pass: pass }
    }

    /// Of a handshake that was made elsewhere, by this side.
    #[cfg(feature = "cli")]
    pub(crate) fn dialled(stream: Box<SecureStream<TcpStream>>) -> Self {
        Self::secure(stream, None)
    }

    /// The same without TLS.
    #[cfg(feature = "cli")]
    pub(crate) fn dialled_plainly(stream: TcpStream, ends: Ends) -> Self {
        Self::plain(stream, ends, true, None)
    }

    /// The TLS connection and its facts; `None` on plain TCP.
    pub fn tls(&self) -> Option<&SecureStream<TcpStream>> {
        match &self.stream {
            Stream::Secure(stream) => Some(stream),
            Stream::Plain(..) => None,
        }
    }

    /// The certificate that the peer presented, if any.
    pub fn peer_certificate(&self) -> Option<&PeerCertificate> {
        self.tls().and_then(SecureStream::peer_certificate)
    }

    /// The certificate that this side presented, if any: whatever has been rotated since.
    pub fn presented(&self) -> Option<&Issue> {
        self.tls().and_then(SecureStream::presented)
    }

    /// The two addresses.
    pub const fn ends(&self) -> Ends {
        self.ends
    }

    /// Why reading or writing failed, where the peer had a reason. In TLS 1.3 a refusal by a peer that is
    /// not of our own kind comes with the first read.
    pub fn refusal(error: &io::Error) -> Option<&Refused> {
        error.get_ref().and_then(|inner| inner.downcast_ref())
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let ends = self.ends;
        match &mut self.stream {
            Stream::Secure(stream) => Pin::new(stream.as_mut()).poll_read(cx, buffer),
            Stream::Plain(stream, fresh) => {
                let count = ready!(Pin::new(stream).poll_read(cx, buffer))?;
                let tls = *fresh && explain::is_tls(buffer.get(..count).unwrap_or_default());
                *fresh = false;
                Poll::Ready(if tls { Err(io::Error::new(io::ErrorKind::InvalidData, Refused::tls_on_plain(ends))) } else { Ok(count) })
            }
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Secure(stream) => Pin::new(stream.as_mut()).poll_write(cx, bytes),
            Stream::Plain(stream, _) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Secure(stream) => Pin::new(stream.as_mut()).poll_flush(cx),
            Stream::Plain(stream, _) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Secure(stream) => Pin::new(stream.as_mut()).poll_close(cx),
            // The runtime's own does nothing, and the peer would never see the end.
            Stream::Plain(stream, _) => Poll::Ready(stream.shutdown(Shutdown::Write)),
        }
    }
}
