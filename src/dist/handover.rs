//! A handover as values: how a new connection shows that it belongs to a link.
//!
//! Both ends of a link derive its name and its secret from the TLS session of its first connection, so nothing is
//! exchanged that could be read or raced. A proof is bound to who gives it, to the new TLS session and to the number
//! of the handover: it is good for nothing else, whoever sees it.

use super::take;
use crate::failure::Code;
use aws_lc_rs::hmac;
use std::fmt;

/// Which of the handovers of a link: each attempt has a number above all before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HandoverNumber(pub u64);

impl fmt::Display for HandoverNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "handover {}", self.0)
    }
}

/// By what the two ends of a link call it: public, and the same at both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinkName(pub [u8; 16]);

/// What a TLS session alone can say: derived from its keys, and the same at both ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding(pub [u8; 32]);

/// Who gives a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prover {
    Dialler,
    Acceptor,
}

/// What the two ends of a link, and nobody else, can prove.
///
/// ```
/// use countersign::dist::handover::{Ask, Binding, HandoverNumber, LinkKeys, LinkName};
///
/// let keys = LinkKeys::new(LinkName([1; 16]), &[2; 32]);
/// let (number, session) = (HandoverNumber(1), Binding([3; 32]));
/// let asked = Ask::read(&keys.ask(number, session).bytes()).unwrap();
/// assert!(keys.has_asked(&asked, session));
/// assert!(!keys.has_asked(&asked, Binding([4; 32])), "another connection needs another proof");
/// ```
#[derive(Clone, Debug)]
pub struct LinkKeys {
    name: LinkName,
    secret: hmac::Key,
}

impl LinkKeys {
    /// From what the TLS session of the first connection says under two labels.
    pub fn new(name: LinkName, secret: &[u8; 32]) -> Self {
        Self { name, secret: hmac::Key::new(hmac::HMAC_SHA256, secret) }
    }

    /// The name of the link.
    pub const fn name(&self) -> LinkName {
        self.name
    }

    /// What the dialler of a new connection says first.
    pub fn ask(&self, number: HandoverNumber, session: Binding) -> Ask {
        Ask { link: self.name, number, proof: self.proof(Prover::Dialler, number, session) }
    }

    /// Whether it was the other end of the link that asked, on this connection.
    pub fn has_asked(&self, ask: &Ask, session: Binding) -> bool {
        self.name == ask.link && self.holds(Prover::Dialler, ask.number, session, &ask.proof)
    }

    /// What the acceptor answers if it agrees.
    pub fn grant(&self, number: HandoverNumber, session: Binding) -> Answer {
        Answer::Granted(self.proof(Prover::Acceptor, number, session))
    }

    /// Whether it was the other end of the link that agreed, on this connection.
    pub fn has_granted(&self, proof: &Proof, number: HandoverNumber, session: Binding) -> bool {
        self.holds(Prover::Acceptor, number, session, proof)
    }

    fn proof(&self, prover: Prover, number: HandoverNumber, session: Binding) -> Proof {
        let tag = hmac::sign(&self.secret, &what_is_proven(prover, number, session));
        let mut proof = [0; PROOF];
        proof.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
        Proof(proof)
    }

    /// Compares in constant time.
    fn holds(&self, prover: Prover, number: HandoverNumber, session: Binding, proof: &Proof) -> bool {
        hmac::verify(&self.secret, &what_is_proven(prover, number, session), &proof.0).is_ok()
    }
}

fn what_is_proven(prover: Prover, HandoverNumber(number): HandoverNumber, Binding(session): Binding) -> Vec<u8> {
    let prover: &[u8] = match prover {
        Prover::Dialler => b"countersign handover dialler",
        Prover::Acceptor => b"countersign handover acceptor",
    };
    [prover, &[0], &session, &number.to_be_bytes()].concat()
}

/// That somebody knows the secret of a link.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Proof([u8; PROOF]);

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proof(elided)")
    }
}

/// The first frame on a new connection, by whoever dialled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Which link is to go on over this connection.
    pub link: LinkName,
    /// Which of its handovers this is.
    pub number: HandoverNumber,
    /// That the link's other end asks.
    pub proof: Proof,
}

impl Ask {
    /// As it travels, without a length in front.
    pub fn bytes(&self) -> Vec<u8> {
        [&[ASK][..], &self.link.0, &self.number.0.to_be_bytes(), &self.proof.0].concat()
    }

    /// `None`: these bytes are none.
    pub fn read(mut bytes: &[u8]) -> Option<Self> {
        let front = &mut bytes;
        let (kind, link, number, proof) = (take::byte(front)?, take::chunk(front)?, take::long(front)?, take::chunk(front)?);
        let ask = Self { link: LinkName(link), number: HandoverNumber(number), proof: Proof(proof) };
        (kind == ASK && bytes.is_empty()).then_some(ask)
    }
}

/// The first frame of whoever was dialled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The link may go on over this connection; with a proof that its other end says so.
    Granted(Proof),
    /// It may not.
    Refused(Code),
}

impl Answer {
    /// As it travels, without a length in front.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Granted(Proof(proof)) => [&[GRANTED][..], proof].concat(),
            Self::Refused(code) => [&[REFUSED], code.as_str().as_bytes()].concat(),
        }
    }

    /// `None`: these bytes are none.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [GRANTED, proof @ ..] => proof.try_into().ok().map(|proof| Self::Granted(Proof(proof))),
            [REFUSED, word @ ..] => code(word).map(Self::Refused),
            _ => None,
        }
    }
}

/// Why a peer refuses. One of a later version may have reasons that nobody here knows; its log does.
pub(super) fn code(word: &[u8]) -> Option<Code> {
    let is_word = (1..=LONGEST / 2).contains(&word.len()) && word.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_');
    let word = std::str::from_utf8(word).ok().filter(|_| is_word)?;
    Some(word.parse().unwrap_or(Code::CertificateUnknown))
}

/// No first frame of a handover is longer.
pub const LONGEST: usize = 128;
const PROOF: usize = 32;
const ASK: u8 = 1;
const GRANTED: u8 = 2;
const REFUSED: u8 = 3;
