//! The command line as a person meets it: whole outputs, both streams, exit codes.

#[path = "../support/scratch.rs"]
mod scratch;

mod issuing;
mod judging;
mod looking;
mod steady;
mod world;
