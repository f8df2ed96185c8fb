//! The verdict on a peer whose connection is open: would it be accepted now?
//!
//! A connection lives for months, and is judged once. Meanwhile its certificate may expire, be revoked or unpinned. So
//! what a peer presented is kept, whole, together with the judge of its handshake; asked again, that judge says what it
//! would say in a handshake at this moment. CA pools, roles and names are as they were; lists, pins and clock as they are.
//!
//! ```
//! use countersign::net::{Dialer, DialerOptions, Listener, ListenerOptions};
//! use countersign::testing::Ca;
//! use countersign::tls::{CertAuth, Pins, TlsPolicy, rejudge::Verdict};
//! use countersign::x509::Fingerprint;
//! use std::sync::Arc;
//!
//! # countersign::rt::block_on(async {
//! let (ca, pins) = (Ca::new(), Pins::new([]));
//! let mut options = ListenerOptions::secure(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool())));
//! options.tls = TlsPolicy::default().pins(Arc::clone(&pins));
//! let listener = Listener::bind("127.0.0.1:0".parse()?, options).await?;
//!
//! let dialer = Dialer::new(DialerOptions::secure(Arc::new(CertAuth::mutual(ca.client("b"), ca.pool()))))?;
//! let _dialled = dialer.dial("localhost", listener.local_addr().port()).await?;
//! let peer = listener.accept().await?.peer_certificate().unwrap().clone();
//! assert!(matches!(peer.rejudge(), Verdict::Accepted { .. }));
//!
//! pins.replace([Fingerprint::of(b"another key")]);
//! let Verdict::Refused(refusal) = peer.rejudge() else { panic!("it has another key") };
//! assert_eq!(refusal.code().as_str(), "pin_mismatch");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```

use super::changes::Watcher;
use super::resolver::Issue;
use super::stream::PeerCertificate;
use super::verify::{Refusal, SideJudge};
use crate::clock::Timestamp;
use crate::x509::{Fingerprint, Inspected};
use rustls_pki_types::{CertificateDer, ServerName};
use std::fmt;
use std::sync::Arc;

/// What a handshake would say of a peer now.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Verdict {
    /// It would be accepted.
    Accepted {
        /// The last moment at which all certificates from its own up to the authority are valid.
        until: Timestamp,
    },
    /// It would be refused.
    Refused(Refusal),
    /// Nobody can say.
    NotJudged(NotJudged),
}

/// Why a peer is not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum NotJudged {
    /// On plain TCP nobody shows a certificate.
    Plain,
    /// It was asked for no certificate, or had none.
    NoCertificate,
    /// The mode judges no chain, or verification was switched off.
    Unverified,
    /// A rustls configuration of one's own has its own verifier.
    OwnConfiguration,
}

impl NotJudged {
    /// All reasons.
    pub const ALL: [Self; 4] = [Self::Plain, Self::NoCertificate, Self::Unverified, Self::OwnConfiguration];

    /// In one word, for tables and terms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::NoCertificate => "no_certificate",
            Self::Unverified => "unverified",
            Self::OwnConfiguration => "own_configuration",
        }
    }
}

impl fmt::Display for NotJudged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a peer presented, whole: TLS allows it 64 KiB.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) leaf: CertificateDer<'static>,
    /// Nodes of a cluster mostly send the same.
    pub(super) rest: Arc<[CertificateDer<'static>]>,
}

impl Chain {
    /// Of a certificate that no peer has presented.
    pub(super) fn none() -> Self {
        Self { leaf: CertificateDer::from(Vec::new()), rest: Arc::new([]) }
    }
}

/// By whom a peer was judged, as what, and under which name.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) judge: Arc<SideJudge>,
    pub(super) name: Option<ServerName<'static>>,
    /// The last moment at which the path that was found is valid.
    pub(super) until: Timestamp,
    /// How many changes there had been when the verdict began.
    pub(super) changes: u64,
}

impl Standing {
    fn judge(&self, chain: &Chain, now: Timestamp) -> Verdict {
        match self.judge.judge((&chain.leaf, &chain.rest), self.name.as_ref(), now) {
            Err(refusal) => Verdict::Refused(refusal),
            Ok(_) if !self.judge.judges_chains() => Verdict::NotJudged(NotJudged::Unverified),
            Ok(accepted) => Verdict::Accepted { until: accepted.until },
        }
    }
}

impl PeerCertificate {
    /// What a handshake would say now. Where no chain is judged, pins and hook are asked all the same, and refuse.
    pub fn rejudge(&self) -> Verdict {
        match &self.standing {
            Some(standing) => standing.judge(&self.presented, standing.judge.now()),
            None => Verdict::NotJudged(NotJudged::OwnConfiguration),
        }
    }

    /// What speaks against the peer besides its dates, for those who keep connections beyond them: a list that names
    /// one of its certificates, a pin, an expected name, the hook.
    ///
    /// # Errors
    /// What speaks against it.
    pub fn rejudge_besides_dates(&self) -> Result<(), Refusal> {
        self.standing.as_ref().map_or(Ok(()), |standing| standing.judge.besides_dates(&self.leaf, &self.presented.rest))
    }

    /// How many seconds are left until `until`, by the judge's clock, and one more: then it is over.
    pub fn seconds_until(&self, until: Timestamp) -> u64 {
        let now = self.standing.as_ref().map_or(until, |standing| standing.judge.now());
        u64::try_from(until.as_unix().saturating_sub(now.as_unix())).unwrap_or(0).saturating_add(1)
    }

    /// The last moment at which all certificates of the path that the handshake found are valid; `None` where no
    /// chain was judged.
    pub fn valid_until(&self) -> Option<Timestamp> {
        self.standing.as_ref().filter(|standing| standing.judge.judges_chains()).map(|standing| standing.until)
    }

    /// Has a watcher told of each change that may change the verdict; whether there was one already since the handshake's
    /// verdict. What a hook goes by is not known here.
    pub fn watch(&self, watcher: &Arc<Watcher>) -> bool {
        self.standing.as_ref().is_some_and(|standing| {
            standing.judge.watch(watcher);
            standing.judge.changes() != standing.changes
        })
    }

    /// Whether the peer would be refused without the authorities with these SHA-256, or for another reason than now.
    pub fn depends_on(&self, ca: &[Fingerprint]) -> bool {
        let standing = self.standing.as_ref();
        standing.is_some_and(|it| it.judge.depends_on(ca, (&self.presented.leaf, &self.presented.rest), it.name.as_ref()))
    }

    /// Whether, of all authorities that this side knows, only these vouch for what it presented on its part.
    pub fn was_shown_by(&self, ca: &[Fingerprint], presented: &Issue) -> bool {
        self.standing.as_ref().is_some_and(|standing| standing.judge.presents_by(ca, &presented.certificate))
    }

    /// All certificates that the peer presented, its own first.
    pub fn chain(&self) -> impl Iterator<Item = &CertificateDer<'static>> {
        std::iter::once(&self.presented.leaf).chain(self.presented.rest.iter())
    }
}

impl Chain {
    pub(super) fn new(leaf: &CertificateDer<'_>, rest: Arc<[CertificateDer<'static>]>) -> Arc<Self> {
        Arc::new(Self { leaf: leaf.clone().into_owned(), rest })
    }

    /// Of a verifier that is not ours.
    pub(super) fn of(presented: &[CertificateDer<'static>]) -> Option<(Arc<Self>, Inspected)> {
        let (leaf, rest) = presented.split_first()?;
        Some((Self::new(leaf, rest.into()), Inspected::from_der(leaf).ok()?))
    }
}
