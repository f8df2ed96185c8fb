//! What a node is started with. Every field has a default, and `..NodeOptions::default()` fills the rest.

use super::admission::AdmissionHandle;
use super::cluster::ClusterOptions;
use super::host::Host;
use super::identity::{IdentityPolicy, SpiffeTemplate};
use super::idle::Idle;
use super::judging::{ExpiredLinks, LinkJudge};
use super::link_options::LinkOptions;
use super::mode::Mode;
use super::rotation::Rotation;
use super::routes::Route;
use super::rpc::Functions;
use crate::dist::{Cookie, Flags, ReadLimits, TickTime};
use crate::epmd;
use crate::net::{KeepAlive, Limits, Network, Timeout};
use crate::node_name::NodeName;
use crate::tls::{CertAuthManager, TlsPolicy};
use std::sync::Arc;
use std::time::Duration;

/// What a node is made of.
///
/// ```
/// use countersign::dist::Cookie;
/// use countersign::node::{Acceptor, EpmdMode, NodeOptions};
/// use countersign::testing::Ca;
/// use countersign::tls::CertAuth;
/// use std::sync::Arc;
///
/// let ca = Ca::new();
/// let options = NodeOptions {
///     cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
///     cookie: Some(Cookie::new(b"secret".to_vec())),
///     acceptors: vec![Acceptor::at_port(0)],
///     epmd: EpmdMode::Off,
///     ..NodeOptions::default()
/// };
/// assert_eq!(options.tick.period.as_secs(), 60);
/// ```
#[derive(Clone, Debug)]
pub struct NodeOptions {
    /// The certificate and whom to trust, for every acceptor and route that has none of its own. A node
    /// without one does not start, unless [`NodeOptions::danger_plaintext`] says that this is meant.
    pub cert_manager: Option<Arc<dyn CertAuthManager>>,
    /// Speaks plain TCP where there is no certificate manager: whoever is on the way can read and change
    /// everything, and whoever knows the cookie may have any name. The node warns about it when it starts.
    pub danger_plaintext: bool,
    /// What the nodes of the cluster share. Without it the node reads `~/.erlang.cookie`, as OTP does.
    pub cookie: Option<Cookie>,
    /// Who dials whom.
    pub mode: Mode,
    /// Where the node can be dialled. None at all: it only dials.
    pub acceptors: Vec<Acceptor>,
    /// Where peers are that are not to be looked for at an epmd. [`Node::add_route`](super::Node::add_route) adds more.
    pub routes: Vec<Route>,
    /// How handshakes are made and judged.
    pub tls: TlsPolicy,
    /// How the name that a peer claims is held against its certificate.
    pub identity: IdentityPolicy,
    /// Which SPIFFE id stands for the whole name of a node, besides the URI `erl:name@host`.
    pub spiffe: Option<SpiffeTemplate>,
    /// Who may be a peer, whether it dials or is dialled: everybody, if nothing is said. Can be changed while the node
    /// runs.
    pub admission: AdmissionHandle,
    /// What becomes of links when the certificate behind them is replaced.
    pub rotation: Rotation,
    /// Whether OTP's `nodes()` and `global` see this node.
    pub visibility: Visibility,
    /// How the node makes itself known on its host.
    pub epmd: EpmdMode,
    /// Whom the node dials of itself.
    pub cluster: ClusterOptions,
    /// How long a link may be idle.
    pub idle: Idle,
    /// How long a silent peer is believed to live.
    pub tick: TickTime,
    /// How long a peer may take for each step of becoming one: OTP's `net_setuptime`.
    pub setup_time: Duration,
    /// How long a host that is dialled may take to be found, and again to answer; without it, [`setup_time`](Self::setup_time).
    pub connect_timeout: Option<Duration>,
    /// How long the TLS handshake with a node that is dialled may take; without it, [`setup_time`](Self::setup_time). For
    /// those who dial, [`Limits`] of the acceptor say it.
    pub handshake_timeout: Option<Duration>,
    /// What this node does not say that it can do, though it can: any of [`Flags::OPTIONAL`]. Newer nodes of OTP
    /// may take no peer without some of them.
    pub withhold: Flags,
    /// Whether the system probes connections on which nothing moves. The ticks find a dead peer without it.
    pub keep_alive: KeepAlive,
    /// How long a peer may take nothing of what waits for it, before it loses its link. As in OTP the default is for
    /// as long as it likes, if only it says something now and then: whoever sends to it waits.
    pub send_timeout: Timeout,
    /// Who gets a name when asking for one.
    pub names: NameGiving,
    /// Names whose holders may stop this node, end its links and rotate its certificates, besides whoever shows this node's own certificate: one with the same
    /// subject, names and issuer, as replicas of one service often have. Only a certificate with the URI
    /// `erl:name@host` holds a name here.
    pub admins: Vec<NodeName>,
    /// What peers may have run here, and which of them.
    pub functions: Functions,
    /// Whether each control message of each link has a line in the log, under the target `countersign::trace`: who says
    /// what to whom, and of everything that is sent or given as a reason only its kind and its size. For finding out
    /// why a link misbehaves.
    pub trace_control: bool,
    /// How often open links are judged again, besides whenever there is a reason to.
    pub judge_every: Duration,
    /// How often the sources of certificates are looked at, such as files: whatever has its
    /// [source](crate::tls::CertManager::source).
    pub reload_every: Duration,
    /// What becomes of links whose certificates have ended.
    pub expired: ExpiredLinks,
    /// Who judges peers besides their handshakes.
    pub link_judges: Vec<Arc<dyn LinkJudge>>,
    /// How much the node takes on.
    pub limits: NodeLimits,
}

