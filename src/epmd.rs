//! The Erlang port mapper daemon, epmd: which node of a host listens on which port.
//!
//! [`wire`] is the protocol as values. [`Client`] registers a node and asks who is there; [`Server`] is an
//! epmd of our own, which OTP nodes and `epmd -names` can use; [`auto`] uses the epmd that runs, or starts one.
//!
//! ```
//! use countersign::epmd::{Client, NodeEntry, Server, ServerOptions};
//!
//! # countersign::rt::block_on(async {
//! // Port 0 is for examples. Real nodes meet at `Client::from_environment()?`.
//! let server = Server::bind(ServerOptions { port: 0, ..ServerOptions::loopback() }).await?;
//! let client = Client::at(server.port());
//!
//! let registration = client.register(&NodeEntry::visible("db".parse()?, 15_000)).await?;
//! assert_ne!(registration.creation().as_u32(), 0);
//! assert_eq!(client.lookup(&"db".parse()?, "127.0.0.1").await?.port, 15_000);
//!
//! // The name is free again when the registration goes.
//! drop(registration);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! epmd has no authentication: anybody who reaches it reads its list, and any process of the host can take a
//! name that is free. What it answers is a hint where to dial, never a proof of who will answer there.

mod auto;
pub mod client;
mod error;
mod registry;
pub mod server;
mod settings;
pub mod wire;

pub use auto::{Registered, auto};
pub use client::{Client, Registration};
pub use error::EpmdError;
pub use server::{Server, ServerOptions};
pub use settings::DEFAULT_PORT;
pub use wire::{AliveName, Creation, NodeEntry, NodeType};
