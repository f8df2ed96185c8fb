//! Five nodes that do what chance wants, held against a model of who must be where.

use super::{patient, sorted};
use crate::world::{World, eventually, idle};
use countersign::etf::{Pid, Term};
use countersign::node::Node;
use countersign::otp::pg::Scope;
use countersign::rt::block_on;
use futures_util::future::join_all;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug)]
enum Step {
    Join { node: usize, process: usize, group: i64 },
    Leave { node: usize, process: usize, group: i64 },
    End { node: usize, process: usize },
    Restart { node: usize },
    Disconnect { node: usize, other: usize },
    Connect { node: usize, other: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let (node, process, group) = (0..NODES, 0..PROCESSES, 0..GROUPS);
    prop_oneof![
        8 => (node.clone(), process.clone(), group.clone()).prop_map(|(node, process, group)| Step::Join { node, process, group }),
        4 => (node.clone(), process.clone(), group).prop_map(|(node, process, group)| Step::Leave { node, process, group }),
        2 => (node.clone(), process).prop_map(|(node, process)| Step::End { node, process }),
        1 => node.clone().prop_map(|node| Step::Restart { node }),
        2 => (node.clone(), node.clone()).prop_map(|(node, other)| Step::Disconnect { node, other }),
        3 => (node.clone(), node).prop_map(|(node, other)| Step::Connect { node, other }),
    ]
}

/// A node, its scope, its processes, and what these must be in.
struct Place {
    node: Node,
    scope: Scope,
    processes: Vec<Pid>,
    is_in: Vec<BTreeMap<i64, usize>>,
}

impl Place {
    async fn new(world: &World, number: usize) -> Self {
        let node = Node::start(&format!("n{number}@localhost"), world.secure()).await.unwrap();
        let processes = (0..PROCESSES).map(|_| idle(&node)).collect();
        Self { scope: patient(&node).await, node, processes, is_in: vec![BTreeMap::new(); PROCESSES] }
    }

    fn in_group(&self, group: i64) -> impl Iterator<Item = Pid> {
        let times = |(pid, is_in): (&Pid, &BTreeMap<i64, usize>)| vec![pid.clone(); is_in.get(&group).copied().unwrap_or(0)];
        self.processes.iter().zip(&self.is_in).flat_map(times).collect::<Vec<_>>().into_iter()
    }

    async fn leave(&mut self, process: usize, group: i64) {
        let was_in = self.is_in[process].get(&group).copied().unwrap_or(0);
        assert_eq!(self.scope.leave(group, &self.processes[process]).await, Ok(was_in > 0));
        self.is_in[process].insert(group, was_in.saturating_sub(1));
    }

    async fn end(&mut self, process: usize) {
        self.node.exit(&self.processes[process], countersign::etf::atom("kill")).await.unwrap();
        self.processes[process] = idle(&self.node);
        self.is_in[process].clear();
    }

    async fn restart(&mut self) {
        self.scope.stop().await;
        self.scope = patient(&self.node).await;
        self.is_in.iter_mut().for_each(BTreeMap::clear);
    }
}

async fn take(places: &mut [Place], step: Step) {
    match step {
        Step::Join { node, process, group } => {
            let place = &mut places[node];
            place.scope.join(group, &place.processes[process]).await.unwrap();
            *place.is_in[process].entry(group).or_default() += 1;
        }
        Step::Leave { node, process, group } => places[node].leave(process, group).await,
        Step::End { node, process } => places[node].end(process).await,
        Step::Restart { node } => places[node].restart().await,
        Step::Disconnect { node, other } => drop(places[node].node.disconnect(places[other].node.name()).await),
        Step::Connect { node, other } if node != other => {
            // A link that is just ending may be in the way.
            drop(places[node].node.connect(places[other].node.name()).await);
        }
        Step::Connect { .. } => {}
    }
}

async fn connect_all(places: &[Place]) {
    for (at, place) in places.iter().enumerate() {
        for other in &places[at + 1..] {
            while place.node.connect(other.node.name()).await.is_err() {}
        }
    }
}

/// Every scope has what the scopes that it can see have, and nothing else.
fn agree(seeing: &Place, seen: &[&Place]) {
    for group in 0..GROUPS {
        let mut wanted: Vec<Pid> = seen.iter().flat_map(|place| place.in_group(group)).collect();
        wanted.sort();
        let has = || sorted(&seeing.scope, &Term::from(group)) == wanted;
        eventually(&format!("{} has {wanted:?} in {group}", seeing.node.name()), has);
    }
    let groups = (0..GROUPS).filter(|&group| seen.iter().any(|place| place.in_group(group).next().is_some()));
    assert_eq!(seeing.scope.groups().len(), groups.count());
    assert_eq!((seeing.scope.ignored(), seeing.scope.refused()), (0, 0));
}

async fn live(steps: Vec<Step>) {
    let world = World::new().await;
    let mut places = join_all((0..NODES).map(|number| Place::new(&world, number))).await;
    connect_all(&places).await;
    for step in steps {
        take(&mut places, step).await;
    }
    connect_all(&places).await;
    let all: Vec<&Place> = places.iter().collect();
    all.iter().for_each(|place| agree(place, &all));

    // One is cut off from the rest.
    let (cut_off, rest) = all.split_first().unwrap();
    join_all(rest.iter().map(|place| cut_off.node.disconnect(place.node.name()))).await;
    agree(cut_off, &[cut_off]);
    rest.iter().for_each(|place| agree(place, rest));
    join_all(places.iter().map(|place| place.node.stop())).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn all_scopes_come_to_agree_whatever_happened(steps in prop::collection::vec(step(), 1..60)) {
        block_on(live(steps));
    }
}

const NODES: usize = 5;
const PROCESSES: usize = 3;
const GROUPS: i64 = 4;
