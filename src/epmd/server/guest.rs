//! One connection: a request, its answer, and for a registered node the long wait for its end.

use super::Shared;
use crate::epmd::registry::NameTaken;
use crate::epmd::wire::{Alive2Resp, AliveName, Malformed, Names, NodeEntry, Port2Resp, Request, dump_text, kill_resp};
use crate::failure::Code;
use crate::observe::Event;
use crate::rt::{self, TcpStream};
use futures_util::io::{AsyncReadExt, AsyncWriteExt};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

impl Shared {
    pub(super) async fn attend(self: Arc<Self>, mut tcp: TcpStream, peer: SocketAddr) {
        let is_local = is_local(peer.ip(), tcp.local_addr().ok().map(|address| address.ip()));
        let room = if is_local { &self.local } else { &self.remote };
        let Some(_place) = room.enter(peer.ip()) else { return self.turn_away(peer, &TurnedAway::Full) };
        match rt::timeout(self.request_timeout, self.exchange(&mut tcp, is_local)).await {
            Ok(Ok(None)) => self.counters.accept(),
            Ok(Ok(Some(seat))) => {
                self.counters.accept();
                self.keep(seat, tcp, peer).await;
            }
            Ok(Err(reason)) => self.turn_away(peer, &reason),
            Err(_) => self.turn_away(peer, &TurnedAway::Slow),
        }
    }

    /// `Some` for a node that is now registered.
    async fn exchange(self: &Arc<Self>, tcp: &mut TcpStream, is_local: bool) -> Result<Option<Seat>, TurnedAway> {
        let request = read_request(tcp).await?;
        judge(&request, is_local)?;
        match request {
            Request::Alive2(entry) => self.register(tcp, entry).await.map(Some),
            Request::Stop(_) => Err(TurnedAway::NotAllowed(request.word())),
            Request::Kill => {
                tcp.write_all(kill_resp(false)).await?;
                Err(TurnedAway::NotAllowed(request.word()))
            }
            Request::PortPlease2(name) => Ok(tcp.write_all(&self.find(&name).encode()).await.map(|()| None)?),
            Request::Names => {
                let answer = Names::encode(self.port, self.lock().nodes());
                Ok(tcp.write_all(&answer).await.map(|()| None)?)
            }
            Request::Dump => {
                let answer = dump_text(self.port, self.lock().nodes());
                Ok(tcp.write_all(&answer).await.map(|()| None)?)
            }
        }
    }

    /// The seat is there before the answer is: if that cannot be written, it is given back.
    async fn register(self: &Arc<Self>, tcp: &mut TcpStream, entry: NodeEntry) -> Result<Seat, TurnedAway> {
        let registered = self.lock().register(entry.clone());
        let creation = match registered {
            Ok(creation) => creation,
            Err(NameTaken) => {
                tcp.write_all(&Alive2Resp::name_in_use(&entry).encode()).await?;
                return Err(TurnedAway::NameInUse(entry.name));
            }
        };
        let seat = Seat { shared: Arc::clone(self), name: entry.name.clone() };
        tcp.write_all(&Alive2Resp::registered(&entry, creation).encode()).await?;
        log::info!(target: "countersign::epmd", event:% = Event::NodeRegistered, name:% = entry.name, port = entry.port, creation = creation.as_u32(); "node registered");
        Ok(seat)
    }

    fn find(&self, name: &AliveName) -> Port2Resp {
        self.lock().find(name).map_or(Port2Resp::NotFound(NO_SUCH_NODE), |entry| Port2Resp::Found(entry.clone()))
    }

    /// No deadline: a node stays registered for as long as it lives. Its end closes the connection.
    async fn keep(&self, seat: Seat, mut tcp: TcpStream, peer: SocketAddr) {
        let mut more = [0; 1];
        let read = tcp.read(&mut more).await;
        drop(seat);
        if let Ok(1..) = read {
            self.turn_away(peer, &TurnedAway::Talkative);
        }
    }

