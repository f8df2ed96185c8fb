//! Two nodes of ours beside two of OTP's, in one run with the rounds alternated. Their links, also beside a raw TLS
//! stream of our own stack: round trips, 64-byte messages and 64 KiB binaries one way, connects. What programs do on
//! them: sends and spawns within a node, calls of a `gen_server` here and at the peer.
//!
//! `cargo bench --bench nodes -- [--rounds N] [--quick] [--pair PART-OF-A-NAME] [--gauge PART-OF-A-TITLE]`
//!
//! Each pair is two processes of the system. Only ratios hold: figures of one machine say nothing about another.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a bench reports by panicking")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its output is what it is for")]

#[path = "handshake/figures.rs"]
#[expect(dead_code, reason = "another bench prints other figures")]
mod figures;
#[path = "../support/otp.rs"]
#[expect(dead_code, reason = "tests do more with a node")]
mod otp;
#[path = "nodes/ours.rs"]
mod ours;
#[path = "../support/pki.rs"]
#[expect(dead_code, reason = "tests issue other certificates")]
mod pki;
#[path = "nodes/programs.rs"]
mod programs;
#[path = "../support/progress.rs"]
mod progress;
#[path = "nodes/raw.rs"]
mod raw;
#[path = "../support/scratch.rs"]
#[expect(dead_code, reason = "tests run commands there")]
mod scratch;
#[path = "nodes/theirs.rs"]
mod theirs;

use figures::Spread;
use otp::Transport;
use progress::Progress;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is measured of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Gauge {
    /// The median, in microseconds.
    RoundTrip,
    /// Of 64 bytes, thousands in a second.
    Small,
    /// Of 64 KiB, megabytes in a second.
    Bulk,
    /// The median, in microseconds.
    Connect,
    /// Of 64 bytes within a node, thousands in a second.
    LocalSend,
    /// Thousands in a second.
    Spawn,
    /// Of a server of the own node; the median, in microseconds.
    LocalCall,
    /// Of a server of the peer; the median, in microseconds.
    RemoteCall,
}

/// How much of everything.
#[derive(Clone, Debug)]
struct Plan {
    rounds: usize,
    round_trips: usize,
    small: usize,
    bulk: usize,
    connects: usize,
    local: usize,
    spawns: usize,
    pair: String,
    gauge: String,
}

/// Two processes of the system with a link between them.
trait Pair {
    fn name(&self) -> String;
    /// Before each round. How fast nodes of OTP are depends on how they have started, so each round has its own.
    fn renew(&mut self) {}
    fn measure(&mut self, gauge: Gauge, plan: &Plan) -> Option<f64>;
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("serve") => return ours::serve(&arguments[1..]),
        Some("serve-raw") => return raw::serve(&arguments[1..]),
        _ => {}
    }
    let plan = asked(arguments);
    let pki = pki::Pki::new();
    let epmd = countersign::rt::block_on(countersign::epmd::Server::bind(countersign::epmd::ServerOptions::loopback())).unwrap();
    let is_wanted = |name: String| name.contains(&plan.pair);
    let mut pairs: Vec<Box<dyn Pair + '_>> = Vec::new();
    if is_wanted(raw::NAME.to_owned()) {
        pairs.push(Box::new(raw::Raw::start(&pki)));
    }
    for transport in [Transport::Tls13, Transport::Tcp] {
        if is_wanted(ours::name(transport)) {
            pairs.push(Box::new(ours::Ours::start(&pki, epmd.port(), transport)));
        }
        if is_wanted(theirs::name(transport)) && otp::otp_is_here("bench nodes") {
            pairs.push(Box::new(theirs::Theirs::start(&pki, epmd.port(), transport, 0)));
        }
    }
    report(&run(&plan, &mut pairs), &pairs.iter().map(|pair| pair.name()).collect::<Vec<_>>());
}

type Figures = BTreeMap<(Gauge, String), Vec<f64>>;

