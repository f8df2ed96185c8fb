//! An established connection: bytes both ways, the facts of its handshake, and errors that explain
//! themselves.

mod watched;

pub(super) use watched::Watched;

use super::config::{HANDOVER_ALPN, is_ours};
use super::explain::{Ends, Refused, Role};
use super::handshake::Witness;
use super::rejudge::{Chain, Standing};
use super::resolver::{CertResolver, Issue};
use crate::clock::Clock;
use crate::x509::Inspected;
use async_tls::TlsStream;
use futures_util::future::poll_fn;
use futures_util::io::{AsyncRead, AsyncWrite};
use rustls::{ClientConnection, CommonState, HandshakeKind, ProtocolVersion};
use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// A TLS connection on any stream.
///
/// An error of reading or writing carries a [`Refused`] where the peer had a reason: in TLS 1.3 a server
/// may refuse a client's certificate only after the client thinks that all is well.
pub struct SecureStream<IO> {
    stream: TlsStream<Watched<IO>>,
    witness: Arc<Witness>,
    role: Role,
    ends: Ends,
    clock: Arc<dyn Clock>,
    peer: Option<PeerCertificate>,
    // What came while a failed write was asked for its reason.
    rescued: VecDeque<u8>,
}

/// The certificate that the peer presented.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PeerCertificate {
    /// What it says.
    pub leaf: Arc<Inspected>,
    /// Whether a CA of ours vouches for it. If not, it proves only that the peer holds its key: so it is
    /// with the modes that judge no chain, and with a rustls configuration of one's own.
    pub verified: bool,
    pub(super) presented: Arc<Chain>,
    /// None with a verifier that is not ours.
    pub(super) standing: Option<Arc<Standing>>,
}

impl PeerCertificate {
    /// For a judge of one's own, which has a certificate from elsewhere.
    pub fn new(leaf: Arc<Inspected>, verified: bool) -> Self {
        Self { leaf, verified, presented: Arc::new(Chain::none()), standing: None }
    }
}

