//! The cost of the parts, in microseconds: an update with so many who depend on the certificate, a swap
//! without asking them, and what a handshake does to find its certificate.

use crate::figures::Spread;
use countersign::clock::SystemClock;
use countersign::testing::Ca;
use countersign::tls::resolver::Attachment;
use countersign::tls::{CertResolver, Certificate, Requirement, Usage};
use countersign::x509::Inspected;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

pub(crate) fn measure() {
    let ca = Ca::new();
    let certificates: Vec<Certificate> = (0..64).map(|_| ca.agent(&["localhost"])).collect();
    println!("\n{:<46}{:>40}", "", "microseconds, median (least-most)");
    for holders in [0, 1, 3] {
        let resolver = CertResolver::new(certificates.first().unwrap().clone());
        let _attached: Vec<Attachment> = (0..holders).map(|_| resolver.attach(requirement(&ca))).collect();
        let mut next = certificates.iter().cycle();
        let mut update = || black_box(resolver.update(next.next().unwrap().clone()).unwrap());
        say(&format!("update, judged by {holders}"), 200, || {
            update();
        });
    }
    let resolver = CertResolver::new(certificates.first().unwrap().clone());
    let mut next = certificates.iter().cycle();
    say("swap_unchecked", 20_000, || {
        black_box(resolver.swap_unchecked(next.next().unwrap().clone()));
    });
    say("the resolver's read (current)", 100_000, || {
        black_box(resolver.current());
    });
    let der = resolver.current().certificate.leaf_der().clone();
    say("reading the facts of a peer's leaf", 5_000, || {
        black_box(Inspected::from_der(&der).unwrap());
    });
}

fn requirement(ca: &Ca) -> Requirement {
    let mut requirement = Requirement::new("bench", Arc::new(SystemClock));
    requirement.usages = vec![Usage::Server];
    requirement.pools = vec![ca.pool()];
    requirement.names = vec!["localhost".try_into().unwrap()];
    requirement
}

/// Rounds of so many, after one that warms up.
fn say(what: &str, times: u32, mut work: impl FnMut()) {
    let mut round = || {
        let began = Instant::now();
        (0..times).for_each(|_| work());
        began.elapsed().as_secs_f64() * 1e6 / f64::from(times)
    };
    round();
    let spread = Spread::of((0..ROUNDS).map(|_| round()).collect());
    println!("{what:<46}{:>40}", spread.micros());
}

const ROUNDS: usize = 15;