fn run(plan: &Plan, pairs: &mut [Box<dyn Pair + '_>]) -> Figures {
    let mut figures = Figures::new();
    let rounds = Arc::new(AtomicU64::new(0));
    let done = Arc::clone(&rounds);
    let _progress = Progress::watch("rounds", plan.rounds as u64, move || done.load(Ordering::Relaxed));
    for _ in 0..plan.rounds {
        pairs.iter_mut().for_each(|pair| pair.renew());
        for gauge in GAUGES.into_iter().filter(|gauge| title(*gauge).contains(&plan.gauge)) {
            for pair in pairs.iter_mut() {
                if let Some(figure) = pair.measure(gauge, plan) {
                    figures.entry((gauge, pair.name())).or_default().push(figure);
                }
            }
        }
        rounds.fetch_add(1, Ordering::Relaxed);
    }
    figures
}

fn report(figures: &Figures, names: &[String]) {
    println!("{:<24} {:<22} median (least-most)", "what", "pair");
    for gauge in GAUGES {
        for name in names {
            let Some(measured) = figures.get(&(gauge, name.clone())) else { continue };
            println!("{:<24} {name:<22} {}", title(gauge), Spread::of(measured.clone()).whole());
        }
    }
    println!();
    for gauge in GAUGES {
        for transport in [Transport::Tls13, Transport::Tcp] {
            let (ours, theirs) = (ours::name(transport), theirs::name(transport));
            ratio(figures, gauge, &ours, &theirs);
        }
        ratio(figures, gauge, "countersign TLS 1.3", raw::NAME);
    }
}

/// Of each round, so that what slowed both down at the time counts for neither.
fn ratio(figures: &Figures, gauge: Gauge, one: &str, other: &str) {
    let of = |name: &str| figures.get(&(gauge, name.to_owned()));
    let (Some(ones), Some(others)) = (of(one), of(other)) else { return };
    let ratios = ones.iter().zip(others).map(|(one, other)| one / other).collect();
    println!("{:<24} {one} / {other} = {}", title(gauge), Spread::of(ratios).thousandths());
}

const fn title(gauge: Gauge) -> &'static str {
    match gauge {
        Gauge::RoundTrip => "round trip, us",
        Gauge::Small => "64 B one way, k/s",
        Gauge::Bulk => "64 KiB one way, MB/s",
        Gauge::Connect => "connect, us",
        Gauge::LocalSend => "send within, k/s",
        Gauge::Spawn => "spawn, k/s",
        Gauge::LocalCall => "call within, us",
        Gauge::RemoteCall => "call of the peer, us",
    }
}

const fn word(transport: Transport) -> &'static str {
    match transport {
        Transport::Tls13 => "TLS 1.3",
        Transport::Tls12 => "TLS 1.2",
        Transport::Tcp => "TCP",
    }
}

fn asked(arguments: Vec<String>) -> Plan {
    let mut plan = Plan {
        rounds: 7,
        round_trips: 3_000,
        small: 200_000,
        bulk: 2_000,
        connects: 20,
        local: 1_000_000,
        spawns: 100_000,
        pair: String::new(),
        gauge: String::new(),
    };
    // Cargo itself adds `--bench`.
    let mut arguments = arguments.into_iter().filter(|argument| argument != "--bench");
    while let Some(flag) = arguments.next() {
        let mut value = || arguments.next().unwrap_or_else(|| panic!("{flag} needs a value"));
        match flag.as_str() {
            "--quick" => {
                plan = Plan { rounds: 3, round_trips: 500, small: 50_000, bulk: 500, connects: 8, local: 200_000, spawns: 20_000, ..plan }
            }
            "--rounds" => plan.rounds = value().parse().unwrap_or_else(|_| panic!("--rounds needs a number")),
            "--pair" => plan.pair = value(),
            "--gauge" => plan.gauge = value(),
            _ => panic!("{flag} is not known; there are --rounds, --quick, --pair and --gauge"),
        }
    }
    plan
}

const GAUGES: [Gauge; 8] =
    [Gauge::RoundTrip, Gauge::Small, Gauge::Bulk, Gauge::Connect, Gauge::LocalSend, Gauge::Spawn, Gauge::LocalCall, Gauge::RemoteCall];
