//! A time after which something ends, or none.

use std::time::Duration;

/// How long something may go on.
///
/// ```
/// use countersign::net::Timeout;
/// use std::time::Duration;
///
/// assert_eq!(Timeout::default(), Timeout::Never);
/// assert_eq!(Timeout::After(Duration::from_secs(30)).within(), Some(Duration::from_secs(30)));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Timeout {
    /// For as long as it likes.
    #[default]
    Never,
    /// So long, and then it ends.
    After(Duration),
}

impl Timeout {
    /// The time, if there is one.
    pub const fn within(self) -> Option<Duration> {
        match self {
            Self::Never => None,
            Self::After(within) => Some(within),
        }
    }
}
