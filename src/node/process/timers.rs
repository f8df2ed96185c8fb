//! What a process wants to be said later.

use super::Process;
use crate::etf::Term;
use crate::node::destination::Destination;
use crate::node::timers::{Says, Timer, TimerRefused};
use std::time::Duration;

impl Process {
    /// Sends a term later, to a process of this node: by pid, by name (whoever has it then), or by alias. As in
    /// Erlang, a timer ends with the process that it is for; that its maker ends makes no difference.
    ///
    /// ```
    /// # use countersign::node::{EpmdMode, Node, NodeOptions};
    /// # use countersign::{dist::Cookie, testing::Ca, tls::CertAuth};
    /// # use std::sync::Arc;
    /// use countersign::etf::atom;
    /// use std::time::Duration;
    ///
    /// # countersign::rt::block_on(async {
    /// # let ca = Ca::new();
    /// # let options = NodeOptions {
    /// #     cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
    /// #     cookie: Some(Cookie::new(b"secret".to_vec())), acceptors: vec![], epmd: EpmdMode::Off, ..NodeOptions::default()
    /// # };
    /// # let node = Node::start("a@localhost", options).await?;
    /// let waiting = node.run(|mut process| async move {
    ///     let own = process.pid().clone();
    ///     let far_off = process.send_after(Duration::from_secs(3_600), &own, atom("never")).unwrap();
    ///     process.send_after(Duration::from_millis(1), &own, atom("soon")).unwrap();
    ///     assert_eq!(process.receive().await.into_term(), Some(atom("soon")));
    ///     assert!(process.cancel_timer(&far_off) > Some(Duration::from_secs(3_000)));
    ///     assert_eq!(process.cancel_timer(&far_off), None);
    /// });
    /// waiting.await.unwrap();
    /// # node.stop().await;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// It is for a process of another node, or too many timers of this process run.
    pub fn send_after(&mut self, after: Duration, to: impl Into<Destination>, term: impl Into<Term>) -> Result<Timer, TimerRefused> {
        self.core.start_timer(&self.body, after, to.into(), Says::Message, term.into())
    }

    /// The same, as `{timeout, Timer, Term}`: so that whoever gets it can tell it from one that it has called off
    /// too late.
    ///
    /// # Errors
    /// As [`Process::send_after`].
    pub fn start_timer(&mut self, after: Duration, to: impl Into<Destination>, term: impl Into<Term>) -> Result<Timer, TimerRefused> {
        self.core.start_timer(&self.body, after, to.into(), Says::Timeout, term.into())
    }

    /// Calls a timer off, whoever made it: how much time was left. `None` if it was due already, and then its
    /// message has been sent, or if there is no such timer.
    pub fn cancel_timer(&mut self, timer: &Timer) -> Option<Duration> {
        self.core.cancel_timer(timer)
    }

    /// How much time is left.
    pub fn read_timer(&self, timer: &Timer) -> Option<Duration> {
        self.core.read_timer(timer)
    }
}
