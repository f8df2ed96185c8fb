//! Accepts connections. The accept loop waits for nobody: each peer has a task, a deadline and a place
//! in the lobby, and only a finished handshake comes out of [`Listener::accept`].

use super::connection::Connection;
use super::limits::{Full, Gate, Limits, Pass};
use super::lobby::{Guest, Lobby};
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::observe::Counters;
use crate::rt::channel::{Receiver, Sender, bounded};
use crate::rt::{self, TcpListener, TcpStream};
use crate::tls::config::InvalidTls;
use crate::tls::explain::{self, Ends, PLAIN_PORT, Refused};
use crate::tls::{CertAuthManager, SecureStream, ServerName, ServerSide, TlsPolicy};
use futures_util::future::Abortable;
use futures_util::io::{AsyncReadExt, AsyncWriteExt};
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// What a listener is made of.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ListenerOptions {
    /// The certificate and whom to trust; without it the listener speaks plain TCP.
    pub cert_manager: Option<Arc<dyn CertAuthManager>>,
    /// How handshakes are made and judged.
    pub tls: TlsPolicy,
    /// How much to take on.
    pub limits: Limits,
    /// The names by which peers dial this listener. A certificate that lacks one is refused as an update.
    pub names: Vec<ServerName<'static>>,
}

impl ListenerOptions {
    /// TLS with this manager.
    pub fn secure(manager: Arc<dyn CertAuthManager>) -> Self {
        Self { cert_manager: Some(manager), tls: TlsPolicy::default(), limits: Limits::default(), names: Vec::new() }
    }

    /// Plain TCP: whoever is on the way can read and change everything. The listener warns about it.
    pub fn plain() -> Self {
        Self { cert_manager: None, tls: TlsPolicy::default(), limits: Limits::default(), names: Vec::new() }
    }
}

/// Listens on one address.
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
    accepted: Receiver<Connection>,
    _task: rt::Task,
}

// Boxed as soon as it exists: it is large, and passes through many hands.
type Secure = Box<SecureStream<TcpStream>>;

#[derive(Debug)]
struct Shared {
    tls: Option<ServerSide>,
    limits: Limits,
    gate: Arc<Gate>,
    lobby: Lobby,
    counters: Counters,
}

impl Listener {
    /// Opens the port, having read the manager's pools and mode once.
    ///
    /// # Errors
    /// Settings that cannot work, or a port that cannot be opened.
    pub async fn bind(address: SocketAddr, options: ListenerOptions) -> Result<Self, ListenerError> {
        let ListenerOptions { cert_manager, tls, limits, names } = options;
        let holder = format!("listener {address}");
        let tls = match cert_manager {
            Some(manager) => Some(ServerSide::new(manager.as_ref(), &tls, &holder, names)?),
            None => {
                log::warn!(target: "countersign::net", holder; "no certificate manager: this listener speaks plain TCP");
                None
            }
        };
        let unusable = |source| ListenerError::Port { address, source };
        let socket = TcpListener::bind(address).await.map_err(unusable)?;
        let local = socket.local_addr().map_err(unusable)?;
        let shared = Arc::new(Shared { tls, limits, gate: Gate::new(limits), lobby: Lobby::new(&limits), counters: Counters::default() });
        // Small on purpose: who is in but not yet taken over should wait in its own task, seen by the limits.
        let (hand_over, accepted) = bounded(16);
        let task = rt::spawn("accept", Arc::clone(&shared).accept_loop(socket, hand_over)).map_err(unusable)?;
        Ok(Self { shared, local, accepted, _task: task })
    }

    /// The address it listens on.
    pub const fn local_addr(&self) -> SocketAddr {
        self.local
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
        &self.shared.counters
    }

    /// How many peers are connected, those in mid-handshake included.
    pub fn connections(&self) -> usize {
        self.shared.gate.connections()
    }
}

impl Shared {
    async fn accept_loop(self: Arc<Self>, socket: TcpListener, hand_over: Sender<Connection>) {
        loop {
            match socket.accept().await {
                Ok((tcp, peer)) => self.receive(tcp, peer, &hand_over),
                Err(error) => {
                    // Out of descriptors, most likely: they come back when others leave.
                    log::error!(target: "countersign::net", error:%; "cannot accept a connection");
                    rt::sleep(BACK_OFF).await;
                }
            }
        }
    }

