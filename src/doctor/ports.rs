//! The ports of the acceptors: free, or held by our own node.

use super::case::Case;
use super::finding::{Check, Finding, Report};
use super::present;
use crate::failure::Code;
use crate::hint::Hint;
use crate::net::ListenerError;
use crate::node::{Acceptor, Mode, NodeOptions};
use crate::node_name::NodeName;
use crate::rt;
use crate::tls::{CertAuthManager, ServerName, Sight};
use crate::x509::{Inspected, San};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

/// Where the node says that it listens, nobody need look.
pub(super) async fn examine(case: &Case, listens: &[SocketAddr], report: &mut Report) -> bool {
    let Some(options) = &case.options else {
        report.add(Finding::absent(Check::Port, "acceptors", "not looked at: what is wrong with the configuration comes first"));
        return false;
    };
    if options.mode == Mode::OutgoingOnly {
        report.add(Finding::absent(Check::Port, "acceptors", "the node only dials"));
        return false;
    }
    let mut round = Round { options, name: case.name.as_ref(), listens, claims: Vec::new(), runs: false };
    for (index, acceptor) in options.acceptors.iter().enumerate() {
        report.add(round.look(&format!("acceptors[{index}]"), acceptor).await);
    }
    round.runs
}

/// The node that runs, as it shows itself at the first acceptor where it does.
pub(super) async fn held(case: &Case) -> Option<(Arc<dyn CertAuthManager>, Sight)> {
    let options = case.options.as_ref()?;
    for acceptor in options.acceptors.iter().filter(|acceptor| acceptor.port != 0) {
        let Some(manager) = manager(acceptor, options) else { continue };
        let hosts = acceptor.addresses(case.name.as_ref()).await.unwrap_or_default();
        for address in ports(acceptor).flat_map(|port| hosts.iter().map(move |host| SocketAddr::new(*host, port))) {
            if let Held::Ours(sight) = holder(address, acceptor, options, case.name.as_ref()).await {
                return Some((manager, sight));
            }
        }
    }
    None
}

/// From one acceptor to the next, as a node opens them.
struct Round<'a> {
    options: &'a NodeOptions,
    name: Option<&'a NodeName>,
    /// Where our own node listens, as far as it has said.
    listens: &'a [SocketAddr],
    /// What earlier acceptors would have taken, and which.
    claims: Vec<(SocketAddr, String)>,
    runs: bool,
}

impl Round<'_> {
    async fn look(&mut self, at: &str, acceptor: &Acceptor) -> Finding {
        let hosts = match acceptor.addresses(self.name).await {
            Ok(hosts) => hosts,
            Err(error) => return Finding::bad(Check::Port, at, &error),
        };
        let mut strangers = Vec::new();
        let all = ports(acceptor).map(|port| hosts.iter().map(|host| SocketAddr::new(*host, port)).collect::<Vec<_>>());
        let own = all.clone().find(|addresses| addresses.iter().any(|address| self.listens.contains(address)));
        for addresses in own.into_iter().chain(all) {
            match self.look_at(at, acceptor, &addresses).await {
                Ok(finding) => {
                    self.claims.extend(addresses.into_iter().map(|address| (address, at.to_owned())));
                    return finding;
                }
                Err(words) => strangers.push(words),
            }
        }
        let finding = Finding::of_code(Check::Port, at, strangers.join("; "), Code::Unreachable);
        finding.hinting(Hint::fixed("stop what listens there, or choose another port; port 0 lets the system choose"))
    }

    /// One port, which must be free at all addresses; otherwise who has it, and the next one is to be tried.
    async fn look_at(&mut self, at: &str, acceptor: &Acceptor, addresses: &[SocketAddr]) -> Result<Finding, String> {
        let absent = |said: String| Ok(Finding::absent(Check::Port, at, said));
        for &address in addresses {
            if let Some((_, other)) = self.claims.iter().find(|(claim, _)| collide(*claim, address)) {
                return Err(format!("{address} is wanted by {other}, too"));
            }
            if self.listens.contains(&address) {
                return Ok(self.ours(at, address));
            }
            let source = match rt::probe(address) {
                Ok(()) => continue,
                Err(source) => source,
            };
            if source.kind() != io::ErrorKind::AddrInUse {
                return Ok(Finding::bad(Check::Port, at, &ListenerError::Port { address, source }));
            }
            match holder(address, acceptor, self.options, self.name).await {
                Held::Ours(_) => return Ok(self.ours(at, address)),
                Held::Plain => {
                    return absent(format!("something listens at {address}; on plain TCP nobody can tell whether it is our node"));
                }
                Held::Unknown(error) => return absent(format!("nobody can tell who holds {address}: {error}")),
                Held::Stranger(words) => return Err(format!("{address} is held by {words}")),
            }
        }
        match addresses {
            [first, ..] if first.port() != 0 => Ok(Finding::good(Check::Port, at, format!("{first} is free"))),
            _ => absent("the system chooses one when the node starts".to_owned()),
        }
    }

    fn ours(&mut self, at: &str, address: SocketAddr) -> Finding {
        self.runs = true;
        Finding::good(Check::Port, at, format!("{address} is held by our own node"))
    }
}

