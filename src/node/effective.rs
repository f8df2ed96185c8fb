//! Options, resolved once and in one place: what an acceptor or a route does not say, the node says.

use super::admission::{AdmissionHandle, Gate};
use super::cookie;
use super::error::StartError;
use super::identity::{IdentityMismatch, IdentityPolicy, IdentityRule, SpiffeTemplate};
use super::idle::Idle;
use super::invalid_options::InvalidOptions;
use super::link_options::LinkOptions;
use super::options::{Acceptor, NodeLimits, NodeOptions, Visibility};
use super::rotation::Rotation;
use super::routes::Route;
use crate::dist::{Cookie, Flags};
use crate::net::{KeepAlive, Timeout};
use crate::node_name::NodeName;
use crate::tls::{CertAuthManager, ExpectedIdentity, Pins, ServerName, TlsPolicy};
use crate::x509::Fingerprint;
use std::sync::Arc;
use std::time::Duration;

/// What the links of a node, of one of its acceptors or of one of its routes go by.
///
/// ```
/// use countersign::dist::Cookie;
/// use countersign::node::{Acceptor, Effective, LinkOptions, NodeOptions};
/// use std::time::Duration;
///
/// let node = NodeOptions { danger_plaintext: true, cookie: Some(Cookie::new(b"secret".to_vec())), ..NodeOptions::default() };
/// let link = LinkOptions { setup_time: Some(Duration::from_secs(2)), ..LinkOptions::default() };
/// let effective = Effective::of_acceptor(&node, &Acceptor { link, ..Acceptor::default() })?;
/// assert_eq!(effective.setup_time.as_secs(), 2);
/// assert_eq!(effective.frame_bytes, node.limits.frame_bytes);
/// # Ok::<(), countersign::node::StartError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Effective {
    /// The certificate and whom to trust; `None` is plain TCP.
    pub cert_manager: Option<Arc<dyn CertAuthManager>>,
    /// What both ends have to know.
    pub cookie: Cookie,
    /// The name to ask for and to verify of whoever is dialled, instead of the host or of what the manager says.
    pub server_name: Option<ServerName<'static>>,
    /// How handshakes of TLS are made and judged, pins and an expected identity of a route included.
    pub tls: TlsPolicy,
    /// How the name that a peer claims is held against its certificate.
    pub identity: IdentityRule,
    /// Who may be a peer.
    pub admission: Gate,
    /// What this side says that it can do.
    pub flags: Flags,
    /// The longest frame that a peer may send.
    pub frame_bytes: usize,
    /// So many bytes wait for a peer before who sends to it waits too.
    pub send_buffer: usize,
    /// So many bytes of answers that a peer does not read end its link.
    pub unread_answers: usize,
    /// How long a peer may take for each step of the distribution's handshake.
    pub setup_time: Duration,
    /// How long a host that is dialled may take to be found, and again to answer.
    pub connect_timeout: Duration,
    /// How long a handshake of TLS may take; for those who dial, their connecting included.
    pub handshake_timeout: Duration,
    /// How long a whole attempt to reach a peer may take; without it, as long as all of its steps may.
    pub deadline: Option<Duration>,
    /// Whether the system probes connections on which nothing moves.
    pub keep_alive: KeepAlive,
    /// How long a peer may take nothing of what waits for it.
    pub send_timeout: Timeout,
    /// How long a link may say nothing before it is closed.
    pub idle: Idle,
    /// What becomes of a link when the certificate behind it is replaced.
    pub rotation: Rotation,
}

impl Effective {
    /// For peers that are dialled without a route.
    ///
    /// # Errors
    /// Settings that contradict each other, or a cookie that is nowhere.
    pub fn of_node(node: &NodeOptions) -> Result<Self, StartError> {
        Self::at_start(node, Own::default())
    }

    /// For peers that dial this acceptor.
    ///
    /// # Errors
    /// As of [`Effective::of_node`].
    pub fn of_acceptor(node: &NodeOptions, acceptor: &Acceptor) -> Result<Self, StartError> {
        Self::at_start(node, Own::from(acceptor))
    }

