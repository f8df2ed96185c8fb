//! Remote calls, both ways: what Erlang's `erpc`, `rpc` and `spawn/4` do between nodes.
//!
//! A node runs nothing for its peers unless the program has exported it, in [`Functions`], each function with the
//! list of those who may call it. Whoever is not on that list sees what OTP says of a function that is not there:
//! `undef`. Where nothing is exported, every request is answered with `notsup`. Either is counted
//! ([`Node::refused_calls`]) and logged, and nothing is run.
//!
//! ```
//! use countersign::dist::Cookie;
//! use countersign::etf::{Term, atom};
//! use countersign::node::rpc::{Apply, Callers, ErpcError, Functions, Raised, typed};
//! use countersign::node::{Acceptor, EpmdMode, Node, NodeOptions, Route};
//! use countersign::testing::Ca;
//! use countersign::tls::CertAuth;
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! # countersign::rt::block_on(async {
//! async fn add((one, other): (i64, i64)) -> Result<i64, Raised> {
//!     one.checked_add(other).ok_or_else(|| Raised::error(atom("badarith")))
//! }
//!
//! # let ca = Ca::new();
//! # let options = NodeOptions {
//! #     cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
//! #     cookie: Some(Cookie::new(b"secret".to_vec())), acceptors: vec![Acceptor::at_port(0)], epmd: EpmdMode::Off,
//! #     ..NodeOptions::default()
//! # };
//! let functions = Functions::new().export("math", "add", 2, Callers::nodes(["b@localhost"])?, typed(add))?;
//! let a = Node::start("a@localhost", NodeOptions { functions, ..options.clone() }).await?;
//! // From an Erlang shell it would be: erpc:call('a@localhost', math, add, [20, 22]).
//! let route = Route::to(a.name().clone(), "localhost", a.local_addrs()[0].port());
//! let b = Node::start("b@localhost", NodeOptions { routes: vec![route], ..options }).await?;
//!
//! let within = Duration::from_secs(5);
//! let sum = b.erpc(a.name(), Apply::typed("math", "add", &(20, 22))?, within).await?;
//! assert_eq!(sum, Term::from(42));
//! let unknown = b.erpc(a.name(), Apply::typed("init", "stop", &())?, within).await;
//! assert!(matches!(unknown, Err(ErpcError::Undef { .. })));
//! b.stop().await;
//! a.stop().await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! What a function may be called by is in [`Callers`], how it fails in [`Raised`]. With [`typed`] it takes and returns
//! types of Rust's; without, it gets a [`Call`], with terms. The other direction is [`Process::erpc`],
//! [`Process::spawn_at`] and their like; there [`Apply::typed`] writes the arguments, and
//! [`from_term`](crate::etf::serde::from_term) reads the value.
//!
//! [`Node::refused_calls`]: crate::node::Node::refused_calls
//! [`Process::erpc`]: crate::node::Process::erpc
//! [`Process::spawn_at`]: crate::node::Process::spawn_at

mod answer;
mod apply;
mod arguments;
mod asking;
mod at_peers;
mod callers;
mod error;
mod functions;
mod invocation;
mod job;
mod raised;
pub(super) mod rex;
pub(super) mod room;
pub(super) mod serve;
mod spawning;
mod typed;

pub use apply::Apply;
pub use arguments::Arguments;
pub use callers::Callers;
pub use error::ErpcError;
pub use functions::{Arity, ExportRefused, Function, Functions};
pub use invocation::{Call, Caller};
pub use raised::Raised;
pub use typed::{TypedFunction, typed, typed_with_call};
