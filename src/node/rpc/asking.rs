//! Calls of ours under way, and what binds us to what they start.

use super::answer::{refused, value};
use super::apply::Apply;
use super::at_peers::execute;
use super::error::ErpcError;
use super::raised::Done;
use super::spawning::{self, Awaited, News};
use crate::dist::control::Mfa;
use crate::etf::{Atom, Pid, Reference, Term, list};
use crate::node::process::Process;
use crate::node::{reason, wire};
use crate::node_name::NodeName;

/// What binds a child to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tie {
    None,
    Monitor,
    /// And monitored, until it is known to have begun.
    Link,
}

impl Tie {
    /// As OTP wants them; it takes no others.
    pub(super) const fn wishes(self) -> &'static [&'static str] {
        match self {
            Self::None => &[],
            Self::Monitor => &["monitor"],
            Self::Link => &["link", "monitor"],
        }
    }
}

/// A call under way. However it ends, also if its caller no longer cares to wait, nothing is left of it: neither a
/// monitor nor mail, nor a child that is linked to us and that nobody knows of.
pub(super) struct Asking<'a> {
    process: &'a mut Process,
    node: &'a NodeName,
    tie: Tie,
    awaited: Option<Awaited>,
}

impl<'a> Asking<'a> {
    pub(super) const fn new(process: &'a mut Process, node: &'a NodeName, tie: Tie) -> Self {
        Self { process, node, tie, awaited: None }
    }

    /// The value of a function.
    pub(super) async fn call(&mut self, what: Apply) -> Result<Term, ErpcError> {
        let (name, tag) = (what.name(), Term::from(self.process.core().reference()));
        if self.is_here() {
            let tag = tag.clone();
            self.process.begin_here(what, self.tie, |done| done.into_erpc(tag), &mut self.awaited)?;
        } else {
            let [module, function, arguments] = what.into_terms();
            self.request(execute("execute_call", 4), list([tag.clone(), module, function, arguments])).await?;
        }
        loop {
            match self.news().await? {
                News::Begun(_) => {}
                News::Refused(why) => return Err(refused(self.node, why)),
                News::Ended(reason) => return value(self.node, &name, &tag, reason),
            }
        }
    }

    /// The child, once it runs.
    pub(super) async fn begin(&mut self, what: Apply) -> Result<Pid, ErpcError> {
        if self.is_here() {
            return self.process.begin_here(what, self.tie, Done::into_reason, &mut self.awaited);
        }
        let Apply { module, function, arguments } = what;
        let arity = u8::try_from(arguments.len()).map_err(|_| refused(self.node, Atom::fixed("system_limit")))?;
        self.request(Mfa { module, function, arity }, list(arguments)).await?;
        match self.news().await? {
            News::Begun(pid) => Ok(pid),
            News::Refused(why) => Err(refused(self.node, why)),
            News::Ended(_) => Err(self.lost()),
        }
    }

    /// The monitor of a child that is known, and which goes on.
    pub(super) fn settled(mut self) -> Result<Reference, ErpcError> {
        self.awaited.take().map(|awaited| awaited.reference).ok_or_else(|| self.lost())
    }

    async fn request(&mut self, mfa: Mfa, arguments: Term) -> Result<(), ErpcError> {
        spawning::request(self.process, self.node, (mfa, arguments), self.tie.wishes(), &mut self.awaited).await
    }

    async fn news(&mut self) -> Result<News, ErpcError> {
        match &self.awaited {
            Some(awaited) => Ok(awaited.news(self.process).await),
            None => Err(self.lost()),
        }
    }

    fn is_here(&self) -> bool {
        self.node == self.process.node()
    }

    fn lost(&self) -> ErpcError {
        ErpcError::NoConnection { node: self.node.clone() }
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        let unheard = self.awaited.take().and_then(|awaited| awaited.forget(self.process));
        let Some(child) = unheard.filter(|_| self.tie == Tie::Link) else { return };
        self.process.unlink(&child);
        if let Some(peer) = self.process.core().peer(self.node.as_str()) {
            wire::exit2(&peer, self.process.pid(), &child, &reason::abandoned());
        }
    }
}
