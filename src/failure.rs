//! The stable codes. Every refusal, wherever it is made, carries one; people search for it, scripts
//! compare it, and counters count by it. A code never changes its meaning.

pub mod seen;

use crate::hint::Hint;
use std::fmt;

/// An error with a stable code and a cure.
pub trait Failure: std::error::Error {
    /// The stable code.
    fn code(&self) -> Code;

    /// What to do about it. Errors that know more than their code say more than this default.
    fn hint(&self) -> Hint {
        Hint::fixed(self.code().cure())
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $cure:literal;)*) => {
        /// Why something was refused, in one stable word.
        ///
        /// ```
        /// use countersign::failure::Code;
        ///
        /// assert_eq!(Code::UnknownCa.as_str(), "unknown_ca");
        /// assert_eq!("unknown_ca".parse(), Ok(Code::UnknownCa));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// All codes, in the order in which the documentation lists them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word as logs, JSON and people write it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What usually helps.
            pub const fn cure(self) -> &'static str {
                match self { $(Self::$variant => $cure,)* }
            }
        }
    };
}

codes! {
    /// The chain ends at an authority that the judging side does not trust.
    UnknownCa = "unknown_ca", "issue the certificate from a CA in the judging side's pool, or add its CA to that pool and restart";
    /// The certificate's validity is over.
    Expired = "expired", "renew the certificate (countersign cert renew) and hand it to update; check both clocks";
    /// The certificate's validity has not begun.
    NotYetValid = "not_yet_valid", "check both clocks; a certificate is dated from the moment its CA made it";
    /// The certificate does not cover the name that was dialled.
    NameMismatch = "name_mismatch", "dial a name that the certificate lists, set server_name, or issue it with the missing --dns or --ip";
    /// Key usage or extended key usage do not allow this role.
    WrongUsage = "wrong_usage", "use a certificate made for this role: countersign cert agent for nodes, cert client for callers only";
    /// A certificate was required and none came.
    NoClientCertificate = "no_client_certificate", "give the dialling side a certificate and key";
    /// The certificate vouches for itself and is in no pool.
    SelfSigned = "self_signed", "issue the certificate from a CA (countersign cert ca, then cert agent)";
    /// The leaf's issuer is known to be an intermediate, and the peer did not send it.
    MissingIntermediate = "missing_intermediate", "put the intermediate certificate behind the leaf in the certificate file of the side that presents it";
    /// A certificate in the chain signs others without being a CA.
    NotACa = "not_a_ca", "issue from a certificate with basicConstraints CA:TRUE";
    /// A key or signature below what is accepted today.
    WeakKey = "weak_key", "use P-256, P-384, Ed25519, or RSA of 2048 bits or more, signed with SHA-256 or better";
    /// Bytes that are no certificate as RFC 5280 has it.
    MalformedCertificate = "malformed_certificate", "look at the file with countersign cert inspect, and issue it again";
    /// A CRL lists the certificate.
    Revoked = "revoked", "issue a new certificate with a new key; a revoked one never comes back";
    /// No valid CRL says whether the certificate is revoked, and policy demands one.
    RevocationUnknown = "revocation_unknown", "provide a current CRL of the issuer (countersign cert crl), or choose the policy allow_unknown";
    /// The certificate is good, but not one of those pinned.
    PinMismatch = "pin_mismatch", "compare fingerprints (countersign cert fingerprint) and correct the pin or the certificate";
    /// The peer claims a name that its certificate does not bear.
    IdentityMismatch = "identity_mismatch", "issue the certificate with the node's host, or with the URI erl:name@host";
    /// The user's own verification refused.
    RefusedByHook = "refused_by_hook", "the refusing side's own verification hook decided so; its log has the reason";
    /// No TLS version in common.
    VersionMismatch = "version_mismatch", "speak TLS 1.3 on both sides, or allow 1.2 where an old peer needs it";
    /// No cipher suite, key exchange or signature scheme in common.
    NoCommonSuite = "no_common_suite", "widen the suites of one side; leaving them unset allows all that are safe";
    /// Both sides name application protocols, and none is shared.
    AlpnMismatch = "alpn_mismatch", "is this the right port? Offer countersign/1, or no ALPN at all";
    /// We speak TLS and the peer does not.
    PlaintextPeer = "plaintext_peer", "turn on TLS at the peer, or dial the port that speaks it";
    /// We speak plain TCP and the peer speaks TLS.
    TlsPeerOnPlainPort = "tls_peer_on_plain_port", "give this side a certificate manager, or take TLS away from the peer";
    /// The peer speaks the right protocol (TLS, the distribution, the port mapper's), and breaks its rules.
    ProtocolViolation = "protocol_violation", "is something between the two that changes what is sent? Otherwise one side has a fault: note its version";
    /// A term is not of the type that was asked for, or a value has no term.
    TermMismatch = "term_mismatch", "compare the term with the type, at the path that is named";
    /// The private key is not the certificate's.
    KeyMismatch = "key_mismatch", "pair the certificate with the key it was made from";
    /// A node presents another certificate than the one that lies in its files, or links of it still have the one before.
    StaleCertificate = "stale_certificate", "countersign rotate takes what lies in the files, and says why if it does not; links take it when they are made anew (countersign disconnect)";
    /// A node trusts other CAs than its files say: pools are read once.
    RestartRequired = "restart_required", "restart the node: CA pools are fixed while it runs";
    /// The settings cannot make a working handshake; said at start, before any peer comes.
    InvalidTlsConfiguration = "invalid_tls_configuration", "complete or correct the half that is named";
    /// The cookies differ.
    CookieMismatch = "cookie_mismatch", "set the same cookie on both nodes";
    /// The peer is known and may not do this.
    NotAllowed = "not_allowed", "add the peer's identity to the list that guards this";
    /// The node that answered is not the one that was dialled.
    WrongNode = "wrong_node", "check host, port and name: another node listens there";
    /// Another node holds the name.
    NameInUse = "name_in_use", "stop the other node or choose another name";
    /// The peer lacks features that are mandatory.
    MissingFlags = "missing_flags", "upgrade the peer: OTP 25 or newer is needed";
    /// A step took longer than it may.
    Timeout = "timeout", "is the peer overloaded, stopped, or behind a firewall that drops packets?";
    /// A limit on connections or handshakes is reached.
    TooMany = "too_many", "raise the limit if these peers are yours, or find out who knocks so often";
    /// Nobody listens there, or nobody can be found.
    Unreachable = "unreachable", "is the peer running, and is this its host and port?";
    /// The connection ended without a reason.
    PeerClosed = "peer_closed", "look into the peer's log at this moment; a plain TCP port also closes on a TLS hello";
    /// A function that was called is not there, or not for this caller.
    NoSuchFunction = "no_such_function", "is the name right, and are you on the function's list of callers? The other node's log says whom it refused";
    /// A function that was called did not return.
    CallFailed = "call_failed", "the reason is that of the function itself; look into the log of the node that ran it";
    /// An alert said only that the certificate was bad.
    BadCertificate = "bad_certificate", "the refusing side knows why: look for this code's line in its log";
    /// An alert said only that something about the certificate was not acceptable.
    CertificateUnknown = "certificate_unknown", "the refusing side knows why: look for this code's line in its log";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The word is none of [`Code::ALL`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a failure code")]
pub struct NotACode(pub String);

impl std::str::FromStr for Code {
    type Err = NotACode;

    fn from_str(word: &str) -> Result<Self, NotACode> {
        let code = Self::ALL.iter().find(|code| code.as_str() == word);
        code.copied().ok_or_else(|| NotACode(word.to_owned()))
    }
}
