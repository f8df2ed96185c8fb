//! `rotate` as any node asks for it: `gen_server:call({countersign, Node}, {rotate, Options})`.

use crate::scratch::Scratch;
use crate::sources_world::{Files, Scene, agent, following, presented, reloaded};
use countersign::etf::{Atom, Term, atom, binary, list, map, tuple};
use countersign::failure::Code;
use countersign::node::{Node, NodeOptions, Renewed, Rotate};
use countersign::rt::block_on;
use countersign::testing::{Ca, LeafBuilder};
use std::sync::Arc;
use std::time::Duration;

async fn ask(node: &Node, request: Term) -> Term {
    node.call((Atom::fixed("countersign"), node.name()), request, Duration::from_secs(30)).await.unwrap()
}

async fn rotate<const N: usize>(node: &Node, options: [(&'static str, Term); N]) -> Term {
    let options = map(options.map(|(name, value)| (atom(name), value))).unwrap();
    ask(node, tuple([atom("rotate"), options])).await
}

/// What is said of the first source.
fn said(answer: &Term, key: &str) -> Term {
    let Term::Map(answer) = answer else { panic!("{answer}") };
    let Some([Term::Map(first), ..]) = answer.field("sources").and_then(Term::as_list) else { panic!("{answer:?}") };
    first.field(key).unwrap().clone()
}

#[test]
fn a_shell_says_a_path_between_quotes_or_as_a_binary_and_the_word_alone_reloads() {
    block_on(async {
        let scene = Scene::new().await;
        let folder = Scratch::new();
        let given = Files::named(&folder, "given");
        let new = given.renew(&scene.ca);
        let (certificate, key) = (given.certificate.display().to_string(), given.key.display().to_string());
        let quoted = list(certificate.bytes().map(Term::from));
        let judged = rotate(&scene.node, [("cert", quoted.clone()), ("key", binary(key.clone())), ("dry_run", atom("true"))]).await;
        assert_eq!(said(&judged, "outcome"), Term::from("would_replace"));
        assert_ne!(scene.presented(), new);
        let rotated = rotate(&scene.node, [("cert", quoted), ("key", binary(key))]).await;
        assert_eq!((said(&rotated, "outcome"), scene.presented()), (Term::from("replaced"), new));
        assert_eq!(said(&ask(&scene.node, atom("rotate")).await, "outcome"), Term::from("replaced"));
        assert_ne!(scene.presented(), new);
    });
}

#[test]
fn what_makes_no_sense_is_answered_with_what_does() {
    block_on(async {
        let scene = Scene::new().await;
        let before = scene.renew();
        let wrong = [
            (atom("now"), "the options of rotate are a map"),
            (map([(atom("cert"), Term::from("a.crt"))]).unwrap(), "cert and key are whole paths of files on the node's host"),
            (map([(atom("cert"), Term::from(7))]).unwrap(), "cert and key are whole paths of files on the node's host"),
            (map([(atom("key"), Term::from("/a.key"))]).unwrap(), "key names the key of a certificate, and cert is missing"),
            (map([(atom("dry_run"), Term::from(1))]).unwrap(), "dry_run is true or false"),
            (map([(atom("certs"), Term::from("/a"))]).unwrap(), "rotate knows the options cert, key and dry_run"),
        ];
        for (options, sentence) in wrong {
            let expected = tuple([atom("error"), tuple([atom("badarg"), Term::from(sentence)])]);
            assert_eq!(ask(&scene.node, tuple([atom("rotate"), options])).await, expected);
        }
        assert_ne!(scene.presented(), before, "none of them did anything");
    });
}

#[test]
fn a_node_without_a_certificate_says_so() {
    block_on(async {
        let (ca, folder) = (Ca::new(), Scratch::new());
        let files = Files::named(&folder, "a");
        files.renew(&ca);
        let plain = NodeOptions { cert_manager: None, danger_plaintext: true, ..following(&ca, files.source()) };
        let node = Node::start("a@localhost", plain).await.unwrap();
        assert!(node.reload().await.renewals.is_empty());
        let rotated = node.rotate(Rotate::to(Arc::new(files.source()))).await;
        let Renewed::Refused(trouble) = &rotated.renewals[0].outcome else { panic!("{rotated:?}") };
        assert_eq!(trouble.reason, "the node speaks plain TCP, and presents no certificate");
    });
}

/// What bears the name of the node is followed only by what bears it, and nothing else is held to it.
#[test]
fn no_form_of_the_nodes_name_is_lost_that_its_certificate_bears() {
    block_on(async {
        let by_spiffe = |options: &mut NodeOptions| options.spiffe = Some("spiffe://example.org/{host}/{name}".parse().unwrap());
        let scene = Scene::with(by_spiffe).await;
        let whole = |leaf: LeafBuilder<'_>| scene.write(leaf.uri("erl:a@localhost").uri("spiffe://example.org/localhost/a"));
        whole(agent(&scene.ca));
        assert!(matches!(reloaded(&scene.node).await, Renewed::Replaced(_)), "more names are no fault");
        let fewer = [
            (agent(&scene.ca).uri("spiffe://example.org/localhost/a"), "not erl:a@localhost"),
            (agent(&scene.ca).uri("erl:a@localhost").uri("spiffe://example.org/localhost/b"), "not spiffe://example.org/localhost/a"),
            (scene.ca.leaf().dns("other.test").uri("erl:a@localhost"), "not localhost"),
        ];
        for (leaf, words) in fewer {
            scene.write(leaf);
            let Renewed::Refused(trouble) = reloaded(&scene.node).await else { panic!("taken, though {words}") };
            assert_eq!((trouble.code, trouble.holder.as_deref()), (Code::NameMismatch, Some("node a@localhost")));
            assert!(trouble.reason.contains(words), "{trouble:?}");
            let lost = words.trim_start_matches("not ");
            assert!(trouble.hint.as_str().contains(&format!("issue it with {lost}, too")), "{trouble:?}");
        }
        whole(scene.ca.leaf().names(&["localhost", "other.test"]));
        assert!(matches!(reloaded(&scene.node).await, Renewed::Replaced(_)));
    });
    block_on(async {
        let (ca, folder) = (Ca::new(), Scratch::new());
        let files = Files::named(&folder, "a");
        let write = |name: &str| {
            let (chain, key) = ca.leaf().dns(name).pem();
            files.write(&chain, key.expose());
            files.source()
        };
        let node = Node::start("a@localhost", following(&ca, write("elsewhere.test"))).await.unwrap();
        write("other.test");
        assert!(matches!(reloaded(&node).await, Renewed::Replaced(_)));
        assert_eq!(presented(&node), countersign::tls::source::CertSource::read(&files.source()).unwrap().fingerprint());
    });
}
