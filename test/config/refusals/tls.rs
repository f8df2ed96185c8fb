//! Mistakes in the section `tls`.

use super::Case;

pub(crate) const TLS: &[Case] = &[
    ("{}", "tls: neither cert, cert_pem nor dir says which certificate to present", "name its files"),
    (r#"{"root_ca": "certs/ca.crt"}"#, "tls.cert: neither cert, cert_pem nor dir says which certificate to present", "name its files"),
    (
        r#"{"cert": "certs/a.crt", "key": "certs/a.key"}"#,
        "tls.root_ca: neither root_ca, root_ca_pem nor dir says who vouches for the nodes that are dialled",
        "\"root_ca\" is",
    ),
    (
        r#"{"cert": "certs/a.crt", "key": "certs/a.key", "root_ca": "certs/ca.crt"}"#,
        "tls.client_auth: it is not said what is asked of those who dial",
        "give client_ca",
    ),
    (
        r#"{"cert": "certs/a.crt", "key": "certs/a.key", "root_ca": "certs/ca.crt", "client_auth": "verify_if_given"}"#,
        "tls.client_ca: client_auth is verify_if_given, and neither client_ca, client_ca_pem nor dir says who vouches for those who dial",
        "\"client_ca\" is",
    ),
    (
        r#"{"dir": "mounted", "client_auth": "require"}"#,
        "tls.client_auth: \"require\" is none of none, request, require_any, verify_if_given, require_and_verify",
        "write one of these words",
    ),
    (r#"{"dir": "mounted", "key": "certs/a.key"}"#, "tls.key: dir says the same, and both are given", "keep the one"),
    (
        r#"{"cert": "certs/a.crt", "cert_pem": "x", "key": "certs/a.key"}"#,
        "tls.cert: cert_pem says the same, and both are given",
        "keep the one",
    ),
    (r#"{"dir": "elsewhere"}"#, "tls.dir: elsewhere/tls.crt: cannot be read | No such file or directory (os error 2)", "check the path"),
    (
        r#"{"cert": "missing.crt", "key": "certs/a.key"}"#,
        "tls.cert: missing.crt: cannot be read | No such file or directory (os error 2)",
        "check the path",
    ),
    (
        r#"{"cert": "certs/a.crt", "key": "missing.key"}"#,
        "tls.key: missing.key: cannot be read | No such file or directory (os error 2)",
        "check the path",
    ),
    (
        r#"{"cert": "certs/a.crt", "key": "open.key"}"#,
        "tls.key: open.key: the private key can be read by others (mode 0644)",
        "chmod 600 open.key",
    ),
    (r#"{"cert": "certs/a.crt"}"#, "tls.cert: certs/a.crt: the private key can be read by others (mode 0644)", "chmod 600"),
    (
        r#"{"cert": "certs/a.crt", "key": "encrypted.key"}"#,
        "tls.key: encrypted.key, block 1 (line 1): the private key is encrypted with a passphrase",
        "decrypt it once",
    ),
    (
        r#"{"cert": "certs/a.crt", "key": "certs/b.key"}"#,
        "tls.key: certs/a.crt: the private key does not belong to the certificate CN=a (its public key is SHA-256 HEX)",
        "pair the certificate with the key",
    ),
    (
        r#"{"cert": "certs/a.key", "key": "certs/a.key"}"#,
        "tls.cert: certs/a.key: no certificate in it (one block of another kind)",
        "is it the right file?",
    ),
    (
        r#"{"cert": "certs/a.crt", "key": "certs/a.key", "root_ca": "certs/b.crt"}"#,
        "tls.root_ca: certs/b.crt, block 1 (line 1): CN=b is not a certificate authority: it lacks basicConstraints CA:TRUE",
        "give the CA's certificate here",
    ),
    (r#"{"cert_pem": "${COUNTERSIGN_NOT_SET}"}"#, "tls.cert_pem: the environment variable COUNTERSIGN_NOT_SET is not set", "set it"),
    (r#"{"cert_pem": "${A"}"#, "tls.cert_pem: a variable is written as ${NAME}, and here one does not end", "close it"),
    (r#"{"cert_pem": "none"}"#, "tls.cert_pem: inline: no certificate in it (no PEM block at all)", "PEM is expected"),
    (r#"{"dir": "mounted", "server_name": "a b"}"#, "tls.server_name: \"a b\" is neither a host name nor an address", "write the name"),
    (
        r#"{"dir": "mounted", "crl": ["crl.pem"]}"#,
        "tls.crl: crl.pem: cannot be read | No such file or directory (os error 2)",
        "check the path",
    ),
    (
        r#"{"dir": "mounted", "crl": ["certs/a.crt"]}"#,
        "tls.crl: certs/a.crt: no revocation list in it (one block of another kind)",
        "is it the right file?",
    ),
    (r#"{"dir": "mounted", "crl_policy": "deny_unknown"}"#, "tls.crl_policy: it means nothing when crl names no lists here", "take it out"),
    (
        r#"{"dir": "mounted", "crl": [], "crl_policy": "maybe"}"#,
        "tls.crl_policy: \"maybe\" is none of deny_unknown, allow_unknown",
        "write one of these words",
    ),
    (
        r#"{"dir": "mounted", "pins": ["AB"]}"#,
        "tls.pins[0]: \"AB\" is not a SHA-256 fingerprint: 64 hexadecimal digits, with or without colons",
        "write the SHA-256 of the public key",
    ),
    (r#"{"dir": "mounted", "min_version": "1.1"}"#, "tls.min_version: \"1.1\" is none of 1.2, 1.3", "write one of these words"),
    (
        r#"{"dir": "mounted", "identity": "maybe"}"#,
        "tls.identity: \"maybe\" is none of off, danger_wildcard_host, host, strict",
        "write one of these words",
    ),
    (
        r#"{"dir": "mounted", "allow": ["node:*@localhost", "localhost"]}"#,
        "tls.allow[1]: \"localhost\" names nobody: it begins with none of node:, dns:, ip:, uri:, cn:",
        "begin with a kind: node:*@db.internal, dns:*.db.internal",
    ),
    (
        r#"{"dir": "mounted", "deny": ["ip:10.0.0.1/8"]}"#,
        "tls.deny[0]: \"ip:10.0.0.1/8\" names nobody: it has bits behind those that count",
        "write it as ip:10.1.2.3, ip:10.0.0.0/8",
    ),
    (
        r#"{"dir": "mounted", "deny": ["dns:*"]}"#,
        "tls.deny[0]: \"dns:*\" names nobody: its * is not the whole left-most label",
        "write it as dns:db-1.internal or dns:*.db.internal",
    ),
    (
        r#"{"dir": "mounted", "allow": ["dns:10.0.0.1"]}"#,
        "tls.allow[0]: \"dns:10.0.0.1\" names nobody: it is an address, and no host name",
        "write it as ip:10.0.0.0/8",
    ),
    (
        r#"{"dir": "mounted", "allow": ["uri:spiffe://Example.org/db"]}"#,
        "tls.allow[0]: \"uri:spiffe://Example.org/db\" names nobody: it is no URI in its normal form",
        "write it as uri:erl:db-1@db.internal or uri:spiffe://example.org",
    ),
    (
        r#"{"dir": "mounted", "allow": ["node:db-1"]}"#,
        "tls.allow[0]: \"node:db-1\" names nobody: the name of a node is name@host, and there is no @",
        "write it as node:db-1@db.internal",
    ),
    (r#"{"dir": "mounted", "allow": ["cn:"]}"#, "tls.allow[0]: \"cn:\" names nobody: it is empty", "write it as cn:backup"),
    (r#"{"dir": "mounted", "allow": "node:a@b"}"#, "line 1: tls.allow: this is a string, and not an array", "priv/schema.json"),
    (
        r#"{"dir": "mounted", "spiffe": "spiffe://Example.org/{name}"}"#,
        "tls.spiffe: \"spiffe://Example.org/{name}\" makes no SPIFFE ids: a trust domain has small letters, digits, dots, hyphens and underscores, and at most 255 of them",
        "write it as spiffe://example.org/node/{host}/{name}",
    ),
    (
        r#"{"dir": "mounted", "spiffe": "spiffe://example.org/{host}"}"#,
        "tls.spiffe: \"spiffe://example.org/{host}\" makes no SPIFFE ids: it has no {name}",
        "write it as spiffe://example.org/node/{host}/{name}",
    ),
    (r#"{"dir": "mounted", "rotation": "renew"}"#, "tls.rotation: \"renew\" is none of keep, close, handover", "write one of these words"),
    (
        r#"{"dir": "mounted", "rotation": "handover", "rotation_otherwise": "handover"}"#,
        "tls.rotation_otherwise: \"handover\" is none of keep, close",
        "write one of these words",
    ),
    (
        r#"{"dir": "mounted", "rotation": "close", "rotation_otherwise": "keep"}"#,
        "tls.rotation_otherwise: it means nothing when the rotation is no handover",
        "take it out",
    ),
    (
        r#"{"dir": "mounted", "rotation_otherwise": "keep"}"#,
        "tls.rotation_otherwise: it means nothing when the rotation is no handover",
        "take it out",
    ),
];
