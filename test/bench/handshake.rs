//! What our listener, our dialler and an update cost.
//!
//! `cargo bench --bench handshake -- [--rounds N] [--handshakes N] [--diallers N] [--only WORD]`
//!
//! Handshakes are full mutual TLS 1.3 ones. The other side of each comparison is a static rustls
//! configuration on the same stack. Rounds alternate (A B, B A, A B, …), so that whatever else the
//! machine does falls on both; the ratio is taken pair by pair. WORD is listener, crowd, dialler, both,
//! noise or parts.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a bench reports by panicking")]
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

#[path = "handshake/figures.rs"]
mod figures;
#[path = "handshake/parts.rs"]
mod parts;
#[path = "handshake/peers.rs"]
mod peers;
#[path = "../support/progress.rs"]
mod progress;

use countersign::rt;
use figures::Spread;
use peers::{Client, Crowd, OurClient, Server, StaticClient, World};
use progress::Progress;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

fn main() {
    let plan = Plan::asked(std::env::args().skip(1));
    println!("{} pairs of rounds, {} handshakes a round by {} diallers", plan.rounds, plan.handshakes, plan.diallers);
    println!("{HEADER}");
    rt::block_on(compare_all(&plan));
    if plan.wants("parts") {
        parts::measure();
    }
}

async fn compare_all(plan: &Plan) {
    let world = World::new();
    let (ours, other) = (Server::ours(&world).await, Server::fixed(&world, &[]).await);
    let foreign = StaticClient::new(&world, &[]);
    let kin = StaticClient::new(&world, &[countersign::tls::config::ALPN]);
    let dialler = OurClient::new(&world);
    if plan.wants("listener") {
        plan.compare("listener", (&foreign, &ours), (&foreign, &other)).await;
        // Our own kind is sent a ticket as a receipt, which the static one is not asked for.
        plan.compare("listener, peers of our own kind", (&kin, &ours), (&kin, &other)).await;
    }
    if plan.wants("crowd") {
        let crowd = Crowd::new(&world);
        plan.compare("listener, peers not met lately", (&crowd, &ours), (&crowd, &other)).await;
    }
    if plan.wants("dialler") {
        plan.compare("dialler", (&dialler, &other), (&foreign, &other)).await;
    }
    if plan.wants("both") {
        plan.compare("both ends, with the receipt", (&dialler, &ours), (&foreign, &other)).await;
    }
    if plan.wants("noise") {
        plan.compare("nothing (static against itself)", (&foreign, &other), (&foreign, &other)).await;
    }
}

struct Plan {
    rounds: usize,
    handshakes: u32,
    diallers: u32,
    only: Option<String>,
}

impl Plan {
    fn asked(arguments: impl Iterator<Item = String>) -> Self {
        let mut plan = Self { rounds: 100, handshakes: 80, diallers: 4, only: None };
        // Cargo itself adds `--bench`.
        let mut arguments = arguments.filter(|argument| argument != "--bench");
        while let Some(flag) = arguments.next() {
            let value = arguments.next().unwrap_or_else(|| panic!("{flag} needs a value"));
            let number = || value.parse::<u32>().unwrap_or_else(|_| panic!("{flag} needs a number, not {value:?}"));
            match flag.as_str() {
                "--rounds" => plan.rounds = usize::try_from(number()).unwrap(),
                "--handshakes" => plan.handshakes = number(),
                "--diallers" => plan.diallers = number(),
                "--only" => plan.only = Some(value),
                _ => panic!("{flag} is not known; there are --rounds, --handshakes, --diallers and --only"),
            }
        }
        plan
    }

    fn wants(&self, what: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == what)
    }

    async fn compare(&self, what: &str, a: Pairing<'_>, b: Pairing<'_>) {
        // Warms caches, allocators and the executor's threads.
        self.round(a).await;
        self.round(b).await;
        let (mut ours, mut other, mut ratios, mut costs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let rounds = Arc::new(AtomicU64::new(0));
        let done = Arc::clone(&rounds);
        let progress = Progress::watch(what, self.rounds as u64, move || done.load(Ordering::Relaxed));
        for round in 0..self.rounds {
            rounds.fetch_add(1, Ordering::Relaxed);
            let (one, two) = if round % 2 == 0 {
                let one = self.round(a).await;
                (one, self.round(b).await)
            } else {
                let two = self.round(b).await;
                (self.round(a).await, two)
            };
            ours.push(one.rate);
            other.push(two.rate);
            ratios.push(one.rate / two.rate);
            costs.push(one.work - two.work);
        }
        drop(progress);
        let (ours, other, ratio, cost) = (Spread::of(ours), Spread::of(other), Spread::of(ratios), Spread::of(costs));
        println!("{what:<34}{:>20}{:>20}{:>48}{:>10.0}", ours.whole(), other.whole(), ratio.thousandths(), cost.median());
    }

    async fn round(&self, (client, server): Pairing<'_>) -> Round {
        let (began, worked) = (Instant::now(), processor_time());
        let each = self.handshakes / self.diallers;
        let dialling = (0..self.diallers).map(|_| async move {
            for _ in 0..each {
                client.meet(server.port()).await;
            }
        });
        futures_util::future::join_all(dialling).await;
        let count = f64::from(each * self.diallers);
        Round { rate: count / began.elapsed().as_secs_f64(), work: (processor_time() - worked) / count }
    }
}

struct Round {
    /// Handshakes per second.
    rate: f64,
    /// Microseconds of processor time for one, both ends together.
    work: f64,
}

/// What all threads of this process have used so far, in microseconds; nothing where Linux does not tell.
fn processor_time() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let used = threads.filter_map(|thread| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<f64>().ok()
    });
    used.sum::<f64>() / 1e3
}

type Pairing<'a> = (&'a dyn Client, &'a Server);

const HEADER: &str = "\
                                    ours, handshakes/s     static, the same     ours / static, pair by pair (target >= 0.95)  extra us
                                    median (extremes)                         median (extremes), half of the pairs in     of work";
