//! What a process says about itself: its name, its label, how it takes exits.

use super::Process;
use crate::etf::{Atom, Pid, Term};
use crate::node::registry::NameRefused;

impl Process {
    /// Gives this process a name.
    ///
    /// # Errors
    /// Another process has it.
    pub fn register(&mut self, name: Atom) -> Result<(), NameRefused> {
        self.core.registry.register(name, &self.body.pid)
    }

    /// Says what this process is, to whoever looks at it with [`Node::process_info`](crate::node::Node::process_info):
    /// as `proc_lib:set_label/1` of OTP 27 does.
    pub fn set_label(&mut self, label: impl Into<Term>) {
        let label = label.into();
        self.body.ties().label = Some(label);
    }

    /// Whether the ends of linked processes come as [`Mail::Exit`](crate::node::Mail::Exit) instead of ending this one.
    pub fn trap_exits(&mut self, traps: bool) {
        self.body.ties().traps_exits = traps;
    }

    /// To whom this process is linked.
    pub fn links(&self) -> Vec<Pid> {
        self.body.ties().links.iter().filter(|(_, bond)| bond.unlinking.is_none()).map(|(other, _)| other.clone()).collect()
    }
}
