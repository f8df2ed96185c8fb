//! How long a driver looks again and again before it sleeps.
//!
//! To be woken costs several times what it takes to read, answer and write a short message: of a round trip between
//! two processes of one host, four fifths were wake-ups. Whoever has just read or written most likely has more to
//! do at once, so its driver stays awake for a moment. What that costs when nothing comes is bounded for all links of
//! the process together.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The moment after something was read or written.
#[derive(Debug)]
pub(super) struct Vigil {
    last: Instant,
    kept: bool,
}

impl Vigil {
    pub(super) fn new() -> Self {
        Self { last: Instant::now(), kept: false }
    }

    /// Something was read or written.
    pub(super) fn begin(&mut self) {
        let now = Instant::now();
        // What came while it lasted was not in vain; otherwise there has to be something to spend.
        self.kept = self.kept || BUDGET.allows(since_start(now));
        self.last = now;
    }

    /// Whether to look once more.
    pub(super) fn lasts(&mut self) -> bool {
        if !self.kept {
            return false;
        }
        let now = Instant::now();
        if now.saturating_duration_since(self.last) < MOMENT {
            return true;
        }
        self.kept = false;
        BUDGET.spend(since_start(now));
        false
    }
}

/// What may be looked for in vain: a share of one processor's time, which can be saved up for a while.
#[derive(Debug)]
struct Budget {
    /// Until when everything is spent, in nanoseconds since the start.
    spent_until: AtomicU64,
}

impl Budget {
    const fn new() -> Self {
        Self { spent_until: AtomicU64::new(0) }
    }

    fn allows(&self, now: Duration) -> bool {
        self.spent_until.load(Ordering::Relaxed) <= nanoseconds(now)
    }

    fn spend(&self, now: Duration) {
        let saved_since = nanoseconds(now.saturating_sub(SAVED));
        let spend = |until: u64| Some(until.max(saved_since).saturating_add(nanoseconds(MOMENT * SHARE)));
        let _ = self.spent_until.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend);
    }
}

static BUDGET: Budget = Budget::new();
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

fn since_start(now: Instant) -> Duration {
    now.saturating_duration_since(*START)
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Long enough for a peer on the same host, or the same switch, to answer.
const MOMENT: Duration = Duration::from_micros(25);
/// One in so many moments of one processor may be in vain.
const SHARE: u32 = 10;
/// So much time may be saved up: four hundred moments in vain, one after the other.
const SAVED: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_in_vain_takes_its_share_and_no_more() {
        let budget = Budget::new();
        let (mut now, mut in_vain) = (Duration::from_secs(1), Duration::ZERO);
        // A message every fifty microseconds, each of which is waited for in vain if that is allowed.
        while now < Duration::from_secs(3) {
            if budget.allows(now) {
                budget.spend(now + MOMENT);
                in_vain += MOMENT;
            }
            now += 2 * MOMENT;
        }
        let share = Duration::from_secs(2) / SHARE;
        let saved = SAVED / SHARE + MOMENT;
        assert!((share..=share + saved).contains(&in_vain), "{in_vain:?}");
    }

    #[test]
    fn what_comes_in_time_costs_nothing() {
        let mut vigil = Vigil::new();
        assert!(!vigil.lasts(), "nothing was read or written yet");
        let before = BUDGET.spent_until.load(Ordering::Relaxed);
        for _ in 0..1000 {
            vigil.begin();
        }
        assert_eq!(BUDGET.spent_until.load(Ordering::Relaxed), before);
    }
}