impl Default for NodeOptions {
    fn default() -> Self {
        Self {
            cert_manager: None,
            danger_plaintext: false,
            cookie: None,
            mode: Mode::default(),
            acceptors: vec![Acceptor::default()],
            routes: Vec::new(),
            tls: TlsPolicy::default(),
            identity: IdentityPolicy::default(),
            spiffe: None,
            admission: AdmissionHandle::default(),
            rotation: Rotation::default(),
            visibility: Visibility::default(),
            epmd: EpmdMode::default(),
            cluster: ClusterOptions::default(),
            idle: Idle::default(),
            tick: TickTime::default(),
            setup_time: Duration::from_secs(7),
            connect_timeout: None,
            handshake_timeout: None,
            withhold: Flags::NONE,
            keep_alive: KeepAlive::OFF,
            send_timeout: Timeout::Never,
            names: NameGiving::default(),
            admins: Vec::new(),
            functions: Functions::default(),
            trace_control: false,
            judge_every: Duration::from_secs(60),
            reload_every: Duration::from_secs(5),
            expired: ExpiredLinks::default(),
            link_judges: Vec::new(),
            limits: NodeLimits::default(),
        }
    }
}

/// A port at which a node can be dialled, and what differs there.
///
/// ```
/// use countersign::net::{KeepAlive, Limits};
/// use countersign::node::Acceptor;
///
/// // Behind an address translator that forwards its port 25000, for peers of two networks only.
/// let outside = Acceptor {
///     host: Some("192.0.2.7".parse()?),
///     announce_port: Some(25_000),
///     registered: Some(true),
///     networks: Some(vec!["198.51.100.0/24".parse()?, "2001:db8::/32".parse()?]),
///     limits: Limits { per_address: 4, ..Limits::default() },
///     ..Acceptor::at_port(15_001)
/// };
/// assert!(outside.cert_manager.is_none(), "the node's own");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Acceptor {
    /// The address, or a name whose addresses are all listened on; without it, loopback for a node whose host is
    /// `localhost`, and every address otherwise.
    pub host: Option<Host>,
    /// The port; 0 lets the system choose.
    pub port: u16,
    /// How many ports to try, from `port` on, until one is free.
    pub port_range: u16,
    /// The port that the epmd is told, where peers reach this acceptor by another one, as behind an address translator.
    pub announce_port: Option<u16>,
    /// Whether the epmd is told of this acceptor. It knows one port of a node: without a word that of the first acceptor
    /// that does not decline, and two that insist are refused.
    pub registered: Option<bool>,
    /// From where peers may connect, if not from everywhere. Others are refused before any cryptography.
    pub networks: Option<Vec<Network>>,
    /// Instead of the node's.
    pub cert_manager: Option<Arc<dyn CertAuthManager>>,
    /// Speaks plain TCP here, whatever the node does elsewhere: whoever is on the way can read and change everything. The
    /// node warns about it when it starts.
    pub danger_plaintext: bool,
    /// Instead of the node's.
    pub cookie: Option<Cookie>,
    /// Instead of the node's.
    pub tls: Option<TlsPolicy>,
    /// Instead of the node's.
    pub identity: Option<IdentityPolicy>,
    /// Instead of the node's.
    pub spiffe: Option<SpiffeTemplate>,
    /// Who may come in here. Its allow list takes the place of the node's if anybody is on it; both deny lists count.
    pub admission: Option<AdmissionHandle>,
    /// Instead of the node's.
    pub rotation: Option<Rotation>,
    /// What else its links have instead of the node's.
    pub link: LinkOptions,
    /// How many peers it takes on, and how long their handshakes may take.
    pub limits: Limits,
}

impl Acceptor {
    /// At this port alone, with the node's settings.
    pub fn at_port(port: u16) -> Self {
        Self { port, port_range: 1, ..Self::default() }
    }
}

