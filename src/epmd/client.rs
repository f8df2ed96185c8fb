//! Asks an epmd. Every question has one connection and one deadline.

use super::error::EpmdError;
use super::settings;
use super::wire::{Alive2Resp, AliveName, Creation, Malformed, Names, NodeEntry, Port2Resp, Request};
use crate::rt::{self, TcpStream};
use futures_util::io::{AsyncReadExt, AsyncWriteExt};
use std::io;
use std::net::Shutdown;
use std::time::Duration;

/// Asks the epmds on one port.
#[derive(Clone, Copy, Debug)]
pub struct Client {
    port: u16,
    patience: Duration,
}

impl Client {
    /// Asks on this port.
    pub const fn at(port: u16) -> Self {
        Self { port, patience: PATIENCE }
    }

    /// Asks on the port of `ERL_EPMD_PORT`, or on 4369.
    ///
    /// # Errors
    /// When that variable is no port.
    pub fn from_environment() -> Result<Self, EpmdError> {
        settings::port().map(Self::at)
    }

    /// The same with another deadline for a whole question; it is 5 seconds otherwise.
    #[must_use]
    pub const fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The port on which it asks.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Registers a node of this host, for as long as the [`Registration`] lives.
    ///
    /// # Errors
    /// Why it is not registered; [`EpmdError::NameInUse`] among others.
    pub async fn register(&self, entry: &NodeEntry) -> Result<Registration, EpmdError> {
        let asked = self.within(LOOPBACK, async {
            let mut tcp = self.ask(LOOPBACK, &Request::Alive2(entry.clone())).await?;
            let answer = self.read_alive2(&mut tcp).await?;
            Ok((tcp, answer))
        });
        let name = entry.name.clone();
        match asked.await? {
            (tcp, Alive2Resp::Registered { creation, .. }) => Ok(Registration { name, creation, tcp }),
            (_, Alive2Resp::Refused { result: Alive2Resp::NAME_IN_USE, .. }) => Err(EpmdError::NameInUse { name }),
            (_, Alive2Resp::Refused { result, .. }) => Err(EpmdError::Refused { name, result }),
        }
    }

    /// Asks a host where one of its nodes listens. The address is the host's; epmd knows only the port.
    ///
    /// # Errors
    /// Why that is not known; [`EpmdError::NotRegistered`] when there is no such node.
    pub async fn lookup(&self, name: &AliveName, host: &str) -> Result<NodeEntry, EpmdError> {
        let answer = self.ask_to_the_end(host, &Request::PortPlease2(name.clone())).await?;
        match Port2Resp::parse(&answer).map_err(|source| self.malformed(host, source))? {
            Port2Resp::Found(entry) => Ok(entry),
            Port2Resp::NotFound(_) => Err(EpmdError::NotRegistered { name: name.clone(), host: host.to_owned() }),
        }
    }

    /// Asks a host for all its nodes.
    ///
    /// # Errors
    /// Why that is not known.
    pub async fn names(&self, host: &str) -> Result<Names, EpmdError> {
        let answer = self.ask_to_the_end(host, &Request::Names).await?;
        Names::parse(&answer).map_err(|source| self.malformed(host, source))
    }

    async fn ask_to_the_end(&self, host: &str, request: &Request) -> Result<Vec<u8>, EpmdError> {
        let answer = self.within(host, async {
            let tcp = self.ask(host, request).await?;
            let mut answer = Vec::new();
            tcp.take(LONGEST_ANSWER + 1).read_to_end(&mut answer).await.map_err(|source| self.broken(host, source))?;
            Ok(answer)
        });
        let answer = answer.await?;
        match answer.len() {
            0 => Err(self.closed(host)),
            length if length as u64 > LONGEST_ANSWER => Err(self.malformed(host, TOO_LONG)),
            _ => Ok(answer),
        }
    }

    async fn ask(&self, host: &str, request: &Request) -> Result<TcpStream, EpmdError> {
        let mut tcp = self.connect(host).await?;
        tcp.write_all(&request.encode()).await.map_err(|source| self.broken(host, source))?;
        Ok(tcp)
    }

