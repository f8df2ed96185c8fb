//! Every mistake names its file, its place and its cure.

use crate::world::World;
use countersign::config::Config;
use countersign::failure::Failure;
use std::error::Error;
use std::fmt::Write;
use std::path::Path;

/// The document, and how it is answered: the sentence, and how the hint begins.
type Case = (&'static str, &'static str, &'static str);

const DOCUMENTS: &[Case] = &[
    ("", "line 1: not JSON: EOF while parsing a value (column 0)", "look at the end of the line before"),
    ("{\n \"acceptors\": [],,\n}", "line 2: not JSON: key must be a string (column 18)", "look at the end of the line before"),
    (r#"{"tls": null}"#, "line 1: missing field `node`", "priv/schema.json"),
    (r#"{"node": {}, "tls": null}"#, "line 1: node: missing field `name`", "priv/schema.json"),
    (
        "{\"node\": {\n\"nane\": \"a@localhost\"}}",
        "line 2: node.nane: unknown field `nane`, expected one of `name`, `cookie`, `visibility`, `mode`, `idle_seconds`, `admins`, `name_giving`, `setup_seconds`, `connect_seconds`, `handshake_seconds`, `withhold`, `keep_alive`, `send_timeout_seconds`, `trace_control`, `judge_seconds`, `expired`",
        "priv/schema.json",
    ),
    (r#"{"node": {"name": "a@localhost"}}"#, "tls: it is not said whether links are encrypted", "give it a certificate"),
    (r#"{"node": {"name": "a"}, "tls": null}"#, "node.name: the name of a node is name@host, and there is no @", "write name@host"),
    (
        r#"{"node": {"name": "a@localhost", "cookie": 4711}, "tls": null}"#,
        "line 1: node.cookie: this is an integer, and not a string, {\"file\": …} or {\"env\": …}",
        "priv/schema.json",
    ),
    (
        r#"{"node": {"name": "a@localhost", "cookie": {"path": "x"}}, "tls": null}"#,
        "line 1: node.cookie.path: unknown variant `path`, expected `file` or `env`",
        "priv/schema.json",
    ),
    (
        r#"{"node": {"name": "a@localhost", "visibility": "seen"}, "tls": null}"#,
        "node.visibility: \"seen\" is none of hidden, visible",
        "write one of these words",
    ),
    (
        r#"{"node": {"name": "a@localhost", "admins": ["a@localhost", "b"]}, "tls": null}"#,
        "node.admins[1]: the name of a node is name@host, and there is no @",
        "write name@host",
    ),
    (
        r#"{"node": {"name": "a@localhost", "setup_seconds": 0}, "tls": null}"#,
        "node.setup_seconds: 0 is not a number from 1 to 120",
        "choose a number",
    ),
    (
        r#"{"node": {"name": "a@localhost", "mode": "active"}, "tls": null}"#,
        "node.mode: \"active\" is none of listen_and_dial, passive, outgoing_only",
        "write one of these words",
    ),
    (
        r#"{"node": {"name": "a@localhost", "mode": "passive", "visibility": "visible"}, "tls": null}"#,
        "node.visibility: it means nothing when the mode is passive: such a node announces nothing",
        "take it out",
    ),
    (
        r#"{"node": {"name": "a@localhost", "mode": "outgoing_only"}, "tls": null, "acceptors": [{}]}"#,
        "acceptors: it means nothing when the mode is outgoing_only: nothing listens",
        "take it out",
    ),
    (
        r#"{"node": {"name": "a@localhost", "mode": "passive"}, "tls": null, "acceptors": [{}, {"registered": true}]}"#,
        "acceptors[1].registered: it means nothing when the mode is passive: such a node announces nothing",
        "take it out",
    ),
    (
        r#"{"node": {"name": "a@localhost", "mode": "passive"}, "tls": null, "acceptors": [{"announce_port": 1}]}"#,
        "acceptors[0].announce_port: it means nothing when the mode is passive: such a node announces nothing",
        "take it out",
    ),
    (
        r#"{"node": {"name": "a@localhost", "mode": "outgoing_only"}, "tls": null, "epmd": {"addresses": ["::1"]}}"#,
        "epmd.addresses: it means nothing when the mode is outgoing_only: such a node announces nothing",
        "take it out",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "cluster": {"seeds": ["b@localhost", "b"]}}"#,
        "cluster.seeds[1]: the name of a node is name@host, and there is no @",
        "write name@host",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "cluster": {"seeds": ["a@localhost", "b@localhost", "b@localhost"], "quorum": {"seeds": 2}}}"#,
        "cluster.quorum.seeds: 2 is not a number from 0 to 1",
        "choose a number",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "cluster": {"quorum": {"seeds": 0, "otherwise": "ask"}}}"#,
        "cluster.quorum.otherwise: \"ask\" is none of fail, warn",
        "write one of these words",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "cluster": {"reconnect": {"first_seconds": 9, "most_seconds": 8}}}"#,
        "cluster.reconnect.first_seconds: 9 is not a number from 1 to 8",
        "choose a number",
    ),
    (
        r#"{"node": {"name": "a@localhost", "idle_seconds": 99999999}, "tls": null}"#,
        "node.idle_seconds: 99999999 is not a number from 0 to 31622400",
        "choose a number",
    ),
    (r#"{"node": {"name": "a@localhost"}, "tls": "secret"}"#, "line 1: tls: this is a string, and not an object", "priv/schema.json"),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "acceptors": [{}, {"port": 70000}]}"#,
        "line 1: acceptors[1].port: this is an integer, and not a whole number from 0 to 65535",
        "priv/schema.json",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "acceptors": [{"port": 65535, "port_range": 2}]}"#,
        "acceptors[0].port_range: 2 is not a number from 1 to 1",
        "choose a number",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "acceptors": [{"host": "local host"}]}"#,
        "acceptors[0].host: \"local host\" is neither an address nor the name of a host",
        "write an address of this machine",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": {"dir": "mounted"}, "acceptors": [{"tls": null}]}"#,
        "acceptors[0].tls: the node has a certificate, and it is not said that plain TCP is meant here",
        "leave tls out here",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "acceptors": [{"tls": {"dir": "mounted"}, "danger_plaintext": true}]}"#,
        "acceptors[0].danger_plaintext: it means nothing when tls names a certificate here",
        "take it out",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": {"dir": "mounted"}, "acceptors": [{"tls": {"pins": []}, "danger_plaintext": true}]}"#,
        "acceptors[0].tls.pins: it means nothing when plain TCP is spoken here: nobody shows a certificate",
        "take it out",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "routes": [{"match": "b@localhost", "tls": {"rotation": "handover"}}]}"#,
        "routes[0].tls.rotation: it means nothing when plain TCP is spoken here: nobody shows a certificate",
        "take it out",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "acceptors": [{"registered": true}, {}, {"registered": true}]}"#,
        "acceptors[2].registered: two acceptors are to be registered, and an epmd knows one port of a node",
        "leave registered out",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "acceptors": [{"announce_port": 1}, {"announce_port": 2}]}"#,
        "acceptors[1].announce_port: port 2 is to be announced, and its acceptor is not the one that is registered",
        "say registered there",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "acceptors": [{"announce_port": 0}]}"#,
        "acceptors[0].announce_port: 0 is not a number from 1 to 65535",
        "choose a number",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "acceptors": [{"networks": ["10.0.0.0/8", "10.0.0.1/8"]}]}"#,
        "acceptors[0].networks[1]: 10.0.0.1 is not where a network of 8 bits begins: that is 10.0.0.0",
        "write networks as",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "acceptors": [{"networks": []}]}"#,
        "acceptors[0].networks: nobody could connect from none",
        "name those",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "acceptors": [{"link": {"withhold": ["SPAWN", "MAP_TAG"]}}]}"#,
        "acceptors[0].link.withhold[1]: \"MAP_TAG\" is none of PUBLISHED, DIST_HDR_ATOM_CACHE, SEND_SENDER, EXIT_PAYLOAD, FRAGMENTS, UNLINK_ID, SPAWN",
        "write one of these words",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "acceptors": [{"link": {"send_timeout_seconds": 0}}]}"#,
        "acceptors[0].link.send_timeout_seconds: 0 is not a number from 1 to 86400",
        "choose a number",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "acceptors": [{"limits": {"linger_milliseconds": 60001}}]}"#,
        "acceptors[0].limits.linger_milliseconds: 60001 is not a number from 0 to 60000",
        "choose a number",
    ),
    (
        r#"{"node": {"name": "a@localhost", "keep_alive": {"idle_seconds": 60, "interval_seconds": 40000, "probes": 6}}, "tls": null}"#,
        "node.keep_alive: 40000s is not a number of whole seconds from 1 to 32767",
        "choose numbers",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": {"dir": "mounted"}, "acceptors": [{"tls": {"client_auth": "none"}}]}"#,
        "acceptors[0].tls.cert: neither cert, cert_pem nor dir says which certificate to present",
        "name its files",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "epmd": {"mode": "on"}}"#,
        "epmd.mode: \"on\" is none of auto, at, off",
        "write one of these words",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "epmd": {"mode": "off", "port": 1}}"#,
        "epmd.port: it means nothing when the mode is off",
        "take it out",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "epmd": {"mode": "at", "addresses": []}}"#,
        "epmd.addresses: it means nothing when the mode is at: somebody else runs that epmd",
        "take it out",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "tick": {"intensity": 3}}"#,
        "tick.intensity: 3 is not a number from 4 to 1000",
        "choose a number",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "limits": {"mailbox": 0}}"#,
        "limits.mailbox: 0 is not a number from 1 to 18446744073709551615",
        "choose a number",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "limits": {"overflow": "drop"}}"#,
        "limits.overflow: \"drop\" is none of report, exit",
        "write one of these words",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "acceptors": [{}, {"tls": {"deny": ["x@localhost"]}}]}"#,
        "acceptors[1].tls.deny[0]: \"x@localhost\" names nobody: it begins with none of node:, dns:, ip:, uri:, cn:",
        "begin with a kind",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "routes": [{"match": "b@localhost", "tls": {"allow": ["node:**@h"]}}]}"#,
        "routes[0].tls.allow[0]: \"node:**@h\" names nobody: two * stand side by side",
        "write it as node:db-1@db.internal",
    ),
];

