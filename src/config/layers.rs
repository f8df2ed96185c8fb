//! What is said beside the file: by flags and by the environment. Flags win over the environment, that over the file,
//! and the file over defaults.

use serde_json::Value;
use std::fmt;

/// Who has said a value.
///
/// ```
/// use countersign::config::Source;
///
/// let source = Source::File { path: "node.name".to_owned(), variables: vec!["HOST".to_owned()] };
/// assert_eq!(source.to_string(), "file: node.name with ${HOST}");
/// assert_eq!((Source::Flag("--name").to_string(), Source::Default.to_string()), ("--name".to_owned(), "default".to_owned()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// This flag.
    Flag(&'static str),
    /// This variable of the environment.
    Environment(&'static str),
    /// The file.
    File {
        /// The way to the value.
        path: String,
        /// The variables that stand in it.
        variables: Vec<String>,
    },
    /// Nobody.
    Default,
}

impl Source {
    /// The kind in one word: `flag`, `environment`, `file` or `default`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Flag(_) => "flag",
            Self::Environment(_) => "environment",
            Self::File { .. } => "file",
            Self::Default => "default",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Environment(name) => f.write_str(name),
            Self::File { path, variables } if variables.is_empty() => write!(f, "file: {path}"),
            Self::File { path, variables } => {
                let names: Vec<_> = variables.iter().map(|name| format!("${{{name}}}")).collect();
                write!(f, "file: {path} with {}", names.join(", "))
            }
            Self::Default => f.write_str("default"),
        }
    }
}

/// Values that are laid over those of a file, each at its place in it. A later one wins over an earlier one.
///
/// ```
/// use countersign::config::{Config, Layers, Source};
/// use std::path::Path;
///
/// let text = r#"{ "node": { "name": "a@localhost", "cookie": "secret" }, "tls": null, "tick": { "seconds": 15 } }"#;
/// let mut layers = Layers::default();
/// layers.set("node.name", "b@localhost", Source::Flag("--name"));
/// let config = Config::from_layers(text, Path::new("."), &layers)?;
/// assert_eq!(config.name.as_str(), "b@localhost");
/// let settings = config.settings()?;
/// let said = |option: &str| settings.iter().find(|setting| setting.option == option).unwrap().source.to_string();
/// assert_eq!((said("node.name"), said("tick.seconds")), ("--name".to_owned(), "file: tick.seconds".to_owned()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Layers(pub(super) Vec<Layer>);

#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub(super) path: &'static str,
    pub(super) change: Change,
    pub(super) source: Source,
}

#[derive(Clone)]
pub(super) enum Change {
    To(Value),
    /// Of several elements only the first is left.
    OnlyFirst,
}

impl Layers {
    /// This value stands at this place, such as `cluster.quorum.seeds` or `acceptors[0].port`.
    pub fn set(&mut self, path: &'static str, value: impl Into<Value>, source: Source) {
        self.0.push(Layer { path, change: Change::To(value.into()), source });
    }

    /// Of the array at this place nothing but the first element is left.
    pub fn only_first(&mut self, path: &'static str, source: Source) {
        self.0.push(Layer { path, change: Change::OnlyFirst, source });
    }

    /// Whether anything is said at this place.
    pub fn says(&self, path: &str) -> bool {
        self.0.iter().any(|layer| layer.path == path)
    }
}

/// The value may be a cookie.
impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::To(_) => "To(elided)",
            Self::OnlyFirst => "OnlyFirst",
        })
    }
}
