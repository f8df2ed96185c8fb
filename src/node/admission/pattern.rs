//! One entry of a list: a kind of name, and which names of it are meant.

use super::fault::{NotAPattern, PatternFault};
use super::glob::Glob;
use super::host::{self, Host};
use super::names::{Kind, Names, Node, NodeHost};
use super::oddity::Oddity;
use super::uri;
use crate::net::{Network, NotANetwork};
use crate::x509::name::is_printable;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Who is meant by an entry: `node:*@db.internal`, `dns:*.db.internal`, `ip:10.0.0.0/8`,
/// `uri:spiffe://example.org/ns/*/sa/db`, `cn:backup`. How names are held against it is written in [`Admission`].
///
/// ```
/// use countersign::failure::Failure;
/// use countersign::node::Pattern;
///
/// let databases: Pattern = "dns:*.DB.internal.".parse()?;
/// assert_eq!(databases.to_string(), "dns:*.DB.internal.");
/// let refused = "dns:bücher.example".parse::<Pattern>().unwrap_err();
/// assert_eq!(refused.to_string(), "\"dns:bücher.example\" names nobody: it has a character beyond ASCII");
/// assert_eq!(refused.hint().as_str(), "write it as dns:*.db.internal; other letters in their ASCII form, xn--…");
/// # Ok::<(), countersign::node::NotAPattern>(())
/// ```
///
/// [`Admission`]: super::Admission
#[derive(Clone, PartialEq, Eq)]
pub struct Pattern(Arc<Read>);

#[derive(PartialEq, Eq)]
struct Read {
    text: String,
    who: Who,
}

#[derive(PartialEq, Eq)]
enum Who {
    Node(Glob, Where),
    Dns(Host),
    Ip(Network),
    Uri(Glob),
    Cn(Glob),
}

/// On which hosts a node is meant.
#[derive(PartialEq, Eq)]
enum Where {
    Anywhere,
    At(Host),
    Address(Network),
}

/// Why a name is meant by an entry of a deny list: because it is, or because nobody can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Met {
    Named,
    Odd(Oddity),
}

impl Pattern {
    /// Whether it is about the names of nodes, and so needs no certificate.
    pub fn is_of_nodes(&self) -> bool {
        matches!(self.0.who, Who::Node(..))
    }

    /// Whether it means one name only.
    pub fn is_exact(&self) -> bool {
        match &self.0.who {
            Who::Node(name, at) => !name.has_stars() && at.is_one(),
            Who::Dns(host) => !host.is_wildcard(),
            Who::Ip(network) => network.is_one(),
            Who::Uri(text) | Who::Cn(text) => !text.has_stars(),
        }
    }

    /// Whether it means a node of this name, read without doubt.
    pub(super) fn admits_node(&self, node: &Node<'_>) -> bool {
        matches!((&self.0.who, &node.host), (Who::Node(name, at), Ok(host)) if name.matches(node.name) && at.has(host))
    }

    /// Whether all that one of the names on a certificate stands for is meant.
    pub(super) fn admits_certificate(&self, names: &Names<'_>) -> bool {
        match &self.0.who {
            Who::Node(..) => false,
            Who::Dns(host) => of(&names.dns).any(|name| host.covers(name)),
            Who::Ip(network) => of(&names.ip).any(|address| network.contains(*address)),
            Who::Uri(glob) => of(&names.uri).any(|uri| glob.matches(uri)),
            Who::Cn(glob) => of(&names.cn).any(|name| glob.matches(&name.to_ascii_lowercase())),
        }
    }

    /// Whether a node of this name may be meant.
    pub(super) fn meets_node(&self, node: &Node<'_>) -> Option<Met> {
        match (&self.0.who, &node.host) {
            (Who::Node(..), Err(oddity)) => Some(Met::Odd(*oddity)),
            (Who::Node(..), Ok(_)) if self.admits_node(node) => Some(Met::Named),
            _ => None,
        }
    }

