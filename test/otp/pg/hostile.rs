//! A peer that says what no scope says.

use super::{holds, patient, pg};
use crate::raw::Raw;
use crate::world::{World, eventually, found, idle, next_term};
use countersign::dist::control::SendSender;
use countersign::etf::{Atom, Pid, Term, atom, binary, list, tuple};
use countersign::node::{Node, Process};
use countersign::otp::pg::{Scope, ScopeLimits, ScopeOptions};
use countersign::rt::block_on;
use std::future::Future;

/// A process of `b` that has met the scope of `a`, and may go on from there.
async fn met<F, Fut>(limits: ScopeLimits, go_on: F)
where
    F: FnOnce(Process, Scope, Node) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let world = World::new().await;
    let (a, b) = world.two().await;
    b.connect(a.name()).await.unwrap();
    let scope = Scope::start_with(&a, "pg", ScopeOptions { limits, ..ScopeOptions::default() }).await.unwrap();
    let (seen, node) = (scope.clone(), b.clone());
    found(b.run(move |mut process| async move {
        let own = process_term(&process);
        tell(&mut process, &seen, [atom("discover"), own]).await;
        // All that it has, and whether we have anything.
        next_term(&mut process).await;
        next_term(&mut process).await;
        go_on(process, seen, node).await;
    }))
    .await;
    a.stop().await;
    b.stop().await;
}

fn process_term(process: &Process) -> Term {
    process.pid().clone().into()
}

async fn tell(process: &mut Process, scope: &Scope, parts: impl IntoIterator<Item = Term>) {
    process.send(scope.pid(), tuple(parts)).await.unwrap();
}

async fn join(process: &mut Process, scope: &Scope, group: Term, pid: &Pid) {
    let own = process_term(process);
    tell(process, scope, [atom("join"), own, group, pid.clone().into()]).await;
}

#[test]
fn a_peer_speaks_for_its_own_processes_only() {
    block_on(met(ScopeLimits::default(), |mut process, scope, b| async move {
        let own = idle(&b);
        let mut theirs = scope.pid().clone();
        join(&mut process, &scope, atom("g"), &theirs).await;
        theirs.node = Atom::fixed("c@localhost");
        join(&mut process, &scope, atom("g"), &theirs).await;
        let mut earlier = own.clone();
        earlier.creation.0 ^= 1;
        join(&mut process, &scope, atom("g"), &earlier).await;
        let foreign = [atom("discover"), theirs.clone().into()];
        tell(&mut process, &scope, foreign).await;
        let groups = list([tuple([atom("g"), list([own.clone(), theirs.clone()])])]);
        let synced = tuple([atom("sync"), process_term(&process), groups]);
        tell(&mut process, &scope, [atom("$gen_cast"), synced]).await;
        join(&mut process, &scope, atom("h"), &own).await;
        holds(&scope, &atom("h"), &[&own]);
        assert_eq!(scope.groups(), [atom("h")]);
        assert_eq!(scope.ignored(), 5);
    }));
}

#[test]
fn a_peer_cannot_take_others_out_of_a_group() {
    block_on(met(ScopeLimits::default(), |mut process, scope, b| async move {
        let own = idle(&b);
        join(&mut process, &scope, atom("g"), &own).await;
        let theirs: Term = scope.pid().clone().into();
        let from = process_term(&process);
        tell(&mut process, &scope, [atom("leave"), from.clone(), theirs, list([atom("g")])]).await;
        // Nor can another process of its that nobody has met.
        let stranger = Term::from(idle(&b));
        tell(&mut process, &scope, [atom("leave"), stranger.clone(), own.clone().into(), list([atom("g")])]).await;
        tell(&mut process, &scope, [atom("join"), stranger, atom("i"), own.clone().into()]).await;
        // What it leaves and was never in is no news.
        tell(&mut process, &scope, [atom("leave"), from, own.clone().into(), list([atom("x"), atom("y")])]).await;
        join(&mut process, &scope, atom("h"), &own).await;
        holds(&scope, &atom("h"), &[&own]);
        holds(&scope, &atom("g"), &[&own]);
        assert_eq!(scope.groups().len(), 2);
        assert_eq!(scope.ignored(), 1);
    }));
}

#[test]
fn what_a_peer_may_have_kept_is_bounded() {
    let limits = ScopeLimits { memberships_per_peer: 100, name_bytes_per_peer: 1000 };
    block_on(met(limits, |mut process, scope, b| async move {
        let own = idle(&b);
        for number in 0..150 {
            join(&mut process, &scope, Term::from(number), &own).await;
        }
        eventually("the rest is refused", || scope.refused() == 50);
        assert_eq!(scope.groups().len(), 100);
        let (from, all) = (process_term(&process), list((0..150).map(Term::from)));
        tell(&mut process, &scope, [atom("leave"), from, own.clone().into(), all]).await;
        eventually("it has left all", || scope.groups().is_empty());
        for letter in 0..20_u8 {
            join(&mut process, &scope, binary(vec![letter; 100]), &own).await;
        }
        eventually("names count as well", || scope.refused() == 61);
        assert_eq!(scope.groups().len(), 9);
    }));
}

#[test]
fn a_second_scope_of_one_peer_replaces_the_first() {
    block_on(met(ScopeLimits::default(), |mut process, scope, b| async move {
        let own = idle(&b);
        join(&mut process, &scope, atom("g"), &own).await;
        holds(&scope, &atom("g"), &[&own]);
        for _ in 0..10 {
            let other = Term::from(idle(&b));
            let synced = tuple([atom("sync"), other, list([tuple([atom("h"), list([own.clone()])])])]);
            tell(&mut process, &scope, [atom("$gen_cast"), synced]).await;
        }
        holds(&scope, &atom("g"), &[]);
        holds(&scope, &atom("h"), &[&own]);
    }));
}

