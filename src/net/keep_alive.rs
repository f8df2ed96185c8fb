//! TCP's own probes of a connection on which nothing moves.

use crate::failure::{Code, Failure};
use crate::rt::{self, TcpStream};
use std::io;
use std::time::Duration;

/// Whether the system probes a connection on which nothing moves, and how.
///
/// The ticks of the distribution find a dead peer without it. It is for what stands between: a firewall or an
/// address translator that forgets connections sooner than the next tick comes.
///
/// ```
/// use countersign::net::KeepAlive;
/// use std::time::Duration;
///
/// let often = KeepAlive::probing(Duration::from_secs(30), Duration::from_secs(5), 3)?;
/// assert_ne!(often, KeepAlive::OFF);
/// assert!(KeepAlive::probing(Duration::ZERO, Duration::from_secs(5), 3).is_err());
/// # Ok::<(), countersign::net::NotAKeepAlive>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeepAlive(Option<Probes>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Probes {
    idle: Duration,
    interval: Duration,
    count: u32,
}

impl KeepAlive {
    /// No probes.
    pub const OFF: Self = Self(None);

    /// The first probe after nothing has moved for `idle`, the next ones every `interval`; with the `count`th in a
    /// row that nobody answers the connection is over.
    ///
    /// # Errors
    /// Numbers that no system takes: whole seconds from 1 to 32767, and 1 to 127 probes.
    pub fn probing(idle: Duration, interval: Duration, count: u32) -> Result<Self, NotAKeepAlive> {
        let is_taken = |time: Duration| (1..=LONGEST).contains(&time.as_secs()) && time.subsec_nanos() == 0;
        if !is_taken(idle) {
            return Err(NotAKeepAlive::Seconds(idle));
        }
        if !is_taken(interval) {
            return Err(NotAKeepAlive::Seconds(interval));
        }
        if !(1..=MOST).contains(&count) {
            return Err(NotAKeepAlive::Count(count));
        }
        Ok(Self(Some(Probes { idle, interval, count })))
    }

    /// The time before the first probe, the time between two, and how many there are; nothing without probes.
    pub const fn probes(self) -> Option<(Duration, Duration, u32)> {
        match self.0 {
            Some(Probes { idle, interval, count }) => Some((idle, interval, count)),
            None => None,
        }
    }

    pub(super) fn set_on(self, tcp: &TcpStream) -> io::Result<()> {
        match self.0 {
            Some(Probes { idle, interval, count }) => rt::keep_alive(tcp, idle, interval, count),
            None => Ok(()),
        }
    }
}

/// No system takes this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAKeepAlive {
    /// The time between two probes, or before the first.
    #[error("{0:?} is not a number of whole seconds from 1 to {LONGEST}")]
    Seconds(Duration),
    /// How many probes.
    #[error("{0} is not a number of probes from 1 to {MOST}")]
    Count(u32),
}

impl Failure for NotAKeepAlive {
    fn code(&self) -> Code {
        Code::InvalidTlsConfiguration
    }
}

/// What Linux takes, in seconds.
const LONGEST: u64 = 32_767;
/// What Linux takes.
const MOST: u32 = 127;
