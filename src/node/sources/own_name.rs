//! The node's name on its certificates: whatever bears it is replaced only by what bears it, too.

use crate::node::core::Core;
use crate::tls::resolver::Attachment;
use crate::tls::{CertAuthManager, CertResolver, ExpectedIdentity, Requirement};
use std::sync::{Arc, Mutex, PoisonError};

/// One requirement for each resolver from which the node presents certificates.
#[derive(Debug, Default)]
pub(super) struct OwnName(Mutex<Vec<(Arc<CertResolver>, Attachment)>>);

impl OwnName {
    /// From now on at these, and nowhere else any more.
    pub(super) fn stays_on(&self, managers: &[Arc<dyn CertAuthManager>], core: &Core) {
        let resolvers: Vec<_> = managers.iter().map(|manager| manager.resolver()).collect();
        // Values that are put in and taken out whole.
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|(known, _)| resolvers.iter().any(|resolver| Arc::ptr_eq(known, resolver)));
        for resolver in resolvers {
            if !held.iter().any(|(known, _)| Arc::ptr_eq(known, &resolver)) {
                let attachment = resolver.attach(requirement(core));
                held.push((resolver, attachment));
            }
        }
    }
}

/// The host, which most peers ask for, and the whole name, which strict ones do, in both of its forms.
fn requirement(core: &Core) -> Requirement {
    let name = &core.name;
    let spiffe = core.settings.identity.template().and_then(|template| template.id_of(name));
    let forms = [name.host(), name.as_str()].into_iter().chain(spiffe.as_deref());
    let mut requirement = Requirement::new(format!("node {name}"), Arc::clone(&core.settings.clock));
    requirement.kept_names = forms.filter_map(|form| form.parse::<ExpectedIdentity>().ok()).collect();
    requirement
}