#[test]
fn nonsense_is_counted_and_nothing_else() {
    block_on(met(ScopeLimits::default(), |mut process, scope, b| async move {
        let (own, from) = (Term::from(idle(&b)), process_term(&process));
        let nonsense = [
            atom("discover"),
            tuple([atom("discover"), atom("me")]),
            tuple([atom("join"), from.clone(), atom("g"), atom("me")]),
            tuple([atom("join"), from.clone(), atom("g"), list([own.clone(), atom("me")])]),
            tuple([atom("leave"), from.clone(), own.clone(), atom("g")]),
            tuple([atom("$gen_cast"), tuple([atom("sync"), from.clone(), list([atom("g")])])]),
            tuple([atom("$gen_cast"), tuple([atom("sync"), from.clone(), list([tuple([atom("g"), own])])])]),
            tuple([atom("$gen_cast"), atom("sync")]),
            tuple(Vec::<Term>::new()),
            tuple([atom("nodeup"), atom("b@localhost")]),
        ];
        let count = nonsense.len() as u64;
        for term in nonsense {
            process.send(scope.pid(), term).await.unwrap();
        }
        eventually("all of it is counted", || scope.ignored() == count);
        assert!(scope.groups().is_empty());
        // Nobody waits in vain for an answer.
        let answer = process.call(scope.pid(), atom("monitor"), std::time::Duration::from_secs(30)).await;
        assert_eq!(answer.unwrap(), tuple([atom("error"), atom("notsup")]));
    }));
}

#[test]
fn leaving_with_many_from_many_takes_no_more_time_than_they_are() {
    block_on(met(ScopeLimits::default(), |mut process, scope, b| async move {
        let (own, from) = (idle(&b), process_term(&process));
        let pids: Vec<Pid> = (0..20_000).map(|id| Pid { id: 1_000_000 + id, ..own.clone() }).collect();
        let groups = || (0..20_000).map(Term::from);
        let synced = list(groups().map(|group| tuple([group, list([own.clone()])])));
        tell(&mut process, &scope, [atom("$gen_cast"), tuple([atom("sync"), from.clone(), synced])]).await;
        // Looked up one by one these would be four hundred million.
        tell(&mut process, &scope, [atom("leave"), from.clone(), list(pids), list(groups())]).await;
        tell(&mut process, &scope, [atom("leave"), from, own.into(), list(groups().chain(groups()))]).await;
        eventually("it has left all", || scope.groups().is_empty() && scope.ignored() == 0);
        scope.leave_many(atom("g"), []).await.unwrap();
    }));
}

/// What each of them costs must not grow with what else waits: then these would take many minutes.
#[test]
fn a_peer_that_has_ever_another_scope_process_keeps_ours_from_nothing() {
    block_on(async {
        let world = World::new().await;
        let a = world.node("a@localhost").await;
        let scope = patient(&a).await;
        let mut raw = Raw::meet(&world, &a, "x@localhost").await;
        let (own, mut bytes) = (raw.pid(1), Vec::new());
        for id in (2..100_000).chain([1]) {
            let (send, another) = (SendSender { from: own.clone(), to: scope.pid().clone() }, Term::from(raw.pid(id)));
            bytes.extend(raw.packed(send, Some(&tuple([atom("discover"), another]))));
        }
        let joins = tuple([atom("join"), Term::from(own.clone()), atom("g"), Term::from(own.clone())]);
        bytes.extend(raw.packed(SendSender { from: own.clone(), to: scope.pid().clone() }, Some(&joins)));
        raw.frames.write(&bytes).await.unwrap();
        holds(&scope, &atom("g"), &[&own]);
        a.stop().await;
    });
}

/// OTP's scope process ends over one who leaves a group that it has not heard of.
#[test]
fn who_has_not_been_told_all_is_told_no_changes() {
    block_on(async {
        let world = World::new().await;
        let (a, b) = world.two().await;
        b.connect(a.name()).await.unwrap();
        let (scope, one) = (patient(&a).await, idle(&a));
        found(b.run(move |mut process| async move {
            let own = process_term(&process);
            let synced = tuple([atom("sync"), own.clone(), list([tuple([atom("h"), list([own.clone()])])])]);
            tell(&mut process, &scope, [atom("$gen_cast"), synced]).await;
            holds(&scope, &atom("h"), &[process.pid()]);
            scope.join_many(atom("g"), [one.clone(), one.clone()]).await.unwrap();
            scope.leave(atom("g"), &one).await.unwrap();
            tell(&mut process, &scope, [atom("discover"), own]).await;
            let all = next_term(&mut process).await;
            let groups = list([tuple([atom("g"), list([one.clone()])])]);
            assert_eq!(all, tuple([atom("$gen_cast"), tuple([atom("sync"), scope.pid().clone().into(), groups])]));
            scope.leave(atom("g"), &one).await.unwrap();
            let left = [atom("leave"), scope.pid().clone().into(), one.into(), list([atom("g")])];
            assert_eq!(next_term(&mut process).await, tuple(left));
        }))
        .await;
        a.stop().await;
        b.stop().await;
    });
}

#[test]
fn a_process_of_the_node_itself_is_not_heard_as_a_scope() {
    block_on(async {
        let world = World::new().await;
        let a = world.node("a@localhost").await;
        let (scope, one) = (pg(&a).await, idle(&a));
        let forged = tuple([atom("join"), scope.pid().clone().into(), atom("g"), one.into()]);
        a.send(scope.pid(), forged).await.unwrap();
        eventually("it is counted", || scope.ignored() == 1);
        assert!(scope.groups().is_empty());
        a.stop().await;
    });
}
