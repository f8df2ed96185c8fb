//! Ticks: a link on which nothing is said still says that it is there.

use std::time::Duration;

/// How often, and how patiently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TickTime {
    /// A peer from which nothing came for so long is dropped: OTP's `net_ticktime`.
    pub period: Duration,
    /// Into how many parts the period is cut; at the end of each a tick may be due: OTP's `net_tickintensity`.
    pub intensity: u32,
}

impl Default for TickTime {
    fn default() -> Self {
        Self { period: Duration::from_secs(60), intensity: 4 }
    }
}

impl TickTime {
    /// How long to wait between two looks.
    pub fn interval(self) -> Duration {
        self.period / self.intensity.max(1)
    }
}

/// What a look at the pulse says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    /// Nothing to do.
    Quiet,
    /// A tick is to be written: an empty frame.
    Tick,
    /// The peer has been silent for the whole period.
    Dead,
}

/// The pulse of one link. Moments are durations since any fixed moment, of a clock that never goes back.
///
/// ```
/// use countersign::dist::{Beat, Pulse, TickTime};
/// use std::time::Duration;
///
/// let at = Duration::from_secs;
/// let mut pulse = Pulse::new(TickTime::default(), at(0), false);
/// pulse.has_read(at(10));
/// assert_eq!(pulse.look(at(15)), Beat::Tick, "nothing was written");
/// pulse.has_written(at(20));
/// assert_eq!(pulse.look(at(30)), Beat::Quiet);
/// assert_eq!(pulse.look(at(70)), Beat::Dead);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Pulse {
    time: TickTime,
    peer_is_hidden: bool,
    last_look: Duration,
    last_read: Duration,
    last_written: Option<Duration>,
    next: Duration,
}

impl Pulse {
    /// Of a link that is up since `now`. A hidden peer is ticked also when it says nothing, so that a
    /// node which only ever answers finds something to answer.
    pub fn new(time: TickTime, now: Duration, peer_is_hidden: bool) -> Self {
        let next = now.saturating_add(time.interval());
        Self { time, peer_is_hidden, last_look: now, last_read: now, last_written: None, next }
    }

    /// Bytes came, be it a tick.
    pub fn has_read(&mut self, now: Duration) {
        self.last_read = self.last_read.max(now);
    }

    /// Bytes were taken by the socket, be it a tick.
    pub fn has_written(&mut self, now: Duration) {
        self.last_written = self.last_written.max(Some(now));
    }

    /// When to look.
    pub const fn next_look(&self) -> Duration {
        self.next
    }

    /// Looks. A look before its time says nothing but `Dead`.
    pub fn look(&mut self, now: Duration) -> Beat {
        if now.saturating_sub(self.last_read) >= self.time.period {
            return Beat::Dead;
        }
        if now < self.next {
            return Beat::Quiet;
        }
        let since = std::mem::replace(&mut self.last_look, now);
        self.next = now.saturating_add(self.time.interval());
        let has_written = self.last_written.is_some_and(|at| at >= since);
        let has_read = self.last_read > since;
        if !has_written || self.peer_is_hidden && !has_read { Beat::Tick } else { Beat::Quiet }
    }
}
