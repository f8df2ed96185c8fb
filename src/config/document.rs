//! A configuration as it was written, with all that is laid over it, and who has said each of its values.

use super::error::ConfigError;
use super::fault::Fault;
use super::layers::{Change, Layer, Layers, Source};
use super::raw::{self, Raw};
use super::redacted::{self, LEGIBLE, Redacted};
use super::spot::Spot;
use super::tree::{self, leads_through};
use super::variables::{Used, expand, variable};
use crate::x509::pem::Origin;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::time::Duration;
use zeroize::Zeroizing;

/// Values may be secrets: they are wiped, and not printed.
#[derive(Clone)]
pub(super) struct Document {
    value: Value,
    layers: Layers,
    /// The variables in each string, by the way to it.
    used: BTreeMap<String, Vec<Used>>,
    /// Whether a cookie or a key is written out in the text itself.
    pub(super) holds_secrets: bool,
}

impl Document {
    pub(super) fn from_file(path: &Path, layers: &Layers, top: &Spot<'_>) -> Result<Self, ConfigError> {
        Self::read(&text(path, top)?, layers, top)
    }

    /// What a text says with these layers over it.
    pub(super) fn read(text: &str, layers: &Layers, top: &Spot<'_>) -> Result<Self, ConfigError> {
        // Here alone the lines are known.
        let holds_secrets = raw::parse(text, top)?.holds_secrets();
        let mut document = Self::of(raw::value(text, top)?, layers);
        document.holds_secrets = holds_secrets;
        match document.expand(top).into_iter().next() {
            Some(error) => Err(error),
            None => Ok(document),
        }
    }

    /// A text as far as it can be used, and what was wrong with the rest.
    pub(super) fn with_all_faults(text: &str, layers: &Layers, top: &Spot<'_>) -> Result<(Self, Vec<ConfigError>), ConfigError> {
        let mut document = Self::of(raw::value(text, top)?, layers);
        let raw = raw::parse(text, top);
        document.holds_secrets = raw.as_ref().is_ok_and(Raw::holds_secrets);
        let mut faults = document.expand(top);
        faults.iter().for_each(|fault| document.put(&fault.path, Value::Null));
        faults.splice(..0, raw.err());
        Ok((document, faults))
    }

    fn of(value: Value, layers: &Layers) -> Self {
        let mut document = Self { value, layers: layers.clone(), used: BTreeMap::new(), holds_secrets: false };
        layers.0.iter().for_each(|layer| lay(layer, &mut document.value));
        document
    }

    pub(super) fn raw(&self, top: &Spot<'_>) -> Result<Raw, ConfigError> {
        raw::from_value(&self.value, top)
    }

    /// Puts the values of variables in their places, but in what a layer says: a shell has done so.
    fn expand(&mut self, top: &Spot<'_>) -> Vec<ConfigError> {
        let mut places = Vec::new();
        tree::visit(&self.value, "", &mut |path, value| {
            if value.as_str().is_some_and(|text| text.contains('$')) && self.layer(path).is_none() {
                places.push(path.to_owned());
            }
        });
        places.into_iter().filter_map(|path| self.expand_at(&path).err().map(|fault| top.refuse_below(path, fault))).collect()
    }

    fn expand_at(&mut self, path: &str) -> Result<(), Fault> {
        let Some(Value::String(text)) = tree::at_mut(&mut self.value, path) else { return Ok(()) };
        let (mut expanded, used) = expand(text, variable)?;
        std::mem::swap(text, &mut expanded);
        if !used.is_empty() {
            self.used.insert(path.to_owned(), used);
        }
        Ok(())
    }

    /// The layer that says what stands at a place, or what it is a part of.
    fn layer(&self, path: &str) -> Option<&Layer> {
        self.layers.0.iter().rev().find(|layer| matches!(layer.change, Change::To(_)) && leads_through(path, layer.path))
    }

    /// Who has said each value, by the way to it.
    pub(super) fn sources(&self) -> BTreeMap<String, Source> {
        let mut sources = BTreeMap::new();
        tree::visit(&self.value, "", &mut |path, value| {
            // Where it does not mean anything, null is as if the key were not there.
            if value.is_null() && !NULLS.iter().any(|key| path.ends_with(key)) {
                return;
            }
            let in_file = || Source::File { path: path.to_owned(), variables: self.names_at(path) };
            sources.insert(path.to_owned(), self.layer(path).map_or_else(in_file, |layer| layer.source.clone()));
        });
        sources
    }

    fn names_at(&self, path: &str) -> Vec<String> {
        self.used_at(path).map(|used| used.name.clone()).collect()
    }

