//! Waiting for enough seeds.

use super::Kept;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::node::core::Core;
use crate::node_name::NodeName;
use crate::rt;
use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

/// How many seeds a node waits for, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quorum {
    /// So many seeds; the node itself is not one of them.
    pub seeds: usize,
    /// So long.
    pub within: Duration,
    /// What happens then.
    pub policy: QuorumPolicy,
}

/// What happens to a node that does not find enough seeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum QuorumPolicy {
    /// It stops, and does not count as started.
    #[default]
    Fail,
    /// It runs on with a warning, and dials the seeds again and again.
    Warn,
}

impl Quorum {
    /// So many seeds within half a minute, or the node does not start.
    pub const fn of(seeds: usize) -> Self {
        Self { seeds, within: Duration::from_secs(30), policy: QuorumPolicy::Fail }
    }
}

/// There are not enough seeds.
#[derive(Clone, Debug)]
pub struct NoQuorum {
    /// What was wanted.
    pub quorum: Quorum,
    /// Each seed, and why it is missing.
    pub seeds: Vec<Kept>,
}

impl NoQuorum {
    /// How many seeds are linked.
    pub fn linked(&self) -> usize {
        linked(&self.seeds)
    }
}

impl fmt::Display for NoQuorum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Quorum { seeds, within, .. } = self.quorum;
        write!(f, "{} of {} seeds are linked after {within:?}, and {seeds} are wanted", self.linked(), self.seeds.len())?;
        self.seeds.iter().filter(|seed| !seed.is_linked).try_for_each(|seed| write!(f, "; {seed}"))
    }
}

impl std::error::Error for NoQuorum {}

/// As of the first seed that is missing for a reason: mostly it is the same with all.
impl Failure for NoQuorum {
    fn code(&self) -> Code {
        self.seeds.iter().find_map(|seed| Some(seed.error.as_ref()?.code())).unwrap_or(Code::Timeout)
    }

    fn hint(&self) -> Hint {
        let of_seed = self.seeds.iter().find_map(|seed| Some(seed.error.as_ref()?.hint()));
        of_seed.unwrap_or_else(|| Hint::fixed("are the seeds started? raise the time, or start with fewer"))
    }
}

/// Returns as soon as there are enough. Whatever changes on the way is told.
pub(in crate::node) async fn wait(
    core: &Core,
    seeds: &BTreeSet<NodeName>,
    quorum: Quorum,
    tell: &mut impl FnMut(&[Kept]),
) -> Result<(), NoQuorum> {
    let waiting = async {
        let mut told = Vec::new();
        loop {
            let changed = core.keeper.changed.listen();
            let states = states(core, seeds);
            let shown: Vec<String> = states.iter().map(ToString::to_string).collect();
            if shown != told {
                tell(&states);
                told = shown;
            }
            if linked(&states) >= quorum.seeds {
                return;
            }
            changed.await;
        }
    };
    let enough = rt::timeout(quorum.within, waiting).await;
    enough.map_err(|_| NoQuorum { quorum, seeds: states(core, seeds) })
}

fn states(core: &Core, seeds: &BTreeSet<NodeName>) -> Vec<Kept> {
    core.keeper.all(core).into_iter().filter(|kept| seeds.contains(&kept.node)).collect()
}

fn linked(seeds: &[Kept]) -> usize {
    seeds.iter().filter(|seed| seed.is_linked).count()
}
