//! Sources and managers that do not behave, and clocks that go on meanwhile.

use crate::scratch::Scratch;
use crate::sources_world::{Files, Scene, agent, following, manager, presented, reloaded};
use crate::world::{eventually, name};
use countersign::clock::{Clock, DAY, ManualClock, SystemClock};
use countersign::failure::{Code, Failure};
use countersign::node::{Node, NodeOptions, Renewed, Rotate, Route};
use countersign::rt::block_on;
use countersign::testing::Ca;
use countersign::tls::source::{CaFiles, CertSource};
use countersign::tls::{
    CaPool, CertAuth, CertAuthManager, CertManager, CertResolver, Certificate, ClientAuth, Generation, ServerName, TlsPolicy, UpdateRefused,
};
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

#[test]
fn what_is_not_valid_now_is_reported_once_though_each_look_is_at_another_time() {
    block_on(async {
        let start = SystemClock.now();
        let clock = Arc::new(ManualClock::at(start));
        let scene = Scene::with(|options| options.tls = TlsPolicy::default().clock(clock.clone())).await;
        let lines = |code: &str| scene.lines("what lies at a source is of no use", &format!("code={code}"));
        let spans = [("expired", start + -2 * DAY, start + -DAY), ("not_yet_valid", start + DAY, start + 2 * DAY)];
        for (code, from, until) in spans {
            scene.write(agent(&scene.ca).valid(from, until));
            for seconds in 1..=3 {
                clock.set(start + seconds);
                assert!(matches!(reloaded(&scene.node).await, Renewed::Refused(_)));
            }
            assert_eq!(lines(code), 1);
            scene.write(agent(&scene.ca).valid(from, until));
            assert!(matches!(reloaded(&scene.node).await, Renewed::Refused(_)));
            assert_eq!(lines(code), 2, "it is another one");
        }
    });
}
