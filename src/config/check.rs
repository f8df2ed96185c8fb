//! Everything that is wrong with a configuration, and not only what is met first.
//!
//! What is wrong is taken out, and the rest is read again, until it could be used. Whatever is wrong only because something
//! was taken out is not said.

use super::Config;
use super::document::Document;
use super::error::ConfigError;
use super::fault::Fault;
use super::layers::Layers;
use super::raw::Raw;
use super::resolved;
use super::spot::Spot;
use super::survey::Survey;
use super::tree::{self, Step, leads_through};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Reads a file as [`Config::from_file_with`] does, and starts nothing: what it names is looked at and not watched.
///
/// ```
/// use countersign::config::{Layers, check};
///
/// let directory = std::env::temp_dir().join(format!("countersign-check-{}", std::process::id()));
/// std::fs::create_dir_all(&directory)?;
/// let path = directory.join("countersign.json");
/// std::fs::write(&path, r#"{ "node": { "nane": "a@localhost" }, "tls": null, "tick": { "seconds": 0 } }"#)?;
/// let errors = check(&path, &Layers::default()).unwrap_err();
/// let places: Vec<_> = errors.iter().map(|error| error.path.as_str()).collect();
/// assert_eq!(places, ["node.nane", "tick.seconds"]);
/// # std::fs::remove_dir_all(&directory)?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// All that is wrong with it, as far as it can be told at once.
pub fn check(path: &Path, layers: &Layers) -> Result<Config, Vec<ConfigError>> {
    let survey = Survey::of_file(path, layers).map_err(|error| vec![error])?;
    survey.config.ok_or(survey.faults)
}

pub(super) struct Search {
    document: Document,
    found: Vec<ConfigError>,
    /// What was taken out, by the way to it in the file.
    removed: Vec<String>,
    /// Which elements of arrays are gone: those behind them have moved up.
    gone: BTreeMap<String, BTreeSet<usize>>,
}

impl Search {
    pub(super) fn new(document: Document, found: Vec<ConfigError>) -> Self {
        Self { document, removed: found.iter().map(|error| error.path.clone()).collect(), found, gone: BTreeMap::new() }
    }

    /// Until what is left could be used. Before anything is taken out for what it means, it is shown.
    pub(super) fn run(&mut self, top: &Spot<'_>, show: impl FnOnce(&Raw, &Document)) {
        let mut show = Some(show);
        for _ in 0..MOST {
            let read = self.document.raw(top).inspect(|raw| show.take().map_or((), |show| show(raw, &self.document)));
            let Err(error) = read.and_then(|raw| resolved::config(raw, top)) else { return };
            let (place, path) = (error.path.clone(), self.original(&error.path));
            let goes_on = self.take_out(&place, &path);
            self.note(ConfigError { path, ..error });
            if !goes_on {
                return;
            }
        }
    }

    /// The whole, if nothing was wrong.
    pub(super) fn result(self, whole: impl FnOnce(&Document) -> Result<Config, ConfigError>) -> Result<Config, Vec<ConfigError>> {
        if self.found.is_empty() { whole(&self.document).map_err(|error| vec![error]) } else { Err(self.found) }
    }

    fn note(&mut self, error: ConfigError) {
        let path = error.path.clone();
        let error = self.document.attributed(error);
        let is_said = self.found.iter().any(|found| found.path == error.path && found.fault.to_string() == error.fault.to_string());
        if !is_said && !self.follows(&path, &error.fault) {
            self.found.push(error);
        }
        self.removed.push(path);
    }

    /// Whether it is wrong only because something was taken out.
    fn follows(&self, path: &str, fault: &Fault) -> bool {
        let together = is_of_several(path, fault);
        self.removed.iter().any(|removed| {
            let beside = section(removed) == section(path);
            let of_pair = is_of_pair(path) && is_of_pair(removed) && tree::parent(path) == tree::parent(removed);
            let of_rest = matches!(fault, Fault::Shape(_)) && leads_through(removed, path);
            leads_through(path, removed)
                || of_rest
                || of_pair
                || together && (beside || section(removed) == "tls" && !matches!(fault, Fault::Shape(_)))
        })
    }

    /// Takes out what stands here, or if nothing does, what it is missing in.
    fn take_out(&mut self, place: &str, path: &str) -> bool {
        match place {
            "" => false,
            "node.name" => self.replace(place, NOBODY.into()),
            "tls" => self.replace(place, Value::Null),
            _ if self.document.remove(place) => {
                if let Some(Step::Index(index)) = tree::steps(path).last() {
                    self.gone.entry(tree::parent(path).to_owned()).or_default().insert(index);
                }
                true
            }
            _ => self.take_out(tree::parent(place), tree::parent(path)),
        }
    }

    fn replace(&mut self, place: &str, value: Value) -> bool {
        let is_new = self.document.at(place) != Some(&value);
        self.document.put(place, value);
        is_new
    }

    /// The way in the file to what stands here now.
    fn original(&self, place: &str) -> String {
        tree::steps(place).fold(String::new(), |mut path, step| {
            let step = match (step, self.gone.get(&path)) {
                (Step::Index(index), Some(gone)) => Step::Index(gone.iter().fold(index, |index, gone| index + usize::from(*gone <= index))),
                _ => step,
            };
            tree::push(&mut path, step);
            path
        })
    }
}

/// What says little without what stands beside it.
fn is_of_several(path: &str, fault: &Fault) -> bool {
    match fault {
        Fault::Idle { .. } | Fault::Twice { .. } | Fault::Plain | Fault::Acceptor(_) | Fault::Nameless => true,
        Fault::NoNetwork | Fault::NoTls | Fault::NoCertificate | Fault::NoRootCa | Fault::NoClientCa(_) | Fault::NoClientAuth => true,
        Fault::Shape(said) => said.starts_with("missing"),
        Fault::Range { .. } => [".quorum.seeds", ".first_seconds", ".port_range"].iter().any(|end| path.ends_with(end)),
        _ => false,
    }
}

/// A certificate and its key, which are one thing in two keys.
fn is_of_pair(path: &str) -> bool {
    [".cert", ".cert_pem", ".key", ".key_pem"].iter().any(|end| path.ends_with(end))
}

/// The part of a document in which what stands belongs together: `tls`, or `acceptors[1]`.
fn section(path: &str) -> String {
    let mut steps = tree::steps(path);
    let mut section = String::new();
    if let Some(first) = steps.next() {
        tree::push(&mut section, first);
    }
    if let Some(index @ Step::Index(_)) = steps.next() {
        tree::push(&mut section, index);
    }
    section
}

/// Nobody reads more at once.
const MOST: usize = 100;
/// Any name does, where the right one is not known.
const NOBODY: &str = "nobody@localhost";
