//! Accepts connections. The accept loop waits for nobody: each peer has a task, a deadline and a place
//! in the lobby, and only a finished handshake comes out of [`Listener::accept`].

mod options;
mod sockets;

pub use options::ListenerOptions;

use super::connection::Connection;
use super::keep_alive::KeepAlive;
use super::limits::{Full, Gate, Limits, Pass};
use super::lobby::{Guest, Lobby, Newcomer, Step};
use super::networks::Network;
use super::report::Report;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::observe::{Counters, Event};
use crate::rt::channel::{Receiver, Sender, bounded};
use crate::rt::{self, TcpListener, TcpStream};
use crate::tls::config::InvalidTls;
use crate::tls::explain::{self, Ends, PLAIN_PORT, Refused};
use crate::tls::resolver::Attachment;
use crate::tls::{SecureStream, ServerSide};
use futures_util::future::Abortable;
use futures_util::io::AsyncWriteExt;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// Listens on one address, or on several.
///
/// ```
/// use countersign::net::{Dialer, DialerOptions, Listener, ListenerOptions};
/// use countersign::testing::Ca;
/// use countersign::tls::CertAuth;
/// use std::sync::Arc;
///
/// # countersign::rt::block_on(async {
/// let ca = Ca::new();
/// let server = Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()));
/// let listener = Listener::bind("127.0.0.1:0".parse()?, ListenerOptions::secure(server)).await?;
///
/// let client = Arc::new(CertAuth::mutual(ca.client("caller"), ca.pool()));
/// let dialer = Dialer::new(DialerOptions::secure(client))?;
/// let dialled = dialer.dial("localhost", listener.local_addr().port()).await?;
/// let accepted = listener.accept().await?;
/// assert_eq!(accepted.peer_certificate().unwrap().leaf.subject, "CN=caller");
/// # drop(dialled);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
pub struct Listener {
    shared: Arc<Shared>,
    local: SocketAddr,
    locals: Vec<SocketAddr>,
    accepted: Receiver<Connection>,
    // Here and not with what the tasks share: when the listener is dropped, its needs are over at once.
    _attachment: Option<Attachment>,
    _tasks: Vec<rt::Task>,
}

// Boxed as soon as it exists: it is large, and passes through many hands.
type Secure = Box<SecureStream<TcpStream>>;

#[derive(Debug)]
struct Shared {
    tls: Option<ServerSide>,
    limits: Limits,
    networks: Option<Vec<Network>>,
    keep_alive: KeepAlive,
    gate: Arc<Gate>,
    lobby: Lobby,
    report: Report,
}

impl Listener {
    /// Opens the port, having read the manager's pools and mode once.
    ///
    /// # Errors
    /// Settings that cannot work, or a port that cannot be opened.
    pub async fn bind(address: SocketAddr, options: ListenerOptions) -> Result<Self, ListenerError> {
        Self::bind_all(&[address], options).await
    }

    /// As [`Listener::bind`], on all of these addresses: the limits are for all together. Where the port is 0, all have
    /// the one that the system chooses for the first.
    ///
    /// # Errors
    /// As there; it says which address cannot be listened on.
    pub async fn bind_all(addresses: &[SocketAddr], options: ListenerOptions) -> Result<Self, ListenerError> {
        let sockets = sockets::open(addresses).await?;
        let locals: Vec<_> = sockets.iter().map(|(_, local)| *local).collect();
        let local = *locals.first().ok_or(ListenerError::NoAddress)?;
        let (shared, attachment) = Shared::new(local, options)?;
        // Small on purpose: who is in but not yet taken over should wait in its own task, seen by the limits.
        let (hand_over, accepted) = bounded(HAND_OVER);
        let accepting = sockets.into_iter().map(|(socket, address)| {
            let looping = Arc::clone(&shared).accept_loop(socket, hand_over.clone());
            rt::spawn("accept", looping).map_err(|source| ListenerError::Port { address, source })
        });
        let tasks = accepting.collect::<Result<_, _>>()?;
        Ok(Self { shared, local, locals, accepted, _attachment: attachment, _tasks: tasks })
    }

    /// The address it listens on; the first of them.
    pub const fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// All addresses that it listens on.
    pub fn local_addrs(&self) -> &[SocketAddr] {
        &self.locals
    }

    /// The next peer whose handshake succeeded. Those that fail are logged and counted, and never seen here.
    ///
    /// # Errors
    /// When the accept loop has ended.
    pub async fn accept(&self) -> Result<Connection, ListenerError> {
        self.accepted.recv().await.map_err(|_| ListenerError::Ended)
    }

