//! Control messages: their bytes, and what is none.
//!
//! Each row has the Erlang expression that made it. In the shell (OTP 25):
//!
//! ```erlang
//! A = binary_to_term(<<131,88,119,1,"a",1:32,0:32,84:32>>),
//! B = binary_to_term(<<131,88,119,1,"b",2:32,0:32,85:32>>),
//! R = binary_to_term(<<131,90,3:16,119,1,"a",84:32,1:32,2:32,3:32>>),
//! binary:encode_hex(term_to_binary({22,A,B}, [{minor_version,2}])).
//! ```

use crate::support::{cases, hex, name};
use bytes::Bytes;
use countersign::dist::Violation;
use countersign::dist::control::*;
use countersign::etf::{Atom, Creation, Pid, Reference, Term, Terms, atom, decode, encode, list, tuple};
use countersign::failure::{Code, Failure};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

fn golden() -> Vec<(&'static str, &'static str, Control)> {
    vec![
        ("{1,A,B}", "83680361015877016100000001000000000000005458770162000000020000000000000055", Link { from: a(), to: b() }.into()),
        ("{2,'',B}", "8368036102770058770162000000020000000000000055", Send { unused: Unused, to: b() }.into()),
        (
            "{3,A,B,normal}",
            "8368046103587701610000000100000000000000545877016200000002000000000000005577066e6f726d616c",
            Exit { from: a(), to: b(), reason: atom("normal") }.into(),
        ),
        ("{4,A,B}", "83680361045877016100000001000000000000005458770162000000020000000000000055", Unlink { from: a(), to: b() }.into()),
        ("{5}", "8368016105", NodeLink {}.into()),
        (
            "{6,A,'',rex}",
            "83680461065877016100000001000000000000005477007703726578",
            RegSend { from: a(), unused: Unused, to: Atom::fixed("rex") }.into(),
        ),
        (
            "{7,A,B}",
            "83680361075877016100000001000000000000005458770162000000020000000000000055",
            GroupLeader { from: a(), to: b() }.into(),
        ),
        (
            "{8,A,B,kill}",
            "8368046108587701610000000100000000000000545877016200000002000000000000005577046b696c6c",
            Exit2 { from: a(), to: b(), reason: atom("kill") }.into(),
        ),
        ("{12,'',B,''}", "836804610c7700587701620000000200000000000000557700", SendTt { unused: Unused, to: b(), token: atom("") }.into()),
        (
            "{13,A,B,'',normal}",
            "836805610d5877016100000001000000000000005458770162000000020000000000000055770077066e6f726d616c",
            ExitTt { from: a(), to: b(), token: atom(""), reason: atom("normal") }.into(),
        ),
        (
            "{16,A,'',rex,''}",
            "836805611058770161000000010000000000000054770077037265787700",
            RegSendTt { from: a(), unused: Unused, to: Atom::fixed("rex"), token: atom("") }.into(),
        ),
        (
            "{18,A,B,'',kill}",
            "83680561125877016100000001000000000000005458770162000000020000000000000055770077046b696c6c",
            Exit2Tt { from: a(), to: b(), token: atom(""), reason: atom("kill") }.into(),
        ),
        (
            "{19,A,net_kernel,R}",
            "836804611358770161000000010000000000000054770a6e65745f6b65726e656c5a000377016100000054000000010000000200000003",
            MonitorP { from: a(), to: named("net_kernel"), reference: r() }.into(),
        ),
        (
            "{20,A,B,R}",
            "836804611458770161000000010000000000000054587701620000000200000000000000555a000377016100000054000000010000000200000003",
            DemonitorP { from: a(), to: Proc::Pid(b()), reference: r() }.into(),
        ),
        (
            "{21,net_kernel,B,R,noproc}",
            "8368056115770a6e65745f6b65726e656c587701620000000200000000000000555a00037701610000005400000001000000020000000377066e6f70726f63",
            MonitorPExit { from: named("net_kernel"), to: b(), reference: r(), reason: atom("noproc") }.into(),
        ),
        (
            "{22,A,B}",
            "83680361165877016100000001000000000000005458770162000000020000000000000055",
            SendSender { from: a(), to: b() }.into(),
        ),
        (
            "{23,A,B,''}",
            "836804611758770161000000010000000000000054587701620000000200000000000000557700",
            SendSenderTt { from: a(), to: b(), token: atom("") }.into(),
        ),
        (
            "{24,A,B}",
            "83680361185877016100000001000000000000005458770162000000020000000000000055",
            PayloadExit { from: a(), to: b() }.into(),
        ),
        (
            "{25,A,B,''}",
            "836804611958770161000000010000000000000054587701620000000200000000000000557700",
            PayloadExitTt { from: a(), to: b(), token: atom("") }.into(),
        ),
        (
            "{26,A,B}",
            "836803611a5877016100000001000000000000005458770162000000020000000000000055",
            PayloadExit2 { from: a(), to: b() }.into(),
        ),
        (
            "{27,A,B,''}",
            "836804611b58770161000000010000000000000054587701620000000200000000000000557700",
            PayloadExit2Tt { from: a(), to: b(), token: atom("") }.into(),
        ),
        (
            "{28,A,B,R}",
            "836804611c58770161000000010000000000000054587701620000000200000000000000555a000377016100000054000000010000000200000003",
            PayloadMonitorPExit { from: Proc::Pid(a()), to: b(), reference: r() }.into(),
        ),
        (
            "{29,R,A,B,{erpc,execute_call,4},[monitor]}",
            "836806611d5a00037701610000005400000001000000020000000358770161000000010000000000000054587701620000000200000000000000556803770465727063770c657865637574655f63616c6c61046c0000000177076d6f6e69746f726a",
            SpawnRequest { request: r(), from: a(), group_leader: b(), mfa: erpc(), options: monitor() }.into(),
        ),
        (
            "{30,R,A,B,{erpc,execute_call,4},[monitor],''}",
            "836807611e5a00037701610000005400000001000000020000000358770161000000010000000000000054587701620000000200000000000000556803770465727063770c657865637574655f63616c6c61046c0000000177076d6f6e69746f726a7700",
            SpawnRequestTt { request: r(), from: a(), group_leader: b(), mfa: erpc(), options: monitor(), token: atom("") }.into(),
        ),
        (
            "{31,R,A,2,B}",
            "836805611f5a00037701610000005400000001000000020000000358770161000000010000000000000054610258770162000000020000000000000055",
            SpawnReply { request: r(), to: a(), flags: SpawnFlags::MONITOR, result: Proc::Pid(b()) }.into(),
        ),
        (
            "{32,R,A,0,notsup,''}",
            "83680661205a00037701610000005400000001000000020000000358770161000000010000000000000054610077066e6f747375707700",
            SpawnReplyTt { request: r(), to: a(), flags: SpawnFlags(0), result: named("notsup"), token: atom("") }.into(),
        ),
        (
            "{33,A,R}",
            "8368036121587701610000000100000000000000545a000377016100000054000000010000000200000003",
            AliasSend { from: a(), alias: r() }.into(),
        ),
        (
            "{34,A,R,''}",
            "8368046122587701610000000100000000000000545a0003770161000000540000000100000002000000037700",
            AliasSendTt { from: a(), alias: r(), token: atom("") }.into(),
        ),
        (
            "{35,16#ffffffffffffffff,A,B}",
            "83680461236e0800ffffffffffffffff5877016100000001000000000000005458770162000000020000000000000055",
            UnlinkId { id: unlink(u64::MAX), from: a(), to: b() }.into(),
        ),
        (
            "{36,1,A,B}",
            "836804612461015877016100000001000000000000005458770162000000020000000000000055",
            UnlinkIdAck { id: unlink(1), from: a(), to: b() }.into(),
        ),
    ]
}

