//! One of the processes: some of the nodes, told by lines what to do.

use crate::plan::{Mode, PEERS};
use crate::tally::{Counts, Tally};
use crate::{traffic, turning};
use countersign::dist::Cookie;
use countersign::net::Limits;
use countersign::node::{Acceptor, EpmdMode, Node, NodeOptions, Otherwise, Rotation};
use countersign::node_name::NodeName;
use countersign::rt::{self, block_on};
use countersign::tls::{CaPool, CertAuth, CertAuthManager, Certificate};
use futures_util::future::join_all;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What one process is told on its command line.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) files: PathBuf,
    pub(crate) epmd: u16,
    pub(crate) mode: Mode,
    pub(crate) nodes: usize,
    pub(crate) dials: usize,
    pub(crate) stock: u64,
    pub(crate) members: Vec<usize>,
}

impl Part {
    pub(crate) fn arguments(&self) -> Vec<String> {
        let Self { files, epmd, mode, nodes, dials, stock, members } = self;
        let fixed =
            [files.display().to_string(), epmd.to_string(), mode.to_string(), nodes.to_string(), dials.to_string(), stock.to_string()];
        fixed.into_iter().chain(members.iter().map(usize::to_string)).collect()
    }

    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Self {
        let mut next = || arguments.next().unwrap();
        let (files, epmd, mode) = (next().into(), next().parse().unwrap(), next().parse().unwrap());
        let (nodes, dials, stock) = (next().parse().unwrap(), next().parse().unwrap(), next().parse().unwrap());
        Self { files, epmd, mode, nodes, dials, stock, members: arguments.map(|number| number.parse().unwrap()).collect() }
    }

    /// Whom a node dials.
    fn dialled_by(&self, number: usize) -> BTreeSet<NodeName> {
        if self.mode == Mode::Otp {
            return (0..PEERS).map(|peer| format!("x{peer}@localhost").parse().unwrap()).collect();
        }
        (1..=self.dials).map(|step| name((number + step) % self.nodes)).collect()
    }

    fn peers_of(&self, number: usize) -> BTreeSet<NodeName> {
        let mut peers = self.dialled_by(number);
        if self.mode != Mode::Otp {
            peers.extend((1..=self.dials).map(|step| name((number + self.nodes - step) % self.nodes)));
        }
        peers
    }
}

/// A node of this process.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) number: usize,
    pub(crate) node: Node,
    pub(crate) files: PathBuf,
    pub(crate) epmd: u16,
}

pub(crate) fn run(part: &Part) {
    let counts = Arc::<Counts>::default();
    let members = block_on(join_all(part.members.iter().map(|number| start(part, *number, &counts))));
    let (enough, quiet) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
    let mut talkers = Vec::new();
    println!("ready");
    while let Some(line) = told() {
        match line.as_str() {
            "link" => block_on(link(part, &members)),
            "talk" => talkers = talk(part, &members, &counts, &quiet),
            "turn" => block_on(turn(part, &members, &counts, &enough)),
            "settle" => block_on(settle(part, &members, &counts)),
            "quiet" => {
                quiet.store(true, Ordering::Relaxed);
                block_on(join_all(
                    talkers.drain(..).map(|ended: rt::channel::Receiver<()>| async move { ended.recv().await.unwrap_or_default() }),
                ));
            }
            other => panic!("{other} is not known"),
        }
        println!("done {}", tally(&members, &counts));
    }
    block_on(join_all(members.iter().map(|member| member.node.stop())));
}

/// The next line, if there is one. Nobody holds on to the input: while certificates turn, another thread listens.
fn told() -> Option<String> {
    let mut line = String::new();
    let length = std::io::stdin().read_line(&mut line).unwrap();
    (length > 0).then(|| line.trim().to_owned())
}

async fn start(part: &Part, number: usize, counts: &Arc<Counts>) -> Member {
    let node = Node::start(name(number).as_str(), options(&part.files, part.epmd, number, part.mode)).await.unwrap();
    let hearing = Arc::clone(counts);
    node.spawn(move |process| traffic::hear(process, hearing));
    Member { number, node, files: part.files.clone(), epmd: part.epmd }
}

async fn link(part: &Part, members: &[Member]) {
    for member in members {
        for peer in part.dialled_by(member.number) {
            member.node.connect(&peer).await.unwrap();
        }
    }
}

fn talk(part: &Part, members: &[Member], counts: &Arc<Counts>, quiet: &Arc<AtomicBool>) -> Vec<rt::channel::Receiver<()>> {
    let begin = |member: &Member| traffic::begin(&member.node, &part.peers_of(member.number), part.mode == Mode::Otp, counts, quiet);
    members.iter().flat_map(begin).collect()
}

/// Turns certificates, and says every second how far it is, until the standard input says that this is enough.
async fn turn(part: &Part, members: &[Member], counts: &Counts, enough: &AtomicBool) {
    let telling = async {
        while !enough.load(Ordering::Relaxed) {
            rt::sleep(Duration::from_secs(1)).await;
            println!("so far {}", tally(members, counts));
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            assert_eq!(told().as_deref(), Some("enough"), "told otherwise while certificates turn");
            enough.store(true, Ordering::Relaxed);
        });
        block_on(futures_util::future::join(turning::turn(members, part.mode, part.stock, counts, enough), telling));
    });
}

/// Every link carries the newest certificates of both its ends.
async fn settle(part: &Part, members: &[Member], counts: &Counts) {
    if part.mode == Mode::Handover {
        for member in members {
            let newest = member.node.cert_manager().unwrap().resolver().current().generation;
            turning::until_moved(member, newest, counts).await;
        }
    }
    for member in members {
        let expected = part.peers_of(member.number);
        let linked: BTreeSet<NodeName> = member.node.peers().iter().map(|peer| peer.name().clone()).collect();
        if linked != expected {
            counts.fault(&format!("{} is linked to {linked:?}", member.node.name()));
        }
    }
}

/// A handover is counted by the end that dialled.
fn tally(members: &[Member], counts: &Counts) -> Tally {
    let peers = members.iter().flat_map(|member| member.node.peers());
    let handovers = peers.filter(|peer| peer.facts().dialled).map(|peer| peer.link().handovers().done).sum();
    counts.tally(handovers)
}

pub(crate) fn name(number: usize) -> NodeName {
    format!("n{number}@localhost").parse().unwrap()
}

pub(crate) fn certificate(files: &Path, node: usize, number: u64) -> Certificate {
    let file = |ending: &str| files.join(format!("n{node}-{number}.{ending}"));
    Certificate::from_paths(file("pem"), Some(&file("key"))).unwrap()
}

pub(crate) fn options(files: &Path, epmd: u16, number: usize, mode: Mode) -> NodeOptions {
    let pool = Arc::new(CaPool::from_file(files.join("ca.pem")).unwrap());
    let manager: Arc<dyn CertAuthManager> = Arc::new(CertAuth::mutual(certificate(files, number, 0), pool));
    NodeOptions {
        cert_manager: Some(manager),
        cookie: Some(Cookie::new(b"cluster".to_vec())),
        acceptors: vec![Acceptor {
            limits: Limits { per_address: 5_000, handshake_timeout: PATIENCE, ..Limits::default() },
            ..Acceptor::at_port(0)
        }],
        epmd: EpmdMode::At(epmd),
        setup_time: PATIENCE,
        rotation: if mode == Mode::Handover { Rotation::Handover { otherwise: Otherwise::Keep } } else { Rotation::Keep },
        ..NodeOptions::default()
    }
}

/// When hundreds of handshakes want two processors at once, each takes its time.
const PATIENCE: Duration = Duration::from_secs(60);
