//! What an alert means here. One alert stands for several reasons; what this side knows about itself
//! often tells which, and then the code is marked as a guess.

use super::{Ends, Role};
use crate::clock::Timestamp;
use crate::failure::Code;
use crate::tls::credential::Certificate;
use crate::tls::handshake::Witness;
use crate::tls::verify::{Brief, Refusal, Usage};
use crate::x509::name::distinguished_der;
use rustls::AlertDescription;
use rustls_pki_types::ServerName;

pub(super) struct Meaning {
    pub(super) code: Code,
    pub(super) guess: bool,
}

pub(super) fn meaning(role: Role, alert: AlertDescription, witness: &Witness, ends: Ends, now: Timestamp) -> Meaning {
    use AlertDescription as A;
    let own = witness.own();
    let own = &own.certificate;
    match alert {
        A::UnknownCA => guess(unknown_ca(own, witness)),
        A::CertificateExpired => guess(dates(own, now)),
        A::BadCertificate => guess(bad_certificate(role, own, witness, ends, now)),
        A::CertificateUnknown => guess(certificate_unknown(own)),
        A::CertificateRevoked => certain(Code::Revoked),
        // Some peers also send it for a kind of key that they cannot use.
        A::UnsupportedCertificate => Meaning { code: Code::WrongUsage, guess: Refusal::of_usage(own.leaf(), presented_as(role)).is_none() },
        A::DecryptError => guess(Code::KeyMismatch),
        A::CertificateRequired => certain(Code::NoClientCertificate),
        A::AccessDenied => guess(access_denied(role, witness)),
        A::ProtocolVersion => certain(Code::VersionMismatch),
        A::NoApplicationProtocol => certain(Code::AlpnMismatch),
        A::UnrecognisedName => certain(Code::NameMismatch),
        A::InsufficientSecurity => certain(Code::NoCommonSuite),
        A::HandshakeFailure => guess(handshake_failure(witness)),
        A::CloseNotify | A::UserCanceled => certain(Code::PeerClosed),
        _ => certain(Code::ProtocolViolation),
    }
}

/// What this side presented, or would have, for the sentence.
pub(super) fn own_facts(witness: &Witness) -> String {
    let Some(issue) = witness.presented() else { return "we presented no certificate".to_owned() };
    let leaf = issue.certificate.leaf();
    let mut words = format!(
        "we presented {}, issued by {}, valid from {} to {}, for {}",
        Brief::of(leaf),
        leaf.issuer,
        leaf.not_before,
        leaf.not_after,
        leaf.names()
    );
    if let Some(asked) = witness.asked().filter(|asked| !asked.is_empty()) {
        let names: Vec<String> = asked.iter().take(4).map(|subject| distinguished_der(subject)).collect();
        words.push_str(&format!("; the peer asked for one issued by {}", names.join("; ")));
    }
    words
}

/// `UnknownCA` in code, `unknown_ca` on the wire and in every other program's messages.
pub(super) fn wire_name(camel: &str) -> String {
    let mut out = String::new();
    let mut after_lower = false;
    for c in camel.chars() {
        if c.is_uppercase() && after_lower {
            out.push('_');
        }
        after_lower = c.is_lowercase();
        out.extend(c.to_lowercase());
    }
    out
}

const fn certain(code: Code) -> Meaning {
    Meaning { code, guess: false }
}

const fn guess(code: Code) -> Meaning {
    Meaning { code, guess: true }
}

const fn presented_as(role: Role) -> Usage {
    match role {
        Role::Dialler => Usage::Client,
        Role::Acceptor => Usage::Server,
    }
}

/// Sent for an unknown issuer and for an unknown revocation status alike.
fn unknown_ca(own: &Certificate, witness: &Witness) -> Code {
    let top = own.top();
    let asked = witness.asked().unwrap_or_default();
    let names_asked = |issuer: &Vec<u8>| asked.contains(issuer);
    if own.leaf().is_self_issued() {
        Code::SelfSigned
    } else if own.intermediates().iter().any(|issuer| !issuer.is_ca()) {
        Code::NotACa
    } else if names_asked(&top.issuer_der) {
        Code::RevocationUnknown
    } else if top.authority_key_id.issuers.iter().any(|above| *above != top.issuer_der) {
        Code::MissingIntermediate
    } else {
        Code::UnknownCa
    }
}

/// Sent for a certificate that is over and for one that has not begun.
fn dates(own: &Certificate, now: Timestamp) -> Code {
    let all = std::iter::once(own.leaf()).chain(own.intermediates());
    let early = all.into_iter().any(|facts| matches!(Refusal::of_dates(facts, now), Some(Refusal::NotYetValid { .. })));
    if early { Code::NotYetValid } else { Code::Expired }
}

/// Sent by a client when the server's certificate has not the name that was dialled, and by OpenSSL for
/// a certificate that has not begun.
fn bad_certificate(role: Role, own: &Certificate, witness: &Witness, ends: Ends, now: Timestamp) -> Code {
    if dates(own, now) == Code::NotYetValid {
        return Code::NotYetValid;
    }
    if role == Role::Dialler {
        return Code::BadCertificate;
    }
    let sni = witness.dialled_as().and_then(|name| ServerName::try_from(name.to_owned()).ok());
    // Without a server name the client dialled an address: the one at which it met us.
    let name = sni.or_else(|| ends.local.map(|local| ServerName::from(local.ip())));
    let covered = name.is_none_or(|name| Refusal::of_name(own.leaf_der(), own.leaf(), &name).is_none());
    if covered { Code::BadCertificate } else { Code::NameMismatch }
}

/// Sent by a hook that refuses, and by a server that has no certificate for the name that was dialled:
/// that one says so before it has seen anything of ours.
fn access_denied(role: Role, witness: &Witness) -> Code {
    let unseen = role == Role::Dialler && witness.presented().is_none() && witness.peer().is_none();
    if unseen { Code::NameMismatch } else { Code::RefusedByHook }
}

fn certificate_unknown(own: &Certificate) -> Code {
    let mut all = std::iter::once(own.leaf()).chain(own.intermediates());
    if all.any(|facts| facts.weakness().is_some()) { Code::WeakKey } else { Code::CertificateUnknown }
}

/// A server of TLS 1.2 says no more than this when a certificate it wants does not come. One that comes is seen
/// only when there is a suite: then it is OTP's word for a `verify_fun` that refuses.
fn handshake_failure(witness: &Witness) -> Code {
    match (witness.presented(), witness.asked()) {
        (Some(_), _) => Code::RefusedByHook,
        (None, Some(_)) => Code::NoClientCertificate,
        (None, None) => Code::NoCommonSuite,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_are_spelt_as_on_the_wire() {
        assert_eq!(wire_name("UnknownCA"), "unknown_ca");
        assert_eq!(wire_name("CertificateRequired"), "certificate_required");
    }
}
