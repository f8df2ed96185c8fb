//! Which node is meant, and with which certificate and cookie it is started or reached.

mod case;

use super::Trouble;
use super::development::{self, Development};
use super::overrides::{self, Overrides};
use crate::config::{self, Config, ConfigError, Layers, Source};
use crate::failure::{Code, Failure};
use crate::node::{Acceptor, ConnectError, EpmdMode, Mode, Node, NodeOptions, NodePattern, Place, Route};
use crate::node_name::NodeName;
use crate::x509::Inspected;
use crate::x509::file::read_public;
use crate::x509::name::San;
use crate::x509::pem::{self, Origin};
use clap::Args;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// Where certificate, cookie and name come from; the development directory unless said otherwise.
#[derive(Debug, Args)]
pub(super) struct Access {
    /// The node's configuration file [default: the one that COUNTERSIGN_CONFIG names]
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
    /// A file with the cookie, readable by its owner alone [default: the configuration's, or ~/.erlang.cookie]
    #[arg(long, value_name = "FILE", conflicts_with = "dev_dir")]
    cookie_file: Option<PathBuf>,
}

/// A node's name, and what belongs to it.
pub(super) struct Entry {
    pub(super) name: NodeName,
    pub(super) options: NodeOptions,
    pub(super) development: Option<Development>,
}

