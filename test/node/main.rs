//! Our nodes among themselves: processes, links, mailboxes, and peers that are slow, hostile or many.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test reports by panicking")]

#[path = "../support/managers.rs"]
#[expect(dead_code, reason = "other tests choose between the two")]
mod managers;
#[path = "../support/mesh.rs"]
mod mesh;

mod acceptors;
mod acceptors_waiting;
mod admission;
mod admission_rule;
mod aliases;
mod callers;
mod collisions;
mod connecting;
mod erpc;
mod excess;
mod full_mesh;
mod handshakes;
mod hostile;
mod identities;
mod information;
mod mailboxes;
mod managers_at_work;
mod monitors;
mod own_processes;
mod panics;
mod pressure;
mod processes;
mod raw;
mod remote;
mod routes;
mod served;
mod spawn_requests;
mod spawning;
mod timers;
mod typed_functions;
mod world;
