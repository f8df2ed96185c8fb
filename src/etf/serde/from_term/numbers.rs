//! Numbers within their ranges.

use super::FromTerm;
use crate::etf::serde::mismatch::Mismatch;
use crate::etf::serde::passing::Carried;
use crate::etf::term::Term;
use ::serde::de::Visitor;

/// The integer, if it is one of this type.
pub(super) fn integer<T: TryFrom<i64> + TryFrom<i128> + TryFrom<u128>>(term: &Term) -> Option<T> {
    match term {
        Term::Integer(value) => T::try_from(*value).ok(),
        Term::BigInt(value) => {
            let signed = value.to_i128().and_then(|value| T::try_from(value).ok());
            signed.or_else(|| T::try_from(value.to_u128()?).ok())
        }
        _ => None,
    }
}

/// A float, or an integer that is one exactly: who types `1` for `1.0` means the same.
pub(super) fn float64(term: &Term) -> Option<f64> {
    match term {
        Term::Float(value) => Some(value.value()),
        Term::Integer(value) => exact(*value),
        _ => None,
    }
}

/// The nearest one, if the number does not lie beyond them all.
pub(super) fn float32(term: &Term) -> Option<f32> {
    #[expect(clippy::cast_possible_truncation, reason = "rounding is meant, and what becomes infinite is refused")]
    let value = float64(term)? as f32;
    value.is_finite().then_some(value)
}

#[expect(clippy::cast_precision_loss, reason = "up to 2^53 there is none")]
fn exact(value: i64) -> Option<f64> {
    (value.unsigned_abs() <= 1 << f64::MANTISSA_DIGITS).then_some(value as f64)
}

impl<'de> FromTerm<'_, 'de> {
    /// An integer beyond 64 bits, without a type to go by.
    pub(super) fn visit_big<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if let Some(value) = integer::<u64>(self.term) {
            visitor.visit_u64(value)
        } else if let Some(value) = integer::<i128>(self.term) {
            visitor.visit_i128(value)
        } else if let Some(value) = integer::<u128>(self.term) {
            visitor.visit_u128(value)
        } else {
            visitor.visit_newtype_struct(Carried::new(self.term)?)
        }
    }
}
