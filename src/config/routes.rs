//! The section `routes`.

use super::error::ConfigError;
use super::fault::Fault;
use super::numbers::{port_to_dial, some_within, step};
use super::raw;
use super::spot::Spot;
use super::{cookie, link, tls};
use crate::node::{NotANodePattern, Place, Route};
use crate::tls::{ExpectedIdentity, NotAnIdentity};
use crate::x509::Fingerprint;
use crate::x509::fingerprint::NotAFingerprint;
use std::time::Duration;

pub(super) fn all(raw: Vec<raw::Route>, is_plain: bool, spot: &Spot<'_>) -> Result<Vec<Route>, ConfigError> {
    raw.into_iter().enumerate().map(|(index, raw)| route(raw, is_plain, &spot.index(index))).collect()
}

fn route(mut raw: raw::Route, is_plain: bool, spot: &Spot<'_>) -> Result<Route, ConfigError> {
    let section = tls::Place { raw: raw.tls.take(), danger_plaintext: raw.danger_plaintext, is_plain };
    let (server_name, tls) = tls::of_route(section, spot)?;
    let speaks_plain = tls.manager.is_none() && (is_plain || raw.danger_plaintext);
    refuse_idle(&raw, &[("server_name", server_name.is_some()), ("min_version", tls.policy.is_some())], speaks_plain, spot)?;
    let matches = raw.matches.parse().map_err(|error: NotANodePattern| spot.key("match").refuse(error))?;
    let deadline = some_within(raw.deadline_seconds, 1..=LONGEST_DEADLINE, &spot.key("deadline_seconds"))?;
    Ok(Route {
        weight: raw.weight.unwrap_or_default(),
        discovery: raw.discovery,
        cert_manager: tls.manager,
        danger_plaintext: raw.danger_plaintext,
        server_name,
        expects: expected(raw.identity.as_deref(), &spot.key("identity"))?,
        pins: pins(&raw.pins, &spot.key("pins"))?,
        danger_insecure_skip_verify: raw.danger_insecure_skip_verify,
        tls: tls.policy,
        identity: tls.identity,
        spiffe: tls.spiffe,
        admission: tls.admission,
        cookie: cookie::resolve(raw.cookie.take(), &spot.key("cookie"))?,
        connect_timeout: step(raw.connect_seconds, &spot.key("connect_seconds"))?,
        handshake_timeout: step(raw.handshake_seconds, &spot.key("handshake_seconds"))?,
        deadline: deadline.map(Duration::from_secs),
        link: link::options(raw.link.take(), &spot.key("link"))?,
        ..Route::matching(matches, place(&raw, spot)?)
    })
}

/// Whatever cannot hold must not look as if it did.
fn refuse_idle(raw: &raw::Route, tls: &[(&'static str, bool)], speaks_plain: bool, spot: &Spot<'_>) -> Result<(), ConfigError> {
    let of_route = [
        ("identity", raw.identity.is_some()),
        ("pins", !raw.pins.is_empty()),
        ("danger_insecure_skip_verify", raw.danger_insecure_skip_verify),
    ];
    let given = |settings: &[(&'static str, bool)]| settings.iter().find(|(_, is_given)| *is_given && speaks_plain).map(|(key, _)| *key);
    let at_route = given(&of_route).map(|key| spot.key(key));
    if let Some(at) = at_route.or_else(|| Some(spot.key("tls").key(given(tls)?))) {
        return Err(at.refuse(Fault::Idle { beside: "the route speaks plain TCP" }));
    }
    let proves_nothing = raw.danger_insecure_skip_verify && raw.identity.is_some();
    if proves_nothing { Err(spot.key("identity").refuse(Fault::Idle { beside: "nobody verifies who answers" })) } else { Ok(()) }
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

fn pins(texts: &[String], spot: &Spot<'_>) -> Result<Vec<Fingerprint>, ConfigError> {
    let refuse = |index, error: NotAFingerprint| spot.index(index).refuse(error);
    texts.iter().enumerate().map(|(index, text)| text.parse().map_err(|error| refuse(index, error))).collect()
}

const LONGEST_DEADLINE: u64 = 600;
