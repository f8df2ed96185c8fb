//! What a peer's certificate must show besides a good chain: a key that was pinned, a name that was agreed on, and
//! whatever the user's own judgement looks at.

use super::hook::{self, Peer, VerifyPeer};
use super::{Brief, Refusal, Usage};
use crate::node_name::NodeName;
use crate::tls::pins::Pins;
use crate::x509::Inspected;
use crate::x509::name::San;
use rustls_pki_types::ServerName;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

/// Demands of a policy. Without any, a good chain and the name that was dialled are enough. Pins and whatever the hook
/// goes by may change while connections are open.
#[derive(Clone, Debug, Default)]
pub(in crate::tls) struct Demands {
    pub(in crate::tls) pins: Arc<Pins>,
    pub(in crate::tls) identity: Option<ExpectedIdentity>,
    pub(in crate::tls) hook: Option<Arc<dyn VerifyPeer>>,
}

impl Demands {
    /// All of them, the hook last.
    pub(super) fn judge(&self, leaf: &Inspected, usage: Usage, verified: bool) -> Result<(), Refusal> {
        self.names(leaf)?;
        hook::ask(self.hook.as_deref(), &Peer { leaf, usage, verified })
    }

    /// Whether it is not all the same whose certificate it is.
    pub(in crate::tls) fn name_somebody(&self) -> bool {
        self.identity.is_some() || !self.pins.current().is_empty()
    }

    /// Whether this is one of those who were named: by a key, by a certificate, by a name on it.
    pub(in crate::tls) fn names(&self, leaf: &Inspected) -> Result<(), Refusal> {
        self.pins.refuse(leaf).map_or(Ok(()), Err)?;
        match &self.identity {
            Some(identity) if !identity.is_borne_by(leaf) => {
                Err(Refusal::AnotherIdentity { certificate: Brief::of(leaf), expected: identity.to_string(), names: leaf.names() })
            }
            _ => Ok(()),
        }
    }

    /// Who expects an identity knows better than by the name that was dialled whom to expect.
    pub(super) fn dialled<'a, 'b>(&self, name: Option<&'a ServerName<'b>>) -> Option<&'a ServerName<'b>> {
        name.filter(|_| self.identity.is_none())
    }
}

/// Whom a peer's certificate must name, whatever the peer is called and wherever it was dialled.
///
/// It is written as a URI (`spiffe://example.org/db`, `erl:db-1@internal`), as the name of a node, which stands for
/// its URI, or as a DNS name or an address. Wildcards on the certificate never satisfy it.
///
/// ```
/// use countersign::testing::Ca;
/// use countersign::tls::ExpectedIdentity;
///
/// let expected: ExpectedIdentity = "spiffe://example.org/db".parse()?;
/// let ca = Ca::new();
/// assert!(expected.is_borne_by(ca.leaf().uri("spiffe://example.org/db").build().leaf()));
/// assert!(!expected.is_borne_by(ca.agent(&["localhost"]).leaf()));
/// assert_eq!("db-1@internal".parse::<ExpectedIdentity>()?.to_string(), "erl:db-1@internal");
/// # Ok::<(), countersign::tls::NotAnIdentity>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedIdentity(Form);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    Uri(String),
    Host(ServerName<'static>),
}

impl ExpectedIdentity {
    /// Whether a certificate names it. This says nothing about who vouches for the certificate.
    pub fn is_borne_by(&self, leaf: &Inspected) -> bool {
        leaf.sans.iter().any(|san| self.is(san))
    }

    fn is(&self, san: &San) -> bool {
        match (&self.0, san) {
            (Form::Uri(uri), San::Uri(borne)) => uri == borne,
            (Form::Host(ServerName::DnsName(name)), San::Dns(borne)) => name.as_ref().eq_ignore_ascii_case(borne),
            (Form::Host(ServerName::IpAddress(address)), San::Ip(borne)) => IpAddr::from(*address) == *borne,
            _ => false,
        }
    }
}

impl FromStr for ExpectedIdentity {
    type Err = NotAnIdentity;

    fn from_str(text: &str) -> Result<Self, NotAnIdentity> {
        let refuse = || NotAnIdentity(text.chars().take(LONGEST_SHOWN).collect());
        if text.contains("://") || text.starts_with(NODE_SCHEME) {
            let is_plain = text.len() <= LONGEST_URI && text.chars().all(|c| c.is_ascii_graphic());
            return if is_plain { Ok(Self(Form::Uri(text.to_owned()))) } else { Err(refuse()) };
        }
        if let Ok(node) = NodeName::new(text) {
            return Ok(Self(Form::Uri(format!("{NODE_SCHEME}{node}"))));
        }
        ServerName::try_from(text.to_owned()).map(|name| Self(Form::Host(name))).map_err(|_| refuse())
    }
}

impl fmt::Display for ExpectedIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Uri(uri) => f.write_str(uri),
            Form::Host(name) => f.write_str(&name.to_str()),
        }
    }
}

/// The text names nobody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither a URI, nor the name of a node, nor a host name or address")]
pub struct NotAnIdentity(pub String);

const NODE_SCHEME: &str = "erl:";
/// As SPIFFE has it.
const LONGEST_URI: usize = 2048;
const LONGEST_SHOWN: usize = 253;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Ca;

    fn expected(text: &str) -> ExpectedIdentity {
        text.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_name_is_borne_only_in_its_own_form() {
        let ca = Ca::new();
        let leaf = ca.leaf().names(&["db.internal", "*.example.org", "10.0.0.7", "erl:a@db.internal", "spiffe://example.org/db"]).build();
        for borne in ["db.internal", "DB.internal", "10.0.0.7", "erl:a@db.internal", "a@db.internal", "spiffe://example.org/db"] {
            assert!(expected(borne).is_borne_by(leaf.leaf()), "{borne}");
        }
        for foreign in ["x.example.org", "10.0.0.8", "b@db.internal", "spiffe://example.org/DB", "spiffe://example.org/db/", "internal"] {
            assert!(!expected(foreign).is_borne_by(leaf.leaf()), "{foreign}");
        }
    }

    #[test]
    fn what_no_certificate_can_bear_is_refused() {
        for text in ["", "a b", "*.example.org", "spiffe://exa mple", "erl:b\n@c", "a@", "x\0y"] {
            assert!(text.parse::<ExpectedIdentity>().is_err(), "{text:?}");
        }
        assert!(format!("spiffe://{}", "x".repeat(LONGEST_URI)).parse::<ExpectedIdentity>().is_err());
    }
}
