//! The handshake of the distribution: names, features, cookies.

use super::greeting::{self, Whereabouts};
use super::ways::Way;
use crate::dist::{self, initiator::Nameless};
use crate::doctor::finding::{Check, Finding, Report};
use crate::failure::Code;
use crate::net::meeting::{self, Introduction};
use crate::net::{Challenges, Connection, MeetingError, Met};
use crate::node::{Effective, Shown, nameless_on};
use crate::node_name::NodeName;
use crate::rt;
use crate::tls::{CertManager, PeerCertificate};
use crate::x509::San;
use std::net::SocketAddr;
use std::time::Duration;

/// Whether the two nodes would have a link.
pub(super) async fn meet(way: &Way, host: &str, connection: Connection, at: Whereabouts<'_>, report: &mut Report) -> bool {
    let (address, about) = at;
    let Some(effective) = &way.effective else { return false };
    let named = way.peer.clone().or_else(|| borne_by(connection.peer_certificate()));
    if named.as_ref().is_some_and(|peer| !admit(effective, &connection, peer, about, report)) {
        return false;
    }
    // Whoever is asked for under a wrong name says its own, and then it is over.
    let Some(peer) = named.or_else(|| NodeName::new(&format!("unknown@{host}")).ok()) else { return false };
    let outcome = introduce(effective, connection, peer).await;
    let outcome = match (outcome, &way.peer) {
        // Now its name is known: once more, for the rest.
        (Err(MeetingError::Refused(dist::Refused::WrongNode { answered, .. })), None) => {
            again(way, host, (address, about), &answered, report).await
        }
        (outcome, _) => Some(outcome),
    };
    match outcome {
        Some(Ok(met)) => {
            report.add(found(about, &met));
            true
        }
        Some(Err(MeetingError::Tls(refused))) => {
            greeting::explain(effective, host, &refused, at, report).await;
            false
        }
        Some(Err(error)) => {
            report.add(Finding::bad(Check::Distribution, about, &error));
            false
        }
        None => false,
    }
}

/// What is asked of a peer before it hears anything.
fn admit(effective: &Effective, connection: &Connection, peer: &NodeName, about: &str, report: &mut Report) -> bool {
    let name = effective.server_name.clone().or_else(|| effective.cert_manager.as_ref()?.server_name());
    let identity = effective.identity.judge(connection.peer_certificate(), peer, name.as_ref());
    let admitted = effective.admission.judge(peer, Shown::from(connection));
    match (&identity, &admitted) {
        (Err(mismatch), _) => report.add(Finding::bad(Check::Identity, about, mismatch)),
        (_, Err(refused)) => report.add(Finding::bad(Check::Identity, about, refused)),
        (Ok(identity), Ok(())) => report.add(Finding::good(Check::Identity, about, format!("it may be {peer}: {identity}"))),
    }
    identity.is_ok() && admitted.is_ok()
}

async fn introduce(effective: &Effective, connection: Connection, peer: NodeName) -> Result<Met, MeetingError> {
    let resolver = effective.cert_manager.as_deref().map(CertManager::resolver);
    let host = nameless_on(&peer, resolver.as_deref());
    let nameless = Nameless { host, flags: effective.flags, cookie: effective.cookie.clone() };
    let within = effective.setup_time.min(LONGEST_STEP);
    meeting::initiate(connection, &Introduction::Nameless(nameless), peer, &Challenges::default(), within).await
}

async fn again(way: &Way, host: &str, at: Whereabouts<'_>, answered: &str, report: &mut Report) -> Option<Result<Met, MeetingError>> {
    let (address, about) = at;
    let peer = answered.parse::<NodeName>().ok()?;
    let Some(connection) = connect_again(way, host, address, about).await else {
        report.add(Finding::of_code(Check::Distribution, about, format!("{peer} answers, and not a second time"), Code::PeerClosed));
        return None;
    };
    let effective = way.effective.as_ref()?;
    if !admit(effective, &connection, &peer, about, report) {
        return None;
    }
    Some(introduce(effective, connection, peer).await)
}

/// The same steps, of which nothing need be said a second time.
async fn connect_again(way: &Way, host: &str, address: SocketAddr, about: &str) -> Option<Connection> {
    let tcp = rt::connect(&[address], way.patience()).await.ok()?;
    greeting::greet(way, host, tcp, (address, about), &mut Report::default()).await
}

fn found(about: &str, met: &Met) -> Finding {
    let met = &met.established;
    let flags: Vec<&str> = met.flags.each().map(|(name, _)| name).collect();
    Finding::good(Check::Distribution, about, format!("{} answers, and its cookie is ours", met.peer))
        .with("name", met.peer.to_string())
        .with("called_us", met.local.to_string())
        .with("creation", met.creation.0.to_string())
        .with("flags", flags.join(" "))
}

/// The one node that a certificate names.
fn borne_by(certificate: Option<&PeerCertificate>) -> Option<NodeName> {
    let mut names = certificate?.leaf.sans.iter().filter_map(|san| match san {
        San::Uri(uri) => uri.strip_prefix("erl:")?.parse::<NodeName>().ok(),
        _ => None,
    });
    names.next().filter(|_| names.next().is_none())
}

/// Whoever does not answer a node so soon is no node, or in trouble.
const LONGEST_STEP: Duration = Duration::from_secs(7);
