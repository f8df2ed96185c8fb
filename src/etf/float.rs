//! Floats: finite ones, because Erlang has no others.

use std::hash::{Hash, Hasher};

/// A finite number. `-0.0` and `0.0` are two values, as in OTP 27.
///
/// ```
/// use countersign::etf::{Float, NotFinite};
///
/// assert_eq!(Float::new(0.5).map(Float::value), Ok(0.5));
/// assert_eq!(Float::new(f64::NAN), Err(NotFinite));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Float(f64);

impl Float {
    /// Takes any number that Erlang has.
    ///
    /// # Errors
    /// Infinite, or not a number: a peer would refuse the whole message, and close the link.
    pub const fn new(value: f64) -> Result<Self, NotFinite> {
        if value.is_finite() { Ok(Self(value)) } else { Err(NotFinite) }
    }

    /// The number.
    pub const fn value(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Float {
    type Error = NotFinite;

    fn try_from(value: f64) -> Result<Self, NotFinite> {
        Self::new(value)
    }
}

impl PartialEq for Float {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl Eq for Float {}

impl Hash for Float {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

/// The number is infinite or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Erlang has only finite floats")]
pub struct NotFinite;
