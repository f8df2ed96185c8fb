//! Meets a peer step by step, and says where it failed.

mod greeting;
mod meeting;
mod ways;

use super::case::Case;
use super::finding::Health;
use super::finding::{Check, Finding, Report};
use super::target::Target;
use crate::failure::Code;
use crate::hint::Hint;
use crate::node::{Address, Place, Route};
use crate::node_name::NodeName;
use crate::rt;
use std::io;
use std::net::SocketAddr;
use ways::Way;

/// Meets one peer, by each of the ways that lead to it.
pub async fn visit(case: &Case, target: &Target) -> Report {
    let mut report = Report::default();
    let mut ways = ways::to(case, target, &mut report).into_iter();
    for way in ways.by_ref() {
        if follow(&way, &mut report).await {
            break;
        }
    }
    for way in ways {
        report.add(Finding::absent(Check::Resolve, way.whom(), "not tried: a node stops at the first way that leads to it"));
    }
    report
}

/// Meets every seed, and everybody for whom there is a route.
pub async fn everybody(case: &Case) -> Report {
    let mut report = Report::default();
    let Some(options) = &case.options else {
        report.add(Finding::absent(Check::Resolve, "seeds and routes", "the configuration must be well before others can be met by it"));
        return report;
    };
    let mut targets: Vec<Target> = options.cluster.seeds.iter().chain(&options.cluster.keep).cloned().map(Target::Node).collect();
    for route in &options.routes {
        match of_route(route) {
            Some(target) if !targets.contains(&target) => targets.push(target),
            Some(_) => {}
            None => report.add(Finding::absent(
                Check::Resolve,
                route.matches.as_str(),
                "the pattern of this route names no single node; try --peer",
            )),
        }
    }
    if targets.is_empty() {
        report.add(Finding::absent(Check::Resolve, "seeds and routes", "there are none"));
    }
    for target in targets.iter().filter(|target| !is_own(case, target)) {
        report.extend(Box::pin(visit(case, target)).await);
    }
    report
}

fn is_own(case: &Case, target: &Target) -> bool {
    matches!((target, &case.name), (Target::Node(node), Some(own)) if node == own)
}

/// The one node that it is for, or else the place it leads to.
fn of_route(route: &Route) -> Option<Target> {
    let text = route.matches.as_str();
    let exact = text.parse::<NodeName>().ok().filter(|name| !text.contains(['*', '?', '^', '\\']) && route.matches.matches(name));
    exact.map(Target::Node).or_else(|| match &route.place {
        Place::At { host: Some(host), port } => Some(Target::Address(Address::new(host.clone(), *port))),
        _ => None,
    })
}

/// Whether it leads to the peer.
async fn follow(way: &Way, report: &mut Report) -> bool {
    let Some((host, port)) = way.find(report).await else { return false };
    let about = at(way, &Address::new(host.clone(), port));
    let addresses = match rt::timeout(way.patience(), rt::resolve(&host, port)).await {
        Ok(Ok(addresses)) => addresses,
        Ok(Err(error)) => {
            report.add(unresolved(&about, &error));
            return false;
        }
        Err(_) => {
            report.add(Finding::of_code(Check::Resolve, about, format!("{host} is not resolved in time"), Code::Timeout));
            return false;
        }
    };
    let all: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
    report.add(Finding::good(Check::Resolve, &about, format!("{host} is {}", all.join(", "))));
    // A node is met once; at its other addresses a connection has to do.
    let mut is_met = false;
    for address in addresses.into_iter().take(MOST_ADDRESSES) {
        is_met |= meet_at(way, &host, address, is_met, report).await;
    }
    is_met
}

fn unresolved(about: &str, error: &io::Error) -> Finding {
    let said = format!("its name cannot be resolved: {error}");
    Finding::of_code(Check::Resolve, about, said, Code::Unreachable)
        .hinting(Hint::fixed("check the spelling, and that this machine's resolver knows the name"))
}

/// Whether a link could have been made.
async fn meet_at(way: &Way, host: &str, address: SocketAddr, is_met: bool, report: &mut Report) -> bool {
    let about = at(way, &address);
    let tcp = match rt::connect(&[address], way.patience()).await {
        Ok(tcp) => tcp,
        Err(error) => {
            // One address of several that answers is enough.
            let finding = Finding::of_code(Check::Connect, &about, error.to_string(), code(&error));
            report.add(if is_met { Finding { health: Health::Absent, ..finding } } else { finding });
            return false;
        }
    };
    report.add(Finding::good(Check::Connect, &about, "a connection of TCP"));
    if is_met {
        return false;
    }
    match greeting::greet(way, host, tcp, (address, &about), report).await {
        Some(connection) => meeting::meet(way, host, connection, (address, &about), report).await,
        None => false,
    }
}

/// Whom was dialled by an address is not named twice.
fn at(way: &Way, place: &impl ToString) -> String {
    let place = place.to_string();
    if way.whom() == place { place } else { format!("{} at {place}", way.whom()) }
}

fn code(error: &io::Error) -> Code {
    if error.kind() == io::ErrorKind::TimedOut { Code::Timeout } else { Code::Unreachable }
}

/// A resolver may name more than a person has patience for.
const MOST_ADDRESSES: usize = 16;
