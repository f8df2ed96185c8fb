//! The messages of the handshake, without the length in front: bytes to values and back.

use crate::dist::cookie::{Challenge, Digest};
use crate::dist::flags::Flags;
use crate::dist::take;
use crate::etf::Creation;

/// `N` flags:64 creation:32 length:16 name. The name is a bare host where NAME_ME is set.
#[derive(Debug)]
pub(super) struct SendName<'a> {
    pub(super) flags: Flags,
    pub(super) creation: Creation,
    pub(super) name: &'a str,
}

/// `N` flags:64 challenge:32 creation:32 length:16 name.
pub(super) struct SendChallenge<'a> {
    pub(super) flags: Flags,
    pub(super) challenge: Challenge,
    pub(super) creation: Creation,
    pub(super) name: &'a str,
}

/// `r` challenge:32 digest:128.
pub(super) struct SendChallengeReply {
    pub(super) challenge: Challenge,
    pub(super) digest: Digest,
}

/// `a` digest:128.
pub(super) struct SendChallengeAck {
    pub(super) digest: Digest,
}

impl<'a> SendName<'a> {
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = vec![NAME];
        out.extend(self.flags.bits().to_be_bytes());
        out.extend(self.creation.0.to_be_bytes());
        write_name(self.name, &mut out);
        out
    }

    pub(super) fn read(mut frame: &'a [u8]) -> Option<Self> {
        let front = tagged(&mut frame, NAME)?;
        let (flags, creation) = (take::long(front)?, take::word(front)?);
        let name = read_name(front)?;
        // OTP ignores what follows, so that a later release may say more.
        Some(Self { flags: Flags::from_bits(flags), creation: Creation(creation), name })
    }
}

impl<'a> SendChallenge<'a> {
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = vec![NAME];
        out.extend(self.flags.bits().to_be_bytes());
        out.extend(self.challenge.0.to_be_bytes());
        out.extend(self.creation.0.to_be_bytes());
        write_name(self.name, &mut out);
        out
    }

    pub(super) fn read(mut frame: &'a [u8]) -> Option<Self> {
        let front = tagged(&mut frame, NAME)?;
        let (flags, challenge, creation) = (take::long(front)?, take::word(front)?, take::word(front)?);
        let name = read_name(front)?;
        Some(Self { flags: Flags::from_bits(flags), challenge: Challenge(challenge), creation: Creation(creation), name })
    }
}

impl SendChallengeReply {
    pub(super) fn write(&self) -> Vec<u8> {
        let challenge = self.challenge.0.to_be_bytes();
        [&[REPLY][..], &challenge, &self.digest.0].concat()
    }

    pub(super) fn read(mut frame: &[u8]) -> Option<Self> {
        let front = tagged(&mut frame, REPLY)?;
        let (challenge, digest) = (Challenge(take::word(front)?), Digest(take::chunk(front)?));
        front.is_empty().then_some(Self { challenge, digest })
    }
}

impl SendChallengeAck {
    pub(super) fn write(&self) -> Vec<u8> {
        [&[ACK][..], &self.digest.0].concat()
    }

    pub(super) fn read(mut frame: &[u8]) -> Option<Self> {
        let front = tagged(&mut frame, ACK)?;
        let digest = Digest(take::chunk(front)?);
        front.is_empty().then_some(Self { digest })
    }
}

/// The form that nodes before OTP 23 begin with.
pub(super) fn is_old_name(frame: &[u8]) -> bool {
    frame.first() == Some(&OLD_NAME)
}

fn tagged<'a, 'b>(frame: &'b mut &'a [u8], tag: u8) -> Option<&'b mut &'a [u8]> {
    (take::byte(frame)? == tag).then_some(frame)
}

pub(super) fn read_name<'a>(front: &mut &'a [u8]) -> Option<&'a str> {
    let length = take::short(front)?;
    std::str::from_utf8(take::slice(front, length.into())?).ok()
}

/// A checked name has at most 255 characters, which are 1020 bytes.
pub(super) fn write_name(name: &str, out: &mut Vec<u8>) {
    out.extend((name.len() as u16).to_be_bytes());
    out.extend(name.as_bytes());
}

const NAME: u8 = b'N';
const OLD_NAME: u8 = b'n';
const REPLY: u8 = b'r';
const ACK: u8 = b'a';
