//! What proves that a new connection belongs to a link, and the frames by which nodes of our own kind agree on it.

use countersign::dist::handover::{Answer, Ask, Binding, HandoverNumber, LinkKeys, LinkName};
use countersign::dist::{Extension, Form, PacketReader, ReadLimits, Violation};
use countersign::failure::Code;

const NAME: LinkName = LinkName([7; 16]);
const SESSION: Binding = Binding([3; 32]);
const NUMBER: HandoverNumber = HandoverNumber(5);

fn keys() -> LinkKeys {
    LinkKeys::new(NAME, &[9; 32])
}

fn granted(answer: &Answer) -> &countersign::dist::handover::Proof {
    let Answer::Granted(proof) = answer else { panic!("{answer:?}") };
    proof
}

#[test]
fn a_proof_holds_for_its_link_its_number_and_its_connection_alone() {
    let ask = keys().ask(NUMBER, SESSION);
    assert!(keys().has_asked(&ask, SESSION));
    assert!(!keys().has_asked(&ask, Binding([4; 32])), "replayed on another connection");
    assert!(!keys().has_asked(&Ask { number: HandoverNumber(6), ..ask.clone() }, SESSION), "another number");
    assert!(!keys().has_asked(&Ask { link: LinkName([8; 16]), ..ask.clone() }, SESSION), "another link");
    assert!(!LinkKeys::new(NAME, &[8; 32]).has_asked(&ask, SESSION), "another secret");
}

/// `hmac.new(bytes([9]*32), ROLE + b"\0" + bytes([3]*32) + (5).to_bytes(8, "big"), "sha256").hexdigest()` of Python.
#[test]
fn first_frames_are_these_bytes() {
    let of_dialler = "a4a3eb8294b99bde25631732994befe3425c87974fa3531319428453e678d94e";
    let of_acceptor = "a59434cefba92dac75e1e9235c73a841aab0c254e4182a5b9d9d863c683dee5f";
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(hex(&keys().ask(NUMBER, SESSION).bytes()), format!("01{}0000000000000005{of_dialler}", "07".repeat(16)));
    assert_eq!(hex(&keys().grant(NUMBER, SESSION).bytes()), format!("02{of_acceptor}"));
    assert_eq!(Answer::Refused(Code::NotAllowed).bytes(), b"\x03not_allowed");
}

#[test]
fn a_proof_that_is_handed_back_proves_nothing() {
    let ask = keys().ask(NUMBER, SESSION);
    assert!(!keys().has_granted(&ask.proof, NUMBER, SESSION));
    let answer = keys().grant(NUMBER, SESSION);
    assert!(keys().has_granted(granted(&answer), NUMBER, SESSION));
    assert!(!keys().has_asked(&Ask { proof: *granted(&answer), ..ask }, SESSION));
}

#[test]
fn every_single_damaged_bit_of_a_first_frame_is_noticed() {
    let good = keys().ask(NUMBER, SESSION).bytes();
    for bit in 0..good.len() * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        assert!(Ask::read(&bad).is_none_or(|ask| !keys().has_asked(&ask, SESSION)), "bit {bit}");
    }
}

#[test]
fn first_frames_come_out_as_they_went_in_and_no_other_length_is_one() {
    let ask = keys().ask(NUMBER, SESSION);
    assert_eq!(Ask::read(&ask.bytes()), Some(ask.clone()));
    for answer in [keys().grant(NUMBER, SESSION), Answer::Refused(Code::IdentityMismatch)] {
        assert_eq!(Answer::read(&answer.bytes()), Some(answer));
    }
    let bytes = ask.bytes();
    for length in 0..bytes.len() {
        assert_eq!(Ask::read(&bytes[..length]), None);
    }
    assert_eq!(Ask::read(&[&bytes[..], &[0]].concat()), None);
    for bad in [&[][..], &[2], &[2, 0, 0], &[3], &[3, b'X'], &[3, 0xff], &[9]] {
        assert_eq!(Answer::read(bad), None, "{bad:?}");
    }
}

#[test]
fn a_reason_of_a_later_version_is_still_a_refusal() {
    assert_eq!(Answer::read(b"\x03too_sunny"), Some(Answer::Refused(Code::CertificateUnknown)));
    assert_eq!(Extension::read(b"\x03too_sunny"), Ok(Extension::Failed(Code::CertificateUnknown)));
    assert_eq!(Answer::read(&[&b"\x03"[..], &[b'a'; 65]].concat()), None);
}

#[test]
fn a_proof_shows_nothing_of_itself_when_it_is_printed() {
    assert!(format!("{:?}", keys().ask(NUMBER, SESSION)).contains("Proof(elided)"));
    assert!(!format!("{:?}", keys()).contains('9'), "{:?}", keys());
}

#[test]
fn extension_frames_come_out_as_they_went_in() {
    for extension in [Extension::HandOver, Extension::Moved(NUMBER), Extension::Failed(Code::UnknownCa)] {
        let mut out = Vec::new();
        extension.write(&mut out);
        assert_eq!(out[..4], (out.len() as u32 - 4).to_be_bytes());
        assert_eq!(Extension::read(&out[5..]), Ok(extension));
    }
}

#[test]
fn a_malformed_extension_frame_is_a_violation() {
    for bad in [&[][..], &[0], &[1, 0], &[2], &[2, 0, 0, 0, 0, 0, 0, 0], &[2, 0, 0, 0, 0, 0, 0, 0, 0, 0], &[3], &[3, b'?'], &[4]] {
        assert!(matches!(Extension::read(bad), Err(Violation::BadExtension { .. })), "{bad:?}");
    }
}

#[test]
fn whoever_was_not_told_otherwise_takes_no_extension_frame() {
    let form = Form::Header { cache: true, fragments: true };
    let refused = PacketReader::new(form, ReadLimits::default()).read(vec![99, 1].into());
    assert_eq!(refused, Err(Violation::UnknownPacket { found: vec![99, 1] }));
}
