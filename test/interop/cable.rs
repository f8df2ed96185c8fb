//! A cable between two nodes that can be cut: from then on neither hears the other, and no socket says so.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

#[derive(Debug)]
pub(crate) struct Cable {
    port: u16,
    ends: Arc<Ends>,
}

#[derive(Debug, Default)]
struct Ends {
    is_cut: AtomicBool,
    sockets: Mutex<Vec<TcpStream>>,
}

impl Cable {
    /// Whoever dials its port reaches this one.
    pub(crate) fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let cable = Self { port: listener.local_addr().unwrap().port(), ends: Arc::default() };
        let ends = Arc::clone(&cable.ends);
        thread::spawn(move || {
            let (near, _) = listener.accept().unwrap();
            let far = TcpStream::connect(("127.0.0.1", port)).unwrap();
            for (from, to) in [(&near, &far), (&far, &near)] {
                let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                let ends = Arc::clone(&ends);
                thread::spawn(move || ends.carry(from, to));
            }
            ends.sockets.lock().unwrap().extend([near, far]);
        });
        cable
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn cut(&self) {
        self.ends.is_cut.store(true, Ordering::SeqCst);
    }
}

impl Ends {
    fn carry(&self, mut from: TcpStream, mut to: TcpStream) {
        let mut buffer = [0; 16 * 1024];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            let is_cut = self.is_cut.load(Ordering::SeqCst);
            if !is_cut && to.write_all(buffer.get(..count).unwrap()).is_err() {
                break;
            }
        }
        if !self.is_cut.load(Ordering::SeqCst) {
            // The other end may be gone already.
            let _ = to.shutdown(Shutdown::Write);
        }
    }
}

/// The threads end with their sockets.
impl Drop for Cable {
    fn drop(&mut self) {
        for socket in &*self.ends.sockets.lock().unwrap() {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}
