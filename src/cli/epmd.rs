//! `epmd`

use super::console::Console;
use super::logging::{LogFlags, Wanted};
use super::{Exit, Trouble};
use crate::epmd::{Server, ServerOptions};
use crate::rt;
use clap::Args;
use std::net::IpAddr;

/// Run the Erlang port mapper, which tells nodes where other nodes listen
#[derive(Debug, Args)]
#[command(after_help = "\
Serves Erlang nodes and countersign nodes alike, until it is ended (Ctrl-C, SIGTERM). A node that
finds no epmd starts one of its own; this command is for a host where epmd should outlive its nodes.

Nodes of this host register at 127.0.0.1, which is always listened on. Other hosts may ask, not
register. Requests to kill epmd or to remove a node (epmd -kill, epmd -stop) are refused.

Without options, ERL_EPMD_ADDRESS and ERL_EPMD_PORT say where, as for Erlang's own epmd.
Exit code 1 if the port cannot be opened.

Examples:
  countersign epmd
  countersign epmd --address 127.0.0.1
  countersign epmd --address 192.0.2.7 --port 4370")]
pub(crate) struct Epmd {
    /// Listen on this address, besides 127.0.0.1; can be repeated [default: every IPv4 address]
    #[arg(long, value_name = "A", value_delimiter = ',')]
    address: Vec<IpAddr>,
    /// The port; 0 lets the system choose [default: 4369]
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    #[command(flatten)]
    log: LogFlags,
}

impl Epmd {
    pub(super) fn log(&self) -> Result<Wanted, Trouble> {
        Wanted::beside_remarks(self.log)
    }

    pub(crate) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let options = self.options()?;
        rt::block_on(async {
            let server = Server::bind(options).await?;
            for address in server.local_addrs() {
                console.note(format_args!("epmd listens on {address}"))?;
            }
            // A signal ends the process; there is nothing to write or to close first.
            std::future::pending().await
        })
    }

    fn options(self) -> Result<ServerOptions, Trouble> {
        let mut options = ServerOptions::from_environment()?;
        if let Some(port) = self.port {
            options.port = port;
        }
        if !self.address.is_empty() {
            options.addresses = self.address;
        }
        Ok(options)
    }
}
