//! Where certificates come from that are replaced while a node runs: files, a mounted directory, a service.
//!
//! A manager names its source ([`CertManager::source`](super::CertManager::source)), and the node that uses the manager
//! looks there: now and then, when the source says that there is something, and whenever it is asked to. What lies there
//! is judged as any other certificate. Whatever is torn, missing, of another key, expired or of no use to a listener or
//! dialler changes nothing: it is said once, with its cure, and looked at again.

mod ca_files;
mod exchange;
mod files;
mod trouble;
mod watch;

pub use ca_files::CaFiles;
pub(crate) use exchange::Occasion;
pub use files::CertFiles;
#[cfg(feature = "cli")]
pub(crate) use files::mounted;
pub use trouble::SourceTrouble;
pub(crate) use watch::{Found, Watch};

use super::changes::Changes;
use super::credential::Certificate;
use crate::failure::Failure;
use std::fmt;

/// Brings certificates from somewhere.
///
/// ```
/// use countersign::failure::Failure;
/// use countersign::testing::Ca;
/// use countersign::tls::source::CertSource;
/// use countersign::tls::{CertAuth, CertManager, Certificate, Changes};
/// use std::sync::{Arc, Mutex};
///
/// /// What a service pushed last.
/// #[derive(Debug)]
/// struct Pushed {
///     newest: Mutex<Certificate>,
///     changes: Changes,
/// }
///
/// impl Pushed {
///     fn push(&self, certificate: Certificate) {
///         *self.newest.lock().unwrap() = certificate;
///         self.changes.tell();
///     }
/// }
///
/// impl CertSource for Pushed {
///     fn name(&self) -> String {
///         "the certificate service".to_owned()
///     }
///
///     fn read(&self) -> Result<Certificate, Box<dyn Failure + Send + Sync>> {
///         Ok(self.newest.lock().unwrap().clone())
///     }
///
///     fn changes(&self) -> Option<&Changes> {
///         Some(&self.changes)
///     }
/// }
///
/// let ca = Ca::new();
/// let pushed = Arc::new(Pushed { newest: Mutex::new(ca.agent(&["localhost"])), changes: Changes::default() });
/// let manager = CertAuth::mutual(pushed.read()?, ca.pool()).with_source(pushed.clone());
/// // … and a node that uses this manager looks when it is told:
/// pushed.push(ca.agent(&["localhost"]));
/// assert!(manager.source().is_some());
/// # Ok::<(), Box<dyn Failure + Send + Sync>>(())
/// ```
pub trait CertSource: fmt::Debug + Send + Sync {
    /// What it is, for people: its files, or its service.
    fn name(&self) -> String;

    /// The certificate that lies there now, with its key. It may take its time, as a disk does; who asks gives up after
    /// two seconds, and does not ask again before it has returned.
    ///
    /// # Errors
    /// There is no whole one, and why.
    fn read(&self) -> Result<Certificate, Box<dyn Failure + Send + Sync>>;

    /// Told when there may be another one. A source without this is looked at now and then, as one with it is.
    fn changes(&self) -> Option<&Changes> {
        None
    }
}
