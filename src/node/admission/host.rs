//! The names of hosts, as certificates and entries have them.

use super::oddity::Oddity;
use crate::x509::name::is_label;
use std::net::IpAddr;

/// A host's name, or all those that a wildcard stands for. In small letters, without the dot at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::node) struct Host {
    is_wildcard: bool,
    /// Behind the wildcard, or all of it.
    labels: String,
}

impl Host {
    /// As a certificate has it: without a dot at the end, which RFC 5280 does not know.
    pub(in crate::node) fn read(text: &str) -> Result<Self, Oddity> {
        check_characters(text)?;
        if text.len() > LONGEST {
            return Err(Oddity::TooLong);
        }
        let (is_wildcard, labels) = text.strip_prefix("*.").map_or((false, text), |labels| (true, labels));
        if labels.contains('*') {
            return Err(Oddity::Wildcard);
        }
        if !labels.split('.').all(is_label) {
            return Err(Oddity::Label);
        }
        if labels.rsplit('.').next().is_some_and(is_number) {
            return Err(Oddity::Number);
        }
        Ok(Self { is_wildcard, labels: labels.to_ascii_lowercase() })
    }

    /// As a person writes it: with a dot at the end, perhaps.
    pub(in crate::node) fn written(text: &str) -> Result<Self, Oddity> {
        Self::read(text.strip_suffix('.').unwrap_or(text))
    }

    pub(in crate::node) const fn is_wildcard(&self) -> bool {
        self.is_wildcard
    }

    /// Whether all that the other one stands for is meant by this one, too.
    pub(in crate::node) fn covers(&self, other: &Self) -> bool {
        match (self.is_wildcard, other.is_wildcard) {
            (true, false) => other.labels.split_once('.').is_some_and(|(_, behind)| behind == self.labels),
            (false, true) => false,
            (true, true) | (false, false) => self.labels == other.labels,
        }
    }

    /// Whether anything that the other one stands for is meant by this one.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.covers(other) || other.covers(self)
    }
}

/// An address as it is compared: that of an IPv4 host in IPv6's clothes is the IPv4 host's.
pub(in crate::node) fn address(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

fn check_characters(text: &str) -> Result<(), Oddity> {
    match text.chars().find(|c| c.is_control() || !c.is_ascii()) {
        Some(c) if c.is_control() => Err(Oddity::Control),
        Some(_) => Err(Oddity::NotAscii),
        None => Ok(()),
    }
}

/// Systems read a host's name that ends so as an address, each in its own way.
fn is_number(label: &str) -> bool {
    let is_hexadecimal = label.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("0x"));
    is_hexadecimal || label.chars().all(|c| c.is_ascii_digit())
}

const LONGEST: usize = 253;
