//! How handshakes are judged, as a section `tls` says it. What it leaves out is the node's, one by one: an acceptor that
//! allows TLS 1.2 still asks the node's revocation lists.

use super::error::ConfigError;
use super::fault::Fault;
use super::raw;
use super::spot::Spot;
use super::tls::unknown;
use crate::clock::SystemClock;
use crate::tls::{CrlPolicy, Pins, RevocationLists, TlsPolicy, TlsVersion};
use crate::x509::fingerprint::NotAFingerprint;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// `None` if the section says nothing about it.
pub(super) fn of(raw: &raw::Tls, of_node: Option<&TlsPolicy>, spot: &Spot<'_>) -> Result<Option<TlsPolicy>, ConfigError> {
    let version = raw.min_version.as_deref().map(|word| min_version(word, &spot.key("min_version"))).transpose()?;
    let lists = lists(raw, spot)?;
    let pins = raw.pins.as_ref().map(|texts| pins(texts, &spot.key("pins"))).transpose()?;
    if version.is_none() && lists.is_none() && pins.is_none() {
        return Ok(None);
    }
    let mut policy = of_node.cloned().unwrap_or_default();
    if let Some(version) = version {
        policy = policy.min_version(version);
    }
    if let Some(lists) = lists {
        policy = policy.revocation(lists);
    }
    if let Some(pins) = pins {
        policy = policy.pins(pins);
    }
    Ok(Some(policy))
}

fn min_version(word: &str, spot: &Spot<'_>) -> Result<TlsVersion, ConfigError> {
    match word {
        "1.2" => Ok(TlsVersion::Tls12),
        "1.3" => Ok(TlsVersion::Tls13),
        word => Err(spot.refuse(unknown(word, &["1.2", "1.3"]))),
    }
}

/// An empty array asks no lists, also where the node asks some.
fn lists(raw: &raw::Tls, spot: &Spot<'_>) -> Result<Option<Arc<RevocationLists>>, ConfigError> {
    let policy = raw.crl_policy.as_deref().map(|word| crl_policy(word, &spot.key("crl_policy"))).transpose()?;
    let Some(paths) = &raw.crl else {
        let refuse = || spot.key("crl_policy").refuse(Fault::Idle { beside: "crl names no lists here" });
        return policy.map_or(Ok(None), |_| Err(refuse()));
    };
    let at = spot.key("crl");
    let files: Vec<PathBuf> = paths.iter().map(|path| spot.file(path)).collect();
    let lists = RevocationLists::from_files(&files, policy.unwrap_or_default(), Arc::new(SystemClock));
    let lists = lists.map_err(|error| at.refuse(error))?;
    if !files.is_empty() && !spot.is_a_look() {
        lists.poll(POLL).map_err(|error| at.refuse(Fault::Unreadable(error)))?;
    }
    Ok(Some(lists))
}

fn crl_policy(word: &str, spot: &Spot<'_>) -> Result<CrlPolicy, ConfigError> {
    let known = [CrlPolicy::DenyUnknown, CrlPolicy::AllowUnknown];
    let found = known.into_iter().find(|policy| policy.as_str() == word);
    found.ok_or_else(|| spot.refuse(unknown(word, &known.map(CrlPolicy::as_str))))
}

fn pins(texts: &[String], spot: &Spot<'_>) -> Result<Arc<Pins>, ConfigError> {
    let keys = texts.iter().enumerate().map(|(index, text)| text.parse().map_err(|error: NotAFingerprint| spot.index(index).refuse(error)));
    keys.collect::<Result<Vec<_>, _>>().map(Pins::new)
}

/// How soon a list that was put into its file counts.
const POLL: Duration = Duration::from_secs(1);
