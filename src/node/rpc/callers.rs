//! Who may call an exported function.

use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::node::identity::Identity;
use crate::node_name::{NodeName, NotANodeName};
use crate::x509::name::San;

/// A list of those who may call a function. An empty one is nobody.
///
/// A peer that was not verified is on no list, whatever name it bears, unless [`Callers::danger_unverified`] says so:
/// without a certificate a name is but a word.
///
/// With one, a name is worth what the node's [`IdentityPolicy`](crate::node::IdentityPolicy) makes of it. By default a
/// certificate has to bear the host, so that whoever holds one for a host may take the name of any node there, and
/// `ctl@localhost` admits as many as `*@localhost`. Where only the one node is meant, [`Callers::identities`] asks
/// for its own URI.
///
/// ```
/// use countersign::node::Identity;
/// use countersign::node::rpc::Callers;
///
/// let callers = Callers::nodes(["ctl@localhost", "*@db.internal"])?.or(Callers::identities(["erl:ctl@ops.internal"])?);
/// assert!(!callers.admit(&"ctl@localhost".parse()?, &Identity::Unverified));
/// assert!(Callers::nodes(["ctl"]).is_err() && Callers::identities(["ctl@ops.internal"]).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Callers(Vec<Entry>);

#[derive(Clone, Debug)]
struct Entry {
    who: Who,
    /// Whether it counts for a peer that nobody vouches for, too.
    even_unverified: bool,
}

#[derive(Clone, Debug)]
enum Who {
    Node(NodeName),
    /// Any node of this host.
    Host(String),
    /// Whoever has this URI on its certificate.
    Uri(String),
    Anybody,
}

/// What stands in a list names nobody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotACaller {
    /// It is no name of a node, nor `*@host`.
    #[error("{text:?} is no name of a node: {source}")]
    NotANode {
        /// What was given.
        text: String,
        /// What is wrong with it.
        source: NotANodeName,
    },
    /// A `*` that does not stand for the whole name before the `@`.
    #[error("{0:?} has a * elsewhere than in *@host")]
    Wildcard(String),
    /// It is no URI.
    #[error("{0:?} is no URI")]
    NotAUri(String),
}

impl Failure for NotACaller {
    fn code(&self) -> Code {
        Code::NotAllowed
    }

    fn hint(&self) -> Hint {
        match self {
            Self::NotANode { .. } | Self::Wildcard(_) => {
                Hint::fixed("a caller is like ctl@ops.internal, or *@ops.internal for every node of a host")
            }
            Self::NotAUri(_) => Hint::fixed("an identity is a URI on the certificate, such as erl:ctl@ops.internal or a SPIFFE id"),
        }
    }
}

impl Callers {
    /// Nobody: where a list is to be completed with [`Callers::or`].
    pub const fn nobody() -> Self {
        Self(Vec::new())
    }

    /// Verified peers of these names: `name@host`, or `*@host` for every node of a host.
    ///
    /// # Errors
    /// One of them is no such name.
    pub fn nodes<I: AsRef<str>>(names: impl IntoIterator<Item = I>) -> Result<Self, NotACaller> {
        names.into_iter().map(|name| node(name.as_ref()).map(Entry::new)).collect::<Result<_, _>>().map(Self)
    }

    /// Verified peers with one of these URIs on their certificates, letter by letter: `erl:name@host`, or a SPIFFE id.
    ///
    /// # Errors
    /// One of them is no URI.
    pub fn identities<I: AsRef<str>>(uris: impl IntoIterator<Item = I>) -> Result<Self, NotACaller> {
        uris.into_iter().map(|uri| identity(uri.as_ref()).map(Entry::new)).collect::<Result<_, _>>().map(Self)
    }

    /// Every verified peer.
    pub fn verified() -> Self {
        Self(vec![Entry::new(Who::Anybody)])
    }

    /// Those on either list.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Names count although nobody vouches for them, and with [`Callers::verified`] everybody is on the list: whoever
    /// reaches the port and knows the cookie may then call the function. The node warns about it when it starts.
    #[must_use]
    pub fn danger_unverified(mut self) -> Self {
        self.0.iter_mut().for_each(|entry| entry.even_unverified = true);
        self
    }

    /// Whether a peer is on the list.
    pub fn admit(&self, node: &NodeName, identity: &Identity) -> bool {
        let vouched = |entry: &&Entry| entry.even_unverified || identity.is_verified();
        self.0.iter().filter(vouched).any(|entry| entry.who.is(node, identity))
    }

    /// Whether somebody may be on it whom nobody vouches for.
    pub(in crate::node) fn is_dangerous(&self) -> bool {
        self.0.iter().any(|entry| entry.even_unverified)
    }
}

impl Entry {
    const fn new(who: Who) -> Self {
        Self { who, even_unverified: false }
    }
}

impl Who {
    fn is(&self, node: &NodeName, identity: &Identity) -> bool {
        match self {
            Self::Node(name) => name == node,
            Self::Host(host) => host.eq_ignore_ascii_case(node.host()),
            Self::Uri(wanted) => {
                let sans = identity.certificate().map(|leaf| leaf.sans.iter());
                sans.into_iter().flatten().any(|san| matches!(san, San::Uri(uri) if uri == wanted))
            }
            Self::Anybody => true,
        }
    }
}

fn node(text: &str) -> Result<Who, NotACaller> {
    let name = NodeName::new(text).map_err(|source| NotACaller::NotANode { text: text.to_owned(), source })?;
    match (name.name(), name.host()) {
        ("*", host) if !host.contains('*') => Ok(Who::Host(host.to_owned())),
        _ if text.contains('*') => Err(NotACaller::Wildcard(text.to_owned())),
        _ => Ok(Who::Node(name)),
    }
}

/// A scheme and something behind it.
fn identity(text: &str) -> Result<Who, NotACaller> {
    let is_scheme = |scheme: &str| !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    match text.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) && !rest.is_empty() => Ok(Who::Uri(text.to_owned())),
        _ => Err(NotACaller::NotAUri(text.to_owned())),
    }
}
