//! What a peer is that speaks no TLS, told by its first bytes.

use crate::hint::Hint;
use crate::x509::name::printable;
use std::fmt;

/// A protocol that is not TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Foreign {
    /// An HTTP request or answer.
    Http,
    /// An SSH banner.
    Ssh,
    /// The Erlang distribution without TLS.
    Distribution,
    /// A hello of SSL 2, which nobody should speak any more.
    Ssl2,
    /// A plain port of our own kind, which says so.
    PlainPort,
    /// Something else; its first bytes.
    Unknown(Vec<u8>),
}

impl Foreign {
    /// `None` if these bytes may well be TLS, or there are none.
    pub(super) fn of(first: &[u8]) -> Option<Self> {
        match first {
            [] | [0x14..=0x17, 3, ..] | [0x14..=0x17] => None,
            [0, _, b'N' | b'n' | b's', ..] => Some(Self::Distribution),
            [0x80..=0xff, _, 1, 0 | 2 | 3, ..] => Some(Self::Ssl2),
            text if text.starts_with(b"SSH-") => Some(Self::Ssh),
            text if text.starts_with(PLAIN_PORT.as_bytes()) => Some(Self::PlainPort),
            text if HTTP.iter().any(|verb| text.starts_with(verb)) => Some(Self::Http),
            other => Some(Self::Unknown(other.to_vec())),
        }
    }

    pub(super) fn hint(&self) -> Hint {
        Hint::fixed(match self {
            Self::Http => "is a browser, a health check or a proxy talking to this port? Point it elsewhere",
            Self::Ssh => "this is an SSH port or client: check host and port",
            Self::Distribution => "start the Erlang node with -proto_dist inet_tls and a -ssl_dist_optfile",
            Self::Ssl2 => "the client is very old: it must speak TLS 1.2 or newer",
            Self::PlainPort => "the port was opened without a certificate manager: give it one, or dial it plainly",
            Self::Unknown(_) => "check host and port, and that the peer has TLS turned on",
        })
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http => f.write_str("it speaks HTTP"),
            Self::Ssh => f.write_str("it speaks SSH"),
            Self::Distribution => f.write_str("it speaks the Erlang distribution without TLS"),
            Self::Ssl2 => f.write_str("it speaks SSL 2"),
            Self::PlainPort => f.write_str("its port says that it is plain TCP"),
            Self::Unknown(bytes) => {
                let some: Vec<u8> = bytes.iter().take(16).copied().collect();
                write!(f, "it began with {:?}", printable(&String::from_utf8_lossy(&some)))
            }
        }
    }
}

/// Whether these first bytes on a plain connection are a record of TLS: a hello, or an alert to a peer
/// that did not begin with one.
pub(crate) fn is_tls(first: &[u8]) -> bool {
    matches!(first, [0x15 | 0x16] | [0x15 | 0x16, 3, ..])
}

/// The newest version of a client whose hello ends before TLS 1.2. rustls misses the signature algorithms
/// in it before it looks at the version, and a person would search for the wrong thing.
pub(super) fn too_old(first: &[u8]) -> Option<&'static str> {
    match first {
        [0x16, 3, _, _, _, CLIENT_HELLO, _, _, _, 3, 0, ..] => Some("SSL 3.0"),
        [0x16, 3, _, _, _, CLIENT_HELLO, _, _, _, 3, 1, ..] => Some("TLS 1.0"),
        [0x16, 3, _, _, _, CLIENT_HELLO, _, _, _, 3, 2, ..] => Some("TLS 1.1"),
        _ => None,
    }
}

/// What a plain port answers to a TLS hello, so that the dialler can tell its user.
pub(crate) const PLAIN_PORT: &str = "countersign: this port speaks plain TCP, not TLS\r\n";

const CLIENT_HELLO: u8 = 1;
const HTTP: &[&[u8]] = &[b"GET ", b"POST ", b"PUT ", b"HEAD ", b"OPTIONS ", b"DELETE ", b"PATCH ", b"CONNECT ", b"PRI * ", b"HTTP/"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_is_recognised_by_its_first_bytes() {
        assert_eq!(Foreign::of(&[0x16, 3, 1, 0, 200]), None);
        assert_eq!(Foreign::of(b"GET / HTTP/1.1\r\n"), Some(Foreign::Http));
        assert_eq!(Foreign::of(b"SSH-2.0-OpenSSH_9.2\r\n"), Some(Foreign::Ssh));
        assert_eq!(Foreign::of(&[0, 24, b'N', 0, 0, 0, 13]), Some(Foreign::Distribution));
        assert_eq!(Foreign::of(&[0x80, 46, 1, 3, 1]), Some(Foreign::Ssl2));
        assert_eq!(Foreign::of(PLAIN_PORT.as_bytes()), Some(Foreign::PlainPort));
        assert_eq!(Foreign::of(b"\r\n\r\n"), Some(Foreign::Unknown(b"\r\n\r\n".to_vec())));
    }
}
