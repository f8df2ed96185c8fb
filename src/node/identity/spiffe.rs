//! SPIFFE ids that stand for nodes.

use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::node_name::NodeName;
use crate::x509::{Inspected, San};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// How the SPIFFE id of a node is made of its name: `spiffe://example.org/node/{host}/{name}`.
///
/// Exactly one id stands for a name, compared letter by letter; a certificate with several SPIFFE ids has none, as the
/// standard has it. Without `{host}` whoever holds the id of a name may have it on every host.
///
/// ```
/// use countersign::node::SpiffeTemplate;
///
/// let template: SpiffeTemplate = "spiffe://example.org/node/{host}/{name}".parse()?;
/// assert_eq!(template.id_of(&"db-1@internal".parse()?).as_deref(), Some("spiffe://example.org/node/internal/db-1"));
/// // No segment of an id may have such characters: this node has none.
/// assert_eq!(template.id_of(&"größe@internal".parse()?), None);
/// assert!("spiffe://Example.org/{name}".parse::<SpiffeTemplate>().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SpiffeTemplate(Arc<str>);

impl SpiffeTemplate {
    /// The one id that stands for this node, if one can.
    pub fn id_of(&self, node: &NodeName) -> Option<String> {
        let id = self.segments().map(|segment| filled(segment, node)).collect::<Option<Vec<_>>>()?;
        let id = format!("{SCHEME}{}/{}", self.trust_domain(), id.join("/"));
        (id.len() <= LONGEST).then_some(id)
    }

    /// Whether a certificate bears that id, and no other one.
    pub(super) fn names(&self, leaf: &Inspected, node: &NodeName) -> bool {
        let is_spiffe = |uri: &str| uri.split_once(':').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("spiffe"));
        let uris = leaf.sans.iter().filter_map(|san| if let San::Uri(uri) = san { Some(uri.as_str()) } else { None });
        let mut ids = uris.filter(|uri| is_spiffe(uri));
        matches!((ids.next(), ids.next()), (Some(only), None) if self.id_of(node).as_deref() == Some(only))
    }

    fn trust_domain(&self) -> &str {
        self.0.strip_prefix(SCHEME).and_then(|rest| rest.split('/').next()).unwrap_or_default()
    }

    fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.strip_prefix(SCHEME).unwrap_or_default().split('/').skip(1)
    }

    fn check(&self) -> Result<(), SpiffeFault> {
        if !self.0.starts_with(SCHEME) {
            return Err(SpiffeFault::Scheme);
        }
        let domain = self.trust_domain();
        let may_stand = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c);
        if domain.is_empty() || domain.len() > LONGEST_TRUST_DOMAIN || !domain.chars().all(may_stand) {
            return Err(SpiffeFault::TrustDomain);
        }
        let both = |segment: &str| segment.matches(NAME).count() + segment.matches(HOST).count();
        if self.segments().any(|segment| both(segment) > 1) {
            return Err(SpiffeFault::SideBySide);
        }
        if !self.segments().map(|segment| segment.replacen(NAME, "n", 1).replacen(HOST, "h", 1)).all(|segment| is_segment(&segment)) {
            return Err(SpiffeFault::Segment);
        }
        if self.0.matches(NAME).count() == 0 { Err(SpiffeFault::NoName) } else { Ok(()) }
    }
}

/// With the name or the host put in, if that is a segment.
fn filled(segment: &str, node: &NodeName) -> Option<String> {
    // One of the two at most: what is put in is not looked at again.
    let filled = if segment.contains(NAME) { segment.replacen(NAME, node.name(), 1) } else { segment.replacen(HOST, node.host(), 1) };
    is_segment(&filled).then_some(filled)
}

fn is_segment(segment: &str) -> bool {
    let may_stand = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    !matches!(segment, "" | "." | "..") && segment.chars().all(may_stand)
}

impl FromStr for SpiffeTemplate {
    type Err = NotASpiffeTemplate;

    fn from_str(text: &str) -> Result<Self, NotASpiffeTemplate> {
        let template = Self(text.into());
        let refuse = |fault| NotASpiffeTemplate { text: text.to_owned(), fault };
        template.check().map_err(refuse).map(|()| template)
    }
}

impl fmt::Display for SpiffeTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for SpiffeTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// A text of which no SPIFFE ids can be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} makes no SPIFFE ids: {fault}")]
pub struct NotASpiffeTemplate {
    /// What was given.
    pub text: String,
    /// What is wrong with it.
    pub fault: SpiffeFault,
}

/// What is wrong with a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpiffeFault {
    /// It is no SPIFFE id.
    #[error("it does not begin with spiffe://")]
    Scheme,
    /// The trust domain is none.
    #[error("a trust domain has small letters, digits, dots, hyphens and underscores, and at most 255 of them")]
    TrustDomain,
    /// A segment of the path is none.
    #[error("between two / stand letters, digits, dots, hyphens and underscores, or {{name}} or {{host}}")]
    Segment,
    /// Two names of different nodes could make one id.
    #[error("two of {{name}} and {{host}} stand in one segment, where nobody can tell where one ends")]
    SideBySide,
    /// One id would stand for all nodes.
    #[error("it has no {{name}}")]
    NoName,
}

impl Failure for NotASpiffeTemplate {
    fn code(&self) -> Code {
        Code::InvalidTlsConfiguration
    }

    fn hint(&self) -> Hint {
        Hint::fixed("write it as spiffe://example.org/node/{host}/{name}")
    }
}

const SCHEME: &str = "spiffe://";
const NAME: &str = "{name}";
const HOST: &str = "{host}";
const LONGEST: usize = 2048;
const LONGEST_TRUST_DOMAIN: usize = 255;