    /// Nothing here waits.
    fn receive(self: &Arc<Self>, tcp: TcpStream, peer: SocketAddr, hand_over: &Sender<Connection>) {
        let ends = Ends { local: tcp.local_addr().ok(), peer: Some(peer) };
        match self.gate.enter(peer.ip()) {
            Ok(pass) => match rt::spawn("handshake", Arc::clone(self).admit(tcp, ends, pass, hand_over.clone())) {
                Ok(task) => task.detach(),
                Err(error) => log::error!(target: "countersign::net", peer:%, error:%; "cannot start a task"),
            },
            Err(Full { what, limit }) => self.refuse(&Refused::too_many(what, limit, ends)),
        }
    }

    async fn admit(self: Arc<Self>, tcp: TcpStream, ends: Ends, pass: Pass, hand_over: Sender<Connection>) {
        let (guest, registration) = self.lobby.newcomer();
        let within = self.limits.handshake_timeout;
        // Boxed, and so is lingering: a task is copied several times while it is started, and a handshake is large.
        let greeting = Abortable::new(Box::pin(self.greet(tcp.clone(), ends, &guest)), registration);
        let step = || if guest.has_greeted() { "the handshake" } else { "the peer's hello" };
        let outcome = match rt::timeout(within, greeting).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_shown_out)) => Err(Refused::too_many("unfinished handshakes", self.limits.silent, ends)),
            Err(_) => Err(Refused::timeout(step(), within, ends)),
        };
        let handed_over = match outcome {
            Ok(stream) => self.hand_over(stream, tcp.clone(), ends, pass, &hand_over).await,
            Err(refused) => Err(refused),
        };
        if let Err(refused) = handed_over {
            self.refuse(&refused);
            Box::pin(self.linger(tcp)).await;
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
            Ok(Ok(())) => self.counters.accept(),
            // The listener was dropped: its peers find the connection closed.
            Ok(Err(_gone)) => {}
            Err(_) => return Err(Refused::timeout("handing the connection over", within, ends)),
        }
        Ok(())
    }

    async fn greet(&self, tcp: TcpStream, ends: Ends, guest: &Guest) -> Result<Option<Secure>, Refused> {
        let Some(tls) = &self.tls else { return self.greet_plainly(tcp, ends, guest).await.map(|()| None) };
        tcp.set_nodelay(true).map_err(|error| Refused::closed(error.kind(), ends))?;
        let seat = self.lobby.wait(guest);
        let hello = tls.hello(tcp, ends).await?;
        drop(seat);
        let _turn = self.lobby.turn(guest).await;
        hello.finish().await.map(Box::new).map(Some)
    }

    async fn greet_plainly(&self, mut tcp: TcpStream, ends: Ends, guest: &Guest) -> Result<(), Refused> {
        let closed = |error: io::Error| Refused::closed(error.kind(), ends);
        let _seat = self.lobby.wait(guest);
        let mut first = [0; 1];
        let count = tcp.peek(&mut first).await.map_err(closed)?;
        if explain::is_tls(first.get(..count).unwrap_or_default()) {
            tcp.write_all(PLAIN_PORT.as_bytes()).await.map_err(closed)?;
            return Err(Refused::tls_on_plain(ends));
        }
        Ok(())
    }

    /// One line and one count for each refusal.
    fn refuse(&self, refused: &Refused) {
        let (code, hint, peer) = (refused.code(), refused.hint(), refused.ends().peer.map(|peer| peer.to_string()).unwrap_or_default());
        self.counters.refuse(code);
        log::warn!(target: "countersign::net", peer, code:%, reason:% = refused, hint:%; "connection refused");
    }

    /// A socket that is closed with unread bytes resets the connection, and the peer never reads the
    /// alert that says why.
    async fn linger(&self, mut tcp: TcpStream) {
        if tcp.shutdown(Shutdown::Write).is_err() {
            return;
        }
        let drain = async {
            let mut nobody_reads_this = [0; 4096];
            while let Ok(1..) = tcp.read(&mut nobody_reads_this).await {}
        };
        rt::timeout(self.limits.linger, drain).await.unwrap_or_default();
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
    /// The accept loop has ended.
    #[error("the listener has ended")]
    Ended,
}

impl Failure for ListenerError {
    fn code(&self) -> Code {
        match self {
            Self::Tls(error) => error.code(),
            Self::Port { .. } | Self::Ended => Code::Unreachable,
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Tls(error) => error.hint(),
            Self::Port { .. } => Hint::fixed("is the port taken? Choose another, or port 0 for any"),
            Self::Ended => Hint::fixed("bind it again"),
        }
    }
}

const BACK_OFF: Duration = Duration::from_millis(50);
