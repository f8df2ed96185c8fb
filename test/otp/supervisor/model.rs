//! Random lives of a family, against what OTP's rules say should happen: a second telling of them, without processes.

use super::stage::{Event, Stage, end, watch};
use crate::world::alone;
use countersign::etf::{Term, atom, tuple};
use countersign::otp::supervisor::{AutoShutdown, ChildSpec, Restart, Strategy, Supervisor};
use countersign::rt::block_on;
use proptest::prelude::*;
use std::time::Duration;

const IDS: [&str; 5] = ["a", "b", "c", "d", "e"];
const PERIOD: u64 = 5;

#[derive(Clone, Debug)]
struct Kid {
    id: &'static str,
    restart: Restart,
    significant: bool,
    runs: bool,
}

#[derive(Clone, Copy, Debug)]
enum Why {
    Normal,
    Shutdown,
    ShutdownFor,
    Broken,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Dies(usize, Why),
    IsStopped(usize),
    IsStarted(usize),
    Passes(u64),
}

#[derive(Clone, Debug)]
struct Plan {
    strategy: Strategy,
    auto_shutdown: AutoShutdown,
    intensity: usize,
    kids: Vec<Kid>,
    steps: Vec<Step>,
}

/// What OTP would do.
struct Model {
    strategy: Strategy,
    auto_shutdown: AutoShutdown,
    intensity: usize,
    kids: Vec<Kid>,
    now: u64,
    restarts: Vec<u64>,
    events: Vec<Event>,
    is_over: bool,
}

impl Model {
    fn running(&self, index: usize) -> Option<usize> {
        let all: Vec<usize> = (0..self.kids.len()).filter(|at| self.kids[*at].runs).collect();
        (!all.is_empty()).then(|| all[index % all.len()])
    }

    fn resting(&self, index: usize) -> Option<usize> {
        let all: Vec<usize> = (0..self.kids.len()).filter(|at| !self.kids[*at].runs).collect();
        (!all.is_empty()).then(|| all[index % all.len()])
    }

    fn dies(&mut self, at: usize, why: Why) {
        self.kids[at].runs = false;
        let again = match self.kids[at].restart {
            Restart::Permanent => true,
            Restart::Transient => matches!(why, Why::Broken),
            Restart::Temporary => false,
        };
        if again { self.again(at) } else { self.rests(at) }
    }

    fn rests(&mut self, at: usize) {
        let significant = self.kids[at].significant;
        if self.kids[at].restart == Restart::Temporary {
            self.kids.remove(at);
        }
        let others = self.kids.iter().any(|kid| kid.significant && kid.runs);
        let ends = match self.auto_shutdown {
            AutoShutdown::Never => false,
            AutoShutdown::AnySignificant => significant,
            AutoShutdown::AllSignificant => significant && !others,
        };
        if ends {
            self.ends();
        }
    }

    fn again(&mut self, at: usize) {
        self.restarts.push(self.now);
        let recent = self.restarts.iter().filter(|then| self.now - **then <= PERIOD).count();
        if recent > self.intensity {
            return self.ends();
        }
        let first = if self.strategy == Strategy::OneForAll { 0 } else { at };
        let last = if self.strategy == Strategy::OneForOne { at } else { self.kids.len() - 1 };
        let (before, rest) = (self.kids[..first].to_vec(), self.kids[last + 1..].to_vec());
        let mut affected = self.kids[first..=last].to_vec();
        self.stop(&affected);
        affected.retain(|kid| kid.restart != Restart::Temporary);
        for kid in &mut affected {
            kid.runs = true;
            self.events.push(Event::Started(kid.id));
        }
        self.kids = [before, affected, rest].concat();
    }

    fn stop(&mut self, kids: &[Kid]) {
        self.events.extend(kids.iter().rev().filter(|kid| kid.runs).map(|kid| Event::Stopped(kid.id)));
    }

    fn ends(&mut self) {
        self.is_over = true;
        self.stop(&self.kids.clone());
        self.kids.clear();
    }
}

fn reason(why: Why) -> Term {
    match why {
        Why::Normal => atom("normal"),
        Why::Shutdown => atom("shutdown"),
        Why::ShutdownFor => tuple([atom("shutdown"), atom("a_reason")]),
        Why::Broken => atom("broken"),
    }
}