    /// What became of the handshakes so far.
    pub fn counters(&self) -> &Counters {
        &self.shared.report.counters
    }

    /// How many peers are connected, those in mid-handshake included.
    pub fn connections(&self) -> usize {
        self.shared.gate.connections()
    }
}

/// The port closes, and whoever is not in yet is shown out.
impl Drop for Listener {
    fn drop(&mut self) {
        self.accepted.close();
        self.shared.lobby.close();
    }
}

impl Shared {
    /// What the tasks share, and what ends with the listener.
    fn new(local: SocketAddr, options: ListenerOptions) -> Result<(Arc<Self>, Option<Attachment>), ListenerError> {
        let ListenerOptions { cert_manager, tls, limits, networks, keep_alive, names, refusals } = options;
        let holder = format!("listener {local}");
        let mut tls = match cert_manager {
            Some(manager) => Some(ServerSide::new(manager.as_ref(), &tls, &holder, names)?),
            None => {
                log::warn!(target: "countersign::net", event:% = Event::WeakSetting, holder; "no certificate manager: this listener speaks plain TCP");
                None
            }
        };
        let attachment = tls.as_mut().and_then(ServerSide::take_attachment);
        limits.warn_if_beyond_descriptors(&holder);
        let (gate, lobby, report) = (Gate::new(limits), Lobby::new(&limits), Report::new(refusals));
        Ok((Arc::new(Self { tls, limits, networks, keep_alive, gate, lobby, report }), attachment))
    }

    async fn accept_loop(self: Arc<Self>, socket: TcpListener, hand_over: Sender<Connection>) {
        loop {
            match socket.accept().await {
                Ok((tcp, peer)) => self.receive(tcp, peer, &hand_over),
                Err(error) => {
                    self.report.cannot_accept(&error);
                    // Out of descriptors, most likely: whoever has been silent longest gives its own back. That
                    // takes a moment, and without waiting for it all the others would be shown out as well.
                    let leaves = self.lobby.show_out_longest_silent();
                    rt::sleep(if leaves { MOMENT } else { BACK_OFF }).await;
                }
            }
        }
    }

    /// Nothing here waits.
    fn receive(self: &Arc<Self>, tcp: TcpStream, peer: SocketAddr, hand_over: &Sender<Connection>) {
        let ends = Ends { local: tcp.local_addr().ok(), peer: Some(peer) };
        if !options::may_come_from(self.networks.as_deref(), peer.ip()) {
            return self.report.refuse(&Refused::elsewhere(ends));
        }
        match self.gate.enter(peer.ip()) {
            Ok(pass) => match rt::spawn("handshake", Arc::clone(self).admit(tcp, ends, pass, self.lobby.newcomer(), hand_over.clone())) {
                Ok(task) => task.detach(),
                Err(error) => {
                    log::error!(target: "countersign::net", event:% = Event::TaskNotStarted, peer:%, error:%; "cannot start a task")
                }
            },
            Err(Full { what, limit }) => self.report.refuse(&Refused::too_many(what, limit, ends)),
        }
    }

