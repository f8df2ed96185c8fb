//! What a configuration means: every name parsed, every file read, every default filled in.

use super::Config;
use super::error::ConfigError;
use super::fault::Fault;
use super::numbers::{DAY, at_least_one, port_to_dial, step, within};
use super::raw::{self, Raw};
use super::spot::Spot;
use super::tls::{self, OfNode, unknown};
use super::{acceptors, cluster, cookie, link, routes};
use crate::dist::{AssemblyLimits, ReadLimits, TickTime};
use crate::epmd::ServerOptions;
use crate::node::{EpmdMode, ExpiredLinks, Mode, NameGiving, NodeLimits, NodeOptions, Overflow, Visibility};
use crate::node_name::NodeName;
use crate::{etf, net};
use std::net::IpAddr;
use std::time::Duration;

pub(super) fn config(raw: Raw, top: &Spot<'_>) -> Result<Config, ConfigError> {
    let Raw { node, tls, acceptors: doors, routes, epmd, cluster, tick, limits, .. } = raw;
    let name = node_name(&node.name, &top.key("node").key("name"))?;
    let options = node_section(node, &top.key("node"))?;
    if options.mode == Mode::OutgoingOnly && doors.as_ref().is_some_and(|doors| !doors.is_empty()) {
        return Err(top.key("acceptors").refuse(Fault::Idle { beside: "the mode is outgoing_only: nothing listens" }));
    }
    refuse_announcements(options.mode, doors.as_deref().unwrap_or_default(), &epmd, top)?;
    let Some(tls) = tls else { return Err(top.key("tls").refuse(Fault::NoTls)) };
    let is_plain = tls.is_none();
    let tls = tls.map(|tls| tls::of_node(tls, &top.key("tls"))).transpose()?.unwrap_or_default();
    let policy = tls.policy.unwrap_or_default();
    let at_doors = acceptors::caps(&limits.door(), net::Limits::default(), &top.key("limits"))?;
    let of_node = OfNode { is_plain, policy: &policy };
    let options = NodeOptions {
        cert_manager: tls.manager,
        danger_plaintext: is_plain,
        acceptors: acceptors::all(doors, of_node, at_doors, &top.key("acceptors"))?,
        cluster: cluster::section(cluster, &name, &top.key("cluster"))?,
        routes: routes::all(routes, of_node, &top.key("routes"))?,
        tls: policy.clone(),
        identity: tls.identity.unwrap_or_default(),
        spiffe: tls.spiffe,
        admission: tls.admission.unwrap_or_default(),
        rotation: tls.rotation.unwrap_or_default(),
        epmd: epmd_mode(epmd, &top.key("epmd"))?,
        tick: tick_time(&tick, &top.key("tick"))?,
        limits: node_limits(&limits, &top.key("limits"))?,
        ..options
    };
    acceptors::go_together(&options, &top.key("acceptors"))?;
    Ok(Config { name, options })
}

pub(super) fn node_section(node: raw::Node, spot: &Spot<'_>) -> Result<NodeOptions, ConfigError> {
    let admins = node.admins.iter().enumerate().map(|(index, name)| node_name(name, &spot.key("admins").index(index)));
    let default = NodeOptions::default();
    let judge = node.judge_seconds.map(|seconds| within(seconds, 1..=DAY, &spot.key("judge_seconds"))).transpose()?;
    let mode = mode(node.mode.as_deref(), &spot.key("mode"))?;
    let visibility = visibility(node.visibility.as_deref(), &spot.key("visibility"))?;
    if mode == Mode::Passive && visibility == Visibility::Visible {
        return Err(spot.key("visibility").refuse(Fault::Idle { beside: "the mode is passive: such a node announces nothing" }));
    }
    Ok(NodeOptions {
        cookie: cookie::resolve(node.cookie, &spot.key("cookie"))?,
        visibility,
        mode,
        idle: cluster::idle(node.idle_seconds, spot)?.unwrap_or_default(),
        admins: admins.collect::<Result<_, _>>()?,
        names: name_giving(node.name_giving.as_deref(), &spot.key("name_giving"))?,
        trace_control: node.trace_control,
        setup_time: step(node.setup_seconds, &spot.key("setup_seconds"))?.unwrap_or(default.setup_time),
        connect_timeout: step(node.connect_seconds, &spot.key("connect_seconds"))?,
        handshake_timeout: step(node.handshake_seconds, &spot.key("handshake_seconds"))?,
        withhold: link::withhold(&node.withhold, &spot.key("withhold"))?,
        keep_alive: link::keep_alive(node.keep_alive, &spot.key("keep_alive"))?,
        send_timeout: link::timeout(node.send_timeout_seconds, &spot.key("send_timeout_seconds"))?,
        judge_every: judge.map_or(default.judge_every, Duration::from_secs),
        expired: expired(node.expired.as_deref(), &spot.key("expired"))?,
        ..default
    })
}

