//! `names`

use super::console::{Console, Tone};
use super::{Exit, Trouble};
use crate::epmd::{self, Client};
use crate::rt;
use crate::x509::name::printable;
use clap::Args;
use serde::Serialize;
use std::io;

/// List the nodes that are registered at a host's epmd
#[derive(Debug, Args)]
#[command(after_help = "\
Asks the epmd of the host, be it Erlang's or ours, for the nodes and the ports on which they listen.
ERL_EPMD_PORT says on which port to ask, 4369 otherwise.
Exit code 1 if no epmd answers.

Examples:
  countersign names
  countersign names db-1.internal
  countersign names --json")]
pub(crate) struct Names {
    /// The host, by name or address
    #[arg(value_name = "HOST", default_value = "localhost")]
    host: String,
    /// Print an array of objects for programs
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    name: &'a str,
    port: u16,
}

impl Names {
    pub(crate) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let client = Client::from_environment()?;
        let names = rt::block_on(client.names(&self.host))?;
        if self.json {
            let rows: Vec<Row<'_>> = names.nodes.iter().map(|node| Row { name: &node.name, port: node.port }).collect();
            console.json(&rows)?;
        } else {
            self.table(console, &names)?;
        }
        Ok(Exit::Done)
    }

    fn table(&self, console: &mut Console<'_>, names: &epmd::wire::Names) -> io::Result<()> {
        let cell = |text: String| (Tone::Plain, text);
        // Any process of that host may have chosen the name.
        let rows: Vec<_> = names.nodes.iter().map(|node| vec![cell(printable(&node.name)), cell(node.port.to_string())]).collect();
        console.table(&["NAME", "PORT"], &rows)?;
        if rows.is_empty() {
            console.note(format_args!("no node is registered at {}", printable(&self.host)))?;
        }
        if names.unreadable > 0 {
            console.note(format_args!("{} lines of the answer say nothing about a node", names.unreadable))?;
        }
        Ok(())
    }
}
