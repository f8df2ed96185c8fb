//! The processes that every node has: those that OTP looks for at its peers, and our own.

mod admin;
mod net_kernel;
mod rex;
mod status;

use super::core::Core;
use super::outcome::Outcome;
use super::process::Process;
use crate::etf::Atom;
use std::future::Future;
use std::sync::Arc;

/// Starts them all.
pub(super) fn start(core: &Arc<Core>) {
    start_as(core, "net_kernel", net_kernel::run);
    start_as(core, "rex", rex::run);
    start_as(core, "countersign", admin::run);
}

fn start_as<F, Fut>(core: &Arc<Core>, name: &'static str, run: F)
where
    F: FnOnce(Process) -> Fut + Send + 'static,
    Fut: Future<Output: Outcome> + Send + 'static,
{
    let pid = core.spawn_process(run);
    if let Err(error) = core.registry.register(Atom::fixed(name), &pid) {
        log::error!(target: "countersign::node", name, error:%; "a process of the node has no name");
    }
}
