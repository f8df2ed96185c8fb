//! countersign

pub mod authority;
#[cfg(feature = "cli")]
pub mod cli;
pub mod clock;
pub mod failure;
pub mod hint;
pub mod net;
pub mod observe;
pub mod rt;
pub mod secret;
pub mod testing;
pub mod tls;
pub mod x509;
