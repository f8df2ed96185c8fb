//! The section `routes`.

use super::error::ConfigError;
use super::fault::Fault;
use super::numbers::{port_to_dial, some_within, step};
use super::raw;
use super::spot::Spot;
use super::tls::OfNode;
use super::{cookie, link, tls};
use crate::node::{NotANodePattern, Place, Route};
use crate::tls::{ExpectedIdentity, NotAnIdentity};
use std::time::Duration;

pub(super) fn all(raw: Vec<raw::Route>, of_node: OfNode<'_>, spot: &Spot<'_>) -> Result<Vec<Route>, ConfigError> {
    raw.into_iter().enumerate().map(|(index, raw)| route(raw, of_node, &spot.index(index))).collect()
}

pub(super) fn route(mut raw: raw::Route, of_node: OfNode<'_>, spot: &Spot<'_>) -> Result<Route, ConfigError> {
    let of_tls = raw.tls.iter().flatten().find_map(only_tls);
    let section = tls::Place { raw: raw.tls.take(), danger_plaintext: raw.danger_plaintext, of_node };
    let (server_name, tls) = tls::of_route(section, spot)?;
    let speaks_plain = tls.manager.is_none() && (of_node.is_plain || raw.danger_plaintext);
    refuse_idle(&raw, of_tls, speaks_plain, spot)?;
    let matches = raw.matches.parse().map_err(|error: NotANodePattern| spot.key("match").refuse(error))?;
    let deadline = some_within(raw.deadline_seconds, 1..=LONGEST_DEADLINE, &spot.key("deadline_seconds"))?;
    Ok(Route {
        weight: raw.weight.unwrap_or_default(),
        discovery: raw.discovery,
        cert_manager: tls.manager,
        danger_plaintext: raw.danger_plaintext,
        server_name,
        expects: expected(raw.identity.as_deref(), &spot.key("identity"))?,
        danger_insecure_skip_verify: raw.danger_insecure_skip_verify,
        tls: tls.policy,
        identity: tls.identity,
        spiffe: tls.spiffe,
        admission: tls.admission,
        rotation: tls.rotation,
        cookie: cookie::resolve(raw.cookie.take(), &spot.key("cookie"))?,
        connect_timeout: step(raw.connect_seconds, &spot.key("connect_seconds"))?,
        handshake_timeout: step(raw.handshake_seconds, &spot.key("handshake_seconds"))?,
        deadline: deadline.map(Duration::from_secs),
        link: link::options(raw.link.take(), &spot.key("link"))?,
        ..Route::matching(matches, place(&raw, spot)?)
    })
}

/// Whatever cannot hold must not look as if it did.
fn refuse_idle(raw: &raw::Route, of_tls: Option<&'static str>, speaks_plain: bool, spot: &Spot<'_>) -> Result<(), ConfigError> {
    let of_route = [("identity", raw.identity.is_some()), ("danger_insecure_skip_verify", raw.danger_insecure_skip_verify)];
    let at_route = of_route.iter().find(|(_, is_given)| *is_given).map(|(key, _)| spot.key(key));
    let at = at_route.or_else(|| of_tls.map(|key| spot.key("tls").key(key)));
    if let Some(at) = at.filter(|_| speaks_plain) {
        return Err(at.refuse(Fault::Idle { beside: "the route speaks plain TCP" }));
    }
    let proves_nothing = raw.danger_insecure_skip_verify && raw.identity.is_some();
    if proves_nothing { Err(spot.key("identity").refuse(Fault::Idle { beside: "nobody verifies who answers" })) } else { Ok(()) }
}

/// A key of the section that means something on TLS alone.
fn only_tls(raw: &raw::Tls) -> Option<&'static str> {
    let settings = [
        ("server_name", raw.server_name.is_some()),
        ("min_version", raw.min_version.is_some()),
        ("crl", raw.crl.is_some()),
        ("pins", raw.pins.is_some()),
    ];
    settings.iter().find(|(_, is_given)| *is_given).map(|(key, _)| *key)
}

fn place(raw: &raw::Route, spot: &Spot<'_>) -> Result<Place, ConfigError> {
    let port = raw.port.map(|port| port_to_dial(port, &spot.key("port"))).transpose()?;
    let epmd = raw.epmd.map(|port| port_to_dial(port, &spot.key("epmd"))).transpose()?;
    let host = raw.host.clone();
    match (port, epmd) {
        (Some(_), Some(_)) => Err(spot.key("epmd").refuse(Fault::Twice { other: "port" })),
        (Some(port), None) => Ok(Place::At { host, port }),
        (None, port) => Ok(Place::Epmd { host, port }),
    }
}

fn expected(text: Option<&str>, spot: &Spot<'_>) -> Result<Option<ExpectedIdentity>, ConfigError> {
    text.map(|text| text.parse().map_err(|error: NotAnIdentity| spot.refuse(error))).transpose()
}

const LONGEST_DEADLINE: u64 = 600;
