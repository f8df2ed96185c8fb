//! Mistakes in a route of a node that has a certificate.

use super::Case;

pub(crate) const ROUTES: &[Case] = &[
    (
        r#"{"match": "b@localhost", "tls": {"watch": true}}"#,
        "routes[0].tls.watch: it means nothing when no certificate is named here",
        "take it out",
    ),
    (r#"{"port": 1}"#, "line 1: routes[0]: missing field `match`", "priv/schema.json"),
    (
        r#"{"match": "b"}"#,
        "routes[0].match: without a star it is to be a whole name: the name of a node is name@host, and there is no @",
        "write a name (db-1@internal)",
    ),
    (r#"{"match": "^("}"#, "routes[0].match: not a regular expression: found open group without closing ')'", "write a name"),
    (r#"{"match": "*", "weight": 1.5}"#, "line 1: routes[0].weight: this is a number with a fraction, and not a whole number", "priv/"),
    (r#"{"match": "*", "port": 0}"#, "routes[0].port: 0 is not a number from 1 to 65535", "choose a number"),
    (r#"{"match": "*", "port": 1, "epmd": 2}"#, "routes[0].epmd: port says the same, and both are given", "keep the one"),
    (
        r#"{"match": "*", "tls": null}"#,
        "routes[0].tls: the node has a certificate, and it is not said that plain TCP is meant here",
        "leave tls out here",
    ),
    (
        r#"{"match": "*", "tls": {"root_ca": "certs/ca.crt"}}"#,
        "routes[0].tls.cert: neither cert, cert_pem nor dir says which certificate to present",
        "name its files",
    ),
    (
        r#"{"match": "*", "tls": {"dir": "mounted"}, "danger_plaintext": true}"#,
        "routes[0].danger_plaintext: it means nothing when tls names a certificate here",
        "take it out",
    ),
    (
        r#"{"match": "*", "tls": {"server_name": "db"}, "danger_plaintext": true}"#,
        "routes[0].tls.server_name: it means nothing when the route speaks plain TCP",
        "take it out",
    ),
    (
        r#"{"match": "*", "tls": {"pins": []}, "danger_plaintext": true}"#,
        "routes[0].tls.pins: it means nothing when plain TCP is spoken here: nobody shows a certificate",
        "take it out",
    ),
    (
        r#"{"match": "*", "identity": "db", "danger_insecure_skip_verify": true}"#,
        "routes[0].identity: it means nothing when nobody verifies who answers",
        "take it out",
    ),
    (
        r#"{"match": "*", "identity": "*.internal"}"#,
        "routes[0].identity: \"*.internal\" is neither a URI, nor the name of a node, nor a host name or address",
        "write a URI",
    ),
    (
        r#"{"match": "*", "tls": {"pins": ["00:01"]}}"#,
        "routes[0].tls.pins[0]: \"00:01\" is not a SHA-256 fingerprint: 64 hexadecimal digits, with or without colons",
        "write the SHA-256 of the public key, or of the certificate",
    ),
    (
        r#"{"match": "*", "link": {"withhold": ["MAP_TAG"]}}"#,
        "routes[0].link.withhold[0]: \"MAP_TAG\" is none of PUBLISHED, DIST_HDR_ATOM_CACHE, SEND_SENDER, EXIT_PAYLOAD, FRAGMENTS, UNLINK_ID, SPAWN",
        "write one of these words",
    ),
    (r#"{"match": "*", "handshake_seconds": 121}"#, "routes[0].handshake_seconds: 121 is not a number from 1 to 120", "choose a number"),
    (r#"{"match": "*", "deadline_seconds": 0}"#, "routes[0].deadline_seconds: 0 is not a number from 1 to 600", "choose a number"),
    (
        r#"{"match": "*", "tls": {"server_name": "a b"}}"#,
        "routes[0].tls.server_name: \"a b\" is neither a host name nor an address",
        "write the name",
    ),
];
