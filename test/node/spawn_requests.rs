//! Requests to spawn that are malformed, too many, or not the peer's to make.

use crate::raw::Raw;
use crate::served::{Runs, functions, only};
use crate::world::{NEVER, World, eventually, found, idle, name};
use countersign::dist::Control;
use countersign::dist::control::{DemonitorP, Mfa, PayloadMonitorPExit, Proc, SendSender, SpawnFlags, SpawnReply, SpawnRequest};
use countersign::etf::{Atom, Creation, Pid, Reference, Term, Terms, atom, improper, list, tuple};
use countersign::node::rpc::{Apply, ErpcError};
use countersign::node::{Node, NodeOptions};
use countersign::rt::block_on;

async fn served(world: &World, change: impl FnOnce(&mut NodeOptions)) -> (Node, Runs) {
    let runs = Runs::default();
    let mut options = NodeOptions { functions: functions(&only("*@localhost"), &runs), ..world.secure() };
    change(&mut options);
    (Node::start("a@localhost", options).await.unwrap(), runs)
}

fn asked(from: &Pid, request: &Reference, mfa: (&'static str, &'static str, u8), options: impl Into<Vec<Term>>) -> SpawnRequest {
    let (module, function, arity) = mfa;
    let mfa = Mfa { module: Atom::fixed(module), function: Atom::fixed(function), arity };
    let options = Terms::from(options.into());
    SpawnRequest { request: request.clone(), from: from.clone(), group_leader: from.clone(), mfa, options }
}

