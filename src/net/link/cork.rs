//! Messages that one task says in one go leave together.
//!
//! Waking the driver of a transport for each message would make it write each one alone: a system call, a TLS
//! record and two switches of threads every time. So while a task runs, the first message to a link wakes that
//! link's driver; what follows waits until it fills a record or two, or until the task itself waits.

use futures_util::task::AtomicWaker;
use std::cell::RefCell;
use std::sync::Arc;

/// A driver that was woken by the running task, and whether it has been said something since.
struct Held {
    driver: Arc<AtomicWaker>,
    is_owed: bool,
}

thread_local! {
    /// While a task runs that lets messages leave together.
    static RUNNING: RefCell<Option<Vec<Held>>> = const { RefCell::new(None) };
}

/// Runs one step of a task, at whose end everything it has said is on its way.
pub fn together<T>(step: impl FnOnce() -> T) -> T {
    // Also when the step panics.
    let _at_its_end = Step { outer: RUNNING.replace(Some(Vec::new())) };
    step()
}

struct Step {
    outer: Option<Vec<Held>>,
}

impl Drop for Step {
    fn drop(&mut self) {
        let held = RUNNING.replace(self.outer.take());
        held.into_iter().flatten().filter(|held| held.is_owed).for_each(|held| held.driver.wake());
    }
}

/// Something was said that now makes up so many bytes together with what waits: wakes the driver, or lets it wait.
pub(super) fn said(driver: &Arc<AtomicWaker>, before: usize, after: usize) {
    let is_full = before < ENOUGH && after >= ENOUGH;
    let waits = RUNNING.with_borrow_mut(|running| running.as_mut().is_some_and(|held| hold(held, driver, is_full)));
    if !waits {
        driver.wake();
    }
}

fn hold(all: &mut Vec<Held>, driver: &Arc<AtomicWaker>, is_full: bool) -> bool {
    match all.iter_mut().find(|held| Arc::ptr_eq(&held.driver, driver)) {
        Some(held) => {
            held.is_owed = !is_full;
            !is_full
        }
        None => {
            all.push(Held { driver: Arc::clone(driver), is_owed: false });
            false
        }
    }
}

/// Two TLS records.
const ENOUGH: usize = 32 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::task::{ArcWake, waker};
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl ArcWake for Woken {
        fn wake_by_ref(woken: &Arc<Self>) {
            woken.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// How often the driver was woken by these messages, each of which makes the buffer so long.
    fn woken(said_so_far: &[usize], run: impl FnOnce(&dyn Fn())) -> usize {
        let (driver, woken) = (Arc::new(AtomicWaker::new()), Arc::new(Woken::default()));
        let say = || {
            let mut before = 0;
            for &after in said_so_far {
                driver.register(&waker(Arc::clone(&woken)));
                said(&driver, before, after);
                before = after;
            }
        };
        run(&say);
        woken.0.load(Ordering::SeqCst)
    }

    #[test]
    fn a_task_wakes_for_its_first_message_and_at_its_end() {
        assert_eq!(woken(&[10], |say| together(say)), 1);
        assert_eq!(woken(&[10, 20, 30, 40], |say| together(say)), 2);
    }

    #[test]
    fn a_full_record_does_not_wait() {
        assert_eq!(woken(&[10, 20, ENOUGH, ENOUGH + 10], |say| together(say)), 3);
        assert_eq!(woken(&[10, 20, ENOUGH], |say| together(say)), 2);
    }

    #[test]
    fn whoever_is_no_such_task_wakes_each_time() {
        assert_eq!(woken(&[10, 20, 30], |say| say()), 3);
    }

    #[test]
    fn a_step_within_a_step_ends_only_its_own() {
        assert_eq!(woken(&[10, 20], |say| together(|| together(say))), 2);
    }
}
