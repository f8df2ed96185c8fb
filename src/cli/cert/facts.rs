//! Certificates in files, and what they say, for people and for programs.

use crate::authority::Role;
use crate::cli::console::Tone;
use crate::cli::trouble::Trouble;
use crate::clock::{Timestamp, span};
use crate::x509::fingerprint::colon_hex;
use crate::x509::pem::{self, Origin, Place};
use crate::x509::{Inspected, San};
use rustls_pki_types::CertificateDer;
use serde::Serialize;
use std::path::Path;

/// A certificate, and what it says.
pub(super) struct Found {
    pub(super) der: CertificateDer<'static>,
    pub(super) facts: Inspected,
}

/// All certificates of a file; at least one.
pub(super) fn read(file: &Path) -> Result<Vec<Found>, Trouble> {
    let blocks = pem::certificates(&Origin::file(file), pem::read_file(file)?.expose())?;
    blocks.into_iter().map(|(place, der)| Ok(Found { facts: understand(place, &der)?, der })).collect()
}

/// What the certificate in one block says.
pub(super) fn understand(place: Place, der: &[u8]) -> Result<Inspected, Trouble> {
    Inspected::from_der(der).map_err(|source| Trouble::Certificate { place, source })
}

/// A CA, or what a leaf may do.
pub(super) fn kind(facts: &Inspected) -> &'static str {
    if facts.is_ca() { "ca" } else { Role::of(facts).as_str() }
}

/// The last moment of validity, and how far away it is.
pub(in crate::cli) fn until(facts: &Inspected, now: Timestamp) -> String {
    let is_valid = facts.not_before <= now && now <= facts.not_after;
    format!("{} ({}{})", facts.not_after, remaining(facts, now).1, if is_valid { " left" } else { "" })
}

/// How much of its validity is left, in words and in a colour: the last third is doubtful.
pub(super) fn remaining(facts: &Inspected, now: Timestamp) -> (Tone, String) {
    match Left::of(facts.not_before, facts.not_after, now) {
        Left::NotYet => (Tone::Bad, "not yet valid".to_owned()),
        Left::Nothing => (Tone::Bad, "expired".to_owned()),
        Left::Seconds(tone, seconds) => (tone, span(seconds)),
    }
}

/// What is left of a validity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Left {
    NotYet,
    Nothing,
    /// The last third is doubtful.
    Seconds(Tone, i64),
}

impl Left {
    pub(in crate::cli) fn of(not_before: Timestamp, not_after: Timestamp, now: Timestamp) -> Self {
        if now < not_before {
            return Self::NotYet;
        }
        let [begin, end, now] = [not_before, not_after, now].map(Timestamp::as_unix);
        match end.saturating_sub(now) {
            ..0 => Self::Nothing,
            seconds => Self::Seconds(if seconds < end.saturating_sub(begin) / 3 { Tone::Doubtful } else { Tone::Good }, seconds),
        }
    }
}

/// What a certificate says, with keys that never change.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    kind: &'static str,
    subject: String,
    issuer: String,
    serial: String,
    names: Vec<ReportedName>,
    not_before: String,
    not_after: String,
    days_left: i64,
    valid_now: bool,
    key: String,
    signature: String,
    weakness: Option<String>,
    is_ca: bool,
    path_len: Option<u8>,
    key_usage: Option<Vec<&'static str>>,
    extended_key_usage: Option<Vec<String>>,
    self_issued: bool,
    sha256: String,
    key_sha256: String,
    subject_key_id: Option<String>,
    authority_key_id: Option<String>,
}

#[derive(Debug, Serialize)]
struct ReportedName {
    #[serde(rename = "type")]
    kind: &'static str,
    value: String,
}

impl Report {
    pub(super) fn of(facts: &Inspected, now: Timestamp) -> Self {
        Self {
            kind: kind(facts),
            subject: facts.subject.clone(),
            issuer: facts.issuer.clone(),
            serial: facts.serial_hex(),
            names: facts.sans.iter().map(reported_name).collect(),
            not_before: facts.not_before.to_string(),
            not_after: facts.not_after.to_string(),
            days_left: now.days_until(facts.not_after),
            valid_now: facts.not_before <= now && now <= facts.not_after,
            key: facts.key_algorithm.to_string(),
            signature: facts.signature_algorithm.clone(),
            weakness: facts.weakness(),
            is_ca: facts.is_ca(),
            path_len: facts.basic_constraints.and_then(|constraints| constraints.path_len),
            key_usage: facts.key_usage.clone(),
            extended_key_usage: facts.extended_key_usage.clone(),
            self_issued: facts.is_self_issued(),
            sha256: facts.fingerprint.to_string(),
            key_sha256: facts.key_fingerprint.to_string(),
            subject_key_id: facts.subject_key_id.as_deref().map(colon_hex),
            authority_key_id: facts.authority_key_id.key_id.as_deref().map(colon_hex),
        }
    }
}

fn reported_name(name: &San) -> ReportedName {
    let (kind, value) = match name {
        San::Dns(value) => ("dns", value.clone()),
        San::Ip(value) => ("ip", value.to_string()),
        San::Uri(value) => ("uri", value.clone()),
        San::Email(value) => ("email", value.clone()),
        San::Directory(value) => ("directory", value.clone()),
        San::Other(value) => ("other", value.clone()),
    };
    ReportedName { kind, value }
}
