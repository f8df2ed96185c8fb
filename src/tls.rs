//! Mutual TLS with a certificate that can be replaced while the node runs.
//!
//! - [`Certificate`] is what a node presents, [`CaPool`] whom it trusts.
//! - [`CertManager`] and [`CertAuthManager`] are what a node asks; [`CertAuth`] is the usual answer.
//! - [`CertResolver`] holds the certificate that the next handshake will present, and judges updates.
//! - [`source`]: where certificates come from that are replaced while a node runs, such as files.
//! - [`ServerSide`] and [`ClientSide`] make handshakes on any stream; [`SecureStream`] is the result.
//! - [`RevocationLists`] and [`Pins`] may be replaced while connections are open; [`rejudge`] says what a handshake
//!   would say of their peers now.
//! - [`Refused`] is what a handshake says that did not succeed.
//!
//! One object per handshake is both its witness and its recorder: what the peer was shown is known for
//! certain, however often the certificate is replaced meanwhile.

mod algorithms;
pub mod ca_pool;
mod changes;
pub mod config;
pub mod credential;
pub mod explain;
mod handshake;
#[cfg(feature = "cli")]
mod look;
pub mod manager;
mod pins;
pub mod policy;
mod receipt;
pub mod rejudge;
pub mod requirement;
pub mod resolver;
pub mod source;
pub mod stream;
pub mod verify;

pub use ca_pool::{CaPool, CaPoolError};
pub use changes::{Changes, Watcher};
pub use config::{ClientSide, InvalidTls, Purpose, ServerSide};
pub use credential::{Certificate, CertificateError};
pub use explain::{Ends, Refused};
#[cfg(feature = "cli")]
pub(crate) use look::{Sight, look};
pub use manager::{CertAuth, CertAuthManager, CertManager, ClientAuth};
pub use pins::Pins;
pub use policy::{TlsPolicy, TlsVersion};
pub(crate) use requirement::only_these_vouch;
pub use requirement::{Requirement, UpdateRefused};
pub use resolver::{CertResolver, Generation, Issue};
/// The TLS library, for those who bring a configuration or a key of their own: it must be this version.
pub use rustls;
pub use rustls_pki_types::ServerName;
pub use stream::{PeerCertificate, SecureStream};
pub use verify::hook::{Hook, Peer, VerifyPeer};
pub use verify::revocation::{CrlPolicy, Revocation, RevocationLists};
pub use verify::{ChainJudge, ExpectedIdentity, KnowsIssuers, NotAnIdentity, Refusal, Usage};
