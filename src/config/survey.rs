//! A configuration as far as it can be understood: all that is wrong with it, and what it names nevertheless.

mod papers;

pub use papers::{CookieAt, Paper, Papers};

use super::check::Search;
use super::document::{self, Document};
use super::error::ConfigError;
use super::layers::Layers;
use super::spot::Spot;
use super::{Config, raw::Raw};
use crate::node_name::NodeName;
use crate::x509::pem::Origin;
use std::path::Path;

/// What was found out about a configuration.
///
/// ```
/// use countersign::config::{Layers, Survey};
/// use std::path::Path;
///
/// let text = r#"{ "node": { "name": "a@localhost" }, "tls": { "cert": "a.crt", "client_auth": "maybe" }, "tick": { "seconds": 0 } }"#;
/// let survey = Survey::of_json(text, Path::new("."), &Layers::default());
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
    /// Reads a file, with these values over those in it, and starts nothing: what it names is looked at and not watched.
    ///
    /// # Errors
    /// The file itself cannot be read.
    pub fn of_file(path: &Path, layers: &Layers) -> Result<Self, ConfigError> {
        let top = Spot::of_file(path).only_looking();
        let text = document::text(path, &top)?;
        Ok(Self::of(&text, layers, &top, |document| Config::of_file(path, document, &top)))
    }

    /// Reads text. Paths in it are relative to this directory.
    #[must_use]
    pub fn of_json(text: &str, base: &Path, layers: &Layers) -> Self {
        let top = Spot::top(Origin::memory(), base).only_looking();
        Self::of(text, layers, &top, |document| Config::of(document, &top))
    }

    fn of(text: &str, layers: &Layers, top: &Spot<'_>, whole: impl FnOnce(&Document) -> Result<Config, ConfigError>) -> Self {
        let (document, found) = match Document::with_all_faults(text, layers, top) {
            Ok(read) => read,
            Err(fault) => return Self { faults: vec![fault], ..Self::default() },
        };
        let mut survey = Self::default();
        let mut search = Search::new(document, found);
        search.run(top, |raw, document| survey.note(raw, document, top));
        match search.result(whole) {
            Ok(config) => survey.config = Some(config),
            Err(faults) => survey.faults = faults,
        }
        survey
    }

    /// What it names, while the document still has all that can be read.
    fn note(&mut self, raw: &Raw, document: &Document, top: &Spot<'_>) {
        self.name = raw.node.name.as_deref().and_then(|name| NodeName::new(name).ok());
        self.papers = papers::all(raw, document, top);
        self.cookies = papers::cookies(raw, document, top);
    }
}
