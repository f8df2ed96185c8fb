//! What there is once for a node.

use super::Sheet;
use super::values::{seconds, texts};
use crate::node::{ClusterOptions, EpmdMode, ExpiredLinks, NameGiving, NodeLimits, NodeOptions, Overflow, QuorumPolicy, Visibility};
use crate::node_name::NodeName;
use serde_json::Value;

pub(super) fn rows(name: &NodeName, options: &NodeOptions, sheet: &mut Sheet<'_>) {
    sheet.own("node.name", name.as_str());
    sheet.own("node.visibility", if options.visibility == Visibility::Visible { "visible" } else { "hidden" });
    sheet.own("node.mode", options.mode.as_str());
    sheet.own("node.admins", texts(&options.admins));
    sheet.own("node.name_giving", if options.names == NameGiving::Nobody { "nobody" } else { "verified" });
    sheet.own("node.trace_control", options.trace_control);
    sheet.own("node.judge_seconds", seconds(options.judge_every));
    sheet.own("node.reload_seconds", seconds(options.reload_every));
    sheet.own("node.expired", if options.expired == ExpiredLinks::Keep { "keep" } else { "close" });
    epmd(&options.epmd, sheet);
    cluster(&options.cluster, sheet);
    sheet.own("tick.seconds", seconds(options.tick.period));
    sheet.own("tick.intensity", options.tick.intensity);
    limits(&options.limits, sheet);
}

fn epmd(mode: &EpmdMode, sheet: &mut Sheet<'_>) {
    let (mode, port, addresses) = match mode {
        EpmdMode::Auto => ("auto", None, None),
        EpmdMode::Embedded(options) => ("auto", Some(options.port), Some(&options.addresses)),
        EpmdMode::At(port) => ("at", Some(*port), None),
        EpmdMode::Off => ("off", None, None),
    };
    sheet.own("epmd.mode", mode);
    sheet.own("epmd.port", port);
    sheet.own("epmd.addresses", addresses.map_or(Value::Null, texts));
}

fn cluster(cluster: &ClusterOptions, sheet: &mut Sheet<'_>) {
    sheet.own("cluster.seeds", texts(&cluster.seeds));
    sheet.own("cluster.keep", texts(&cluster.keep));
    if let Some(quorum) = cluster.quorum {
        sheet.own("cluster.quorum.seeds", quorum.seeds);
        sheet.own("cluster.quorum.seconds", seconds(quorum.within));
        sheet.own("cluster.quorum.otherwise", if quorum.policy == QuorumPolicy::Warn { "warn" } else { "fail" });
    }
    let reconnect = cluster.reconnect;
    sheet.own("cluster.reconnect.first_seconds", seconds(reconnect.first));
    sheet.own("cluster.reconnect.most_seconds", seconds(reconnect.most));
    sheet.own("cluster.reconnect.at_a_time", reconnect.at_a_time);
}

/// Those of acceptors are shown at each, and those of links with the links.
fn limits(limits: &NodeLimits, sheet: &mut Sheet<'_>) {
    sheet.own("limits.ties_per_peer", limits.ties_per_peer);
    sheet.own("limits.timers_per_process", limits.timers_per_process);
    sheet.own("limits.calls", limits.calls);
    sheet.own("limits.calls_per_peer", limits.calls_per_peer);
    sheet.own("limits.handovers", limits.handovers);
    sheet.own("limits.mailbox", limits.mailbox);
    sheet.own("limits.overflow", if limits.overflow == Overflow::Exit { "exit" } else { "report" });
    let (term, assembly) = (limits.read.term, limits.read.assembly);
    sheet.own("limits.read.depth", term.depth);
    sheet.own("limits.read.decompressed_bytes", term.decompressed);
    sheet.own("limits.read.integer_bytes", term.integer);
    sheet.own("limits.read.unfinished_messages", assembly.sequences);
    sheet.own("limits.read.unfinished_bytes", assembly.bytes);
}
