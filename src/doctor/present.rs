//! What a server presents, looked at without judging.

use super::finding::{Check, Finding};
use crate::tls::{CertAuth, CertManager, ServerName, Sight, TlsPolicy, TlsVersion, look};
use crate::{rt, tls};
use std::net::SocketAddr;
use std::time::Duration;

/// Connects once more, for a look.
pub(super) async fn sight(name: ServerName<'static>, address: SocketAddr) -> Sight {
    let looking = async {
        match rt::connect(&[address], PATIENCE).await {
            Ok(tcp) => look(name, tcp).await,
            Err(_) => Sight::default(),
        }
    };
    rt::timeout(PATIENCE, looking).await.unwrap_or_default()
}

/// What was seen by a second look, after a handshake that failed.
pub(super) fn seen(about: &str, sight: &Sight) -> Finding {
    let finding = if sight.chain.is_empty() {
        Finding::absent(Check::Presented, about, "nothing: it did not get as far as a certificate, without judging either")
    } else {
        Finding::absent(Check::Presented, about, "this, when looked at once more without judging")
    };
    let finding = sight.version.into_iter().fold(finding, |finding, version| finding.with("version", version));
    let finding = match sight.chosen {
        Some([suite, group]) => finding.with("suite", suite).with("key_exchange", group),
        None => finding,
    };
    let finding = match &sight.asks_for {
        Some(subjects) => finding.with("asks_for", in_words(subjects)),
        None => finding,
    };
    finding.with_chain(&sight.chain)
}

/// What a second look says about why the first one failed.
pub(super) fn because(sight: &Sight, manager: &CertAuth, policy: &TlsPolicy) -> Option<String> {
    if sight.version == Some("TLSv1_2") && policy.the_min_version() == TlsVersion::Tls13 {
        return Some("it speaks TLS 1.2, and we are to speak nothing older than 1.3: min_version".to_owned());
    }
    let current = manager.resolver().current();
    let issuer = &current.certificate.top().issuer;
    let asked = sight.asks_for.as_ref().filter(|subjects| !subjects.is_empty() && !subjects.contains(issuer))?;
    Some(format!("it takes certificates issued by {}, and ours is issued by {issuer}", asked.join("; ")))
}

/// What a handshake that succeeded has shown.
pub(super) fn shown(about: &str, stream: &tls::SecureStream<rt::TcpStream>) -> Finding {
    let chain: Vec<_> = stream.tls().peer_certificates().into_iter().flatten().collect();
    let chain = chain.into_iter().filter_map(|der| crate::x509::Inspected::from_der(der).ok()).collect::<Vec<_>>();
    let finding =
        Finding::good(Check::Presented, about, if stream.is_ours() { "a node of our own kind" } else { "a server of another kind" });
    let finding = finding.with("version", stream.version()).with("suite", stream.suite()).with("key_exchange", stream.key_exchange());
    finding.with_chain(&chain)
}

fn in_words(subjects: &[String]) -> String {
    if subjects.is_empty() { "a certificate of any CA".to_owned() } else { format!("a certificate issued by {}", subjects.join("; ")) }
}

/// For connecting, and again for all.
const PATIENCE: Duration = Duration::from_secs(3);
