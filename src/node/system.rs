//! The processes that every node has: those that OTP looks for at its peers, and our own.

mod admin;
mod ca_use;
mod disconnect;
mod facts;
mod global;
mod links;
mod net_kernel;
mod rex;
mod rotate;
mod sources;
mod status;
mod user;

pub(super) use facts::fields;

use super::core::Core;
use super::options::Visibility;
use super::outcome::Outcome;
use super::process::Process;
use crate::etf::{Atom, Pid};
use crate::observe::Event;
use crate::rt;
use crate::rt::channel::{Receiver, bounded};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Starts them all.
pub(super) fn start(core: &Arc<Core>) {
    start_as(core, "net_kernel", net_kernel::run);
    start_as(core, "rex", rex::run);
    start_as(core, "user", user::run);
    start_as(core, "countersign", admin::run);
    if core.settings.visibility == Visibility::Visible {
        start_as(core, global::NAME, global::run);
    }
}

/// Starts a process, and again whenever it panics: nothing else ends it but the node.
fn start_as<F, Fut>(core: &Arc<Core>, name: &'static str, run: F)
where
    F: Fn(Process) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output: Outcome> + Send + 'static,
{
    let first = begin(core, name, run.clone());
    let keeping = keep(Arc::clone(core), name, run, first);
    match rt::spawn("keeper", keeping) {
        Ok(task) => task.detach(),
        Err(error) => {
            log::error!(target: "countersign::node", event:% = Event::TaskNotStarted, name, error:%; "nobody keeps a process of the node")
        }
    }
}

/// A process, and what closes with it.
struct Kept {
    pid: Pid,
    ended: Receiver<()>,
}

fn begin<F, Fut>(core: &Arc<Core>, name: &'static str, run: F) -> Kept
where
    F: FnOnce(Process) -> Fut + Send + 'static,
    Fut: Future<Output: Outcome> + Send + 'static,
{
    let (living, ended) = bounded(1);
    let pid = core.spawn_own(move |process| async move {
        let _living = living;
        run(process).await
    });
    if let Err(error) = core.registry.register(Atom::fixed(name), &pid) {
        log::error!(target: "countersign::node", event:% = Event::ProcessNotStarted, name, error:%; "a process of the node has no name");
    }
    Kept { pid, ended }
}

async fn keep<F, Fut>(core: Arc<Core>, name: &'static str, run: F, mut kept: Kept)
where
    F: Fn(Process) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output: Outcome> + Send + 'static,
{
    loop {
        // It says nothing, and closes.
        let _ = kept.ended.recv().await;
        // Its name is free only then.
        core.when_changed(|| core.body(&kept.pid).is_none()).await;
        if core.stopping.load(Ordering::SeqCst) {
            return;
        }
        log::error!(target: "countersign::node", event:% = Event::ProcessRestarted, name; "a process of the node has ended, and is started again");
        rt::sleep(PACE).await;
        if core.stopping.load(Ordering::SeqCst) {
            return;
        }
        kept = begin(&core, name, run.clone());
    }
}

/// Whoever finds what makes it panic does not make the node do nothing else.
const PACE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::Cookie;
    use crate::epmd;
    use crate::etf::{Creation, atom};
    use crate::node::NodeOptions;
    use crate::node::mail::Message;
    use crate::node::settings::Settings;

    async fn fragile(mut process: Process) {
        process.receive().await;
        panic!("as this test wants it");
    }

    #[test]
    fn a_process_of_the_node_that_panics_is_there_again_under_its_name() {
        let options = NodeOptions { danger_plaintext: true, cookie: Some(Cookie::new(b"x".to_vec())), ..NodeOptions::default() };
        let settings = Settings::new(&options, epmd::Client::at(1)).unwrap();
        let core = Core::new("a@localhost".parse().unwrap(), Creation(7), settings);
        start_as(&core, "fragile", fragile);
        let named = || core.registry.named(&Atom::fixed("fragile"));
        let first = named().unwrap();
        core.put(&first, Message { term: atom("boo"), peer: None });
        rt::block_on(async {
            while named().is_none_or(|body| body.pid == first.pid) {
                rt::sleep(Duration::from_millis(5)).await;
            }
            core.stop().await;
        });
        assert_eq!(core.registry.count(), 0);
    }
}