async fn live(plan: Plan) {
    let (node, stage) = (alone().await, Stage::new());
    let Plan { strategy, auto_shutdown, intensity, kids, steps } = plan;
    let supervisor = Supervisor::new(strategy).auto_shutdown(auto_shutdown).intensity(intensity, Duration::from_secs(PERIOD));
    let spec = |kid: &Kid| -> ChildSpec {
        let spec = stage.child(kid.id).restart(kid.restart);
        if kid.significant { spec.significant() } else { spec }
    };
    let supervisor = kids.iter().fold(supervisor.timed_by(stage.clock()), |supervisor, kid| supervisor.child(spec(kid)));
    let supervisor = supervisor.start(&node).await.unwrap();
    let ended = watch(&node, &supervisor);
    let events = kids.iter().map(|kid| Event::Started(kid.id)).collect();
    let mut model = Model { strategy, auto_shutdown, intensity, kids, now: 0, restarts: Vec::new(), events, is_over: false };
    for step in steps {
        match step {
            Step::Passes(seconds) => {
                model.now += seconds;
                stage.later(Duration::from_secs(seconds));
            }
            Step::Dies(index, why) => {
                let Some(at) = model.running(index) else { continue };
                let children = supervisor.which_children(&node).await.unwrap();
                let child = children[at].pid().unwrap().clone();
                model.dies(at, why);
                end(&node, &child, reason(why)).await;
            }
            Step::IsStopped(index) => {
                let Some(at) = model.running(index) else { continue };
                let id = model.kids[at].id;
                model.events.push(Event::Stopped(id));
                model.kids[at].runs = false;
                model.kids.retain(|kid| kid.id != id || kid.restart != Restart::Temporary);
                supervisor.terminate_child(&node, atom(id)).await.unwrap();
            }
            Step::IsStarted(index) => {
                let Some(at) = model.resting(index) else { continue };
                model.kids[at].runs = true;
                model.events.push(Event::Started(model.kids[at].id));
                supervisor.restart_child(&node, atom(model.kids[at].id)).await.unwrap();
            }
        }
        if model.is_over {
            assert!(ended.await.is_atom("shutdown"));
            break;
        }
        let seen: Vec<_> =
            supervisor.which_children(&node).await.unwrap().iter().map(|child| (child.id.clone(), child.pid().is_some())).collect();
        let expected: Vec<_> = model.kids.iter().map(|kid| (atom(kid.id), kid.runs)).collect();
        assert_eq!(seen, expected, "after {step:?}");
    }
    assert_eq!(stage.events(), model.events);
    node.stop().await;
}

fn a_plan() -> impl Strategy_<Value = Plan> {
    let strategy = prop_oneof![Just(Strategy::OneForOne), Just(Strategy::OneForAll), Just(Strategy::RestForOne)];
    let auto =
        prop_oneof![2 => Just(AutoShutdown::Never), 1 => Just(AutoShutdown::AnySignificant), 1 => Just(AutoShutdown::AllSignificant)];
    let restart = prop_oneof![Just(Restart::Permanent), Just(Restart::Transient), Just(Restart::Temporary)];
    let kids = prop::collection::vec((restart, any::<bool>()), 1..=IDS.len());
    (strategy, auto, 0_usize..4, kids, prop::collection::vec(a_step(), 1..20)).prop_map(
        |(strategy, auto_shutdown, intensity, kids, steps)| {
            let kid = |(id, (restart, wish)): (&&'static str, (Restart, bool))| Kid {
                id,
                restart,
                significant: wish && restart != Restart::Permanent && auto_shutdown != AutoShutdown::Never,
                runs: true,
            };
            Plan { strategy, auto_shutdown, intensity, kids: IDS.iter().zip(kids).map(kid).collect(), steps }
        },
    )
}

fn a_step() -> impl Strategy_<Value = Step> {
    let why = prop_oneof![2 => Just(Why::Normal), 1 => Just(Why::Shutdown), 1 => Just(Why::ShutdownFor), 6 => Just(Why::Broken)];
    prop_oneof![
        6 => (0_usize..8, why).prop_map(|(index, why)| Step::Dies(index, why)),
        1 => (0_usize..8).prop_map(Step::IsStopped),
        2 => (0_usize..8).prop_map(Step::IsStarted),
        3 => (0_u64..8).prop_map(Step::Passes),
    ]
}

use proptest::strategy::Strategy as Strategy_;

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_family_lives_as_otps_rules_say(plan in a_plan()) {
        block_on(live(plan));
    }
}
