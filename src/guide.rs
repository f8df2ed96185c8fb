//! The guide for programs: from a first node to one that is ready for production. Every example runs as a test.
//!
//! 1. [A node](#a-node)
//! 2. [Processes and messages](#processes-and-messages)
//! 3. [Types of your own](#types-of-your-own)
//! 4. [Certificates that rotate](#certificates-that-rotate)
//! 5. [A manager of your own](#a-manager-of-your-own)
//! 6. [Who may be a peer](#who-may-be-a-peer)
//! 7. [When it fails](#when-it-fails)
//! 8. [Under load](#under-load)
//! 9. [Testing](#testing)
//! 10. [Where to look](#where-to-look)
//!
//! # A node
//!
//! A node needs a name, a certificate with whom to trust, and the cookie of its cluster. Everything else has a default that
//! is safe: TLS 1.3, both ends show a certificate, and the host in a peer's name must stand on its certificate.
//!
//! ```
//! use countersign::dist::Cookie;
//! use countersign::node::{Acceptor, EpmdMode, Node, NodeOptions};
//! use countersign::tls::CertAuth;
//! use std::sync::Arc;
//! # use countersign::testing::Ca;
//! # let folder = std::env::temp_dir().join(format!("countersign-guide-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let (ca, file) = (Ca::new(), |name: &str| folder.join(name));
//! # let (certificate, key) = ca.leaf().names(&["localhost"]).pem();
//! # std::fs::write(file("ca.crt"), ca.pem())?;
//! # std::fs::write(file("a.crt"), certificate)?;
//! # std::fs::write(file("a.key"), key.expose())?;
//! # std::fs::set_permissions(file("a.key"), std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
//!
//! # countersign::rt::block_on(async {
//! // One CA for both directions. `CertAuth::builder` has all the choices.
//! let manager = Arc::new(CertAuth::from_paths(file("a.crt"), file("ca.crt"), Some(&file("a.key")))?);
//! let options = NodeOptions {
//!     cert_manager: Some(manager),
//!     cookie: Some(Cookie::new(b"secret".to_vec())), // without it: ~/.erlang.cookie
//!     acceptors: vec![Acceptor::at_port(0)],         // without it: the first free port from 15000 on
//!     epmd: EpmdMode::Off,                           // without it: found by name, through epmd
//!     ..NodeOptions::default()
//! };
//! let node = Node::start("a@localhost", options).await?;
//! println!("{} listens on {:?}", node.name(), node.local_addrs());
//!
//! node.stop().await; // what waits to be said is said first
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Processes and messages
//!
//! A process is a task with a mailbox and a pid. It may link and monitor, be registered, and be reached from any node, be
//! it of Erlang, of Elixir or of this kind. A message to a node that is not connected connects.
//!
//! ```
//! use countersign::etf::{Atom, Term, atom, tuple};
//! use countersign::node::{Mail, Node};
//! # use countersign::node::{EpmdMode, NodeOptions};
//!
//! # countersign::rt::block_on(async {
//! # let options = NodeOptions {
//! #     danger_plaintext: true, cookie: Some(countersign::dist::Cookie::new(b"x".to_vec())),
//! #     acceptors: vec![], epmd: EpmdMode::Off, ..NodeOptions::default()
//! # };
//! # let node = Node::start("a@localhost", options).await?;
//! // From an Erlang shell: {echo, 'a@localhost'} ! {self(), hello}.
//! let echo = node.spawn(|mut process| async move {
//!     while let Mail::Message(message) = process.receive().await {
//!         let Some([Term::Pid(from), what]) = message.term.as_tuple() else { break };
//!         process.send(from.as_ref(), what.clone()).await.ok();
//!     }
//! });
//! node.register("echo", &echo)?;
//!
//! let answer = node.run(|mut process| async move {
//!     let monitor = process.monitor(Atom::fixed("echo")).await;
//!     process.send(Atom::fixed("echo"), tuple([Term::from(process.pid().clone()), atom("hello")])).await.unwrap();
//!     let answer = process.receive().await.into_term();
//!     process.send(Atom::fixed("echo"), atom("something else")).await.unwrap();
//!     let end = process.receive_where(|mail| matches!(mail, Mail::Down(_))).await;
//!     assert!(matches!(end, Mail::Down(down) if down.reference == monitor));
//!     answer
//! });
//! assert_eq!(answer.await.flatten(), Some(atom("hello")));
//! # node.stop().await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! Servers, supervisors and groups as OTP has them are in [`otp`](crate::otp).
//!
//! # Types of your own
//!
//! Whatever serde can write is a message: structs are maps, enums atoms and tagged tuples, and a name may say that it is a
//! record of Erlang or a struct of Elixir. [`etf::serde`](crate::etf::serde) has the whole table.
//!
//! ```
//! use countersign::etf::serde::{from_term, to_term};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! struct Reading {
//!     sensor: String,
//!     celsius: f64,
//! }
//!
//! let reading = Reading { sensor: "roof".to_owned(), celsius: -3.5 };
//! let term = to_term(&reading)?;
//! assert_eq!(term.to_string(), r#"#{celsius => -3.5,sensor => <<"roof">>}"#);
//! assert_eq!(from_term::<Reading>(&term)?, reading);
//!
//! // What does not fit says where.
//! let wrong = from_term::<Reading>(&to_term(&("roof", -3.5))?).unwrap_err();
//! assert!(wrong.to_string().starts_with("$: expected"), "{wrong}");
//! # Ok::<(), countersign::etf::serde::Mismatch>(())
//! ```
//!
//! # Certificates that rotate
//!
//! [`update`](crate::tls::CertManager::update) asks everybody who uses the manager whether they could work with the new
//! certificate, and swaps it for the next handshake, or refuses and changes nothing. What becomes of open links says
//! [`NodeOptions::rotation`](crate::node::NodeOptions::rotation): they keep theirs, are closed, or are **handed over** to a
//! connection with the new certificate, while messages flow and nobody notices.
//!
//! ```
//! use countersign::failure::{Code, Failure};
//! use countersign::node::{Node, NodeOptions, Otherwise, Rotation, Route};
//! # use countersign::dist::Cookie;
//! # use countersign::node::{Acceptor, EpmdMode};
//! # use countersign::testing::Ca;
//! # use countersign::tls::{CertAuth, CertManager};
//! # use std::sync::Arc;
//!
//! # countersign::rt::block_on(async {
//! # let ca = Ca::new();
//! # let options = || NodeOptions {
//! #     cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
//! #     cookie: Some(Cookie::new(b"secret".to_vec())),
//! #     acceptors: vec![Acceptor::at_port(0)],
//! #     epmd: EpmdMode::Off,
//! #     ..NodeOptions::default()
//! # };
//! # let a = Node::start("a@localhost", options()).await?;
//! # let manager = Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()));
//! # let routes = vec![Route::to(a.name().clone(), "localhost", a.local_addrs()[0].port())];
//! let rotation = Rotation::Handover { otherwise: Otherwise::Keep };
//! let options = NodeOptions { cert_manager: Some(manager.clone()), rotation, routes, ..options() };
//! let b = Node::start("b@localhost", options).await?;
//! let link = b.connect(a.name()).await?;
//!
//! let newest = manager.update(ca.agent(&["localhost"]))?;
//! while link.transport().presented.as_ref().map(|issue| issue.generation) != Some(newest) {
//!     b.ping(a.name()).await?; // the same link all the time; it moves by itself
//! }
//! assert_eq!(link.link().handovers().done, 1);
//!
//! // One that nobody would believe is refused, with the reason and its cure, and changes nothing.
//! let refused = manager.update(Ca::new().agent(&["localhost"])).unwrap_err();
//! assert_eq!(refused.code(), Code::UnknownCa);
//! assert!(!refused.hint().as_str().is_empty());
//! # b.stop().await;
//! # a.stop().await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! # A manager of your own
//!
//! A node takes the trait object `Arc<dyn CertAuthManager>`. Whoever keeps certificates elsewhere writes one around a
//! [`CertResolver`](crate::tls::CertResolver), which is where handshakes find the certificate. Pools, mode and name are
//! asked for **once**, when the node, acceptor or route starts: what a manager answers later changes nothing until then.
//!
//! ```
//! use countersign::tls::{CaPool, CertAuthManager, CertManager, CertResolver, Certificate, ClientAuth, Generation, UpdateRefused};
//! # use countersign::testing::Ca;
//! use rustls::pki_types::ServerName;
//! use std::sync::Arc;
//!
//! #[derive(Debug)]
//! struct Vault {
//!     resolver: Arc<CertResolver>,
//!     cluster: Arc<CaPool>,
//! }
//!
//! impl CertManager for Vault {
//!     fn resolver(&self) -> Arc<CertResolver> {
//!         self.resolver.clone()
//!     }
//!
//!     fn update(&self, cert: Certificate) -> Result<Generation, UpdateRefused> {
//!         self.resolver.update(cert) // judges; `swap_unchecked` would not
//!     }
//! }
//!
//! impl CertAuthManager for Vault {
//!     fn client_cas(&self) -> Option<Arc<CaPool>> {
//!         Some(self.cluster.clone())
//!     }
//!
//!     fn client_auth(&self) -> ClientAuth {
//!         ClientAuth::RequireAndVerify
//!     }
//!
//!     fn root_cas(&self) -> Option<Arc<CaPool>> {
//!         Some(self.cluster.clone())
//!     }
//!
//!     fn server_name(&self) -> Option<ServerName<'static>> {
//!         None // the host that is dialled
//!     }
//! }
//!
//! let ca = Ca::new();
//! let vault = Vault { resolver: CertResolver::new(ca.agent(&["localhost"])), cluster: ca.pool() };
//! let generation = vault.update(ca.agent(&["localhost"]))?;
//! assert_eq!(vault.resolver().current().generation, generation);
//! # Ok::<(), UpdateRefused>(())
//! ```
//!
//! A key that must not leave its hardware: [`Certificate::with_signing_key`](crate::tls::Certificate::with_signing_key).
//!
//! # Who may be a peer
//!
//! Whoever a CA of ours vouches for, under a name that its certificate bears. Narrower: lists of names, which may be
//! exchanged while the node runs and end the links that they no longer allow.
//!
//! ```
//! use countersign::node::{Admission, IdentityPolicy, NodeOptions};
//!
//! let options = NodeOptions {
//!     identity: IdentityPolicy::Strict, // the whole name, as the URI erl:db-1@internal, and not its host alone
//!     admission: Admission::new().allow("node:*@internal")?.deny("cn:stolen-laptop")?.into(),
//!     ..NodeOptions::default()
//! };
//! let lists = options.admission.clone();
//! lists.change(|lists| lists.clone().denying(["cn:lost-phone".parse().unwrap()]));
//! assert_eq!(lists.current().denied().len(), 2);
//! # Ok::<(), countersign::node::NotAPattern>(())
//! ```
//!
//! Each message knows its sender's [`Peer`](crate::node::Peer) and that one's [`Identity`](crate::node::Identity); what may
//! be called from elsewhere, and by whom, is in [`rpc::Functions`](crate::node::rpc::Functions), which is empty.
//!
//! # When it fails
//!
//! Every error has a stable [`Code`](crate::failure::Code), a sentence with the facts, and a
//! [`Hint`](crate::hint::Hint) that says what to do: the same in errors, logs, counters and commands.
//!
//! ```
//! use countersign::failure::{Code, Failure};
//! use countersign::node::{Node, Route};
//! # use countersign::dist::Cookie;
//! # use countersign::node::{Acceptor, EpmdMode, NodeOptions};
//! # use countersign::testing::Ca;
//! # use countersign::tls::CertAuth;
//! # use std::sync::Arc;
//!
//! # countersign::rt::block_on(async {
//! # let options = |ca: &Ca| NodeOptions {
//! #     cert_manager: Some(Arc::new(CertAuth::mutual(ca.agent(&["localhost"]), ca.pool()))),
//! #     cookie: Some(Cookie::new(b"secret".to_vec())),
//! #     acceptors: vec![Acceptor::at_port(0)],
//! #     epmd: EpmdMode::Off,
//! #     ..NodeOptions::default()
//! # };
//! # let a = Node::start("a@localhost", options(&Ca::new())).await?;
//! # let routes = vec![Route::to(a.name().clone(), "localhost", a.local_addrs()[0].port())];
//! # let stranger = Node::start("b@localhost", NodeOptions { routes, ..options(&Ca::new()) }).await?;
//! let error = stranger.connect(a.name()).await.unwrap_err();
//! assert_eq!(error.code(), Code::UnknownCa);
//! println!("{error}\n  code: {}\n  hint: {}", error.code(), error.hint());
//! # stranger.stop().await;
//! # a.stop().await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! The lines of the log carry the same, under keys that do not change, and each has an [`Event`](crate::observe::Event).
//!
//! # Under load
//!
//! Whoever sends faster than a peer reads waits: [`NodeLimits::send_buffer`](crate::node::NodeLimits). A mailbox may be
//! bounded, and what it drops is counted and reported, never silent: [`Overflow`](crate::node::Overflow). Who may connect,
//! how many at a time and for how long they may be silent, say the [`Limits`](crate::net::Limits) of an acceptor, which act
//! before any cryptography. A peer that takes nothing loses its link after
//! [`NodeOptions::send_timeout`](crate::node::NodeOptions::send_timeout), if you set one.
//!
//! # Testing
//!
//! [`testing::Ca`](crate::testing::Ca) makes certificates in memory, good and bad ones, in a millisecond:
//!
//! ```
//! use countersign::clock::{Clock, DAY, SystemClock};
//! use countersign::failure::{Code, Failure};
//! use countersign::testing::Ca;
//! use countersign::tls::Requirement;
//! use std::sync::Arc;
//!
//! let ca = Ca::new();
//! let today = ca.agent(&["localhost"]);
//! let requirement = Requirement::new("my listener", Arc::new(SystemClock));
//! let now = SystemClock.now();
//! let yesterday = ca.leaf().names(&["localhost"]).valid(now + -2 * DAY, now + -DAY).build();
//! assert_eq!(requirement.judge(&yesterday, &today).unwrap_err().code(), Code::Expired);
//! ```
//!
//! # Where to look
//!
//! | you want to | look at |
//! |---|---|
//! | link, monitor, trap exits, receive selectively, set timers, call a `gen_server` | [`node::Process`](crate::node::Process) |
//! | be a `gen_server` for Erlang and Elixir | [`otp::gen_server`](crate::otp::gen_server); with `Typed<Request>` its requests are any serde enum |
//! | ask servers by types, whatever they are written in | [`otp::gen_server::Client`](crate::otp::gen_server::Client) |
//! | have processes restarted by OTP's rules | [`otp::supervisor`](crate::otp::supervisor); `supervisor:which_children({sup, 'a@host'})` works from any Erlang shell |
//! | have groups of processes across the cluster | [`otp::pg`](crate::otp::pg), the same scopes as OTP's `pg` |
//! | let others call functions of yours | [`node::rpc`](crate::node::rpc): `typed(\|(a, b): (i64, i64)\| async move { … })`, each with the list of its callers, for `erpc`, `rpc` and `spawn/4`; nothing else is ever run |
//! | call functions of other nodes | `Process::erpc`, `Process::spawn_at`; `countersign call NODE MOD FUN [JSON…]` |
//! | send and receive your own types | [`etf::serde`](crate::etf::serde), `Message::parse`: structs are maps, enums atoms and tagged tuples; `#[serde(rename = "#job")]` makes a record, `%MyApp.Job` an Elixir struct |
//! | know who sent a message, and with which certificate | [`node::Message::peer`](crate::node::Message::peer), [`node::Identity`](crate::node::Identity) |
//! | have live links take a new certificate | `node::Rotation::{Keep, Close, Handover}`; `"rotation": "handover"`. Links to OTP do what `otherwise` says. Its files change, `countersign rotate` is called, or the program calls `update` |
//! | have certificates taken from their files again | [`tls::source`](crate::tls::source): `CertAuth::with_source`, or a source of your own; `Node::reload`, `Node::rotate` |
//! | know how much is left of a certificate | `Node::certificates`, [`node::OwnCertificate`](crate::node::OwnCertificate), `Process::monitor_certificates` |
//! | find out why TLS fails | [`doctor`](crate::doctor), `countersign doctor` |
//! | listen at several places, each in its own way | [`node::Acceptor`](crate::node::Acceptor): address, certificate, cookie, limits, deadlines, networks that may connect, plain or TLS; the port to announce behind an address translator |
//! | say where peers are, and what differs there | [`node::Route`](crate::node::Route): by name, pattern or expression, with weight, pins, an expected identity; to a place, an epmd or what a function finds; `Node::add_route` while it runs |
//! | know what a link will go by | [`node::Effective`](crate::node::Effective): node, acceptor and route, resolved once |
//! | say who may be a peer | [`node::Admission`](crate::node::Admission): `"allow": ["dns:*.db.internal"], "deny": ["cn:stolen-laptop"]`, names of nodes and on certificates, in both directions; exchanged while the node runs |
//! | bind names to certificates more strictly, or not at all | [`node::IdentityPolicy`](crate::node::IdentityPolicy); SPIFFE ids by [`node::SpiffeTemplate`](crate::node::SpiffeTemplate) |
//! | have open links judged again, by your own rule too | [`tls::RevocationLists`](crate::tls::RevocationLists), [`tls::Pins`](crate::tls::Pins), [`node::LinkJudge`](crate::node::LinkJudge), `Node::judge_links` |
//! | join a cluster at start, and stay in it | [`node::ClusterOptions`](crate::node::ClusterOptions): seeds, a quorum to wait for, nodes that are kept linked; `start --seed b@host --quorum 1` |
//! | be hidden, seen, passive or outgoing only; close idle links | [`node::Visibility`](crate::node::Visibility), [`node::Mode`](crate::node::Mode), [`node::Idle`](crate::node::Idle) |
//! | know of nodes that come and go | `Process::monitor_nodes`, `Process::monitor_node` |
//! | bound mailboxes and buffers | [`node::NodeLimits`](crate::node::NodeLimits), [`node::Overflow`](crate::node::Overflow) |
//! | use the connections without a node | [`net::Listener`](crate::net::Listener), [`net::Dialer`](crate::net::Dialer) |
//! | know what `update` checks | [`tls::Requirement`](crate::tls::Requirement), [`tls::CertResolver`](crate::tls::CertResolver) |
//! | keep a key in hardware | [`tls::Certificate::with_signing_key`](crate::tls::Certificate::with_signing_key) |
//! | refuse peers by a rule of your own | [`tls::Hook`](crate::tls::Hook) |
//! | use revocation lists | [`tls::Revocation`](crate::tls::Revocation), and `countersign cert crl` |
//! | change versions, suites or the clock | [`tls::TlsPolicy`](crate::tls::TlsPolicy) |
//! | limit connections | [`net::Limits`](crate::net::Limits) |
//! | move to another CA | [`tls::CaPool`](crate::tls::CaPool) has the procedure: restart the nodes one by one with both, update the certificates, have the links made anew until `countersign ca-in-use old-ca.crt NODE` ends with 0, restart with the new one alone |
//! | test your own code | [`testing::Ca`](crate::testing::Ca): certificates in memory, good and bad ones |
