//! What a configuration means: every name parsed, every file read, every default filled in.

use super::Config;
use super::cookie;
use super::error::ConfigError;
use super::fault::Fault;
use super::raw::{self, Raw};
use super::routes;
use super::spot::Spot;
use super::tls::{self, Tls, unknown};
use crate::dist::TickTime;
use crate::epmd::ServerOptions;
use crate::net;
use crate::node::{Acceptor, EpmdMode, NameGiving, NodeLimits, NodeOptions, Overflow, Visibility};
use crate::node_name::NodeName;
use std::net::IpAddr;
use std::time::Duration;

pub(super) fn config(raw: Raw, top: &Spot<'_>) -> Result<Config, ConfigError> {
    let Raw { node, tls, acceptors, routes, epmd, tick, limits, .. } = raw;
    let name = node_name(&node.name, &top.key("node").key("name"))?;
    let options = node_section(node, &top.key("node"))?;
    let Some(tls) = tls else { return Err(top.key("tls").refuse(Fault::NoTls)) };
    let is_plain = tls.is_none();
    let tls = tls.map(|tls| tls::of_node(tls, &top.key("tls"))).transpose()?.unwrap_or_default();
    let shared = Shared { is_plain, limits: acceptor_limits(&limits, &top.key("limits"))? };
    let options = NodeOptions {
        cert_manager: tls.manager,
        danger_plaintext: is_plain,
        acceptors: all_acceptors(acceptors, &shared, &top.key("acceptors"))?,
        routes: routes::all(routes, &shared, &top.key("routes"))?,
        tls: tls.policy.unwrap_or_default(),
        identity: tls.identity.unwrap_or_default(),
        epmd: epmd_mode(epmd, &top.key("epmd"))?,
        tick: tick_time(&tick, &top.key("tick"))?,
        limits: node_limits(&limits, &top.key("limits"))?,
        ..options
    };
    Ok(Config { name, options })
}

/// What acceptors and routes have in common.
pub(super) struct Shared {
    pub(super) is_plain: bool,
    limits: net::Limits,
}

fn node_section(node: raw::Node, spot: &Spot<'_>) -> Result<NodeOptions, ConfigError> {
    let admins = node.admins.iter().enumerate().map(|(index, name)| node_name(name, &spot.key("admins").index(index)));
    let default = NodeOptions::default();
    let setup = node.setup_seconds.map(|seconds| within(seconds, 1..=120, &spot.key("setup_seconds"))).transpose()?;
    Ok(NodeOptions {
        cookie: cookie::resolve(node.cookie, &spot.key("cookie"))?,
        visibility: visibility(node.visibility.as_deref(), &spot.key("visibility"))?,
        admins: admins.collect::<Result<_, _>>()?,
        names: name_giving(node.name_giving.as_deref(), &spot.key("name_giving"))?,
        trace_control: node.trace_control,
        setup_time: setup.map_or(default.setup_time, Duration::from_secs),
        ..default
    })
}

fn visibility(word: Option<&str>, spot: &Spot<'_>) -> Result<Visibility, ConfigError> {
    match word {
        None => Ok(Visibility::default()),
        Some("hidden") => Ok(Visibility::Hidden),
        Some("visible") => Ok(Visibility::Visible),
        Some(word) => Err(spot.refuse(unknown(word, &["hidden", "visible"]))),
    }
}

fn name_giving(word: Option<&str>, spot: &Spot<'_>) -> Result<NameGiving, ConfigError> {
    match word {
        None => Ok(NameGiving::default()),
        Some("verified") => Ok(NameGiving::Verified),
        Some("nobody") => Ok(NameGiving::Nobody),
        Some(word) => Err(spot.refuse(unknown(word, &["verified", "nobody"]))),
    }
}

fn all_acceptors(raw: Option<Vec<raw::Acceptor>>, shared: &Shared, spot: &Spot<'_>) -> Result<Vec<Acceptor>, ConfigError> {
    let Some(raw) = raw else { return Ok(vec![Acceptor { limits: shared.limits, ..Acceptor::default() }]) };
    raw.into_iter().enumerate().map(|(index, raw)| acceptor(raw, shared, &spot.index(index))).collect()
}

