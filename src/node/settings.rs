//! Options, resolved once and in one place: what an acceptor or route does not say, the node says.

use super::error::StartError;
use super::identity::IdentityPolicy;
use super::options::{Acceptor, NameGiving, NodeLimits, NodeOptions, Visibility};
use super::routes::{Defaults, RouteRefused, Routes};
use super::rpc::Functions;
use crate::dist::{Cookie, Flags, TickTime};
use crate::epmd;
use crate::net::link::LinkLimits;
use crate::net::{Challenges, ListenerOptions, TransportOptions};
use crate::node_name::NodeName;
use crate::observe::Counters;
use crate::secret;
use crate::tls::{CertAuth, CertAuthManager};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// What a node goes by while it runs.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) cookie: Cookie,
    pub(super) manager: Option<Arc<dyn CertAuthManager>>,
    pub(super) flags: Flags,
    pub(super) setup_time: Duration,
    pub(super) limits: NodeLimits,
    pub(super) tick: TickTime,
    pub(super) names: NameGiving,
    pub(super) admins: Vec<NodeName>,
    pub(super) functions: Functions,
    pub(super) trace_control: bool,
    pub(super) epmd: epmd::Client,
    pub(super) challenges: Challenges,
    pub(super) counters: Arc<Counters>,
    pub(super) routes: Routes,
}

/// How those are received who dial one acceptor.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) cookie: Cookie,
    pub(super) identity: IdentityPolicy,
}

impl Settings {
    pub(super) fn new(options: &NodeOptions, epmd: epmd::Client) -> Result<Self, StartError> {
        let cookie = options.cookie.clone().map_or_else(read_cookie, Ok)?;
        let flags = if options.visibility == Visibility::Visible { Flags::DEFAULT | Flags::PUBLISHED } else { Flags::DEFAULT };
        Ok(Self {
            routes: routes(options, &cookie, flags)?,
            cookie,
            manager: options.cert_manager.clone(),
            flags,
            setup_time: options.setup_time,
            limits: options.limits,
            tick: options.tick,
            names: options.names,
            admins: options.admins.clone(),
            functions: options.functions.clone(),
            trace_control: options.trace_control,
            epmd,
            challenges: Challenges::default(),
            counters: Arc::default(),
        })
    }

    pub(super) fn transport(&self) -> TransportOptions {
        let NodeLimits { frame_bytes, read, send_buffer, unread_answers, .. } = self.limits;
        let limits = LinkLimits { send_buffer, unread_answers };
        TransportOptions { tick: self.tick, frame_bytes, read, limits, trace_control: self.trace_control }
    }
}

fn routes(options: &NodeOptions, cookie: &Cookie, flags: Flags) -> Result<Routes, StartError> {
    let defaults = Defaults {
        manager: options.cert_manager.as_deref().map(|manager| CertAuth::frozen(manager, None)),
        danger_plaintext: options.danger_plaintext,
        tls: options.tls.clone(),
        identity: options.identity,
        cookie: cookie.clone(),
        flags,
        setup_time: options.setup_time,
    };
    let routes = Routes::new(defaults).map_err(|refused| match refused {
        RouteRefused::Tls(error) => StartError::Tls(error),
        _ => StartError::Plaintext,
    })?;
    for route in &options.routes {
        routes.add(route.clone()).map_err(|refused| StartError::Route { matches: route.matches.clone(), refused: Box::new(refused) })?;
    }
    Ok(routes)
}

impl Door {
    pub(super) fn new(options: &NodeOptions, acceptor: &Acceptor, cookie: &Cookie) -> Self {
        Self { cookie: acceptor.cookie.clone().unwrap_or_else(|| cookie.clone()), identity: acceptor.identity.unwrap_or(options.identity) }
    }
}

/// What the listener of an acceptor is made of.
pub(super) fn listener_options(options: &NodeOptions, acceptor: &Acceptor) -> Result<ListenerOptions, StartError> {
    let manager = acceptor.cert_manager.as_ref().or(options.cert_manager.as_ref());
    let mut listener = secured(manager, options, ListenerOptions::secure, ListenerOptions::plain)?;
    listener.tls = acceptor.tls.clone().unwrap_or_else(|| options.tls.clone());
    listener.limits = acceptor.limits;
    Ok(listener)
}

/// The address of an acceptor that names none.
pub(super) fn address(acceptor: &Acceptor, name: &NodeName) -> IpAddr {
    let own = match name.host() {
        "localhost" => Some(IpAddr::from(Ipv4Addr::LOCALHOST)),
        host => host.parse().ok().filter(IpAddr::is_loopback),
    };
    let everywhere = if has_ipv6() { IpAddr::from(Ipv6Addr::UNSPECIFIED) } else { IpAddr::from(Ipv4Addr::UNSPECIFIED) };
    acceptor.host.or(own).unwrap_or(everywhere)
}

fn has_ipv6() -> bool {
    std::net::UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).is_ok()
}

fn secured<T>(
    manager: Option<&Arc<dyn CertAuthManager>>,
    options: &NodeOptions,
    secure: impl Fn(Arc<dyn CertAuthManager>) -> T,
    plain: impl Fn() -> T,
) -> Result<T, StartError> {
    match manager {
        Some(manager) => Ok(secure(Arc::clone(manager))),
        None if options.danger_plaintext => Ok(plain()),
        None => Err(StartError::Plaintext),
    }
}

/// As OTP does, which also refuses a file that others can read.
fn read_cookie() -> Result<Cookie, StartError> {
    let home = std::env::var_os("HOME").unwrap_or_default();
    let path = PathBuf::from(home).join(".erlang.cookie");
    let read = std::fs::read_to_string(&path).and_then(|text| if is_private(&path)? { Ok(text) } else { Err(readable_by_others()) });
    match read.map(|text| text.trim().as_bytes().to_vec()) {
        Ok(cookie) if !cookie.is_empty() => Ok(Cookie::new(cookie)),
        Ok(_) => Err(StartError::NoCookie { path, source: io::Error::new(io::ErrorKind::InvalidData, "it is empty") }),
        Err(source) => Err(StartError::NoCookie { path, source }),
    }
}

fn is_private(path: &Path) -> io::Result<bool> {
    Ok(secret::exposed(&std::fs::metadata(path)?).is_none())
}

fn readable_by_others() -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, "others than its owner can read it (chmod 600)")
}
