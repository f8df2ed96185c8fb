//! One certificate for all who use a source: judged for all of them before any presents it.

use super::SourceTrouble;
use crate::tls::credential::Certificate;
use crate::tls::manager::CertAuthManager;
use crate::tls::resolver::CertResolver;
use std::panic::{AssertUnwindSafe, catch_unwind};
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
pub(crate) fn exchange(managers: &[Arc<dyn CertAuthManager>], cert: &Certificate, occasion: Occasion) -> Result<(), SourceTrouble> {
    managers.iter().try_for_each(|manager| manager.resolver().judge(cert))?;
    if occasion != Occasion::DryRun {
        managers.iter().try_for_each(|manager| update(manager.as_ref(), cert))?;
    }
    Ok(())
}

/// A manager of the program's own that panics does not end the looking for all others.
fn update(manager: &dyn CertAuthManager, cert: &Certificate) -> Result<(), SourceTrouble> {
    let updated = catch_unwind(AssertUnwindSafe(|| manager.update(cert.clone())));
    updated.map_err(|_| SourceTrouble::panicked("manager"))?.map(drop).map_err(SourceTrouble::from)
}

/// Whether this is what it presents. The leaf alone does not tell: its intermediates may be others.
pub(super) fn presents(resolver: &CertResolver, cert: &Certificate) -> bool {
    resolver.current().certificate.chain() == cert.chain()
}
