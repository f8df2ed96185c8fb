//! Two processes, mutual TLS, and a certificate that rotates under load.
//!
//! ```text
//! greet listen 127.0.0.1:15000 pki/a            answers every line; on its stdin: rotate pki/a2 · status · stop
//! greet dial localhost:15000 pki/b [COUNT]      dials COUNT times, says one line each time, prints who answered
//! ```
//! `pki/a` stands for `pki/a.crt`, `pki/a.key` and `pki/ca.crt`, as `countersign cert` writes them.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that talks to a person")]

use countersign::failure::Failure;
use countersign::net::{Connection, Dialer, DialerOptions, Listener, ListenerOptions};
use countersign::rt;
use countersign::tls::{CertAuth, CertManager, Certificate};
use futures_util::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use std::collections::BTreeMap;
use std::error::Error;
use std::io::BufRead;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> ExitCode {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("warn")).init();
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["listen", address, pair] => rt::block_on(listen(address, pair)),
        ["dial", target, pair] => rt::block_on(dial(target, pair, 1)),
        ["dial", target, pair, count] => rt::block_on(dial(target, pair, count.parse().unwrap_or(1))),
        _ => Err("usage: greet listen ADDRESS PAIR | greet dial HOST:PORT PAIR [COUNT]".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn listen(address: &str, pair: &str) -> Outcome {
    let manager = Arc::new(manager(pair)?);
    let options = ListenerOptions::secure(Arc::<CertAuth>::clone(&manager));
    let listener = Arc::new(Listener::bind(address.parse()?, options).await?);
    println!("listening on {}", listener.local_addr());

    let answering = Arc::clone(&listener);
    let _task = rt::spawn("answer", async move {
        while let Ok(connection) = answering.accept().await {
            // Whoever fails in mid-line has said so on its own side.
            if let Ok(task) = rt::spawn("answer one", async { answer(connection).await.unwrap_or_default() }) {
                task.detach();
            }
        }
    })?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["rotate", pair] => rotate(&manager, pair),
            ["status"] => println!("accepted {}, refused {:?}", listener.counters().accepted(), listener.counters().refusals()),
            ["stop"] => break,
            _ => eprintln!("rotate PAIR · status · stop"),
        }
    }
    Ok(())
}

/// A refused update is no disaster: the old certificate stays, and the reason is printed.
fn rotate(manager: &CertAuth, pair: &str) {
    let updated = load(pair).and_then(|certificate| manager.update(certificate).map_err(|refused| explain(&refused).into()));
    match updated {
        Ok(generation) => println!("rotated to {generation}"),
        Err(error) => println!("not rotated: {error}"),
    }
}

async fn answer(mut connection: Connection) -> std::io::Result<()> {
    let mut line = String::new();
    BufReader::new(&mut connection).read_line(&mut line).await?;
    let peer = connection.peer_certificate().map(|peer| peer.leaf.subject.clone()).unwrap_or_default();
    connection.write_all(format!("hello {peer}, you said {line}").as_bytes()).await?;
    connection.close().await
}

async fn dial(target: &str, pair: &str, count: usize) -> Outcome {
    let (host, port) = target.rsplit_once(':').ok_or("HOST:PORT is expected")?;
    let dialer = Dialer::new(DialerOptions::secure(Arc::new(manager(pair)?)))?;
    let mut answered = BTreeMap::new();
    for number in 1..=count {
        let mut connection = dialer.dial(host, port.parse()?).await.map_err(|error| explain(&error))?;
        connection.write_all(format!("line {number}\n").as_bytes()).await?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await?;
        if count == 1 {
            print!("{answer}");
        }
        let shown = connection.peer_certificate().map(|peer| peer.leaf.fingerprint.to_string());
        *answered.entry(shown.unwrap_or_default()).or_insert(0usize) += 1;
    }
    for (fingerprint, times) in answered {
        println!("{times} of {count} answered with SHA-256 {fingerprint}");
    }
    Ok(())
}

fn manager(pair: &str) -> Result<CertAuth, Box<dyn Error>> {
    let ca = Path::new(pair).with_file_name("ca.crt");
    let key = format!("{pair}.key");
    CertAuth::from_paths(format!("{pair}.crt"), ca, Some(Path::new(&key))).map_err(|error| explain(&error).into())
}

fn load(pair: &str) -> Result<Certificate, Box<dyn Error>> {
    let key = format!("{pair}.key");
    Certificate::from_paths(format!("{pair}.crt"), Some(Path::new(&key))).map_err(|error| explain(&error).into())
}

fn explain(failure: &impl Failure) -> String {
    format!("{failure}\n  code: {}\n  hint: {}", failure.code(), failure.hint())
}
