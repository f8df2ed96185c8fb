//! Two nodes of ours, the second one in a process of its own.

use crate::otp::Transport;
use crate::pki::Pki;
use crate::programs::{self, MIRROR};
use crate::{Gauge, Pair, Plan, word};
use countersign::dist::Cookie;
use countersign::etf::{Atom, Pid, Term, atom, tuple};
use countersign::node::{Acceptor, Destination, EpmdMode, Node, NodeOptions, Process};
use countersign::node_name::NodeName;
use countersign::rt::{self, block_on};
use countersign::tls::{CertAuth, CertAuthManager};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) struct Ours {
    node: Node,
    peer: NodeName,
    transport: Transport,
    child: Child,
}

impl Ours {
    pub(crate) fn start(pki: &Pki, epmd: u16, transport: Transport) -> Self {
        let folder = pki.path("ca.pem").parent().unwrap().to_owned();
        pki.ensure("a");
        pki.ensure("b");
        let name = |short: &str| format!("our-{short}-{transport:?}@localhost");
        let arguments = ["serve", &name("b"), folder.to_str().unwrap(), &epmd.to_string(), &format!("{transport:?}")].map(str::to_owned);
        let child = child(&arguments);
        let node = block_on(Node::start(&name("a"), options(&folder, "a", epmd, transport))).unwrap();
        programs::serve(&node);
        let peer = name("b").parse().unwrap();
        block_on(node.connect(&peer)).unwrap();
        Self { node, peer, transport, child }
    }

    fn one_way(&self, count: usize, size: usize) -> Duration {
        let sink: Destination = (Atom::fixed("sink"), self.peer.clone()).into();
        let sending = self.node.run(move |mut process| async move {
            let began = Instant::now();
            let message = tuple([atom("message"), Term::from(vec![7; size].as_slice())]);
            let Destination::NameAt(name, node) = sink else { panic!("it is one") };
            for _ in 0..count {
                process.send((name.clone(), &node), &message).await.unwrap();
            }
            process.send((name, node), tuple([atom("done"), Term::from(process.pid().clone())])).await.unwrap();
            process.receive().await;
            began.elapsed()
        });
        block_on(sending).unwrap()
    }

    fn round_trips(&self, count: usize) -> f64 {
        let echo = (Atom::fixed("echo"), self.peer.clone());
        let asking = self.node.run(move |mut process| async move {
            for _ in 0..count / 10 {
                round_trip(&mut process, &echo).await;
            }
            let mut times = Vec::new();
            for _ in 0..count {
                times.push(round_trip(&mut process, &echo).await);
            }
            times
        });
        median(block_on(asking).unwrap())
    }

    fn connects(&self, count: usize) -> f64 {
        let connecting = async {
            let mut times = Vec::new();
            for _ in 0..count {
                self.node.disconnect(&self.peer).await;
                rt::sleep(Duration::from_millis(15)).await;
                let before = Instant::now();
                self.node.connect(&self.peer).await.unwrap();
                times.push(before.elapsed());
            }
            times
        };
        median(block_on(connecting))
    }
}

async fn round_trip(process: &mut Process, echo: &(Atom, NodeName)) -> Duration {
    let before = Instant::now();
    process.send(echo.clone(), process.pid().clone()).await.unwrap();
    process.receive().await;
    before.elapsed()
}

/// In microseconds.
pub(crate) fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e6
}

pub(crate) fn name(transport: Transport) -> String {
    format!("countersign {}", word(transport))
}

impl Pair for Ours {
    fn name(&self) -> String {
        name(self.transport)
    }

    fn measure(&mut self, gauge: Gauge, plan: &Plan) -> Option<f64> {
        let rate = |count: usize, time: Duration| count as f64 / time.as_secs_f64();
        Some(match gauge {
            Gauge::RoundTrip => self.round_trips(plan.round_trips),
            Gauge::Small => {
                self.one_way(plan.small / 10, 64);
                rate(plan.small * 5, self.one_way(plan.small * 5, 64)) / 1e3
            }
            Gauge::Bulk => {
                self.one_way(plan.bulk / 10, 65_536);
                rate(plan.bulk * 65_536, self.one_way(plan.bulk, 65_536)) / 1e6
            }
            Gauge::Connect => self.connects(plan.connects),
            Gauge::LocalSend => rate(plan.local, programs::local_send(&self.node, plan.local)) / 1e3,
            Gauge::Spawn => rate(plan.spawns, programs::spawns(&self.node, plan.spawns)) / 1e3,
            Gauge::LocalCall => programs::calls(&self.node, MIRROR, plan.round_trips),
            Gauge::RemoteCall => programs::calls(&self.node, (MIRROR, &self.peer), plan.round_trips),
        })
    }
}

impl Drop for Ours {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().ok();
    }
}

/// This program again, as the other process, once it says that it is ready.
pub(crate) fn child(arguments: &[String]) -> Child {
    let own = std::env::current_exe().unwrap();
    let mut child = Command::new(own).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line.trim(), "ready", "the other process did not start");
    child
}

/// The other process: it ends when its standard input does.
pub(crate) fn serve(arguments: &[String]) {
    let [name, folder, epmd, transport] = arguments else { panic!("serve NAME FOLDER EPMD TRANSPORT") };
    let transport = Transport::ALL.into_iter().find(|known| format!("{known:?}") == *transport).unwrap();
    let node = block_on(Node::start(name, options(folder.as_ref(), "b", epmd.parse().unwrap(), transport))).unwrap();
    let echo = node.spawn(|mut process| async move {
        loop {
            let Some(Term::Pid(from)) = process.receive().await.into_term() else { continue };
            process.send(from.as_ref(), Term::nil()).await.unwrap();
        }
    });
    let sink = node.spawn(|mut process| async move {
        loop {
            let Some(term) = process.receive().await.into_term() else { continue };
            if let Some(from) = is_done(&term) {
                process.send(from, atom("done")).await.unwrap();
            }
        }
    });
    node.register("echo", &echo).unwrap();
    node.register("sink", &sink).unwrap();
    programs::serve(&node);
    println!("ready");
    std::io::stdin().lines().for_each(drop);
}

fn is_done(term: &Term) -> Option<&Pid> {
    match term.as_tuple() {
        Some([word, Term::Pid(from)]) if word.is_atom("done") => Some(from),
        _ => None,
    }
}

fn options(folder: &Path, short: &str, epmd: u16, transport: Transport) -> NodeOptions {
    let path = |file: String| folder.join(file);
    let manager = || -> Arc<dyn CertAuthManager> {
        let key = path(format!("{short}.key"));
        Arc::new(CertAuth::from_paths(path(format!("{short}.pem")), path("ca.pem".to_owned()), Some(&key)).unwrap())
    };
    let plain = transport == Transport::Tcp;
    NodeOptions {
        cert_manager: (!plain).then(manager),
        danger_plaintext: plain,
        cookie: Some(Cookie::new(b"cluster".to_vec())),
        acceptors: vec![Acceptor::at_port(0)],
        epmd: EpmdMode::At(epmd),
        ..NodeOptions::default()
    }
}
