//! What OTP's libraries are to Erlang, for programs on this node: behaviours that are made of nothing but
//! processes, messages, links and monitors.

pub mod pg;
