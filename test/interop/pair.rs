//! A node of OTP and one of ours that have a link.

use crate::otp::{Otp, Transport};
use crate::puppet::{Puppet, in_time};
use crate::world::World;
use countersign::etf::{Atom, Pid};
use countersign::node::{Destination, Node};
use countersign::node_name::NodeName;

/// Who dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialled {
    ByThem,
    ByUs,
}

#[derive(Debug)]
pub(crate) struct Pair<'a> {
    pub(crate) x: &'a Otp,
    pub(crate) a: Node,
}

/// Runs a test over every transport and with a link that either side has dialled.
pub(crate) fn each_way(test: &str, run: impl Fn(&Pair<'_>)) {
    let Some(world) = World::new(test) else { return };
    for transport in Transport::ALL {
        let x = world.otp("x@localhost").over(transport).start();
        for dialled in [Dialled::ByThem, Dialled::ByUs] {
            let a = world.node(if dialled == Dialled::ByThem { "a@localhost" } else { "z@localhost" }, transport);
            let pair = Pair::of(&x, a, dialled);
            run(&pair);
            in_time(pair.a.stop());
        }
    }
}

impl<'a> Pair<'a> {
    #[track_caller]
    pub(crate) fn of(x: &'a Otp, a: Node, dialled: Dialled) -> Self {
        match dialled {
            Dialled::ByThem => assert_eq!(x.eval(&format!("net_adm:ping('{}')", a.name())), "pong"),
            Dialled::ByUs => {
                in_time(a.connect(&name(x.name()))).unwrap();
                // Their side of the handshake ends a little later than ours; whoever answers this has ended it.
                in_time(a.ping(&name(x.name()))).unwrap();
            }
        }
        Self { x, a }
    }

    /// The name of their node.
    pub(crate) fn them(&self) -> NodeName {
        name(self.x.name())
    }

    /// Whoever has this name at their node.
    pub(crate) fn there(&self, process: &'static str) -> Destination {
        Destination::NameAt(Atom::fixed(process), self.them())
    }

    /// Evaluates there, with OUR standing for the name of our node.
    #[track_caller]
    pub(crate) fn eval(&self, expression: &str) -> String {
        self.x.eval(&self.with_name(expression))
    }

    #[track_caller]
    pub(crate) fn begin(&self, expression: &str) -> crate::otp::Pending {
        self.x.begin(&self.with_name(expression))
    }

    /// Has a puppet of theirs evaluate this.
    #[track_caller]
    pub(crate) fn tell(&self, puppet: &str, expression: &str) -> String {
        self.eval(&format!("counterpart:tell({puppet}, fun() -> {expression} end)"))
    }

    /// A puppet of theirs of this name, and its pid.
    #[track_caller]
    pub(crate) fn puppet(&self, puppet: &str) -> Pid {
        let inbox = Puppet::named(&self.a, "inbox");
        self.eval(&format!("{{inbox, OUR}} ! counterpart:puppet({puppet})"));
        let pid = inbox.term().as_pid().unwrap().clone();
        self.a.unregister("inbox");
        pid
    }

    /// Makes the pid of a puppet of ours known to them, as the persistent term of this name.
    #[track_caller]
    pub(crate) fn introduce(&self, puppet: &Puppet, name: &'static str) {
        self.eval("counterpart:forget()");
        puppet.send(self.there("collector"), puppet.pid().into()).unwrap();
        let known = format!("[Pid] = counterpart:collected(1), persistent_term:put({name}, Pid), counterpart:forget()");
        assert_eq!(self.eval(&known), "ok");
    }

    /// Returns when either node has heard what the other one has said so far.
    #[track_caller]
    pub(crate) fn settle(&self) {
        in_time(self.a.ping(&self.them())).unwrap();
        assert_eq!(self.eval("net_adm:ping(OUR)"), "pong");
    }

    fn with_name(&self, expression: &str) -> String {
        expression.replace("OUR", &format!("'{}'", self.a.name()))
    }
}

#[track_caller]
pub(crate) fn name(text: &str) -> NodeName {
    text.parse().unwrap()
}
