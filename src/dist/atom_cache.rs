//! The atom cache: atoms that were sent once travel as a number from then on.
//!
//! Each direction of a transport has 8 segments of 256 places, which live as long as it. The sender says
//! in the header of a packet what it puts where; the packet then refers to the header's list.

mod receive;
mod send;

pub(super) use receive::PacketAtoms;
pub use receive::ReceiveCache;
pub use send::SendCache;

/// Of one direction.
const SLOTS: usize = 8 * 256;
/// A header can list so many.
const MOST_REFERENCES: usize = 255;
/// In the four bits that say of each reference where it is.
const IS_NEW: u8 = 0b1000;
const SEGMENT: u8 = 0b0111;
