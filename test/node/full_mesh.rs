//! Thirty nodes, each linked to each.

use crate::mesh::{Plan, run};
use countersign::rt::block_on;
use std::io::Write;
use std::sync::Arc;

#[test]
fn thirty_nodes_lose_double_and_disorder_nothing() {
    let plan = Plan { nodes: 30, messages: 100, one_long_in: 200 };
    let totals = block_on(run(plan, &Arc::default()));
    let mebibytes = totals.bytes / 1024 / 1024;
    writeln!(
        std::io::stderr(),
        "{} links in {:?}; {} messages, {mebibytes} MiB in {:?}",
        totals.links,
        totals.linking,
        totals.messages,
        totals.talking
    )
    .unwrap();
    assert_eq!(totals.faults, Vec::<String>::new());
    assert_eq!((totals.links, totals.messages, totals.dropped), (30 * 29 / 2, 30 * 29 * 100, 0));
    assert!(mebibytes > 100 && mebibytes < 2048, "{mebibytes} MiB");
}
