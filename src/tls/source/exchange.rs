//! One certificate for all who use a source: judged for all of them before any presents it.

use crate::tls::credential::Certificate;
use crate::tls::manager::CertAuthManager;
use crate::tls::requirement::UpdateRefused;
use crate::tls::resolver::CertResolver;
use std::sync::Arc;

/// Why somebody looks at a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// It is time. A certificate that was put in the place of the source's stays until the source has another one.
    Time,
    /// Somebody wants what lies there to count.
    Wish,
    /// Somebody wants to know what would happen.
    DryRun,
}

/// Has all present it, or none. Only if a manager changes its mind between its verdict and its update, some have it.
pub(crate) fn exchange(managers: &[Arc<dyn CertAuthManager>], cert: &Certificate, occasion: Occasion) -> Result<(), UpdateRefused> {
    managers.iter().try_for_each(|manager| manager.resolver().judge(cert))?;
    if occasion != Occasion::DryRun {
        managers.iter().try_for_each(|manager| manager.update(cert.clone()).map(drop))?;
    }
    Ok(())
}

/// Whether this is what it presents. The leaf alone does not tell: its intermediates may be others.
pub(super) fn presents(resolver: &CertResolver, cert: &Certificate) -> bool {
    resolver.current().certificate.chain() == cert.chain()
}
