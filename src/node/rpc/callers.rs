//! Who may call an exported function.

use crate::node::admission::{NotAPattern, Pattern, PatternFault, Subject};
use crate::node::identity::Identity;
use crate::node_name::NodeName;

/// A list of those who may call a function. An empty one is nobody.
///
/// A peer that was not verified is on no list, whatever name it bears, unless [`Callers::danger_unverified`] says so:
/// without a certificate a name is but a word.
///
/// With one, a name is worth what the node's [`IdentityPolicy`](crate::node::IdentityPolicy) makes of it. By default a
/// certificate has to bear the host, so that whoever holds one for a host may take the name of any node there, and
/// `ctl@localhost` admits as many as `*@localhost`. Where only the one node is meant, [`Callers::identities`] asks
/// for its own URI. Names are compared as [`Admission`](crate::node::Admission) has it.
///
/// ```
/// use countersign::node::Identity;
/// use countersign::node::rpc::Callers;
///
/// let callers = Callers::nodes(["ctl@localhost", "*@db.internal"])?.or(Callers::identities(["erl:ctl@ops.internal"])?);
/// assert!(!callers.admit(&"ctl@localhost".parse()?, &Identity::Unverified));
/// assert!(Callers::nodes(["ctl"]).is_err() && Callers::identities(["ctl@ops.internal"]).is_err());
/// let services = Callers::matching(["dns:*.db.internal", "uri:spiffe://example.org/ns/*/sa/db"])?;
/// # let _ = services;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Callers(Vec<Entry>);

#[derive(Clone, Debug)]
struct Entry {
    /// `None`: anybody.
    who: Option<Pattern>,
    /// Whether it counts for a peer that nobody vouches for, too.
    even_unverified: bool,
}

impl Callers {
    /// Nobody: where a list is to be completed with [`Callers::or`].
    pub const fn nobody() -> Self {
        Self(Vec::new())
    }

    /// Verified peers of these names: `name@host`, or `*@host` for every node of a host, with wildcards as in
    /// [`Admission`](crate::node::Admission).
    ///
    /// # Errors
    /// One of them is no such name.
    pub fn nodes<I: AsRef<str>>(names: impl IntoIterator<Item = I>) -> Result<Self, NotAPattern> {
        Self::matching(names.into_iter().map(|name| format!("node:{}", name.as_ref())))
    }

    /// Verified peers with one of these URIs on their certificates, letter by letter: `erl:name@host`, or a SPIFFE id.
    ///
    /// # Errors
    /// One of them is no URI in its normal form, or has a `*`.
    pub fn identities<I: AsRef<str>>(uris: impl IntoIterator<Item = I>) -> Result<Self, NotAPattern> {
        let callers = Self::matching(uris.into_iter().map(|uri| format!("uri:{}", uri.as_ref())))?;
        let mut patterns = callers.0.iter().filter_map(|entry| entry.who.as_ref());
        match patterns.find(|pattern| !pattern.is_exact()) {
            Some(pattern) => Err(NotAPattern { text: pattern.to_string(), fault: PatternFault::NotExact }),
            None => Ok(callers),
        }
    }

    /// Verified peers that such an entry means: `dns:*.db.internal`, `ip:10.0.0.0/8`, `uri:…`, `cn:…`, `node:…`.
    ///
    /// # Errors
    /// One of them is no entry.
    pub fn matching<I: AsRef<str>>(patterns: impl IntoIterator<Item = I>) -> Result<Self, NotAPattern> {
        patterns.into_iter().map(|text| text.as_ref().parse().map(|who| Entry::new(Some(who)))).collect::<Result<_, _>>().map(Self)
    }

    /// Every verified peer.
    pub fn verified() -> Self {
        Self(vec![Entry::new(None)])
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
        let subject = Subject::known(node, identity.certificate());
        let vouched = |entry: &&Entry| entry.even_unverified || identity.is_verified();
        self.0.iter().filter(vouched).any(|entry| entry.who.as_ref().is_none_or(|who| subject.satisfies(who)))
    }

    /// Whether somebody may be on it whom nobody vouches for.
    pub(in crate::node) fn is_dangerous(&self) -> bool {
        self.0.iter().any(|entry| entry.even_unverified)
    }
}

impl Entry {
    const fn new(who: Option<Pattern>) -> Self {
        Self { who, even_unverified: false }
    }
}
