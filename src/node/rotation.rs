//! What becomes of links when the certificate behind them is replaced.

mod answer;
mod duty;
mod error;
mod fate;
mod hand_over;
mod jitter;
mod policy;
mod rotations;
mod slots;
mod tenure;

pub(super) use answer::answer;
pub(super) use fate::fates;
pub(super) use hand_over::by_hand;
pub(super) use rotations::Rotations;
pub(super) use tenure::{Tenure, Terms};

pub use error::HandOverError;
pub use fate::LinkFate;
pub use policy::{Otherwise, Rotation};
pub use rotations::HandoverCounts;
