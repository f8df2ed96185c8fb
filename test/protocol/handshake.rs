//! Handshakes that end in a link.

use crate::support::{OURS, THEIRS, challenged, go_on, hex, introduced, name, node};
use countersign::dist::acceptor::{AwaitName, AwaitReply, Collision, Introduced};
use countersign::dist::initiator::{AfterStatus, AwaitChallenge, Nameless, send_name_me};
use countersign::dist::{Established, Flags, Outstanding, Status, initiator};
use countersign::etf::Creation;

fn finish(ours: AwaitChallenge, challenge: &[u8], theirs: AwaitReply) -> (Established, Established) {
    let (reply, ours) = ours.on_challenge(challenge, OURS, &Outstanding::default()).unwrap();
    let (ack, theirs) = theirs.on_challenge_reply(&reply).unwrap();
    (ours.on_challenge_ack(&ack).unwrap(), theirs)
}

#[test]
fn two_nodes_become_peers() {
    let (a, b) = (node("a@localhost"), node("b@localhost"));
    let (ours, challenge, theirs) = challenged(&a, &b);
    let (ours, theirs) = finish(ours, &challenge, theirs);
    assert_eq!((&ours.local, &ours.peer), (&a.name, &b.name));
    assert_eq!((&theirs.local, &theirs.peer), (&b.name, &a.name));
    assert_eq!((ours.creation, theirs.creation), (Creation(84), Creation(84)));
    assert_eq!(ours.flags, theirs.flags);
    assert!(!ours.replaces && !theirs.replaces);
}

/// Byte for byte as in OTP's documentation of the distribution protocol. The digests:
/// `erlang:md5("monster" ++ integer_to_list(3735928559))`, and the same with 16909060.
#[test]
fn every_message_has_the_bytes_of_the_documentation() {
    let (a, b) = (node("a@localhost"), node("b@localhost"));
    let (send_name, _) = initiator::send_name(&a, b.name.clone());
    assert_eq!(send_name, hex("4e 0000000d07df7fbc 00000054 000b 61406c6f63616c686f7374"));
    let (ours, theirs) = introduced(&a, &b);
    let ([status, challenge], theirs) = theirs.send_ok(THEIRS);
    assert_eq!(status, b"sok");
    assert_eq!(challenge, hex("4e 0000000d07df7fbc deadbeef 00000054 000b 62406c6f63616c686f7374"));
    let (reply, _) = go_on(ours, &status).on_challenge(&challenge, OURS, &Outstanding::default()).unwrap();
    assert_eq!(reply, hex("72 01020304 bf7f88f051f7f0529399994f5512d99c"));
    let (ack, _) = theirs.on_challenge_reply(&reply).unwrap();
    assert_eq!(ack, hex("61 b4ae6978053f3042dd26b037a0851ba4"));
}

#[test]
fn a_peer_is_visible_only_if_both_sides_publish_themselves() {
    for (ours_too, visible) in [(false, false), (true, true)] {
        let (mut a, mut b) = (node("a@localhost"), node("b@localhost"));
        a.flags = a.flags | Flags::PUBLISHED;
        b.flags = if ours_too { b.flags | Flags::PUBLISHED } else { b.flags };
        let (ours, challenge, theirs) = challenged(&a, &b);
        let (ours, theirs) = finish(ours, &challenge, theirs);
        assert_eq!(ours.flags.contains(Flags::PUBLISHED), visible);
        assert_eq!(theirs.flags.contains(Flags::PUBLISHED), visible);
    }
}

#[test]
fn the_digest_of_the_mandatory_flags_counts_for_all_of_them() {
    let (mut a, b) = (node("a@localhost"), node("b@localhost"));
    a.flags = Flags::MANDATORY_25_DIGEST;
    let (ours, challenge, theirs) = challenged(&a, &b);
    let (ours, _) = finish(ours, &challenge, theirs);
    assert_eq!(ours.flags, Flags::MANDATORY_25 | Flags::MANDATORY_25_DIGEST);
}

