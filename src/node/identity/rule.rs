//! A policy, with all that it needs to know.

use super::{Identity, IdentityMismatch, IdentityPolicy, SpiffeTemplate};
use crate::node::admission::{Host, address};
use crate::node_name::NodeName;
use crate::tls::{ExpectedIdentity, PeerCertificate, ServerName};
use crate::x509::{Inspected, San};
use std::sync::Arc;

/// A policy, which SPIFFE ids stand for whole names, and who is expected whatever the policy says.
///
/// ```
/// use countersign::node::{IdentityPolicy, IdentityRule};
///
/// let rule = IdentityRule::from(IdentityPolicy::Strict).spiffe("spiffe://example.org/{host}/{name}".parse()?);
/// assert!(rule.judge(None, &"db@internal".parse()?, None).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdentityRule {
    policy: IdentityPolicy,
    spiffe: Option<SpiffeTemplate>,
    expected: Option<ExpectedIdentity>,
}

impl From<IdentityPolicy> for IdentityRule {
    fn from(policy: IdentityPolicy) -> Self {
        Self { policy, spiffe: None, expected: None }
    }
}

impl IdentityRule {
    pub(in crate::node) const fn new(policy: IdentityPolicy, spiffe: Option<SpiffeTemplate>) -> Self {
        Self { policy, spiffe, expected: None }
    }

    /// The policy.
    pub const fn policy(&self) -> IdentityPolicy {
        self.policy
    }

    /// Which SPIFFE ids stand for whole names.
    pub const fn template(&self) -> Option<&SpiffeTemplate> {
        self.spiffe.as_ref()
    }

    /// Lets SPIFFE ids of this form stand for the whole names of nodes.
    #[must_use]
    pub fn spiffe(self, template: SpiffeTemplate) -> Self {
        Self { spiffe: Some(template), ..self }
    }

    /// Who is expected, if somebody is.
    pub const fn expected(&self) -> Option<&ExpectedIdentity> {
        self.expected.as_ref()
    }

    /// Takes the holder of a verified certificate that names this one for whatever node it says it is, and nobody else.
    #[must_use]
    pub fn expecting(self, identity: ExpectedIdentity) -> Self {
        Self { expected: Some(identity), ..self }
    }

    /// Judges a peer. On a link that we dialled under another name than the node's host, `dialled_as` stands
    /// in for the host: the certificate was verified against it already.
    ///
    /// # Errors
    /// The certificate does not bear the name.
    pub fn judge(
        &self,
        certificate: Option<&PeerCertificate>,
        claimed: &NodeName,
        dialled_as: Option<&ServerName<'_>>,
    ) -> Result<Identity, IdentityMismatch> {
        let Some(certificate) = certificate.filter(|certificate| certificate.verified) else { return self.unverified(claimed) };
        let leaf = &certificate.leaf;
        let host = dialled_as.map_or_else(|| claimed.host().into(), ServerName::to_str);
        let is_covered = match (&self.expected, self.policy) {
            (Some(expected), _) => expected.is_borne_by(leaf),
            (None, IdentityPolicy::Off) => true,
            (None, IdentityPolicy::Strict) => self.has_name(leaf, claimed),
            (None, IdentityPolicy::Host) => self.has_name(leaf, claimed) || has_host(leaf, &host, Wildcards::NameNobody),
            (None, IdentityPolicy::DangerWildcardHost) => self.has_name(leaf, claimed) || has_host(leaf, &host, Wildcards::NameHosts),
        };
        if is_covered { Ok(Identity::Verified(Arc::clone(leaf))) } else { Err(self.mismatch(claimed, Some(leaf))) }
    }

    /// Judges a peer that has no name yet, by the host that its name will have.
    ///
    /// # Errors
    /// The certificate does not name the host.
    pub fn judge_host(&self, certificate: Option<&PeerCertificate>, placeholder: &NodeName) -> Result<Identity, IdentityMismatch> {
        if self.policy != IdentityPolicy::Strict || self.expected.is_some() {
            return self.judge(certificate, placeholder, None);
        }
        let identity = IdentityPolicy::Host.judge(certificate, placeholder, None)?;
        if identity.is_verified() { Ok(identity) } else { self.unverified(placeholder) }
    }

    /// Judges a certificate of our own as a peer with this rule would, if a node of this name showed it.
    pub(in crate::node) fn judge_own(&self, leaf: &Inspected, name: &NodeName) -> Result<(), IdentityMismatch> {
        let rule = Self { expected: None, ..self.clone() };
        rule.judge(Some(&PeerCertificate::new(Arc::new(leaf.clone()), true)), name, None).map(drop)
    }

    /// Whether the certificate of somebody who is verified names this very node.
    pub(in crate::node) fn has_name(&self, leaf: &Inspected, node: &NodeName) -> bool {
        has_name(leaf, node) || self.spiffe.as_ref().is_some_and(|template| template.names(leaf, node))
    }

    fn unverified(&self, claimed: &NodeName) -> Result<Identity, IdentityMismatch> {
        let proves_itself = self.policy == IdentityPolicy::Strict || self.expected.is_some();
        if proves_itself { Err(self.mismatch(claimed, None)) } else { Ok(Identity::Unverified) }
    }

    fn mismatch(&self, claimed: &NodeName, leaf: Option<&Inspected>) -> IdentityMismatch {
        IdentityMismatch { claimed: claimed.clone(), names: leaf.map(Inspected::names), policy: self.policy }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wildcards {
    NameNobody,
    NameHosts,
}

pub(super) fn has_name(leaf: &Inspected, node: &NodeName) -> bool {
    leaf.sans.iter().any(|san| matches!(san, San::Uri(uri) if uri.strip_prefix("erl:") == Some(node.as_str())))
}

fn has_host(leaf: &Inspected, host: &str, wildcards: Wildcards) -> bool {
    if let Some(address) = address(host) {
        return leaf.sans.iter().any(|san| matches!(san, San::Ip(ip) if ip.to_canonical() == address));
    }
    let Ok(host) = Host::written(host) else { return false };
    let names = leaf.sans.iter().filter_map(|san| if let San::Dns(name) = san { Host::read(name).ok() } else { None });
    let mut counted = names.filter(|name| wildcards == Wildcards::NameHosts || !name.is_wildcard());
    counted.any(|name| name.covers(&host))
}