fn acceptor(raw: raw::Acceptor, shared: &Shared, spot: &Spot<'_>) -> Result<Acceptor, ConfigError> {
    let tls = overriding(raw.tls, shared, &spot.key("tls"))?;
    let default = Acceptor::default();
    let (port, port_range) = ports(raw.port, raw.port_range, &default, &spot.key("port_range"))?;
    Ok(Acceptor {
        host: raw.host.map(|text| address(&text, &spot.key("host"))).transpose()?,
        port,
        port_range,
        cert_manager: tls.manager,
        cookie: cookie::resolve(raw.cookie, &spot.key("cookie"))?,
        tls: tls.policy,
        identity: tls.identity,
        limits: shared.limits,
    })
}

/// A port alone is that port; neither of the two is the usual ports.
fn ports(port: Option<u16>, range: Option<u16>, default: &Acceptor, spot: &Spot<'_>) -> Result<(u16, u16), ConfigError> {
    let first = port.unwrap_or(default.port);
    let range = range.unwrap_or(if port.is_some() { 1 } else { default.port_range });
    let most = if first == 0 { 1 } else { u16::MAX - first + 1 };
    within(range.into(), 1..=most.into(), spot)?;
    Ok((first, range))
}

/// `"tls": null` repeats what a plain node does anyway, and is not to be had beside a certificate.
fn overriding(raw: Option<Option<raw::Tls>>, shared: &Shared, spot: &Spot<'_>) -> Result<Tls, ConfigError> {
    match raw {
        Some(Some(raw)) => tls::section(raw, spot),
        Some(None) if !shared.is_plain => Err(spot.refuse(Fault::Plain)),
        Some(None) | None => Ok(Tls::default()),
    }
}

fn epmd_mode(raw: raw::Epmd, spot: &Spot<'_>) -> Result<EpmdMode, ConfigError> {
    let port = raw.port.map(|port| port_to_dial(port, &spot.key("port"))).transpose()?;
    let addresses = raw.addresses.map(|texts| addresses(&texts, &spot.key("addresses"))).transpose()?;
    let mode = raw.mode.as_deref().unwrap_or("auto");
    if let (Some(_), Some(beside)) = (&addresses, idle_without_server(mode)) {
        return Err(spot.key("addresses").refuse(Fault::Idle { beside }));
    }
    match (mode, port) {
        ("auto", None) if addresses.is_none() => Ok(EpmdMode::Auto),
        ("auto", port) => embedded(port, addresses, spot),
        ("at", Some(port)) => Ok(EpmdMode::At(port)),
        ("at", None) => Ok(EpmdMode::At(from_environment(spot)?.port)),
        ("off", None) => Ok(EpmdMode::Off),
        ("off", Some(_)) => Err(spot.key("port").refuse(Fault::Idle { beside: "the mode is off" })),
        (word, _) => Err(spot.key("mode").refuse(unknown(word, &["auto", "at", "off"]))),
    }
}

fn idle_without_server(mode: &str) -> Option<&'static str> {
    match mode {
        "at" => Some("the mode is at: somebody else runs that epmd"),
        "off" => Some("the mode is off"),
        _ => None,
    }
}

fn embedded(port: Option<u16>, addresses: Option<Vec<IpAddr>>, spot: &Spot<'_>) -> Result<EpmdMode, ConfigError> {
    let mut options = from_environment(spot)?;
    options.port = port.unwrap_or(options.port);
    options.addresses = addresses.unwrap_or(options.addresses);
    Ok(EpmdMode::Embedded(options))
}

fn from_environment(spot: &Spot<'_>) -> Result<ServerOptions, ConfigError> {
    ServerOptions::from_environment().map_err(|error| spot.refuse(error))
}

