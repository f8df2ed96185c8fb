//! Mutual TLS whose certificates rotate while it runs: the trust floors of an Erlang-distribution node.
//!
//! A node presents a certificate, verifies its peers', and takes a new certificate at any moment without
//! losing a connection. Whoever is refused learns why: each refusal has a stable [`failure::Code`], a
//! sentence with the facts, and a hint.
//!
//! ```
//! use countersign::net::{Dialer, DialerOptions, Listener, ListenerOptions};
//! use countersign::testing::Ca;
//! use countersign::tls::{CertAuth, CertManager};
//! use std::sync::Arc;
//!
//! # countersign::rt::block_on(async {
//! // In production: CertAuth::from_paths("a.crt", "ca.crt", Some("a.key".as_ref()))?
//! let ca = Ca::new();
//! let manager = Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()));
//!
//! let listener = Listener::bind("127.0.0.1:0".parse()?, ListenerOptions::secure(manager.clone())).await?;
//! let dialer = Dialer::new(DialerOptions::secure(manager.clone()))?;
//! let before = dialer.dial("localhost", listener.local_addr().port()).await?;
//!
//! // The next handshake presents the new certificate; `before` keeps what it began with.
//! let generation = manager.update(ca.agent(&["localhost"]))?;
//! let after = dialer.dial("localhost", listener.local_addr().port()).await?;
//! assert_eq!(after.presented().unwrap().generation, generation);
//! assert_ne!(before.presented().unwrap().generation, generation);
//!
//! // A certificate that would break the listener is not taken, and the answer says whom it would break.
//! let refused = manager.update(Ca::new().agent(&["localhost"])).unwrap_err();
//! assert!(refused.to_string().contains("signed by unknown authority"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! # The floors
//!
//! A module imports only from lower floors; `test/architecture.rs` holds that.
//!
//! | floor | modules |
//! |---|---|
//! | 9 | [`cli`]: the command line |
//! | 8 | [`config`]: the configuration file |
//! | 6 | [`net`]: listener, dialler, limits |
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
pub mod epmd;
pub mod etf;
pub mod failure;
pub mod hint;
pub mod net;
pub mod node;
pub mod node_name;
pub mod observe;
pub mod rt;
pub mod secret;
pub mod testing;
pub mod tls;
pub mod x509;

// The examples of the README run with the documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
