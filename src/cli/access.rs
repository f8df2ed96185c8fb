//! Which node is meant, and with which certificate and cookie it is started or reached.

mod case;

use super::Trouble;
use super::development::{self, Development};
use crate::config::{self, Config};
use crate::node::{Acceptor, EpmdMode, Mode, Node, NodeOptions, NodePattern, Place, Route};
use crate::node_name::NodeName;
use crate::tls::CertManager;
use crate::x509::Inspected;
use crate::x509::name::San;
use clap::Args;
use std::path::PathBuf;
use std::sync::Arc;

/// Where certificate, cookie and name come from; the development directory unless said otherwise.
#[derive(Debug, Args)]
pub(super) struct Access {
    /// The node's configuration file
    #[arg(long, value_name = "FILE", group = "source")]
    config: Option<PathBuf>,
    /// A directory with tls.crt, tls.key and ca.crt: mutual TLS with that one CA
    #[arg(long, value_name = "DIR", group = "source")]
    tls_dir: Option<PathBuf>,
    /// Plain TCP: anybody on the way can read and change everything
    #[arg(long, group = "source")]
    plain: bool,
    /// The development directory [default: COUNTERSIGN_DEV_DIR, or countersign/dev among the user's state]
    #[arg(long, value_name = "DIR", group = "source")]
    dev_dir: Option<PathBuf>,
    /// A file with the cookie, readable by its owner alone [default: ~/.erlang.cookie]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["config", "dev_dir"])]
    cookie_file: Option<PathBuf>,
}

/// A node's name, if it is known, and what belongs to it.
pub(super) struct Entry {
    pub(super) name: Option<NodeName>,
    pub(super) options: NodeOptions,
    pub(super) development: Option<Development>,
}

impl Entry {
    const fn of(name: Option<NodeName>, options: NodeOptions) -> Self {
        Self { name, options, development: None }
    }
}

impl Access {
    /// For a node that shall start, under this name if one is given.
    pub(super) fn to_start(&self, name: Option<NodeName>) -> Result<Entry, Trouble> {
        if let Some(entry) = self.brought_along()? {
            return Ok(Entry { name: name.or(entry.name), ..entry });
        }
        let development = Development::prepare(&self.development_path()?)?;
        let name = name.map_or_else(development::default_name, Ok)?;
        let options = development.options(&name)?;
        Ok(Entry { development: Some(development), ..Entry::of(Some(name), options) })
    }

    /// For reaching a node that runs: this one, or the one that certificate or configuration speak of.
    pub(super) async fn reach(&self, peer: Option<NodeName>) -> Result<Reached, Trouble> {
        let entry = match self.brought_along()? {
            Some(entry) => entry,
            None => {
                let development = Development::open(&self.development_path()?)?;
                let name = development::default_name()?;
                let options = development.options(&name)?;
                Entry { development: Some(development), ..Entry::of(Some(name), options) }
            }
        };
        let route = entry.route();
        let peer = peer.or(entry.name).ok_or(Trouble::NobodyMeant)?;
        let mut options = entry.options;
        let is_said = options.routes.iter().any(|route| route.matches.matches(&peer));
        options.routes.extend(route.filter(|route| route.matches.matches(&peer) && !is_said));
        Ok(Reached { node: Node::join(&peer, options).await?, peer })
    }

    /// What is not the development directory's.
    fn brought_along(&self) -> Result<Option<Entry>, Trouble> {
        if let Some(path) = &self.config {
            let config = Config::from_file(path)?;
            return Ok(Some(Entry::of(Some(config.name), config.options)));
        }
        let cookie = self.cookie_file.as_deref().map(config::cookie_file).transpose()?;
        if let Some(path) = &self.tls_dir {
            let manager = config::tls_directory(path)?;
            let name = borne_by(manager.resolver().current().certificate.leaf());
            let options = NodeOptions { cert_manager: Some(Arc::new(manager)), cookie, ..NodeOptions::default() };
            return Ok(Some(Entry::of(name, options)));
        }
        let options = NodeOptions { danger_plaintext: true, cookie, ..NodeOptions::default() };
        Ok(self.plain.then(|| Entry::of(None, options)))
    }

    fn development_path(&self) -> Result<PathBuf, Trouble> {
        Ok(match &self.dev_dir {
            Some(path) => path.clone(),
            None => development::usual_path()?,
        })
    }
}

/// A node that runs, and the nameless one that was started to talk to it.
pub(super) struct Reached {
    pub(super) node: Node,
    pub(super) peer: NodeName,
}

impl Entry {
    /// The way to the node, as its configuration has it: with what is said at the acceptor, and where no epmd knows that one,
    /// at its port, on the host of the node's name: that is what its certificate bears. Rather an acceptor that asks for a
    /// certificate than one that speaks plain TCP: who has shown none is told nothing.
    fn route(&self) -> Option<Route> {
        let peer = self.name.clone()?;
        let NodeOptions { acceptors, epmd, mode, .. } = &self.options;
        let is_known = !matches!(epmd, EpmdMode::Off) && *mode == Mode::ListenAndDial;
        let registered = self.options.registered().ok().flatten().filter(|_| is_known).and_then(|index| acceptors.get(index));
        let has_one_port = |acceptor: &&Acceptor| acceptor.port != 0 && acceptor.port_range == 1;
        let at_ports = acceptors.iter().filter(has_one_port).map(|acceptor| (acceptor, Place::At { host: None, port: acceptor.port }));
        let ways = || registered.map(|acceptor| (acceptor, Place::DISCOVERY)).into_iter().chain(at_ports.clone());
        let (acceptor, place) = ways().find(|(acceptor, _)| !acceptor.danger_plaintext).or_else(|| ways().next())?;
        let Acceptor { cert_manager, danger_plaintext, cookie, tls, .. } = acceptor.clone();
        Some(Route { cert_manager, danger_plaintext, cookie, tls, ..Route::matching(NodePattern::exactly(&peer), place) })
    }
}

/// The one node's name that a certificate bears.
fn borne_by(leaf: &Inspected) -> Option<NodeName> {
    let mut names = leaf.sans.iter().filter_map(|san| match san {
        San::Uri(uri) => uri.strip_prefix("erl:")?.parse().ok(),
        _ => None,
    });
    names.next().filter(|_| names.next().is_none())
}
