//! A listener and a dialler of ours over loopback, and everything that must hold of a good connection.

use super::cell::{Case, Cell, Presenter};
use super::offer::{Offer, World, host, server_name};
use super::outcome::{Outcome, Side};
use crate::foreign_tls::{answer, ask};
use crate::logbook;
use crate::managers::{Make, Trust};
use countersign::net::{Connection, DialError, Dialer, DialerOptions, Listener, ListenerOptions};
use countersign::rt;
use countersign::tls::{CertAuthManager, Certificate, ClientAuth, ServerName};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

pub(crate) struct Scene {
    pub(crate) listener: Listener,
    pub(crate) dialer: Dialer,
    pub(crate) server: Arc<dyn CertAuthManager>,
    pub(crate) client: Arc<dyn CertAuthManager>,
    host: &'static str,
    mode: ClientAuth,
}

/// Both ends of one connection.
pub(crate) struct Link {
    pub(crate) dialled: Connection,
    pub(crate) accepted: Connection,
}

impl Scene {
    /// Both sides start with these certificates; the one who does not present judges by the case's policy.
    pub(crate) async fn open(cell: Cell, world: &World, offer: &Offer, make: Make, server: Certificate, client: Certificate) -> Self {
        let (case, mode) = (cell.case, cell.mode());
        let mut trust = Trust::cluster(world.pool(case), mode);
        let server = make(server, trust.clone());
        trust.server_name = server_name(case).map(|name| name.try_into().unwrap());
        let client = make(client, trust);
        let mut listening = ListenerOptions::secure(Arc::clone(&server));
        let mut dialling = DialerOptions::secure(Arc::clone(&client));
        match cell.presenter {
            Presenter::Server => dialling.tls = world.policy(case, offer),
            Presenter::Client => listening.tls = world.policy(case, offer),
        }
        listening.names = vec![dialled_name(case)];
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), listening).await.unwrap();
        Self { listener, dialer: Dialer::new(dialling).unwrap(), server, client, host: host(case), mode }
    }

    pub(crate) fn port(&self) -> u16 {
        self.listener.local_addr().port()
    }

    /// One connection between the two, or what each side says about why there is none.
    pub(crate) async fn connect(&self) -> Result<Result<Link, Outcome>, String> {
        match self.dialer.dial(self.host, self.port()).await {
            Ok(dialled) => Ok(Ok(Link { dialled, accepted: self.accepted().await? })),
            Err(error) => Ok(Err(self.refused(&error).await?)),
        }
    }

    pub(crate) async fn accepted(&self) -> Result<Connection, String> {
        let accepted = rt::timeout(PATIENCE, self.listener.accept()).await;
        accepted.map_err(|_| "the other side thinks that it was accepted, and was not".to_owned())?.map_err(|error| error.to_string())
    }

    async fn refused(&self, error: &DialError) -> Result<Outcome, String> {
        let dialler = Side::of_error(error);
        let local = error.refused().and_then(|refused| refused.ends().local);
        let acceptor = self.refusal_of(local.ok_or_else(|| format!("no handshake was tried: {error}"))?).await?;
        Ok(Outcome { update: String::new(), acceptor, dialler })
    }

    /// What the listener logged about this peer; it has counted it, too, and nothing else.
    pub(crate) async fn refusal_of(&self, peer: SocketAddr) -> Result<Side, String> {
        let line = logbook::refusal_of(peer).await?;
        let counted = self.listener.counters().refusals();
        check(counted.len() == 1 && counted.get(line.code.as_str()) == Some(&1), || format!("{line:?} was counted as {counted:?}"))?;
        Ok(Side::of_line(&line))
    }

    /// What both sides know of each other on a connection that came about.
    pub(crate) fn agree(&self, link: &Link) -> Result<(), String> {
        let (Some(dialled), Some(accepted)) = (link.dialled.tls(), link.accepted.tls()) else { return Err("not TLS".to_owned()) };
        check(dialled.is_full_handshake() && accepted.is_full_handshake(), || "a session was resumed".to_owned())?;
        check(dialled.is_accepted() && accepted.is_accepted(), || "acceptance is not certain".to_owned())?;
        let server = link.accepted.presented().map(|issue| issue.certificate.fingerprint());
        let seen = link.dialled.peer_certificate().map(|peer| peer.leaf.fingerprint);
        check(server.is_some() && server == seen, || format!("the server presented {server:?}, and the dialler saw {seen:?}"))?;
        check(link.dialled.peer_certificate().is_some_and(|peer| peer.verified), || "the server was not verified".to_owned())?;
        let client = link.dialled.presented().map(|issue| issue.certificate.fingerprint());
        let seen = link.accepted.peer_certificate().map(|peer| peer.leaf.fingerprint);
        check(client == seen, || format!("the client presented {client:?}, and the listener saw {seen:?}"))?;
        check(client.is_some() != (self.mode == ClientAuth::None), || format!("in mode {} the client presented {client:?}", self.mode))?;
        let verified = link.accepted.peer_certificate().is_some_and(|peer| peer.verified);
        check(verified == self.mode.judges(), || format!("in mode {} the client counts as verified: {verified}", self.mode))
    }
}

impl Link {
    /// A question and its answer.
    pub(crate) async fn talk(&mut self) -> Result<(), String> {
        let both = futures_util::future::join(ask(&mut self.dialled), answer(&mut self.accepted));
        let (asked, answered) = rt::timeout(PATIENCE, both).await.map_err(|_| "the connection is silent".to_owned())?;
        asked.and(answered).map_err(|error| format!("no bytes went both ways: {error}"))
    }
}

pub(crate) fn check(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

fn dialled_name(case: Case) -> ServerName<'static> {
    server_name(case).unwrap_or(host(case)).try_into().unwrap()
}

/// Only a test that fails waits so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
