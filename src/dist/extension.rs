//! What two nodes of our own kind say on their link besides OTP's packets. A peer of OTP never sees it.

use super::handover::{self, HandoverNumber};
use super::violation::Violation;
use crate::failure::Code;

/// A frame that begins with neither of the two bytes with which packets begin.
///
/// ```
/// use countersign::dist::Extension;
///
/// let mut out = Vec::new();
/// Extension::HandOver.write(&mut out);
/// assert_eq!(out, [0, 0, 0, 2, 99, 1]);
/// assert_eq!(Extension::read(&out[5..])?, Extension::HandOver);
/// # Ok::<(), countersign::dist::Violation>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extension {
    /// Who was dialled has a new certificate: whoever dialled is asked for a handover.
    HandOver,
    /// The last words on a connection: all further bytes go over its successor.
    Moved(HandoverNumber),
    /// The handover that was asked for has failed.
    Failed(Code),
}

impl Extension {
    /// Writes it as a frame, with the four bytes of the length in front.
    pub fn write(self, out: &mut Vec<u8>) {
        let number;
        let (kind, body): (u8, &[u8]) = match self {
            Self::HandOver => (HAND_OVER, &[]),
            Self::Moved(HandoverNumber(count)) => {
                number = count.to_be_bytes();
                (MOVED, &number)
            }
            Self::Failed(code) => (FAILED, code.as_str().as_bytes()),
        };
        let length = body.len().saturating_add(2) as u32;
        out.extend(length.to_be_bytes());
        out.extend([EXTENSION, kind]);
        out.extend_from_slice(body);
    }

    /// Reads what stands behind the first byte of a frame.
    ///
    /// # Errors
    /// It is none of these.
    pub fn read(bytes: &[u8]) -> Result<Self, Violation> {
        match bytes {
            [HAND_OVER] => Ok(Self::HandOver),
            [MOVED, number @ ..] => match number.try_into() {
                Ok(number) => Ok(Self::Moved(HandoverNumber(u64::from_be_bytes(number)))),
                Err(_) => Err(Violation::BadExtension { what: "the number of a handover has eight bytes" }),
            },
            [FAILED, word @ ..] => {
                let code = handover::code(word).map(Self::Failed);
                code.ok_or(Violation::BadExtension { what: "the reason of a failed handover is no code" })
            }
            _ => Err(Violation::BadExtension { what: "nobody knows this kind" }),
        }
    }
}

/// Neither 112 nor 131.
pub(super) const EXTENSION: u8 = 99;
const HAND_OVER: u8 = 1;
const MOVED: u8 = 2;
const FAILED: u8 = 3;
