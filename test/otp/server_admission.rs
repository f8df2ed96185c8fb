//! Whom a server admits.

use crate::world::{World, found, next_term};
use countersign::dist::Cookie;
use countersign::etf::{Atom, Term, atom, tuple};
use countersign::node::rpc::Callers;
use countersign::node::{Mail, Node, NodeOptions, Process};
use countersign::node_name::NodeName;
use countersign::otp::gen_server::{Access, Answer, Caller, GenServer, Launch, Origin, Step};
use countersign::rt::block_on;
use countersign::tls::CertAuth;
use std::sync::Arc;
use std::time::Duration;

/// Admits the node `a@localhost`, by its certificate, to all but sys; and counts what else reaches it.
struct Vault {
    friend: NodeName,
    said: i64,
}

impl GenServer for Vault {
    type Call = Term;
    type Cast = Term;

    fn admits(&self, origin: &Origin, access: Access) -> bool {
        origin.is_here() || access != Access::System && origin.is_node(&self.friend)
    }

    async fn handle_call(&mut self, request: Term, caller: Caller, _: &mut Process) -> Answer {
        if request.is_atom("secret") && !caller.origin().is_here() {
            return caller.refuse("the secret stays here");
        }
        caller.answer(self.said)
    }

    async fn handle_cast(&mut self, _: Term, _: Origin, _: &mut Process) -> Step {
        self.said += 1;
        Step::Wait
    }

    async fn handle_info(&mut self, _: Mail, _: &mut Process) -> Step {
        self.said += 1;
        Step::Wait
    }
}

async fn node(world: &World, name: &str) -> Node {
    let agent = world.ca.leaf().dns("localhost").uri(&format!("erl:{name}")).build();
    let manager = CertAuth::mutual(agent, world.ca.pool());
    let options = NodeOptions { cookie: Some(Cookie::new(b"cluster".to_vec())), ..world.with(Some(Arc::new(manager))) };
    Node::start(name, options).await.unwrap()
}

#[test]
fn a_server_hears_only_whom_it_admits() {
    block_on(async {
        let world = World::new().await;
        let (server, friend, stranger) =
            (node(&world, "s@localhost").await, node(&world, "a@localhost").await, node(&world, "b@localhost").await);
        let vault = Vault { friend: friend.name().clone(), said: 0 };
        let pid = Launch::new(vault).named(Atom::fixed("vault")).start(&server).await.unwrap();

        for (peer, admitted) in [(&friend, true), (&stranger, false)] {
            peer.cast(&pid, atom("x")).await.unwrap();
            peer.send(&pid, atom("x")).await.unwrap();
            let answer = peer.call(&pid, atom("x"), LONG).await.unwrap();
            assert_eq!(answer.as_i64(), admitted.then_some(2), "{answer}");
            assert_eq!(is_refusal(&answer), !admitted, "{answer}");
            for request in ["get_state", "get_status", "suspend"] {
                assert!(is_refusal(&system(peer, &pid, atom(request)).await), "{request}");
            }
            assert!(is_refusal(&system(peer, &pid, tuple([atom("terminate"), atom("normal")])).await));
        }
        assert!(is_refusal(&friend.call(&pid, atom("secret"), LONG).await.unwrap()));
        assert_eq!(server.call(&pid, atom("secret"), LONG).await.unwrap(), Term::from(2));
        assert!(!is_refusal(&system(&server, &pid, atom("get_state")).await));
        for node in [friend, stranger, server] {
            node.stop().await;
        }
    });
}

/// Admits whom a list names.
struct Listed(Callers);

impl GenServer for Listed {
    type Call = Term;
    type Cast = Term;

    fn admits(&self, origin: &Origin, _: Access) -> bool {
        origin.is_among(&self.0)
    }

    async fn handle_call(&mut self, request: Term, caller: Caller, _: &mut Process) -> Answer {
        caller.answer(request)
    }

    async fn handle_cast(&mut self, _: Term, _: Origin, _: &mut Process) -> Step {
        Step::Wait
    }
}

#[test]
fn a_server_admits_whom_a_list_names_and_its_own_node() {
    block_on(async {
        let world = World::new().await;
        let (server, peer) = (node(&world, "s@localhost").await, node(&world, "a@localhost").await);
        for (entry, is_named) in
            [("dns:localhost", true), ("uri:erl:*@localhost", true), ("uri:erl:b@localhost", false), ("node:b@*", false)]
        {
            let pid = Launch::new(Listed(Callers::matching([entry]).unwrap())).start(&server).await.unwrap();
            let answer = peer.call(&pid, atom("x"), LONG).await.unwrap();
            assert_eq!((answer.is_atom("x"), is_refusal(&answer)), (is_named, !is_named), "{entry}: {answer}");
            assert!(server.call(&pid, atom("x"), LONG).await.unwrap().is_atom("x"));
        }
        peer.stop().await;
        server.stop().await;
    });
}

/// What `sys` would be answered.
async fn system(node: &Node, to: &countersign::etf::Pid, request: Term) -> Term {
    let to = to.clone();
    found(node.run(|mut process| async move {
        let from = tuple([Term::from(process.pid().clone()), atom("tag")]);
        process.send(&to, tuple([atom("system"), from, request])).await.unwrap();
        next_term(&mut process).await.as_tuple().unwrap()[1].clone()
    }))
    .await
}

fn is_refusal(answer: &Term) -> bool {
    let Some([error, reason]) = answer.as_tuple() else { return false };
    error.is_atom("error") && matches!(reason.as_tuple(), Some([code, _]) if code.is_atom("not_allowed"))
}

const LONG: Duration = Duration::from_secs(30);
