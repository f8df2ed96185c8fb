//! Lists that can be changed while the node runs.

use super::shown::{Shown, Subject};
use super::{Admission, NotAdmitted, Pattern, judge};
use crate::node_name::NodeName;
use crate::observe;
use crate::rt::Event;
use crate::tls::{Changes, Watcher};
use arc_swap::ArcSwap;
use std::sync::Arc;

/// The lists of a node, an acceptor or a route. Whoever holds it can exchange them at any time: the next peer is held
/// against the new ones. Clones are one and the same, also those in options that are cloned for several nodes.
///
/// ```
/// use countersign::node::{Admission, AdmissionHandle, NodeOptions, Pattern};
///
/// let admission = AdmissionHandle::new(Admission::new().allow("dns:*.db.internal")?);
/// let options = NodeOptions { admission: admission.clone(), ..NodeOptions::default() };
/// // Later, while the node runs:
/// let stolen: Pattern = "cn:stolen-laptop".parse()?;
/// admission.change(|lists| lists.clone().denying([stolen.clone()]));
/// assert_eq!(options.admission.current().denied().len(), 1);
/// # Ok::<(), countersign::node::NotAPattern>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct AdmissionHandle(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    lists: ArcSwap<Admission>,
    changed: Event,
    /// The same for those who watch other things, too.
    changes: Changes,
}

impl AdmissionHandle {
    /// To begin with.
    pub fn new(lists: Admission) -> Self {
        Self(Arc::new(Shared { lists: ArcSwap::from_pointee(lists), changed: Event::new(), changes: Changes::default() }))
    }

    /// As they are now.
    pub fn current(&self) -> Arc<Admission> {
        self.0.lists.load_full()
    }

    /// Exchanges both at once.
    pub fn set(&self, lists: Admission) {
        self.change(|_| lists.clone());
    }

    /// Makes new lists of those that are there. Asked again if somebody else has exchanged them meanwhile, so that no
    /// change of another is lost.
    pub fn change(&self, mut change: impl FnMut(&Admission) -> Admission) {
        self.0.lists.rcu(|lists| change(lists));
        let lists = self.current();
        let (allow, deny) = (lists.allowed().len(), lists.denied().len());
        log::info!(target: "countersign::node", event:% = observe::Event::PeerListsReplaced, allow, deny; "lists of who may be a peer exchanged");
        self.0.changed.notify(usize::MAX);
        self.0.changes.tell();
    }

    /// Told after each change.
    pub fn changes(&self) -> &Changes {
        &self.0.changes
    }

    /// Returns when the lists are no longer these ones. Who judges by what [`AdmissionHandle::current`] returned, and
    /// then waits with it, misses no change.
    pub async fn changed_from(&self, lists: &Arc<Admission>) {
        loop {
            let changed = self.0.changed.listen();
            if !Arc::ptr_eq(&self.0.lists.load(), lists) {
                return;
            }
            changed.await;
        }
    }
}

impl From<Admission> for AdmissionHandle {
    fn from(lists: Admission) -> Self {
        Self::new(lists)
    }
}

/// The lists that hold at an acceptor or on a route: the node's, and its own.
#[derive(Clone, Debug)]
pub struct Gate {
    node: AdmissionHandle,
    own: Option<AdmissionHandle>,
}

impl Gate {
    pub(in crate::node) fn new(node: &AdmissionHandle, own: Option<&AdmissionHandle>) -> Self {
        Self { node: node.clone(), own: own.cloned() }
    }

    /// Whether a peer may come in, or be gone to.
    ///
    /// # Errors
    /// What is said against it.
    pub fn judge(&self, node: &NodeName, shown: Shown<'_>) -> Result<(), NotAdmitted> {
        self.hold(&Subject::new(Some(node), shown))
    }

    /// Whether a node of this name is worth dialling: nobody has to answer to find that its name is denied.
    pub(in crate::node) fn judge_name(&self, node: &NodeName) -> Result<(), NotAdmitted> {
        let (lists, own) = self.lists();
        judge(&[&lists, &own], &[], &Subject::new(Some(node), Shown::Plain))
    }

    /// Whether somebody who has not said its name yet may say it.
    pub(in crate::node) fn judge_nameless(&self, shown: Shown<'_>) -> Result<(), NotAdmitted> {
        self.hold(&Subject::new(None, shown))
    }

    /// Has a watcher told of changes of either.
    pub(in crate::node) fn watch(&self, watcher: &Arc<Watcher>) {
        [Some(&self.node), self.own.as_ref()].into_iter().flatten().for_each(|handle| handle.changes().watch(watcher));
    }

    /// Both lists as one, as they are now.
    pub fn current(&self) -> Admission {
        let (node, own) = self.lists();
        let allow = if own.allowed().is_empty() { node.allowed() } else { own.allowed() };
        let lists = Admission::new().allowing(allow.iter().cloned());
        lists.denying(node.denied().iter().chain(own.denied()).cloned())
    }

    fn hold(&self, subject: &Subject<'_>) -> Result<(), NotAdmitted> {
        let (node, own) = self.lists();
        let allow: &[Pattern] = if own.allowed().is_empty() { node.allowed() } else { own.allowed() };
        judge(&[&node, &own], allow, subject)
    }

    fn lists(&self) -> (Arc<Admission>, Arc<Admission>) {
        (self.node.current(), self.own.as_ref().map(AdmissionHandle::current).unwrap_or_default())
    }
}