    /// Whether one of the names on a certificate may be meant.
    pub(super) fn meets_certificate(&self, names: &Names<'_>) -> Option<Met> {
        let (is_named, oddity) = match &self.0.who {
            Who::Node(..) => return None,
            Who::Dns(host) => (names.dns.clear.iter().any(|name| host.meets(name)), names.dns.oddity),
            Who::Ip(network) => {
                let mut all = names.ip.clear.iter().chain(&names.addresses);
                (all.any(|address| network.contains(*address)), names.ip.oddity)
            }
            Who::Uri(_) => (self.admits_certificate(names), names.uri.oddity),
            Who::Cn(_) => (self.admits_certificate(names), names.cn.oddity),
        };
        if is_named { Some(Met::Named) } else { oddity.map(Met::Odd) }
    }
}

/// Those that count for an allow entry. Of too many names none does.
fn of<T>(kind: &Kind<T>) -> impl Iterator<Item = &T> {
    kind.clear.iter().filter(|_| kind.oddity != Some(Oddity::TooManyNames))
}

impl Where {
    fn is_one(&self) -> bool {
        match self {
            Self::Anywhere => false,
            Self::At(host) => !host.is_wildcard(),
            Self::Address(network) => network.is_one(),
        }
    }

    fn has(&self, host: &NodeHost) -> bool {
        match (self, host) {
            (Self::Anywhere, _) => true,
            (Self::At(at), NodeHost::Named(host)) => at.covers(host),
            (Self::Address(network), NodeHost::Address(address)) => network.contains(*address),
            (Self::At(_), NodeHost::Address(_)) | (Self::Address(_), NodeHost::Named(_)) => false,
        }
    }
}

impl FromStr for Pattern {
    type Err = NotAPattern;

    fn from_str(text: &str) -> Result<Self, NotAPattern> {
        let refuse = |fault| NotAPattern { text: text.to_owned(), fault };
        let (kind, what) = text.split_once(':').ok_or_else(|| refuse(PatternFault::Kind))?;
        let who = match kind {
            "node" => node(what),
            "dns" => dns(what),
            "ip" => network(what).map(Who::Ip),
            "uri" => identifier(what),
            "cn" => common_name(what),
            _ => Err(PatternFault::Kind),
        };
        Ok(Self(Arc::new(Read { who: who.map_err(refuse)?, text: text.to_owned() })))
    }
}

fn node(text: &str) -> Result<Who, PatternFault> {
    let (name, host) = text.split_once('@').ok_or(PatternFault::NoHost)?;
    if name.is_empty() || name.chars().any(char::is_whitespace) || !is_printable(name) || text.chars().count() > LONGEST_NODE {
        return Err(PatternFault::NodeName);
    }
    let name = Glob::new(name, &[]).ok_or(PatternFault::Stars)?;
    let at = match (host, host::address(host)) {
        ("*", _) => Where::Anywhere,
        (_, Some(_)) => Where::Address(network(host)?),
        (_, None) => Where::At(Host::written(host).map_err(PatternFault::Odd)?),
    };
    Ok(Who::Node(name, at))
}

fn network(text: &str) -> Result<Network, PatternFault> {
    text.parse().map_err(|error| match error {
        NotANetwork::Length(_) | NotANetwork::Prefix { .. } => PatternFault::Prefix,
        NotANetwork::Beyond { .. } => PatternFault::HostBits,
        NotANetwork::Text(_) => PatternFault::Address,
    })
}

fn dns(text: &str) -> Result<Who, PatternFault> {
    if host::address(text).is_some() {
        return Err(PatternFault::AddressAsName);
    }
    Host::written(text).map(Who::Dns).map_err(PatternFault::Odd)
}

/// Stars only where nobody but the owner of the authority gives names.
fn identifier(text: &str) -> Result<Who, PatternFault> {
    uri::check(text).map_err(PatternFault::Odd)?;
    let behind = uri::behind_authority(text).unwrap_or_default();
    if text.strip_suffix(behind).unwrap_or_default().contains('*') {
        return Err(PatternFault::Authority);
    }
    Glob::new(text, &['/', '?', '#', '@', '%']).map(Who::Uri).ok_or(PatternFault::Stars)
}

fn common_name(text: &str) -> Result<Who, PatternFault> {
    if text.is_empty() {
        return Err(PatternFault::Empty);
    }
    if !is_printable(text) {
        return Err(PatternFault::Odd(Oddity::Control));
    }
    Glob::new(&text.to_ascii_lowercase(), &[]).map(Who::Cn).ok_or(PatternFault::Stars)
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0.text, f)
    }
}

/// As long as an atom may be.
const LONGEST_NODE: usize = 255;