/// Where all of it comes from.
enum Chosen<'a> {
    File(Cow<'a, Path>),
    Directory(&'a Path),
    Plain,
    Development(Cow<'a, Path>),
}

impl Access {
    /// For a node that shall start.
    pub(super) fn to_start(&self, overrides: &Overrides) -> Result<Entry, Trouble> {
        let chosen = self.chosen()?;
        let development = match &chosen {
            Chosen::Development(path) => Some(Development::prepare(path)?),
            _ => None,
        };
        let name = chosen.usual_name()?;
        if chosen.is_nameless(name.as_ref(), overrides) {
            return Err(chosen.nameless());
        }
        self.entry(&chosen, name, development, overrides)
    }

    /// All that is wrong with the file, of which a node that shall start meets but the first.
    pub(super) fn faults(&self, overrides: &Overrides) -> Vec<ConfigError> {
        let Ok(chosen @ Chosen::File(_)) = self.chosen() else { return Vec::new() };
        match (&chosen, self.layers(&chosen, None, None, overrides)) {
            // What comes through a pipe is gone when it is read.
            (Chosen::File(path), Ok(layers)) if path.is_file() => config::check(path, &layers).err().unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// For reaching a node that runs: this one, or the one that certificate or configuration speak of.
    pub(super) async fn reach(&self, peer: Option<NodeName>) -> Result<Reached, Trouble> {
        let (chosen, overrides) = (self.chosen()?, Overrides::default());
        let development = match &chosen {
            Chosen::Development(path) => Some(Development::open(path)?),
            _ => None,
        };
        let own = chosen.usual_name()?;
        let is_nameless = chosen.is_nameless(own.as_ref(), &overrides);
        let name = if is_nameless { Some(peer.clone().ok_or(Trouble::NobodyMeant)?) } else { own };
        let entry = self.entry(&chosen, name, development, &overrides)?;
        let route = if is_nameless { None } else { entry.route() };
        let (is_named, peer) = (peer.is_some(), peer.unwrap_or(entry.name));
        let mut options = entry.options;
        let is_said = options.routes.iter().any(|route| route.matches.matches(&peer));
        options.routes.extend(route.filter(|route| route.matches.matches(&peer) && !is_said));
        let joined = Node::join(&peer, options).await;
        let goes_by_default = matches!(chosen, Chosen::Development(_)) && self.dev_dir.is_none();
        // Whether a node that is named can be reached does not depend on whose certificate is shown to it.
        let is_about_it = |error: &ConnectError| goes_by_default && !(is_named && error.code() == Code::Unreachable);
        let node = joined.map_err(|error| if is_about_it(&error) { Trouble::ByDefault(error) } else { error.into() })?;
        Ok(Reached { node, peer })
    }

    /// A flag names one of them, or else the environment a file.
    fn chosen(&self) -> Result<Chosen<'_>, Trouble> {
        Ok(match self {
            Self { config: Some(path), .. } => Chosen::File(path.into()),
            Self { tls_dir: Some(path), .. } => Chosen::Directory(path),
            Self { plain: true, .. } => Chosen::Plain,
            Self { dev_dir: Some(path), .. } => Chosen::Development(path.into()),
            _ => match overrides::environment(overrides::CONFIG) {
                Some(path) => Chosen::File(PathBuf::from(path).into()),
                None => Chosen::Development(development::usual_path()?.into()),
            },
        })
    }

    /// Everything is a configuration: a file, or what would stand in one.
    fn entry(
        &self,
        chosen: &Chosen<'_>,
        name: Option<NodeName>,
        development: Option<Development>,
        overrides: &Overrides,
    ) -> Result<Entry, Trouble> {
        let layers = self.layers(chosen, name, development.as_ref(), overrides)?;
        let Config { name, options, .. } = match chosen {
            Chosen::File(path) => Config::from_file_with(path, &layers)?,
            _ => Config::from_layers("{}", Path::new(""), &layers)?,
        };
        // A shell that joins as it is told there would come with the directory's cookie.
        let development = development.filter(|_| self.cookie().is_none());
        Ok(Entry { name, options, development })
    }

    /// What a flag or the environment says of it; a directory that is named brings its own.
    fn cookie(&self) -> overrides::Said {
        overrides::cookie_file(self.cookie_file.as_deref()).filter(|_| self.dev_dir.is_none())
    }

    /// What is said beside the file, or without one.
    fn layers(
        &self,
        chosen: &Chosen<'_>,
        name: Option<NodeName>,
        development: Option<&Development>,
        overrides: &Overrides,
    ) -> Result<Layers, Trouble> {
        let mut layers = Layers::default();
        if let Some(name) = &name {
            layers.set("node.name", name.as_str(), Source::Default);
        }
        match chosen {
            Chosen::Directory(path) => layers.set("tls", json!({ "dir": path.to_string_lossy() }), Source::Flag("--tls-dir")),
            Chosen::Plain => layers.set("tls", Value::Null, Source::Flag("--plain")),
            Chosen::File(_) | Chosen::Development(_) => {}
        }
        if let Some(development) = development {
            let name = overrides.a_name().or(name).map_or_else(development::default_name, Ok)?;
            development.say(&name, overrides.announces_nothing(), &mut layers)?;
        }
        if let Some((path, source)) = self.cookie() {
            layers.set("node.cookie", path, source);
        }
        Ok(overrides.over(layers))
    }
}

impl Chosen<'_> {
    /// The name where nothing else says one.
    fn usual_name(&self) -> Result<Option<NodeName>, Trouble> {
        Ok(match self {
            Self::File(_) | Self::Plain => None,
            Self::Directory(path) => named_in(path),
            Self::Development(_) => Some(development::default_name()?),
        })
    }

    /// Whether nobody says a name. A file has one, or is refused for it.
    fn is_nameless(&self, usual: Option<&NodeName>, overrides: &Overrides) -> bool {
        matches!(self, Self::Directory(_) | Self::Plain) && usual.is_none() && !overrides.says_a_name()
    }

    /// What else is wrong with the certificate is the better answer.
    fn nameless(&self) -> Trouble {
        match self {
            Self::Directory(path) => config::tls_directory(path).map_or_else(Trouble::from, |_| Trouble::Nameless),
            _ => Trouble::Nameless,
        }
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
        let NodeOptions { acceptors, epmd, mode, .. } = &self.options;
        let is_known = !matches!(epmd, EpmdMode::Off) && *mode == Mode::ListenAndDial;
        let registered = self.options.registered().ok().flatten().filter(|_| is_known).and_then(|index| acceptors.get(index));
        let has_one_port = |acceptor: &&Acceptor| acceptor.port != 0 && acceptor.port_range == 1;
        let at_ports = acceptors.iter().filter(has_one_port).map(|acceptor| (acceptor, Place::At { host: None, port: acceptor.port }));
        let ways = || registered.map(|acceptor| (acceptor, Place::DISCOVERY)).into_iter().chain(at_ports.clone());
        let (acceptor, place) = ways().find(|(acceptor, _)| !acceptor.danger_plaintext).or_else(|| ways().next())?;
        let Acceptor { cert_manager, danger_plaintext, cookie, tls, .. } = acceptor.clone();
        Some(Route { cert_manager, danger_plaintext, cookie, tls, ..Route::matching(NodePattern::exactly(&self.name), place) })
    }
}

/// The name on the certificate of a directory, if there is one that can be read.
fn named_in(directory: &Path) -> Option<NodeName> {
    let file = directory.join("tls.crt");
    let bytes = read_public(&file).ok()?;
    let chain = pem::certificates(&Origin::file(&file), bytes.expose()).ok()?;
    borne_by(&Inspected::from_der(&chain.first()?.1).ok()?)
}

/// The one node's name that a certificate bears.
fn borne_by(leaf: &Inspected) -> Option<NodeName> {
    let mut names = leaf.sans.iter().filter_map(|san| match san {
        San::Uri(uri) => uri.strip_prefix("erl:")?.parse().ok(),
        _ => None,
    });
    names.next().filter(|_| names.next().is_none())
}