const TLS: &[Case] = &[
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

/// The route of a node with a certificate.
const ROUTES: &[Case] = &[
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

const COOKIES: &[Case] = &[
    (r#"" ""#, "node.cookie: the cookie is empty", "put a long random word"),
    (r#"{"file": "empty"}"#, "node.cookie: the cookie is empty", "put a long random word"),
    (r#"{"file": "open-cookie"}"#, "node.cookie: open-cookie: the cookie can be read by others (mode 0644)", "chmod 600 open-cookie"),
    (r#"{"file": "none"}"#, "node.cookie: none: the cookie cannot be read | No such file or directory (os error 2)", "check the path"),
    (r#"{"file": "certs"}"#, "node.cookie: certs: the cookie cannot be read | invalid input parameter", "check the path"),
    (r#"{"env": "COUNTERSIGN_NOT_SET"}"#, "node.cookie: the environment variable COUNTERSIGN_NOT_SET is not set", "set it"),
];

#[test]
fn every_mistake_names_its_place_and_its_cure() {
    let document = |json: &str| json.to_owned();
    let tls = |tls: &str| format!(r#"{{"node": {{"name": "a@localhost"}}, "tls": {tls}}}"#);
    let cookie = |cookie: &str| format!(r#"{{"node": {{"name": "a@localhost", "cookie": {cookie}}}, "tls": null}}"#);
    let route = |route: &str| format!(r#"{{"node": {{"name": "a@localhost"}}, "tls": {{"dir": "mounted"}}, "routes": [{route}]}}"#);
    let world = World::new();
    let first = [check(&world, DOCUMENTS, document), check(&world, TLS, tls)];
    let wrong = [&first[..], &[check(&world, COOKIES, cookie), check(&world, ROUTES, route)]].concat().concat();
    assert!(wrong.is_empty(), "{wrong}");
}

/// What differs from the table, for all cases at once.
fn check(world: &World, cases: &[Case], whole: impl Fn(&str) -> String) -> String {
    let mut wrong = String::new();
    for (json, sentence, hint) in cases {
        let Err(error) = world.read(&whole(json)) else {
            writeln!(wrong, "accepted: {json}").unwrap();
            continue;
        };
        let said = world.neutral(&steady(&in_full(&error)));
        let advised = world.neutral(error.hint().as_str());
        if said != format!("countersign.json: {sentence}") || !advised.starts_with(hint) {
            writeln!(wrong, "{json}\n  said    {said}\n  wanted  countersign.json: {sentence}\n  advised {advised}").unwrap();
        }
    }
    wrong
}

fn in_full(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error} | {}", in_full(cause)))
}

/// Fingerprints differ from run to run.
fn steady(text: &str) -> String {
    text.split(' ').map(|word| if word.len() > 60 && word.contains(':') { "HEX)" } else { word }).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Config::from_file(Path::new("nowhere/countersign.json")).unwrap_err();
    assert_eq!(in_full(&error), "nowhere/countersign.json: the file cannot be read | No such file or directory (os error 2)");
}

#[test]
fn no_error_repeats_a_secret_that_stands_in_a_wrong_place() {
    let world = World::new();
    for json in [
        r#"{"node": "s3cr3t", "tls": null}"#,
        r#"{"node": {"name": "a@localhost", "cookie": ["s3cr3t"]}, "tls": "s3cr3t"}"#,
        r#"{"node": {"name": "a@localhost"}, "tls": {"cert_pem": "s3cr3t", "key_pem": "s3cr3t"}}"#,
        r#"{"node": {"name": "a@localhost"}, "tls": "a, expected s3cr3t"}"#,
    ] {
        let error = world.read(json).unwrap_err();
        assert!(!in_full(&error).contains("s3cr3t") && !format!("{error:?}").contains("s3cr3t"), "{error:?}");
    }
}
