//! A route whose settings are complete: what it does not say itself, the node has said.

use super::{Route, RouteId, RouteRefused};
use crate::dist::{Cookie, Flags};
use crate::net::{Dialer, DialerOptions};
use crate::node::identity::{Identity, IdentityMismatch, IdentityPolicy};
use crate::node_name::NodeName;
use crate::tls::{CertAuth, CertAuthManager, CertManager, CertResolver, PeerCertificate, ServerName, TlsPolicy};
use std::sync::Arc;
use std::time::Duration;

/// What the node says where a route says nothing.
#[derive(Debug)]
pub(in crate::node) struct Defaults {
    /// Read once: a route that borrows it later is not to change whom the node trusts.
    pub(in crate::node) manager: Option<CertAuth>,
    pub(in crate::node) danger_plaintext: bool,
    pub(in crate::node) tls: TlsPolicy,
    pub(in crate::node) identity: IdentityPolicy,
    pub(in crate::node) cookie: Cookie,
    pub(in crate::node) flags: Flags,
    pub(in crate::node) setup_time: Duration,
}

/// How peers are dialled by one route, or without any.
#[derive(Debug)]
pub(in crate::node) struct Way {
    /// `None`: it is what the node does without a route.
    pub(in crate::node) id: Option<RouteId>,
    pub(super) route: Route,
    pub(in crate::node) dialer: Dialer,
    pub(in crate::node) cookie: Cookie,
    pub(in crate::node) flags: Flags,
    /// For one whole attempt.
    pub(in crate::node) deadline: Duration,
    pub(super) tls: TlsPolicy,
    pub(super) identity: IdentityPolicy,
    /// What stands in for the peer's host on its certificate.
    pub(super) server_name: Option<ServerName<'static>>,
    /// Where the certificate comes from that is presented; `None` on plain TCP.
    pub(in crate::node) presents: Option<Arc<CertResolver>>,
}

impl Way {
    pub(super) fn new(defaults: &Defaults, id: Option<RouteId>, route: Route) -> Result<Self, RouteRefused> {
        let manager = manager(defaults, &route)?;
        let tls = policy(&defaults.tls, &route);
        refuse_idle(&route, &tls, manager.is_some())?;
        let dialer = DialerOptions {
            cert_manager: manager.clone().map(|manager| manager as _),
            tls: tls.clone(),
            connect_timeout: defaults.setup_time,
            handshake_timeout: defaults.setup_time,
            holder: id.map_or_else(|| "dialler".to_owned(), |_| format!("route {}", route.matches)),
            ..DialerOptions::plain()
        };
        if route.identity == Some(IdentityPolicy::Off) && route.expects.is_none() {
            log::warn!(target: "countersign::node", holder = dialer.holder.as_str(), identity = "off"; "any holder of a good certificate may claim the name of any node");
        }
        Ok(Self {
            id,
            dialer: Dialer::new(dialer)?,
            cookie: route.cookie.clone().unwrap_or_else(|| defaults.cookie.clone()),
            flags: defaults.flags.without(withheld(route.withheld)?),
            deadline: route.deadline.unwrap_or_else(|| defaults.setup_time.saturating_mul(STEPS)),
            identity: route.identity.unwrap_or(defaults.identity),
            server_name: manager.as_ref().and_then(|manager| manager.server_name()),
            presents: manager.as_ref().map(|manager| manager.resolver()),
            tls,
            route,
        })
    }

    /// For errors and logs: which route this is.
    pub(in crate::node) fn label(&self) -> String {
        self.id.map_or_else(|| "discovery".to_owned(), |_| format!("route {}", self.route.matches))
    }

    /// Whether the node at the other end may bear the name of this peer.
    pub(in crate::node) fn judge(&self, certificate: Option<&PeerCertificate>, peer: &NodeName) -> Result<Identity, IdentityMismatch> {
        let Some(expected) = &self.route.expects else {
            return self.identity.judge(certificate, peer, self.server_name.as_ref());
        };
        // TLS has asked already; but only a certificate that somebody vouches for proves a name.
        match certificate.filter(|certificate| certificate.verified && expected.is_borne_by(&certificate.leaf)) {
            Some(certificate) => Ok(Identity::Verified(Arc::clone(&certificate.leaf))),
            None => Err(IdentityMismatch { claimed: peer.clone(), names: None, policy: self.identity }),
        }
    }
}

fn manager(defaults: &Defaults, route: &Route) -> Result<Option<Arc<CertAuth>>, RouteRefused> {
    let own = route.cert_manager.as_deref();
    if route.danger_plaintext {
        return if own.is_some() { Err(idle("cert_manager", "danger_plaintext")) } else { Ok(None) };
    }
    match own.or(defaults.manager.as_ref().map(|manager| manager as _)) {
        Some(manager) => Ok(Some(Arc::new(CertAuth::frozen(manager, route.server_name.clone())))),
        None if defaults.danger_plaintext => Ok(None),
        None => Err(RouteRefused::Plaintext),
    }
}

fn policy(of_node: &TlsPolicy, route: &Route) -> TlsPolicy {
    let mut policy = route.tls.clone().unwrap_or_else(|| of_node.clone());
    if !route.pins.is_empty() {
        policy = policy.pins(route.pins.iter().copied());
    }
    if let Some(identity) = &route.expects {
        policy = policy.expecting(identity.clone());
    }
    if route.danger_insecure_skip_verify { policy.danger_insecure_skip_verify() } else { policy }
}

/// Whatever cannot hold must not look as if it did.
fn refuse_idle(route: &Route, policy: &TlsPolicy, is_secure: bool) -> Result<(), RouteRefused> {
    let settings = [
        ("server_name", route.server_name.is_some()),
        ("expects", route.expects.is_some()),
        ("pins", !route.pins.is_empty()),
        ("danger_insecure_skip_verify", route.danger_insecure_skip_verify),
        ("tls", route.tls.is_some()),
    ];
    if !is_secure {
        return settings.iter().find(|(_, is_set)| *is_set).map_or(Ok(()), |(setting, _)| Err(idle(setting, "plain TCP")));
    }
    let proves_nothing = policy.skips_verification() && policy.the_expected().is_some();
    if proves_nothing { Err(idle("expects", "danger_insecure_skip_verify")) } else { Ok(()) }
}

const fn idle(setting: &'static str, beside: &'static str) -> RouteRefused {
    RouteRefused::Idle { setting, beside }
}

fn withheld(flags: Flags) -> Result<Flags, RouteRefused> {
    let mandatory = flags & (Flags::MANDATORY_25 | Flags::MANDATORY_25_DIGEST);
    if mandatory == Flags::NONE { Ok(flags) } else { Err(RouteRefused::Mandatory(mandatory)) }
}

/// To look a node up, connect, shake hands with TLS, and the three answers of the distribution's handshake.
const STEPS: u32 = 6;
