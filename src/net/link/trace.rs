//! A line of the log for each control message of a link: for finding out why two nodes do not understand each other.

use crate::dist::Control;
use crate::dist::control::Masked;
use crate::etf::Term;
use crate::node_name::NodeName;
use crate::observe::Event;
use log::kv::Value;
use log::{Level, Record};

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::net) enum Way {
    In,
    Out,
}

/// Shows who and whom, and of what is said only kind and size.
pub(in crate::net) fn line(peer: &NodeName, way: Way, control: &Control, payload: Option<&Term>) {
    if !log::log_enabled!(target: TARGET, Level::Info) {
        return;
    }
    let (peer, payload) = (peer.as_str(), payload.map(|payload| Masked(payload).to_string()));
    let masked = control.masked();
    let event = ("event", Value::from(Event::ControlMessage.as_str()));
    let mut pairs = vec![event, ("peer", Value::from(peer)), ("way", Value::from(way.as_str())), ("control", Value::from(control.name()))];
    // What is not used on the wire has no text.
    pairs.extend(masked.iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (*name, Value::from(text.as_str()))));
    pairs.extend(payload.iter().map(|text| ("payload", Value::from(text.as_str()))));
    let mut record = Record::builder();
    let record = record.level(Level::Info).target(TARGET).module_path_static(Some(module_path!())).key_values(&pairs);
    log::logger().log(&record.args(format_args!("control message")).build());
}

impl Way {
    const fn as_str(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

const TARGET: &str = "countersign::trace";
