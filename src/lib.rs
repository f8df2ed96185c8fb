//! countersign
pub mod clock;
pub mod failure;
pub mod hint;
pub mod observe;
pub mod tls;
pub mod secret;
pub mod x509;