/// The ports 15000 to 15009.
impl Default for Acceptor {
    fn default() -> Self {
        Self {
            host: None,
            port: 15_000,
            port_range: 10,
            announce_port: None,
            registered: None,
            networks: None,
            cert_manager: None,
            danger_plaintext: false,
            cookie: None,
            tls: None,
            identity: None,
            spiffe: None,
            admission: None,
            rotation: None,
            link: LinkOptions::default(),
            limits: Limits::default(),
        }
    }
}

/// Whether a node is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    /// OTP lists it under `nodes(hidden)`, and `global` leaves it alone.
    #[default]
    Hidden,
    /// OTP lists it under `nodes()`, and `global` counts it as in step with everybody.
    ///
    /// It takes part in OTP's `global` no further than a good neighbour has to. `global:sync/0` of a peer does not wait for it,
    /// and no link is cut by `prevent_overlapping_partitions` because of it, whoever loses whom. A lock that
    /// `global:set_lock/1` asks of all `nodes()` is granted if it is free, kept until it is given back or its holder ends,
    /// and never granted if its name is longer than a kilobyte, or beyond ten thousand of one peer.
    ///
    /// What it does not do:
    /// - It has no names. `global:register_name` and `whereis_name` work among the nodes of OTP as if it were not there; a
    ///   process of it may be registered by a node of OTP, and is found by all of them, but not by itself.
    /// - It joins nobody to anybody. Where a node of OTP would be linked to all others that its first peer knows, this one
    ///   is linked to those that it dials and that dial it (see [`ClusterOptions::seeds`]), and two nodes of OTP that know
    ///   only it do not get to know each other.
    /// - It has no `global_group`. A peer that counts it to its own group in `global_groups` ends the link; others may.
    ///
    /// So it is with OTP 25 to 27.
    Visible,
}

/// How a node makes itself known on its host.
#[derive(Clone, Debug, Default)]
pub enum EpmdMode {
    /// With the epmd that runs; where there is none, it starts one.
    #[default]
    Auto,
    /// With the epmd that must be running at this port.
    At(u16),
    /// With the epmd that runs at the port of these options; where there is none, it starts one with them.
    Embedded(epmd::ServerOptions),
    /// Not at all: peers need a route. Peers without one are still looked for at their host's epmd.
    Off,
}

/// Whether nodes that have no name may ask for one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NameGiving {
    /// Those whose certificate was verified; on plain TCP, everybody.
    #[default]
    Verified,
    /// Nobody.
    Nobody,
}

/// How much a node takes on from all its peers and processes.
#[derive(Clone, Copy, Debug)]
pub struct NodeLimits {
    /// The longest frame that a peer may send.
    pub frame_bytes: usize,
    /// What a peer may ask of terms and of messages in fragments.
    pub read: ReadLimits,
    /// So many bytes wait for a peer before who sends to it waits too; what is left of long messages does not count.
    pub send_buffer: usize,
    /// So many bytes of answers that a peer has asked for, and does not read, end its link.
    pub unread_answers: usize,
    /// So many processes' links and monitors of its making may a peer have on those of this node; more end its link.
    pub ties_per_peer: usize,
    /// So many timers of one process's making run at a time.
    pub timers_per_process: usize,
    /// So many calls of exported functions run at a time, of all peers together; more are refused with `system_limit`.
    pub calls: usize,
    /// And so many of one peer.
    pub calls_per_peer: usize,
    /// So many links are handed over at a time, and for so many handovers peers are asked at a time.
    pub handovers: usize,
    /// So many messages wait in a mailbox. They are counted, not weighed: a million long ones are much more
    /// memory than a million short ones, and whoever serves peers that may send long ones chooses fewer.
    pub mailbox: usize,
    /// What happens to those beyond.
    pub overflow: Overflow,
}

impl Default for NodeLimits {
    fn default() -> Self {
        Self {
            frame_bytes: 128 * 1024 * 1024,
            read: ReadLimits::default(),
            send_buffer: 1024 * 1024,
            unread_answers: 64 * 1024 * 1024,
            ties_per_peer: 1_000_000,
            timers_per_process: 1_000_000,
            calls: 100_000,
            calls_per_peer: 10_000,
            handovers: 8,
            mailbox: 1_000_000,
            overflow: Overflow::default(),
        }
    }
}

/// What happens to messages for a mailbox that is full. Senders of this node wait for room, whatever is
/// chosen; this is for what comes from peers, who cannot be made to wait without stopping all others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overflow {
    /// The message is dropped, counted and reported.
    #[default]
    Report,
    /// The process that does not read its mailbox is ended with the reason `mailbox_overflow`.
    Exit,
}
