//! What is wrong with a configuration, and where.

use super::fault::Fault;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::x509::pem::Origin;
use std::fmt;

/// A configuration that cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub struct ConfigError {
    /// The file.
    pub origin: Origin,
    /// The line, where the parser knows it.
    pub line: Option<usize>,
    /// The way to the value, such as `acceptors[1].port`; empty for the whole document.
    pub path: String,
    /// What is wrong there.
    pub fault: Box<Fault>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.origin)?;
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        fmt::Display::fmt(&self.fault, f)
    }
}

impl std::error::Error for ConfigError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.fault.source()
    }
}

impl Failure for ConfigError {
    fn code(&self) -> Code {
        self.fault.code()
    }

    fn hint(&self) -> Hint {
        self.fault.hint()
    }
}
