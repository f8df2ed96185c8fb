//! Why epmd could not be asked, or did not do what was asked.

use super::wire::{AliveName, Malformed};
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// Why there is no answer, or no good one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EpmdError {
    /// The host is unknown.
    #[error("the host {host} cannot be resolved")]
    UnknownHost {
        /// Which host.
        host: String,
        /// What the resolver said.
        source: io::Error,
    },
    /// No epmd answers there.
    #[error("no epmd answers at {host} port {port}")]
    Unreachable {
        /// Where it was looked for.
        host: String,
        /// On which port.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// The connection broke.
    #[error("the connection to the epmd at {host} port {port} broke")]
    Broken {
        /// Where the epmd is.
        host: String,
        /// On which port.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// It did not answer in time.
    #[error("the epmd at {host} port {port} did not answer within {within:?}")]
    Timeout {
        /// Where the epmd is.
        host: String,
        /// On which port.
        port: u16,
        /// How long it had.
        within: Duration,
    },
    /// It closed the connection instead of answering, as epmd does with what it does not allow.
    #[error("the epmd at {host} port {port} closed without an answer")]
    Closed {
        /// Where the epmd is.
        host: String,
        /// On which port.
        port: u16,
    },
    /// What answered is no epmd, or a broken one.
    #[error("the answer from {host} port {port} is not that of an epmd")]
    Malformed {
        /// Where it came from.
        host: String,
        /// From which port.
        port: u16,
        /// What is wrong with it.
        source: Malformed,
    },
    /// Another node is registered under the name.
    #[error("the name {name} is registered already")]
    NameInUse {
        /// Which name.
        name: AliveName,
    },
    /// epmd refused for a reason of which only the number is known.
    #[error("epmd refused to register {name}, with result {result}")]
    Refused {
        /// Which name.
        name: AliveName,
        /// Its number.
        result: u8,
    },
    /// No such node.
    #[error("no node {name} is registered at {host}")]
    NotRegistered {
        /// Which name.
        name: AliveName,
        /// On which host.
        host: String,
    },
    /// The embedded epmd cannot listen.
    #[error("epmd cannot listen on {address}")]
    Port {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// `ERL_EPMD_PORT` is not a port.
    #[error("ERL_EPMD_PORT is {0:?}, which is not a port")]
    NotAPort(String),
    /// `ERL_EPMD_ADDRESS` is not a list of addresses.
    #[error("ERL_EPMD_ADDRESS contains {0:?}, which is not an IP address")]
    NotAnAddress(String),
}

impl EpmdError {
    /// Nobody listens there. Not the same as somebody who does not answer: only here is it right to start one.
    pub(super) fn is_absent(&self) -> bool {
        matches!(self, Self::Unreachable { source, .. } if source.kind() == io::ErrorKind::ConnectionRefused)
    }

    /// Somebody else listens there.
    pub(crate) fn is_port_taken(&self) -> bool {
        matches!(self, Self::Port { source, .. } if source.kind() == io::ErrorKind::AddrInUse)
    }

    /// The environment is wrong, not epmd.
    pub const fn is_setting(&self) -> bool {
        matches!(self, Self::NotAPort(_) | Self::NotAnAddress(_))
    }
}

impl Failure for EpmdError {
    fn code(&self) -> Code {
        match self {
            Self::UnknownHost { .. } | Self::Unreachable { .. } | Self::NotRegistered { .. } | Self::Port { .. } => Code::Unreachable,
            Self::Timeout { .. } => Code::Timeout,
            Self::Broken { .. } | Self::Closed { .. } => Code::PeerClosed,
            Self::Malformed { .. } => Code::ProtocolViolation,
            Self::NameInUse { .. } => Code::NameInUse,
            Self::Refused { .. } => Code::NotAllowed,
            // There is no code for settings that have nothing to do with TLS; the command line prints none.
            Self::NotAPort(_) | Self::NotAnAddress(_) => Code::InvalidTlsConfiguration,
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::UnknownHost { .. } => Hint::fixed("check the spelling, and that this machine's resolver knows the name"),
            Self::Unreachable { .. } => Hint::fixed(
                "start a node there, or countersign epmd; if epmd has another port, set ERL_EPMD_PORT; a firewall may also be in the way",
            ),
            Self::Timeout { .. } | Self::Broken { .. } => {
                Hint::fixed("is something else listening on epmd's port, or a firewall in the way?")
            }
            Self::Closed { .. } => {
                Hint::fixed("epmd closes on what it does not allow: a name that it does not take, or too many connections")
            }
            Self::Malformed { .. } => Hint::fixed("something else listens on epmd's port; set ERL_EPMD_PORT to the port of the real one"),
            Self::NameInUse { .. } => {
                Hint::fixed("stop the other node or choose another name; a node that has just ended holds its name for about a second")
            }
            Self::Refused { .. } => Hint::fixed("look into the log of that epmd"),
            Self::NotRegistered { .. } => {
                Hint::fixed("countersign names HOST shows who is registered; is the node running, with this name?")
            }
            Self::Port { .. } if self.is_port_taken() => {
                Hint::fixed("an epmd seems to run already: countersign names asks it; or choose another port with --port or ERL_EPMD_PORT")
            }
            Self::Port { .. } => Hint::fixed("give an address of this machine, and a port that you may open"),
            Self::NotAPort(_) => Hint::fixed("set it to a number from 1 to 65535, or unset it for 4369"),
            Self::NotAnAddress(_) => Hint::fixed("write addresses with commas between them, such as 127.0.0.1,192.0.2.7"),
        }
    }
}
