//! Networks: addresses with the same first bits.

use super::fault::PatternFault;
use super::host::address;
use std::net::IpAddr;

/// An address, or all addresses of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    /// Its first bits; the others are zero.
    bits: u128,
    length: u32,
    is_v4: bool,
}

impl Network {
    /// `10.1.2.3`, `10.0.0.0/8`, `2001:db8::/32`.
    pub(super) fn parse(text: &str) -> Result<Self, PatternFault> {
        let (host, length) = text.split_once('/').map_or((text, None), |(host, length)| (host, Some(length)));
        let written: IpAddr = host.parse().map_err(|_| PatternFault::Address)?;
        let address = address(host).ok_or(PatternFault::Address)?;
        // The prefix is counted in the clothes in which the address is written.
        let clothes = if written == address { 0 } else { 96 };
        let most = if address.is_ipv4() { 32 } else { 128 };
        let length = length.map_or(Some(most), |length| prefix(length)?.checked_sub(clothes)).filter(|length| *length <= most);
        let length = length.ok_or(PatternFault::Prefix)?;
        let whole = Self { bits: bits(address), length: most, is_v4: address.is_ipv4() };
        let network = Self { bits: whole.bits & mask(length, most), length, ..whole };
        if network.bits == whole.bits { Ok(network) } else { Err(PatternFault::HostBits) }
    }

    /// Whether it has one address only.
    pub(super) const fn is_one(&self) -> bool {
        self.length == if self.is_v4 { 32 } else { 128 }
    }

    pub(super) fn contains(&self, address: IpAddr) -> bool {
        let most = if self.is_v4 { 32 } else { 128 };
        address.is_ipv4() == self.is_v4 && bits(address) & mask(self.length, most) == self.bits
    }
}

/// As it is written in decimal: without a sign, and without zeros before it.
fn prefix(text: &str) -> Option<u32> {
    let is_plain = text.chars().all(|c| c.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    is_plain.then(|| text.parse().ok())?
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u32::from(address).into(),
        IpAddr::V6(address) => address.into(),
    }
}

/// The first `length` of `most` bits.
fn mask(length: u32, most: u32) -> u128 {
    let all = u128::MAX.checked_shr(128 - most).unwrap_or(0);
    let host = u128::MAX.checked_shr(128u32.saturating_sub(most.saturating_sub(length))).unwrap_or(0);
    all & !host
}

#[cfg(test)]
mod tests {
    use super::Network;
    use crate::node::admission::fault::PatternFault;
    use crate::node::admission::host::address;

    #[test]
    fn a_network_has_the_addresses_with_its_first_bits() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"),
            ("10.1.2.3", "10.1.2.3", "10.1.2.4"),
            ("10.1.2.2/31", "10.1.2.3", "10.1.2.4"),
            ("0.0.0.0/0", "255.1.2.3", "::1"),
            ("::/0", "2001:db8::1", "1.2.3.4"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
            ("::1", "::1", "::2"),
            ("::ffff:10.0.0.0/104", "10.9.9.9", "::a09:909"),
            ("::ffff:10.0.0.1", "10.0.0.1", "10.0.0.2"),
            ("10.0.0.0/8", "::ffff:10.2.3.4", "::10.2.3.4"),
        ] {
            let of = |text| address(text).unwrap();
            let network = Network::parse(network).unwrap();
            assert!(network.contains(of(inside)) && !network.contains(of(outside)), "{network:?}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_no_network() {
        for (text, fault) in [
            ("010.0.0.0/8", PatternFault::Address),
            ("0x0a.0.0.0", PatternFault::Address),
            ("10.0/16", PatternFault::Address),
            ("167772160", PatternFault::Address),
            ("fe80::1%eth0", PatternFault::Address),
            ("[::1]", PatternFault::Address),
            ("10.0.0.1/8", PatternFault::HostBits),
            ("10.0.0.0/33", PatternFault::Prefix),
            ("10.0.0.0/08", PatternFault::Prefix),
            ("10.0.0.0/+8", PatternFault::Prefix),
            ("10.0.0.0/", PatternFault::Prefix),
            ("::ffff:10.0.0.0/90", PatternFault::Prefix),
            ("::/129", PatternFault::Prefix),
        ] {
            assert_eq!(Network::parse(text), Err(fault), "{text}");
        }
    }
}
