//! What is to be looked at: a configuration, a directory, or files.

use crate::config::{Config, ConfigError, CookieAt, Layers, Papers, Survey, Warning};
use crate::dist::Cookie;
use crate::node::NodeOptions;
use crate::node_name::NodeName;
use std::path::Path;

/// What a node would start with, as far as that can be read.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Case {
    /// The configuration's file; `None` if there is none.
    pub source: Option<String>,
    /// The node's name, if it is known.
    pub name: Option<NodeName>,
    /// What is wrong with the configuration.
    pub faults: Vec<ConfigError>,
    /// Certificates, keys and CAs.
    pub papers: Vec<Papers>,
    /// Cookies; without one that of the user's home counts.
    pub cookies: Vec<CookieAt>,
    /// What a node would warn about when it starts.
    pub warnings: Vec<Warning>,
    /// What a node would be started with; `None` if it could not be.
    pub options: Option<NodeOptions>,
}

impl Case {
    /// A configuration in a file, with these values over those in it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn of_file(path: &Path, layers: &Layers) -> Result<Self, ConfigError> {
        Ok(Self { source: Some(path.display().to_string()), ..Self::of(Survey::of_file(path, layers)?) })
    }

    /// A configuration in a text; paths in it are relative to this directory.
    #[must_use]
    pub fn of_json(text: &str, base: &Path) -> Self {
        Self { source: Some("(memory)".to_owned()), ..Self::of(Survey::of_json(text, base, &Layers::default())) }
    }

    /// No file, but values that would stand in one.
    #[must_use]
    pub fn of_layers(layers: &Layers) -> Self {
        Self::of(Survey::of_json("{}", Path::new(""), layers))
    }

    /// Files of a node that could not be started.
    #[must_use]
    pub fn of_papers(papers: Papers, cookies: Vec<CookieAt>, name: NodeName) -> Self {
        Self { name: Some(name), papers: vec![papers], cookies, ..Self::default() }
    }

    fn of(survey: Survey) -> Self {
        let Survey { name, faults, papers, cookies, config, .. } = survey;
        let warnings = config.as_ref().map(warnings).unwrap_or_default();
        let options = config.map(|config| config.options);
        Self { source: None, name, faults, papers, cookies, warnings, options }
    }
}

/// Whether there is a cookie at all is looked at elsewhere, and does not hide them.
fn warnings(config: &Config) -> Vec<Warning> {
    let mut config = config.clone();
    config.options.cookie.get_or_insert(Cookie::new(Vec::new()));
    config.warnings().unwrap_or_default()
}
