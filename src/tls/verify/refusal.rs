//! Why a chain is not accepted, with the facts a person needs.

use super::{ExpectedIdentity, Usage};
use crate::clock::Timestamp;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::x509::cert::DIGITAL_SIGNATURE;
use crate::x509::{Fingerprint, Inspected};
use rustls::{CertificateError, OtherError};
use rustls_pki_types::{CertificateDer, ServerName};
use std::fmt;
use std::sync::Arc;

/// What identifies a certificate in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brief {
    /// Its subject.
    pub subject: String,
    /// SHA-256 of it.
    pub fingerprint: Fingerprint,
}

impl Brief {
    /// The identifying facts of a certificate.
    pub fn of(facts: &Inspected) -> Self {
        Self { subject: facts.subject.clone(), fingerprint: facts.fingerprint }
    }
}

impl fmt::Display for Brief {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (SHA-256 {})", self.subject, self.fingerprint)
    }
}

/// A verdict against a chain. Its words are those that people search for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Nobody in the pool signed it.
    #[error("certificate signed by unknown authority: {certificate} was issued by {issuer}; trusted here: {pool}")]
    UnknownCa {
        /// The leaf.
        certificate: Brief,
        /// Who signed the last certificate of the chain.
        issuer: String,
        /// The authorities that would do.
        pool: String,
    },
    /// An authority of this name is in the pool, and it did not sign.
    #[error(
        "certificate signed by unknown authority: {certificate} names the issuer {issuer}, but another CA of that name signed it; ours is SHA-256 {ours}"
    )]
    SameNameCa {
        /// The leaf.
        certificate: Brief,
        /// The name both have.
        issuer: String,
        /// The one in the pool.
        ours: Fingerprint,
    },
    /// It vouches for itself.
    #[error("the certificate {certificate} is self-signed, and no CA vouches for it")]
    SelfSigned {
        /// The leaf.
        certificate: Brief,
    },
    /// The issuer is known to exist, and was not sent.
    #[error("the intermediate {issuer} is missing: the peer sent {certificate} without its issuer's certificate")]
    MissingIntermediate {
        /// The last certificate that was sent.
        certificate: Brief,
        /// Who is missing.
        issuer: String,
    },
    /// A signer that may not sign.
    #[error("{certificate} stands in the chain as an issuer, but lacks {lacks}")]
    NotACa {
        /// The signer.
        certificate: Brief,
        /// What it would need.
        lacks: &'static str,
    },
    /// Too late.
    #[error("certificate has expired: {certificate} was valid until {not_after}, and it is {now}")]
    Expired {
        /// Which certificate of the chain.
        certificate: Brief,
        /// Its last moment.
        not_after: Timestamp,
        /// The judge's moment.
        now: Timestamp,
    },
    /// Too early.
    #[error("certificate is not yet valid: {certificate} begins at {not_before}, and it is {now}")]
    NotYetValid {
        /// Which certificate of the chain.
        certificate: Brief,
        /// Its first moment.
        not_before: Timestamp,
        /// The judge's moment.
        now: Timestamp,
    },
    /// Another name was dialled.
    #[error("certificate is valid for {names}, not {expected} ({certificate})")]
    NameMismatch {
        /// The leaf.
        certificate: Brief,
        /// What was dialled.
        expected: String,
        /// What is on it.
        names: String,
    },
    /// A name is missing that the certificate before it bears.
    #[error("certificate is valid for {names}, not {lost}, which the one in force bears ({certificate})")]
    LostName {
        /// The leaf.
        certificate: Brief,
        /// The name that would be lost.
        lost: String,
        /// What is on it.
        names: String,
    },
    /// A CA above it forbids its names.
    #[error("the names of {certificate} ({names}) are outside the name constraints of a CA above it")]
    NameConstraint {
        /// The leaf.
        certificate: Brief,
        /// What is on it.
        names: String,
    },
    /// Made for something else.
    #[error("{certificate} is not made for a {usage}: it lacks {lacks}")]
    WrongUsage {
        /// The leaf.
        certificate: Brief,
        /// The role it was presented in.
        usage: Usage,
        /// What it would need.
        lacks: &'static str,
    },
    /// Too weak.
    #[error("{certificate} is too weak: {weakness}")]
    WeakKey {
        /// Which certificate of the chain.
        certificate: Brief,
        /// What is weak.
        weakness: String,
    },
    /// Not a certificate.
    #[error("malformed certificate: its {part} cannot be read or used")]
    Malformed {
        /// Which part.
        part: &'static str,
    },
    /// On a revocation list.
    #[error("{certificate} was revoked by {issuer} (serial {serial})")]
    Revoked {
        /// Which certificate of the chain.
        certificate: Brief,
        /// Who revoked it.
        issuer: String,
        /// Its serial number.
        serial: String,
    },
    /// No list says whether it is.
    #[error("the revocation status of {certificate} is unknown: {why}")]
    RevocationUnknown {
        /// The leaf.
        certificate: Brief,
        /// What is wrong with the lists.
        why: &'static str,
    },
    /// Good, but another was pinned.
    #[error("neither {certificate} nor its public key (SHA-256 {key}) is among the pinned ones")]
    PinMismatch {
        /// The leaf.
        certificate: Brief,
        /// Its public key.
        key: Fingerprint,
    },
    /// Good, but for somebody else than who is expected.
    #[error("{certificate} is for {names}, and {expected} is expected")]
    AnotherIdentity {
        /// The leaf.
        certificate: Brief,
        /// Who is expected.
        expected: String,
        /// What is on it.
        names: String,
    },
    /// The user's own judgement.
    #[error("refused by the {hook}: {reason}")]
    ByHook {
        /// Which hook.
        hook: &'static str,
        /// What it said.
        reason: String,
    },
}

