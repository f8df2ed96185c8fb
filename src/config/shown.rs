//! What is in force, option by option, and who has said it.

mod link;
mod node;
mod place;
mod tls;
mod values;

use super::Config;
use super::layers::Source;
use super::tree;
use crate::dist::Cookie;
use crate::node::{Effective, NodeOptions, StartError, Visibility};
use serde_json::Value;
use std::collections::BTreeMap;

/// One option that is in force.
///
/// ```
/// use countersign::config::{Config, Source};
/// use std::path::Path;
///
/// let text = r#"{ "node": { "name": "a@localhost", "cookie": "secret" }, "tls": null, "limits": { "frame_bytes": 65536 } }"#;
/// let settings = Config::from_json(text, Path::new("."))?.settings()?;
/// let of = |option: &str| settings.iter().find(|setting| setting.option == option).unwrap();
/// // What an acceptor does not say, the node says.
/// let frame = of("acceptors[0].link.frame_bytes");
/// assert_eq!((frame.value.as_u64(), frame.source.to_string()), (Some(65_536), "file: limits.frame_bytes".to_owned()));
/// assert_eq!(of("tick.seconds").source, Source::Default);
/// assert_eq!(of("node.cookie").value, "(hidden)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Setting {
    /// Where it stands, or would stand, in a configuration: `acceptors[0].link.frame_bytes`.
    pub option: String,
    /// What is in force. Of secrets nothing is told but that they are there.
    pub value: Value,
    /// Who has said so.
    pub source: Source,
}

impl Config {
    /// Every option that is in force: the node's, and those of each acceptor and each route.
    ///
    /// # Errors
    /// Options that contradict each other, so that none of them is.
    pub fn settings(&self) -> Result<Vec<Setting>, StartError> {
        // Whether the cookie of the user's home can be read is not asked here: it is not shown.
        let cookie = self.options.cookie.clone().unwrap_or(Cookie::new(Vec::new()));
        let options = NodeOptions { cookie: Some(cookie), ..self.options.clone() };
        let mut sheet = Sheet { sources: &self.sources, visibility: options.visibility, rows: Vec::new() };
        node::rows(&self.name, &options, &mut sheet);
        sheet.effective(Place::Node, &Effective::of_node(&options)?);
        for (index, acceptor) in self.acceptors().iter().enumerate() {
            place::of_acceptor(index, acceptor, &mut sheet);
            sheet.effective(Place::Acceptor(index), &Effective::of_acceptor(&options, acceptor)?);
        }
        for (index, route) in options.routes.iter().enumerate() {
            place::of_route(index, route, &mut sheet);
            sheet.effective(Place::Route(index), &Effective::of_route(&options, route)?);
        }
        Ok(sheet.in_groups())
    }
}

/// Whose options they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Node,
    Acceptor(usize),
    Route(usize),
}

impl Place {
    /// The way to a key that stands at this place.
    fn key(self, key: &str) -> String {
        match self {
            Self::Node => key.to_owned(),
            Self::Acceptor(index) => format!("acceptors[{index}].{key}"),
            Self::Route(index) => format!("routes[{index}].{key}"),
        }
    }
}

struct Sheet<'a> {
    sources: &'a BTreeMap<String, Source>,
    visibility: Visibility,
    rows: Vec<Setting>,
}

impl Sheet<'_> {
    /// An option, and besides its own place those where it may be said instead: the first that speaks decides.
    fn row(&mut self, option: String, value: impl Into<Value>, instead: &[String]) {
        let said = std::iter::once(&option).chain(instead).find_map(|path| self.sources.get(path));
        let source = said.cloned().unwrap_or(Source::Default);
        self.rows.push(Setting { option, value: value.into(), source });
    }

    /// An option that has one place.
    fn own(&mut self, option: &str, value: impl Into<Value>) {
        self.row(option.to_owned(), value, &[]);
    }

    /// An option that the node says for all, each of both under its own key.
    fn shared(&mut self, place: Place, key: &str, of_node: &str, value: impl Into<Value>) {
        match place {
            Place::Node => self.own(of_node, value),
            _ => self.row(place.key(key), value, &[of_node.to_owned()]),
        }
    }

    /// What stands in one object together, in the order in which the objects came up.
    fn in_groups(self) -> Vec<Setting> {
        let mut groups: Vec<(String, Vec<Setting>)> = Vec::new();
        for setting in self.rows {
            let group = tree::parent(&setting.option);
            match groups.iter_mut().find(|(name, _)| name == group) {
                Some((_, settings)) => settings.push(setting),
                None => groups.push((group.to_owned(), vec![setting])),
            }
        }
        groups.into_iter().flat_map(|(_, settings)| settings).collect()
    }

    fn effective(&mut self, place: Place, effective: &Effective) {
        tls::rows(place, effective, self);
        link::rows(place, effective, self);
    }
}
