//! A writer that does everything wrong, and what a node presents meanwhile.

use crate::sources_world::{Files, Scene, agent, reloaded};
use countersign::node::{Node, Renewed};
use countersign::rt::block_on;
use countersign::tls::source::CertSource;
use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

/// The certificates of a chain.
type Chain = Vec<Vec<u8>>;

#[test]
fn a_writer_that_tears_the_pair_a_thousand_times_has_nothing_presented_but_whole_ones() {
    block_on(async {
        let scene = Scene::new().await;
        let intermediate = scene.ca.intermediate();
        let texts: Vec<_> = (0..4).map(|_| agent(&intermediate).pem()).collect();
        let whole: BTreeSet<Chain> = texts.iter().map(|(chain, key)| written(&scene.files, chain, key.expose())).collect();
        assert!(matches!(reloaded(&scene.node).await, Renewed::Replaced(_)));

        let looks = Arc::new(Looks::default());
        let (files, seen) = (scene.files.clone(), Arc::clone(&looks));
        let writer = thread::spawn(move || {
            for (round, (chain, key)) in (0..ROUNDS).zip(texts.iter().cycle()) {
                tear(&files, chain, key.expose(), round);
                seen.wait_now_and_then(round, 50);
                files.write(chain, key.expose());
                seen.wait_now_and_then(round, 100);
            }
            seen.is_done.store(true, Ordering::SeqCst);
        });
        let (mut refused, mut replaced) = (0, 0);
        while !looks.is_done.load(Ordering::SeqCst) {
            match reloaded(&scene.node).await {
                Renewed::Refused(_) => refused += 1,
                Renewed::Replaced(_) => replaced += 1,
                _ => {}
            }
            assert!(whole.contains(&presented(&scene.node)), "what is presented was never written as a whole");
            looks.count.fetch_add(1, Ordering::SeqCst);
        }
        writer.join().unwrap();
        assert!(refused >= 5 && replaced >= 5, "the two hardly met: {refused} refused, {replaced} replaced");
        let last = scene.renew();
        reloaded(&scene.node).await;
        assert_eq!(scene.presented(), last, "what comes after them is taken");
    });
}

/// Leaves it as bad as a writer can: cut off anywhere, between two certificates too, of two minds, or not there.
fn tear(files: &Files, chain: &str, key: &[u8], round: usize) {
    let between = chain.rfind("-----BEGIN").unwrap();
    match round % 5 {
        0 => files.write(&chain[..between], key),
        1 => files.write_certificate(&chain[..round * 7 % chain.len()]),
        2 => files.write_key(&key[..round * 11 % key.len()]),
        3 => files.write_key(key),
        _ => fs::remove_file(&files.certificate).unwrap(),
    }
}

/// How often was looked, so that the writer now and then lets a state be seen.
#[derive(Debug, Default)]
struct Looks {
    count: AtomicU64,
    is_done: AtomicBool,
}

impl Looks {
    fn wait_now_and_then(&self, round: usize, turn: usize) {
        let before = self.count.load(Ordering::SeqCst);
        // One look may have begun before.
        while round % 101 == turn && self.count.load(Ordering::SeqCst) < before + 2 {
            thread::yield_now();
        }
    }
}

fn written(files: &Files, chain: &str, key: &[u8]) -> Chain {
    files.write(chain, key);
    files.source().read().unwrap().chain().iter().map(|der| der.to_vec()).collect()
}

fn presented(node: &Node) -> Chain {
    let current = node.cert_manager().unwrap().resolver().current();
    current.certificate.chain().iter().map(|der| der.to_vec()).collect()
}

const ROUNDS: usize = 1_000;