    async fn admit(self: Arc<Self>, tcp: TcpStream, ends: Ends, pass: Pass, newcomer: Newcomer, hand_over: Sender<Connection>) {
        let (guest, registration) = newcomer;
        let within = self.limits.handshake_timeout;
        // Boxed, and so is lingering: a task is copied several times while it is started, and a handshake is large.
        let greeting = Abortable::new(Box::pin(self.greet(tcp.clone(), ends, &guest)), registration);
        let outcome = match rt::timeout(within, greeting).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_shown_out)) => Err(self.shown_out(guest.step(), ends)),
            Err(_) => Err(self.too_late(guest.step(), ends)),
        };
        let handed_over = match outcome {
            Ok(stream) => self.hand_over(stream, tcp.clone(), ends, pass, &hand_over).await,
            Err(refused) => Err(refused),
        };
        if let Err(refused) = handed_over {
            // The listener was dropped, and shows everybody out: that is no refusal.
            if hand_over.is_closed() {
                return;
            }
            self.report.refuse(&refused);
            // Only a verdict on the peer is worth waiting for it to be read.
            if !matches!(refused.code(), Code::TooMany | Code::Timeout) {
                Box::pin(self.linger(tcp)).await;
            }
        }
    }

    fn shown_out(&self, step: Step, ends: Ends) -> Refused {
        match step {
            Step::Working => Refused::timeout("a handshake that others waited for", self.lobby.patience(), ends),
            _ => Refused::too_many("peers that have not said hello", self.limits.silent, ends),
        }
    }

    fn too_late(&self, step: Step, ends: Ends) -> Refused {
        let within = self.limits.handshake_timeout;
        match step {
            Step::Silent => Refused::timeout("the peer's hello", within, ends),
            // Not the peer's fault: there were too many before it.
            Step::Waiting => Refused::too_many("handshakes at a time", self.limits.handshakes, ends),
            Step::Working => Refused::timeout("the handshake", within, ends),
        }
    }

    /// Whoever bound the listener takes connections over, or at least within the time that a peer has.
    async fn hand_over(
        &self,
        stream: Option<Secure>,
        tcp: TcpStream,
        ends: Ends,
        pass: Pass,
        to: &Sender<Connection>,
    ) -> Result<(), Refused> {
        let connection = match stream {
            Some(stream) => Connection::secure(stream, Some(pass)),
            None => Connection::plain(tcp, ends, false, Some(pass)),
        };
        let within = self.limits.handshake_timeout;
        match rt::timeout(within, to.send(connection)).await {
            Ok(Ok(())) => self.report.counters.accept(),
            // The listener was dropped: its peers find the connection closed.
            Ok(Err(_gone)) => {}
            Err(_) => return Err(Refused::too_many("connections that nobody takes over", HAND_OVER, ends)),
        }
        Ok(())
    }

    async fn greet(&self, tcp: TcpStream, ends: Ends, guest: &Guest) -> Result<Option<Secure>, Refused> {
        let set = tcp.set_nodelay(true).and_then(|()| self.keep_alive.set_on(&tcp));
        set.map_err(|error| Refused::closed(error.kind(), ends))?;
        let Some(tls) = &self.tls else { return self.greet_plainly(tcp, ends, guest).await.map(|()| None) };
        let seat = self.lobby.silence(guest);
        let hello = tls.hello(tcp, ends).await?;
        drop(seat);
        let _turn = self.lobby.turn(guest).await.map_err(|Full { what, limit }| Refused::too_many(what, limit, ends))?;
        hello.finish().await.map(Box::new).map(Some)
    }

    async fn greet_plainly(&self, mut tcp: TcpStream, ends: Ends, guest: &Guest) -> Result<(), Refused> {
        let closed = |error: io::Error| Refused::closed(error.kind(), ends);
        let _seat = self.lobby.silence(guest);
        let mut first = [0; 1];
        let count = tcp.peek(&mut first).await.map_err(closed)?;
        if count == 0 {
            return Err(Refused::wordless(ends));
        }
        if explain::is_tls(first.get(..count).unwrap_or_default()) {
            tcp.write_all(PLAIN_PORT.as_bytes()).await.map_err(closed)?;
            return Err(Refused::tls_on_plain(ends));
        }
        Ok(())
    }

    /// A socket that is closed with unread bytes resets the connection, and the peer never reads the
    /// alert that says why.
    async fn linger(&self, mut tcp: TcpStream) {
        if tcp.shutdown(Shutdown::Write).is_err() {
            return;
        }
        rt::timeout(self.limits.linger, rt::drain(&mut tcp)).await.unwrap_or_default();
    }
}

/// Why a listener does not listen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenerError {
    /// The settings cannot work.
    #[error(transparent)]
    Tls(#[from] InvalidTls),
    /// The port cannot be opened.
    #[error("cannot listen on {address}")]
    Port {
        /// Which address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// No address was given.
    #[error("there is no address to listen on")]
    NoAddress,
    /// The accept loop has ended.
    #[error("the listener has ended")]
    Ended,
}

impl Failure for ListenerError {
    fn code(&self) -> Code {
        match self {
            Self::Tls(error) => error.code(),
            Self::Port { .. } | Self::NoAddress | Self::Ended => Code::Unreachable,
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Tls(error) => error.hint(),
            Self::Port { .. } => Hint::fixed("is the port taken? Choose another, or port 0 for any"),
            Self::NoAddress => Hint::fixed("name one, such as 127.0.0.1"),
            Self::Ended => Hint::fixed("bind it again"),
        }
    }
}

const BACK_OFF: Duration = Duration::from_millis(50);
const MOMENT: Duration = Duration::from_millis(1);
const HAND_OVER: usize = 16;