    fn turn_away(&self, peer: SocketAddr, reason: &TurnedAway) {
        let code = reason.code();
        self.counters.refuse(code, false);
        match reason {
            // A port scan, a health check, or a node that ended at a bad moment.
            TurnedAway::Gone(_) => log::debug!(target: "countersign::epmd", peer:%, code:%, reason:%; "guest left"),
            _ => log::warn!(target: "countersign::epmd", event:% = Event::GuestRefused, peer:%, code:%, reason:%; "guest refused"),
        }
    }
}

/// The name of a registered node; free again when dropped.
#[derive(Debug)]
struct Seat {
    shared: Arc<Shared>,
    name: AliveName,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.shared.lock().unregister(&self.name);
        log::info!(target: "countersign::epmd", event:% = Event::NodeUnregistered, name:% = self.name; "node unregistered");
    }
}

/// Why a guest did not get what it came for.
#[derive(Debug, thiserror::Error)]
enum TurnedAway {
    #[error("the request is malformed: {0}")]
    Malformed(#[from] Malformed),
    #[error("{0} from another host")]
    NotFromHere(&'static str),
    #[error("{0} is never granted here")]
    NotAllowed(&'static str),
    #[error("the name {0} is registered already")]
    NameInUse(AliveName),
    #[error("a registered node has nothing more to say")]
    Talkative,
    #[error("there was no whole request in time")]
    Slow,
    #[error("there are too many connections")]
    Full,
    #[error("the connection broke: {0}")]
    Gone(#[from] io::Error),
}

impl TurnedAway {
    const fn code(&self) -> Code {
        match self {
            Self::Malformed(_) | Self::Talkative => Code::ProtocolViolation,
            Self::NotFromHere(_) | Self::NotAllowed(_) => Code::NotAllowed,
            Self::NameInUse(_) => Code::NameInUse,
            Self::Slow => Code::Timeout,
            Self::Full => Code::TooMany,
            Self::Gone(_) => Code::PeerClosed,
        }
    }
}

/// The length is judged before there is room for the body.
async fn read_request(tcp: &mut TcpStream) -> Result<Request, TurnedAway> {
    let mut header = [0; 2];
    tcp.read_exact(&mut header).await?;
    let mut body = vec![0; Request::body_length(header)?];
    tcp.read_exact(&mut body).await?;
    Ok(Request::parse(&body)?)
}

/// Other hosts may look for nodes, and no more.
const fn judge(request: &Request, is_local: bool) -> Result<(), TurnedAway> {
    match request {
        Request::PortPlease2(_) | Request::Names => Ok(()),
        _ if is_local => Ok(()),
        _ => Err(TurnedAway::NotFromHere(request.word())),
    }
}

/// A process of this host may also come by one of the host's other addresses, and then dials that one too.
fn is_local(from: IpAddr, to: Option<IpAddr>) -> bool {
    let from = from.to_canonical();
    from.is_loopback() || to.is_some_and(|to| to.to_canonical() == from)
}

const NO_SUCH_NODE: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_hosts_may_only_look() {
        let entry = NodeEntry::visible("a".parse().unwrap(), 1);
        let name = || entry.name.clone();
        for request in [Request::Alive2(entry.clone()), Request::Dump, Request::Kill, Request::Stop(name())] {
            assert!(matches!(judge(&request, false), Err(TurnedAway::NotFromHere(_))), "{request:?}");
            assert!(judge(&request, true).is_ok(), "{request:?}");
        }
        for request in [Request::Names, Request::PortPlease2(name())] {
            assert!(judge(&request, false).is_ok(), "{request:?}");
        }
    }

    #[test]
    fn who_comes_from_this_host_is_known_by_both_addresses() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let local = |from, to| is_local(ip(from), Some(ip(to)));
        assert!(local("127.0.0.1", "127.0.0.1") && local("::1", "::1") && local("::ffff:127.0.0.1", "::ffff:127.0.0.1"));
        assert!(local("192.0.2.7", "192.0.2.7") && local("::ffff:192.0.2.7", "::ffff:192.0.2.7"));
        assert!(!local("192.0.2.8", "192.0.2.7") && !local("::ffff:192.0.2.8", "::ffff:192.0.2.7"));
        assert!(!is_local(ip("192.0.2.7"), None));
    }
}
