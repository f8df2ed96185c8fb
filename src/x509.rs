//! Certificates, keys and revocation lists as values: read, looked at, compared. Nothing here trusts,
//! opens a socket or asks for the time.

pub mod algorithm;
pub mod cert;
pub mod crl;
pub(crate) mod file;
pub mod fingerprint;
pub mod key;
pub mod name;
pub mod pem;

pub use algorithm::KeyAlgorithm;
pub use cert::Inspected;
pub use crl::RevocationList;
pub use fingerprint::Fingerprint;
pub use key::PrivateKey;
pub use name::San;
