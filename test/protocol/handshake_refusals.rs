//! Handshakes that end without a link, and why.

use crate::support::{OURS, THEIRS, cases, challenged, cookie, go_on, introduced, name, node};
use countersign::dist::acceptor::{AwaitName, Introduced, Rejected};
use countersign::dist::initiator::{AfterStatus, Nameless, send_name, send_name_me};
use countersign::dist::{Challenge, Flags, Outstanding, Refused};
use countersign::etf::Creation;
use countersign::failure::{Code, Failure};
use proptest::collection::vec;
use proptest::prelude::*;

#[test]
fn the_acceptor_finds_a_wrong_cookie_and_tells_the_peer_nothing() {
    let (mut a, b) = (node("a@localhost"), node("b@localhost"));
    a.cookie = cookie("another");
    let (ours, challenge, theirs) = challenged(&a, &b);
    let (reply, _) = ours.on_challenge(&challenge, OURS, &Outstanding::default()).unwrap();
    let refused = theirs.on_challenge_reply(&reply).unwrap_err();
    assert_eq!(refused.code(), Code::CookieMismatch);
    assert_eq!(refused.to_string(), "the cookie of a@localhost is not ours");
}

#[test]
fn the_initiator_finds_a_wrong_cookie() {
    let (ours, challenge, _) = challenged(&node("a@localhost"), &node("b@localhost"));
    let (_, ours) = ours.on_challenge(&challenge, OURS, &Outstanding::default()).unwrap();
    let mut ack = b"a".to_vec();
    ack.extend([0; 16]);
    assert_eq!(ours.on_challenge_ack(&ack).unwrap_err().code(), Code::CookieMismatch);
}

#[test]
fn a_challenge_of_our_own_is_not_answered() {
    let (a, b) = (node("a@localhost"), node("b@localhost"));
    let reflected = Refused::Reflected { peer: b.name.clone() };
    let mut outstanding = Outstanding::default();
    outstanding.add(THEIRS);
    let (ours, challenge, _) = challenged(&a, &b);
    assert_eq!(ours.on_challenge(&challenge, OURS, &outstanding).unwrap_err(), reflected);
    let (ours, challenge, _) = challenged(&a, &b);
    assert_eq!(ours.on_challenge(&challenge, THEIRS, &Outstanding::default()).unwrap_err(), reflected);
}

#[test]
fn a_challenge_drawn_twice_stays_outstanding_until_both_are_over() {
    let mut outstanding = Outstanding::default();
    outstanding.add(Challenge(1));
    outstanding.add(Challenge(1));
    outstanding.remove(Challenge(1));
    assert!(outstanding.contains(Challenge(1)));
    outstanding.remove(Challenge(1));
    outstanding.remove(Challenge(1));
    assert!(!outstanding.contains(Challenge(1)));
}

