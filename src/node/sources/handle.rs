//! What the program that runs a node may do about its certificates.

use super::{Rotate, Rotated, SourceStatus};
use crate::node::handle::Node;

impl Node {
    /// Looks at all sources now, and takes what is good: [`rotate`](Self::rotate) from the sources.
    pub async fn reload(&self) -> Rotated {
        self.rotate(Rotate::from_sources()).await
    }

    /// Has another certificate presented from the next handshake on, if everybody can work with it who would have to, or
    /// finds out whether they could. What it says of links is what their rotation makes of it, which takes its time.
    ///
    /// ```
    /// # use countersign::dist::Cookie;
    /// # use countersign::node::{Acceptor, EpmdMode, Node, NodeOptions};
    /// # use countersign::testing::Ca;
    /// # use countersign::tls::CertAuth;
    /// use countersign::node::{Renewed, Rotate};
    /// use countersign::tls::source::CertFiles;
    /// use std::sync::Arc;
    ///
    /// # countersign::rt::block_on(async {
    /// # let ca = Ca::new();
    /// # let options = NodeOptions {
    /// #     cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
    /// #     cookie: Some(Cookie::new(b"secret".to_vec())),
    /// #     acceptors: vec![Acceptor::at_port(0)],
    /// #     epmd: EpmdMode::Off,
    /// #     ..NodeOptions::default()
    /// # };
    /// # let node = Node::start("a@localhost", options).await?;
    /// let given = Arc::new(CertFiles::pair("no-such.crt", "no-such.key"));
    /// let rotated = node.rotate(Rotate::to(given).dry_run()).await;
    /// let Renewed::Refused(trouble) = &rotated.renewals[0].outcome else { panic!("there are no such files") };
    /// assert!(trouble.reason.starts_with("no-such.crt: cannot be read: "));
    /// # node.stop().await;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn rotate(&self, wanted: Rotate) -> Rotated {
        self.core().rotate(wanted).await
    }

    /// The sources of its certificates, as of the last look at each.
    pub fn sources(&self) -> Vec<SourceStatus> {
        self.core().sources.shown().to_vec()
    }
}
