//! Peers that speak no TLS of today: bytes on a socket, made by hand.

use super::foreign_tls::{Met, wire_name};
use countersign::rt::{TcpListener, TcpStream};
use futures_util::io::{AsyncReadExt, AsyncWriteExt};
use rustls::AlertDescription;
use std::io;
use std::net::SocketAddr;

/// Connects, says this, and listens to the end.
pub(crate) async fn dial(port: u16, bytes: &[u8]) -> io::Result<(SocketAddr, Met)> {
    let mut tcp = TcpStream::connect(("127.0.0.1", port)).await?;
    let local = tcp.local_addr()?;
    let _ = tcp.write_all(bytes).await;
    Ok((local, read_to_alert(&mut tcp).await))
}

/// Accepts one peer, says this, and listens to the end.
pub(crate) async fn accept(listener: &TcpListener, bytes: &[u8]) -> io::Result<Met> {
    let (mut tcp, _) = listener.accept().await?;
    // An answer that is sent before the question was read may be lost when the connection is reset.
    let mut question = [0; 1];
    tcp.read_exact(&mut question).await?;
    let mut header = vec![0; 4];
    tcp.read_exact(&mut header).await?;
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    tcp.read_exact(&mut vec![0; length]).await?;
    let _ = tcp.write_all(bytes).await;
    Ok(read_to_alert(&mut tcp).await)
}

/// The hello of a client whose newest version is TLS 1.1. It has no signature algorithms: those came with 1.2.
pub(crate) fn tls_1_1_client_hello() -> Vec<u8> {
    let mut body = vec![3, 2];
    body.extend([7; 32]);
    body.push(0);
    body.extend([0, 4, 0xc0, 0x13, 0, 0x2f]);
    body.extend([1, 0]);
    let extensions = [&[0, 10, 0, 4, 0, 2, 0, 23][..], &[0, 11, 0, 2, 1, 0][..]].concat();
    body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
    body.extend(extensions);
    handshake_record(1, &body)
}

/// The answer of a server whose newest version is TLS 1.1.
pub(crate) fn tls_1_1_server_hello() -> Vec<u8> {
    let mut body = vec![3, 2];
    body.extend([7; 32]);
    body.push(0);
    body.extend([0xc0, 0x13, 0]);
    handshake_record(2, &body)
}

fn handshake_record(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    let mut message = vec![kind];
    message.extend(&length[1..]);
    message.extend(body);
    let mut record = vec![0x16, 3, 1];
    record.extend(u16::try_from(message.len()).unwrap().to_be_bytes());
    record.extend(message);
    record
}

/// Passes over records until one is an alert, or nothing more comes.
async fn read_to_alert(tcp: &mut TcpStream) -> Met {
    let mut bytes = Vec::new();
    // A reset after the alert is an end like any other.
    let _ = tcp.read_to_end(&mut bytes).await;
    let mut rest = &bytes[..];
    while let [kind, 3, _, high, low, after @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        match after.get(..length) {
            Some([_level, description]) if *kind == 0x15 => {
                return Met::Alert(wire_name(&format!("{:?}", AlertDescription::from(*description))));
            }
            Some(_) => rest = &after[length..],
            None => break,
        }
    }
    Met::Closed
}
