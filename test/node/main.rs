//! Our nodes among themselves: processes, links, mailboxes, and peers that are slow, hostile or many.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test reports by panicking")]

#[path = "../support/logbook.rs"]
#[expect(dead_code, reason = "tests of refused peers read the rest")]
mod logbook;
#[path = "../support/managers.rs"]
#[expect(dead_code, reason = "other tests choose between the two")]
mod managers;
#[path = "../support/mesh.rs"]
mod mesh;
#[path = "../support/relay.rs"]
mod relay;
#[path = "../support/scratch.rs"]
#[expect(dead_code, clippy::print_stderr, reason = "other tests run commands there")]
mod scratch;

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
mod expiring;
mod full_mesh;
mod handover;
mod handover_faults;
mod handover_policies;
mod handover_strangers;
mod handover_world;
mod handshakes;
mod hostile;
mod identities;
mod idling;
mod information;
mod judged_again;
mod judged_by_clock;
mod keeping;
mod mailboxes;
mod managers_at_work;
mod modes;
mod monitors;
mod operating;
mod own_processes;
mod panics;
mod pressure;
mod processes;
mod raw;
mod remote;
mod replacing_a_ca;
mod rotate_asked;
mod routes;
mod seeds;
mod served;
mod sources;
mod sources_faults;
mod sources_shared;
mod sources_torn;
mod sources_world;
mod spawn_requests;
mod spawning;
mod timers;
mod typed_functions;
mod verdicts;
mod world;
