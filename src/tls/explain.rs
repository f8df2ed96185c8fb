//! Every handshake that fails says why: a stable code, the facts, a cure; on both sides, as far as the
//! protocol lets that side know.

mod alert;
mod foreign;

pub use foreign::Foreign;
pub(crate) use foreign::{PLAIN_PORT, is_tls};

use super::handshake::Witness;
use super::verify::Refusal;
use crate::clock::Timestamp;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use rustls::{AlertDescription, CertificateError, Error, PeerIncompatible, PeerMisbehaved};
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// Which end of a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It dialled.
    Dialler,
    /// It was dialled.
    Acceptor,
}

/// The two addresses of a connection, as far as they are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    /// Ours.
    pub local: Option<SocketAddr>,
    /// The peer's.
    pub peer: Option<SocketAddr>,
}

/// A handshake that did not succeed.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    code: Code,
    cause: Cause,
    guess: bool,
    ends: Ends,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Cause {
    /// We judged the peer's chain, and refused it.
    Judged(Refusal),
    /// The peer refused us, with nothing but an alert.
    Alert {
        /// The alert's name in the protocol.
        alert: String,
        /// What this side knows about what it presented.
        own: String,
    },
    /// The peer had to show a certificate and did not.
    NoCertificate,
    /// The peer could not sign with the key of the certificate it showed.
    NotItsKey,
    /// No version in common.
    Version(String),
    /// No suite, group or signature scheme in common.
    Suites(String),
    /// The peer offers other application protocols only.
    Alpn(Vec<String>),
    /// The peer speaks no TLS.
    Plaintext(Foreign),
    /// The peer speaks TLS, and this side does not.
    TlsOnPlain,
    /// The peer breaks the protocol.
    Protocol(Error),
    /// This side cannot go on: its key does not sign, or its own verifier fails.
    OwnFault(Error),
    /// The connection ended in mid-handshake.
    Closed(io::ErrorKind),
    /// The peer came, said nothing and went.
    Wordless,
    /// A step took too long.
    Timeout(&'static str, Duration),
    /// A limit is reached.
    TooMany(&'static str, usize),
    /// The peer dials from where nobody may.
    Elsewhere,
}

impl Refused {
    /// Which stable code.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// What happened, for programs.
    pub const fn cause(&self) -> &Cause {
        &self.cause
    }

    /// Whether the code is this side's best guess, because the peer's alert could mean several things.
    pub const fn is_guess(&self) -> bool {
        self.guess
    }

    /// Whether it was the peer who refused us.
    pub const fn is_by_peer(&self) -> bool {
        matches!(self.cause, Cause::Alert { .. })
    }

    /// Between whom.
    pub const fn ends(&self) -> Ends {
        self.ends
    }

    pub(crate) fn timeout(step: &'static str, after: Duration, ends: Ends) -> Self {
        Self::certain(Code::Timeout, Cause::Timeout(step, after), ends)
    }

    pub(crate) fn too_many(what: &'static str, limit: usize, ends: Ends) -> Self {
        Self::certain(Code::TooMany, Cause::TooMany(what, limit), ends)
    }

    pub(crate) const fn elsewhere(ends: Ends) -> Self {
        Self::certain(Code::NotAllowed, Cause::Elsewhere, ends)
    }

    pub(crate) fn tls_on_plain(ends: Ends) -> Self {
        Self::certain(Code::TlsPeerOnPlainPort, Cause::TlsOnPlain, ends)
    }

    pub(super) fn judged(refusal: Refusal, ends: Ends) -> Self {
        Self::certain(refusal.code(), Cause::Judged(refusal), ends)
    }

    pub(crate) const fn no_certificate(ends: Ends) -> Self {
        Self::certain(Code::NoClientCertificate, Cause::NoCertificate, ends)
    }

    pub(crate) fn closed(kind: io::ErrorKind, ends: Ends) -> Self {
        Self::certain(Code::PeerClosed, Cause::Closed(kind), ends)
    }

    /// As the probes of load balancers and orchestrators come and go.
    pub(crate) const fn wordless(ends: Ends) -> Self {
        Self::certain(Code::PeerClosed, Cause::Wordless, ends)
    }

    const fn certain(code: Code, cause: Cause, ends: Ends) -> Self {
        Self { code, cause, guess: false, ends }
    }

    /// Finds the reason in what rustls said and what the witness saw.
    pub(super) fn explain(role: Role, error: &io::Error, witness: &Witness, ends: Ends, now: Timestamp) -> Self {
        if let Some(refusal) = witness.refusal() {
            return Self::judged(refusal.clone(), ends);
        }
        if matches!(role, Role::Acceptor) && error.kind() == io::ErrorKind::UnexpectedEof && !witness.has_heard() {
            return Self::wordless(ends);
        }
        let foreign = || Foreign::of(witness.first_bytes());
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            Some(Error::AlertReceived(alert)) => Self::alerted(role, *alert, witness, ends, now),
            Some(error) => match foreign() {
                Some(foreign) => Self::certain(Code::PlaintextPeer, Cause::Plaintext(foreign), ends),
                None => Self::broken(error, witness, ends),
            },
            None => match foreign() {
                Some(foreign) => Self::certain(Code::PlaintextPeer, Cause::Plaintext(foreign), ends),
                None => Self::closed(error.kind(), ends),
            },
        }
    }

    fn alerted(role: Role, alert: AlertDescription, witness: &Witness, ends: Ends, now: Timestamp) -> Self {
        let verdict = alert::meaning(role, alert, witness, ends, now);
        let name = alert.as_str().map_or_else(|| format!("alert {}", u8::from(alert)), alert::wire_name);
        let cause = Cause::Alert { alert: name, own: alert::own_facts(witness) };
        Self { code: verdict.code, cause, guess: verdict.guess, ends }
    }

    fn broken(error: &Error, witness: &Witness, ends: Ends) -> Self {
        let (code, cause) = match error {
            Error::NoCertificatesPresented => (Code::NoClientCertificate, Cause::NoCertificate),
            // Chains are judged by ours, whose refusals the witness has: what is left is the handshake's signature.
            Error::InvalidCertificate(CertificateError::BadSignature)
            | Error::InvalidCertificate(CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. })
            | Error::PeerMisbehaved(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme) => (Code::KeyMismatch, Cause::NotItsKey),
            // Only a configuration of the user's own judges without the witness.
            Error::InvalidCertificate(error) => (own_verifier(error), Cause::Protocol(Error::InvalidCertificate(error.clone()))),
            Error::PeerIncompatible(reason) => match foreign::too_old(witness.first_bytes()) {
                Some(version) => (Code::VersionMismatch, Cause::Version(format!("the client offers nothing newer than {version}"))),
                None => incompatible(reason),
            },
            Error::NoApplicationProtocol => (Code::AlpnMismatch, Cause::Alpn(witness.protocols().to_vec())),
            Error::General(_) | Error::EncryptError | Error::FailedToGetCurrentTime | Error::FailedToGetRandomBytes => {
                (Code::InvalidTlsConfiguration, Cause::OwnFault(error.clone()))
            }
            other => (Code::ProtocolViolation, Cause::Protocol(other.clone())),
        };
        Self::certain(code, cause, ends)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Judged(refusal) => refusal.fmt(f),
            Cause::Alert { alert, own } if self.guess && *alert == self.code.as_str() => {
                write!(f, "the peer refused with the alert {alert}, which most likely means just that; {own}")
            }
            Cause::Alert { alert, own } if self.guess => {
                write!(f, "the peer refused with the alert {alert}, most likely for {}; {own}", self.code)
            }
            Cause::Alert { alert, own } => write!(f, "the peer refused with the alert {alert}, which means {}; {own}", self.code),
            Cause::NoCertificate => f.write_str("client didn't provide a certificate, and one is required"),
            Cause::NotItsKey => f.write_str("the peer cannot sign with the key of the certificate it presented"),
            Cause::Version(what) => write!(f, "no TLS version in common: {what}"),
            Cause::Suites(what) => write!(f, "nothing in common to encrypt or sign with: {what}"),
            Cause::Alpn(offered) => write!(f, "the peer offers only other application protocols ({})", offered.join(", ")),
            Cause::Plaintext(foreign) => write!(f, "the peer does not speak TLS: {foreign}"),
            Cause::TlsOnPlain => f.write_str("the peer speaks TLS, and this side plain TCP"),
            Cause::Protocol(error) => write!(f, "the peer broke the TLS protocol: {error}"),
            Cause::OwnFault(error) => write!(f, "this side could not do its part of the handshake: {error}"),
            Cause::Closed(kind) => write!(f, "the peer closed the connection in mid-handshake ({kind})"),
            Cause::Wordless => f.write_str("the peer closed the connection without a word, as a probe does"),
            Cause::Timeout(step, after) => write!(f, "{step} took longer than {after:?}"),
            Cause::TooMany(what, limit) => write!(f, "the limit of {limit} {what} is reached"),
            Cause::Elsewhere => f.write_str("the peer's address is in none of the networks from which peers may connect"),
        }
    }
}

