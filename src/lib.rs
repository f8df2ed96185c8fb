//! An Erlang-distribution node whose links are mutual TLS and whose certificates rotate while it runs.
//!
//! A node presents a certificate, verifies its peers', and takes a new certificate at any moment without
//! losing a link. Its peers are nodes of Erlang and Elixir, and of its own kind. Whoever is refused learns
//! why: each refusal has a stable [`failure::Code`], a sentence with the facts, and a hint.
//!
//! ```
//! use countersign::dist::Cookie;
//! use countersign::node::{Acceptor, EpmdMode, Node, NodeOptions, Route};
//! use countersign::testing::Ca;
//! use countersign::tls::{CertAuth, CertManager};
//! use std::sync::Arc;
//!
//! # countersign::rt::block_on(async {
//! // In production: CertAuth::from_paths("a.crt", "ca.crt", Some("a.key".as_ref()))?
//! let ca = Ca::new();
//! let manager = Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()));
//! let options = NodeOptions {
//!     cert_manager: Some(manager.clone()),
//!     cookie: Some(Cookie::new(b"secret".to_vec())),
//!     acceptors: vec![Acceptor::at_port(0)],
//!     epmd: EpmdMode::Off, // for an example; without it nodes find each other
//!     ..NodeOptions::default()
//! };
//! let a = Node::start("a@localhost", options.clone()).await?;
//! let route = Route::to(a.name().clone(), "localhost", a.local_addrs()[0].port());
//! let b = Node::start("b@localhost", NodeOptions { routes: vec![route], ..options }).await?;
//!
//! let before = b.connect(a.name()).await?;
//! let shown = before.transport().presented.clone().unwrap().generation;
//!
//! // The next handshake presents the new certificate; this link keeps what it began with.
//! let generation = manager.update(ca.agent(&["localhost"]))?;
//! assert_ne!(shown, generation);
//! b.ping(a.name()).await?;
//!
//! // A certificate that would break the node is not taken, and the answer says whom it would break.
//! let refused = manager.update(Ca::new().agent(&["localhost"])).unwrap_err();
//! assert!(refused.to_string().contains("signed by unknown authority"));
//! b.stop().await;
//! a.stop().await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! The [`guide`] goes on from here.
//!
//! # The floors
//!
//! A module imports only from lower floors; `test/architecture.rs` holds that.
//!
//! | floor | modules |
//! |---|---|
//! | 9 | [`cli`]: the command line |
//! | 8½ | [`doctor`]: finds out why TLS fails |
//! | 8 | [`config`]: the configuration file |
//! | 7½ | [`otp`]: behaviours for programs on the node
//! | 7 | [`node`]: processes, links and monitors between them, peers |
//! | 6 | [`net`]: listener, dialler, limits; the handshake of two nodes, links and the transports under them |
//! | 5 | [`epmd`]: who listens where: protocol, client, embedded server |
//! | 4 | [`authority`]: issue, renew, revoke · [`testing`]: throwaway certificates in memory |
//! | 3 | [`tls`]: certificates, pools, managers, the resolver, handshakes, verdicts, explanations |
//! | 2 | [`dist`]: the distribution protocol as values · [`x509`]: certificates, keys and revocation lists as values |
//! | 1 | [`etf`]: Erlang terms and their bytes · [`observe`]: counters · [`rt`]: the only door to the runtime |
//! | 0 | [`clock`] · [`failure`] · [`hint`] · [`node_name`] · [`secret`] |

pub mod authority;
#[cfg(feature = "cli")]
pub mod cli;
pub mod clock;
#[cfg(feature = "cli")]
pub mod config;
pub mod dist;
#[cfg(feature = "cli")]
pub mod doctor;
pub mod epmd;
pub mod etf;
pub mod failure;
pub mod guide;
pub mod hint;
pub mod net;
pub mod node;
pub mod node_name;
pub mod observe;
pub mod otp;
pub mod rt;
pub mod secret;
pub mod testing;
pub mod tls;
pub mod x509;

// The examples of the README run with the documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
