//! A storm: certificates are replaced on both ends of a listener and a dialler every few hundred
//! microseconds, while diallers connect as fast as they can. Whatever the timing, both ends must agree
//! about which certificates a connection was made with.

use super::kinds::Kind;
use countersign::net::{Connection, Dialer, DialerOptions, Listener, ListenerOptions};
use countersign::rt;
use countersign::testing::Ca;
use countersign::tls::{CertAuthManager, Certificate};
use countersign::x509::Fingerprint;
use futures_util::future::join_all;
use futures_util::io::{AsyncReadExt, AsyncWriteExt};
use std::collections::HashSet;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How much of a storm.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) handshakes: usize,
    pub(crate) diallers: usize,
    /// Between two updates of one end.
    pub(crate) interval: Duration,
    /// Certificates of each end, which are presented in turn: making one in the loop would be too slow.
    pub(crate) certificates: usize,
}

/// What became of it.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) connections: usize,
    pub(crate) elapsed: Duration,
    pub(crate) listener: Turns,
    pub(crate) dialler: Turns,
    /// Connections whose two ends do not agree, or whose generation belongs to another certificate.
    pub(crate) mismatches: usize,
    pub(crate) failures: Vec<String>,
}

/// The replacements of one end.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    pub(crate) updates: u64,
    /// How long an update took the caller, on average.
    pub(crate) each: Duration,
    /// From one update to the next, on average.
    pub(crate) interval: Duration,
    /// Generations that some connection was made with.
    pub(crate) seen: HashSet<u64>,
}

/// Runs a storm with managers of this kind on both ends.
pub(crate) async fn run(plan: Plan, kind: Kind) -> Outcome {
    let ca = Ca::new();
    let server = End::new(kind, &ca, (0..plan.certificates).map(|_| ca.agent(&["127.0.0.1"])).collect());
    let client = End::new(kind, &ca, (0..plan.certificates).map(|_| ca.client("caller")).collect());
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), ListenerOptions::secure(server.manager.clone())).await.unwrap();
    let listener = Arc::new(listener);
    let dialer = Dialer::new(DialerOptions::secure(client.manager.clone())).unwrap();
    let answering = rt::spawn("answering", answer_all(Arc::clone(&listener))).unwrap();

    let (weather, began) = ([server.rotate(plan.interval), client.rotate(plan.interval)], Instant::now());
    let left = AtomicUsize::new(plan.handshakes);
    let port = listener.local_addr().port();
    let dialling = (0..plan.diallers).map(|_| dial_on(&dialer, port, &left));
    let meetings: Vec<Meeting> = join_all(dialling).await.into_iter().flatten().collect();
    let elapsed = began.elapsed();
    drop(answering);

    let mut outcome = Outcome { elapsed, ..Outcome::default() };
    [outcome.listener, outcome.dialler] = weather.map(|storm| storm.end(&mut outcome.failures));
    meetings.into_iter().for_each(|meeting| outcome.enter(meeting, &server, &client));
    let refusals = listener.counters().refusals().into_iter();
    outcome.failures.extend(refusals.map(|(code, count)| format!("the listener refused {count} times: {code}")));
    outcome
}

/// What a dialler saw of one connection, and what the other end sent it about the same.
type Meeting = Result<(Record, Record), String>;

impl Outcome {
    fn enter(&mut self, meeting: Meeting, server: &End, client: &End) {
        match meeting {
            Ok((ours, theirs)) => {
                let crossed = ours.presented == theirs.seen && theirs.presented == ours.seen;
                let in_turn = client.is_in_turn(&ours) && server.is_in_turn(&theirs);
                self.connections += 1;
                self.mismatches += usize::from(!(crossed && in_turn && ours.full && theirs.full));
                self.dialler.seen.insert(ours.generation);
                self.listener.seen.insert(theirs.generation);
            }
            Err(failure) => self.failures.push(failure),
        }
    }
}

/// One end of all connections: its manager, and the certificates that it presents in turn.
struct End {
    manager: Arc<dyn CertAuthManager>,
    certificates: Vec<Certificate>,
}

impl End {
    fn new(kind: Kind, ca: &Ca, certificates: Vec<Certificate>) -> Self {
        Self { manager: kind.manager(certificates[0].clone(), ca.pool()), certificates }
    }