#[test]
fn another_node_than_the_one_dialled_is_refused() {
    let (a, b) = (node("a@localhost"), node("b@localhost"));
    let (_, challenge, _) = challenged(&a, &b);
    let (ours, _, _) = challenged(&a, &node("c@localhost"));
    let refused = ours.on_challenge(&challenge, OURS, &Outstanding::default()).unwrap_err();
    assert_eq!(refused.code(), Code::WrongNode);
    assert_eq!(refused.to_string(), r#"c@localhost was dialled, and "b@localhost" answers"#);
}

#[test]
fn both_sides_name_the_flags_that_are_missing() {
    let lacking = Flags::DEFAULT.without(Flags::MANDATORY_25_DIGEST).without(Flags::MAP_TAG | Flags::BIG_CREATION);
    let (mut a, mut b) = (node("a@localhost"), node("b@localhost"));
    b.flags = lacking;
    let (ours, challenge, _) = challenged(&a, &b);
    let refused = ours.on_challenge(&challenge, OURS, &Outstanding::default()).unwrap_err();
    assert_eq!(refused.to_string(), r#""b@localhost" lacks MAP_TAG BIG_CREATION"#);

    a.flags = lacking;
    let Rejected { refused, send } = AwaitName::new(&node("b@localhost")).on_name(&send_name(&a, b.name).0).unwrap_err();
    assert_eq!((refused.code(), &send[..]), (Code::MissingFlags, &b"snot_allowed"[..]));
}

#[test]
fn a_node_that_is_not_allowed_learns_it() {
    let (ours, theirs) = introduced(&node("a@localhost"), &node("b@localhost"));
    let rejected = theirs.send_not_allowed();
    assert_eq!(rejected.refused.to_string(), "a@localhost is not allowed here");
    let refused = ours.on_status(&rejected.send).unwrap_err();
    assert_eq!((refused.code(), refused.to_string()), (Code::NotAllowed, "b@localhost answers not_allowed".to_owned()));
}

#[test]
fn a_link_that_lives_is_kept() {
    let (ours, theirs) = introduced(&node("a@localhost"), &node("b@localhost"));
    let (alive, theirs) = theirs.send_alive();
    let AfterStatus::Alive(ours) = ours.on_status(&alive).unwrap() else { panic!("alive") };
    let (answer, refused) = ours.send_false();
    assert_eq!((&answer[..], refused.code()), (&b"sfalse"[..], Code::NameInUse));
    assert_eq!(theirs.on_status(&answer, THEIRS).unwrap_err(), Refused::StillConnected { peer: name("a@localhost") });
}

#[test]
fn alive_is_answered_with_true_or_false_only() {
    let (_, theirs) = introduced(&node("a@localhost"), &node("b@localhost"));
    assert_eq!(theirs.send_alive().1.on_status(b"sok", THEIRS).unwrap_err(), Refused::Unexpected { wanted: "true or false" });
}

#[test]
fn a_peer_with_our_own_name_is_refused() {
    let b = node("b@localhost");
    let rejected = AwaitName::new(&b).on_name(&send_name(&b, b.name.clone()).0).unwrap_err();
    assert_eq!((rejected.refused.code(), &rejected.send[..]), (Code::NameInUse, &b"snot_allowed"[..]));
}

#[test]
fn the_old_handshake_is_refused_in_words_that_it_knows() {
    let old = [&b"n\0\x05\0\x07\x7f\xfd"[..], b"old@localhost"].concat();
    let rejected = AwaitName::new(&node("b@localhost")).on_name(&old).unwrap_err();
    assert_eq!(rejected, Rejected { refused: Refused::OldHandshake, send: b"snot_allowed".to_vec() });
    let rejected = AwaitName::new(&node("b@localhost")).on_name(b"GET / HTTP/1.1").unwrap_err();
    assert!(rejected.send.is_empty(), "who speaks another protocol is told nothing");
}

#[test]
fn a_name_without_host_is_refused() {
    let mut frame = send_name(&node("a@localhost"), name("b@localhost")).0;
    frame.truncate(13);
    frame.extend(b"\0\x03abc");
    let rejected = AwaitName::new(&node("b@localhost")).on_name(&frame).unwrap_err();
    assert_eq!(rejected.refused.to_string(), r#""abc" is no name of a node"#);
}

#[test]
fn a_granted_name_must_be_on_the_host_that_asked() {
    let nameless = || {
        let own = node("undefined@localhost");
        Nameless { host: own.name, flags: own.flags, cookie: own.cookie }
    };
    let (frame, ours) = send_name_me(nameless(), name("b@localhost"));
    let granted = b"snamed:\0\x04x@hi\0\0\0\x01";
    assert_eq!(ours.on_status(granted).unwrap_err().code(), Code::WrongNode);
    let (_, ours) = send_name_me(nameless(), name("b@localhost"));
    assert_eq!(ours.on_status(b"sok").unwrap_err(), Refused::Unexpected { wanted: "named or not_allowed" });
    let Introduced::Nameless(theirs) = AwaitName::new(&node("b@localhost")).on_name(&frame).unwrap() else { panic!("it asks") };
    assert_eq!(theirs.send_named(name("x@hi"), Creation(1), THEIRS).unwrap_err().code(), Code::WrongNode);
}

#[test]
fn the_cookie_is_never_printed() {
    let printed = format!("{:?}", introduced(&node("a@localhost"), &node("b@localhost")));
    assert!(!printed.contains("monster") && !printed.contains("109, 111"), "{printed}");
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn arbitrary_bytes_never_panic_in_any_state(tag in prop_oneof![Just(b'N'), Just(b's'), Just(b'r'), Just(b'a'), any::<u8>()], rest in vec(any::<u8>(), 0..60)) {
        let frame = [&[tag], &rest[..]].concat();
        let (a, b) = (node("a@localhost"), node("b@localhost"));
        let none = Outstanding::default();
        let _ = AwaitName::new(&b).on_name(&frame);
        let _ = send_name(&a, b.name.clone()).1.on_status(&frame);
        let (ours, challenge, theirs) = challenged(&a, &b);
        prop_assert!(theirs.on_challenge_reply(&frame).is_err());
        prop_assert!(ours.on_challenge(&challenge, OURS, &none).unwrap().1.on_challenge_ack(&frame).is_err());
        let (ours, theirs) = introduced(&a, &b);
        prop_assert!(go_on(ours, b"sok").on_challenge(&frame, OURS, &none).is_err());
        prop_assert!(theirs.send_alive().1.on_status(&frame, THEIRS).is_err());
    }
}
