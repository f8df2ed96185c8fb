//! Whom lists are asked about.

use super::names::{Names, Node};
use super::pattern::{Met, Pattern};
use super::refusal::Applicant;
use crate::net::{Connection, TransportFacts};
use crate::node_name::NodeName;
use crate::tls::PeerCertificate;
use crate::x509::Inspected;
use std::cell::OnceCell;

/// What a peer has shown of itself, apart from a name.
#[derive(Clone, Copy, Debug)]
pub enum Shown<'a> {
    /// Nothing that it could have: the connection is plain TCP.
    Plain,
    /// No certificate, over TLS.
    Nothing,
    /// This certificate, which a CA of ours vouches for or not.
    Certificate(&'a PeerCertificate),
}

impl<'a> Shown<'a> {
    fn new(is_tls: bool, certificate: Option<&'a PeerCertificate>) -> Self {
        let none = if is_tls { Self::Nothing } else { Self::Plain };
        certificate.map_or(none, Self::Certificate)
    }

    /// Whether a name counts on an allow list.
    fn may_be_allowed(&self) -> bool {
        match self {
            Self::Plain => true,
            Self::Nothing => false,
            Self::Certificate(certificate) => certificate.verified,
        }
    }
}

/// What the other end of a connection has shown.
impl<'a> From<&'a Connection> for Shown<'a> {
    fn from(connection: &'a Connection) -> Self {
        Self::new(connection.tls().is_some(), connection.peer_certificate())
    }
}

/// What the other end of a link has shown, for judging it again.
impl<'a> From<&'a TransportFacts> for Shown<'a> {
    fn from(facts: &'a TransportFacts) -> Self {
        Self::new(facts.tls.is_some(), facts.peer_certificate.as_ref())
    }
}

/// A peer as entries see it. Its certificate is read when the first entry asks for it.
#[derive(Debug)]
pub(in crate::node) struct Subject<'a> {
    name: Option<&'a NodeName>,
    node: Option<Node<'a>>,
    leaf: Option<&'a Inspected>,
    names: OnceCell<Names<'a>>,
    may_be_allowed: bool,
}

impl<'a> Subject<'a> {
    pub(super) fn new(name: Option<&'a NodeName>, shown: Shown<'a>) -> Self {
        let leaf = if let Shown::Certificate(certificate) = shown { Some(&*certificate.leaf) } else { None };
        Self { name, node: name.map(Node::of), leaf, names: OnceCell::new(), may_be_allowed: shown.may_be_allowed() }
    }

    /// A peer that is up, whose name counts whatever it has shown.
    pub(in crate::node) fn known(name: &'a NodeName, leaf: Option<&'a Inspected>) -> Self {
        Self { name: Some(name), node: Some(Node::of(name)), leaf, names: OnceCell::new(), may_be_allowed: true }
    }

    /// Whether an entry about names of nodes could let it in when it has said one.
    pub(super) const fn may_still_be_named(&self) -> bool {
        self.name.is_none() && self.may_be_allowed
    }

    pub(in crate::node) fn satisfies(&self, entry: &Pattern) -> bool {
        let by_name = self.node.as_ref().is_some_and(|node| entry.admits_node(node));
        self.may_be_allowed && (by_name || !entry.is_of_nodes() && self.names().is_some_and(|names| entry.admits_certificate(names)))
    }

    pub(super) fn met_by(&self, entry: &Pattern) -> Option<Met> {
        if entry.is_of_nodes() {
            return self.node.as_ref().and_then(|node| entry.meets_node(node));
        }
        self.names().and_then(|names| entry.meets_certificate(names))
    }

    fn names(&self) -> Option<&Names<'a>> {
        self.leaf.map(|leaf| self.names.get_or_init(|| Names::of(leaf)))
    }
}

impl From<&Subject<'_>> for Box<Applicant> {
    fn from(subject: &Subject<'_>) -> Self {
        Self::new(Applicant {
            node: subject.name.cloned(),
            names: subject.leaf.map(Inspected::names),
            may_be_allowed: subject.may_be_allowed,
        })
    }
}
