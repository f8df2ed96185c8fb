//! The configuration file of a node, in JSON.
//!
//! `raw` is what may stand in it, `resolved` what that means. Before it is read, variables of the environment are put
//! into its texts, and what flags and the environment say is laid over it ([`Layers`]): so there is one way in which
//! values are judged, and one answer to where each of them comes from ([`Setting`]). Every key does something, an unknown
//! one is refused, and each error names where it stands and what to do. `priv/node.json` is a sample,
//! `priv/schema.json` the list of all keys.
//!
//! ```
//! use countersign::config::Config;
//! use countersign::failure::Failure;
//! use std::path::{Path, PathBuf};
//!
//! let text = r#"{ "node": { "name": "a@localhost", "cookie": "secret" }, "tls": null, "tick": { "seconds": 15 } }"#;
//! let config = Config::from_json(text, Path::new("."))?;
//! assert_eq!(config.name.as_str(), "a@localhost");
//! assert_eq!(config.options.tick.period.as_secs(), 15);
//!
//! let refused = Config::from_json(r#"{ "node": { "name": "a" }, "tls": null }"#, Path::new(".")).unwrap_err();
//! assert_eq!(refused.to_string(), "(memory): node.name: the name of a node is name@host, and there is no @");
//! assert_eq!(refused.hint().as_str(), "write name@host, such as a@localhost");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod acceptors;
mod check;
mod cluster;
mod cookie;
mod document;
mod error;
mod fault;
mod layers;
mod link;
mod material;
mod nearest;
mod numbers;
mod policy;
mod raw;
mod redacted;
mod resolved;
mod routes;
mod shown;
mod spot;
mod survey;
mod tls;
mod tree;
mod variables;
mod warning;
mod watch;

pub use check::check;
pub use cookie::cookie_file;
pub use error::ConfigError;
pub use fault::Fault;
pub use layers::{Layers, Source};
pub use redacted::Redacted;
pub use shown::Setting;
pub use survey::{CookieAt, Paper, Papers, Survey};
pub use tls::directory as tls_directory;
pub use warning::Warning;

use crate::node::{Acceptor, Mode, NodeOptions};
use crate::node_name::NodeName;
use crate::observe::Event;
use crate::x509::pem::Origin;
use document::Document;
use spot::Spot;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use warning::EXPOSED;

/// What a configuration says, checked, with every file read that it names.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The node's name.
    pub name: NodeName,
    /// All the rest.
    pub options: NodeOptions,
    /// Who has said what.
    sources: BTreeMap<String, Source>,
    /// The file, if others can read a secret in it.
    exposed: Option<PathBuf>,
}

impl Config {
    /// Reads a file. Paths in it are relative to its directory.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn from_file(path: &Path) -> Result<Self, ConfigError> {
        Self::from_file_with(path, &Layers::default())
    }

    /// Reads a file, with these values over those in it. A path that a layer says is not relative to the file.
    ///
    /// # Errors
    /// As [`Self::from_file`]; of a value that a layer has said the error names who has said it.
    pub fn from_file_with(path: &Path, layers: &Layers) -> Result<Self, ConfigError> {
        let top = Spot::of_file(path);
        let document = Document::from_file(path, layers, &top)?;
        let config = Self::of_file(path, &document, &top)?;
        if let Some(path) = config.exposed.clone() {
            let (file, hint) = (path.display().to_string(), Warning::Exposed { path }.hint());
            log::warn!(target: "countersign::config", event:% = Event::SecretExposed, file, hint:%; "{EXPOSED}");
        }
        Ok(config)
    }

    /// Reads text. Paths in it are relative to this directory.
    ///
    /// # Errors
    /// As [`Self::from_file`].
    pub fn from_json(text: &str, base: &Path) -> Result<Self, ConfigError> {
        Self::from_layers(text, base, &Layers::default())
    }

    /// Reads text, with these values over those in it.
    ///
    /// # Errors
    /// As [`Self::from_file_with`].
    pub fn from_layers(text: &str, base: &Path, layers: &Layers) -> Result<Self, ConfigError> {
        let top = Spot::top(Origin::memory(), base);
        Self::of(&Document::read(text, layers, &top)?, &top)
    }

    /// Those that are opened.
    fn acceptors(&self) -> &[Acceptor] {
        if self.options.mode == Mode::OutgoingOnly { &[] } else { &self.options.acceptors }
    }

    fn of_file(path: &Path, document: &Document, top: &Spot<'_>) -> Result<Self, ConfigError> {
        let exposed = (document.holds_secrets && is_open_to_others(path)).then(|| path.to_owned());
        Ok(Self { exposed, ..Self::of(document, top)? })
    }

    fn of(document: &Document, top: &Spot<'_>) -> Result<Self, ConfigError> {
        let resolved = document.raw(top).and_then(|raw| resolved::config(raw, top));
        let (name, options) = resolved.map_err(|error| document.attributed(error))?;
        Ok(Self { name, options, sources: document.sources(), exposed: None })
    }
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
const fn is_open_to_others(_path: &Path) -> bool {
    false
}
