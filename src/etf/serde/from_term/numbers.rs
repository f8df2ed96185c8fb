//! Numbers within their ranges.

use crate::etf::term::Term;

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

/// The nearest one, if a float does not lie beyond them all; an integer must be one exactly here, too.
pub(super) fn float32(term: &Term) -> Option<f32> {
    let wide = float64(term)?;
    let value = wide as f32;
    let is_same = f64::from(value).total_cmp(&wide).is_eq();
    (value.is_finite() && (is_same || term.as_f64().is_some())).then_some(value)
}

fn exact(value: i64) -> Option<f64> {
    let float = value as f64;
    (float as i128 == i128::from(value)).then_some(float)
}
