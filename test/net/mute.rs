//! Peers that connect and do not behave. They are plain blocking sockets, so that they need nothing of
//! what is tested.

use countersign::net::Listener;
use countersign::testing::Ca;
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::world::NEVER;

/// A peer that connects and says nothing.
pub(crate) fn silent(listener: &Listener) -> TcpStream {
    let socket = TcpStream::connect(listener.local_addr()).unwrap();
    socket.set_read_timeout(Some(NEVER)).unwrap();
    socket
}

/// A peer that sends a hello of TLS and then nothing.
pub(crate) fn stalled(listener: &Listener, ca: &Ca) -> TcpStream {
    let mut socket = silent(listener);
    socket.write_all(&hello(ca)).unwrap();
    socket
}

/// A real ClientHello.
pub(crate) fn hello(ca: &Ca) -> Vec<u8> {
    let mut roots = RootCertStore::empty();
    roots.add(ca.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = builder.with_root_certificates(roots).with_no_client_auth();
    let mut session = ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let mut bytes = Vec::new();
    while session.wants_write() {
        session.write_tls(&mut bytes).unwrap();
    }
    bytes
}

/// What the socket still has to say, until it is closed. A reset counts as closed.
pub(crate) fn last_words(mut socket: &TcpStream) -> Vec<u8> {
    let (mut all, mut buffer) = (Vec::new(), [0; 1024]);
    loop {
        match socket.read(&mut buffer) {
            Ok(0) => return all,
            Ok(count) => all.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return all,
            Err(error) => panic!("the socket is still open: {error}"),
        }
    }
}

/// Whether the other end has neither answered nor closed.
pub(crate) fn is_unanswered(socket: &TcpStream) -> bool {
    socket.set_nonblocking(true).unwrap();
    let unanswered = matches!(socket.peek(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock);
    socket.set_nonblocking(false).unwrap();
    unanswered
}

/// A peer that sends a byte of its hello each second, until dropped.
pub(crate) struct Slow {
    pub(crate) socket: TcpStream,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Slow {
    pub(crate) fn new(listener: &Listener, ca: &Ca) -> Self {
        let (socket, stop, hello) = (silent(listener), Arc::new(AtomicBool::new(false)), hello(ca));
        let (mut writer, stopped) = (socket.try_clone().unwrap(), Arc::clone(&stop));
        writer.write_all(&hello[..1]).unwrap();
        let drip = move || {
            for byte in &hello[1..] {
                thread::park_timeout(Duration::from_secs(1));
                if stopped.load(Ordering::Relaxed) || writer.write_all(&[*byte]).is_err() {
                    return;
                }
            }
        };
        Self { socket, stop, thread: Some(thread::spawn(drip)) }
    }
}

impl Drop for Slow {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            thread.join().unwrap();
        }
    }
}
