//! Supervisors, as OTP has them.

mod model;
mod orders;
mod restarts;
mod stage;
mod starting;
mod stopping;
