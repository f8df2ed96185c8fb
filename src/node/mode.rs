//! Whether a node can be dialled, and whether it says so.

use super::options::{Acceptor, EpmdMode, NodeOptions, Visibility};
use std::fmt;

/// Who dials whom.
///
/// ```
/// use countersign::dist::Cookie;
/// use countersign::node::{Acceptor, Mode, Node, NodeOptions};
///
/// # countersign::rt::block_on(async {
/// let cookie = Some(Cookie::new(b"secret".to_vec()));
/// // For an example. In production: a cert_manager.
/// let options = NodeOptions { mode: Mode::Passive, danger_plaintext: true, cookie, acceptors: vec![Acceptor::at_port(0)], ..NodeOptions::default() };
/// let quiet = Node::start("quiet@localhost", options.clone()).await?;
/// assert!(quiet.local_addrs().len() == 1 && quiet.epmd_port().is_none());
///
/// let dialler = Node::start("dialler@localhost", NodeOptions { mode: Mode::OutgoingOnly, ..options }).await?;
/// assert!(dialler.local_addrs().is_empty());
/// # dialler.stop().await;
/// # quiet.stop().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// It listens, is known to an epmd, and dials.
    #[default]
    ListenAndDial,
    /// It listens and dials, and announces nothing: no epmd knows it, and it is hidden. Whoever wants to dial it has a route
    /// to it. The epmds of others are asked for peers all the same.
    Passive,
    /// It only dials: nothing listens, whatever acceptors there are, and no epmd is needed for it. A node without
    /// acceptors is one, too.
    OutgoingOnly,
}

impl Mode {
    /// All modes.
    pub const ALL: [Self; 3] = [Self::ListenAndDial, Self::Passive, Self::OutgoingOnly];

    /// The word in configurations.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ListenAndDial => "listen_and_dial",
            Self::Passive => "passive",
            Self::OutgoingOnly => "outgoing_only",
        }
    }

    /// What comes of these options.
    pub(super) fn of(options: &NodeOptions) -> Self {
        if options.acceptors.is_empty() { Self::OutgoingOnly } else { options.mode }
    }

    /// Those that are opened.
    pub(super) fn acceptors(options: &NodeOptions) -> &[Acceptor] {
        if options.mode == Self::OutgoingOnly { &[] } else { &options.acceptors }
    }

    /// How the node makes itself known.
    pub(super) fn epmd(options: &NodeOptions) -> &EpmdMode {
        if Self::of(options) == Self::ListenAndDial { &options.epmd } else { &EpmdMode::Off }
    }

    /// Whether it would be hidden and seen.
    pub(super) fn is_contradicted(options: &NodeOptions) -> bool {
        options.mode == Self::Passive && options.visibility == Visibility::Visible
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