/// Whether both cannot be listened on.
fn collide(one: SocketAddr, other: SocketAddr) -> bool {
    let is_same = one.ip() == other.ip() || one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() == other.port() && one.port() != 0 && is_same
}

enum Held {
    Ours(Sight),
    Plain,
    Stranger(String),
    Unknown(io::Error),
}

async fn holder(address: SocketAddr, acceptor: &Acceptor, options: &NodeOptions, name: Option<&NodeName>) -> Held {
    let address = met_at(address);
    match rt::connect(&[address], PATIENCE).await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            return Held::Stranger("somebody who takes no connections".to_owned());
        }
        Err(error) => return Held::Unknown(error),
        Ok(_) => {}
    }
    let Some(manager) = manager(acceptor, options) else { return Held::Plain };
    let host = name.and_then(|name| ServerName::try_from(name.host().to_owned()).ok()).unwrap_or_else(|| address.ip().into());
    let sight = present::sight(host, address).await;
    let own = manager.resolver().current();
    match sight.chain.first() {
        Some(leaf) if is_ours(leaf, own.certificate.leaf(), name) => Held::Ours(sight),
        Some(leaf) => Held::Stranger(leaf.subject.clone()),
        None => Held::Stranger("something that shows no certificate".to_owned()),
    }
}

/// Whether it is our own node, be it with an older certificate.
fn is_ours(shown: &Inspected, own: &Inspected, name: Option<&NodeName>) -> bool {
    let node = |san: &San| match san {
        San::Uri(uri) => uri.strip_prefix("erl:").map(str::to_owned),
        _ => None,
    };
    let nodes: Vec<String> = shown.sans.iter().filter_map(node).collect();
    let bears = name.is_some_and(|name| nodes.iter().any(|node| node == name.as_str()));
    shown.fingerprint == own.fingerprint || bears || nodes.is_empty() && shown.subject_der == own.subject_der
}

fn manager(acceptor: &Acceptor, options: &NodeOptions) -> Option<Arc<dyn CertAuthManager>> {
    let own = acceptor.cert_manager.clone().or_else(|| options.cert_manager.clone());
    own.filter(|_| !acceptor.danger_plaintext)
}

fn ports(acceptor: &Acceptor) -> RangeInclusive<u16> {
    acceptor.port..=acceptor.port.saturating_add(acceptor.port_range.saturating_sub(1))
}

/// Where who listens here is met from this machine.
fn met_at(address: SocketAddr) -> SocketAddr {
    let loopback = if address.is_ipv4() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { IpAddr::V6(Ipv6Addr::LOCALHOST) };
    let ip = if address.ip().is_unspecified() { loopback } else { address.ip() };
    SocketAddr::new(ip, address.port())
}

const PATIENCE: Duration = Duration::from_secs(2);
