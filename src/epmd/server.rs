//! An epmd of our own: in a node that found none, or as `countersign epmd`.
//!
//! It answers what OTP's epmd answers, and differs where that one trusts too much:
//!
//! - `KILL_REQ` is always refused with `NO`, and `STOP_REQ` always closed without an answer, as OTP's epmd
//!   does while nodes are registered: the process behind this one is somebody's node. `epmd -relaxed_command_check` has no counterpart.
//! - `ALIVE2_REQ`, `DUMP_REQ`, `KILL_REQ` and `STOP_REQ` from other hosts are closed without an answer.
//! - A name is UTF-8 without white space, control characters and `@`; see [`AliveName`](super::AliveName).
//! - Each registration has a creation of its own, and the count begins at the clock's seconds. An epmd that
//!   lives in a node starts anew with it, and must not give out the creations of its former life.

mod guest;
mod room;

use super::error::EpmdError;
use super::registry::Registry;
use super::settings;
use super::wire::NodeEntry;
use crate::clock::{Clock, SystemClock};
use crate::observe::{Counters, Event};
use crate::rt::{self, TcpListener};
use futures_util::future::{FutureExt, select_all};
use futures_util::stream::{FuturesUnordered, StreamExt};
use room::Room;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Where an epmd listens, and how much it takes on.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// Addresses to listen on. None stands for every IPv4 address, as with OTP's epmd: a node is found by
    /// other hosts only if they can ask. 127.0.0.1 is always among them, because nodes register there.
    pub addresses: Vec<IpAddr>,
    /// The port; 0 lets the system choose.
    pub port: u16,
    /// Connections from this host. Each registered node holds one.
    pub local_connections: usize,
    /// Connections from elsewhere, counted apart: they cannot take the places of the nodes.
    pub remote_connections: usize,
    /// How many of those one other host may have; of IPv6, one /64.
    pub remote_per_address: usize,
    /// How long a guest may take from connecting to having read its answer.
    pub request_timeout: Duration,
}

impl ServerOptions {
    /// On this port, of every address.
    pub const fn everywhere(port: u16) -> Self {
        Self {
            addresses: Vec::new(),
            port,
            local_connections: 1_024,
            remote_connections: 128,
            remote_per_address: 16,
            request_timeout: Duration::from_secs(5),
        }
    }

    /// On a port that the system chooses, of 127.0.0.1 only.
    pub fn loopback() -> Self {
        Self { addresses: vec![LOOPBACK], ..Self::everywhere(0) }
    }

    /// As `ERL_EPMD_PORT` and `ERL_EPMD_ADDRESS` say.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn from_environment() -> Result<Self, EpmdError> {
        Ok(Self { addresses: settings::addresses()?, ..Self::everywhere(settings::port()?) })
    }

    fn wanted(&self) -> Vec<IpAddr> {
        let mut wanted = self.addresses.clone();
        if wanted.is_empty() {
            wanted.push(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        }
        // Every address includes loopback; on Linux :: is both families.
        if !wanted.iter().any(|address| address.is_unspecified() || *address == LOOPBACK) {
            wanted.push(LOOPBACK);
        }
        wanted
    }
}

/// A running epmd. It ends, and closes every connection, when this is dropped.
#[derive(Debug)]
pub struct Server {
    addresses: Vec<SocketAddr>,
    port: u16,
    shared: Arc<Shared>,
    _task: rt::Task,
}

#[derive(Debug)]
struct Shared {
    port: u16,
    request_timeout: Duration,
    registry: Mutex<Registry>,
    local: Arc<Room>,
    remote: Arc<Room>,
    counters: Counters,
}

impl Server {
    /// Opens the ports.
    ///
    /// # Errors
    /// When one of them cannot be opened; another epmd has it, for instance.
    pub async fn bind(options: ServerOptions) -> Result<Self, EpmdError> {
        let mut port = options.port;
        let mut sockets = Vec::new();
        let mut addresses = Vec::new();
        for ip in options.wanted() {
            let (socket, address) = open(SocketAddr::new(ip, port)).await?;
            // Where the system chose, it chose for all.
            port = address.port();
            sockets.push(socket);
            addresses.push(address);
        }
        let shared = Arc::new(Shared::new(port, &options));
        let task = rt::spawn("epmd", Arc::clone(&shared).serve(sockets));
        let unusable = |source| EpmdError::Port { address: SocketAddr::new(LOOPBACK, port), source };
        log::info!(target: "countersign::epmd", event:% = Event::EpmdListening, port; "epmd listens");
        Ok(Self { addresses, port, shared, _task: task.map_err(unusable)? })
    }

    /// Where it listens.
    pub fn local_addrs(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The port, the same on each address.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The nodes, by name.
    pub fn registered(&self) -> Vec<NodeEntry> {
        self.shared.lock().nodes().cloned().collect()
    }

    /// How many guests are connected, registered nodes included.
    pub fn connections(&self) -> usize {
        self.shared.local.taken() + self.shared.remote.taken()
    }

    /// Requests that were answered, and refusals by code.
    pub fn counters(&self) -> &Counters {
        &self.shared.counters
    }
}

impl Shared {
    fn new(port: u16, options: &ServerOptions) -> Self {
        let seconds = SystemClock.now().as_unix();
        // The low 32 bits: the count goes round, as creations do.
        let seed = u32::try_from(seconds & i64::from(u32::MAX)).unwrap_or_default();
        Self {
            port,
            request_timeout: options.request_timeout,
            registry: Mutex::new(Registry::starting_at(seed)),
            local: Room::of(options.local_connections, usize::MAX),
            remote: Room::of(options.remote_connections, options.remote_per_address),
            counters: Counters::default(),
        }
    }

    /// Owns the sockets and every guest: when this future is dropped, all of them are closed.
    async fn serve(self: Arc<Self>, sockets: Vec<TcpListener>) {
        let mut guests = FuturesUnordered::new();
        // Declared last, so dropped first: a node that sees its registration end must find the port free.
        let sockets = sockets;
        loop {
            let accepting = select_all(sockets.iter().map(|socket| socket.accept().boxed())).map(|(accepted, ..)| accepted);
            futures_util::select_biased! {
                () = guests.select_next_some() => {}
                accepted = accepting.fuse() => match accepted {
                    Ok((tcp, peer)) => guests.push(Arc::clone(&self).attend(tcp, peer).boxed()),
                    Err(error) => {
                        log::error!(target: "countersign::epmd", event:% = Event::CannotAccept, error:%; "cannot accept a connection");
                        // Out of descriptors, most likely: without a pause this loop would do nothing else.
                        rt::sleep(BACK_OFF).await;
                    }
                },
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Registry> {
        // Nothing that runs under this lock can panic half way.
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn open(address: SocketAddr) -> Result<(TcpListener, SocketAddr), EpmdError> {
    let unusable = |source| EpmdError::Port { address, source };
    let socket = TcpListener::bind(address).await.map_err(unusable)?;
    let local = socket.local_addr().map_err(unusable)?;
    Ok((socket, local))
}

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const BACK_OFF: Duration = Duration::from_millis(50);
