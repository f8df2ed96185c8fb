//! Lists that may be replaced while nodes run.

use super::files::Files;
use super::successor::Bench;
use super::{CrlPolicy, FileFault, ListRefused, Revocation, RevocationError};
use crate::clock::{Clock, SystemClock, Timestamp};
use crate::observe::Event;
use crate::rt;
use crate::tls::ca_pool::CaPool;
use crate::tls::changes::Changes;
use arc_swap::ArcSwap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// The revocation lists of a listener, dialler or node, behind one atomic pointer. All who share them see a change
/// with their next handshake, and a node judges its open links again.
///
/// ```
/// use countersign::testing::Ca;
/// use countersign::tls::{CrlPolicy, Revocation, RevocationLists, TlsPolicy};
/// use countersign::x509::{RevocationList, pem::Origin};
/// use std::sync::Arc;
///
/// let ca = Ca::new();
/// let bad = ca.agent(&["b"]);
/// let read = |pem: String| Revocation::new(RevocationList::from_pem(&Origin::memory(), pem.as_bytes())?, CrlPolicy::DenyUnknown);
///
/// let lists = RevocationLists::new(read(ca.revocation_list(&[]))?);
/// let policy = TlsPolicy::default().revocation(Arc::clone(&lists));
/// // … and while a node runs with this policy:
/// lists.replace(read(ca.revocation_list(&[&bad]))?)?;
/// assert_eq!(lists.in_force().revocation().facts().next().unwrap().revoked.len(), 1);
/// # drop(policy);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RevocationLists {
    in_force: ArcSwap<InForce>,
    changes: Changes,
    /// Of those who judge by these lists: they know who may sign one.
    pools: Mutex<Vec<Weak<CaPool>>>,
    clock: Arc<dyn Clock>,
    /// Held by whoever makes a change: it is judged against what it replaces.
    source: Mutex<Option<Files>>,
    polling: Mutex<Option<rt::Task>>,
}

/// What counts now.
#[derive(Debug)]
pub struct InForce {
    revocation: Arc<Revocation>,
    since: Timestamp,
}

impl InForce {
    /// The lists, and what to do where they are silent.
    pub const fn revocation(&self) -> &Arc<Revocation> {
        &self.revocation
    }

    /// Since when.
    pub const fn since(&self) -> Timestamp {
        self.since
    }
}

impl RevocationLists {
    /// These lists, until they are replaced.
    pub fn new(revocation: Revocation) -> Arc<Self> {
        Self::on_clock(revocation, Arc::new(SystemClock))
    }

    /// The same, with a clock that says which lists are out of date.
    pub fn on_clock(revocation: Revocation, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self::with(revocation, None, clock))
    }

    /// All lists in these PEM files. They are looked at again when [`Self::reload`] is called, and now and then after
    /// [`Self::poll`]: their bytes, and never their dates. A file that is missing, torn, expired, signed by somebody
    /// else, older than what was in it, or that lacks a CA's list which was in it, changes nothing: it is reported
    /// once, and tried again.
    ///
    /// # Errors
    /// The file or block that cannot be used.
    pub fn from_files(paths: &[PathBuf], policy: CrlPolicy, clock: Arc<dyn Clock>) -> Result<Arc<Self>, RevocationError> {
        let files = Files::open(paths)?;
        let revocation = Revocation::of(files.good(), policy);
        Ok(Arc::new(Self::with(revocation, Some(files), clock)))
    }

    fn with(revocation: Revocation, files: Option<Files>, clock: Arc<dyn Clock>) -> Self {
        let in_force = InForce { revocation: Arc::new(revocation), since: clock.now() };
        Self {
            in_force: ArcSwap::from_pointee(in_force),
            changes: Changes::default(),
            pools: Mutex::default(),
            clock,
            source: Mutex::new(files),
            polling: Mutex::default(),
        }
    }

    /// What counts now, and since when.
    pub fn in_force(&self) -> Arc<InForce> {
        self.in_force.load_full()
    }

    /// Who is told of a change.
    pub const fn changes(&self) -> &Changes {
        &self.changes
    }

    /// Puts other lists in the place of these, the policy too.
    ///
    /// # Errors
    /// They prove less than those in force: a CA's list is missing or older, has expired, or is by another signer. Then
    /// nothing changes.
    pub fn replace(&self, revocation: Revocation) -> Result<(), ListRefused> {
        let source = lock(&self.source);
        if source.is_some() {
            return Err(ListRefused::InFiles);
        }
        self.bench(&self.known_pools()).judge(&revocation.lists, &self.in_force().revocation.lists)?;
        self.put(revocation);
        Ok(())
    }

    /// Looks at the files now; whether anything changed. Without files there is nothing to look at.
    pub fn reload(&self) -> bool {
        let mut source = lock(&self.source);
        let Some(files) = source.as_mut() else { return false };
        let is_changed = files.look(&self.bench(&self.known_pools()));
        if is_changed {
            self.put(Revocation::of(files.good(), self.in_force().revocation.policy));
        }
        is_changed
    }

    /// What is wrong with files whose earlier content therefore stays in force.
    pub fn faults(&self) -> Vec<FileFault> {
        lock(&self.source).as_ref().map(Files::faults).unwrap_or_default()
    }

    /// Looks at the files so often from now on, for as long as anybody holds these lists.
    ///
    /// # Errors
    /// When the runtime cannot start its threads.
    pub fn poll(self: &Arc<Self>, every: Duration) -> io::Result<()> {
        let lists = Arc::downgrade(self);
        let polling = async move {
            loop {
                rt::sleep(every).await;
                let Some(lists) = lists.upgrade() else { return };
                // A file may lie on a disk that does not answer, and others want their turn meanwhile.
                rt::unblock(move || lists.reload()).await;
            }
        };
        *lock(&self.polling) = Some(rt::spawn("revocation", polling)?);
        Ok(())
    }

    /// From now on, lists in the name of this pool's authorities must be signed by them.
    pub(in crate::tls) fn are_asked_by(&self, pool: &Arc<CaPool>) {
        let mut pools = lock(&self.pools);
        pools.retain(|known| known.strong_count() > 0);
        let own = Arc::downgrade(pool);
        if !pools.iter().any(|known| known.ptr_eq(&own)) {
            pools.push(own);
        }
    }

    fn known_pools(&self) -> Vec<Arc<CaPool>> {
        lock(&self.pools).iter().filter_map(Weak::upgrade).collect()
    }

    fn bench<'a>(&self, pools: &'a [Arc<CaPool>]) -> Bench<'a> {
        Bench { pools, now: self.clock.now() }
    }

    fn put(&self, revocation: Revocation) {
        let (lists, revoked) = (revocation.lists.len(), revocation.facts().map(|list| list.revoked.len()).sum::<usize>());
        self.in_force.store(Arc::new(InForce { revocation: Arc::new(revocation), since: self.clock.now() }));
        log::info!(target: "countersign::tls", event:% = Event::RevocationListsReplaced, lists, revoked; "revocation lists replaced");
        self.changes.tell();
    }
}

impl Default for RevocationLists {
    fn default() -> Self {
        Self::with(Revocation::default(), None, Arc::new(SystemClock))
    }
}

impl From<Revocation> for Arc<RevocationLists> {
    fn from(revocation: Revocation) -> Self {
        RevocationLists::new(revocation)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that runs under these locks can panic half way.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
