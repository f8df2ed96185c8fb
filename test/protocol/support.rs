//! Nodes and bytes for the tests.

use bytes::{Bytes, BytesMut};
use countersign::dist::control::{Control, SendSender};
use countersign::dist::{Challenge, Cookie, Flags, Form, Frame, Framing, Local, PacketWriter, Splitter, acceptor, initiator};
use countersign::etf::{Atom, Creation, Pid, Term};
use countersign::node_name::NodeName;
use proptest::test_runner::Config;

/// So many cases, unless `PROPTEST_CASES` says otherwise.
pub(crate) fn cases(usual: u32) -> Config {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    Config { cases: asked.unwrap_or(usual), failure_persistence: None, ..Config::default() }
}

/// Bytes from hexadecimal digits; blanks are for the reader.
pub(crate) fn hex(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> = digits.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

pub(crate) fn name(text: &str) -> NodeName {
    text.parse().unwrap()
}

pub(crate) fn node(text: &str) -> Local {
    Local { name: name(text), creation: Creation(84), flags: Flags::DEFAULT, cookie: cookie("monster") }
}

pub(crate) fn cookie(text: &str) -> Cookie {
    Cookie::new(text.as_bytes().to_vec())
}

/// `a@localhost` has dialled `b@localhost` and said its name.
pub(crate) fn introduced(a: &Local, b: &Local) -> (initiator::AwaitStatus, acceptor::Named) {
    let (frame, ours) = initiator::send_name(a, b.name.clone());
    match acceptor::AwaitName::new(b).on_name(&frame).unwrap() {
        acceptor::Introduced::Named(theirs) => (ours, theirs),
        acceptor::Introduced::Nameless(_) => panic!("it has a name"),
    }
}

/// The status was good and the challenge is there.
pub(crate) fn challenged(a: &Local, b: &Local) -> (initiator::AwaitChallenge, Vec<u8>, acceptor::AwaitReply) {
    let (ours, theirs) = introduced(a, b);
    let ([status, challenge], theirs) = theirs.send_ok(THEIRS);
    (go_on(ours, &status), challenge, theirs)
}

pub(crate) fn go_on(ours: initiator::AwaitStatus, status: &[u8]) -> initiator::AwaitChallenge {
    match ours.on_status(status).unwrap() {
        initiator::AfterStatus::Continue(next) => next,
        other => panic!("{other:?}"),
    }
}

/// What the initiator draws, and what the acceptor draws.
pub(crate) const OURS: Challenge = Challenge(0x0102_0304);
pub(crate) const THEIRS: Challenge = Challenge(0xdead_beef);

/// A SEND_SENDER, whose payload is whatever the test wants.
pub(crate) fn send() -> Control {
    SendSender { from: pid("a@localhost", 1), to: pid("b@localhost", 2) }.into()
}

pub(crate) fn pid(node: &'static str, id: u32) -> Pid {
    Pid { node: Atom::fixed(node), id, serial: 0, creation: Creation(84) }
}

/// All packets of a message, without their lengths.
pub(crate) fn write(writer: &mut PacketWriter, control: Control, payload: Option<&Term>) -> Vec<Bytes> {
    let mut out = Vec::new();
    let mut rest = writer.write(control, payload, &mut out).unwrap();
    while let Some(continuation) = rest {
        rest = continuation.write_next(&mut out);
    }
    framed(&out)
}

/// What stands between the lengths.
pub(crate) fn framed(bytes: &[u8]) -> Vec<Bytes> {
    let (mut read, mut packets) = (BytesMut::from(bytes), Vec::new());
    while let Some(frame) = Splitter::new(Framing::Four, usize::MAX).next(&mut read).unwrap() {
        let Frame::Packet(packet) = frame else { panic!("a tick among packets") };
        packets.push(packet);
    }
    assert!(read.is_empty());
    packets
}

/// What two countersign nodes agree on.
pub(crate) const FULL: Form = Form::Header { cache: true, fragments: true };

pub(crate) const ALL_FORMS: [Form; 4] =
    [Form::PassThrough, FULL, Form::Header { cache: true, fragments: false }, Form::Header { cache: false, fragments: true }];