impl Failure for Refusal {
    fn code(&self) -> Code {
        Self::code(self)
    }

    fn hint(&self) -> Hint {
        match self {
            Self::SameNameCa { .. } => Hint::fixed(
                "a CA was made anew under the old name: give both sides the same CA file, and compare with countersign cert fingerprint",
            ),
            Self::AnotherIdentity { .. } => Hint::fixed(
                "does this route lead to the right peer? Otherwise correct the identity that it expects, or issue the certificate with it",
            ),
            Self::LostName { lost, .. } => {
                Hint::of(format!("issue it with {lost}, too (--dns, --ip, --uri): by that name peers know this node"))
            }
            Self::NameConstraint { .. } => Hint::fixed("issue the certificate from a CA that may vouch for these names"),
            Self::UnknownCa { issuer, .. } => {
                Hint::of(format!("{}; if {issuer} is an intermediate, its certificate belongs behind the leaf", Code::UnknownCa.cure()))
            }
            _ => Hint::fixed(self.code().cure()),
        }
    }
}

impl Refusal {
    /// The stable code.
    pub const fn code(&self) -> Code {
        match self {
            Self::UnknownCa { .. } | Self::SameNameCa { .. } => Code::UnknownCa,
            Self::SelfSigned { .. } => Code::SelfSigned,
            Self::MissingIntermediate { .. } => Code::MissingIntermediate,
            Self::NotACa { .. } => Code::NotACa,
            Self::Expired { .. } => Code::Expired,
            Self::NotYetValid { .. } => Code::NotYetValid,
            Self::NameMismatch { .. } | Self::LostName { .. } | Self::NameConstraint { .. } => Code::NameMismatch,
            Self::WrongUsage { .. } => Code::WrongUsage,
            Self::WeakKey { .. } => Code::WeakKey,
            Self::Malformed { .. } => Code::MalformedCertificate,
            Self::Revoked { .. } => Code::Revoked,
            Self::RevocationUnknown { .. } => Code::RevocationUnknown,
            Self::PinMismatch { .. } => Code::PinMismatch,
            Self::AnotherIdentity { .. } => Code::IdentityMismatch,
            Self::ByHook { .. } => Code::RefusedByHook,
        }
    }

