//! A certificate and its key.

use super::finding::{Check, Finding, Report};
use super::material::{Text, foreign};
use crate::failure::{Code, Failure};
use crate::tls::{Certificate, CertificateError};
use crate::x509::key::KeyError;
use crate::x509::pem::{self, Origin};
use crate::x509::{Inspected, PrivateKey};
use rustls_pki_types::CertificateDer;

/// The certificates of a file, as far as they can be read.
pub(super) fn chain(at: &str, (origin, bytes): &Text, report: &mut Report) -> Vec<(CertificateDer<'static>, Inspected)> {
    let ders = match pem::certificates(origin, bytes.expose()) {
        Ok(ders) => ders,
        Err(error) => {
            report.add(foreign(Check::Certificate, at, &error, bytes.expose()));
            return Vec::new();
        }
    };
    let mut chain = Vec::new();
    for (place, der) in ders {
        match Inspected::from_der(&der) {
            Ok(facts) => chain.push((der, facts)),
            Err(error) => report.add(Finding::of_code(Check::Certificate, at, format!("{place}: {error}"), error.code())),
        }
    }
    if let Some((_, leaf)) = chain.first() {
        let finding = Finding::good(Check::Certificate, at, leaf.subject.clone());
        report.add(
            finding
                .with("serial", leaf.serial_hex())
                .with("key", leaf.key_algorithm.to_string())
                .with_chain(chain.iter().map(|(_, facts)| facts)),
        );
    }
    chain
}

/// The key, and whether it is the certificate's.
pub(super) fn key(at: &str, certificate: Option<&Text>, key: Option<&Text>, report: &mut Report) {
    let Some((origin, bytes)) = key else { return };
    match PrivateKey::from_pem(origin, bytes.expose()) {
        Ok(_) => report.add(Finding::good(Check::Key, at, "a private key that can sign")),
        Err(error @ KeyError::Pem(_)) => return report.add(foreign(Check::Key, at, &error, bytes.expose())),
        Err(error) => return report.add(Finding::bad(Check::Key, at, &error)),
    }
    let Some((of_chain, chain)) = certificate else { return };
    report.add(match Certificate::from_pem(of_chain, chain.expose(), bytes.expose()) {
        Ok(_) => Finding::good(Check::Pair, at, "the key is the certificate's"),
        Err(error) => apart(at, of_chain, &error),
    });
}

fn apart(at: &str, chain: &Origin, error: &CertificateError) -> Finding {
    let finding = Finding::bad(Check::Pair, at, error).with("certificate", chain.to_string());
    match error.code() {
        Code::KeyMismatch => finding,
        _ => Finding { check: Check::Certificate, ..finding },
    }
}
