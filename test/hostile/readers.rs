//! Every reader at once, and what must hold of whatever it answers.

use countersign::clock::Timestamp;
use countersign::dist::Extension;
use countersign::dist::handover::{Answer, Ask};
use countersign::failure::{Code, Failure};
use countersign::x509::pem::{self, Origin};
use countersign::x509::{Fingerprint, Inspected, PrivateKey, RevocationList, name};
use std::fmt::Debug;

/// Shows the bytes to every reader, as a file, as bare DER, and as DER in armour.
pub(crate) fn read_everything(bytes: &[u8]) {
    read_file(bytes);
    read_der(bytes);
    read_text(&String::from_utf8_lossy(bytes));
    for label in ["CERTIFICATE", "X509 CRL", "PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"] {
        read_file(pem::encode(label, bytes).as_bytes());
    }
}

pub(crate) fn read_file(bytes: &[u8]) {
    let origin = Origin::memory();
    if let Some(blocks) = explained(pem::blocks(&origin, bytes)) {
        blocks.iter().for_each(|block| assert_printable(&block.place.to_string()));
    }
    if let Some(found) = explained(pem::certificates(&origin, bytes)) {
        found.iter().for_each(|(_, der)| read_der(der));
    }
    if let Some(lists) = explained(RevocationList::from_pem(&origin, bytes)) {
        lists.iter().for_each(|list| assert_printable(&list.issuer));
    }
    explained(PrivateKey::from_pem(&origin, bytes));
    read_handover(bytes);
}

/// What whoever has a good certificate may say first on a connection for a handover, and a peer on its link.
pub(crate) fn read_handover(bytes: &[u8]) {
    if let Some(ask) = Ask::read(bytes) {
        assert_eq!(ask.bytes(), bytes);
    }
    if let Some(answer) = Answer::read(bytes) {
        // A reason that nobody knows here is read as one that says so.
        assert!(answer.bytes() == bytes || answer == Answer::Refused(Code::CertificateUnknown));
    }
    explained(Extension::read(bytes));
}

pub(crate) fn read_der(bytes: &[u8]) {
    assert_printable(&name::distinguished_der(bytes));
    let Some(facts) = explained(Inspected::from_der(bytes)) else { return };
    for text in [&facts.subject, &facts.issuer, &facts.names(), &facts.serial_hex(), &facts.key_algorithm.to_string()] {
        assert_printable(text);
    }
    let _ = (facts.is_ca(), facts.is_self_issued(), facts.weakness(), facts.allows("digitalSignature"), format!("{facts:?}"));
}

pub(crate) fn read_text(text: &str) {
    assert_printable(&name::printable(text));
    if let Ok(fingerprint) = text.parse::<Fingerprint>() {
        assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        assert_printable(&moment.to_string());
    }
    let _ = text.parse::<Code>();
}

/// A refusal has a code, a cure, and one line that a terminal can bear.
pub(crate) fn explained<T, E: Failure + Debug>(outcome: Result<T, E>) -> Option<T> {
    let error = match outcome {
        Ok(value) => return Some(value),
        Err(error) => error,
    };
    assert_printable(&error.to_string());
    assert!(!error.hint().as_str().is_empty() && !error.code().as_str().is_empty() && !format!("{error:?}").is_empty());
    let mut cause = error.source();
    while let Some(error) = cause {
        assert_printable(&error.to_string());
        cause = error.source();
    }
    None
}

/// No control characters, and none that turn the direction of writing.
pub(crate) fn assert_printable(text: &str) {
    let turns = |c: char| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    assert!(!text.chars().any(|c| c.is_control() || turns(c)), "{text:?} could break or turn a log line");
}