#[test]
fn the_default_flags_never_hold_what_is_internal_or_of_otp_28() {
    let forbidden = Flags::from_bits(0x20_0000 | 1 << 36) | Flags::ALTACT_SIG | Flags::PUBLISHED;
    assert!(!Flags::DEFAULT.intersects(forbidden));
    assert_eq!(Flags::DEFAULT.missing(), Flags::NONE);
    assert_eq!(Flags::DEFAULT | Flags::PUBLISHED, Flags::from_bits(0xd_07df_7fbd));
}

/// Both dial. The attempt of the larger name goes on, whichever side looks first.
#[test]
fn of_two_simultaneous_attempts_that_of_the_larger_name_goes_on() {
    let (a, b) = (node("a@localhost"), node("b@localhost"));
    let (a_dials, b_accepts) = introduced(&a, &b);
    let (b_dials, a_accepts) = introduced(&b, &a);

    let Collision::Ours(nok, _) = b_accepts.collide(THEIRS) else { panic!("b is larger") };
    assert_eq!(nok, b"snok");
    assert!(matches!(a_dials.on_status(&nok).unwrap(), AfterStatus::GiveWay(_)));

    let Collision::Theirs([status, challenge], a_accepts) = a_accepts.collide(THEIRS) else { panic!("a is smaller") };
    assert_eq!(status, b"sok_simultaneous");
    let (b_up, a_up) = finish(go_on(b_dials, &status), &challenge, a_accepts);
    assert_eq!((b_up.peer, a_up.peer), (a.name, b.name));
}

#[test]
fn a_restarted_node_replaces_its_old_link_once_its_cookie_is_checked() {
    let (ours, theirs) = introduced(&node("a@localhost"), &node("b@localhost"));
    let (alive, theirs) = theirs.send_alive();
    assert_eq!(alive, b"salive");
    let AfterStatus::Alive(ours) = ours.on_status(&alive).unwrap() else { panic!("alive") };
    let (answer, ours) = ours.send_true();
    assert_eq!(answer, b"strue");
    let (challenge, theirs) = theirs.on_status(&answer, THEIRS).unwrap();
    let (ours, theirs) = finish(ours, &challenge, theirs);
    assert!(theirs.replaces && !ours.replaces);
}

#[test]
fn a_nameless_node_is_given_a_name_on_its_host() {
    let (a, b) = (node("undefined@localhost"), node("b@localhost"));
    let nameless = Nameless { host: a.name, flags: a.flags, cookie: a.cookie };
    let (frame, ours) = send_name_me(nameless, b.name.clone());
    assert_eq!(frame, hex("4e 0000000f07df7fbc 00000000 0009 6c6f63616c686f7374"));
    let Introduced::Nameless(theirs) = AwaitName::new(&b).on_name(&frame).unwrap() else { panic!("it asks") };
    assert_eq!(theirs.host(), "localhost");
    let ([status, challenge], theirs) = theirs.send_named(name("x1@localhost"), Creation(9), THEIRS).unwrap();
    assert_eq!(status, [b"snamed:\0\x0cx1@localhost", &[0, 0, 0, 9][..]].concat());
    let ours = go_on(ours, &status);
    assert_eq!(ours.local(), &name("x1@localhost"));
    // OTP gives up without it.
    assert_eq!(challenge[..9], hex("4e 0000000f07df7fbc")[..]);
    let (ours, theirs) = finish(ours, &challenge, theirs);
    assert_eq!((ours.local, ours.local_creation), (name("x1@localhost"), Creation(9)));
    assert_eq!((theirs.peer, theirs.creation), (name("x1@localhost"), Creation(9)));
    assert!(!theirs.flags.contains(Flags::NAME_ME));
}

#[test]
fn every_status_is_read_as_it_was_written() {
    let named = Status::Named(name("x1@localhost"), Creation(7));
    for status in [Status::Ok, Status::OkSimultaneous, Status::Nok, Status::Alive, Status::True, Status::False, Status::NotAllowed, named] {
        assert_eq!(Status::read(&status.write()), Some(status));
    }
    assert_eq!(Status::read(b"sperhaps"), None);
    assert_eq!(Status::read(b"snamed:\0\x09localhost\0\0\0\0"), None);
    assert_eq!(Status::read(b""), None);
}
