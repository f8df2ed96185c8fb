//! What was tried in order to reach a peer, and why each of it failed.

use super::ConnectReason;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::net::MeetingError;
use crate::node::routes::{Address, RouteId};
use std::fmt;

/// An attempt to reach a peer, by one route or by discovery.
#[derive(Debug, thiserror::Error)]
pub struct FailedAttempt {
    label: String,
    route: Option<RouteId>,
    address: Option<Address>,
    #[source]
    reason: ConnectReason,
}

impl FailedAttempt {
    pub(in crate::node) const fn new(label: String, route: Option<RouteId>, address: Option<Address>, reason: ConnectReason) -> Self {
        Self { label, route, address, reason }
    }

    /// Which route; `None`: the peer was looked for at the epmd of its own host, for no route is for it.
    pub const fn route(&self) -> Option<RouteId> {
        self.route
    }

    /// Where the peer was said to be; `None` if that was not found out.
    pub const fn address(&self) -> Option<&Address> {
        self.address.as_ref()
    }

    /// Why it failed.
    pub const fn reason(&self) -> &ConnectReason {
        &self.reason
    }

    /// How far it got.
    fn reach(&self) -> Reach {
        match &self.reason {
            ConnectReason::Meeting(MeetingError::Refused(_) | MeetingError::CookieRefused { .. } | MeetingError::Tls(_)) => Reach::Refused,
            ConnectReason::Identity(_) | ConnectReason::NotAdmitted(_) | ConnectReason::NotVerified => Reach::Refused,
            ConnectReason::Dial(error) if error.refused().is_some() && error.code() != Code::Timeout => Reach::Refused,
            reason if reason.code() == Code::Unreachable => Reach::Nobody,
            _ => Reach::Somebody,
        }
    }
}

/// An attempt that got further tells more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    Nobody,
    Somebody,
    Refused,
}

impl fmt::Display for FailedAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "by {}", self.label)?;
        if let Some(address) = &self.address {
            write!(f, " to {address}")?;
        }
        // Whom we dialled stands there already.
        match &self.reason {
            ConnectReason::Dial(error) => write!(f, ": {}", error.reason()),
            reason => write!(f, ": {reason}"),
        }
    }
}

impl Failure for FailedAttempt {
    fn code(&self) -> Code {
        self.reason.code()
    }

    fn hint(&self) -> Hint {
        self.reason.hint()
    }
}

/// All attempts, in order; one of them, the first of those that got furthest, speaks for all.
#[derive(Debug)]
pub(in crate::node) struct Attempts {
    earlier: Vec<FailedAttempt>,
    telling: FailedAttempt,
    later: Vec<FailedAttempt>,
}

impl Attempts {
    pub(in crate::node) const fn of(first: FailedAttempt) -> Self {
        Self { earlier: Vec::new(), telling: first, later: Vec::new() }
    }

    pub(in crate::node) fn add(&mut self, attempt: FailedAttempt) {
        if attempt.reach() <= self.telling.reach() {
            return self.later.push(attempt);
        }
        self.earlier.push(std::mem::replace(&mut self.telling, attempt));
        self.earlier.append(&mut self.later);
    }

    pub(super) const fn telling(&self) -> &FailedAttempt {
        &self.telling
    }

    pub(in crate::node) fn last(&self) -> &FailedAttempt {
        self.later.last().unwrap_or(&self.telling)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &FailedAttempt> {
        self.earlier.iter().chain([&self.telling]).chain(&self.later)
    }
}

/// One clause for each attempt; where nothing but discovery was tried, its reason says all.
impl fmt::Display for Attempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.earlier.len() + 1 + self.later.len();
        if count == 1 && self.telling.route.is_none() {
            return self.telling.reason.fmt(f);
        }
        if count > 1 {
            write!(f, "{count} attempts failed: ")?;
        }
        for (at, attempt) in self.iter().enumerate() {
            let comma = if at == 0 { "" } else { "; " };
            write!(f, "{comma}{attempt}")?;
            if count > 1 {
                write!(f, " [{}]", attempt.code())?;
            }
        }
        Ok(())
    }
}
