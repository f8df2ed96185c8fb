//! What was done as asked, and may still surprise.

use crate::clock::Timestamp;
use std::fmt;

/// A remark about something that was made all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// A leaf that lives longer than browsers and public CAs allow.
    LongLeaf {
        /// Its lifetime.
        days: i64,
    },
    /// A CA that lives longer than its key should.
    LongCa {
        /// Its lifetime.
        days: i64,
    },
    /// It would have outlived its issuer, and ends with it instead.
    Shortened {
        /// The last moment, its issuer's.
        until: Timestamp,
    },
    /// An address among the DNS names.
    AddressAsDnsName {
        /// The address.
        name: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LongLeaf { days } => {
                write!(
                    f,
                    "a leaf of {days} days is hard to take back; {MAX_LEAF_DAYS} days is the usual limit, and renewing costs no restart"
                )
            }
            Self::LongCa { days } => {
                write!(f, "a CA of {days} days outlives the {MAX_CA_DAYS} days (10 years) that one key should be trusted")
            }
            Self::Shortened { until } => write!(f, "it ends on {until}, with its issuer: what comes after would be refused anyway"),
            Self::AddressAsDnsName { name } => {
                write!(f, "{name} as a DNS name is understood by OTP only; add --ip {name} for every other TLS client")
            }
        }
    }
}

/// CA/Browser Forum, baseline requirements 6.3.2.
pub(super) const MAX_LEAF_DAYS: i64 = 398;
pub(super) const MAX_CA_DAYS: i64 = 3_653;
