//! The signature algorithms that count.

use rustls::crypto::WebPkiSupportedAlgorithms;
use std::sync::LazyLock;

/// rustls's own choice: without SHA-1, and without RSA below 2048 bits.
pub(super) static ALGORITHMS: LazyLock<WebPkiSupportedAlgorithms> =
    LazyLock::new(|| rustls::crypto::aws_lc_rs::default_provider().signature_verification_algorithms);
