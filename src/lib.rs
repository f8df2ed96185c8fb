//! countersign
pub mod clock;
pub mod failure;
pub mod hint;
pub mod observe;
pub mod secret;
pub mod tls;
pub mod x509;