fn a() -> Pid {
    Pid { node: Atom::fixed("a"), id: 1, serial: 0, creation: Creation(84) }
}

fn b() -> Pid {
    Pid { node: Atom::fixed("b"), id: 2, serial: 0, creation: Creation(85) }
}

fn r() -> Reference {
    Reference::new(Atom::fixed("a"), Creation(84), &[1, 2, 3]).unwrap()
}

fn named(name: &'static str) -> Proc {
    Proc::Name(Atom::fixed(name))
}

fn erpc() -> Mfa {
    Mfa { module: Atom::fixed("erpc"), function: Atom::fixed("execute_call"), arity: 4 }
}

fn monitor() -> Terms {
    vec![atom("monitor")].into()
}

fn unlink(id: u64) -> UnlinkNumber {
    UnlinkNumber(id.try_into().unwrap())
}

#[test]
fn every_message_is_written_as_erlang_writes_it() {
    for (line, bytes, control) in golden() {
        assert_eq!(encode(&control.into_term()).unwrap(), hex(bytes), "{line}");
    }
}

#[test]
fn every_message_is_read_as_erlang_wrote_it() {
    for (line, bytes, control) in golden() {
        let term = decode(&Bytes::from(hex(bytes))).unwrap();
        assert_eq!(Control::from_term(term), Ok(control), "{line}");
    }
}

#[test]
fn every_number_up_to_36_that_otp_uses_is_there_and_no_other() {
    let known: Vec<u8> = golden().iter().map(|(_, _, control)| control.op()).collect();
    for op in (0..=255).filter(|op| !known.contains(op)) {
        let term = tuple([Term::from(op), a().into(), b().into()]);
        assert_eq!(Control::from_term(term), Err(Violation::UnknownControl { op: op.into() }));
    }
    assert_eq!(known.len(), 30);
}