impl<IO> SecureStream<IO>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    pub(super) fn accepted(
        stream: async_tls::server::TlsStream<Watched<IO>>,
        witness: Arc<Witness>,
        ends: Ends,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self::new(stream.into(), witness, Role::Acceptor, ends, clock)
    }

    pub(super) fn dialled(
        stream: async_tls::client::TlsStream<Watched<IO>>,
        witness: Arc<Witness>,
        ends: Ends,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self::new(stream.into(), witness, Role::Dialler, ends, clock)
    }

    fn new(stream: TlsStream<Watched<IO>>, witness: Arc<Witness>, role: Role, ends: Ends, clock: Arc<dyn Clock>) -> Self {
        let peer = peer_certificate(&witness, stream.get_ref().1);
        Self { stream, witness, role, ends, clock, peer, rescued: VecDeque::new() }
    }

    /// The certificate that this side presented; `None` if none was asked for.
    pub fn presented(&self) -> Option<&Issue> {
        self.witness.presented().map(Arc::as_ref)
    }

    /// Where the certificate that this side presented comes from, and its successors will.
    pub fn resolver(&self) -> &Arc<CertResolver> {
        self.witness.resolver()
    }

    /// The peer's certificate; `None` if it presented none.
    pub const fn peer_certificate(&self) -> Option<&PeerCertificate> {
        self.peer.as_ref()
    }

    /// Whether the peer is a node of our own kind.
    pub fn is_ours(&self) -> bool {
        self.tls().alpn_protocol().is_some_and(is_ours)
    }

    /// Whether it was dialled to succeed the connection of a link.
    pub fn is_for_a_handover(&self) -> bool {
        self.tls().alpn_protocol() == Some(HANDOVER_ALPN)
    }

    /// Bytes that only the two ends of this session know, for each label others; `None` before TLS 1.3, where
    /// they need not be this session's alone.
    pub fn export<const N: usize>(&self, label: &'static str) -> Option<[u8; N]> {
        if self.tls().protocol_version() != Some(ProtocolVersion::TLSv1_3) {
            return None;
        }
        let exported = match &self.stream {
            TlsStream::Client(stream) => stream.get_ref().1.export_keying_material([0; N], label.as_bytes(), None),
            TlsStream::Server(stream) => stream.get_ref().1.export_keying_material([0; N], label.as_bytes(), None),
        };
        exported.ok()
    }

    /// Whether this side knows that the peer has accepted its certificate. An acceptor always does; so
    /// does a dialler of our own nodes, and of any peer on TLS 1.2. Otherwise the first read tells.
    pub fn is_accepted(&self) -> bool {
        self.role == Role::Acceptor || self.tls().protocol_version() == Some(ProtocolVersion::TLSv1_2) || self.witness.has_receipt()
    }

    /// Whether the handshake was a full one, with both certificates looked at. It always is.
    pub fn is_full_handshake(&self) -> bool {
        matches!(self.tls().handshake_kind(), Some(HandshakeKind::Full | HandshakeKind::FullWithHelloRetryRequest))
    }

    /// The version that was agreed on, such as `TLSv1_3`.
    pub fn version(&self) -> &'static str {
        self.tls().protocol_version().and_then(|version| version.as_str()).unwrap_or("unknown")
    }

    /// The suite that was agreed on, such as `TLS13_AES_256_GCM_SHA384`.
    pub fn suite(&self) -> &'static str {
        self.tls().negotiated_cipher_suite().and_then(|suite| suite.suite().as_str()).unwrap_or("unknown")
    }

    /// The key exchange that was agreed on, such as `X25519MLKEM768`.
    pub fn key_exchange(&self) -> &'static str {
        self.tls().negotiated_key_exchange_group().and_then(|group| group.name().as_str()).unwrap_or("unknown")
    }

    /// The two addresses.
    pub const fn ends(&self) -> Ends {
        self.ends
    }

    /// What rustls knows, for experts.
    pub fn tls(&self) -> &CommonState {
        self.stream.get_ref().1
    }

    /// Waits for the ticket by which a node of our own kind says that it accepted our certificate.
    /// What the peer sends meanwhile stays in the session, to be read later.
    pub(super) async fn await_receipt(&mut self) -> io::Result<()> {
        let late = self.tls().protocol_version() == Some(ProtocolVersion::TLSv1_3);
        if !(late && self.is_ours()) {
            return Ok(());
        }
        poll_fn(|cx| self.poll_receipt(cx)).await
    }

    fn poll_receipt(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let TlsStream::Client(stream) = &mut self.stream else { return Poll::Ready(Ok(())) };
        let (io, session) = stream.get_mut();
        let mut buffer = [0; 4096];
        while !self.witness.has_receipt() {
            let count = ready!(Pin::new(&mut *io).poll_read(cx, &mut buffer))?;
            let mut fresh = buffer.get(..count).unwrap_or_default();
            let mut closed = fresh.is_empty();
            while !fresh.is_empty() && !closed {
                session.read_tls(&mut fresh)?;
                closed = match session.process_new_packets() {
                    Ok(state) => state.peer_has_closed(),
                    Err(error) => {
                        last_gasp(io, session, cx);
                        return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, error)));
                    }
                };
            }
            // A peer may accept us, say its word and leave, all in one segment: then the receipt counts.
            if closed && !self.witness.has_receipt() {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
        }
        Poll::Ready(Ok(()))
    }

    /// An error as its reader wants it: with the reason inside, where the peer gave one.
    fn explained(&self, error: io::Error) -> io::Error {
        let told = error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>());
        if !told {
            return error;
        }
        let refused = Refused::explain(self.role, &error, &self.witness, self.ends, self.clock.now());
        io::Error::new(error.kind(), refused)
    }

    /// A write that fails is not the reason: that may still lie in the socket, unread.
    fn reason(&mut self, error: io::Error, cx: &mut Context<'_>) -> io::Error {
        let mut buffer = [0; 4096];
        while self.rescued.len() < RESCUE_LIMIT {
            match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(count)) if count > 0 => self.rescued.extend(buffer.iter().take(count)),
                Poll::Ready(Err(reason)) if reason.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) => {
                    return self.explained(reason);
                }
                _ => break,
            }
        }
        self.explained(error)
    }
}

impl<IO> AsyncRead for SecureStream<IO>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        // A zero-length read would mark the stream as shut for reading, for good.
        if buffer.is_empty() {
            return Poll::Ready(Ok(0));
        }
        if !self.rescued.is_empty() {
            return Poll::Ready(io::Read::read(&mut self.rescued, buffer));
        }
        let read = ready!(Pin::new(&mut self.stream).poll_read(cx, buffer));
        Poll::Ready(read.map_err(|error| self.explained(error)))
    }
}

impl<IO> AsyncWrite for SecureStream<IO>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes));
        Poll::Ready(written.map_err(|error| self.reason(error, cx)))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = ready!(Pin::new(&mut self.stream).poll_flush(cx));
        Poll::Ready(flushed.map_err(|error| self.reason(error, cx)))
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(cx)
    }
}

impl<IO> fmt::Debug for SecureStream<IO> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecureStream").field("role", &self.role).field("ends", &self.ends).finish_non_exhaustive()
    }
}

/// Our alert, once and without waiting: the error that caused it is what counts.
fn last_gasp<IO: AsyncWrite + Unpin>(io: &mut IO, session: &mut ClientConnection, cx: &mut Context<'_>) {
    let mut alert = Vec::new();
    if session.write_tls(&mut alert).is_ok() {
        drop(Pin::new(io).poll_write(cx, &alert));
    }
}

/// With a verifier of the user's own the witness saw nothing, and what was verified is not known here.
fn peer_certificate(witness: &Witness, tls: &CommonState) -> Option<PeerCertificate> {
    if let Some(seen) = witness.peer() {
        return Some(seen.clone());
    }
    let (presented, leaf) = Chain::of(tls.peer_certificates()?)?;
    Some(PeerCertificate { leaf: Arc::new(leaf), verified: false, presented, standing: None })
}

const RESCUE_LIMIT: usize = 256 * 1024;
