//! Two nodes in one process, mutual TLS between them, and a ball that goes to and fro.
//!
//! ```text
//! cargo run --example ping_pong              a thousand round trips
//! cargo run --example ping_pong -- 100000    as many as you like
//! ```
//! It prints how long that took, and fails unless every ball came back with the number that it must have by then.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that talks to a person")]

use countersign::dist::Cookie;
use countersign::epmd::{Server, ServerOptions};
use countersign::etf::{Atom, Pid, Term, atom, tuple};
use countersign::node::{Acceptor, EpmdMode, Node, NodeOptions, Process};
use countersign::node_name::NodeName;
use countersign::rt;
use countersign::testing::Ca;
use countersign::tls::CertAuth;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

fn main() -> ExitCode {
    let rounds = std::env::args().nth(1).map_or(Ok(1000), |rounds| rounds.parse());
    let outcome = match rounds {
        Ok(rounds) => rt::block_on(play(rounds)),
        Err(_) => Err("usage: ping_pong [ROUND TRIPS]".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn play(rounds: i64) -> Result<(), Box<dyn Error>> {
    // Nodes in production have certificates in files, and find each other through the epmd that runs on every host.
    let (ca, epmd) = (Ca::new(), Server::bind(ServerOptions::loopback()).await?);
    let options = || NodeOptions {
        cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
        cookie: Some(Cookie::new(b"ping pong".to_vec())),
        acceptors: vec![Acceptor::at_port(0)],
        epmd: EpmdMode::At(epmd.port()),
        ..NodeOptions::default()
    };
    let ping = Node::start("ping@localhost", options()).await?;
    let pong = Node::start("pong@localhost", options()).await?;

    let player = pong.spawn(return_every_ball);
    pong.register("player", &player)?;

    let opponent = pong.name().clone();
    let game = ping.run(move |process| serve(process, opponent, rounds));
    let began = Instant::now();
    let returned = game.await.ok_or("the server was ended in mid-game")??;
    let took = began.elapsed();

    let link = ping.peers().first().and_then(|peer| peer.transport().tls).ok_or("that was no TLS")?;
    println!("{returned} round trips in {took:.1?} over {} with {}", link.version, link.suite);
    assert_eq!(returned, rounds, "a ball was lost");
    pong.stop().await;
    ping.stop().await;
    Ok(())
}

/// A ball is `{ball, From, Number}`, and comes back with the next number. Ends with the first thing that is no ball.
async fn return_every_ball(mut process: Process) -> Term {
    loop {
        let Some((from, number)) = process.receive().await.term().and_then(ball) else { return atom("no_ball") };
        let returned = new_ball(&process, number + 1);
        if process.send(from, returned).await.is_err() {
            return atom("nobody_to_play_with");
        }
    }
}

async fn serve(mut process: Process, opponent: NodeName, rounds: i64) -> Result<i64, String> {
    let player = (Atom::fixed("player"), opponent);
    for round in 0..rounds {
        let served = new_ball(&process, 2 * round);
        process.send(player.clone(), served).await.map_err(|error| error.to_string())?;
        let mail = process.receive().await;
        match mail.term().and_then(ball) {
            Some((_, number)) if number == 2 * round + 1 => {}
            _ => return Err(format!("after {round} round trips this came back: {mail:?}")),
        }
    }
    Ok(rounds)
}

fn new_ball(process: &Process, number: i64) -> Term {
    tuple([atom("ball"), Term::from(process.pid().clone()), Term::from(number)])
}

fn ball(term: &Term) -> Option<(Pid, i64)> {
    match term.as_tuple()? {
        [kind, from, number] if kind.is_atom("ball") => Some((from.as_pid()?.clone(), number.as_i64()?)),
        _ => None,
    }
}
