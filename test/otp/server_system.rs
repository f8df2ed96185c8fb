//! What `sys` asks, and what a server of ours says.

use crate::desk::Desk;
use crate::world::{alone, found, next_term};
use countersign::etf::{Atom, Pid, Term, atom, tuple};
use countersign::node::{Mail, Process};
use countersign::otp::gen_server::{GenServer, Launch};
use countersign::rt::block_on;
use std::time::Duration;

async fn ask(process: &mut Process, whom: &Pid, request: Term) -> Term {
    let from = tuple([Term::from(process.pid().clone()), atom("sys")]);
    process.send(whom, tuple([atom("system"), from, request])).await.unwrap();
    let is_answer = |mail: &Mail| matches!(mail.term().and_then(Term::as_tuple), Some([tag, _]) if tag.is_atom("sys"));
    let answer = process.receive_where(is_answer).await.into_term().unwrap();
    answer.as_tuple().unwrap()[1].clone()
}

#[test]
fn state_and_status_have_the_shape_that_otp_reads() {
    block_on(async {
        let node = alone().await;
        let (pid, state, status) = found(node.run(|mut process| async move {
            let pid = Launch::new(Desk::default()).named(Atom::fixed("desk")).start_link(&mut process).await.unwrap();
            let state = ask(&mut process, &pid, atom("get_state")).await;
            (pid.clone(), state, ask(&mut process, &pid, atom("get_status")).await)
        }))
        .await;
        assert_eq!(state.to_string(), "{ok,#{heard => []}}");
        let parts = status.as_tuple().unwrap();
        assert!(parts[0].is_atom("status") && parts[1].as_pid() == Some(&pid));
        assert_eq!(parts[2].to_string(), "{module,gen_server}");
        let [dictionary, activity, parent, debug, misc] = parts[3].as_list().unwrap() else { panic!("{status}") };
        assert!(activity.is_atom("running") && parent.as_pid().is_some_and(|parent| *parent != pid) && debug.is_nil());
        assert!(dictionary.to_string().starts_with("[{'$initial_call',{'otp::desk::Desk',init,1}},{'$ancestors',["), "{dictionary}");
        assert!(misc.to_string().contains("#{heard => []}"), "{misc}");
    });
}

struct Closed;

impl GenServer for Closed {
    type Call = Term;
    type Cast = Term;
}

#[test]
fn a_server_shows_nothing_but_its_type_unless_it_says_so() {
    block_on(async {
        let node = alone().await;
        let state = found(node.run(|mut process| async move {
            let pid = Launch::new(Closed).start_link(&mut process).await.unwrap();
            ask(&mut process, &pid, atom("get_state")).await
        }))
        .await;
        assert_eq!(state.to_string(), "{ok,<<\"otp::server_system::Closed\">>}");
    });
}

#[test]
fn a_suspended_server_keeps_all_else_for_later() {
    block_on(async {
        let node = alone().await;
        let heard = found(node.run(|mut process| async move {
            let pid = Launch::new(Desk::default()).start_link(&mut process).await.unwrap();
            assert!(ask(&mut process, &pid, atom("suspend")).await.is_atom("ok"));
            assert!(ask(&mut process, &pid, atom("suspend")).await.is_atom("ok"));
            process.cast(&pid, atom("meanwhile")).await.unwrap();
            let from = tuple([Term::from(process.pid().clone()), atom("call")]);
            process.send(&pid, tuple([atom("$gen_call"), from, atom("heard")])).await.unwrap();
            process.send(&pid, tuple([atom("system"), atom("no"), atom("from")])).await.unwrap();
            // It answers sys, and has not heard any of that.
            assert_eq!(ask(&mut process, &pid, atom("get_state")).await.to_string(), "{ok,#{heard => []}}");
            let status = ask(&mut process, &pid, atom("get_status")).await.to_string();
            assert!(status.contains(",suspended,"), "{status}");
            assert_eq!(process.waiting(), 0);
            assert!(ask(&mut process, &pid, atom("resume")).await.is_atom("ok"));
            next_term(&mut process).await
        }))
        .await;
        assert_eq!(heard.to_string(), "{call,[{cast,meanwhile,true}]}");
    });
}

#[test]
fn sys_ends_a_server_running_or_suspended() {
    block_on(async {
        let node = alone().await;
        for suspended in [false, true] {
            let (goodbye, end) = found(node.run(move |mut process| async move {
                let (pid, watching) = Launch::new(Desk::before(process.pid())).start_monitor(&mut process).await.unwrap();
                if suspended {
                    ask(&mut process, &pid, atom("suspend")).await;
                }
                let ok = ask(&mut process, &pid, tuple([atom("terminate"), atom("enough")])).await;
                assert!(ok.is_atom("ok"));
                let goodbye = next_term(&mut process).await;
                (goodbye, process.receive_where(|mail| mail.down(&watching).is_some()).await)
            }))
            .await;
            assert_eq!(goodbye.to_string(), "{terminated,enough}");
            assert!(matches!(end, Mail::Down(down) if down.reason.is_atom("enough")));
        }
    });
}

#[test]
fn a_suspended_server_still_ends_with_its_parent() {
    block_on(async {
        let node = alone().await;
        let goodbye = found(node.run(|mut process| async move {
            let own = process.pid().clone();
            process.spawn(|mut parent| async move {
                let pid = Launch::new(Desk::before(&own)).start_link(&mut parent).await.unwrap();
                parent.call(&pid, atom("trap_exits"), LONG).await.unwrap();
                ask(&mut parent, &pid, atom("suspend")).await;
                atom("gone")
            });
            next_term(&mut process).await
        }))
        .await;
        assert_eq!(goodbye.to_string(), "{terminated,gone}");
    });
}

#[test]
fn whatever_else_sys_asks_is_answered() {
    block_on(async {
        let node = alone().await;
        found(node.run(|mut process| async move {
            let pid = Launch::new(Desk::default()).start_link(&mut process).await.unwrap();
            let debug = |what: Term| tuple([atom("debug"), what]);
            for (request, answer) in [
                (debug(atom("no_debug")), "ok"),
                (debug(tuple([atom("trace"), atom("false")])), "ok"),
                (debug(tuple([atom("trace"), atom("true")])), "{error,notsup}"),
                (debug(tuple([atom("log"), atom("get")])), "{ok,[]}"),
                (debug(tuple([atom("log"), tuple([atom("true"), Term::from(3)])])), "{error,notsup}"),
                (debug(tuple([atom("statistics"), atom("get")])), "{ok,no_statistics}"),
                (debug(tuple([atom("install"), atom("spy")])), "{error,notsup}"),
                (debug(tuple([atom("remove"), atom("spy")])), "ok"),
                (tuple([atom("replace_state"), atom("x")]), "{error,notsup}"),
                (atom("dance"), "{error,{unknown_system_msg,dance}}"),
                (tuple([1, 2, 3, 4]), "{error,{unknown_system_msg,{1,2,3,4}}}"),
            ] {
                assert_eq!(ask(&mut process, &pid, request.clone()).await.to_string(), answer, "{request}");
            }
        }))
        .await;
    });
}

const LONG: Duration = Duration::from_secs(30);
