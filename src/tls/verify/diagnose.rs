//! From webpki's error to the reason: webpki says *that* no path was found, a person asks why.

use super::revocation::Revocation;
use super::{Brief, ChainJudge, Refusal, timestamp};
use crate::clock::Timestamp;
use crate::x509::Inspected;
use rustls_pki_types::CertificateDer;
use webpki::Error;

impl ChainJudge {
    /// Puts webpki's error into words, with the facts of the certificate that is at fault.
    pub(super) fn diagnose(
        &self,
        revocation: &Revocation,
        error: &Error,
        leaf: &Inspected,
        intermediates: &[CertificateDer<'_>],
        now: Timestamp,
    ) -> Refusal {
        let sent = Sent { leaf, intermediates: intermediates.iter().filter_map(|der| Inspected::from_der(der).ok()).collect() };
        if let Some(refusal) = sent.intermediates.iter().find_map(Refusal::of_strength).filter(|_| is_of_signatures(error)) {
            return refusal;
        }
        match error {
            Error::CertExpired { time, .. } | Error::CertNotValidYet { time, .. } => sent.of_dates(timestamp(*time)),
            Error::InvalidCertValidity => sent.of_dates(now),
            Error::UnknownIssuer | Error::InvalidSignatureForPublicKey | Error::SignatureAlgorithmMismatch => self.of_issuer(&sent),
            Error::CaUsedAsEndEntity if leaf.is_self_issued() && !self.pool.fingerprints().contains(&leaf.fingerprint) => {
                Refusal::SelfSigned { certificate: Brief::of(leaf) }
            }
            Error::CaUsedAsEndEntity => {
                Refusal::WrongUsage { certificate: Brief::of(leaf), usage: self.usage, lacks: "basicConstraints CA:FALSE" }
            }
            Error::EndEntityUsedAsCa => {
                Refusal::NotACa { certificate: sent.signer(|facts| !facts.is_ca()), lacks: "basicConstraints CA:TRUE" }
            }
            Error::PathLenConstraintViolated => Refusal::NotACa { certificate: sent.signer(|_| true), lacks: "room in its path length" },
            Error::EmptyEkuExtension | Error::RequiredEkuNotFoundContext(_) => self.of_purpose(&sent),
            Error::NameConstraintViolation => Refusal::NameConstraint { certificate: Brief::of(leaf), names: leaf.names() },
            Error::CertRevoked => sent.of_revoked(revocation),
            other => of_revocation(other, leaf).unwrap_or_else(|| Refusal::Malformed { part: part(other) }),
        }
    }

    fn of_issuer(&self, sent: &Sent<'_>) -> Refusal {
        let certificate = Brief::of(sent.leaf);
        let top = sent.top();
        if sent.leaf.is_self_issued() {
            return Refusal::SelfSigned { certificate };
        }
        if let Some(ours) = self.pool.by_subject(&top.issuer_der) {
            return Refusal::SameNameCa { certificate, issuer: top.issuer.clone(), ours: ours.fingerprint };
        }
        if self.names_known_intermediate(top) {
            return Refusal::MissingIntermediate { certificate: Brief::of(top), issuer: top.issuer.clone() };
        }
        Refusal::UnknownCa { certificate, issuer: top.issuer.clone(), pool: self.pool.in_words() }
    }

    /// Two witnesses tell a forgotten intermediate from an unknown CA: our own chain contains it, or the
    /// certificate's authority key identifier names the issuer's issuer. Either way that one is in the pool.
    fn names_known_intermediate(&self, top: &Inspected) -> bool {
        let own = self.known.as_ref().map(|own| own.issuers_above(&top.issuer_der)).unwrap_or_default();
        let mut above = own.iter().chain(&top.authority_key_id.issuers);
        above.any(|issuer| self.pool.by_subject(issuer).is_some())
    }

    fn of_purpose(&self, sent: &Sent<'_>) -> Refusal {
        let limited = sent.all().find_map(|facts| match Refusal::of_usage(facts, self.usage) {
            Some(refusal @ Refusal::WrongUsage { .. }) => Some(refusal),
            _ => None,
        });
        limited.unwrap_or_else(|| Refusal::WrongUsage {
            certificate: Brief::of(sent.leaf),
            usage: self.usage,
            lacks: "an extended key usage",
        })
    }
}

/// What the peer sent, read.
struct Sent<'a> {
    leaf: &'a Inspected,
    intermediates: Vec<Inspected>,
}

