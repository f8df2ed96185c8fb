//! Who may be a peer: lists of names that are allowed, and of names that are denied.

mod fault;
mod glob;
mod handle;
mod host;
mod names;
mod oddity;
mod pattern;
mod refusal;
mod shown;
mod uri;

pub use fault::{NotAPattern, PatternFault};
pub use handle::{AdmissionHandle, Gate};
pub(super) use host::{Host, address};
pub use oddity::Oddity;
pub use pattern::Pattern;
pub use refusal::{Applicant, NotAdmitted};
pub use shown::Shown;
pub(super) use shown::Subject;

use crate::node_name::NodeName;
use pattern::Met;

/// Whom a node lets in, and whom it goes to: by their names, and by the names on their certificates.
///
/// Whoever is on the deny list is refused, whatever the other list says. If anybody is on the allow list, everybody
/// else is refused. An acceptor or a route may have lists of its own: then its allow list takes the place of the
/// node's if anybody is on it, and both deny lists count.
///
/// ```
/// use countersign::node::{Admission, Shown};
///
/// let lists = Admission::new().allow("node:*@db.internal")?.deny("node:old@db.internal")?;
/// assert!(lists.judge(&"new@db.internal".parse()?, Shown::Plain).is_ok());
/// let refused = lists.judge(&"old@db.internal".parse()?, Shown::Plain).unwrap_err();
/// assert_eq!(refused.to_string(), "old@db.internal is denied by node:old@db.internal");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # The rule
///
/// A name that two programs could take for two different names is *ambiguous*. It satisfies no allow entry, and every
/// deny entry about its kind of names applies to it. So nobody comes in, or gets past a deny list, by a name that is
/// only read in another way here than by whoever issued it.
///
/// | what | in an entry | as the name of a node | on a certificate |
/// |---|---|---|---|
/// | who is not verified | | over TLS no allow entry is satisfied; over plain TCP there are only names, and `node:` entries go by them | satisfies no allow entry; deny entries apply |
/// | wildcard, `dns:` | `*` is the whole left-most label, and stands for one label | its host is ambiguous | an allow entry must mean all that it stands for, a deny entry any of it; one elsewhere is ambiguous. Never an identity, but with [`IdentityPolicy::DangerWildcardHost`] |
/// | `*`, elsewhere | one or more characters: of a node's name; of a URI behind its authority, up to the next of `/?#@%`; of a common name | a character like others | a character like others |
/// | letter case | as it is compared: hosts and common names without regard to ASCII case, all else with it | its host without regard, the rest with it | the same |
/// | dot at the end of a host | dropped | dropped | ambiguous: RFC 5280 has none |
/// | other letters than ASCII | refused; in `cn:` and before the `@` compared as they are | in a host ambiguous | in a `dNSName` or URI no certificate at all; in a common name compared as they are |
/// | `xn--` labels | compared letter by letter, and never decoded | the same | the same |
/// | zero bytes, control characters | refused | no name of a node | ambiguous |
/// | empty labels, labels of more than 63 characters | refused | ambiguous | ambiguous |
/// | over-long names (253 of a host, 64 of a common name, 2048 of a URI) | refused, but for common names | ambiguous | ambiguous |
/// | several common names | | | all of them are ambiguous |
/// | a common name beside other names, or unlike them | in `cn:` entries only | | never an identity, never a `dns:` name |
/// | addresses | as they are written: no zeros before a number, no hex, no zone, no network with bits of a host in it | the same; else, if it ends in a number, ambiguous | an `iPAddress` has one form |
/// | IPv4 in IPv6, `::ffff:10.0.0.1` | is the IPv4 address | the same | the same |
/// | an address as a `dNSName` | refused: `ip:` says it | | satisfies no allow entry; `ip:` deny entries apply. In another form than usual: ambiguous, as a host and as an address |
/// | a URI | in its normal form (RFC 3986, 6.2.2), compared letter by letter; no `*` in the scheme or authority | | ambiguous if it is not in its normal form |
/// | thousands of names | | | of more than 100, none satisfies an allow entry, and all deny entries on DNS names, addresses and URIs apply |
///
/// [`IdentityPolicy::DangerWildcardHost`]: super::IdentityPolicy::DangerWildcardHost
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admission {
    allow: Vec<Pattern>,
    deny: Vec<Pattern>,
}

impl Admission {
    /// Lists with nobody on them: everybody is let in.
    pub const fn new() -> Self {
        Self { allow: Vec::new(), deny: Vec::new() }
    }

    /// Puts an entry on the allow list.
    ///
    /// # Errors
    /// The text is no entry.
    pub fn allow(self, entry: &str) -> Result<Self, NotAPattern> {
        Ok(self.allowing([entry.parse()?]))
    }

    /// Puts an entry on the deny list.
    ///
    /// # Errors
    /// The text is no entry.
    pub fn deny(self, entry: &str) -> Result<Self, NotAPattern> {
        Ok(self.denying([entry.parse()?]))
    }

    /// Puts entries on the allow list.
    #[must_use]
    pub fn allowing(mut self, entries: impl IntoIterator<Item = Pattern>) -> Self {
        self.allow.extend(entries);
        self
    }

    /// Puts entries on the deny list.
    #[must_use]
    pub fn denying(mut self, entries: impl IntoIterator<Item = Pattern>) -> Self {
        self.deny.extend(entries);
        self
    }

    /// Who is allowed.
    pub fn allowed(&self) -> &[Pattern] {
        &self.allow
    }

    /// Who is denied.
    pub fn denied(&self) -> &[Pattern] {
        &self.deny
    }

    /// Whether a node of this name, which has shown this, may be a peer.
    ///
    /// # Errors
    /// It is denied, or it is not among those that are allowed.
    pub fn judge(&self, node: &NodeName, shown: Shown<'_>) -> Result<(), NotAdmitted> {
        judge(&[self], &self.allow, &Subject::new(Some(node), shown))
    }
}

/// Deny entries of all lists, and one list of allowed.
fn judge(lists: &[&Admission], allow: &[Pattern], subject: &Subject<'_>) -> Result<(), NotAdmitted> {
    let mut denied = lists.iter().flat_map(|lists| &lists.deny);
    if let Some((entry, met)) = denied.find_map(|entry| Some((entry, subject.met_by(entry)?))) {
        let oddity = if let Met::Odd(oddity) = met { Some(oddity) } else { None };
        return Err(NotAdmitted::Denied { who: subject.into(), entry: entry.clone(), oddity });
    }
    let is_too_early = subject.may_still_be_named() && allow.iter().any(Pattern::is_of_nodes);
    if allow.is_empty() || is_too_early || allow.iter().any(|entry| subject.satisfies(entry)) {
        return Ok(());
    }
    Err(NotAdmitted::NotAmongAllowed { who: subject.into(), entries: allow.len() })
}