    /// The same for rustls, chosen by the alert it makes: that is all the peer will learn.
    pub(crate) fn for_the_peer(&self) -> rustls::Error {
        let error = match self {
            Self::UnknownCa { .. }
            | Self::SameNameCa { .. }
            | Self::SelfSigned { .. }
            | Self::MissingIntermediate { .. }
            | Self::NotACa { .. } => CertificateError::UnknownIssuer,
            Self::Expired { .. } => CertificateError::Expired,
            Self::NotYetValid { .. } => CertificateError::NotValidYet,
            Self::NameMismatch { .. } | Self::LostName { .. } | Self::NameConstraint { .. } | Self::AnotherIdentity { .. } => {
                CertificateError::NotValidForName
            }
            Self::WrongUsage { .. } => CertificateError::InvalidPurpose,
            Self::Malformed { .. } => CertificateError::BadEncoding,
            Self::Revoked { .. } => CertificateError::Revoked,
            Self::RevocationUnknown { .. } => CertificateError::UnknownRevocationStatus,
            Self::ByHook { .. } => CertificateError::ApplicationVerificationFailure,
            Self::WeakKey { .. } | Self::PinMismatch { .. } => CertificateError::Other(OtherError(Arc::new(self.clone()))),
        };
        rustls::Error::InvalidCertificate(error)
    }

    pub(crate) fn of_dates(facts: &Inspected, now: Timestamp) -> Option<Self> {
        let certificate = || Brief::of(facts);
        if now > facts.not_after {
            return Some(Self::Expired { certificate: certificate(), not_after: facts.not_after, now });
        }
        (now < facts.not_before).then(|| Self::NotYetValid { certificate: certificate(), not_before: facts.not_before, now })
    }

    pub(crate) fn of_revoked(facts: &Inspected) -> Self {
        Self::Revoked { certificate: Brief::of(facts), issuer: facts.issuer.clone(), serial: facts.serial_hex() }
    }

    pub(crate) fn of_strength(facts: &Inspected) -> Option<Self> {
        facts.weakness().map(|weakness| Self::WeakKey { certificate: Brief::of(facts), weakness })
    }

    pub(crate) fn of_usage(facts: &Inspected, usage: Usage) -> Option<Self> {
        let wrong = |lacks| Some(Self::WrongUsage { certificate: Brief::of(facts), usage, lacks });
        let purposes = facts.extended_key_usage.as_ref();
        if purposes.is_some_and(|purposes| !purposes.iter().any(|purpose| purpose == usage.purpose())) {
            return wrong(match usage {
                Usage::Server => "the extended key usage serverAuth",
                Usage::Client => "the extended key usage clientAuth",
            });
        }
        if facts.allows(DIGITAL_SIGNATURE) { None } else { wrong("the key usage digitalSignature") }
    }

    pub(crate) fn of_name(der: &CertificateDer<'_>, facts: &Inspected, name: &ServerName<'_>) -> Option<Self> {
        let valid = webpki::EndEntityCert::try_from(der).and_then(|leaf| leaf.verify_is_valid_for_subject_name(name));
        let expected = || name.to_str().into_owned();
        valid.err().map(|_| Self::NameMismatch { certificate: Brief::of(facts), expected: expected(), names: facts.names() })
    }

    pub(in crate::tls) fn of_lost_name(facts: &Inspected, name: &ExpectedIdentity) -> Self {
        Self::LostName { certificate: Brief::of(facts), lost: name.to_string(), names: facts.names() }
    }

    pub(crate) fn of_pins(facts: &Inspected, pins: &[Fingerprint]) -> Option<Self> {
        let pinned = pins.is_empty() || pins.contains(&facts.key_fingerprint) || pins.contains(&facts.fingerprint);
        (!pinned).then(|| Self::PinMismatch { certificate: Brief::of(facts), key: facts.key_fingerprint })
    }
}
