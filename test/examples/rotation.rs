//! Certificates that rotate while two nodes talk: no message is lost, and every new link shows the newest one.
//!
//! ```text
//! cargo run --example rotation           fifty rotations under load
//! cargo run --example rotation -- 1000   as many as you like
//! ```
//! Three scenes: under load, link after link, and from files as a renewing agent writes them. It fails unless every
//! message arrives in order and each link carries the certificate that it must.
#![expect(clippy::print_stdout, reason = "a program that talks to a person")]

use countersign::dist::Cookie;
use countersign::epmd::{Server, ServerOptions};
use countersign::etf::{Atom, Term, atom};
use countersign::failure::Failure;
use countersign::node::{Acceptor, EpmdMode, Mail, Node, NodeOptions, Process};
use countersign::node_name::NodeName;
use countersign::otp::gen_server::{Answer, Caller, GenServer, Launch, Step};
use countersign::rt;
use countersign::testing::Ca;
use countersign::tls::{CertAuth, CertAuthManager, Certificate, Generation};
use std::error::Error;
use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Counts numbers for as long as each is the next one, and says how many there were.
struct Counter(i64);

impl GenServer for Counter {
    type Call = Term;
    type Cast = Term;

    async fn handle_info(&mut self, mail: Mail, _: &mut Process) -> Step {
        self.0 += i64::from(mail.term().and_then(Term::as_i64) == Some(self.0));
        Step::Wait
    }

    async fn handle_call(&mut self, _: Term, caller: Caller, _: &mut Process) -> Answer {
        caller.answer(self.0)
    }
}

/// Sends numbers until that is enough; every hundredth waits until all have been counted.
async fn send_numbers(mut process: Process, to: (Atom, NodeName), enough: Arc<AtomicBool>) -> Result<(i64, i64), String> {
    for number in 0.. {
        process.send(to.clone(), number).await.map_err(|error| error.to_string())?;
        let is_last = enough.load(Ordering::Relaxed);
        if is_last || number % 100 == 0 {
            let counted = process.call(to.clone(), atom("count"), PATIENCE).await.map_err(|error| error.to_string())?;
            if is_last {
                return Ok((number + 1, counted.as_i64().unwrap_or_default()));
            }
        }
    }
    Err("out of numbers".to_owned())
}

fn main() -> Outcome {
    let rotations = std::env::args().nth(1).map_or(Ok(50), |rotations| rotations.parse())?;
    rt::block_on(play(rotations))
}

async fn play(rotations: u64) -> Outcome {
    let (ca, epmd) = (Ca::new(), Server::bind(ServerOptions::loopback()).await?);
    let (a, b) = (start("a@localhost", &ca, &epmd).await?, start("b@localhost", &ca, &epmd).await?);
    Launch::new(Counter(0)).named(COUNTER).start(&b).await?;

    println!("Under load:");
    let first = a.connect(b.name()).await?.facts().id;
    let (to, enough) = ((COUNTER, b.name().clone()), Arc::new(AtomicBool::new(false)));
    let sending = a.run({
        let enough = Arc::clone(&enough);
        |process| send_numbers(process, to, enough)
    });
    for _ in 0..rotations {
        for node in [&a, &b] {
            manager(node)?.update(ca.agent(&["localhost"]))?;
        }
        // Once around: the load goes on between two rotations.
        a.ping(b.name()).await?;
    }
    enough.store(true, Ordering::Relaxed);
    let (sent, counted) = sending.await.ok_or("the sender was ended")??;
    let last = Generation(1 + rotations);
    println!("  {counted} of {sent} messages in order, over one link of {}, while the nodes came to {last}", shown(&a)?);
    assert_eq!((sent, a.peers().len(), a.connect(b.name()).await?.facts().id), (counted, 1, first), "nothing was lost");
    assert_eq!((shown(&a)?, shown(&b)?, current(&a)?), (Generation(1), Generation(1), last), "an open link keeps its own");

    println!("Link after link:");
    for _ in 0..3 {
        let next = manager(&a)?.update(ca.agent(&["localhost"]))?;
        a.disconnect(b.name()).await;
        a.call((COUNTER, b.name()), atom("count"), PATIENCE).await?;
        println!("  a showed {}, b {}", shown(&a)?, shown(&b)?);
        assert_eq!((shown(&a)?, shown(&b)?), (next, last), "a new link carries the newest");
    }

    println!("From files:");
    let folder = std::env::temp_dir().join(format!("countersign-rotation-{}", std::process::id()));
    let outcome = reload(&a, &ca, &folder);
    fs::remove_dir_all(&folder)?;
    outcome?;
    a.disconnect(b.name()).await;
    a.connect(b.name()).await?;
    println!("  and a showed {} to b", shown(&a)?);
    assert_eq!(shown(&a)?, current(&a)?, "the one that was taken");
    a.stop().await;
    b.stop().await;
    Ok(())
}

/// What an agent does that watches its files: whatever it finds is judged before anybody sees it.
fn reload(node: &Node, ca: &Ca, folder: &Path) -> Outcome {
    let (certificate, key) = (folder.join("tls.crt"), folder.join("tls.key"));
    DirBuilder::new().mode(0o700).create(folder)?;
    for (issuer, ca, is_good) in [("a stranger's CA", &Ca::named("stranger"), false), ("our CA", ca, true)] {
        let (chain, secret) = ca.leaf().names(&["localhost"]).pem();
        fs::write(&certificate, chain)?;
        fs::write(&key, secret.expose())?;
        // One that others may read is refused.
        fs::set_permissions(&key, Permissions::from_mode(0o600))?;
        let updated = manager(node)?.update(Certificate::from_paths(&certificate, Some(&key))?);
        assert_eq!(updated.is_ok(), is_good, "only our own CA's are taken");
        match updated {
            Ok(taken) => println!("  one of {issuer} is taken: {taken}"),
            Err(refused) => println!("  one of {issuer} is refused ({}), and a stays at {}", refused.code(), current(node)?),
        }
    }
    Ok(())
}

async fn start(name: &str, ca: &Ca, epmd: &Server) -> Outcome<Node> {
    let options = NodeOptions {
        cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
        cookie: Some(Cookie::new(b"rotation".to_vec())),
        acceptors: vec![Acceptor::at_port(0)],
        epmd: EpmdMode::At(epmd.port()),
        ..NodeOptions::default()
    };
    Ok(Node::start(name, options).await?)
}

fn manager(node: &Node) -> Outcome<&Arc<dyn CertAuthManager>> {
    node.cert_manager().ok_or_else(|| "it has a certificate".into())
}

/// What a node shows from the next handshake on.
fn current(node: &Node) -> Outcome<Generation> {
    Ok(manager(node)?.resolver().current().generation)
}

/// What it showed in the handshake of its only link.
fn shown(node: &Node) -> Outcome<Generation> {
    let peers = node.peers();
    let shown = peers.first().and_then(|peer| peer.transport().presented.clone());
    Ok(shown.ok_or("there is a link over TLS")?.generation)
}

const COUNTER: Atom = Atom::fixed("counter");
/// Far longer than any of this takes.
const PATIENCE: Duration = Duration::from_secs(10);