    /// For peers that are dialled by this route.
    ///
    /// # Errors
    /// As of [`Effective::of_node`].
    pub fn of_route(node: &NodeOptions, route: &Route) -> Result<Self, StartError> {
        Self::at_start(node, Own::from(route))
    }

    /// For a route of a node that runs, and so has read its cookie.
    pub(super) fn of_later_route(node: &NodeOptions, cookie: &Cookie, route: &Route) -> Result<Self, InvalidOptions> {
        let own = Own::from(route);
        let cookie = own.cookie.unwrap_or(cookie).clone();
        Self::resolve(node, own, cookie)
    }

    fn at_start(node: &NodeOptions, own: Own<'_>) -> Result<Self, StartError> {
        let cookie = own.cookie.or(node.cookie.as_ref()).cloned().map_or_else(cookie::of_home, Ok)?;
        Ok(Self::resolve(node, own, cookie)?)
    }

    fn resolve(node: &NodeOptions, own: Own<'_>, cookie: Cookie) -> Result<Self, InvalidOptions> {
        let NodeLimits { frame_bytes, send_buffer, unread_answers, .. } = node.limits;
        let cert_manager = manager(node, &own)?;
        let setup_time = own.link.setup_time.unwrap_or(node.setup_time);
        Ok(Self {
            cert_manager,
            cookie,
            server_name: own.server_name.cloned(),
            tls: policy(&node.tls, &own),
            identity: rule(node, &own),
            admission: Gate::new(&node.admission, own.admission),
            flags: flags(node.visibility, own.link.withhold.unwrap_or(node.withhold))?,
            frame_bytes: own.link.frame_bytes.unwrap_or(frame_bytes),
            send_buffer: own.link.send_buffer.unwrap_or(send_buffer),
            unread_answers: own.link.unread_answers.unwrap_or(unread_answers),
            setup_time,
            connect_timeout: own.connect_timeout.or(node.connect_timeout).unwrap_or(setup_time),
            handshake_timeout: own.handshake_timeout.or(node.handshake_timeout).unwrap_or(setup_time),
            deadline: own.deadline,
            keep_alive: own.link.keep_alive.unwrap_or(node.keep_alive),
            send_timeout: own.link.send_timeout.unwrap_or(node.send_timeout),
            idle: own.link.idle.unwrap_or(node.idle),
            rotation: own.rotation.unwrap_or(node.rotation),
        })
    }

    /// Whether peers that ask what this side asks would take the certificate in force for that of a node of this name.
    ///
    /// # Errors
    /// The certificate does not bear it.
    pub fn judge_own_name(&self, name: &NodeName) -> Result<(), IdentityMismatch> {
        let current = self.cert_manager.as_ref().map(|manager| manager.resolver().current());
        current.map_or(Ok(()), |issue| self.identity.judge_own(issue.certificate.leaf(), name))
    }

    /// For one attempt to reach a node: to look it up and dial it, and for both handshakes.
    pub(super) fn whole_setup(&self) -> Duration {
        let connecting = self.connect_timeout.saturating_mul(2);
        let meeting = self.setup_time.saturating_mul(STEPS);
        self.deadline.unwrap_or_else(|| connecting.saturating_add(self.handshake_timeout).saturating_add(meeting))
    }
}

/// What an acceptor or a route says for itself.
#[derive(Default)]
struct Own<'a> {
    cert_manager: Option<&'a Arc<dyn CertAuthManager>>,
    danger_plaintext: bool,
    cookie: Option<&'a Cookie>,
    server_name: Option<&'a ServerName<'static>>,
    tls: Option<&'a TlsPolicy>,
    pins: &'a [Fingerprint],
    expects: Option<&'a ExpectedIdentity>,
    danger_insecure_skip_verify: bool,
    identity: Option<IdentityPolicy>,
    spiffe: Option<&'a SpiffeTemplate>,
    admission: Option<&'a AdmissionHandle>,
    rotation: Option<Rotation>,
    connect_timeout: Option<Duration>,
    handshake_timeout: Option<Duration>,
    deadline: Option<Duration>,
    link: LinkOptions,
}

