//! A listener and a dialler of ours over loopback, and everything that must hold of a good connection.

use super::cell::{Case, Cell, Presenter};
use super::offer::{Offer, World, host, server_name};
use super::outcome::{Outcome, Side};
use crate::links::{Link, Refusal, meet};
use crate::logbook::{self, Line};
use crate::managers::{Make, Trust};
use countersign::net::{Dialer, DialerOptions, Listener, ListenerOptions};
use countersign::tls::{CertAuthManager, Certificate, ClientAuth, ServerName};
use std::net::SocketAddr;
use std::sync::Arc;

pub(crate) struct Scene {
    pub(crate) listener: Listener,
    pub(crate) dialer: Dialer,
    pub(crate) server: Arc<dyn CertAuthManager>,
    pub(crate) client: Arc<dyn CertAuthManager>,
    host: &'static str,
    mode: ClientAuth,
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
        match meet(&self.listener, &self.dialer, self.host).await? {
            Ok(link) => Ok(Ok(link)),
            Err(Refusal { dialler, acceptor }) => {
                let (acceptor, dialler) = (self.counted(&acceptor)?, Side::of_error(&dialler));
                Ok(Err(Outcome { update: String::new(), acceptor, dialler }))
            }
        }
    }

    /// What the listener logged about this peer.
    pub(crate) async fn refusal_of(&self, peer: SocketAddr) -> Result<Side, String> {
        self.counted(&logbook::refusal_of(peer).await?)
    }

    /// A line that was counted, too, and nothing else was.
    fn counted(&self, line: &Line) -> Result<Side, String> {
        let counted = self.listener.counters().refusals();
        check(counted.len() == 1 && counted.get(line.code.as_str()) == Some(&1), || format!("{line:?} was counted as {counted:?}"))?;
        Ok(Side::of_line(line))
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

pub(crate) fn check(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

fn dialled_name(case: Case) -> ServerName<'static> {
    server_name(case).unwrap_or(host(case)).try_into().unwrap()
}
