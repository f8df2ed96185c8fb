//! News of a change: for what verdicts rest on and may change while links are open.

use crate::rt::Event;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Part of whatever may change: tells its watchers when it did.
///
/// ```
/// use countersign::tls::{Changes, Watcher};
///
/// let (lists, pins) = (Changes::default(), Changes::default());
/// let watcher = Watcher::new();
/// for changes in [&lists, &pins] {
///     changes.watch(&watcher);
/// }
/// let before = watcher.count();
/// pins.tell();
/// assert_eq!(countersign::rt::block_on(watcher.after(before)), before + 1);
/// ```
#[derive(Debug, Default)]
pub struct Changes {
    count: AtomicU64,
    watchers: Mutex<Vec<Weak<Watcher>>>,
}

impl Changes {
    /// From now on this watcher is told, once for each change, however often it is named here.
    pub fn watch(&self, watcher: &Arc<Watcher>) {
        let mut watchers = self.lock();
        watchers.retain(|known| known.strong_count() > 0);
        let own = Arc::downgrade(watcher);
        if !watchers.iter().any(|known| known.ptr_eq(&own)) {
            watchers.push(own);
        }
    }

    /// There was a change, and it is in force already.
    pub fn tell(&self) {
        // Counted before anybody is told: whoever begins to watch now sees it in the number, or is told.
        self.count.fetch_add(1, Ordering::SeqCst);
        let watchers = self.lock().clone();
        watchers.iter().filter_map(Weak::upgrade).for_each(|watcher| watcher.ring());
    }

    /// How many there were.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::SeqCst)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Weak<Watcher>>> {
        // Nothing in the guarded list can be left half done.
        self.watchers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hears of changes of any number of things.
#[derive(Debug, Default)]
pub struct Watcher {
    count: AtomicU64,
    rung: Event,
}

impl Watcher {
    /// One that watches nothing yet.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// How many changes there were so far.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::SeqCst)
    }

    /// Waits until there were more than so many, and says how many there are: whoever counts misses none.
    pub async fn after(&self, seen: u64) -> u64 {
        loop {
            let rung = self.rung.listen();
            let count = self.count();
            if count > seen {
                return count;
            }
            rung.await;
        }
    }

    fn ring(&self) {
        self.count.fetch_add(1, Ordering::SeqCst);
        self.rung.notify(usize::MAX);
    }
}