#[test]
fn an_element_too_many_or_too_few_ends_the_link() {
    for (line, bytes, control) in golden() {
        let elements = decode(&hex(bytes).into()).unwrap().as_tuple().unwrap().to_vec();
        let longer = tuple([&elements[..], &[atom("more")]].concat());
        let refused = Control::from_term(longer).unwrap_err();
        assert!(matches!(refused, Violation::Arity { .. }), "{line}");
        assert_eq!(refused.code(), Code::ProtocolViolation);
        let shorter = tuple(elements[..elements.len() - 1].to_vec());
        assert!(Control::from_term(shorter).is_err(), "{line} {}", control.name());
    }
}

#[test]
fn an_element_of_the_wrong_kind_is_named() {
    let refused = |term| Control::from_term(term).unwrap_err().to_string();
    assert_eq!(refused(tuple([Term::from(1), atom("a"), b().into()])), "LINK: from should be a pid");
    let zero = tuple([Term::from(35), Term::from(0), a().into(), b().into()]);
    assert_eq!(refused(zero), "UNLINK_ID: id should be a number from 1 to 2^64-1");
    let mfa = tuple([atom("m"), atom("f"), Term::from(256)]);
    let spawn = tuple([Term::from(29), r().into(), a().into(), b().into(), mfa, Term::nil()]);
    assert_eq!(refused(spawn), "SPAWN_REQUEST: mfa should be {Module, Function, Arity}");
    for term in [atom("a"), list([1]), tuple(Vec::<Term>::new()), tuple([atom("a")])] {
        assert_eq!(Control::from_term(term), Err(Violation::NotAControl));
    }
}

#[test]
fn the_place_of_the_old_cookie_may_hold_anything() {
    let send = tuple([Term::from(2), atom("some_cookie"), b().into()]);
    assert_eq!(Control::from_term(send), Ok(Send { unused: Unused, to: b() }.into()));
}

#[test]
fn a_reference_comes_back_with_all_its_words() {
    let long = Reference::new(Atom::fixed("a"), Creation(84), &[1, 2, 3, 4, 5]).unwrap();
    let send = Control::from(AliasSend { from: a(), alias: long });
    assert_eq!(Control::from_term(send.clone().into_term()), Ok(send));
}

#[test]
fn in_a_log_everything_is_shown_but_what_somebody_chose_to_say() {
    let secret = || atom("hunter2");
    let said: [Control; 7] = [
        Exit { from: a(), to: b(), reason: secret() }.into(),
        Exit2 { from: a(), to: b(), reason: secret() }.into(),
        ExitTt { from: a(), to: b(), token: secret(), reason: secret() }.into(),
        Exit2Tt { from: a(), to: b(), token: secret(), reason: secret() }.into(),
        MonitorPExit { from: named("rex"), to: b(), reference: r(), reason: secret() }.into(),
        SendTt { unused: Unused, to: b(), token: secret() }.into(),
        SpawnRequest { request: r(), from: a(), group_leader: a(), mfa: erpc(), options: Terms::from(vec![secret()]) }.into(),
    ];
    for control in said {
        let shown = format!("{:?}", control.masked());
        assert!(!shown.contains("hunter2") && shown.contains(" bytes\")"), "{shown}");
    }
    let link = Control::from(Link { from: a(), to: b() });
    assert_eq!(link.masked(), [("from", a().to_string()), ("to", b().to_string())]);
    assert_eq!(Control::from(NodeLink {}).masked(), []);
}

#[test]
fn a_signal_must_come_from_a_process_of_the_peer() {
    let at = |node: &'static str| Pid { node: Atom::fixed(node), ..a() };
    let link = |from| Control::from(Link { from, to: b() });
    assert_eq!(link(at("a@localhost")).check_origin(&name("a@localhost")), Ok(()));
    let refused = link(at("c@localhost")).check_origin(&name("a@localhost")).unwrap_err();
    assert_eq!(refused.to_string(), "LINK comes from a process of c@localhost");
    let send = Control::from(SendSender { from: at("c@localhost"), to: b() });
    assert_eq!(send.check_origin(&name("a@localhost")), Ok(()), "messages may be passed on");
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn any_elements_behind_any_number_never_panic(op in 0..40i64, picks in vec(any::<Index>(), 0..7)) {
        let kinds: [Term; 8] = [a().into(), r().into(), atom("x"), Term::from(7), Term::nil(), erpc_term(), Term::from(u64::MAX), Term::from(-1)];
        let elements = picks.iter().map(|pick| kinds[pick.index(kinds.len())].clone());
        let term = tuple([Term::from(op)].into_iter().chain(elements));
        if let Ok(control) = Control::from_term(term.clone()) {
            prop_assert_eq!(i64::from(control.op()), op);
            prop_assert_eq!(Control::from_term(control.clone().into_term()), Ok(control));
        }
    }
}

fn erpc_term() -> Term {
    tuple([atom("erpc"), atom("execute_call"), Term::from(4)])
}