impl Sent<'_> {
    fn all(&self) -> impl Iterator<Item = &Inspected> {
        std::iter::once(self.leaf).chain(&self.intermediates)
    }

    /// Where the chain stops: follow the issuers from the leaf as far as certificates were sent.
    fn top(&self) -> &Inspected {
        let mut top = self.leaf;
        for _ in &self.intermediates {
            let next = self.intermediates.iter().find(|facts| facts.subject_der == top.issuer_der && !std::ptr::eq(*facts, top));
            match next {
                Some(issuer) if !issuer.is_self_issued() => top = issuer,
                _ => break,
            }
        }
        top
    }

    fn of_dates(&self, now: Timestamp) -> Refusal {
        self.all().find_map(|facts| Refusal::of_dates(facts, now)).unwrap_or(Refusal::Malformed { part: "validity" })
    }

    fn of_revoked(&self, revocation: &Revocation) -> Refusal {
        let named = self.all().find_map(|facts| revocation.names(facts));
        named.unwrap_or_else(|| Refusal::of_revoked(self.leaf))
    }

    fn signer(&self, at_fault: impl Fn(&Inspected) -> bool) -> Brief {
        let found = self.intermediates.iter().find(|facts| at_fault(facts));
        Brief::of(found.unwrap_or(self.leaf))
    }
}

/// Whether a weak key or hash somewhere in the chain may be the cause.
const fn is_of_signatures(error: &Error) -> bool {
    matches!(
        error,
        Error::UnknownIssuer
            | Error::InvalidSignatureForPublicKey
            | Error::SignatureAlgorithmMismatch
            | Error::UnsupportedSignatureAlgorithmContext(_)
            | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)
    )
}

fn of_revocation(error: &Error, leaf: &Inspected) -> Option<Refusal> {
    let why = match error {
        Error::UnknownRevocationStatus => "no revocation list of its issuer is at hand",
        Error::CrlExpired { .. } => "the issuer's revocation list has expired",
        Error::IssuerNotCrlSigner => "its issuer's certificate does not allow signing revocation lists (keyUsage cRLSign)",
        Error::InvalidCrlSignatureForPublicKey => "the revocation list in the issuer's name was not signed by the issuer",
        Error::UnsupportedCrlSignatureAlgorithmContext(_) | Error::UnsupportedCrlSignatureAlgorithmForPublicKeyContext(_) => {
            "the issuer's revocation list is signed with an unsupported algorithm"
        }
        Error::UnsupportedCrlIssuingDistributionPoint
        | Error::UnsupportedCrlVersion
        | Error::UnsupportedDeltaCrl
        | Error::UnsupportedIndirectCrl
        | Error::UnsupportedRevocationReason
        | Error::UnsupportedRevocationReasonsPartitioning => "the issuer's revocation list is of a kind that is not supported",
        _ => return None,
    };
    Some(Refusal::RevocationUnknown { certificate: Brief::of(leaf), why })
}

fn part(error: &Error) -> &'static str {
    match error {
        Error::BadDerTime => "time",
        Error::UnsupportedCriticalExtension => "critical extension",
        Error::UnsupportedCertVersion => "version",
        Error::InvalidSerialNumber => "serial number",
        Error::MalformedExtensions | Error::ExtensionValueInvalid => "extensions",
        Error::MalformedDnsIdentifier | Error::UnsupportedNameType => "names",
        Error::MalformedNameConstraint | Error::InvalidNetworkMaskConstraint => "name constraints",
        Error::UnsupportedSignatureAlgorithmContext(_) | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
            "signature algorithm"
        }
        Error::MaximumPathBuildCallsExceeded
        | Error::MaximumPathDepthExceeded
        | Error::MaximumSignatureChecksExceeded
        | Error::MaximumNameConstraintComparisonsExceeded => "chain (it is longer or more tangled than anyone needs)",
        _ => "structure",
    }
}
