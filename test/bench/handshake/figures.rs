//! Many measurements in one line: the middle one, and how far the others lie from it.

/// Sorted measurements.
pub(crate) struct Spread(Vec<f64>);

impl Spread {
    pub(crate) fn of(mut measured: Vec<f64>) -> Self {
        measured.sort_by(f64::total_cmp);
        Self(measured)
    }

    pub(crate) fn whole(&self) -> String {
        self.line(|value| format!("{value:.0}"))
    }

    pub(crate) fn thousandths(&self) -> String {
        let (low, high) = (self.at(1, 4), self.at(3, 4));
        format!("{}, {low:.3}-{high:.3}", self.line(|value| format!("{value:.3}")))
    }

    pub(crate) fn median(&self) -> f64 {
        self.at(1, 2)
    }

    pub(crate) fn micros(&self) -> String {
        self.line(|value| format!("{value:.3}"))
    }

    /// Median, and smallest to largest.
    fn line(&self, print: impl Fn(f64) -> String) -> String {
        format!("{} ({}-{})", print(self.median()), print(self.at(0, 1)), print(self.at(1, 1)))
    }

    fn at(&self, numerator: usize, denominator: usize) -> f64 {
        let last = self.0.len().saturating_sub(1);
        self.0.get(last * numerator / denominator).copied().unwrap_or(f64::NAN)
    }
}
