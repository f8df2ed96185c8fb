//! The section `routes`.

use super::cookie;
use super::error::ConfigError;
use super::fault::Fault;
use super::raw;
use super::resolved::{Shared, port_to_dial, within};
use super::spot::Spot;
use super::tls::{self, Tls, unknown};
use crate::dist::Flags;
use crate::node::{NotAPattern, Place, Route};
use crate::tls::{ExpectedIdentity, NotAnIdentity, ServerName};
use crate::x509::Fingerprint;
use crate::x509::fingerprint::NotAFingerprint;
use std::time::Duration;

pub(super) fn all(raw: Vec<raw::Route>, shared: &Shared, spot: &Spot<'_>) -> Result<Vec<Route>, ConfigError> {
    raw.into_iter().enumerate().map(|(index, raw)| route(raw, shared, &spot.index(index))).collect()
}

fn route(mut raw: raw::Route, shared: &Shared, spot: &Spot<'_>) -> Result<Route, ConfigError> {
    let (server_name, tls) = section(raw.tls.take(), shared, &spot.key("tls"))?;
    let is_plain = tls.manager.is_none() && (shared.is_plain || raw.danger_plaintext);
    refuse_idle(&raw, &[("tls.server_name", server_name.is_some()), ("tls.min_version", tls.policy.is_some())], is_plain, spot)?;
    if raw.danger_plaintext && tls.manager.is_some() {
        return Err(spot.key("tls").refuse(Fault::Idle { beside: PLAIN }));
    }
    let matches = raw.matches.parse().map_err(|error: NotAPattern| spot.key("match").refuse(error))?;
    let deadline = raw.deadline_seconds.map(|seconds| within(seconds, 1..=LONGEST_DEADLINE, &spot.key("deadline_seconds"))).transpose()?;
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
        cookie: cookie::resolve(raw.cookie.take(), &spot.key("cookie"))?,
        withheld: withheld(&raw.withheld_flags, &spot.key("withheld_flags"))?,
        deadline: deadline.map(Duration::from_secs),
        ..Route::matching(matches, place(raw.host, raw.port, raw.epmd, spot)?)
    })
}

/// Its `server_name` is the route's, and is to be had without a certificate of the route's own.
fn section(raw: Option<Option<raw::Tls>>, shared: &Shared, spot: &Spot<'_>) -> Result<(Option<ServerName<'static>>, Tls), ConfigError> {
    match raw {
        Some(Some(raw)) => tls::of_route(raw, spot),
        Some(None) if !shared.is_plain => Err(spot.refuse(Fault::PlainRoute)),
        Some(None) | None => Ok((None, Tls::default())),
    }
}

/// Whatever cannot hold must not look as if it did.
fn refuse_idle(raw: &raw::Route, tls: &[(&'static str, bool)], is_plain: bool, spot: &Spot<'_>) -> Result<(), ConfigError> {
    let of_route = [
        ("identity", raw.identity.is_some()),
        ("pins", !raw.pins.is_empty()),
        ("danger_insecure_skip_verify", raw.danger_insecure_skip_verify),
    ];
    let idle = of_route.iter().chain(tls).find(|(_, is_given)| is_plain && *is_given);
    if let Some((key, _)) = idle {
        return Err(spot.key(key).refuse(Fault::Idle { beside: PLAIN }));
    }
    let proves_nothing = raw.danger_insecure_skip_verify && raw.identity.is_some();
    if proves_nothing { Err(spot.key("identity").refuse(Fault::Idle { beside: "nobody verifies who answers" })) } else { Ok(()) }
}

fn place(host: Option<String>, port: Option<u16>, epmd: Option<u16>, spot: &Spot<'_>) -> Result<Place, ConfigError> {
    let port = port.map(|port| port_to_dial(port, &spot.key("port"))).transpose()?;
    let epmd = epmd.map(|port| port_to_dial(port, &spot.key("epmd"))).transpose()?;
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

fn withheld(names: &[String], spot: &Spot<'_>) -> Result<Flags, ConfigError> {
    let dispensable = Flags::DEFAULT.without(Flags::MANDATORY_25 | Flags::MANDATORY_25_DIGEST);
    let known = dispensable.to_string();
    let known: Vec<&str> = known.split(' ').collect();
    let flags = names.iter().enumerate().map(|(index, name)| {
        let flag = Flags::named(name).filter(|flag| dispensable.contains(*flag));
        flag.ok_or_else(|| spot.index(index).refuse(unknown(name.as_str(), &known)))
    });
    flags.reduce(|one, other| Ok(one? | other?)).unwrap_or(Ok(Flags::NONE))
}

const PLAIN: &str = "the route speaks plain TCP";
const LONGEST_DEADLINE: u64 = 600;
