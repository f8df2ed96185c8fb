//! The configuration file of a node, in JSON.
//!
//! `raw` is what may stand in it, `resolved` what that means. Every key does something, an unknown one is
//! refused, and each error names where it stands and what to do. `priv/countersign.json` is a sample,
//! `priv/schema.json` the list of all keys.
//!
//! ```
//! use countersign::config::Config;
//! use countersign::failure::Failure;
//! use std::path::Path;
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
mod cluster;
mod cookie;
mod error;
mod fault;
mod link;
mod material;
mod numbers;
mod policy;
mod raw;
mod resolved;
mod routes;
mod spot;
mod survey;
mod tls;

pub use cookie::cookie_file;
pub use error::ConfigError;
pub use fault::Fault;
pub use survey::{CookieAt, Paper, Papers, Survey};
pub use tls::directory as tls_directory;

use crate::node::NodeOptions;
use crate::node_name::NodeName;
use crate::observe::Event;
use crate::x509::pem::Origin;
use spot::Spot;
use std::path::Path;
use zeroize::Zeroizing;

/// What a configuration says, checked, with every file read that it names.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The node's name.
    pub name: NodeName,
    /// All the rest.
    pub options: NodeOptions,
}

impl Config {
    /// Reads a file. Paths in it are relative to its directory.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let base = path.parent().unwrap_or(Path::new(""));
        let top = Spot::top(Origin::file(path), base);
        // It may hold a cookie or a key.
        let text = std::fs::read_to_string(path).map(Zeroizing::new);
        let raw = raw::parse(&text.map_err(|error| top.refuse(Fault::Unreadable(error)))?, &top)?;
        if raw.holds_secrets() && is_open_to_others(path) {
            let hint = "keep them in files of their own, or chmod 600 this one";
            log::warn!(target: "countersign::config", event:% = Event::SecretExposed, file:% = path.display(), hint; "a cookie or key is written out in a file that others can read");
        }
        resolved::config(raw, &top)
    }

    /// Reads text. Paths in it are relative to this directory.
    ///
    /// # Errors
    /// As [`Self::from_file`].
    pub fn from_json(text: &str, base: &Path) -> Result<Self, ConfigError> {
        let top = Spot::top(Origin::memory(), base);
        resolved::config(raw::parse(text, &top)?, &top)
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
