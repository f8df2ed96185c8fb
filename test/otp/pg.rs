//! Process groups.

mod cluster;
mod hostile;
mod model;
mod scope;
mod watching;

use crate::world::eventually;
use countersign::etf::{Pid, Term};
use countersign::node::Node;
use countersign::otp::pg::{Scope, ScopeOptions};
use std::time::Duration;

/// A scope called `pg`.
async fn pg(node: &Node) -> Scope {
    Scope::start(node, "pg").await.unwrap()
}

/// One that has news of peers by their own doing alone: it hardly ever looks around.
async fn patient(node: &Node) -> Scope {
    with_look(node, Duration::from_secs(3600)).await
}

/// One that looks around all the time.
async fn curious(node: &Node) -> Scope {
    with_look(node, Duration::from_millis(10)).await
}

async fn with_look(node: &Node, look_around: Duration) -> Scope {
    Scope::start_with(node, "pg", ScopeOptions { look_around, ..ScopeOptions::default() }).await.unwrap()
}

/// Waits until these are in the group, and nobody else.
#[track_caller]
fn holds(scope: &Scope, group: &Term, pids: &[&Pid]) {
    let mut wanted: Vec<Pid> = pids.iter().copied().cloned().collect();
    wanted.sort();
    eventually(&format!("{wanted:?} are in {group} as {} has it", scope.pid()), || sorted(scope, group) == wanted);
}

fn sorted(scope: &Scope, group: &Term) -> Vec<Pid> {
    let mut members = scope.members(group).to_vec();
    members.sort();
    members
}
