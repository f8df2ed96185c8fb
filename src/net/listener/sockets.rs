//! The sockets of a listener: one for each of its addresses, all at one port.

use super::ListenerError;
use crate::rt::TcpListener;
use std::io;
use std::net::SocketAddr;

/// A socket, and where it listens.
pub(super) type Open = (TcpListener, SocketAddr);

/// Opens all of these, or none. Where the port is 0, all have the one that the system chooses for the first.
pub(super) async fn open(addresses: &[SocketAddr]) -> Result<Vec<Open>, ListenerError> {
    let (first, rest) = addresses.split_first().ok_or(ListenerError::NoAddress)?;
    let mut attempts = ATTEMPTS;
    loop {
        attempts -= 1;
        match open_at_one_port(*first, rest).await {
            // The port was free at the first address, and at another it is somebody's.
            Err(ListenerError::Port { source, .. }) if first.port() == 0 && attempts > 0 && source.kind() == io::ErrorKind::AddrInUse => {}
            outcome => return outcome,
        }
    }
}

async fn open_at_one_port(first: SocketAddr, rest: &[SocketAddr]) -> Result<Vec<Open>, ListenerError> {
    let first = bind(first).await?;
    let port = first.1.port();
    let mut open = vec![first];
    for address in rest {
        let port = if address.port() == 0 { port } else { address.port() };
        open.push(bind(SocketAddr::new(address.ip(), port)).await?);
    }
    Ok(open)
}

async fn bind(address: SocketAddr) -> Result<Open, ListenerError> {
    let unusable = |source| ListenerError::Port { address, source };
    let socket = TcpListener::bind(address).await.map_err(unusable)?;
    let local = socket.local_addr().map_err(unusable)?;
    Ok((socket, local))
}

/// The system hardly ever chooses a port twice that is somebody's elsewhere.
const ATTEMPTS: u32 = 32;
