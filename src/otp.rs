//! What OTP's libraries are to Erlang, for programs on this node: behaviours that are made of nothing but
//! processes, messages, links and monitors.

pub mod gen_server;
pub mod pg;
pub mod proc_lib;
pub mod supervisor;
mod sys;
