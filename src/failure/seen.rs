//! The words in which other programs say what our codes say. Whoever searches for an error text finds the code.

use super::Code;

impl Code {
    /// How the same is said elsewhere: in Go, OpenSSL, Erlang, Python. Parts of sentences, to be searched for.
    ///
    /// ```
    /// use countersign::failure::Code;
    ///
    /// assert!(Code::seen_as("x509: certificate signed by unknown authority").contains(&Code::UnknownCa));
    /// assert_eq!(Code::seen_as("tls: client didn't provide a certificate"), [Code::NoClientCertificate]);
    /// ```
    pub const fn also_seen_as(self) -> &'static [&'static str] {
        match self {
            Self::UnknownCa => &[
                "certificate signed by unknown authority",
                "Connection rejected with certificate error",
                "Server certificate verification failed",
                "tls: handshake failure",
                "remote error: tls: unknown certificate authority",
                "unable to get local issuer certificate",
                "tlsv1 alert unknown ca",
                "{tls_alert,{unknown_ca,",
            ],
            Self::Expired => &[
                "certificate has expired",
                "certificate has expired or is not yet valid",
                "tls: handshake failure",
                "remote error: tls: expired certificate",
                "{tls_alert,{certificate_expired,",
            ],
            Self::NotYetValid => &["certificate is not yet valid", "certificate has expired or is not yet valid"],
            Self::NameMismatch => &[
                "certificate is valid for X, not Y",
                "SNI mismatch",
                "tls: handshake failure",
                "certificate relies on legacy Common Name field, use SANs instead",
                "cannot validate certificate because it doesn't contain any IP SANs",
                "hostname_check_failed",
                "Hostname mismatch, certificate is not valid for",
            ],
            Self::WrongUsage => &["certificate specifies an incompatible key usage", "unsuitable certificate purpose"],
            Self::NoClientCertificate => &[
                "client didn't provide a certificate",
                "tls: handshake failure",
                "remote error: tls: certificate required",
                "peer did not return a certificate",
                "{tls_alert,{certificate_required,",
            ],
            Self::SelfSigned => &["certificate signed by unknown authority", "self-signed certificate", "selfsigned_peer"],
            Self::MissingIntermediate => &["certificate signed by unknown authority", "unable to verify the first certificate"],
            Self::VersionMismatch => &[
                "tls: handshake failure",
                "remote error: tls: protocol version not supported",
                "client offered only unsupported versions",
                "server selected unsupported protocol version",
                "tlsv1 alert protocol version",
                "{tls_alert,{protocol_version,",
            ],
            Self::NoCommonSuite => &["tls: handshake failure", "no shared cipher", "{tls_alert,{handshake_failure,"],
            Self::KeyMismatch => &["private key does not match public key", "key values mismatch"],
            Self::MalformedCertificate => &["malformed certificate", "bad base64 decode", "asn1 encoding routines"],
            Self::InvalidTlsConfiguration => &["ErrInvalidTLSConfiguration"],
            Self::Revoked => &["certificate revoked", "remote error: tls: revoked certificate", "{tls_alert,{certificate_revoked,"],
            Self::PlaintextPeer => &["first record does not look like a TLS handshake", "wrong version number", "EOF"],
            Self::TlsPeerOnPlainPort => &["EOF", "unexpected message"],
            Self::PeerClosed => &["EOF", "connection reset by peer", "ErrNoRoute"],
            Self::Timeout => &["i/o timeout", "context deadline exceeded", "EOF"],
            Self::Unreachable => &["connection refused", "no route to host", "econnrefused", "no such host", "nxdomain", "ErrNoRoute"],
            Self::BadCertificate => &["remote error: tls: bad certificate", "Connection rejected with certificate error"],
            Self::CertificateUnknown => &["remote error: tls: unknown certificate", "Connection rejected with certificate error"],
            Self::StaleCertificate => &["Certificate rotation not taking effect"],
            Self::RestartRequired => &["CA pool changes not taking effect"],
            Self::CookieMismatch => &["Connection attempt from node rejected. Invalid challenge reply", "invalid cookie"],
            Self::NotAllowed => &["not_allowed", "Connection attempt from disallowed node"],
            _ => &[],
        }
    }

    /// The codes that a text of another program may stand for.
    pub fn seen_as(text: &str) -> Vec<Self> {
        let says = |code: &&Self| code.also_seen_as().iter().any(|phrase| is_said_in(phrase, text));
        Self::ALL.iter().filter(says).copied().collect()
    }
}

/// How others say that a file holds no PEM, or not the kind that is wanted.
pub const WITHOUT_PEM: &[&str] = &["failed to find any PEM data in certificate input", "no start line", "bad_cert_file"];

/// Whether a text says this. From `X` on it is names.
///
/// ```
/// use countersign::failure::seen::is_said_in;
///
/// assert!(is_said_in("certificate is valid for X, not Y", "x509: certificate is valid for a.example, not b.example"));
/// ```
pub fn is_said_in(phrase: &str, text: &str) -> bool {
    text.contains(phrase.split_once(" X,").map_or(phrase, |(before, _)| before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_another_program_leads_to_its_code() {
        assert_eq!(Code::seen_as("Error: x509: certificate is valid for a.example, not b.example"), [Code::NameMismatch]);
        assert_eq!(Code::seen_as("tls: client didn't provide a certificate"), [Code::NoClientCertificate]);
        assert_eq!(Code::seen_as("all is well"), []);
    }
}
