//! Who we are, whom we believe, and how peers are judged.

use super::values::{HIDDEN, otherwise, rotation, text, texts};
use super::{Place, Sheet};
use crate::node::Effective;
use crate::tls::{CertAuthManager, TlsVersion};
use serde_json::Value;

pub(super) fn rows(place: Place, effective: &Effective, sheet: &mut Sheet<'_>) {
    match &effective.cert_manager {
        Some(manager) => trust(place, manager.as_ref(), sheet),
        None => sheet.row(place.key("tls"), Value::Null, &[place.key("danger_plaintext"), "tls".to_owned()]),
    }
    if effective.cert_manager.is_some() {
        judging(place, effective, sheet);
    }
    admission(place, effective, sheet);
}

/// Certificate and CAs are one whole: who says one of them at a place says all.
fn trust(place: Place, manager: &dyn CertAuthManager, sheet: &mut Sheet<'_>) {
    let current = manager.resolver().current();
    let leaf = current.certificate.leaf();
    let certificate = format!("{} ({})", leaf.subject, leaf.names());
    let pools = [("root_ca", manager.root_cas()), ("client_ca", manager.client_cas())];
    one_of(place, "cert", &["cert_pem", "dir"], certificate, sheet);
    one_of(place, "key", &["key_pem", "dir", "cert", "cert_pem"], HIDDEN, sheet);
    for (key, pool) in pools {
        one_of(place, key, &[&format!("{key}_pem"), "dir"], pool.map(|pool| pool.in_words()), sheet);
    }
    one_of(place, "client_auth", &[], manager.client_auth().to_string(), sheet);
    one_of(place, "watch", &[], manager.source().is_some(), sheet);
}

/// An option of the section that other keys of it may say as well.
fn one_of(place: Place, key: &str, instead: &[&str], value: impl Into<Value>, sheet: &mut Sheet<'_>) {
    let here = instead.iter().map(|key| place.key(&format!("tls.{key}")));
    let of_node = std::iter::once(&key).chain(instead).map(|key| format!("tls.{key}"));
    let instead: Vec<String> = here.chain(of_node).collect();
    sheet.row(place.key(&format!("tls.{key}")), value, &instead);
}

fn judging(place: Place, effective: &Effective, sheet: &mut Sheet<'_>) {
    let (policy, manager) = (&effective.tls, effective.cert_manager.as_ref());
    let name = effective.server_name.clone().or_else(|| manager?.server_name());
    one_of(place, "server_name", &[], name.map(|name| name.to_str().into_owned()), sheet);
    let version = if policy.the_min_version() == TlsVersion::Tls12 { "1.2" } else { "1.3" };
    one_of(place, "min_version", &[], version, sheet);
    one_of(place, "identity", &[], effective.identity.policy().as_str(), sheet);
    one_of(place, "spiffe", &[], text(effective.identity.template()), sheet);
    let lists = policy.the_revocation().in_force();
    let revocation = lists.revocation();
    one_of(place, "crl", &[], texts(revocation.facts().map(|list| &list.place)), sheet);
    one_of(place, "crl_policy", &[], revocation.policy().as_str(), sheet);
    one_of(place, "pins", &[], texts(policy.the_pins().current().iter()), sheet);
    one_of(place, "rotation", &[], rotation(effective.rotation), sheet);
    one_of(place, "rotation_otherwise", &[], otherwise(effective.rotation), sheet);
    if let Place::Route(_) = place {
        sheet.row(place.key("identity"), text(effective.identity.expected()), &[]);
        sheet.row(place.key("danger_insecure_skip_verify"), policy.skips_verification(), &[]);
    }
}

/// Of an acceptor or a route these are its own lists and the node's, as both hold.
fn admission(place: Place, effective: &Effective, sheet: &mut Sheet<'_>) {
    let lists = effective.admission.current();
    one_of(place, "allow", &[], texts(lists.allowed()), sheet);
    one_of(place, "deny", &[], texts(lists.denied()), sheet);
}
