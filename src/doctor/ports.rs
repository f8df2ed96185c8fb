//! The ports of the acceptors: free, or held by our own node.

use super::case::Case;
use super::finding::{Check, Finding, Report};
use super::present;
use crate::failure::Code;
use crate::hint::Hint;
use crate::node::{Acceptor, Host, Mode, NodeOptions};
use crate::node_name::NodeName;
use crate::rt;
use crate::tls::{CertAuthManager, ServerName, Sight};
use crate::x509::{Inspected, San};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

pub(super) async fn examine(case: &Case, report: &mut Report) -> bool {
    let Some(options) = &case.options else {
        report.add(Finding::absent(Check::Port, "acceptors", "not looked at: what is wrong with the configuration comes first"));
        return false;
    };
    if options.mode == Mode::OutgoingOnly {
        report.add(Finding::absent(Check::Port, "acceptors", "the node only dials"));
        return false;
    }
    let mut runs = false;
    for (index, acceptor) in options.acceptors.iter().enumerate() {
        let at = format!("acceptors[{index}]");
        let finding = match acceptor.port {
            0 => Finding::absent(Check::Port, at, "the system chooses one when the node starts"),
            _ => {
                let (finding, is_ours) = of_acceptor(&at, acceptor, options, case.name.as_ref()).await;
                runs |= is_ours;
                finding
            }
        };
        report.add(finding);
    }
    runs
}

/// The node that runs, as it shows itself at the first acceptor where it does.
pub(super) async fn held(case: &Case) -> Option<(Arc<dyn CertAuthManager>, Sight)> {
    let options = case.options.as_ref()?;
    for acceptor in options.acceptors.iter().filter(|acceptor| acceptor.port != 0) {
        let Some(manager) = manager(acceptor, options) else { continue };
        for address in addresses(acceptor) {
            if let Held::Ours(sight) = holder(address, acceptor, options, case.name.as_ref()).await {
                return Some((manager, sight));
            }
        }
    }
    None
}

async fn of_acceptor(at: &str, acceptor: &Acceptor, options: &NodeOptions, name: Option<&NodeName>) -> (Finding, bool) {
    let absent = |said: String| (Finding::absent(Check::Port, at, said), false);
    let mut strangers = Vec::new();
    for address in addresses(acceptor) {
        match holder(address, acceptor, options, name).await {
            Held::Nobody => return (Finding::good(Check::Port, at, format!("{address} is free")), false),
            Held::Ours(_) => return (Finding::good(Check::Port, at, format!("{address} is held by our own node")), true),
            Held::Plain => return absent(format!("something listens at {address}; on plain TCP nobody can tell whether it is our node")),
            Held::Unknown(error) => return absent(format!("nobody can tell whether {address} is free: {error}")),
            Held::Stranger(words) => strangers.push(format!("{address} is held by {words}")),
        }
    }
    let finding = Finding::of_code(Check::Port, at, strangers.join("; "), Code::Unreachable);
    (finding.hinting(Hint::fixed("stop what listens there, or choose another port; port 0 lets the system choose")), false)
}

enum Held {
    Nobody,
    Ours(Sight),
    Plain,
    Stranger(String),
    Unknown(io::Error),
}

async fn holder(address: SocketAddr, acceptor: &Acceptor, options: &NodeOptions, name: Option<&NodeName>) -> Held {
    match rt::connect(&[address], PATIENCE).await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Held::Nobody,
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

/// Where a node of this host meets it.
fn addresses(acceptor: &Acceptor) -> impl Iterator<Item = SocketAddr> {
    let host = match &acceptor.host {
        Some(Host::Address(address)) if !address.is_unspecified() => *address,
        _ => IpAddr::V4(Ipv4Addr::LOCALHOST),
    };
    let last = acceptor.port.saturating_add(acceptor.port_range.saturating_sub(1));
    (acceptor.port..=last).map(move |port| SocketAddr::new(host, port))
}

const PATIENCE: Duration = Duration::from_secs(2);
