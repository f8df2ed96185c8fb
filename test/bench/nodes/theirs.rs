//! Two OTP nodes.

use crate::otp::{Otp, Transport};
use crate::pki::Pki;
use crate::{Gauge, Pair, Plan, word};
use std::time::Duration;

pub(crate) struct Theirs<'a> {
    a: Otp,
    b: Otp,
    transport: Transport,
    pki: &'a Pki,
    epmd: u16,
    life: usize,
}

impl<'a> Theirs<'a> {
    pub(crate) fn start(pki: &'a Pki, epmd: u16, transport: Transport, life: usize) -> Self {
        let start = |short: &str| {
            let name = format!("{short}{life}-{transport:?}@localhost");
            let node = Otp::node(&name, pki, epmd).over(transport).certificate(short);
            // Otherwise they connect again of themselves, before anybody measures it.
            let node = node.arguments("-connect_all false").start();
            let source = concat!(env!("CARGO_MANIFEST_DIR"), "/test/bench/nodes/gauge");
            let load = format!("{{ok, Module, Code}} = compile:file({source:?}, [binary]), code:load_binary(Module, {source:?}, Code)");
            assert_eq!(node.eval(&load), "{module,gauge}");
            node
        };
        let (a, b) = (start("a"), start("b"));
        a.eval("gauge:serve()");
        b.eval("gauge:serve()");
        assert_eq!(a.eval(&format!("net_kernel:connect_node('{}')", b.name())), "true");
        Self { a, b, transport, pki, epmd, life }
    }

    fn number(&self, call: &str) -> f64 {
        let call = call.replace("NODE", &format!("'{}'", self.b.name()));
        let answer = self.a.begin(&call).wait_for(Duration::from_secs(300));
        answer.parse().unwrap_or_else(|_| panic!("{call}: {answer}"))
    }
}

pub(crate) fn name(transport: Transport) -> String {
    format!("OTP {}", word(transport))
}

impl Pair for Theirs<'_> {
    fn renew(&mut self) {
        *self = Self::start(self.pki, self.epmd, self.transport, self.life + 1);
    }

    fn name(&self) -> String {
        name(self.transport)
    }

    fn measure(&mut self, gauge: Gauge, plan: &Plan) -> Option<f64> {
        let rate = |count: usize, micros: f64| count as f64 / micros;
        Some(match gauge {
            Gauge::RoundTrip => self.number(&format!("gauge:round_trips(NODE, {})", plan.round_trips)),
            Gauge::Small => rate(plan.small, self.number(&format!("gauge:one_way(NODE, {}, 64, {})", plan.small, plan.small / 10))) * 1e3,
            Gauge::Bulk => {
                // A fifth of ours: it would take as long as all the rest together.
                let count = plan.bulk / 5;
                rate(count * 65_536, self.number(&format!("gauge:one_way(NODE, {count}, 65536, {})", count / 10)))
            }
            Gauge::Connect => self.number(&format!("gauge:connects(NODE, {})", plan.connects)),
            Gauge::LocalSend => rate(plan.local, self.number(&format!("gauge:local_send({})", plan.local))) * 1e3,
            Gauge::Spawn => rate(plan.spawns, self.number(&format!("gauge:spawns({})", plan.spawns))) * 1e3,
            Gauge::LocalCall => self.number(&format!("gauge:calls(gauge_mirror, {})", plan.round_trips)),
            Gauge::RemoteCall => self.number(&format!("gauge:calls({{gauge_mirror, NODE}}, {})", plan.round_trips)),
        })
    }
}
