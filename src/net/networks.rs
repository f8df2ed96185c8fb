//! Networks of IP addresses, as `10.0.0.0/8`.

use crate::failure::{Code, Failure};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// All addresses that begin alike. An IPv4 address that is written as an IPv6 one (`::ffff:192.0.2.1`), as a peer of
/// a socket for both has it, is the IPv4 address.
///
/// ```
/// use countersign::net::Network;
///
/// let inside: Network = "10.0.0.0/8".parse()?;
/// assert!(inside.contains("10.1.2.3".parse()?));
/// assert!(inside.contains("::ffff:10.1.2.3".parse()?));
/// assert!(!inside.contains("11.0.0.1".parse()?));
/// assert_eq!("192.0.2.1".parse::<Network>()?.to_string(), "192.0.2.1/32");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    first: IpAddr,
    prefix: u32,
}

impl Network {
    /// Every address that has its first `prefix` bits in common with this one.
    ///
    /// # Errors
    /// More bits than an address has, or an address with bits behind them: one of the two is not what was meant.
    pub fn new(address: IpAddr, prefix: u32) -> Result<Self, NotANetwork> {
        let (first, prefix) = canonical(address, prefix)?;
        let start = masked(first, prefix);
        if start == first { Ok(Self { first, prefix }) } else { Err(NotANetwork::Beyond { address, first: start, prefix }) }
    }

    /// Whether it has one address only.
    pub fn is_one(&self) -> bool {
        self.prefix == bits(self.first)
    }

    /// Whether an address is one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.first.is_ipv4() && masked(address, self.prefix) == self.first
    }
}

/// A network of mapped addresses is one of IPv4.
fn canonical(address: IpAddr, prefix: u32) -> Result<(IpAddr, u32), NotANetwork> {
    let most = bits(address);
    if prefix > most {
        return Err(NotANetwork::Prefix { prefix, most });
    }
    let four = address.to_canonical();
    Ok(match prefix.checked_sub(MAPPED) {
        Some(rest) if four != address => (four, rest),
        _ => (address, prefix),
    })
}

fn bits(address: IpAddr) -> u32 {
    if address.is_ipv4() { Ipv4Addr::BITS } else { Ipv6Addr::BITS }
}

fn masked(address: IpAddr, prefix: u32) -> IpAddr {
    match address {
        IpAddr::V4(address) => Ipv4Addr::from_bits(address.to_bits() & u32::MAX.checked_shl(32 - prefix).unwrap_or(0)).into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & u128::MAX.checked_shl(128 - prefix).unwrap_or(0)).into(),
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

/// An address alone is the network that has no other.
impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let unreadable = || NotANetwork::Text(text.to_owned());
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| unreadable())?;
        let length = |text: &str| plain_number(text).ok_or_else(|| NotANetwork::Length(text.to_owned()));
        Self::new(address, prefix.map_or(Ok(bits(address)), length)?)
    }
}

/// In decimal, without a sign and without zeros before it: what some read as octal is read by nobody here.
fn plain_number(text: &str) -> Option<u32> {
    let is_plain = text.chars().all(|c| c.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    is_plain.then(|| text.parse().ok())?
}

/// Why something is no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotANetwork {
    /// It is not written as one.
    #[error("{0:?} is neither an address nor a network such as 10.0.0.0/8")]
    Text(String),
    /// Behind the slash stands no number.
    #[error("{0:?} is no number of bits, such as 8, without zeros before it")]
    Length(String),
    /// The prefix is longer than the address.
    #[error("a prefix of {prefix} bits is longer than the {most} of the address")]
    Prefix {
        /// How many bits.
        prefix: u32,
        /// How many there are.
        most: u32,
    },
    /// The address is not the network's first.
    #[error("{address} is not where a network of {prefix} bits begins: that is {first}")]
    Beyond {
        /// What was given.
        address: IpAddr,
        /// Where it begins.
        first: IpAddr,
        /// How many bits.
        prefix: u32,
    },
}

impl Failure for NotANetwork {
    fn code(&self) -> Code {
        Code::InvalidTlsConfiguration
    }
}

/// The bits before the IPv4 address in a mapped one.
const MAPPED: u32 = 96;

#[cfg(test)]
mod tests {
    use super::*;

    fn has(network: &str, address: &str) -> bool {
        network.parse::<Network>().unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn a_network_has_the_addresses_that_begin_as_it_does() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"),
            ("192.0.2.128/25", "192.0.2.128", "192.0.2.127"),
            ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("::1", "::1", "::2"),
            ("10.1.2.2/31", "10.1.2.3", "10.1.2.4"),
            ("::ffff:10.0.0.1", "10.0.0.1", "10.0.0.2"),
        ] {
            assert!(has(network, inside), "{inside} is in {network}");
            assert!(!has(network, outside), "{outside} is not in {network}");
        }
        assert!(has("0.0.0.0/0", "255.255.255.255") && has("::/0", "2001:db8::1"));
    }

    #[test]
    fn a_mapped_address_is_an_ipv4_address_on_either_side() {
        assert!(has("10.0.0.0/8", "::ffff:10.1.2.3"));
        assert!(has("::ffff:10.0.0.0/104", "10.1.2.3"));
        assert!(!has("::ffff:10.0.0.0/104", "11.1.2.3"));
        assert!(!has("::/0", "::ffff:10.1.2.3"), "all of IPv6 is none of IPv4");
        assert!(!has("0.0.0.0/0", "::1"));
        assert!(!has("10.0.0.0/8", "::10.2.3.4"), "that form is no IPv4 address");
        let one = |text: &str| text.parse::<Network>().unwrap().is_one();
        assert!(one("::ffff:10.0.0.1") && one("10.0.0.1/32") && one("::1") && !one("10.0.0.0/31") && !one("::/0"));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        let refused = |text: &str| text.parse::<Network>().unwrap_err().to_string();
        assert_eq!(refused("10.0.0.0/33"), "a prefix of 33 bits is longer than the 32 of the address");
        assert_eq!(refused("::/129"), "a prefix of 129 bits is longer than the 128 of the address");
        let broken = "::ffff:10.0.0.0 is not where a network of 90 bits begins: that is ::ffc0:0:0";
        assert_eq!(refused("::ffff:10.0.0.0/90"), broken, "a prefix that ends before the IPv4 address does not begin one");
        assert_eq!(refused("10.0.0.1/8"), "10.0.0.1 is not where a network of 8 bits begins: that is 10.0.0.0");
        for text in ["", "/8", "localhost", " 10.0.0.0/8", "010.0.0.0/8", "0x0a.0.0.0", "10.0/16", "167772160", "fe80::1%eth0", "[::1]"] {
            assert_eq!(refused(text), format!("{text:?} is neither an address nor a network such as 10.0.0.0/8"));
        }
        for length in ["", "x", "-1", "+8", "08", "8/8", "4294967296"] {
            assert_eq!(
                refused(&format!("10.0.0.0/{length}")),
                format!("{length:?} is no number of bits, such as 8, without zeros before it")
            );
        }
    }
}
