//! PEM from where a configuration says: a file, or the text itself.

use super::error::ConfigError;
use super::fault::Fault;
use super::raw::Inline;
use super::spot::Spot;
use crate::secret::Secret;
use crate::x509::file::read_public;
use crate::x509::key::read_private;
use crate::x509::pem::Origin;
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
            (None, Some(inline)) => Ok(Some(Self::inline(inline, spots.1))),
        }
    }

    pub(super) fn read(path: &Path, spot: Spot<'a>, access: Access) -> Result<Self, ConfigError> {
        let read = match access {
            Access::Everyone => read_public(path).map_err(Fault::from),
            Access::Owner => read_private(path).map_err(Fault::from),
        };
        let bytes = read.map_err(|fault| spot.refuse(fault))?;
        Ok(Self { origin: Origin::file(path), bytes, spot })
    }

    fn inline(inline: &Inline, spot: Spot<'a>) -> Self {
        Self { origin: Origin::named("inline"), bytes: inline.0.clone(), spot }
    }
}
