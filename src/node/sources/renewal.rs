//! What somebody wants of a node's certificates, and what came of it.

use crate::node::rotation::LinkFate;
use crate::node_name::NodeName;
use crate::tls::Certificate;
use crate::tls::source::{CertSource, SourceTrouble};
use std::fmt;
use std::sync::Arc;

/// Where the next certificate of a node comes from, and whether it shall count.
///
/// ```
/// use countersign::node::Rotate;
/// use countersign::tls::source::CertFiles;
/// use std::sync::Arc;
///
/// let reloading = Rotate::from_sources();
/// let trying = Rotate::to(Arc::new(CertFiles::pair("new.crt", "new.key"))).dry_run();
/// # drop((reloading, trying));
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Rotate {
    pub(super) given: Option<Arc<dyn CertSource>>,
    pub(super) is_dry_run: bool,
}

impl Rotate {
    /// Whatever lies at the sources of the node, of its acceptors and of its routes.
    pub const fn from_sources() -> Self {
        Self { given: None, is_dry_run: false }
    }

    /// What lies there, read once: for the node's manager, and for those with the same source as that one. It stays until
    /// their source has another certificate.
    pub fn to(given: Arc<dyn CertSource>) -> Self {
        Self { given: Some(given), is_dry_run: false }
    }

    pub(in crate::node) const fn is_dry_run(&self) -> bool {
        self.is_dry_run
    }

    /// Judges, and changes nothing. A manager of the program's own that refuses for reasons of its own is not asked.
    pub fn dry_run(self) -> Self {
        Self { is_dry_run: true, ..self }
    }
}

/// For the log.
impl fmt::Display for Rotate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trial = if self.is_dry_run { " (dry run)" } else { "" };
        match &self.given {
            Some(given) => write!(f, "{}{trial}", given.name()),
            None => write!(f, "what lies at the sources{trial}"),
        }
    }
}

/// What came of it.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Rotated {
    /// For each source that was looked at. None at all: the node has none, and no certificate was given.
    pub renewals: Vec<Renewal>,
    /// What becomes of each link whose certificate was replaced, or would be, by name.
    pub links: Vec<(NodeName, LinkFate)>,
}

impl Rotated {
    /// Whether something was refused.
    pub fn is_refused(&self) -> bool {
        self.renewals.iter().any(|renewal| matches!(renewal.outcome, Renewed::Refused(_)))
    }
}

/// What came of one source.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Renewal {
    /// What it is.
    pub source: String,
    /// What was presented before; `None` if nobody presents anything.
    pub before: Option<Certificate>,
    /// And what came of what lies there.
    pub outcome: Renewed,
    /// Whether the CAs that lie beside it are not those in force, which count until a restart.
    pub restart_required: bool,
}

/// What came of what lies at a source.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Renewed {
    /// It is what is presented already.
    Unchanged,
    /// It is presented from the next handshake on.
    Replaced(Certificate),
    /// It would be taken.
    WouldReplace(Certificate),
    /// What was presented before stays.
    Refused(SourceTrouble),
}

impl Renewed {
    /// In one word.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Replaced(_) => "replaced",
            Self::WouldReplace(_) => "would_replace",
            Self::Refused(_) => "refused",
        }
    }

    /// Whether links are about to notice, or would be.
    pub(super) const fn is_news(&self) -> bool {
        matches!(self, Self::Replaced(_) | Self::WouldReplace(_))
    }

    pub(super) fn of(taken: Result<Option<Certificate>, SourceTrouble>, is_dry_run: bool) -> Self {
        match taken {
            Ok(None) => Self::Unchanged,
            Ok(Some(certificate)) if is_dry_run => Self::WouldReplace(certificate),
            Ok(Some(certificate)) => Self::Replaced(certificate),
            Err(trouble) => Self::Refused(trouble),
        }
    }
}
