//! What to make: a CA by its plan, a leaf by its request.

use super::draft::{CLIENT_AUTH, SERVER_AUTH};
use super::kind::KeyKind;
use super::names::Names;
use super::subject::Subject;
use super::validity::Lifetime;
use crate::x509::Inspected;
use der::asn1::ObjectIdentifier;
use std::fmt;

/// A CA that shall be made.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its name.
    pub subject: Subject,
    /// How long it shall live; an intermediate ends with its issuer at the latest.
    pub lifetime: Lifetime,
    /// What key to make for it.
    pub key: KeyKind,
}

impl Plan {
    /// Five years, with a P-256 key.
    pub const fn new(subject: Subject) -> Self {
        Self { subject, lifetime: Lifetime::CA, key: KeyKind::P256 }
    }
}

/// A leaf that shall be issued.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// Whom it is for.
    pub subject: Subject,
    /// What it may do.
    pub role: Role,
    /// What peers may call it; an agent needs at least one.
    pub names: Names,
    /// How long it shall live; it ends with its issuer at the latest.
    pub lifetime: Lifetime,
    /// What key to make for it.
    pub key: KeyKind,
}

impl Leaf {
    /// A node's certificate: it accepts and dials. Ninety days, with a P-256 key.
    pub const fn agent(subject: Subject, names: Names) -> Self {
        Self { subject, role: Role::Agent, names, lifetime: Lifetime::LEAF, key: KeyKind::P256 }
    }

    /// A certificate that dials only. Ninety days, with a P-256 key.
    pub fn client(subject: Subject) -> Self {
        Self { role: Role::Client, ..Self::agent(subject, Names::default()) }
    }
}

/// What a leaf may do in a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// Accept and dial: server and client authentication.
    Agent,
    /// Dial only: client authentication.
    Client,
    /// Accept only: server authentication. Some other CA made it so; a renewal keeps it.
    Server,
}

impl Role {
    /// What a certificate allows its holder. One that names no usage allows every one.
    pub fn of(certificate: &Inspected) -> Self {
        let usages = certificate.extended_key_usage.as_deref();
        let may = |usage: &str| usages.is_none_or(|usages| usages.iter().any(|other| other == usage));
        match (may("serverAuth"), may("clientAuth")) {
            (false, true) => Self::Client,
            (true, false) => Self::Server,
            _ => Self::Agent,
        }
    }

    /// The word for it on a command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Client => "client",
            Self::Server => "server",
        }
    }

    pub(super) const fn purposes(self) -> &'static [ObjectIdentifier] {
        match self {
            Self::Agent => &[SERVER_AUTH, CLIENT_AUTH],
            Self::Client => &[CLIENT_AUTH],
            Self::Server => &[SERVER_AUTH],
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
