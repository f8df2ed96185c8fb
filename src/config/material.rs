//! PEM from where a configuration says: a file, or text with variables in it.

use super::error::ConfigError;
use super::fault::Fault;
use super::raw::Inline;
use super::spot::Spot;
use crate::secret::Secret;
use crate::x509::key::read_private;
use crate::x509::pem::{self, Origin};
use std::path::{Path, PathBuf};

/// Bytes in PEM, and where to look for what is wrong with them.
pub(super) struct Material<'a> {
    pub(super) spot: Spot<'a>,
    pub(super) origin: Origin,
    pub(super) bytes: Secret,
}

/// Whether others may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Everyone,
    Owner,
}

impl<'a> Material<'a> {
    /// From the one of the two keys that is given; `None` if neither is.
    pub(super) fn of(
        file: Option<&PathBuf>,
        inline: Option<&Inline>,
        spots: (Spot<'a>, Spot<'a>),
        (other, access): (&'static str, Access),
    ) -> Result<Option<Self>, ConfigError> {
        match (file, inline) {
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err(spots.0.refuse(Fault::Twice { other })),
            (Some(path), None) => Self::read(&spots.0.file(path), spots.0, access).map(Some),
            (None, Some(inline)) => Self::expanded(inline, spots.1).map(Some),
        }
    }

    pub(super) fn read(path: &Path, spot: Spot<'a>, access: Access) -> Result<Self, ConfigError> {
        let read = match access {
            Access::Everyone => pem::read_file(path).map_err(Fault::from),
            Access::Owner => read_private(path).map_err(Fault::from),
        };
        let bytes = read.map_err(|fault| spot.refuse(fault))?;
        Ok(Self { origin: Origin::file(path), bytes, spot })
    }

    fn expanded(inline: &Inline, spot: Spot<'a>) -> Result<Self, ConfigError> {
        let bytes = expand_here(inline).map_err(|fault| spot.refuse(fault))?;
        Ok(Self { origin: Origin::named("inline"), bytes, spot })
    }
}

/// Text that stands in a configuration, its variables replaced.
pub(super) fn expand_here(inline: &Inline) -> Result<Secret, Fault> {
    expand(&String::from_utf8_lossy(inline.0.expose()), variable)
}

pub(super) fn variable(name: &str) -> Result<String, Fault> {
    std::env::var(name).map_err(|_| Fault::Variable(name.to_owned()))
}

/// The text with each `${NAME}` replaced by its value.
fn expand(text: &str, value: impl Fn(&str) -> Result<String, Fault>) -> Result<Secret, Fault> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, behind) = after.split_once('}').ok_or(Fault::Unfinished)?;
        out.extend(before.as_bytes());
        out.extend(value(name)?.into_bytes());
        rest = behind;
    }
    out.extend(rest.as_bytes());
    Ok(Secret::new(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(text: &str) -> Result<Vec<u8>, String> {
        let value = |name: &str| match name {
            "A" => Ok("one".to_owned()),
            "B" => Ok("${A}".to_owned()),
            _ => Err(Fault::Variable(name.to_owned())),
        };
        expand(text, value).map(|secret| secret.expose().to_vec()).map_err(|fault| fault.to_string())
    }

    #[test]
    fn variables_are_replaced_once() {
        assert_eq!(expanded("${A} and ${A}, $A, ${B}"), Ok(b"one and one, $A, ${A}".to_vec()));
    }

    #[test]
    fn a_variable_that_is_not_set_or_does_not_end_is_refused() {
        assert_eq!(expanded("${C}"), Err("the environment variable C is not set".to_owned()));
        assert_eq!(expanded("${A"), Err("a variable is written as ${NAME}, and here one does not end".to_owned()));
    }
}
