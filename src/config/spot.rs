//! A place in a configuration, and what can be said and found from there.

use super::error::ConfigError;
use super::fault::Fault;
use crate::x509::pem::Origin;
use std::path::{Path, PathBuf};

/// Where a value stands: the file, the file's directory, and the way to the value.
#[derive(Clone, Debug)]
pub(super) struct Spot<'a> {
    origin: Origin,
    base: &'a Path,
    path: String,
    is_a_look: bool,
}

impl<'a> Spot<'a> {
    /// The whole document.
    pub(super) const fn top(origin: Origin, base: &'a Path) -> Self {
        Self { origin, base, path: String::new(), is_a_look: false }
    }

    /// The whole of a file.
    pub(super) fn of_file(path: &'a Path) -> Self {
        Self::top(Origin::file(path), path.parent().unwrap_or(Path::new("")))
    }

    /// The same for somebody who only looks: nothing is started for the sake of what is read.
    pub(super) fn only_looking(self) -> Self {
        Self { is_a_look: true, ..self }
    }

    pub(super) const fn is_a_look(&self) -> bool {
        self.is_a_look
    }

    /// The way here.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The value under this key.
    pub(super) fn key(&self, name: &str) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        Self { path: format!("{}{dot}{name}", self.path), ..self.clone() }
    }

    /// The element at this index, counted from 0.
    pub(super) fn index(&self, index: usize) -> Self {
        Self { path: format!("{}[{index}]", self.path), ..self.clone() }
    }

    /// A file that is named here.
    pub(super) fn file(&self, path: &Path) -> PathBuf {
        self.base.join(path)
    }

    pub(super) fn refuse(&self, fault: impl Into<Fault>) -> ConfigError {
        ConfigError { origin: self.origin.clone(), line: None, path: self.path.clone(), fault: Box::new(fault.into()) }
    }

    /// As [`Self::refuse`], at a place to which this whole way leads.
    pub(super) fn refuse_below(&self, path: String, fault: Fault) -> ConfigError {
        ConfigError { path, ..self.refuse(fault) }
    }

    /// As [`Self::refuse`], where the parser knows more: the line, and the way from here.
    pub(super) fn refuse_at(&self, line: usize, path: String, fault: Fault) -> ConfigError {
        ConfigError { origin: self.origin.clone(), line: (line > 0).then_some(line), path, fault: Box::new(fault) }
    }
}
