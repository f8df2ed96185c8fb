//! A configuration as far as it can be understood: all that is wrong with it, and what it names nevertheless.

mod papers;
mod salvage;

pub use papers::{CookieAt, Paper, Papers};

use super::error::ConfigError;
use super::fault::Fault;
use super::raw::Raw;
use super::resolved::{self, node_name};
use super::spot::Spot;
use super::tls::OfNode;
use super::{Config, acceptors, cluster, routes, tls};
use crate::net::Limits;
use crate::node_name::NodeName;
use crate::tls::TlsPolicy;
use crate::x509::pem::Origin;
use std::path::Path;
use zeroize::Zeroizing;

/// What was found out about a configuration.
///
/// ```
/// use countersign::config::Survey;
/// use std::path::Path;
///
/// let text = r#"{ "node": { "name": "a@localhost" }, "tls": { "cert": "a.crt", "client_auth": "maybe" }, "tick": { "seconds": 0 } }"#;
/// let survey = Survey::of_json(text, Path::new("."));
/// assert_eq!(survey.name.unwrap().as_str(), "a@localhost");
/// assert!(survey.config.is_none());
/// assert!(survey.faults.iter().any(|fault| fault.path == "tick.seconds"));
/// assert_eq!(survey.papers.len(), 1);
/// ```
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Survey {
    /// The node's name, if that can be read.
    pub name: Option<NodeName>,
    /// All that is wrong, as far as one thing does not hide another.
    pub faults: Vec<ConfigError>,
    /// The certificates, keys and CAs that it names: of the node, of acceptors, of routes.
    pub papers: Vec<Papers>,
    /// The cookies that it names.
    pub cookies: Vec<CookieAt>,
    /// The whole, if a node could start with it.
    pub config: Option<Config>,
}

impl Survey {
    /// Reads a file. Paths in it are relative to its directory.
    ///
    /// # Errors
    /// The file itself cannot be read.
    pub fn of_file(path: &Path) -> Result<Self, ConfigError> {
        let base = path.parent().unwrap_or(Path::new(""));
        let top = Spot::top(Origin::file(path), base);
        let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|error| top.refuse(Fault::Unreadable(error)))?;
        Ok(Self::of(&text, &top))
    }

    /// Reads text. Paths in it are relative to this directory.
    #[must_use]
    pub fn of_json(text: &str, base: &Path) -> Self {
        Self::of(text, &Spot::top(Origin::memory(), base))
    }

    fn of(text: &str, top: &Spot<'_>) -> Self {
        let salvage::Salvaged { raw, mut faults } = salvage::read(text, top);
        let Some(raw) = raw else { return Self { faults, ..Self::default() } };
        let name = NodeName::new(&raw.node.name).ok().filter(|name| name.as_str() != salvage::PLACEHOLDER);
        let (papers, cookies) = (papers::all(&raw, top), papers::cookies(&raw, top));
        // A second reading: the sections are taken apart by those who judge them.
        let again = salvage::read(text, top).raw.filter(|_| faults.is_empty());
        let contradiction = match again.map(|raw| resolved::config(raw, top)) {
            Some(Ok(config)) => return Self { name, faults, papers, cookies, config: Some(config) },
            Some(Err(fault)) => Some(fault),
            None => None,
        };
        faults.extend(each_section(raw, top));
        // Sections that are well, each for itself, may contradict each other.
        let is_new = |fault: &ConfigError| !faults.iter().any(|said| said.path == fault.path);
        let contradiction = contradiction.filter(is_new);
        faults.extend(contradiction);
        Self { name, faults, papers, cookies, config: None }
    }
}

/// What each section would be refused for, apart from the others.
fn each_section(raw: Raw, top: &Spot<'_>) -> Vec<ConfigError> {
    let Raw { node, tls: section, acceptors: doors, routes: ways, epmd, cluster, tick, limits, .. } = raw;
    let mut faults = Vec::new();
    let name = keep(&mut faults, node_name(&node.name, &top.key("node").key("name")));
    keep(&mut faults, resolved::node_section(node, &top.key("node")));
    let is_plain = matches!(section, Some(None));
    match section {
        None => faults.push(top.key("tls").refuse(Fault::NoTls)),
        Some(None) => {}
        Some(Some(section)) => faults.extend(tls::faults(section, &top.key("tls"))),
    }
    let policy = TlsPolicy::default();
    let of_node = OfNode { is_plain, policy: &policy };
    let at_doors = keep(&mut faults, acceptors::caps(&limits.door(), Limits::default(), &top.key("limits"))).unwrap_or_default();
    for (index, door) in doors.into_iter().flatten().enumerate() {
        keep(&mut faults, acceptors::acceptor(door, of_node, at_doors, &top.key("acceptors").index(index)));
    }
    for (index, way) in ways.into_iter().enumerate() {
        keep(&mut faults, routes::route(way, of_node, &top.key("routes").index(index)));
    }
    keep(&mut faults, resolved::epmd_mode(epmd, &top.key("epmd")));
    keep(&mut faults, resolved::tick_time(&tick, &top.key("tick")));
    keep(&mut faults, resolved::node_limits(&limits, &top.key("limits")));
    if let Some(name) = name {
        keep(&mut faults, cluster::section(cluster, &name, &top.key("cluster")));
    }
    faults
}

fn keep<T>(faults: &mut Vec<ConfigError>, outcome: Result<T, ConfigError>) -> Option<T> {
    outcome.map_err(|fault| faults.push(fault)).ok()
}
