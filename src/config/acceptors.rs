//! Where the node can be dialled.

use super::cookie;
use super::error::ConfigError;
use super::fault::Fault;
use super::link;
use super::numbers::{at_least_one, port_to_dial, some_within, within};
use super::raw;
use super::spot::Spot;
use super::tls::{self, OfNode, Place};
use crate::net::{Limits, Network};
use crate::node::{Acceptor, AcceptorError, Host, NodeOptions};
use std::time::Duration;

/// All of them; without the key, the usual one.
pub(super) fn all(
    raw: Option<Vec<raw::Acceptor>>,
    of_node: OfNode<'_>,
    limits: Limits,
    spot: &Spot<'_>,
) -> Result<Vec<Acceptor>, ConfigError> {
    let Some(raw) = raw else { return Ok(vec![Acceptor { limits, ..Acceptor::default() }]) };
    let acceptors = raw.into_iter().enumerate().map(|(index, raw)| acceptor(raw, of_node, limits, &spot.index(index)));
    acceptors.collect()
}

/// Whether at most one is registered, and only that one announces a port.
pub(super) fn go_together(options: &NodeOptions, spot: &Spot<'_>) -> Result<(), ConfigError> {
    match options.registered() {
        Ok(_) => Ok(()),
        Err(error) => Err(misplaced(&error, spot).refuse(error)),
    }
}

/// Where somebody is registered, or announced, who cannot be.
fn misplaced<'a>(error: &AcceptorError, spot: &Spot<'a>) -> Spot<'a> {
    match error {
        AcceptorError::TwoRegistered { second } => spot.index(*second).key("registered"),
        AcceptorError::NobodyTold { index, .. } => spot.index(*index).key("announce_port"),
        _ => spot.clone(),
    }
}

pub(super) fn acceptor(raw: raw::Acceptor, of_node: OfNode<'_>, limits: Limits, spot: &Spot<'_>) -> Result<Acceptor, ConfigError> {
    let raw::Acceptor { host, port, port_range, announce_port, registered, networks, tls, danger_plaintext, cookie, link, limits: own } =
        raw;
    let tls = tls::overriding(Place { raw: tls, danger_plaintext, of_node }, spot)?;
    let (port, port_range) = ports(port, port_range, &spot.key("port_range"))?;
    Ok(Acceptor {
        host: host.map(|text| text.parse::<Host>().map_err(|error| spot.key("host").refuse(error))).transpose()?,
        port,
        port_range,
        announce_port: announce_port.map(|port| port_to_dial(port, &spot.key("announce_port"))).transpose()?,
        registered,
        networks: networks.map(|texts| all_networks(&texts, &spot.key("networks"))).transpose()?,
        cert_manager: tls.manager,
        danger_plaintext,
        cookie: cookie::resolve(cookie, &spot.key("cookie"))?,
        tls: tls.policy,
        identity: tls.identity,
        spiffe: tls.spiffe,
        admission: tls.admission,
        rotation: tls.rotation,
        link: link::options(link, &spot.key("link"))?,
        limits: caps(&own.unwrap_or_default(), limits, &spot.key("limits"))?,
    })
}

/// A port alone is that port; neither of the two is the usual ports.
fn ports(port: Option<u16>, range: Option<u16>, spot: &Spot<'_>) -> Result<(u16, u16), ConfigError> {
    let default = Acceptor::default();
    let first = port.unwrap_or(default.port);
    let range = range.unwrap_or(if port.is_some() { 1 } else { default.port_range });
    let most = if first == 0 { 1 } else { u16::MAX - first + 1 };
    within(range.into(), 1..=most.into(), spot)?;
    Ok((first, range))
}

fn all_networks(texts: &[String], spot: &Spot<'_>) -> Result<Vec<Network>, ConfigError> {
    if texts.is_empty() {
        return Err(spot.refuse(Fault::NoNetwork));
    }
    let networks = texts.iter().enumerate();
    networks.map(|(index, text)| text.parse().map_err(|error: crate::net::NotANetwork| spot.index(index).refuse(error))).collect()
}

/// How much an acceptor takes on; what it leaves out is as in `default`.
pub(super) fn caps(raw: &raw::Door, default: Limits, spot: &Spot<'_>) -> Result<Limits, ConfigError> {
    let raw::Door { connections, per_ip, handshakes, silent, handshake_seconds, linger_milliseconds } = *raw;
    let handshake = some_within(handshake_seconds, 1..=120, &spot.key("handshake_seconds"))?;
    let linger = some_within(linger_milliseconds, 0..=60_000, &spot.key("linger_milliseconds"))?;
    Ok(Limits {
        connections: at_least_one(connections, default.connections, &spot.key("connections"))?,
        per_address: at_least_one(per_ip, default.per_address, &spot.key("per_ip"))?,
        handshakes: at_least_one(handshakes, default.handshakes, &spot.key("handshakes"))?,
        silent: at_least_one(silent, default.silent, &spot.key("silent"))?,
        handshake_timeout: handshake.map_or(default.handshake_timeout, Duration::from_secs),
        linger: linger.map_or(default.linger, Duration::from_millis),
    })
}
