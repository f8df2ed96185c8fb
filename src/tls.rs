//! Mutual TLS with a certificate that can be replaced while the node runs.

pub mod ca_pool;
pub mod credential;

pub use ca_pool::{CaPool, CaPoolError};
pub use credential::{Certificate, CertificateError};