fn tick_time(raw: &raw::Tick, spot: &Spot<'_>) -> Result<TickTime, ConfigError> {
    let default = TickTime::default();
    let seconds = within(raw.seconds.unwrap_or(default.period.as_secs()), 1..=DAY, &spot.key("seconds"))?;
    let intensity = raw.intensity.unwrap_or(default.intensity);
    // The bounds of OTP's net_tickintensity.
    within(intensity.into(), 4..=1_000, &spot.key("intensity"))?;
    Ok(TickTime { period: Duration::from_secs(seconds), intensity })
}

fn acceptor_limits(raw: &raw::Limits, spot: &Spot<'_>) -> Result<net::Limits, ConfigError> {
    let default = net::Limits::default();
    Ok(net::Limits {
        connections: at_least_one(raw.connections, default.connections, &spot.key("connections"))?,
        per_address: at_least_one(raw.per_ip, default.per_address, &spot.key("per_ip"))?,
        handshakes: at_least_one(raw.handshakes, default.handshakes, &spot.key("handshakes"))?,
        ..default
    })
}

fn node_limits(raw: &raw::Limits, spot: &Spot<'_>) -> Result<NodeLimits, ConfigError> {
    let default = NodeLimits::default();
    Ok(NodeLimits {
        frame_bytes: at_least_one(raw.frame_bytes, default.frame_bytes, &spot.key("frame_bytes"))?,
        send_buffer: at_least_one(raw.send_buffer, default.send_buffer, &spot.key("send_buffer"))?,
        unread_answers: at_least_one(raw.unread_answers, default.unread_answers, &spot.key("unread_answers"))?,
        ties_per_peer: at_least_one(raw.ties_per_peer, default.ties_per_peer, &spot.key("ties_per_peer"))?,
        timers_per_process: at_least_one(raw.timers_per_process, default.timers_per_process, &spot.key("timers_per_process"))?,
        calls: at_least_one(raw.calls, default.calls, &spot.key("calls"))?,
        calls_per_peer: at_least_one(raw.calls_per_peer, default.calls_per_peer, &spot.key("calls_per_peer"))?,
        mailbox: at_least_one(raw.mailbox, default.mailbox, &spot.key("mailbox"))?,
        overflow: overflow(raw.overflow.as_deref(), &spot.key("overflow"))?,
        ..default
    })
}

fn overflow(word: Option<&str>, spot: &Spot<'_>) -> Result<Overflow, ConfigError> {
    match word {
        None => Ok(Overflow::default()),
        Some("report") => Ok(Overflow::Report),
        Some("exit") => Ok(Overflow::Exit),
        Some(word) => Err(spot.refuse(unknown(word, &["report", "exit"]))),
    }
}

fn node_name(text: &str, spot: &Spot<'_>) -> Result<NodeName, ConfigError> {
    NodeName::new(text).map_err(|error| spot.refuse(error))
}

fn addresses(texts: &[String], spot: &Spot<'_>) -> Result<Vec<IpAddr>, ConfigError> {
    texts.iter().enumerate().map(|(index, text)| address(text, &spot.index(index))).collect()
}

fn address(text: &str, spot: &Spot<'_>) -> Result<IpAddr, ConfigError> {
    text.parse().map_err(|_| spot.refuse(Fault::Address(text.to_owned())))
}

pub(super) fn port_to_dial(port: u16, spot: &Spot<'_>) -> Result<u16, ConfigError> {
    within(port.into(), 1..=u16::MAX.into(), spot)?;
    Ok(port)
}

fn at_least_one(given: Option<usize>, default: usize, spot: &Spot<'_>) -> Result<usize, ConfigError> {
    let value = given.unwrap_or(default);
    within(value as u64, 1..=u64::MAX, spot)?;
    Ok(value)
}

pub(super) fn within(value: u64, bounds: std::ops::RangeInclusive<u64>, spot: &Spot<'_>) -> Result<u64, ConfigError> {
    let (least, most) = (*bounds.start(), *bounds.end());
    if bounds.contains(&value) { Ok(value) } else { Err(spot.refuse(Fault::Range { value, least, most })) }
}

const DAY: u64 = 86_400;
