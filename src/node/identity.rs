//! Whether a peer may bear the name it claims: its certificate has to say so.

mod rule;
mod spiffe;

pub use rule::IdentityRule;
pub use spiffe::{NotASpiffeTemplate, SpiffeFault, SpiffeTemplate};

use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::node_name::NodeName;
use crate::observe::Event;
use crate::tls::{PeerCertificate, ServerName};
use crate::x509::Inspected;
use std::fmt;
use std::sync::Arc;

/// How the name that a peer claims is held against its certificate.
///
/// OTP and most others ask only whether the certificate is good: whoever holds one may be any node. Wildcards
/// satisfy no rule but the one that says so, and common names satisfy none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum IdentityPolicy {
    /// Any peer may claim any name. A node that is started so warns about it.
    Off,
    /// As [`IdentityPolicy::Host`], and a wildcard names every host that it covers: whoever holds such a certificate may
    /// be any node of any of them. For nodes that share one, as the pods of a stateful set may. A node that is started
    /// so warns about it.
    DangerWildcardHost,
    /// The certificate of a verified peer names the host of the node (DNS name or address), or the whole
    /// node: as the URI `erl:name@host`, or as the SPIFFE id that a [`SpiffeTemplate`] makes of its name.
    #[default]
    Host,
    /// It names the whole node; and a peer that was not verified is no peer.
    Strict,
}

impl IdentityPolicy {
    /// All policies, from the loosest on.
    pub const ALL: [Self; 4] = [Self::Off, Self::DangerWildcardHost, Self::Host, Self::Strict];

    /// The word in configurations.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::DangerWildcardHost => "danger_wildcard_host",
            Self::Host => "host",
            Self::Strict => "strict",
        }
    }

    /// Says what a loose one lets through, on links of whom.
    pub(super) fn warn_if_loose(self, holder: &str) {
        match self {
            Self::Off => log::warn!(
                target: "countersign::node", event:% = Event::WeakSetting, holder, identity = "off";
                "any holder of a good certificate may claim the name of any node"
            ),
            Self::DangerWildcardHost => log::warn!(
                target: "countersign::node", event:% = Event::WeakSetting, holder, identity = "danger_wildcard_host";
                "any holder of a certificate with a wildcard may claim the name of any node on the hosts that it covers"
            ),
            Self::Host | Self::Strict => {}
        }
    }

    /// Judges a peer by this policy alone: see [`IdentityRule::judge`].
    ///
    /// # Errors
    /// The certificate does not bear the name.
    pub fn judge(
        self,
        certificate: Option<&PeerCertificate>,
        claimed: &NodeName,
        dialled_as: Option<&ServerName<'_>>,
    ) -> Result<Identity, IdentityMismatch> {
        IdentityRule::from(self).judge(certificate, claimed, dialled_as)
    }
}

impl fmt::Display for IdentityPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The word names no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no identity policy (off, danger_wildcard_host, host, strict)")]
pub struct NotAnIdentityPolicy(pub String);

impl std::str::FromStr for IdentityPolicy {
    type Err = NotAnIdentityPolicy;

    fn from_str(word: &str) -> Result<Self, NotAnIdentityPolicy> {
        let policy = Self::ALL.into_iter().find(|policy| policy.as_str() == word);
        policy.ok_or_else(|| NotAnIdentityPolicy(word.to_owned()))
    }
}

/// Who a peer has shown to be, apart from what it says.
#[derive(Clone, Debug)]
pub enum Identity {
    /// No authority of ours vouches for it: it knows the cookie, and that is all.
    Unverified,
    /// The holder of this certificate, which an authority of ours vouches for.
    Verified(Arc<Inspected>),
}

impl Identity {
    /// Whether an authority vouches for it.
    pub const fn is_verified(&self) -> bool {
        matches!(self, Self::Verified(_))
    }

    /// What its certificate says.
    pub fn certificate(&self) -> Option<&Inspected> {
        match self {
            Self::Verified(leaf) => Some(leaf),
            Self::Unverified => None,
        }
    }

    /// Whether its certificate names this very node, with the URI `erl:name@host`.
    pub fn names(&self, node: &NodeName) -> bool {
        self.certificate().is_some_and(|leaf| rule::has_name(leaf, node))
    }

    /// Whether its certificate says of its holder exactly what this one says: it is that certificate, or one
    /// that took its place. Replicas whose certificates differ only in their keys are one holder to this.
    pub fn is_as(&self, own: &Inspected) -> bool {
        let is_alike = |leaf: &Inspected| leaf.subject_der == own.subject_der && leaf.sans == own.sans && leaf.issuer_der == own.issuer_der;
        self.certificate().is_some_and(is_alike)
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unverified => f.write_str("unverified"),
            Self::Verified(leaf) => write!(f, "{} ({})", leaf.subject, leaf.names()),
        }
    }
}

/// A peer's certificate does not bear the name that it claims.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{claimed} is not whom its certificate names: {}", .names.as_deref().unwrap_or("nobody vouches for it"))]
pub struct IdentityMismatch {
    /// The name it claims.
    pub claimed: NodeName,
    /// The names on the certificate; `None` if there is none that was verified.
    pub names: Option<String>,
    /// By which rule.
    pub policy: IdentityPolicy,
}

impl Failure for IdentityMismatch {
    fn code(&self) -> Code {
        Code::IdentityMismatch
    }

    fn hint(&self) -> Hint {
        match self.policy {
            IdentityPolicy::Strict => {
                Hint::of(format!("issue the node's certificate with --uri erl:{} (or with its SPIFFE id)", self.claimed))
            }
            _ => Hint::fixed(Code::IdentityMismatch.cure()),
        }
    }
}
