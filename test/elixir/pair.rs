//! A node of Elixir and one of ours that have a link.

use crate::otp::{Otp, Transport, elixir_is_here};
use crate::puppet::{Puppet, in_time};
use crate::world::World;
use countersign::etf::{Atom, Pid, Term};
use countersign::node::rpc::Functions;
use countersign::node::{Destination, Node, NodeOptions};
use countersign::node_name::NodeName;

#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) elixir: Otp,
    pub(crate) rust: Node,
    _world: World,
}

impl Pair {
    /// `elixir@localhost` has connected to `rust@localhost`, over TLS 1.3. Nothing, and a word about it, where Elixir is
    /// not installed.
    pub(crate) fn new(test: &str) -> Option<Self> {
        Self::exporting(test, Functions::new())
    }

    /// The same, and the node of ours exports these.
    pub(crate) fn exporting(test: &str, functions: Functions) -> Option<Self> {
        let world = elixir_is_here(test).then(|| World::new(test))??;
        let options = NodeOptions { functions, ..world.options("rust@localhost", Transport::Tls13) };
        let rust = in_time(Node::start("rust@localhost", options)).unwrap();
        let elixir = world.otp("elixir@localhost").start_in_elixir();
        let pair = Self { elixir, rust, _world: world };
        assert_eq!(pair.eval("Node.connect(:rust@localhost)"), "true");
        Some(pair)
    }

    #[track_caller]
    pub(crate) fn eval(&self, expression: &str) -> String {
        self.elixir.eval(expression)
    }

    /// Whoever has this name there.
    pub(crate) fn there(&self, process: &'static str) -> Destination {
        Destination::NameAt(Atom::fixed(process), them())
    }

    /// What an expression there is worth, as a term.
    #[track_caller]
    pub(crate) fn term(&self, expression: &str) -> Term {
        let inbox = Puppet::named(&self.rust, "inbox");
        self.eval(&format!("send({{:inbox, :rust@localhost}}, ({expression}))"));
        let term = inbox.term();
        self.rust.unregister("inbox");
        term
    }

    /// The pid that an expression there is worth.
    #[track_caller]
    pub(crate) fn pid(&self, expression: &str) -> Pid {
        self.term(expression).as_pid().cloned().unwrap()
    }

    pub(crate) fn end(self) {
        in_time(self.rust.stop());
        self.elixir.stop();
    }
}

pub(crate) fn them() -> NodeName {
    "elixir@localhost".parse().unwrap()
}
