//! From when until when.

use super::error::AuthorityError;
use super::warning::{MAX_CA_DAYS, MAX_LEAF_DAYS, Warning};
use crate::clock::{DAY, Timestamp};
use crate::x509::Inspected;
use der::DateTime;
use std::time::Duration;
use x509_cert::time::Time;

/// How long something shall be valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lifetime(i64);

impl Lifetime {
    /// Ninety days, for leaves.
    pub const LEAF: Self = Self::days(90);
    /// Five years, for CAs.
    pub const CA: Self = Self::days(1_826);
    /// Thirty days, for revocation lists.
    pub const CRL: Self = Self::days(30);

    /// So many days.
    pub const fn days(days: u32) -> Self {
        Self(days as i64 * DAY)
    }

    /// So many hours.
    pub const fn hours(hours: u32) -> Self {
        Self(hours as i64 * HOUR)
    }

    /// How long an older certificate was made for: whole hours, so that the grace at its beginning does
    /// not grow with every renewal.
    pub fn of(certificate: &Inspected) -> Self {
        let seconds = certificate.not_after.as_unix() - certificate.not_before.as_unix();
        Self(if seconds > HOUR { seconds - seconds % HOUR } else { seconds })
    }

    /// The moment at which something ends that begins at `now`.
    pub fn after(self, now: Timestamp) -> Timestamp {
        now + self.0
    }
}

/// The bounds of a certificate's validity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
}

impl Window {
    /// From [`GRACE`] before `now`, so that a peer whose clock is slightly behind accepts it at once,
    /// until `lifetime` after `now`; both within the issuer's own validity.
    pub(super) fn new(now: Timestamp, lifetime: Lifetime, issuer: Option<&Inspected>) -> Result<Self, AuthorityError> {
        let asked = Self { from: now + -GRACE, until: lifetime.after(now) };
        let Some(issuer) = issuer else { return Ok(asked) };
        if now < issuer.not_before || issuer.not_after < now {
            let (not_before, not_after) = (issuer.not_before, issuer.not_after);
            return Err(AuthorityError::IssuerNotValid { subject: issuer.subject.clone(), not_before, not_after, now });
        }
        Ok(Self { from: asked.from.max(issuer.not_before), until: asked.until.min(issuer.not_after) })
    }

    pub(super) fn warnings(self, now: Timestamp, lifetime: Lifetime, is_ca: bool) -> Vec<Warning> {
        let days = now.days_until(self.until);
        let long = match is_ca {
            true if days > MAX_CA_DAYS => Some(Warning::LongCa { days }),
            false if days > MAX_LEAF_DAYS => Some(Warning::LongLeaf { days }),
            _ => None,
        };
        let shortened = (self.until < lifetime.after(now)).then_some(Warning::Shortened { until: self.until });
        long.into_iter().chain(shortened).collect()
    }

    pub(super) fn encode(self) -> der::Result<x509_cert::time::Validity> {
        Ok(x509_cert::time::Validity::new(time(self.from)?, time(self.until)?))
    }
}

/// RFC 5280, section 4.1.2.5: UTCTime through the year 2049, GeneralizedTime from 2050 on.
pub(super) fn time(moment: Timestamp) -> der::Result<Time> {
    let seconds = u64::try_from(moment.as_unix()).map_err(|_| der::ErrorKind::DateTime)?;
    Ok(Time::from(DateTime::from_unix_duration(Duration::from_secs(seconds))?))
}

/// How far before its making a certificate is dated, in seconds.
const GRACE: i64 = 60;
const HOUR: i64 = 3_600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_change_their_form_with_the_year_2050() {
        let last: Timestamp = "2049-12-31T23:59:59Z".parse().unwrap();
        assert!(matches!(time(last), Ok(Time::UtcTime(_))));
        assert!(matches!(time(last + 1), Ok(Time::GeneralTime(_))));
        assert!(time(Timestamp::from_unix(-1)).is_err());
    }
}
