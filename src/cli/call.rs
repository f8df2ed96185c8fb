//! `call`

use super::access::Access;
use super::console::Console;
use super::{Exit, Trouble};
use crate::etf::{Atom, Term, json};
use crate::node::rpc::Apply;
use crate::node_name::NodeName;
use crate::rt;
use clap::Args;
use std::time::Duration;

/// Call a function of a node, and print what it returns
#[derive(Debug, Args)]
#[command(after_help = "\
The arguments are JSON: an object becomes a map with binaries as keys, an array a list, a string a
binary, and true, false and null atoms. What comes back is printed as JSON; with --erlang, or where
JSON has no word for something in it, such as a tuple, as the Erlang shell would.

A node of OTP runs any function. One of countersign runs what its program has exported, for the
callers on its list; NODE sees this command as a node of its host with a name that NODE has given
to it.
Exit code 1, with the reason, if the function does not return.

Examples:
  countersign call a@localhost erlang node
  countersign call a@localhost lists seq 1 5
  countersign call a@localhost Elixir.String upcase '\"hello\"'
  countersign call a@localhost erlang system_info '\"x\"' --timeout 1 --erlang")]
pub(super) struct Call {
    /// The node
    #[arg(value_name = "NODE")]
    node: NodeName,
    /// The module; one of Elixir is Elixir.NAME
    #[arg(value_name = "MOD")]
    module: Atom,
    /// The function
    #[arg(value_name = "FUN")]
    function: Atom,
    /// Its arguments
    #[arg(value_name = "JSON", allow_negative_numbers = true)]
    arguments: Vec<String>,
    /// Print in Erlang syntax, whatever it is
    #[arg(long)]
    erlang: bool,
    /// How long to wait for it, once the node is reached
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    timeout: u32,
    #[command(flatten)]
    access: Access,
}

impl Call {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let arguments = self.arguments.iter().map(|text| json::parse(text)).collect::<Result<Vec<Term>, _>>()?;
        let what = Apply::new(self.module, self.function, arguments);
        rt::block_on(async {
            let reached = self.access.reach(Some(self.node)).await?;
            let within = Duration::from_secs(self.timeout.into());
            let value = reached.node.erpc(&reached.peer, what, within).await?;
            show(&value, self.erlang, console)?;
            reached.node.stop().await;
            Ok(Exit::Done)
        })
    }
}

fn show(value: &Term, in_erlang: bool, console: &mut Console<'_>) -> Result<(), Trouble> {
    match json::exactly(value).filter(|_| !in_erlang) {
        Some(value) => console.json(&value),
        None => Ok(console.line(value)?),
    }
}
