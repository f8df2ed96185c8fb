//! Names of a process that end before it does.

use super::Process;
use crate::node::alias::{Alias, Lasts};
use crate::node::destination::Destination;
use crate::node::registry::number;

impl Process {
    /// A new name of this process, for others to send to: as Erlang's `alias/1`.
    ///
    /// ```
    /// # use countersign::node::{EpmdMode, Node, NodeOptions};
    /// # use countersign::{dist::Cookie, testing::Ca, tls::CertAuth};
    /// # use std::sync::Arc;
    /// use countersign::etf::atom;
    /// use countersign::node::Lasts;
    ///
    /// # countersign::rt::block_on(async {
    /// # let ca = Ca::new();
    /// # let options = NodeOptions {
    /// #     cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
    /// #     cookie: Some(Cookie::new(b"secret".to_vec())), acceptors: vec![], epmd: EpmdMode::Off, ..NodeOptions::default()
    /// # };
    /// # let node = Node::start("a@localhost", options).await?;
    /// let asking = node.run(|mut process| async move {
    ///     let alias = process.alias(Lasts::UntilReply);
    ///     let to = alias.clone();
    ///     process.spawn(move |mut server| async move {
    ///         server.send(to.clone(), atom("first")).await.unwrap();
    ///         server.send(to, atom("too_late")).await.unwrap();
    ///     });
    ///     assert_eq!(process.receive().await.into_term(), Some(atom("first")));
    ///     assert!(!process.unalias(&alias), "it has ended with the first message");
    /// });
    /// asking.await.unwrap();
    /// # node.stop().await;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn alias(&mut self, lasts: Lasts) -> Alias {
        let reference = self.core.alias_reference(number(&self.body.pid));
        self.body.ties().aliases.insert(reference.clone(), lasts);
        Alias::of(reference)
    }

    /// Ends an alias of this process; whether there still was one. What was sent to it before may have come
    /// already, and stays. A monitor that was made with it goes on.
    pub fn unalias(&mut self, alias: &Alias) -> bool {
        self.body.ties().aliases.remove(alias.reference()).is_some()
    }

    /// Watches a process as [`Process::monitor`] does, by a reference that is an alias as well: Erlang's
    /// `monitor/3` with `{alias, explicit_unalias}` or `{alias, reply_demonitor}`. One that lasts until the reply
    /// ends with the first message to it, and the monitor with it; and it ends with the monitor.
    pub async fn monitor_with_alias(&mut self, what: impl Into<Destination>, lasts: Lasts) -> Alias {
        let found = self.find(what.into()).await;
        // Before the monitor, whose end may come at once and take the alias along.
        let alias = self.alias(lasts);
        self.watch(alias.reference(), found);
        alias
    }
}
