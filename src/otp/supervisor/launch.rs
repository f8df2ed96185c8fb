//! How a supervisor begins: on a node, linked to a process, or as a child.

use super::Supervisor;
use super::error::SupervisorError;
use super::handle::SupervisorRef;
use super::ready::{Ready, Said, until_ready};
use super::run::Running;
use super::spec::Started;
use crate::etf::{Pid, Term, atom};
use crate::node::{Bound, Node, Process, SpawnOptions};

pub(super) async fn on_node(supervisor: Supervisor, node: &Node) -> Result<SupervisorRef, SupervisorError> {
    supervisor.check()?;
    let (ready, said) = Ready::new();
    let running = running(supervisor.clone(), None, ready);
    let pid = node.spawn_with(options(&supervisor), running)?;
    begun(pid, said).await
}

pub(super) async fn linked(supervisor: Supervisor, process: &mut Process) -> Result<SupervisorRef, SupervisorError> {
    supervisor.check()?;
    let (pid, said) = spawn_link(supervisor, process)?;
    begun(pid, said).await
}

/// Under another supervisor, which traps exits.
pub(super) async fn child(supervisor: Supervisor, parent: &mut Process) -> Result<Started, Term> {
    supervisor.check().map_err(Term::from)?;
    let (pid, said) = spawn_link(supervisor, parent).map_err(|error| error.to_reason())?;
    until_ready(parent, pid, said).await
}

fn spawn_link(supervisor: Supervisor, process: &mut Process) -> Result<(Pid, Said), SupervisorError> {
    let (ready, said) = Ready::new();
    let options = options(&supervisor);
    let running = running(supervisor, Some(process.pid().clone()), ready);
    let pid = process.spawn_with(Bound::Linked, options, running)?.pid;
    Ok((pid, said))
}

fn options(supervisor: &Supervisor) -> SpawnOptions {
    SpawnOptions { name: supervisor.name.clone(), label: Some(atom("supervisor")), ..SpawnOptions::default() }
}

fn running(
    supervisor: Supervisor,
    parent: Option<Pid>,
    ready: Ready,
) -> impl FnOnce(Process) -> futures_util::future::BoxFuture<'static, Term> + Send {
    // Boxed: a supervisor's children may be supervisors.
    move |process| Box::pin(Running::new(process, supervisor, parent).run(ready))
}

async fn begun(pid: Pid, said: Said) -> Result<SupervisorRef, SupervisorError> {
    match said.recv().await {
        Ok(Ok(())) => Ok(SupervisorRef::of(pid)),
        Ok(Err(reason)) => Err(SupervisorError::NotStarted { reason }),
        // Somebody ended it meanwhile.
        Err(_) => Err(SupervisorError::NotStarted { reason: atom("killed") }),
    }
}
