//! The handshake of TLS: what we offer, what they present, and the verdicts.

use super::ways::Way;
use crate::doctor::finding::{Check, Finding, Report};
use crate::doctor::present;
use crate::failure::Code;
use crate::hint::Hint;
use crate::net::Connection;
use crate::node::Effective;
use crate::rt::{self, TcpStream};
use crate::tls::config::InvalidTls;
use crate::tls::{CertAuth, CertAuthManager, CertManager, ClientSide, Ends, Refused, SecureStream, ServerName, TlsVersion};
use std::net::SocketAddr;

/// Where, and how that is said.
pub(super) type Whereabouts<'a> = (SocketAddr, &'a str);

/// A connection on which the distribution may begin.
pub(super) async fn greet(way: &Way, host: &str, tcp: TcpStream, at: Whereabouts<'_>, report: &mut Report) -> Option<Connection> {
    let (address, about) = at;
    let ends = Ends { local: tcp.local_addr().ok(), peer: Some(address) };
    let Ok(name) = ServerName::try_from(host.to_owned()) else {
        report.add(Finding::of_code(Check::Offer, about, format!("{host:?} is neither a host name nor an address"), Code::Unreachable));
        return None;
    };
    let Some(effective) = &way.effective else {
        report.add(present::seen(about, &present::sight(name, address).await));
        return None;
    };
    let Some(manager) = &effective.cert_manager else {
        report.add(Finding::absent(Check::Offer, about, "plain TCP, as the configuration says: nobody shows a certificate"));
        return Some(Connection::dialled_plainly(tcp, ends));
    };
    let manager = CertAuth::frozen(manager.as_ref(), effective.server_name.clone());
    let name = manager.server_name().unwrap_or(name);
    report.add(offer(about, &manager, effective, &name));
    match handshake(&manager, effective, name.clone(), tcp, ends).await {
        Ok(stream) => {
            report.add(present::shown(about, &stream));
            report.add(accepted(about, stream.is_accepted(), effective));
            Some(Connection::dialled(stream))
        }
        Err(Failed::Handshake(refused)) => {
            explain(effective, host, &refused, at, report).await;
            None
        }
        Err(Failed::Settings(invalid)) => {
            report.add(Finding::bad(Check::Offer, about, &invalid));
            None
        }
    }
}

/// Why there is no connection.
enum Failed {
    Settings(InvalidTls),
    Handshake(Box<Refused>),
}

async fn handshake(
    manager: &CertAuth,
    effective: &Effective,
    name: ServerName<'static>,
    tcp: TcpStream,
    ends: Ends,
) -> Result<Box<SecureStream<TcpStream>>, Failed> {
    let side = ClientSide::new(manager, &effective.tls, "doctor").map_err(Failed::Settings)?;
    let within = effective.handshake_timeout;
    let refused = |refused| Failed::Handshake(Box::new(refused));
    match rt::timeout(within, side.connect(name, tcp, ends)).await {
        Ok(outcome) => outcome.map(Box::new).map_err(refused),
        Err(_) => Err(refused(Refused::timeout("the handshake", within, ends))),
    }
}

fn offer(about: &str, manager: &CertAuth, effective: &Effective, name: &ServerName<'_>) -> Finding {
    let current = manager.resolver().current();
    let leaf = current.certificate.leaf();
    let versions = match effective.tls.the_min_version() {
        TlsVersion::Tls13 => "TLS 1.3",
        TlsVersion::Tls12 => "TLS 1.3 and 1.2",
    };
    let trusted = manager.root_cas().map_or_else(|| "nobody".to_owned(), |pool| pool.in_words());
    Finding::good(Check::Offer, about, format!("{versions}, and our certificate {}", leaf.subject))
        .with("asks_for_name", name.to_str())
        .with("our_sha256", leaf.fingerprint.to_string())
        .with("our_issuer", leaf.issuer.clone())
        .with("we_trust", trusted)
}

fn accepted(about: &str, is_known: bool, effective: &Effective) -> Finding {
    if effective.tls.skips_verification() {
        return Finding::absent(Check::Handshake, about, "nothing was judged: danger_insecure_skip_verify is set here")
            .hinting(Hint::fixed("take danger_insecure_skip_verify out: anyone on the way can read and change everything"));
    }
    let said = if is_known {
        "both sides accept each other's certificate"
    } else {
        "we accept their certificate; their verdict comes with the first answer"
    };
    Finding::good(Check::Handshake, about, said)
}

/// Says who refused whom, and what a second look tells about it. With a server that is not of our kind its refusal comes
/// with its first answer only.
pub(super) async fn explain(effective: &Effective, host: &str, refused: &Refused, at: Whereabouts<'_>, report: &mut Report) {
    let (address, about) = at;
    let by = if refused.is_by_peer() { "the peer" } else { "us" };
    let mut finding = Finding::bad(Check::Handshake, about, refused).with("refused_by", by);
    if refused.is_guess() {
        finding = finding.with("guess", "the peer's alert may mean several things; its log knows");
    }
    if refused.code() == Code::Timeout {
        finding = finding.hinting(Hint::fixed(SILENT));
    }
    let manager = effective.cert_manager.as_deref().map(|manager| CertAuth::frozen(manager, effective.server_name.clone()));
    if let Some(manager) = manager.filter(|_| is_worth_a_look(refused)) {
        let dialled = || ServerName::try_from(host.to_owned()).unwrap_or_else(|_| address.ip().into());
        let sight = present::sight(manager.server_name().unwrap_or_else(dialled), address).await;
        report.add(present::seen(about, &sight));
        let because = present::because(&sight, &manager, &effective.tls);
        finding = because.into_iter().fold(finding, |finding, because| finding.with("seen", because));
    }
    report.add(finding);
}

/// Who says nothing, or speaks no TLS, has nothing to show.
fn is_worth_a_look(refused: &Refused) -> bool {
    !matches!(refused.code(), Code::Timeout | Code::PlaintextPeer)
}

/// A distribution without TLS takes the first bytes of our hello for the length of a message, and waits for the rest of it.
const SILENT: &str = "it took our hello and said nothing: a node of Erlang without -proto_dist inet_tls waits like this; otherwise it is stopped, or a firewall drops packets";
