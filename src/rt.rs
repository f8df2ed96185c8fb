//! The only door to the async runtime. If async-std must go one day, this is the room to rebuild.

#[cfg(feature = "cli")]
pub mod signals;

pub use async_std::channel;
pub use async_std::net::{TcpListener, TcpStream};
pub use event_listener::Event;

use async_std::task;
use futures_util::future::{AbortHandle, Abortable};
use futures_util::io::{AsyncRead, AsyncReadExt};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// Runs a future to its end on this thread. It is boxed: async-std hands it by value through many frames,
/// and a large one would overflow a small stack.
pub fn block_on<F: Future>(future: F) -> F::Output {
    task::block_on(Box::pin(future))
}

/// A task with an owner: it ends when this value is dropped.
#[derive(Debug)]
#[must_use = "a task that is dropped is stopped"]
pub struct Task(Option<AbortHandle>);

impl Task {
    /// Lets the task live until it ends by itself.
    pub fn detach(mut self) {
        self.0 = None;
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if let Some(handle) = self.0.take() {
            handle.abort();
        }
    }
}

/// Starts a named task.
///
/// # Errors
/// When the runtime cannot start its threads.
pub fn spawn<F>(name: &str, future: F) -> io::Result<Task>
where
    F: Future<Output = ()> + Send + 'static,
{
    let (handle, registration) = AbortHandle::new_pair();
    task::Builder::new().name(name.to_owned()).spawn(Abortable::new(future, registration))?;
    Ok(Task(Some(handle)))
}

/// The time for something is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it took too long")]
pub struct Elapsed;

/// Waits for a future, but not longer than this.
///
/// # Errors
/// [`Elapsed`] when the time is over first.
pub async fn timeout<F: Future>(after: Duration, future: F) -> Result<F::Output, Elapsed> {
    async_std::future::timeout(after, future).await.map_err(|_| Elapsed)
}

/// Waits.
pub async fn sleep(duration: Duration) {
    task::sleep(duration).await;
}

/// Runs what may block, such as reading a file, where it keeps nobody else from running.
pub async fn unblock<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    task::spawn_blocking(work).await
}

/// Lets other tasks have their turn.
pub async fn yield_now() {
    task::yield_now().await;
}

/// Reads to the end, and keeps nothing. Lets others have their turn between two reads, also if there is always
/// more to read: otherwise no deadline around it would ever be looked at.
pub async fn drain(reader: &mut (impl AsyncRead + Unpin)) {
    let mut nobody_reads_this = vec![0; 4096];
    while let Ok(1..) = reader.read(&mut nobody_reads_this).await {
        task::yield_now().await;
    }
}

/// The addresses of a host, as the system resolves it.
///
/// # Errors
/// What the resolver said.
pub async fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    use async_std::net::ToSocketAddrs;
    Ok((host, port).to_socket_addrs().await.map_err(of_system)?.collect())
}

/// What the system said. async-std says before it which address that was about, in Rust's notation.
fn of_system(error: io::Error) -> io::Error {
    let cause = error.get_ref().and_then(|context| context.source()).map(ToString::to_string);
    match cause {
        Some(cause) => io::Error::new(error.kind(), cause),
        None => error,
    }
}

/// Has the system probe a connection on which nothing has moved for `idle`, every `interval`, and give it up when
/// the `count`th probe in a row has no answer.
///
/// # Errors
/// What the system said.
pub fn keep_alive(tcp: &TcpStream, idle: Duration, interval: Duration, count: u32) -> io::Result<()> {
    use rustix::net::sockopt;
    sockopt::set_tcp_keepidle(tcp, idle)?;
    sockopt::set_tcp_keepintvl(tcp, interval)?;
    sockopt::set_tcp_keepcnt(tcp, count)?;
    sockopt::set_socket_keepalive(tcp, true)?;
    Ok(())
}

/// Whether one could listen here now, told without listening: whoever starts there at this moment is not disturbed.
///
/// # Errors
/// What the system would say to one who listens.
pub fn probe(address: SocketAddr) -> io::Result<()> {
    use rustix::net::{AddressFamily, SocketType, bind, socket, sockopt};
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let socket = socket(family, SocketType::STREAM, None)?;
    sockopt::set_socket_reuseaddr(&socket, true)?;
    Ok(bind(&socket, &address)?)
}

/// Connects to the first of these addresses that answers. Each has an even share of the time, so that a
/// dead one does not use it up.
///
/// # Errors
/// What the last one said, or that it said nothing in time.
pub async fn connect(addresses: &[SocketAddr], within: Duration) -> io::Result<TcpStream> {
    let share = within / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for &address in addresses {
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(tcp)) => return Ok(tcp),
            Ok(Err(error)) => last = error,
            Err(Elapsed) => last = io::Error::new(io::ErrorKind::TimedOut, format!("{address} did not answer within {share:?}")),
        }
    }
    Err(last)
}
