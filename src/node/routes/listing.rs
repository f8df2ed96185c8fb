//! What is told of a route: all that is in force on it, and no secret.

use super::{NodePattern, Place, RouteId, Way};
use crate::dist::Flags;
use crate::node::admission::Admission;
use crate::node::identity::IdentityRule;
use crate::tls::ServerName;
use crate::tls::verify::Brief;
use crate::x509::Fingerprint;
use std::fmt;
use std::time::Duration;

/// A route of a node, with what is in force on it: its own settings, and the node's where it has none.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RouteInfo {
    /// Which route.
    pub id: RouteId,
    /// Whom it is for.
    pub matches: NodePattern,
    /// Its weight.
    pub weight: i32,
    /// Where it leads.
    pub place: Place,
    /// Whether peers are also looked for at the epmd of their own host.
    pub discovery: bool,
    /// The certificate that is presented now; `None` on plain TCP.
    pub certificate: Option<Brief>,
    /// Whether that is of a manager of the route's own.
    pub has_own_manager: bool,
    /// Whether the cookie, which is not shown, is the route's own.
    pub has_own_cookie: bool,
    /// The name that is verified instead of the host that is dialled.
    pub server_name: Option<ServerName<'static>>,
    /// Whom the peer's certificate must name, and how the peer's name is held against it otherwise.
    pub identity: IdentityRule,
    /// Who may answer, as the lists are now.
    pub admission: Admission,
    /// What its key or certificate must be.
    pub pins: Vec<Fingerprint>,
    /// Whether nobody verifies who answers.
    pub skips_verification: bool,
    /// What is offered to the peer.
    pub flags: Flags,
    /// How long an attempt may take.
    pub deadline: Duration,
}

impl RouteInfo {
    pub(super) fn of(way: &Way) -> Option<Self> {
        let (route, effective) = (&way.route, &way.effective);
        Some(Self {
            id: way.id?,
            matches: route.matches.clone(),
            weight: route.weight,
            place: route.place.clone(),
            discovery: route.discovery,
            certificate: way.presents.as_ref().map(|resolver| Brief::of(resolver.current().certificate.leaf())),
            has_own_manager: route.cert_manager.is_some(),
            has_own_cookie: route.cookie.is_some(),
            server_name: way.server_name.clone(),
            identity: effective.identity.clone(),
            admission: effective.admission.current(),
            pins: effective.tls.the_pins().current().to_vec(),
            skips_verification: effective.tls.skips_verification(),
            flags: effective.flags,
            deadline: effective.whole_setup(),
        })
    }
}

/// One line: whom it is for, where it leads, and what is not the node's.
impl fmt::Display for RouteInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} → {}, weight {}", self.id, self.matches, self.place, self.weight)?;
        match &self.certificate {
            Some(certificate) => write!(f, ", as {}", certificate.subject)?,
            None => f.write_str(", PLAIN TCP")?,
        }
        if let Some(expected) = self.identity.expected() {
            write!(f, ", expects {expected}")?;
        }
        let notes = [
            (!self.pins.is_empty(), "pinned"),
            (self.skips_verification, "NOT VERIFIED"),
            (self.has_own_cookie, "a cookie of its own"),
            (self.discovery, "then discovery"),
        ];
        notes.iter().filter(|(holds, _)| *holds).try_for_each(|(_, note)| write!(f, ", {note}"))
    }
}