    fn used_at(&self, path: &str) -> impl Iterator<Item = &Used> {
        self.used.iter().filter(move |(place, _)| leads_through(place, path)).flat_map(|(_, used)| used)
    }

    /// Says of an error whose fault it is: a flag's, where that has said the value. What variables hold is not repeated.
    pub(super) fn attributed(&self, error: ConfigError) -> ConfigError {
        let error = self.redacted(error);
        let of_flag = self.layer(&error.path).or_else(|| {
            let within = |layer: &&Layer| matches!(*error.fault, Fault::Idle { .. }) && leads_through(layer.path, &error.path);
            self.layers.0.iter().rev().find(within)
        });
        match of_flag.map(|layer| &layer.source) {
            Some(source @ (Source::Flag(name) | Source::Environment(name))) => {
                let fault = match *error.fault {
                    Fault::Shape(said) if matches!(source, Source::Environment(_)) => Box::new(Fault::ShapeOfVariable(said)),
                    fault => Box::new(fault),
                };
                ConfigError { origin: Origin::named(*name), path: String::new(), line: None, fault }
            }
            _ => error,
        }
    }

    /// A text made of what stands at a place, with the names of variables in place of their values.
    pub(super) fn without_values(&self, path: &str, text: &str) -> String {
        redacted::masked(text, &self.used_at(path).cloned().collect::<Vec<_>>())
    }

    fn redacted(&self, error: ConfigError) -> ConfigError {
        let used = self.suspects(&error.path);
        if self.used_at(&error.path).next().is_none() && !redacted::repeats(&*error.fault, &used) {
            return error;
        }
        let fault = Fault::Redacted(Redacted::of(&*error.fault, &used));
        ConfigError { fault: Box::new(fault), ..error }
    }

    /// The variables whose values an error at a place may repeat. Of those from elsewhere in the same section only what
    /// is long enough to be told from the words of a sentence.
    fn suspects(&self, path: &str) -> Vec<Used> {
        let section = self.used_at(tree::parent(path)).filter(|used| used.value.len() >= LEGIBLE);
        self.used_at(path).chain(section).cloned().collect()
    }

    /// Takes a value out, and says whether there was one.
    pub(super) fn remove(&mut self, path: &str) -> bool {
        tree::remove(&mut self.value, path)
    }

    pub(super) fn at(&self, path: &str) -> Option<&Value> {
        tree::at(&self.value, path)
    }

    pub(super) fn put(&mut self, path: &str, value: Value) {
        tree::put(&mut self.value, path, value);
    }
}

/// It may hold a cookie or a key.
pub(super) fn text(path: &Path, top: &Spot<'_>) -> Result<Zeroizing<String>, ConfigError> {
    let is_stored = std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file() || metadata.is_dir());
    let read = if is_stored { at_most(path) } else { in_time(path) };
    read.map_err(|error| top.refuse(Fault::Unreadable(error)))
}

/// A pipe, in which the text comes from a program, waits for its other end; a device may have none.
fn in_time(path: &Path) -> io::Result<Zeroizing<String>> {
    let (sender, receiver) = sync_channel(1);
    let path = path.to_owned();
    std::thread::Builder::new().name("configuration".to_owned()).spawn(move || sender.send(at_most(&path)))?;
    let late = |_| io::Error::new(io::ErrorKind::TimedOut, format!("nobody has written all of it in {} seconds", PATIENCE.as_secs()));
    receiver.recv_timeout(PATIENCE).map_err(late)?
}

fn at_most(path: &Path) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    File::open(path)?.take(LONGEST + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LONGEST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it is longer than {LONGEST} bytes")));
    }
    Ok(text)
}

fn lay(layer: &Layer, into: &mut Value) {
    match &layer.change {
        Change::To(value) => tree::put(into, layer.path, value.clone()),
        Change::OnlyFirst => {
            if let Some(Value::Array(array)) = tree::at_mut(into, layer.path) {
                array.iter_mut().skip(1).for_each(tree::wipe);
                array.truncate(1);
            }
        }
    }
}

impl Drop for Document {
    fn drop(&mut self) {
        tree::wipe(&mut self.value);
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document").finish_non_exhaustive()
    }
}

/// The keys at which null says something.
const NULLS: &[&str] = &["tls", "keep_alive", "send_timeout_seconds"];
/// Longer than any configuration, with all its certificates written out.
const LONGEST: u64 = 1 << 22;
/// For a program that writes the text.
const PATIENCE: Duration = Duration::from_secs(10);
