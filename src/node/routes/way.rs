//! A route whose settings are complete: what it does not say itself, the node has said.

use super::{Route, RouteId, RouteRefused};
use crate::net::{Dialer, DialerOptions};
use crate::node::effective::Effective;
use crate::node::expiry::Holder;
use crate::node::identity::{Identity, IdentityMismatch};
use crate::node_name::NodeName;
use crate::tls::config::InvalidTls;
use crate::tls::{CaPool, CertAuth, CertAuthManager, CertManager, CertResolver, PeerCertificate, ServerName};
use std::sync::Arc;

/// How peers are dialled by one route, or without any.
#[derive(Debug)]
pub(in crate::node) struct Way {
    /// `None`: it is what the node does without a route.
    pub(in crate::node) id: Option<RouteId>,
    pub(super) route: Route,
    pub(in crate::node) effective: Effective,
    pub(in crate::node) dialer: Dialer,
    /// What stands in for the peer's host on its certificate.
    pub(super) server_name: Option<ServerName<'static>>,
    /// Where the certificate comes from that is presented; `None` on plain TCP.
    pub(in crate::node) presents: Option<Arc<CertResolver>>,
    /// Who vouches for peers, and so for what they are shown, as far as is known here.
    root_cas: Option<Arc<CaPool>>,
}

impl Way {
    pub(super) fn by(id: RouteId, route: Route, effective: Effective) -> Result<Self, RouteRefused> {
        refuse_idle(&route, &effective)?;
        if let (Some(policy), None) = (route.identity, &route.expects) {
            policy.warn_if_loose(&holder(&route));
        }
        Ok(Self::new(Some(id), route, effective)?)
    }

    /// Reads the manager once.
    pub(super) fn new(id: Option<RouteId>, route: Route, effective: Effective) -> Result<Self, InvalidTls> {
        let manager = effective.cert_manager.as_deref().map(|manager| CertAuth::frozen(manager, effective.server_name.clone()));
        Ok(Self {
            id,
            server_name: manager.as_ref().and_then(CertAuthManager::server_name),
            presents: manager.as_ref().map(CertManager::resolver),
            root_cas: manager.as_ref().and_then(CertAuthManager::root_cas),
            dialer: Dialer::new(DialerOptions {
                cert_manager: manager.map(|manager| Arc::new(manager) as _),
                tls: effective.tls.clone(),
                connect_timeout: effective.connect_timeout,
                handshake_timeout: effective.handshake_timeout,
                keep_alive: effective.keep_alive,
                holder: id.map_or_else(|| "dialler".to_owned(), |_| holder(&route)),
            })?,
            route,
            effective,
        })
    }

    /// For errors and logs: which route this is.
    pub(in crate::node) fn label(&self) -> String {
        self.id.map_or_else(|| "discovery".to_owned(), |_| holder(&self.route))
    }

    /// What it presents.
    pub(super) fn holder(&self) -> Option<Holder> {
        let resolver = self.presents.clone()?;
        Some(Holder { name: self.label(), resolver, root_cas: self.root_cas.clone() })
    }

    /// Whether the node at the other end may bear the name of this peer.
    pub(in crate::node) fn judge(&self, certificate: Option<&PeerCertificate>, peer: &NodeName) -> Result<Identity, IdentityMismatch> {
        self.effective.identity.judge(certificate, peer, self.server_name.as_ref())
    }
}

fn holder(route: &Route) -> String {
    format!("route {}", route.matches)
}

/// Whatever cannot hold must not look as if it did.
fn refuse_idle(route: &Route, effective: &Effective) -> Result<(), RouteRefused> {
    let idle = |setting, beside| RouteRefused::Idle { setting, beside };
    let settings = [
        ("server_name", route.server_name.is_some()),
        ("expects", route.expects.is_some()),
        ("pins", !route.pins.is_empty()),
        ("danger_insecure_skip_verify", route.danger_insecure_skip_verify),
        ("tls", route.tls.is_some()),
    ];
    if effective.cert_manager.is_none() {
        return settings.iter().find(|(_, is_set)| *is_set).map_or(Ok(()), |(setting, _)| Err(idle(setting, "plain TCP")));
    }
    let proves_nothing = effective.tls.skips_verification() && effective.tls.the_expected().is_some();
    if proves_nothing { Err(idle("expects", "danger_insecure_skip_verify")) } else { Ok(()) }
}
