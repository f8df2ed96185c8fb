//! Frames, however the bytes arrive.

use crate::support::cases;
use bytes::BytesMut;
use countersign::dist::{Frame, Framing, Splitter, Violation};
use proptest::collection::vec;
use proptest::prelude::*;

#[test]
fn tls_has_four_bytes_always_and_tcp_two_in_the_handshake() {
    assert_eq!((Framing::of_handshake(true), Framing::of_handshake(false)), (Framing::Four, Framing::Two));
    let mut out = Vec::new();
    Framing::Two.write(b"sok", &mut out).unwrap();
    Framing::Four.write(b"sok", &mut out).unwrap();
    assert_eq!(out, b"\0\x03sok\0\0\0\x03sok");
}

#[test]
fn a_frame_that_is_too_long_is_refused_before_it_has_come() {
    let splitter = Splitter::new(Framing::Four, 100);
    let mut read = BytesMut::from(&[0, 0, 0, 101][..]);
    assert_eq!(splitter.next(&mut read), Err(Violation::FrameTooLong { length: 101, limit: 100 }));
    assert!(read.capacity() < 100, "nothing was set aside for it");
    let mut http = BytesMut::from(&b"GET / HTTP/1.1"[..]);
    assert!(Splitter::of_handshake(true).next(&mut http).is_err());
    assert!(Framing::Two.write(&[0; 65_536], &mut Vec::new()).is_err());
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn frames_come_out_as_they_went_in_whatever_the_pieces(packets in vec(vec(any::<u8>(), 0..40), 0..8), wide: bool, piece in 1usize..9) {
        let framing = if wide { Framing::Four } else { Framing::Two };
        let mut sent = Vec::new();
        for packet in &packets {
            framing.write(packet, &mut sent).unwrap();
        }
        let (mut read, mut seen) = (BytesMut::new(), Vec::new());
        for piece in sent.chunks(piece) {
            read.extend_from_slice(piece);
            while let Some(frame) = Splitter::new(framing, 40).next(&mut read).unwrap() {
                seen.push(match frame {
                    Frame::Tick => Vec::new(),
                    Frame::Packet(packet) => packet.to_vec(),
                });
            }
        }
        prop_assert_eq!(seen, packets);
        prop_assert!(read.is_empty());
    }
}
