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
        let prefix = prefix.map_or(Ok(bits(address)), |prefix| prefix.parse().map_err(|_| unreadable()))?;
        Self::new(address, prefix)
    }
}

/// Why something is no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotANetwork {
    /// It is not written as one.
    #[error("{0:?} is neither an address nor a network such as 10.0.0.0/8")]
    Text(String),
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
    }

    #[test]
    fn what_is_no_network_is_refused() {
        let refused = |text: &str| text.parse::<Network>().unwrap_err().to_string();
        assert_eq!(refused("10.0.0.0/33"), "a prefix of 33 bits is longer than the 32 of the address");
        assert_eq!(refused("10.0.0.1/8"), "10.0.0.1 is not where a network of 8 bits begins: that is 10.0.0.0");
        for text in ["", "/8", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/-1", "localhost", "10.0.0.0/8/8", " 10.0.0.0/8"] {
            assert_eq!(refused(text), format!("{text:?} is neither an address nor a network such as 10.0.0.0/8"));
        }
    }
}
