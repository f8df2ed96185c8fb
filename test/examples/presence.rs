//! Who is in which room, counted at three nodes, as Phoenix does it for its channels: visitors are processes, rooms are
//! groups of a `pg` scope, and no node asks another one when it is asked.
//!
//! ```text
//! cargo run --example presence
//! ```
//! It plays four scenes and prints what each node counts after each of them: the same, or the program fails. Nodes of
//! Elixir with `:pg.start_link(:presence)` would be members like these three.
#![expect(clippy::print_stdout, reason = "a program that talks to a person")]

use countersign::dist::Cookie;
use countersign::epmd::{Server, ServerOptions};
use countersign::etf::{Pid, Term, binary};
use countersign::node::{Acceptor, EpmdMode, Node, NodeOptions};
use countersign::otp::pg::Scope;
use countersign::rt;
use countersign::testing::Ca;
use countersign::tls::CertAuth;
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

type Counts = BTreeMap<&'static str, usize>;

/// A node and its view of the rooms.
struct House {
    node: Node,
    presence: Scope,
}

fn main() -> Result<(), Box<dyn Error>> {
    rt::block_on(play())
}

async fn play() -> Result<(), Box<dyn Error>> {
    let (ca, epmd) = (Ca::new(), Server::bind(ServerOptions::loopback()).await?);
    let mut houses = Vec::new();
    for name in ["north@localhost", "south@localhost", "west@localhost"] {
        houses.push(open(name, &ca, &epmd).await?);
    }
    let [north, south, west] = &houses[..] else { return Err("three were opened".into()) };
    // Everybody knows everybody: what a node has it tells its own peers only.
    north.node.connect(south.node.name()).await?;
    north.node.connect(west.node.name()).await?;
    south.node.connect(west.node.name()).await?;

    let ada = north.visit("lobby").await?;
    let bob = south.visit("lobby").await?;
    let eve = west.visit("kitchen").await?;
    show("Three come in", &houses, [("lobby", 2), ("kitchen", 1)]).await?;

    north.presence.join("kitchen", &ada).await?;
    south.presence.leave("lobby", &bob).await?;
    show("Ada is in two rooms, Bob leaves the lobby", &houses, [("lobby", 1), ("kitchen", 2)]).await?;

    // Nobody says goodbye for a process that ends: that it has ended is enough.
    west.node.exit(&eve, Term::from("the browser was closed")).await?;
    show("Eve closes the browser", &houses, [("lobby", 1), ("kitchen", 1)]).await?;

    north.node.stop().await;
    houses.remove(0);
    show("The north goes down, and Ada with it", &houses, []).await?;
    for house in &houses {
        house.node.stop().await;
    }
    Ok(())
}

async fn open(name: &str, ca: &Ca, epmd: &Server) -> Result<House, Box<dyn Error>> {
    let options = NodeOptions {
        cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
        cookie: Some(Cookie::new(b"presence".to_vec())),
        acceptors: vec![Acceptor::at_port(0)],
        epmd: EpmdMode::At(epmd.port()),
        ..NodeOptions::default()
    };
    let node = Node::start(name, options).await?;
    Ok(House { presence: Scope::start(&node, "presence").await?, node })
}

impl House {
    /// A visitor: in a web server, the process behind one open page.
    async fn visit(&self, room: &'static str) -> Result<Pid, Box<dyn Error>> {
        let visitor = self.node.spawn(|mut process| async move {
            process.receive_where(|_| false).await;
        });
        self.presence.join(room, &visitor).await?;
        Ok(visitor)
    }

    fn counts(&self) -> Counts {
        let count = |room| (room, self.presence.members(&binary(room)).len());
        ROOMS.map(count).into_iter().filter(|(_, count)| *count > 0).collect()
    }

    /// Waits until this is what the node counts, from one change to the next.
    async fn comes_to(&self, wanted: Counts) -> Result<Counts, Box<dyn Error>> {
        let house = Self { node: self.node.clone(), presence: self.presence.clone() };
        let watching = self.node.run(move |mut process| async move {
            // Dropped with the process.
            let Ok(_watching) = house.presence.watch(process.pid()).await else { return house.counts() };
            while house.counts() != wanted {
                process.receive().await;
            }
            house.counts()
        });
        Ok(watching.await.ok_or("the node has stopped")?)
    }
}

async fn show(scene: &str, houses: &[House], counts: impl IntoIterator<Item = (&'static str, usize)>) -> Result<(), Box<dyn Error>> {
    let wanted: Counts = counts.into_iter().collect();
    println!("{scene}:");
    for house in houses {
        let counted = rt::timeout(PATIENCE, house.comes_to(wanted.clone())).await??;
        println!("  {:<16} {counted:?}", house.node.name().as_str());
        assert_eq!(counted, wanted, "{} counts otherwise", house.node.name());
    }
    Ok(())
}

const ROOMS: [&str; 2] = ["lobby", "kitchen"];
/// Far longer than any of this takes.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);
