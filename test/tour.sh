#!/usr/bin/env bash
# tour.sh BINARY - walks through a certificate's life and a node's with the given countersign, in a directory
# of its own, and stops at the first step whose exit code or output is not what the manual promises.
set -euo pipefail

if [ $# != 1 ] || [ ! -x "$1" ]; then
    echo "usage: $0 BINARY" >&2
    exit 2
fi
binary=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
world=$(mktemp -d)
node=
tidy_up() {
    if [ -n "$node" ]; then kill "$node" 2>/dev/null || true; fi
    rm -rf "$world"
}
trap tidy_up EXIT
cd "$world"
steps=0

# expect CODE WORD ARGUMENTS…: the step exits with CODE, and stdout or stderr has WORD in it.
expect() {
    local code=$1 word=$2 output status=0
    shift 2
    output=$("$binary" "$@" 2>&1 </dev/null) || status=$?
    if [ "$status" != "$code" ] || ! grep -qF -- "$word" <<<"$output"; then
        printf 'FAILED: countersign %s\n  wanted exit code %s and "%s", got exit code %s and:\n%s\n' \
            "$*" "$code" "$word" "$status" "$output" >&2
        exit 1
    fi
    steps=$((steps + 1))
    printf 'ok  exit %s  %-18s countersign %s\n' "$status" "${word:-}" "$*"
}

# be_true WHAT COMMAND…: the command succeeds.
be_true() {
    local what=$1
    shift
    if ! "$@"; then
        echo "FAILED: $what" >&2
        exit 1
    fi
    steps=$((steps + 1))
    echo "ok  $what"
}

fingerprint() { "$binary" cert fingerprint "$1"; }
mode() { stat -c %a "$1" 2>/dev/null || stat -f %Lp "$1"; }
# said WORD FILE: the file has the word in it, now or within ten seconds.
said() { for _ in {1..100}; do if grep -qF -- "$1" "$2"; then return; fi; sleep 0.1; done; return 1; }
nobody_listens() { ! (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
free_port() { local port; while port=$((20000 + RANDOM)) && ! nobody_listens "$port"; do :; done; echo "$port"; }
differ() { [ "$1" != "$2" ]; }

# A CA, a node and a caller.
expect 0 '' cert ca -n tour-ca -o pki
expect 0 '' cert agent -n a --dns localhost --ip 127.0.0.1 --ca pki -o pki
expect 0 '' cert client -n caller --ca pki -o pki
expect 0 '' cert ca -n stranger -o elsewhere
be_true 'the keys are readable by their owner alone' [ "$(mode pki/ca.key) $(mode pki/a.key)" = '600 600' ]

# Looked at.
expect 0 localhost cert inspect pki/a.crt
expect 0 '"' cert inspect pki/a.crt --json
expect 0 fits cert inspect pki/a.crt
expect 0 'private key' cert inspect pki/a.key
expect 0 caller.crt cert list pki
expect 0 : cert fingerprint pki/a.crt

# Judged: 0 accepted, 1 refused with the code, 2 a file that cannot be read or wrong usage.
expect 0 '' cert verify pki/a.crt --ca pki/ca.crt --name localhost --usage server
expect 0 '' cert verify pki/a.crt --ca pki/ca.crt --usage client
expect 0 '' cert verify pki/caller.crt --ca pki/ca.crt --usage client
expect 0 'accepted with the key' cert verify --ca pki pki/a.crt --key pki/a.key
expect 1 key_mismatch cert verify pki/a.crt --ca pki --key pki/caller.key
expect 1 name_mismatch cert verify pki/a.crt --ca pki/ca.crt --name elsewhere.example
expect 1 unknown_ca cert verify pki/a.crt --ca elsewhere/ca.crt --name localhost
expect 1 wrong_usage cert verify pki/caller.crt --ca pki/ca.crt --usage server
expect 1 expired cert verify pki/a.crt --ca pki/ca.crt --name localhost --at 2199-01-01T00:00:00Z
expect 1 not_yet_valid cert verify pki/a.crt --ca pki/ca.crt --name localhost --at 2001-01-01T00:00:00Z
expect 2 missing.crt cert verify missing.crt --ca pki/ca.crt
expect 2 --no-such-flag cert verify pki/a.crt --no-such-flag

# Renewed: another certificate, as good as the first.
before=$(fingerprint pki/a.crt)
expect 0 '' cert renew pki/a.crt --ca pki
be_true 'the renewed certificate is another one' differ "$before" "$(fingerprint pki/a.crt)"
expect 0 '' cert verify pki/a.crt --ca pki/ca.crt --name localhost

# Revoked: refused once the list is asked; others are not touched.
expect 0 '' cert revoke pki/a.crt --ca pki
expect 0 '' cert crl --ca pki
expect 0 'revocation list' cert inspect pki/crl.pem
expect 1 revoked cert verify pki/a.crt --ca pki/ca.crt --name localhost --crl pki/crl.pem
expect 0 '' cert verify pki/caller.crt --ca pki/ca.crt --usage client --crl pki/crl.pem

# Two nodes, a rotation and an impostor, and nothing left of them.
expect 0 'no process, no file and no port is left' demo

# A configuration: all that is wrong with it, and what is in force.
echo '{ "node": { "nane": "a@localhost" }, "tls": null, "tick": { "seconds": 0 } }' >wrong.json
expect 2 'was name meant?' config check wrong.json
expect 2 tick.seconds config check wrong.json
echo '{ "node": { "name": "a@localhost", "cookie": "secret" }, "tls": null }' >node.json
chmod 600 node.json
expect 0 'a@localhost can start with it' config check node.json
expect 0 '(hidden)' config show node.json

# A node of its own CA: started, asked, and stopped as a peer.
export COUNTERSIGN_DEV_DIR=$world/dev ERL_EPMD_PORT
ERL_EPMD_PORT=$(free_port)
expect 2 'no development directory' ping
"$binary" start --port 0 >started 2>log </dev/null &
node=$!
be_true 'a node starts, and says how an Erlang shell joins it' said net_adm:ping started
be_true 'its cookie and its key are readable by their owner alone' \
    [ "$(mode dev/.erlang.cookie) $(mode dev/dev@localhost.key)" = '600 600' ]
expect 0 dev names
expect 0 'answered in' ping
expect 0 '"not_after"' status --json
expect 0 'sent to' send dev@localhost countersign '{"hello": 1}'
expect 1 'no process' send dev@localhost nobody 1
expect 1 unreachable ping nobody@localhost

# Its certificates looked at, and taken again from their files.
expect 0 'nothing is wrong' doctor
expect 0 'its cookie is ours' doctor --peer dev@localhost
expect 1 unreachable doctor --peer localhost:1
expect 0 unchanged rotate --dry-run
expect 0 dev@localhost rotate
expect 0 'source ' status
expect 0 'stopped dev@localhost' stop
be_true 'the node has ended, and well' wait "$node"
node=
expect 1 unreachable ping

echo "tour: $steps steps, all as promised"