    async fn connect(&self, host: &str) -> Result<TcpStream, EpmdError> {
        let resolved = rt::resolve(host, self.port).await;
        let addresses = resolved.map_err(|source| EpmdError::UnknownHost { host: host.to_owned(), source })?;
        let reached = rt::connect(&addresses, self.patience).await;
        reached.map_err(|source| EpmdError::Unreachable { host: host.to_owned(), port: self.port, source })
    }

    async fn read_alive2(&self, tcp: &mut TcpStream) -> Result<Alive2Resp, EpmdError> {
        let ended = |error: io::Error| match error.kind() {
            io::ErrorKind::UnexpectedEof => self.closed(LOOPBACK),
            _ => self.broken(LOOPBACK, error),
        };
        let malformed = |source| self.malformed(LOOPBACK, source);
        let mut tag = [0; 1];
        tcp.read_exact(&mut tag).await.map_err(ended)?;
        let [first] = tag;
        let mut rest = vec![0; Alive2Resp::length_after(first).map_err(malformed)?];
        tcp.read_exact(&mut rest).await.map_err(ended)?;
        Alive2Resp::parse(&[&tag[..], &rest].concat()).map_err(malformed)
    }

    async fn within<T>(&self, host: &str, asking: impl Future<Output = Result<T, EpmdError>>) -> Result<T, EpmdError> {
        let late = |_| EpmdError::Timeout { host: host.to_owned(), port: self.port, within: self.patience };
        rt::timeout(self.patience, asking).await.map_err(late)?
    }

    fn malformed(&self, host: &str, source: Malformed) -> EpmdError {
        EpmdError::Malformed { host: host.to_owned(), port: self.port, source }
    }

    fn broken(&self, host: &str, source: io::Error) -> EpmdError {
        EpmdError::Broken { host: host.to_owned(), port: self.port, source }
    }

    fn closed(&self, host: &str) -> EpmdError {
        EpmdError::Closed { host: host.to_owned(), port: self.port }
    }
}

/// A node is registered. Dropping this unregisters it.
#[derive(Debug)]
#[must_use = "a registration that is dropped is over"]
pub struct Registration {
    name: AliveName,
    creation: Creation,
    // The only handle to the connection, whose end is what unregisters.
    tcp: TcpStream,
}

impl Registration {
    /// Under which name.
    pub const fn name(&self) -> &AliveName {
        &self.name
    }

    /// What epmd gave to this life of the node. A node that registers again, because epmd was lost, keeps
    /// the creation that it had first.
    pub const fn creation(&self) -> Creation {
        self.creation
    }

    /// Waits until the epmd is gone, and the node with it from the list. OTP nodes register again after 2 seconds.
    ///
    /// This has no deadline: it is how one learns of the loss, and can be given up at any time.
    pub async fn lost(&self) {
        let mut tcp = &self.tcp;
        let mut nothing_is_said_here = [0; 16];
        while let Ok(1..) = tcp.read(&mut nothing_is_said_here).await {}
    }

    /// Unregisters, and waits until the name is free: an epmd that merely sees a connection end does so in its own
    /// time, and whoever comes next under that name would find it taken. One that says nothing is waited for a second.
    pub async fn end(self) {
        // Without a connection there is no name either.
        if self.tcp.shutdown(Shutdown::Write).is_ok() {
            rt::timeout(GOODBYE, self.lost()).await.unwrap_or_default();
        }
    }
}

/// Where nodes register: an epmd takes nobody from elsewhere.
const LOOPBACK: &str = "127.0.0.1";
const PATIENCE: Duration = Duration::from_secs(5);
const GOODBYE: Duration = Duration::from_secs(1);
/// Room for some four thousand names of the greatest length.
const LONGEST_ANSWER: u64 = 1 << 20;
const TOO_LONG: Malformed = Malformed::TooLong { what: "text", length: LONGEST_ANSWER as usize + 1, limit: LONGEST_ANSWER as usize };
