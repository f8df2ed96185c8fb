//! How long the certificates last that a node presents itself, and who is told when one of them is about to end.
//!
//! A node looks at them when it starts, when one is replaced, and once a minute by its own clock. What has begun since
//! it looked last stands in the log and in `status`, and comes to processes as [`Mail::OwnCertificate`](super::Mail). A
//! certificate that has ended is an error, once an hour, and nothing more: links that are up stay up for as long as
//! their peers have it so, and an update is taken as ever.

mod ends;
mod news;
mod stage;
mod watch;

pub use stage::ExpiryStage;
pub(super) use watch::{Expiry, Holder, keep_looking};

use crate::clock::{Timestamp, span};
use crate::hint::Hint;
use crate::tls::Certificate;
use std::fmt;

/// A certificate that a node presents, and how long it lasts.
///
/// ```
/// # use countersign::dist::Cookie;
/// use countersign::node::{EpmdMode, ExpiryStage, Mail, Node, NodeOptions};
/// use countersign::clock::{Clock, DAY, ManualClock, SystemClock};
/// use countersign::testing::Ca;
/// use countersign::tls::{CertAuth, TlsPolicy};
/// use std::sync::Arc;
///
/// # countersign::rt::block_on(async {
/// let (ca, clock) = (Ca::new(), Arc::new(ManualClock::at(SystemClock.now())));
/// let options = NodeOptions {
///     cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
///     tls: TlsPolicy::default().clock(clock.clone()),
///     # cookie: Some(Cookie::new(b"secret".to_vec())),
///     # acceptors: Vec::new(),
///     # epmd: EpmdMode::Off,
///     ..NodeOptions::default()
/// };
/// let node = Node::start("a@localhost", options).await?;
/// assert_eq!(node.certificates()[0].stage, ExpiryStage::Well);
///
/// let watching = node.clone();
/// let told = node.run(move |mut process| async move {
///     process.monitor_certificates(true);
///     // The node finds it out by itself, too, but not at once.
///     clock.set(SystemClock.now() + 2 * DAY);
///     watching.certificates();
///     process.receive().await
/// });
/// let Some(Mail::OwnCertificate(ended)) = told.await else { panic!("it has ended") };
/// assert_eq!(ended.stage, ExpiryStage::Expired);
/// println!("{ended}; {}", ended.hint().unwrap());
/// # node.stop().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OwnCertificate {
    /// Who presents it: `node`, `acceptor 127.0.0.1:15001`, `route db-*@internal`. Acceptors and routes that present
    /// what the node does are not named.
    pub holders: Vec<String>,
    /// What is presented.
    pub certificate: Certificate,
    /// How much of its life is left.
    pub stage: ExpiryStage,
    /// The last moment at which it is good.
    pub until: Timestamp,
    /// The subject of the authority that ends before it or with it, of those in its own chain and in the node's pools:
    /// then the end and the life that count are that one's, and a renewal does not put them off.
    pub authority: Option<String>,
    /// When this was found, by the node's clock.
    pub at: Timestamp,
    /// When there is something new to find.
    next: Option<Timestamp>,
}

impl OwnCertificate {
    /// What helps; `None` while all is well.
    pub fn hint(&self) -> Option<Hint> {
        match (self.stage, &self.authority) {
            (ExpiryStage::Well, _) => None,
            (ExpiryStage::NotYetValid, _) => Some(Hint::fixed("is the clock of this machine right?")),
            (_, None) => Some(Hint::fixed("renew it, and have the node take the new one: countersign cert renew, countersign rotate")),
            (_, Some(authority)) => Some(Hint::of(format!(
                "a renewal alone does not help, for the authority {authority} ends: replace it, with a pool that holds both until all is moved"
            ))),
        }
    }

    /// How much time is left, in words.
    pub(super) fn left(&self) -> String {
        match self.stage {
            ExpiryStage::Expired => "expired".to_owned(),
            ExpiryStage::NotYetValid => "not yet valid".to_owned(),
            _ => span(self.seconds_left()),
        }
    }

    /// Negative when it has ended.
    pub(super) fn seconds_left(&self) -> i64 {
        self.until.as_unix().saturating_sub(self.at.as_unix())
    }
}

/// In one clause: whose it is, until when it is good, and what of it is left.
impl fmt::Display for OwnCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { holders, certificate, stage, until, authority, .. } = self;
        write!(f, "the certificate {} ({}) ", certificate.leaf().subject, holders.join(", "))?;
        match stage {
            ExpiryStage::NotYetValid => return write!(f, "is not valid yet at {}", self.at),
            ExpiryStage::Expired => write!(f, "was good until {until}")?,
            _ => write!(f, "is good for {} more, until {until}", self.left())?,
        }
        authority.as_ref().map_or(Ok(()), |authority| write!(f, ", when the authority {authority} ends"))
    }
}
