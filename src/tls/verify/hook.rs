//! The user's own judgement: it comes after the chain's, and can only refuse.

use super::{Demands, Refusal, Usage};
use crate::x509::Inspected;
use rustls_pki_types::CertificateDer;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// What a hook sees of a peer.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Peer<'a> {
    /// The certificate it presented.
    pub leaf: &'a Inspected,
    /// The role in which it did.
    pub usage: Usage,
    /// Whether a CA of ours vouches for it. With the modes `request` and `require_any` none was asked.
    pub verified: bool,
}

/// Judges a peer after its chain was accepted. It cannot accept what the chain's judge refused.
///
/// ```
/// use countersign::tls::{Hook, TlsPolicy};
/// use countersign::x509::San;
///
/// let database = San::Dns("db-1.internal".into());
/// let only_the_database = Hook::new("only-the-database", move |peer| match peer.leaf.sans.contains(&database) {
///     true => Ok(()),
///     false => Err(format!("{} is not the database", peer.leaf.subject)),
/// });
/// let policy = TlsPolicy::default().hook(only_the_database);
/// # let _ = policy;
/// ```
///
/// Compare names of the certificate as values. A subject is whatever its owner asked for, and a peer that
/// shows no certificate (where the mode lets it) is never seen by a hook.
pub trait VerifyPeer: fmt::Debug + Send + Sync {
    /// The name under which its refusals are reported.
    fn name(&self) -> &'static str;

    /// Refuses by an error, whose words go to our log and never to the peer.
    ///
    /// # Errors
    /// The reason for refusing.
    fn verify(&self, peer: &Peer<'_>) -> Result<(), String>;
}

/// A hook made of a closure.
pub struct Hook<F> {
    name: &'static str,
    verify: F,
}

impl<F> Hook<F>
where
    F: Fn(&Peer<'_>) -> Result<(), String> + Send + Sync + 'static,
{
    /// Names the closure.
    #[expect(clippy::new_ret_no_self, reason = "a policy takes the trait object")]
    pub fn new(name: &'static str, verify: F) -> Arc<dyn VerifyPeer> {
        Arc::new(Self { name, verify })
    }
}

impl<F> VerifyPeer for Hook<F>
where
    F: Fn(&Peer<'_>) -> Result<(), String> + Send + Sync,
{
    fn name(&self) -> &'static str {
        self.name
    }

    fn verify(&self, peer: &Peer<'_>) -> Result<(), String> {
        (self.verify)(peer)
    }
}

impl<F> fmt::Debug for Hook<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hook").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A hook that panics refuses: a peer must not get in by breaking the judge.
pub(super) fn ask(hook: Option<&dyn VerifyPeer>, peer: &Peer<'_>) -> Result<(), Refusal> {
    let Some(hook) = hook else { return Ok(()) };
    let verdict = catch_unwind(AssertUnwindSafe(|| hook.verify(peer))).unwrap_or_else(|_| Err("it panicked".to_owned()));
    verdict.map_err(|reason| Refusal::ByHook { hook: hook.name(), reason })
}

/// A peer whose chain nobody judges: its certificate must at least be one, and the hook is asked.
pub(super) fn unjudged(
    hook: Option<&dyn VerifyPeer>,
    demands: &Demands,
    leaf: &CertificateDer<'_>,
    usage: Usage,
) -> Result<Arc<Inspected>, Refusal> {
    let leaf = Inspected::from_der(leaf).map_err(|error| Refusal::Malformed { part: error.part })?;
    demands.judge(&leaf)?;
    ask(hook, &Peer { leaf: &leaf, usage, verified: false })?;
    Ok(Arc::new(leaf))
}