    /// Generation 1 is the first certificate, and only this storm replaces any.
    fn of_generation(&self, generation: u64) -> &Certificate {
        let index = (generation - 1) % u64::try_from(self.certificates.len()).unwrap();
        &self.certificates[usize::try_from(index).unwrap()]
    }

    fn is_in_turn(&self, record: &Record) -> bool {
        self.of_generation(record.generation).fingerprint().as_bytes() == &record.presented
    }

    fn rotate(&self, interval: Duration) -> Storm {
        let end = Self { manager: Arc::clone(&self.manager), certificates: self.certificates.clone() };
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        Storm { stop, thread: thread::spawn(move || end.keep_rotating(interval, &stopped)) }
    }

    /// Late updates are made up for at once, so that the average interval is the one asked for where
    /// the machine can do it.
    fn keep_rotating(&self, interval: Duration, stopped: &AtomicBool) -> Result<Turns, String> {
        let (mut turns, began, mut working) = (Turns::default(), Instant::now(), Duration::ZERO);
        let mut due = began;
        while !stopped.load(Ordering::Relaxed) {
            due += interval;
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let next = self.of_generation(turns.updates + 2).clone();
            let before = Instant::now();
            let generation = self.manager.update(next).map_err(|refused| format!("an update was refused: {refused}"))?;
            working += before.elapsed();
            turns.updates += 1;
            assert_eq!(generation.0, turns.updates + 1, "nobody else replaces certificates here");
        }
        let count = u32::try_from(turns.updates.max(1)).unwrap();
        Ok(Turns { each: working / count, interval: began.elapsed() / count, ..turns })
    }
}

struct Storm {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Result<Turns, String>>,
}

impl Storm {
    fn end(self, failures: &mut Vec<String>) -> Turns {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap().unwrap_or_else(|failure| {
            failures.push(failure);
            Turns::default()
        })
    }
}

/// What one end knows about a connection.
#[derive(Clone, Debug)]
struct Record {
    presented: [u8; 32],
    seen: [u8; 32],
    generation: u64,
    full: bool,
}

impl Record {
    fn of(connection: &Connection) -> Self {
        let bytes = |fingerprint: Fingerprint| *fingerprint.as_bytes();
        let presented = connection.presented().unwrap();
        Self {
            presented: bytes(presented.certificate.fingerprint()),
            seen: bytes(connection.peer_certificate().unwrap().leaf.fingerprint),
            generation: presented.generation.0,
            full: connection.tls().unwrap().is_full_handshake(),
        }
    }

    async fn send(&self, connection: &mut Connection) -> io::Result<()> {
        let generation = self.generation.to_be_bytes();
        let bytes = [&self.presented[..], &self.seen, &generation, &[u8::from(self.full)]].concat();
        connection.write_all(&bytes).await?;
        connection.flush().await
    }

    async fn receive(connection: &mut Connection) -> io::Result<Self> {
        let (mut presented, mut seen, mut generation, mut full) = ([0; 32], [0; 32], [0; 8], [0; 1]);
        for part in [&mut presented[..], &mut seen, &mut generation, &mut full] {
            connection.read_exact(part).await?;
        }
        Ok(Self { presented, seen, generation: u64::from_be_bytes(generation), full: full == [1] })
    }
}

async fn dial_on(dialer: &Dialer, port: u16, left: &AtomicUsize) -> Vec<Meeting> {
    let mut meetings = Vec::new();
    while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
        meetings.push(meet(dialer, port).await);
    }
    meetings
}

async fn meet(dialer: &Dialer, port: u16) -> Meeting {
    let mut connection = dialer.dial("127.0.0.1", port).await.map_err(|error| error.to_string())?;
    let ours = Record::of(&connection);
    let exchange = async {
        ours.send(&mut connection).await?;
        Record::receive(&mut connection).await
    };
    let theirs = exchange.await.map_err(|error| format!("the exchange failed: {error}"))?;
    Ok((ours, theirs))
}

/// The listener's end: hears the dialler's record and answers with its own. A failure here is one at the
/// dialler too, who waits for the answer.
async fn answer_all(listener: Arc<Listener>) {
    while let Ok(mut connection) = listener.accept().await {
        let answer = async move {
            let ours = Record::of(&connection);
            if let Ok(_theirs) = Record::receive(&mut connection).await {
                ours.send(&mut connection).await.unwrap_or_default();
            }
        };
        rt::spawn("answer", answer).unwrap().detach();
    }
}