/// What is only for nodes that an epmd is told of.
fn refuse_announcements(mode: Mode, doors: &[raw::Acceptor], epmd: &raw::Epmd, top: &Spot<'_>) -> Result<(), ConfigError> {
    let beside = match mode {
        Mode::ListenAndDial => return Ok(()),
        Mode::Passive => "the mode is passive: such a node announces nothing",
        Mode::OutgoingOnly => "the mode is outgoing_only: such a node announces nothing",
    };
    let spoken = doors.iter().enumerate().find_map(|(index, door)| {
        let key = if door.registered == Some(true) { "registered" } else { door.announce_port.map(|_| "announce_port")? };
        Some(top.key("acceptors").index(index).key(key))
    });
    let addresses = || epmd.addresses.as_ref().map(|_| top.key("epmd").key("addresses"));
    spoken.or_else(addresses).map_or(Ok(()), |spot| Err(spot.refuse(Fault::Idle { beside })))
}

fn mode(word: Option<&str>, spot: &Spot<'_>) -> Result<Mode, ConfigError> {
    let Some(word) = word else { return Ok(Mode::default()) };
    let found = Mode::ALL.into_iter().find(|mode| mode.as_str() == word);
    found.ok_or_else(|| spot.refuse(unknown(word, &Mode::ALL.map(Mode::as_str))))
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

fn expired(word: Option<&str>, spot: &Spot<'_>) -> Result<ExpiredLinks, ConfigError> {
    match word {
        None => Ok(ExpiredLinks::default()),
        Some("close") => Ok(ExpiredLinks::Close),
        Some("keep") => Ok(ExpiredLinks::Keep),
        Some(word) => Err(spot.refuse(unknown(word, &["close", "keep"]))),
    }
}

pub(super) fn epmd_mode(raw: raw::Epmd, spot: &Spot<'_>) -> Result<EpmdMode, ConfigError> {
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

pub(super) fn tick_time(raw: &raw::Tick, spot: &Spot<'_>) -> Result<TickTime, ConfigError> {
    let default = TickTime::default();
    let seconds = within(raw.seconds.unwrap_or(default.period.as_secs()), 1..=DAY, &spot.key("seconds"))?;
    let intensity = raw.intensity.unwrap_or(default.intensity);
    // The bounds of OTP's net_tickintensity.
    within(intensity.into(), 4..=1_000, &spot.key("intensity"))?;
    Ok(TickTime { period: Duration::from_secs(seconds), intensity })
}

pub(super) fn node_limits(raw: &raw::Limits, spot: &Spot<'_>) -> Result<NodeLimits, ConfigError> {
    let default = NodeLimits::default();
    Ok(NodeLimits {
        frame_bytes: at_least_one(raw.frame_bytes, default.frame_bytes, &spot.key("frame_bytes"))?,
        send_buffer: at_least_one(raw.send_buffer, default.send_buffer, &spot.key("send_buffer"))?,
        unread_answers: at_least_one(raw.unread_answers, default.unread_answers, &spot.key("unread_answers"))?,
        ties_per_peer: at_least_one(raw.ties_per_peer, default.ties_per_peer, &spot.key("ties_per_peer"))?,
        timers_per_process: at_least_one(raw.timers_per_process, default.timers_per_process, &spot.key("timers_per_process"))?,
        calls: at_least_one(raw.calls, default.calls, &spot.key("calls"))?,
        calls_per_peer: at_least_one(raw.calls_per_peer, default.calls_per_peer, &spot.key("calls_per_peer"))?,
        handovers: at_least_one(raw.handovers, default.handovers, &spot.key("handovers"))?,
        mailbox: at_least_one(raw.mailbox, default.mailbox, &spot.key("mailbox"))?,
        overflow: overflow(raw.overflow.as_deref(), &spot.key("overflow"))?,
        read: read_limits(&raw.read, default.read, &spot.key("read"))?,
    })
}

fn read_limits(raw: &raw::Read, default: ReadLimits, spot: &Spot<'_>) -> Result<ReadLimits, ConfigError> {
    let raw::Read { depth, decompressed_bytes, integer_bytes, unfinished_messages, unfinished_bytes } = *raw;
    let of = |given, default, key| at_least_one(given, default, &spot.key(key));
    Ok(ReadLimits {
        term: etf::Limits {
            depth: of(depth, default.term.depth, "depth")?,
            decompressed: of(decompressed_bytes, default.term.decompressed, "decompressed_bytes")?,
            integer: of(integer_bytes, default.term.integer, "integer_bytes")?,
        },
        assembly: AssemblyLimits {
            sequences: of(unfinished_messages, default.assembly.sequences, "unfinished_messages")?,
            bytes: of(unfinished_bytes, default.assembly.bytes, "unfinished_bytes")?,
        },
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

pub(super) fn node_name(text: &str, spot: &Spot<'_>) -> Result<NodeName, ConfigError> {
    NodeName::new(text).map_err(|error| spot.refuse(error))
}

fn addresses(texts: &[String], spot: &Spot<'_>) -> Result<Vec<IpAddr>, ConfigError> {
    texts.iter().enumerate().map(|(index, text)| address(text, &spot.index(index))).collect()
}

fn address(text: &str, spot: &Spot<'_>) -> Result<IpAddr, ConfigError> {
    text.parse().map_err(|_| spot.refuse(Fault::Address(text.to_owned())))
}