/// What a child says meanwhile is passed over.
async fn reply(raw: &mut Raw) -> SpawnReply {
    loop {
        match raw.hear().await.unwrap().control {
            Control::SpawnReply(reply) => return reply,
            Control::SendSender(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// The atom that refuses.
async fn refusal(raw: &mut Raw) -> String {
    match reply(raw).await {
        SpawnReply { result: Proc::Name(why), flags: SpawnFlags(0), .. } => why.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_cannot_be_run_is_refused_with_an_atom_and_the_link_stays() {
    block_on(async {
        let world = World::new().await;
        let (a, runs) = served(&world, |_| {}).await;
        let mut raw = Raw::meet(&world, &a, "x@localhost").await;
        let (own, request) = (raw.pid(1), raw.reference(1));
        let two = || list([1, 2]);
        let cases = [
            (("math", "add", 3), vec![], two(), "badarg"),
            (("math", "add", 2), vec![], improper([1], atom("tail")), "badarg"),
            (("math", "add", 2), vec![], atom("none"), "badarg"),
            (("math", "add", 2), vec![atom("unknown")], two(), "badopt"),
            (("math", "add", 2), vec![tuple([atom("reply"), atom("no")])], two(), "badopt"),
            (("math", "add", 2), vec![tuple([atom("link"), atom("true")])], two(), "badopt"),
            (("erpc", "execute_call", 4), vec![], list([atom("tag"), Term::from(1), atom("add"), two()]), "badarg"),
            (("erpc", "execute_call", 4), vec![], list([atom("tag"), atom("math"), atom("add"), improper([1], 2)]), "badarg"),
            (("erpc", "execute_cast", 3), vec![], list([atom("math"), two(), two()]), "badarg"),
        ];
        for (mfa, options, arguments, wanted) in cases {
            raw.say(asked(&own, &request, mfa, options), Some(&arguments)).await;
            assert_eq!(refusal(&mut raw).await, wanted, "{mfa:?} {arguments}");
        }
        let other = Pid { node: Atom::fixed("y@localhost"), ..own.clone() };
        let foreign = Reference::new(Atom::fixed("a@localhost"), a.creation(), &[1, 0, 0]).unwrap();
        for (from, request) in [(&other, &request), (&own, &foreign)] {
            raw.say(asked(from, request, ("math", "add", 2), [atom("link"), atom("monitor")]), Some(&two())).await;
            assert_eq!(refusal(&mut raw).await, "badarg");
        }
        assert_eq!((runs.count(), a.peers().len()), (0, 1));
    });
}

#[test]
fn no_more_run_at_a_time_than_may_and_a_place_is_free_when_one_has_ended() {
    block_on(async {
        let world = World::new().await;
        let (a, runs) = served(&world, |options| options.limits.calls_per_peer = 2).await;
        let mut raw = Raw::meet(&world, &a, "x@localhost").await;
        let own = raw.pid(1);
        let mut children = Vec::new();
        for number in 0..2 {
            raw.say(asked(&own, &raw.reference(number), ("math", "wait", 0), []), Some(&Term::nil())).await;
            let Proc::Pid(child) = reply(&mut raw).await.result else { panic!("it runs") };
            children.push(child);
        }
        raw.say(asked(&own, &raw.reference(2), ("math", "wait", 0), []), Some(&Term::nil())).await;
        assert_eq!(refusal(&mut raw).await, "system_limit");
        assert!(runs.count() <= 2);
        // Another peer has room of its own, and a link made anew has none.
        let b = world.node("b@localhost").await;
        assert_eq!(b.erpc(a.name(), Apply::fixed("math", "add", [1, 2]), NEVER).await.unwrap(), Term::from(3));
        drop(raw);
        eventually("the peer is lost", || a.peers().len() == 1);
        let mut raw = Raw::meet(&world, &a, "x@localhost").await;
        raw.say(asked(&own, &raw.reference(3), ("math", "add", 2), []), Some(&list([1, 2]))).await;
        assert_eq!(refusal(&mut raw).await, "system_limit");
        a.exit(&children[0], atom("enough")).await.unwrap();
        let run = runs.count();
        let mut number = 4;
        while runs.count() == run {
            raw.say(asked(&own, &raw.reference(number), ("math", "add", 2), []), Some(&list([1, 2]))).await;
            reply(&mut raw).await;
            number += 1;
        }
        a.stop().await;
    });
}

#[test]
fn all_peers_together_have_a_bound_too() {
    block_on(async {
        let world = World::new().await;
        let (a, runs) = served(&world, |options| options.limits.calls = 1).await;
        let b = world.node("b@localhost").await;
        let mut raw = Raw::meet(&world, &a, "x@localhost").await;
        raw.say(asked(&raw.pid(1), &raw.reference(1), ("math", "wait", 0), []), Some(&Term::nil())).await;
        eventually("one runs", || runs.count() == 1);
        let refused = b.erpc(a.name(), Apply::fixed("math", "add", [1, 2]), NEVER).await;
        assert!(matches!(&refused, Err(ErpcError::Refused { reason, .. }) if *reason == "system_limit"), "{refused:?}");
        a.stop().await;
    });
}

#[test]
fn a_child_that_nobody_watches_any_more_goes_on_and_says_nothing() {
    block_on(async {
        let world = World::new().await;
        let (a, _) = served(&world, |_| {}).await;
        let mut raw = Raw::meet(&world, &a, "x@localhost").await;
        let (own, request) = (raw.pid(1), raw.reference(1));
        let arguments = list([atom("tag"), atom("math"), atom("wait"), Term::nil()]);
        raw.say(asked(&own, &request, ("erpc", "execute_call", 4), [atom("monitor")]), Some(&arguments)).await;
        let Proc::Pid(child) = reply(&mut raw).await.result else { panic!("it runs") };
        assert!(raw.hear_term().await.unwrap().to_string().starts_with("{waits,"));
        raw.say(DemonitorP { from: own, to: Proc::Pid(child.clone()), reference: request }, None).await;
        // It does what it is told in this order.
        raw.say(asked(&raw.pid(1), &raw.reference(2), ("math", "add", 2), [atom("unknown")]), Some(&list([1, 2]))).await;
        assert_eq!(refusal(&mut raw).await, "badopt");
        a.send(&child, atom("go")).await.unwrap();
        eventually("it has ended", || !a.is_alive(&child));
        a.disconnect(&name("x@localhost")).await;
        assert!(raw.hear().await.is_none(), "nobody is told");
    });
}

#[test]
fn values_wait_for_a_peer_that_does_not_read_and_then_all_come() {
    block_on(async {
        let world = World::new().await;
        let (a, runs) =
            served(&world, |options| (options.limits.send_buffer, options.limits.unread_answers) = (64 * 1024, 256 * 1024)).await;
        let mut raw = Raw::meet(&world, &a, "x@localhost").await;
        let long = Term::from("x".repeat(200_000));
        let own = raw.pid(1);
        for number in 0..100 {
            let arguments = list([atom("tag"), atom("math"), atom("raise"), list([atom("throw"), long.clone()])]);
            raw.say(asked(&own, &raw.reference(number), ("erpc", "execute_call", 4), [atom("monitor")]), Some(&arguments)).await;
        }
        eventually("all have run", || runs.count() == 100);
        let mut values = 0;
        while values < 100 {
            let Some(Term::Tuple(reason)) = raw.hear_term().await else { panic!("the link has ended after {values}") };
            assert_eq!(reason.last(), Some(&long));
            values += 1;
        }
    });
}

#[test]
fn a_reply_to_what_was_no_request_changes_nothing() {
    block_on(async {
        let world = World::new().await;
        let (a, _) = served(&world, |_| {}).await;
        let mut raw = Raw::meet(&world, &a, "x@localhost").await;
        let (theirs, ours) = (raw.pid(9), idle(&a));
        let (watched, child) = (theirs.clone(), ours.clone());
        let told = a.run(move |mut process| async move {
            let (far, near) = (process.monitor(&watched).await, process.monitor(&child).await);
            let own = Term::from(process.pid().clone());
            process.send(&watched, tuple([own, Term::from(far.clone()), Term::from(near.clone())])).await.unwrap();
            let mut down = Vec::new();
            for reference in [far, near] {
                let mail = process.receive_where(|mail| mail.down(&reference).is_some()).await;
                down.push(mail.down(&reference).unwrap().reason.clone());
            }
            (down, process.waiting())
        });
        let named = loop {
            if let Some(named) = raw.hear().await.unwrap().payload {
                break named;
            }
        };
        let [Term::Pid(to), Term::Reference(far), Term::Reference(near)] = named.as_tuple().unwrap() else { panic!("{named}") };
        for request in [far, near] {
            for result in [Proc::Name(Atom::fixed("notsup")), Proc::Pid(raw.pid(10))] {
                let reply = SpawnReply { request: (**request).clone(), to: (**to).clone(), flags: SpawnFlags::default(), result };
                raw.say(reply, None).await;
            }
        }
        let ended = PayloadMonitorPExit { from: Proc::Pid(theirs), to: (**to).clone(), reference: (**far).clone() };
        raw.say(ended, Some(&atom("far"))).await;
        a.exit(&ours, atom("near")).await.unwrap();
        assert_eq!(found(told).await, (vec![atom("far"), atom("near")], 0));
    });
}

#[test]
fn a_reply_that_nobody_waits_for_is_harmless() {
    block_on(async {
        let world = World::new().await;
        let (a, _) = served(&world, |_| {}).await;
        let mut raw = Raw::meet(&world, &a, "x@localhost").await;
        let ours = idle(&a);
        let reference = Reference::new(Atom::fixed("a@localhost"), a.creation(), &[5, 0, 0]).unwrap();
        let far = Pid { node: Atom::fixed("y@localhost"), id: 1, serial: 0, creation: Creation(1) };
        for result in [Proc::Pid(raw.pid(9)), Proc::Pid(far), Proc::Name(Atom::fixed("notsup"))] {
            raw.say(SpawnReply { request: reference.clone(), to: ours.clone(), flags: SpawnFlags(3), result }, None).await;
        }
        // The child that came too late is told that it is on its own, as OTP does it; the others are none of this peer's.
        let Control::DemonitorP(DemonitorP { to, .. }) = raw.hear().await.unwrap().control else { panic!("called off") };
        assert_eq!(to, Proc::Pid(raw.pid(9)));
        let message = raw.hear().await.unwrap();
        assert!(matches!(message.control, Control::PayloadExit(_)) && message.payload.unwrap().is_atom("abandoned"));
        assert!(a.is_alive(&ours));
        raw.say(asked(&raw.pid(1), &raw.reference(1), ("math", "add", 2), []), Some(&list([1, 2]))).await;
        reply(&mut raw).await;
    });
}

#[test]
fn a_peer_that_writes_the_reply_itself_gives_nobody_a_child_that_is_not_its_own() {
    block_on(async {
        let world = World::new().await;
        let (a, _) = served(&world, |_| {}).await;
        let mut raw = Raw::meet(&world, &a, "x@localhost").await;
        let innocent = idle(&a);
        let begun = a.run(move |mut process| async move {
            let begun = process.spawn_at(&name("x@localhost"), Apply::fixed("m", "f", [] as [Term; 0]), NEVER).await;
            begun.unwrap()
        });
        let Control::SpawnRequest(SpawnRequest { request, from, .. }) = raw.hear().await.unwrap().control else { panic!("it asks") };
        let earlier = Pid { creation: Creation(76), ..raw.pid(10) };
        for child in [innocent, earlier] {
            let reply = tuple([atom("spawn_reply"), Term::from(request.clone()), atom("ok"), Term::from(child)]);
            raw.say(SendSender { from: raw.pid(1), to: from.clone() }, Some(&reply)).await;
        }
        let child = raw.pid(10);
        raw.say(SpawnReply { request, to: from, flags: SpawnFlags(2), result: Proc::Pid(child.clone()) }, None).await;
        assert_eq!(found(begun).await, child);
    });
}
