//! Nodes that are to stay peers.

use crate::seeds::SOON;
use crate::world::{NEVER, World, cookie, eventually, name};
use countersign::etf::{Atom, Term, atom};
use countersign::failure::{Code, Failure};
use countersign::node::{ClusterOptions, Node, NodeOptions, Reconnect, Route};
use countersign::rt::{TcpListener, block_on};
use futures_util::future::{Either, select};
use std::pin::pin;
use std::sync::{Mutex, PoisonError};

/// A node that dials again at once.
async fn keen(world: &World, own: &str) -> Node {
    let cluster = ClusterOptions { reconnect: SOON, ..ClusterOptions::default() };
    Node::start(own, NodeOptions { cluster, ..world.secure() }).await.unwrap()
}

fn is_linked(node: &Node, other: &str) -> bool {
    node.peers().iter().any(|peer| peer.name().as_str() == other)
}

#[test]
fn a_kept_node_is_dialled_again_whenever_it_was_lost() {
    block_on(async {
        let world = World::new().await;
        let a = keen(&world, "a@localhost").await;
        a.keep_connected(&name("b@localhost"));
        for _ in 0..5 {
            let b = world.node("b@localhost").await;
            eventually("they are linked", || is_linked(&a, "b@localhost") && is_linked(&b, "a@localhost"));
            assert!(a.kept()[0].is_linked && a.peers()[0].facts().dialled);
            b.stop().await;
            eventually("it is missed", || !a.kept()[0].is_linked);
        }
        assert!(a.forget(&name("b@localhost")) && !a.forget(&name("b@localhost")) && a.kept().is_empty());
    });
}

#[test]
fn a_node_that_was_disconnected_by_hand_is_left_alone_until_it_is_wanted_anew() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = (keen(&world, "a@localhost").await, world.node("b@localhost").await);
        for name in ["b@localhost", "c@localhost"] {
            a.keep_connected(&name.parse().unwrap());
        }
        eventually("they are linked", || is_linked(&a, "b@localhost"));
        assert!(a.disconnect(b.name()).await);
        // Meanwhile another one is lost and dialled again, many times.
        for _ in 0..5 {
            let c = world.node("c@localhost").await;
            eventually("they are linked", || is_linked(&a, "c@localhost"));
            c.stop().await;
        }
        let kept = a.kept();
        assert!(kept[0].is_resting && !kept[0].is_linked && b.counters().accepted() == 1, "{kept:?}");
        assert_eq!(kept[0].to_string(), "b@localhost was disconnected by hand");
        a.keep_connected(b.name());
        eventually("they are linked again", || is_linked(&a, "b@localhost"));

        a.disconnect(b.name()).await;
        // Whom it has dialled itself it is linked to as before, and dials when that link is lost.
        b.ping(a.name()).await.unwrap();
        assert!(!a.kept()[0].is_resting);
        b.disconnect(a.name()).await;
        eventually("it was dialled", || a.peers().iter().any(|peer| peer.name() == b.name() && peer.facts().dialled));
    });
}

#[test]
fn who_refuses_is_dialled_on_and_each_reason_is_said_once() {
    block_on(async {
        let lines = Lines::begin();
        let world = World::new().await;
        let a = keen(&world, "a@localhost").await;
        let refusing = "refusing@localhost";
        a.keep_connected(&name(refusing));
        let failures = |code: Code| {
            let kept = a.kept().remove(0);
            kept.failures > 20 && kept.error.is_some_and(|error| error.code() == code)
        };
        eventually("nobody is there, again and again", || failures(Code::Unreachable));
        let other = Node::start(refusing, NodeOptions { cookie: Some(cookie("other")), ..world.secure() }).await.unwrap();
        let before = a.kept()[0].failures;
        eventually("it refuses, again and again", || failures(Code::CookieMismatch) && a.kept()[0].failures > before + 20);
        let of_it = lines.with(&["a node that is to be kept is not linked", refusing]);
        let codes = [Code::Unreachable, Code::CookieMismatch].map(|code| of_it.iter().filter(|line| line.contains(code.as_str())).count());
        assert_eq!((of_it.len(), codes), (2, [1, 1]), "{of_it:#?}");
        other.stop().await;
        let _friend = world.node(refusing).await;
        eventually("it is linked", || a.kept()[0].is_linked && a.kept()[0].error.is_none());
    });
}

#[test]
fn of_a_thousand_nodes_only_a_few_are_dialled_at_a_time() {
    block_on(async {
        let world = World::new().await;
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = silent.local_addr().unwrap().port();
        let keep: Vec<_> = (0..1_000).map(|number| name(&format!("n{number}@localhost"))).collect();
        let routes = keep.iter().map(|peer| Route::to(peer.clone(), "127.0.0.1", port)).collect();
        let reconnect = Reconnect { at_a_time: 4, ..SOON };
        let cluster = ClusterOptions { keep, reconnect, ..ClusterOptions::default() };
        let options = NodeOptions { cluster, routes, setup_time: NEVER, ..world.plain() };
        let a = Node::start("a@localhost", options).await.unwrap();
        let mut open = std::collections::VecDeque::new();
        for _ in 0..100 {
            while open.len() < 4 {
                open.push_back(silent.accept().await.unwrap().0);
            }
            // As many wait as may. Whatever comes while nobody has been let go is one too many.
            let more = pin!(silent.accept());
            assert!(matches!(select(more, pin!(a.ping(a.name()))).await, Either::Right(_)), "a fifth was dialled");
            open.pop_front();
        }
        drop(open);
        a.stop().await;
    });
}

#[test]
fn a_node_says_whom_it_keeps_and_how_that_goes() {
    block_on(async {
        let world = World::new().await;
        let a = keen(&world, "a@localhost").await;
        a.keep_connected(a.name());
        a.keep_connected(&name("b@localhost"));
        eventually("it fails", || a.kept()[0].error.is_some());
        let status = a.call(Atom::fixed("countersign"), atom("status"), NEVER).await.unwrap();
        let field = |term: &Term, key: &str| match term {
            Term::Map(map) => map.field(key).unwrap().clone(),
            other => panic!("{other}"),
        };
        let Term::List(keeps) = field(&status, "keeps") else { panic!("{status}") };
        assert_eq!(keeps.len(), 1, "itself it does not keep");
        assert_eq!(field(&keeps[0], "peer"), Term::from("b@localhost"));
        assert_eq!((field(&keeps[0], "linked"), field(&keeps[0], "code")), (Term::from(false), Term::from("unreachable")));
    });
}

/// What the program logs.
struct Lines(Mutex<Vec<String>>);

static LINES: Lines = Lines(Mutex::new(Vec::new()));

impl Lines {
    fn begin() -> &'static Self {
        // Another test of this process may have begun.
        if log::set_logger(&LINES).is_ok() {
            log::set_max_level(log::LevelFilter::Info);
        }
        &LINES
    }

    fn with(&self, words: &[&str]) -> Vec<String> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().filter(|line| words.iter().all(|word| line.contains(word))).cloned().collect()
    }
}

impl log::Log for Lines {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        struct Pairs(String);
        impl log::kv::VisitSource<'_> for Pairs {
            fn visit_pair(&mut self, key: log::kv::Key<'_>, value: log::kv::Value<'_>) -> Result<(), log::kv::Error> {
                self.0.push_str(&format!(" {key}={value}"));
                Ok(())
            }
        }
        let mut line = Pairs(record.args().to_string());
        record.key_values().visit(&mut line).unwrap();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line.0);
    }

    fn flush(&self) {}
}
