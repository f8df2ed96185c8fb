//! A listener and a dialler of ours, and what becomes of them when they meet.

use super::foreign_tls::{answer, ask};
use super::logbook::{self, Line};
use countersign::failure::{Code, Failure};
use countersign::net::{Connection, DialError, Dialer, DialerOptions, Listener, ListenerOptions};
use countersign::rt;
use countersign::tls::CertAuthManager;
use countersign::x509::Fingerprint;
use std::sync::Arc;
use std::time::Duration;

/// Both ends of one connection.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) dialled: Connection,
    pub(crate) accepted: Connection,
}

/// What each side says about why there is none.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) dialler: DialError,
    pub(crate) acceptor: Line,
}

/// A listener on loopback.
pub(crate) async fn listen(options: ListenerOptions) -> Listener {
    logbook::open();
    Listener::bind("127.0.0.1:0".parse().unwrap(), options).await.unwrap()
}

/// A listener on loopback with this manager and the default policy.
pub(crate) async fn listening(manager: Arc<dyn CertAuthManager>) -> Listener {
    listen(ListenerOptions::secure(manager)).await
}

/// A dialler with this manager and the default policy.
pub(crate) fn dialling(manager: Arc<dyn CertAuthManager>) -> Dialer {
    Dialer::new(DialerOptions::secure(manager)).unwrap()
}

/// One meeting; `Err` says that the two sides disagree about how it went.
pub(crate) async fn meet(listener: &Listener, dialer: &Dialer, host: &str) -> Result<Result<Link, Refusal>, String> {
    match dialer.dial(host, listener.local_addr().port()).await {
        Ok(dialled) => Ok(Ok(Link { dialled, accepted: accepted(listener).await? })),
        Err(dialler) => {
            let local = dialler.refused().and_then(|refused| refused.ends().local);
            let local = local.ok_or_else(|| format!("no handshake was tried: {dialler}"))?;
            Ok(Err(Refusal { acceptor: logbook::refusal_of(local).await?, dialler }))
        }
    }
}

/// The next peer that the listener lets in.
pub(crate) async fn accepted(listener: &Listener) -> Result<Connection, String> {
    let accepted = rt::timeout(PATIENCE, listener.accept()).await;
    accepted.map_err(|_| "the other side thinks that it was accepted, and was not".to_owned())?.map_err(|error| error.to_string())
}

/// A connection that must come about.
pub(crate) async fn link(listener: &Listener, dialer: &Dialer) -> Link {
    let mut link = meet(listener, dialer, "localhost").await.unwrap().map_err(|refusal| panic!("{refusal:?}")).unwrap();
    link.talk().await.unwrap();
    link
}

/// A connection that must not come about.
pub(crate) async fn refusal(listener: &Listener, dialer: &Dialer) -> Refusal {
    match meet(listener, dialer, "localhost").await.unwrap() {
        Ok(link) => panic!("accepted: {link:?}"),
        Err(refusal) => refusal,
    }
}

impl Link {
    /// A question and its answer.
    pub(crate) async fn talk(&mut self) -> Result<(), String> {
        let both = futures_util::future::join(ask(&mut self.dialled), answer(&mut self.accepted));
        let (asked, answered) = rt::timeout(PATIENCE, both).await.map_err(|_| "the connection is silent".to_owned())?;
        asked.and(answered).map_err(|error| format!("no bytes went both ways: {error}"))
    }

    /// The certificate that the server presented, agreed upon by both.
    pub(crate) fn server(&self) -> Fingerprint {
        let presented = self.accepted.presented().unwrap().certificate.fingerprint();
        assert_eq!(self.dialled.peer_certificate().unwrap().leaf.fingerprint, presented);
        presented
    }

    /// The certificate that the client presented, agreed upon by both.
    pub(crate) fn client(&self) -> Option<Fingerprint> {
        let presented = self.dialled.presented().map(|issue| issue.certificate.fingerprint());
        assert_eq!(self.accepted.peer_certificate().map(|peer| peer.leaf.fingerprint), presented);
        presented
    }
}

impl Refusal {
    /// The acceptor's code and the dialler's; a guess bears a question mark.
    pub(crate) fn codes(&self) -> (String, String) {
        (self.acceptor.marked_code(), marked(self.dialler.code(), self.dialler.refused().is_some_and(|refused| refused.is_guess())))
    }
}

fn marked(code: Code, guess: bool) -> String {
    if guess { format!("{code}?") } else { code.to_string() }
}

/// Only a test that fails waits so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
