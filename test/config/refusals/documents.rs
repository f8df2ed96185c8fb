//! Mistakes in a whole document: its syntax, its keys, and what its sections say together.

use super::Case;

pub(crate) const DOCUMENTS: &[Case] = &[
    ("", "line 1: not JSON: EOF while parsing a value (column 0)", "look at the end of the line before"),
    ("{\n \"acceptors\": [],,\n}", "line 2: not JSON: key must be a string (column 18)", "look at the end of the line before"),
    (r#"{"tls": null}"#, "node.name: the node has no name", "write name@host"),
    (r#"{"node": {}, "tls": null}"#, "node.name: the node has no name", "write name@host"),
    (
        "{\"node\": {\n\"nane\": \"a@localhost\"}, \"tls\": null}",
        "line 2: node.nane: unknown field `nane`, expected one of `name`, `cookie`, `visibility`, `mode`, `idle_seconds`, `admins`, `name_giving`, `setup_seconds`, `connect_seconds`, `handshake_seconds`, `withhold`, `keep_alive`, `send_timeout_seconds`, `trace_control`, `judge_seconds`, `reload_seconds`, `expired`",
        "was name meant? priv/schema.json",
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
    (
        r#"{"node": {"name": "a@localhost"}, "tls": "secret"}"#,
        "line 1: tls: this is a string, and not an object such as { \"dir\": \"certs\" }",
        "priv/schema.json",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": ["mounted"]}"#,
        "line 1: tls: this is an array, and not an object such as { \"dir\": \"certs\" }",
        "priv/schema.json",
    ),
    (r#"["a@localhost", null]"#, "line 1: this is an array, and not an object such as { \"node\": {}, \"tls\": {} }", "priv/schema.json"),
    (
        r#"{"node": {"name": "a@localhost", "keep_alive": [60, 10, 6]}, "tls": null}"#,
        "line 1: node.keep_alive: this is an array, and not an object such as { \"idle_seconds\": 60, \"interval_seconds\": 10, \"probes\": 6 }",
        "priv/schema.json",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "acceptors": [[null, 15000]]}"#,
        "line 1: acceptors[0]: this is an array, and not an object such as { \"port\": 15000 }",
        "priv/schema.json",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "limits": {"conections": 1}}"#,
        "line 1: limits.conections: unknown field `conections`, expected one of `connections`, `per_ip`, `handshakes`, `silent`, `handshake_seconds`, `linger_milliseconds`, `frame_bytes`, `read`, `send_buffer`, `unread_answers`, `ties_per_peer`, `timers_per_process`, `calls`, `calls_per_peer`, `handovers`, `mailbox`, `overflow`",
        "was connections meant? priv/schema.json",
    ),
    (
        r#"{"node": {"name": "a@localhost", "visibility": "hiden"}, "tls": null}"#,
        "node.visibility: \"hiden\" is none of hidden, visible",
        "was hidden meant? write one of these words",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "acceptors": [{"announce_port": 1}], "epmd": {"mode": "off"}}"#,
        "acceptors[0].announce_port: it means nothing when the mode of epmd is off: nobody is told",
        "take it out",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "acceptors": [{"registered": true}], "epmd": {"mode": "off"}}"#,
        "acceptors[0].registered: it means nothing when the mode of epmd is off: nobody is told",
        "take it out",
    ),
    (
        r#"{"node": {"name": "${COUNTERSIGN_NOT_SET}"}, "tls": null}"#,
        "node.name: the environment variable COUNTERSIGN_NOT_SET is not set",
        "set it",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "routes": [{"match": "b@localhost", "host": "${HOST"}]}"#,
        "routes[0].host: a variable is written as ${NAME}, and here one does not end",
        "close it with }",
    ),
    (
        r#"{"node": {"name": "a@localhost"}, "tls": null, "acceptors": [{}, {"port": 70000}]}"#,
        "line 1: acceptors[1].port: this is an integer out of bounds, and not a whole number from 0 to 65535",
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