impl std::error::Error for Refused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.cause {
            Cause::Protocol(error) | Cause::OwnFault(error) => Some(error),
            _ => None,
        }
    }
}

impl Failure for Refused {
    fn code(&self) -> Code {
        self.code
    }

    fn hint(&self) -> Hint {
        match &self.cause {
            Cause::Judged(refusal) => refusal.hint(),
            Cause::Plaintext(foreign) => foreign.hint(),
            Cause::Elsewhere => Hint::fixed("add its network to those of the acceptor, if this peer is yours"),
            Cause::Alert { .. } if self.code == Code::RevocationUnknown => Hint::fixed(
                "the peer asked for our CA by name: either it lacks a current revocation list of it, or a CA was made anew under that name; its log says which",
            ),
            _ => Hint::fixed(self.code.cure()),
        }
    }
}

fn incompatible(reason: &PeerIncompatible) -> (Code, Cause) {
    use PeerIncompatible::{
        ServerDoesNotSupportTls12Or13, ServerTlsVersionIsDisabledByOurConfig, SupportedVersionsExtensionRequired, Tls12NotOffered,
        Tls12NotOfferedOrEnabled, Tls13RequiredForQuic,
    };
    let words = format!("{reason:?}");
    match reason {
        ServerDoesNotSupportTls12Or13
        | ServerTlsVersionIsDisabledByOurConfig
        | SupportedVersionsExtensionRequired
        | Tls12NotOffered
        | Tls12NotOfferedOrEnabled
        | Tls13RequiredForQuic => (Code::VersionMismatch, Cause::Version(words)),
        _ => (Code::NoCommonSuite, Cause::Suites(words)),
    }
}

/// rustls's own verdicts, for those who bring a verifier of their own.
fn own_verifier(error: &CertificateError) -> Code {
    use CertificateError as E;
    match error {
        E::Expired | E::ExpiredContext { .. } => Code::Expired,
        E::NotValidYet | E::NotValidYetContext { .. } => Code::NotYetValid,
        E::Revoked => Code::Revoked,
        E::UnknownIssuer => Code::UnknownCa,
        E::UnknownRevocationStatus | E::ExpiredRevocationList | E::ExpiredRevocationListContext { .. } => Code::RevocationUnknown,
        E::NotValidForName | E::NotValidForNameContext { .. } => Code::NameMismatch,
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => Code::WrongUsage,
        E::BadEncoding | E::UnhandledCriticalExtension => Code::MalformedCertificate,
        E::ApplicationVerificationFailure => Code::RefusedByHook,
        _ => Code::BadCertificate,
    }
}
