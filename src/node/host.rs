//! Where an acceptor listens.

use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::rt;
use crate::tls::ServerName;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::str::FromStr;

/// An address, or the name of a host.
///
/// ```
/// use countersign::node::Host;
///
/// assert!(matches!("::1".parse(), Ok(Host::Address(_))));
/// assert!(matches!("localhost".parse(), Ok(Host::Name(_))));
/// assert!("local host".parse::<Host>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// An address of this machine.
    Address(IpAddr),
    /// A name; all addresses that the system knows of it when the node starts are meant.
    Name(String),
}

impl Host {
    /// What is listened on.
    pub(super) async fn addresses(&self) -> io::Result<Vec<IpAddr>> {
        let name = match self {
            Self::Address(address) => return Ok(vec![*address]),
            Self::Name(name) => name,
        };
        let late = |_| io::Error::new(io::ErrorKind::TimedOut, "the resolver does not answer");
        let resolved = rt::timeout(PATIENCE, rt::resolve(name, 0)).await.map_err(late)??;
        let mut addresses = Vec::new();
        // A resolver may name one twice, and that cannot be listened on twice.
        for address in resolved.iter().map(|address| address.ip()) {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        Ok(addresses)
    }
}

impl From<IpAddr> for Host {
    fn from(address: IpAddr) -> Self {
        Self::Address(address)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl FromStr for Host {
    type Err = NotAHost;

    fn from_str(text: &str) -> Result<Self, NotAHost> {
        match ServerName::try_from(text) {
            Ok(ServerName::IpAddress(address)) => Ok(Self::Address(address.into())),
            Ok(_) => Ok(Self::Name(text.to_owned())),
            Err(_) => Err(NotAHost(text.to_owned())),
        }
    }
}

/// The text is neither an address nor the name of a host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither an address nor the name of a host")]
pub struct NotAHost(pub String);

impl Failure for NotAHost {
    fn code(&self) -> Code {
        Code::InvalidTlsConfiguration
    }

    fn hint(&self) -> Hint {
        Hint::fixed("write an address of this machine, such as 127.0.0.1 or ::1, or a name of it")
    }
}

/// For the system's resolver.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(7);
