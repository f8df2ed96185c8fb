//! What is known of a link, and of the transport under it.

use crate::dist::Flags;
use crate::etf::{Atom, Creation};
use crate::net::connection::Connection;
use crate::net::meeting::Met;
use crate::node_name::NodeName;
use crate::tls::{CertResolver, Ends, Issue, PeerCertificate};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Tells the links of a process apart, also two to the same node one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LinkId(u64);

/// What is known of a link since it came up, and stays so.
#[derive(Clone, Debug)]
pub struct LinkFacts {
    /// Which link.
    pub id: LinkId,
    /// Our name: of a node that was given one, that.
    pub local: NodeName,
    /// Who is at the other end.
    pub peer: NodeName,
    /// The peer's name as identifiers have it.
    pub peer_atom: Atom,
    /// Which life of the peer.
    pub creation: Creation,
    /// What both can do.
    pub flags: Flags,
    /// Whether we dialled.
    pub dialled: bool,
    /// When it came up.
    pub since: Instant,
}

/// What is known of the connection under a link.
#[derive(Clone, Debug)]
pub struct TransportFacts {
    /// The two addresses.
    pub ends: Ends,
    /// What was agreed on, unless it is plain TCP.
    pub tls: Option<TlsFacts>,
    /// The certificate that the peer presented.
    pub peer_certificate: Option<PeerCertificate>,
    /// The certificate that we presented, whatever has been rotated since.
    pub presented: Option<Issue>,
    /// Where it comes from, and its successors do; of the node, or of the acceptor or route of this link.
    pub resolver: Option<Arc<CertResolver>>,
}

/// What the two ends of a TLS connection agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TlsFacts {
    /// The version, such as `TLSv1_3`.
    pub version: &'static str,
    /// The suite, such as `TLS13_CHACHA20_POLY1305_SHA256`.
    pub suite: &'static str,
    /// The key exchange, such as `X25519MLKEM768`.
    pub key_exchange: &'static str,
    /// Whether the peer is a node of our own kind.
    pub is_ours: bool,
}

impl TlsFacts {
    /// Whether the link has to end before its keys are worn out. AES-GCM allows 2^24 records under one key. Then
    /// TLS 1.3 takes new keys and asks the peer to, which OTP does not survive; and TLS 1.2 takes none.
    pub fn keys_wear_out(&self) -> bool {
        let are_renewed = self.is_ours && self.version == "TLSv1_3";
        !are_renewed && self.suite.contains("_GCM_")
    }
}

impl LinkFacts {
    pub(in crate::net) fn of(met: &Met) -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let (local, peer) = (met.established.local.clone(), met.established.peer.clone());
        // A name of a node is never longer than an atom may be.
        let peer_atom = Atom::new(peer.as_str()).unwrap_or(Atom::fixed(""));
        Self {
            id: LinkId(LAST.fetch_add(1, Ordering::Relaxed)),
            local,
            peer,
            peer_atom,
            creation: met.established.creation,
            flags: met.established.flags,
            dialled: met.dialled,
            since: Instant::now(),
        }
    }

    /// Whether OTP would list the peer under `nodes()`.
    pub const fn is_visible(&self) -> bool {
        self.flags.contains(Flags::PUBLISHED)
    }
}

impl TransportFacts {
    pub(in crate::net) fn of(connection: &Connection) -> Self {
        let tls = connection.tls().map(|tls| TlsFacts {
            version: tls.version(),
            suite: tls.suite(),
            key_exchange: tls.key_exchange(),
            is_ours: tls.is_ours(),
        });
        Self {
            ends: connection.ends(),
            tls,
            peer_certificate: connection.peer_certificate().cloned(),
            presented: connection.presented().cloned(),
            resolver: connection.tls().map(|tls| Arc::clone(tls.resolver())),
        }
    }

    /// Whether a newer certificate is in force than the one that we presented: the next connection will show that.
    pub fn is_outdated(&self) -> bool {
        let newest = self.resolver.as_ref().map(|resolver| resolver.current().generation);
        self.presented.as_ref().zip(newest).is_some_and(|(presented, newest)| presented.generation < newest)
    }
}