impl<'a> From<&'a Acceptor> for Own<'a> {
    fn from(acceptor: &'a Acceptor) -> Self {
        Self {
            cert_manager: acceptor.cert_manager.as_ref(),
            danger_plaintext: acceptor.danger_plaintext,
            cookie: acceptor.cookie.as_ref(),
            server_name: None,
            tls: acceptor.tls.as_ref(),
            pins: &[],
            expects: None,
            danger_insecure_skip_verify: false,
            identity: acceptor.identity,
            spiffe: acceptor.spiffe.as_ref(),
            admission: acceptor.admission.as_ref(),
            rotation: acceptor.rotation,
            connect_timeout: None,
            handshake_timeout: Some(acceptor.limits.handshake_timeout),
            deadline: None,
            link: acceptor.link,
        }
    }
}

impl<'a> From<&'a Route> for Own<'a> {
    fn from(route: &'a Route) -> Self {
        Self {
            cert_manager: route.cert_manager.as_ref(),
            danger_plaintext: route.danger_plaintext,
            cookie: route.cookie.as_ref(),
            server_name: route.server_name.as_ref(),
            tls: route.tls.as_ref(),
            pins: &route.pins,
            expects: route.expects.as_ref(),
            danger_insecure_skip_verify: route.danger_insecure_skip_verify,
            identity: route.identity,
            spiffe: route.spiffe.as_ref(),
            admission: route.admission.as_ref(),
            rotation: route.rotation,
            connect_timeout: route.connect_timeout,
            handshake_timeout: route.handshake_timeout,
            deadline: route.deadline,
            link: route.link,
        }
    }
}

/// `None` is plain TCP, which somebody has to want: it is never what is left when nothing was said.
fn manager(node: &NodeOptions, own: &Own<'_>) -> Result<Option<Arc<dyn CertAuthManager>>, InvalidOptions> {
    match (own.cert_manager, own.danger_plaintext) {
        (Some(_), true) => Err(InvalidOptions::PlainWithManager),
        (Some(manager), false) => Ok(Some(Arc::clone(manager))),
        (None, true) => Ok(None),
        (None, false) if node.cert_manager.is_none() && !node.danger_plaintext => Err(InvalidOptions::Plaintext),
        (None, false) => Ok(node.cert_manager.clone()),
    }
}

fn policy(of_node: &TlsPolicy, own: &Own<'_>) -> TlsPolicy {
    let mut policy = own.tls.unwrap_or(of_node).clone();
    if !own.pins.is_empty() {
        policy = policy.pins(Pins::new(own.pins.iter().copied()));
    }
    if let Some(identity) = own.expects {
        policy = policy.expecting(identity.clone());
    }
    if own.danger_insecure_skip_verify { policy.danger_insecure_skip_verify() } else { policy }
}

fn rule(node: &NodeOptions, own: &Own<'_>) -> IdentityRule {
    let spiffe = own.spiffe.or(node.spiffe.as_ref());
    let rule = IdentityRule::new(own.identity.unwrap_or(node.identity), spiffe.cloned());
    if let Some(identity) = own.expects { rule.expecting(identity.clone()) } else { rule }
}

fn flags(visibility: Visibility, withheld: Flags) -> Result<Flags, InvalidOptions> {
    let needed = withheld.without(Flags::OPTIONAL);
    if needed != Flags::NONE {
        return Err(InvalidOptions::Withheld(needed));
    }
    let all = match visibility {
        Visibility::Visible => Flags::DEFAULT | Flags::PUBLISHED,
        Visibility::Hidden => Flags::DEFAULT,
    };
    Ok(all.without(withheld))
}

/// To look a node up, and the three answers of the distribution's handshake.
const STEPS: u32 = 4;
