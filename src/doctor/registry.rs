//! The port mapper: whether it answers, and what it says of us.

use super::case::Case;
use super::finding::{Check, Finding, Report};
use crate::epmd::{AliveName, EpmdError, ServerOptions};
use crate::failure::Code;
use crate::hint::Hint;
use crate::node::{EpmdMode, Mode, NodeOptions, epmd_client};
use crate::rt;
use std::net::SocketAddr;

pub(super) async fn examine(case: &Case, runs: bool, report: &mut Report) {
    let Some(options) = &case.options else {
        return report.add(Finding::absent(Check::Epmd, "epmd", "not asked: what is wrong with the configuration comes first"));
    };
    let Some(name) = &case.name else {
        return report.add(Finding::absent(Check::Epmd, "epmd", "not asked: the node's name is not known, and nobody says it (--name)"));
    };
    if matches!(options.epmd, EpmdMode::Off) || options.mode != Mode::ListenAndDial {
        return report.add(Finding::absent(Check::Epmd, "epmd", "the node tells no epmd of itself: peers need a route"));
    }
    let client = match epmd_client(&options.epmd) {
        Ok(client) => client,
        Err(error) => return report.add(Finding::bad(Check::Epmd, "epmd", &error)),
    };
    let Ok(alive) = AliveName::new(name.name()) else { return };
    let about = format!("epmd at port {}", client.port());
    report.add(match client.lookup(&alive, LOOPBACK).await {
        // Without a configuration the port may have been chosen on the command line.
        Ok(entry) if case.source.is_none() => Finding::good(Check::Epmd, about, format!("it knows us, at port {}", entry.port)),
        Ok(entry) => of_entry(&about, entry.port, options),
        Err(EpmdError::NotRegistered { .. }) if runs => {
            Finding::of_code(Check::Epmd, about, format!("our node runs, and this epmd does not know {name}"), Code::Unreachable)
                .hinting(Hint::fixed("another epmd was started since, or the node registers elsewhere: restart the node"))
        }
        Err(EpmdError::NotRegistered { .. }) => Finding::good(Check::Epmd, about, format!("it answers, and nobody is {name} yet")),
        Err(EpmdError::Unreachable { .. }) if starts_one(options) => match unusable(options) {
            Some(error) => Finding::bad(Check::Epmd, about, &error),
            None => Finding::absent(Check::Epmd, about, "nobody answers: the node starts one of its own"),
        },
        Err(error) => Finding::bad(Check::Epmd, about, &error),
    });
}

const fn starts_one(options: &NodeOptions) -> bool {
    matches!(options.epmd, EpmdMode::Auto | EpmdMode::Embedded(_))
}

/// Why the node's own epmd could not listen.
fn unusable(options: &NodeOptions) -> Option<EpmdError> {
    let server = match &options.epmd {
        EpmdMode::Embedded(server) => server.clone(),
        _ => ServerOptions::from_environment().ok()?,
    };
    let addresses = server.addresses.iter().map(|&address| SocketAddr::new(address, server.port));
    addresses.filter_map(|address| Some(EpmdError::Port { address, source: rt::probe(address).err()? })).next()
}

fn of_entry(about: &str, port: u16, options: &NodeOptions) -> Finding {
    let is_ours = options.acceptors.iter().any(|acceptor| {
        let listens = acceptor.port == 0 || port.checked_sub(acceptor.port).is_some_and(|above| above < acceptor.port_range);
        listens || acceptor.announce_port == Some(port)
    });
    if is_ours {
        return Finding::good(Check::Epmd, about, format!("it knows us, at port {port}"));
    }
    let said = format!("it says that we are at port {port}, where none of our acceptors listens");
    Finding::of_code(Check::Epmd, about, said, Code::WrongNode)
        .hinting(Hint::fixed("another node of this name runs here, or our node runs with another configuration"))
}

const LOOPBACK: &str = "127.0.0.1";
