//! A node among nodes: processes that send, link and monitor each other, here and at any node of an Erlang
//! cluster, over mutual TLS.
//!
//! ```
//! use countersign::dist::Cookie;
//! use countersign::epmd::ServerOptions;
//! use countersign::etf::{Atom, atom};
//! use countersign::node::{Acceptor, EpmdMode, Node, NodeOptions, Route};
//! use countersign::testing::Ca;
//! use countersign::tls::CertAuth;
//! use std::sync::Arc;
//!
//! # countersign::rt::block_on(async {
//! // In production: CertAuth::from_paths("a.crt", "ca.crt", Some("a.key".as_ref()))?
//! let ca = Ca::new();
//! let options = NodeOptions {
//!     cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
//!     cookie: Some(Cookie::new(b"secret".to_vec())),
//!     acceptors: vec![Acceptor::at_port(0)],
//!     // For an example. Nodes that are to find each other leave this out.
//!     epmd: EpmdMode::Off,
//!     ..NodeOptions::default()
//! };
//! let a = Node::start("a@localhost", options.clone()).await?;
//! let route = Route::to(a.name().clone(), "localhost", a.local_addrs()[0].port());
//! let b = Node::start("b@localhost", NodeOptions { routes: vec![route], ..options }).await?;
//!
//! let greeter = a.spawn(|mut process| async move { assert_eq!(process.receive().await.term(), Some(&atom("hello"))) });
//! a.register("greeter", &greeter)?;
//!
//! let there = (Atom::fixed("greeter"), a.name().clone());
//! let watching = b.run(move |mut process| async move {
//!     process.monitor(there.clone()).await;
//!     process.send(there, atom("hello")).await.unwrap();
//!     process.receive().await
//! });
//! let mail = watching.await.unwrap();
//! let countersign::node::Mail::Down(down) = mail else { panic!("it has ended") };
//! assert!(down.reason.is_atom("normal"));
//! b.stop().await;
//! a.stop().await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```

mod admission;
mod alias;
mod aside;
mod body;
mod ca_use;
mod call;
mod cluster;
mod cookie;
mod core;
mod destination;
mod doors;
mod effective;
mod error;
mod events;
mod exits;
mod expiry;
mod handle;
mod host;
mod identity;
mod idle;
mod information;
mod invalid_options;
mod judging;
mod life;
mod link_options;
mod mail;
mod mailbox;
mod mode;
mod options;
mod outcome;
mod payload;
mod peer;
mod peers;
mod presence;
mod process;
mod reason;
mod registry;
mod rotation;
mod router;
mod routes;
pub mod rpc;
mod settings;
mod signals;
mod sources;
mod spawn;
mod start;
mod system;
mod ties;
mod timers;
mod wire;

pub use admission::{Admission, AdmissionHandle, Applicant, Gate, NotAPattern, NotAdmitted, Oddity, Pattern, PatternFault, Shown};
pub use alias::{Alias, Lasts};
pub use ca_use::{CaUse, Dependence};
pub use call::Request;
pub use cluster::{ClusterOptions, Kept, NoQuorum, Quorum, QuorumPolicy, Reconnect};
#[cfg(feature = "cli")]
pub(crate) use cookie::of_home as cookie_of_home;
pub use destination::Destination;
pub use doors::AcceptorError;
pub use effective::Effective;
pub use error::{CallError, ConnectError, ConnectReason, FailedAttempt, SendError, StartError};
pub(crate) use exits::deserves_a_line;
pub use expiry::{ExpiryStage, OwnCertificate};
pub use handle::Node;
pub use host::{Host, NotAHost};
pub use identity::{
    Identity, IdentityMismatch, IdentityPolicy, IdentityRule, NotASpiffeTemplate, NotAnIdentityPolicy, SpiffeFault, SpiffeTemplate,
};
pub use idle::Idle;
pub use information::ProcessInfo;
pub use invalid_options::InvalidOptions;
pub use judging::{ExpiredLinks, Judgement, LinkJudge, LinkVerdict};
pub(crate) use life::panicked;
pub use link_options::LinkOptions;
pub use mail::{Down, Exited, Mail, Message, Monitored, NodeEvent};
pub use mode::Mode;
pub use options::{Acceptor, EpmdMode, NameGiving, NodeLimits, NodeOptions, Overflow, Visibility};
pub use outcome::Outcome;
pub use payload::Payload;
pub use peer::Peer;
#[cfg(feature = "cli")]
pub(crate) use presence::client as epmd_client;
pub use process::Process;
pub use registry::NameRefused;
pub use rotation::{HandOverError, HandoverCounts, LinkFate, Otherwise, Rotation};
pub use routes::{Address, Finder, NodePattern, NotANodePattern, Place, Route, RouteId, RouteInfo, RouteRefused};
pub use sources::{Renewal, Renewed, Rotate, Rotated, SourceStatus};
pub use spawn::{Bound, SpawnOptions, Spawned};
#[cfg(feature = "cli")]
pub(crate) use start::nameless_on;
pub use timers::{Timer, TimerRefused};
