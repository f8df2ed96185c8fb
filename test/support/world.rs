//! What tests of connections share: a CA, managers, listeners, and waiting for something to happen.

use countersign::net::{Dialer, DialerOptions, Limits, Listener, ListenerOptions};
use countersign::testing::Ca;
use countersign::tls::{CertAuth, Certificate};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// Mutual TLS with this certificate, trusting this CA.
pub(crate) fn mutual(certificate: Certificate, ca: &Ca) -> Arc<CertAuth> {
    Arc::new(CertAuth::mutual(certificate, ca.pool()))
}

/// The options of a listener for mutual TLS on this machine, with these limits.
pub(crate) fn listening(ca: &Ca, limits: Limits) -> ListenerOptions {
    let mut options = ListenerOptions::secure(mutual(ca.agent(&["localhost", "127.0.0.1"]), ca));
    options.limits = limits;
    options
}

pub(crate) async fn bind(options: ListenerOptions) -> Listener {
    Listener::bind("127.0.0.1:0".parse().unwrap(), options).await.unwrap()
}

/// A dialler with a client's certificate of this CA.
pub(crate) fn dialer(ca: &Ca) -> Dialer {
    Dialer::new(DialerOptions::secure(mutual(ca.client("caller"), ca))).unwrap()
}

/// Limits that no test reaches by accident, and deadlines that no test waits for.
pub(crate) fn roomy() -> Limits {
    Limits { per_address: 5_000, handshake_timeout: NEVER, ..Limits::default() }
}

/// Waits until it is so. Only for what sends no event; the bound is for tests that fail.
#[track_caller]
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < NEVER, "waited in vain: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

pub(crate) const NEVER: Duration = Duration::from_secs(60);
