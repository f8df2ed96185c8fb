//! Where acceptors listen, and where routes lead.

use super::values::{text, texts};
use super::{Place, Sheet};
use crate::node::{self, Acceptor, Route};
use serde_json::Value;

pub(super) fn of_acceptor(index: usize, acceptor: &Acceptor, sheet: &mut Sheet<'_>) {
    let place = Place::Acceptor(index);
    sheet.row(place.key("host"), text(acceptor.host.as_ref()), &[]);
    sheet.row(place.key("port"), acceptor.port, &[]);
    // A port that is said stands for itself alone.
    sheet.row(place.key("port_range"), acceptor.port_range, &[place.key("port")]);
    sheet.row(place.key("announce_port"), acceptor.announce_port, &[]);
    sheet.row(place.key("registered"), acceptor.registered, &[]);
    sheet.row(place.key("networks"), acceptor.networks.as_ref().map_or(Value::Null, texts), &[]);
    let limits = &acceptor.limits;
    let mut limit = |key: &str, value: Value| sheet.shared(place, &format!("limits.{key}"), &format!("limits.{key}"), value);
    limit("connections", limits.connections.into());
    limit("per_ip", limits.per_address.into());
    limit("handshakes", limits.handshakes.into());
    limit("silent", limits.silent.into());
    limit("linger_milliseconds", u64::try_from(limits.linger.as_millis()).unwrap_or(u64::MAX).into());
}

pub(super) fn of_route(index: usize, route: &Route, sheet: &mut Sheet<'_>) {
    let place = Place::Route(index);
    sheet.row(place.key("match"), route.matches.to_string(), &[]);
    sheet.row(place.key("weight"), route.weight, &[]);
    let (host, port, epmd) = match &route.place {
        node::Place::At { host, port } => (host.clone(), Some(*port), None),
        node::Place::Epmd { host, port } => (host.clone(), None, *port),
        // No configuration can say it.
        node::Place::Found(_) => (None, None, None),
    };
    sheet.row(place.key("host"), host, &[]);
    sheet.row(place.key("port"), port, &[]);
    sheet.row(place.key("epmd"), epmd, &[]);
    sheet.row(place.key("discovery"), route.discovery, &[]);
}
