//! What flags and the environment say of a node instead of its configuration.

use crate::config::{Layers, Source};
use crate::node::Mode;
use crate::node_name::NodeName;
use clap::Args;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Flags win over the environment, that over the file. Each has one place in the configuration.
#[derive(Debug, Default, Args)]
pub(super) struct Overrides {
    /// The node's name [default: the configuration's, the one on the certificate as erl:NAME@HOST, or dev@localhost]
    #[arg(long, value_name = "NAME@HOST")]
    name: Option<NodeName>,
    /// Listen on this port alone; 0 lets the system choose [default: the configuration's, or the first free one from 15000 on]
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// Listen, but announce nothing: no epmd knows the node, and peers need a route
    #[arg(long, conflicts_with = "outgoing_only")]
    passive: bool,
    /// Only dial: nothing listens
    #[arg(long, conflicts_with = "port")]
    outgoing_only: bool,
    /// Dial this node, and again whenever it is lost; may be given several times [default: the configuration's seeds]
    #[arg(long = "seed", value_name = "NODE")]
    seeds: Vec<NodeName>,
    /// Wait for so many of the seeds, and do not start without them
    #[arg(long, value_name = "N")]
    quorum: Option<u64>,
    /// Log each control message of each link, with what is sent masked
    #[arg(long)]
    trace_control: bool,
}

/// A value and who has said it.
pub(super) type Said = Option<(Value, Source)>;

impl Overrides {
    /// All but the cookie, over what comes before.
    pub(super) fn over(&self, mut layers: Layers) -> Layers {
        let name = said(self.name.as_ref().map(|name| name.as_str().into()), "--name", NAME, Value::from);
        let quorum = said(self.quorum.map(Value::from), "--quorum", "COUNTERSIGN_QUORUM", number);
        let trace = said(self.trace_control.then_some(Value::Bool(true)), "--trace-control", "COUNTERSIGN_TRACE_CONTROL", truth);
        let seeds = self.seeds.iter().map(|seed| seed.as_str()).collect::<Value>();
        let seeds = said((!self.seeds.is_empty()).then_some(seeds), "--seed", "COUNTERSIGN_SEEDS", words);
        let rows = [("node.name", name), ("cluster.seeds", seeds), ("cluster.quorum.seeds", quorum), ("node.trace_control", trace)];
        for (path, said) in rows {
            if let Some((value, source)) = said {
                layers.set(path, value, source);
            }
        }
        self.set_mode(&mut layers);
        self.set_port(&mut layers);
        layers
    }

    /// Nothing but a name, if it is said.
    pub(super) fn of_name(name: Option<NodeName>) -> Self {
        Self { name, ..Self::default() }
    }

    /// The name that a flag or the environment says; of what is none, an error is made where it is read.
    pub(super) fn a_name(&self) -> Option<NodeName> {
        self.name.clone().or_else(|| environment(NAME)?.parse().ok())
    }

    pub(super) fn says_a_name(&self) -> bool {
        self.name.is_some() || environment(NAME).is_some()
    }

    /// Whether nothing of the node is announced, whatever its configuration says.
    pub(super) fn announces_nothing(&self) -> bool {
        self.mode().is_some_and(|(mode, _)| mode != Mode::ListenAndDial.as_str())
    }

    fn mode(&self) -> Said {
        let flags = [(self.passive, Mode::Passive, "--passive"), (self.outgoing_only, Mode::OutgoingOnly, "--outgoing-only")];
        let flag = flags.into_iter().find(|(is_given, ..)| *is_given);
        flag.map(|(_, mode, flag)| (mode.as_str().into(), Source::Flag(flag))).or_else(|| said(None, "", "COUNTERSIGN_MODE", Value::from))
    }

    fn set_mode(&self, layers: &mut Layers) {
        let Some((mode, source)) = self.mode() else { return };
        if mode == Mode::OutgoingOnly.as_str() {
            layers.set("acceptors", Value::Array(Vec::new()), source.clone());
        }
        layers.set("node.mode", mode, source);
    }

    /// The first acceptor with all its other settings, and no further one: there is but one port.
    fn set_port(&self, layers: &mut Layers) {
        // The environment's port is for those who listen.
        let port = said(self.port.map(Value::from), "--port", PORT, number).filter(|_| !self.outgoing_only);
        if let Some((port, source)) = port {
            layers.only_first("acceptors", source.clone());
            layers.set("acceptors[0].port", port, source.clone());
            layers.set("acceptors[0].port_range", 1, source);
        }
    }
}

/// The file with the cookie, relative to where the command runs.
pub(super) fn cookie_file(flag: Option<&Path>) -> Said {
    let path = |text: String| {
        let path = std::path::absolute(&text).unwrap_or(PathBuf::from(text));
        Value::Object([("file".to_owned(), path.to_string_lossy().into())].into_iter().collect())
    };
    said(flag.map(|flag| path(flag.to_string_lossy().into_owned())), "--cookie-file", "COUNTERSIGN_COOKIE_FILE", path)
}

/// What the flag says, or else the variable.
fn said(flag: Option<Value>, name: &'static str, variable: &'static str, read: impl Fn(String) -> Value) -> Said {
    let flag = flag.map(|value| (value, Source::Flag(name)));
    flag.or_else(|| environment(variable).map(|text| (read(text), Source::Environment(variable))))
}

/// A variable; an empty one says nothing.
pub(super) fn environment(variable: &str) -> Option<String> {
    std::env::var_os(variable).filter(|value| !value.is_empty()).map(|value| value.to_string_lossy().into_owned())
}

/// What is none stays a text, and is refused where a number is wanted.
fn number(text: String) -> Value {
    text.parse::<u64>().map_or(Value::String(text), Value::from)
}

fn truth(text: String) -> Value {
    match text.as_str() {
        "1" | "true" => true.into(),
        "0" | "false" => false.into(),
        _ => text.into(),
    }
}

fn words(text: String) -> Value {
    text.split([',', ' ']).filter(|word| !word.is_empty()).collect()
}

const NAME: &str = "COUNTERSIGN_NAME";
/// Kubernetes sets COUNTERSIGN_PORT where a service has the name countersign, to what is no port.
const PORT: &str = "COUNTERSIGN_LISTEN_PORT";
/// Where the configuration is.
pub(super) const CONFIG: &str = "COUNTERSIGN_CONFIG";
