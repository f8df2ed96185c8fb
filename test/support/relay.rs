//! A relay before a port, whose connections can be held up and cut, each by itself.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// From whoever dialled.
    There,
    /// To whoever dialled.
    Back,
}

#[derive(Debug)]
pub(crate) struct Relay {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    connections: Vec<Relayed>,
    /// The next connection is cut when so many bytes have gone over it.
    limit: Option<usize>,
}

#[derive(Debug)]
struct Relayed {
    near: TcpStream,
    far: TcpStream,
    held: [bool; 2],
    carried: usize,
    limit: Option<usize>,
}

impl Relay {
    /// Whoever dials its port reaches this one.
    pub(crate) fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let relay = Self { port: listener.local_addr().unwrap().port(), shared: Arc::default() };
        let shared = Arc::clone(&relay.shared);
        thread::spawn(move || {
            for near in listener.incoming() {
                let (Ok(near), Ok(far)) = (near, TcpStream::connect(("127.0.0.1", port))) else { return };
                shared.begin(near, far);
            }
        });
        relay
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// How many connections there ever were.
    pub(crate) fn connections(&self) -> usize {
        self.shared.lock().connections.len()
    }

    /// How many bytes have gone over a connection.
    pub(crate) fn carried(&self, connection: usize) -> usize {
        self.shared.lock().connections[connection].carried
    }

    /// Nothing more goes that way until it is released.
    pub(crate) fn hold(&self, connection: usize, way: Way) {
        self.shared.lock().connections[connection].held[way as usize] = true;
    }

    pub(crate) fn release(&self, connection: usize) {
        self.shared.lock().connections[connection].held = [false; 2];
        self.shared.changed.notify_all();
    }

    /// The next connection is cut when so many bytes have gone over it; `None`: it is not.
    pub(crate) fn cut_next_after(&self, bytes: Option<usize>) {
        self.shared.lock().limit = bytes;
    }

    /// Without a goodbye.
    pub(crate) fn cut(&self, connection: usize) {
        self.shared.lock().connections[connection].cut();
        self.shared.changed.notify_all();
    }
}

impl Relayed {
    fn cut(&mut self) {
        self.held = [false; 2];
        for socket in [&self.near, &self.far] {
            // It may be gone already.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn begin(self: &Arc<Self>, near: TcpStream, far: TcpStream) {
        near.set_nodelay(true).unwrap();
        far.set_nodelay(true).unwrap();
        let copies = [
            (Way::There, near.try_clone().unwrap(), far.try_clone().unwrap()),
            (Way::Back, far.try_clone().unwrap(), near.try_clone().unwrap()),
        ];
        let mut state = self.lock();
        let (index, limit) = (state.connections.len(), state.limit.take());
        state.connections.push(Relayed { near, far, held: [false; 2], carried: 0, limit });
        drop(state);
        for (way, from, to) in copies {
            let shared = Arc::clone(self);
            thread::spawn(move || shared.carry(index, way, from, to));
        }
    }

    fn carry(&self, index: usize, way: Way, mut from: TcpStream, mut to: TcpStream) {
        let mut buffer = [0; 16 * 1024];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            let count = self.admit(index, way, count);
            if to.write_all(&buffer[..count]).is_err() {
                break;
            }
            let mut state = self.lock();
            let relayed = &mut state.connections[index];
            if relayed.limit.is_some_and(|limit| relayed.carried >= limit) {
                relayed.cut();
            }
        }
        // The other end may be gone already.
        let _ = to.shutdown(Shutdown::Write);
    }

    /// Waits while it is held; how many of these bytes may go.
    fn admit(&self, index: usize, way: Way, count: usize) -> usize {
        let mut state = self.lock();
        while state.connections[index].held[way as usize] {
            state = self.changed.wait(state).unwrap();
        }
        let relayed = &mut state.connections[index];
        let count = relayed.limit.map_or(count, |limit| count.min(limit.saturating_sub(relayed.carried)));
        relayed.carried += count;
        count
    }
}

/// The threads end with their sockets; that of the listener with the program.
impl Drop for Relay {
    fn drop(&mut self) {
        self.shared.lock().connections.iter_mut().for_each(Relayed::cut);
        self.shared.changed.notify_all();
    }
}
