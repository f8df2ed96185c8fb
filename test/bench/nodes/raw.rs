//! A raw TLS stream of our own stack, without nodes: what is left if a link costs nothing.

use crate::ours::{child, median};
use crate::pki::Pki;
use crate::{Gauge, Pair, Plan};
use countersign::net::{Connection, Dialer, DialerOptions, Listener, ListenerOptions};
use countersign::rt::{self, block_on};
use countersign::tls::CertAuth;
use futures_util::io::{AsyncReadExt, AsyncWriteExt};
use std::io::BufRead;
use std::path::Path;
use std::process::Child;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) const NAME: &str = "raw stream TLS 1.3";

pub(crate) struct Raw {
    dialer: Dialer,
    port: u16,
    child: Child,
}

impl Raw {
    pub(crate) fn start(pki: &Pki) -> Self {
        pki.ensure("a");
        pki.ensure("b");
        let folder = pki.path("ca.pem").parent().unwrap().to_owned();
        // The child tells nobody its port; it takes the one that was free a moment ago.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = child(&["serve-raw".to_owned(), folder.to_str().unwrap().to_owned(), port.to_string()]);
        Self { dialer: Dialer::new(DialerOptions::secure(auth(&folder, "a"))).unwrap(), port, child }
    }

    async fn dial(&self) -> Connection {
        self.dialer.dial("localhost", self.port).await.unwrap()
    }

    async fn round_trips(&self, count: usize) -> f64 {
        let mut stream = self.dial().await;
        let mut times = Vec::new();
        for _ in 0..count + count / 10 {
            let before = Instant::now();
            ask(&mut stream, 0, &[0; 64]).await;
            times.push(before.elapsed());
        }
        median(times.split_off(count / 10))
    }

    /// Bytes in a second.
    async fn one_way(&self, count: usize, size: usize) -> f64 {
        let mut stream = self.dial().await;
        let chunk = vec![7; size];
        let began = Instant::now();
        for _ in 1..count {
            say(&mut stream, 1, &chunk).await;
        }
        ask(&mut stream, 0, &chunk).await;
        (count * size) as f64 / began.elapsed().as_secs_f64()
    }

    async fn connects(&self, count: usize) -> f64 {
        let mut times = Vec::new();
        for _ in 0..count {
            let before = Instant::now();
            drop(self.dial().await);
            times.push(before.elapsed());
            rt::sleep(Duration::from_millis(15)).await;
        }
        median(times)
    }
}

/// A length, whether an answer is wanted, and the bytes.
async fn say(stream: &mut Connection, quiet: u8, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap().to_be_bytes();
    stream.write_all(&[&[quiet][..], &length].concat()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    if quiet == 0 {
        stream.flush().await.unwrap();
    }
}

async fn ask(stream: &mut Connection, quiet: u8, bytes: &[u8]) {
    say(stream, quiet, bytes).await;
    stream.read_exact(&mut [0]).await.unwrap();
}

impl Pair for Raw {
    fn name(&self) -> String {
        NAME.to_owned()
    }

    fn measure(&mut self, gauge: Gauge, plan: &Plan) -> Option<f64> {
        block_on(async {
            Some(match gauge {
                Gauge::RoundTrip => self.round_trips(plan.round_trips).await,
                Gauge::Small => self.one_way(plan.small * 5, 64).await / 64.0 / 1e3,
                Gauge::Bulk => self.one_way(plan.bulk, 65_536).await / 1e6,
                Gauge::Connect => self.connects(plan.connects).await,
                // It has no programs.
                Gauge::LocalSend | Gauge::Spawn | Gauge::LocalCall | Gauge::RemoteCall => return None,
            })
        })
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().ok();
    }
}

/// The other process: it ends when its standard input does.
pub(crate) fn serve(arguments: &[String]) {
    let [folder, port] = arguments else { panic!("serve-raw FOLDER PORT") };
    let address = ([127, 0, 0, 1], port.parse().unwrap()).into();
    let listener = block_on(Listener::bind(address, ListenerOptions::secure(auth(folder.as_ref(), "b")))).unwrap();
    let serving = rt::spawn("serve", async move {
        while let Ok(stream) = listener.accept().await {
            rt::spawn("peer", hear(stream)).unwrap().detach();
        }
    });
    println!("ready");
    std::io::stdin().lock().lines().for_each(drop);
    drop(serving);
}

async fn hear(mut stream: Connection) {
    let (mut head, mut bytes) = ([0; 5], Vec::new());
    while stream.read_exact(&mut head).await.is_ok() {
        let [quiet, length @ ..] = head;
        bytes.resize(u32::from_be_bytes(length) as usize, 0);
        if stream.read_exact(&mut bytes).await.is_err() {
            return;
        }
        if quiet == 0 && (stream.write_all(&[1]).await.is_err() || stream.flush().await.is_err()) {
            return;
        }
    }
}

fn auth(folder: &Path, short: &str) -> Arc<CertAuth> {
    let path = |file: String| folder.join(file);
    let key = path(format!("{short}.key"));
    Arc::new(CertAuth::from_paths(path(format!("{short}.pem")), path("ca.pem".to_owned()), Some(&key)).unwrap())
}
