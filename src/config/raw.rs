//! What may stand in a configuration. Unknown keys are refused, and nothing is judged yet but its kind.

mod link;
mod object;
mod said;

pub(super) use link::{Door, KeepAlive, Link, Read};

use super::error::ConfigError;
use super::spot::Spot;
use crate::secret::Secret;
use object::sections;
use said::refuse;
use serde::de::{self, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::fmt;
use std::path::PathBuf;

#[derive(Debug, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub(super) struct Raw {
    /// For editors, which look here for the schema.
    #[serde(default, rename = "$schema")]
    _schema: Option<String>,
    #[serde(default)]
    pub(super) node: Node,
    /// Absent, `null`, or settings: three different things.
    #[serde(default, deserialize_with = "present")]
    pub(super) tls: Option<Option<Tls>>,
    pub(super) acceptors: Option<Vec<Acceptor>>,
    #[serde(default)]
    pub(super) routes: Vec<Route>,
    #[serde(default)]
    pub(super) epmd: Epmd,
    #[serde(default)]
    pub(super) cluster: Cluster,
    #[serde(default)]
    pub(super) tick: Tick,
    #[serde(default)]
    pub(super) limits: Limits,
}

#[derive(Debug, Default, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub(super) struct Node {
    /// A flag or a variable may say it instead.
    pub(super) name: Option<String>,
    pub(super) cookie: Option<Cookie>,
    pub(super) visibility: Option<String>,
    pub(super) mode: Option<String>,
    pub(super) idle_seconds: Option<u64>,
    #[serde(default)]
    pub(super) admins: Vec<String>,
    pub(super) name_giving: Option<String>,
    pub(super) setup_seconds: Option<u64>,
    pub(super) connect_seconds: Option<u64>,
    pub(super) handshake_seconds: Option<u64>,
    #[serde(default)]
    pub(super) withhold: Vec<String>,
    pub(super) keep_alive: Option<KeepAlive>,
    pub(super) send_timeout_seconds: Option<u64>,
    #[serde(default)]
    pub(super) trace_control: bool,
    pub(super) judge_seconds: Option<u64>,
    pub(super) reload_seconds: Option<u64>,
    pub(super) expired: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields, default)]
pub(super) struct Tls {
    pub(super) dir: Option<PathBuf>,
    pub(super) cert: Option<PathBuf>,
    pub(super) cert_pem: Option<Inline>,
    pub(super) key: Option<PathBuf>,
    pub(super) key_pem: Option<Inline>,
    pub(super) root_ca: Option<PathBuf>,
    pub(super) root_ca_pem: Option<Inline>,
    pub(super) client_ca: Option<PathBuf>,
    pub(super) client_ca_pem: Option<Inline>,
    pub(super) client_auth: Option<String>,
    pub(super) server_name: Option<String>,
    pub(super) min_version: Option<String>,
    pub(super) watch: Option<bool>,
    pub(super) identity: Option<String>,
    pub(super) spiffe: Option<String>,
    pub(super) allow: Option<Vec<String>>,
    pub(super) deny: Option<Vec<String>>,
    pub(super) crl: Option<Vec<PathBuf>>,
    pub(super) crl_policy: Option<String>,
    pub(super) pins: Option<Vec<String>>,
    pub(super) rotation: Option<String>,
    pub(super) rotation_otherwise: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields, default)]
pub(super) struct Acceptor {
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) port_range: Option<u16>,
    pub(super) announce_port: Option<u16>,
    pub(super) registered: Option<bool>,
    pub(super) networks: Option<Vec<String>>,
    #[serde(deserialize_with = "present")]
    pub(super) tls: Option<Option<Tls>>,
    pub(super) danger_plaintext: bool,
    pub(super) cookie: Option<Cookie>,
    pub(super) link: Option<Link>,
    pub(super) limits: Option<Door>,
}

#[derive(Debug, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub(super) struct Route {
    #[serde(rename = "match")]
    pub(super) matches: String,
    pub(super) weight: Option<i32>,
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) epmd: Option<u16>,
    #[serde(default)]
    pub(super) discovery: bool,
    #[serde(default, deserialize_with = "present")]
    pub(super) tls: Option<Option<Tls>>,
    #[serde(default)]
    pub(super) danger_plaintext: bool,
    #[serde(default)]
    pub(super) danger_insecure_skip_verify: bool,
    pub(super) identity: Option<String>,
    pub(super) cookie: Option<Cookie>,
    pub(super) connect_seconds: Option<u64>,
    pub(super) handshake_seconds: Option<u64>,
    pub(super) deadline_seconds: Option<u64>,
    pub(super) link: Option<Link>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields, default)]
pub(super) struct Epmd {
    pub(super) mode: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) addresses: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields, default)]
pub(super) struct Cluster {
    pub(super) seeds: Vec<String>,
    pub(super) keep: Vec<String>,
    pub(super) quorum: Option<Quorum>,
    pub(super) reconnect: Reconnect,
}

#[derive(Debug, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub(super) struct Quorum {
    pub(super) seeds: u64,
    pub(super) seconds: Option<u64>,
    pub(super) otherwise: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields, default)]
pub(super) struct Reconnect {
    pub(super) first_seconds: Option<u64>,
    pub(super) most_seconds: Option<u64>,
    pub(super) at_a_time: Option<usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields, default)]
pub(super) struct Tick {
    pub(super) seconds: Option<u64>,
    pub(super) intensity: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields, default)]
pub(super) struct Limits {
    pub(super) connections: Option<usize>,
    pub(super) per_ip: Option<usize>,
    pub(super) handshakes: Option<usize>,
    pub(super) silent: Option<usize>,
    pub(super) handshake_seconds: Option<u64>,
    pub(super) linger_milliseconds: Option<u64>,
    pub(super) frame_bytes: Option<usize>,
    pub(super) read: Read,
    pub(super) send_buffer: Option<usize>,
    pub(super) unread_answers: Option<usize>,
    pub(super) ties_per_peer: Option<usize>,
    pub(super) timers_per_process: Option<usize>,
    pub(super) calls: Option<usize>,
    pub(super) calls_per_peer: Option<usize>,
    pub(super) handovers: Option<usize>,
    pub(super) mailbox: Option<usize>,
    pub(super) overflow: Option<String>,
}

sections! {
    Raw: r#"{ "node": {}, "tls": {} }"#,
    Node: r#"{ "name": "a@localhost" }"#,
    Tls: r#"{ "dir": "certs" }"#,
    Acceptor: r#"{ "port": 15000 }"#,
    Route: r#"{ "match": "b@localhost", "port": 15000 }"#,
    Epmd: r#"{ "mode": "auto" }"#,
    Cluster: r#"{ "seeds": ["b@localhost"] }"#,
    Quorum: r#"{ "seeds": 1 }"#,
    Reconnect: r#"{ "most_seconds": 60 }"#,
    Tick: r#"{ "seconds": 60 }"#,
    Limits: r#"{ "connections": 10000 }"#,
}

impl Limits {
    /// What is for acceptors.
    pub(super) const fn door(&self) -> Door {
        let Self { connections, per_ip, handshakes, silent, handshake_seconds, linger_milliseconds, .. } = *self;
        Door { connections, per_ip, handshakes, silent, handshake_seconds, linger_milliseconds }
    }
}

impl Raw {
    /// Whether a cookie or a key is written out in it.
    pub(super) fn holds_secrets(&self) -> bool {
        let acceptors = || self.acceptors.iter().flatten();
        let cookies = acceptors().map(|acceptor| &acceptor.cookie).chain(self.routes.iter().map(|route| &route.cookie));
        let sections = acceptors().map(|acceptor| &acceptor.tls).chain(self.routes.iter().map(|route| &route.tls));
        let mut cookies = cookies.chain([&self.node.cookie]).flatten();
        let mut sections = sections.chain([&self.tls]).flatten().flatten();
        cookies.any(Cookie::is_written_out) || sections.any(Tls::holds_a_key)
    }
}

impl Tls {
    /// A variable's value stands elsewhere.
    fn holds_a_key(&self) -> bool {
        let texts = [&self.cert_pem, &self.key_pem].into_iter().flatten();
        texts.map(|inline| String::from_utf8_lossy(inline.0.expose())).any(|text| text.contains("PRIVATE KEY"))
    }
}

/// PEM text. It may be a key, so it is wiped.
#[derive(Debug)]
pub(super) struct Inline(pub(super) Secret);

impl<'de> Deserialize<'de> for Inline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text.into_bytes())))
    }
}

/// Where the cookie comes from.
#[derive(Debug)]
pub(super) enum Cookie {
    Plain(Secret),
    File(PathBuf),
    Variable(String),
}

impl Cookie {
    /// What is a variable and nothing else stands elsewhere.
    fn is_written_out(&self) -> bool {
        let Self::Plain(secret) = self else { return false };
        let name = secret.expose().strip_prefix(b"${").and_then(|rest| rest.strip_suffix(b"}"));
        name.is_none_or(|name| name.contains(&b'$'))
    }
}

/// The forms of a cookie that are objects.
#[derive(Deserialize)]
enum Elsewhere {
    #[serde(rename = "file")]
    File(PathBuf),
    #[serde(rename = "env")]
    Variable(String),
}

impl<'de> Deserialize<'de> for Cookie {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CookieVisitor)
    }
}

struct CookieVisitor;

impl<'de> Visitor<'de> for CookieVisitor {
    type Value = Cookie;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(r#"a string, {"file": …} or {"env": …}"#)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Cookie, E> {
        Ok(Cookie::Plain(Secret::new(text.as_bytes().to_vec())))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Cookie, A::Error> {
        Ok(match Elsewhere::deserialize(MapAccessDeserializer::new(map))? {
            Elsewhere::File(path) => Cookie::File(path),
            Elsewhere::Variable(name) => Cookie::Variable(name),
        })
    }
}

/// Tells `null` from a key that is not there.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Reads text: of what is wrong with it the line is known.
pub(super) fn parse(text: &str, top: &Spot<'_>) -> Result<Raw, ConfigError> {
    let mut json = serde_json::Deserializer::from_str(text);
    let raw = of(&mut json, top)?;
    json.end().map_err(|error| refuse(&error, String::new(), top))?;
    Ok(raw)
}

/// The same text as a tree of values, which can be changed.
pub(super) fn value(text: &str, top: &Spot<'_>) -> Result<Value, ConfigError> {
    serde_json::from_str(text).map_err(|error| refuse(&error, String::new(), top))
}

/// Reads what was a text, and has been changed since.
pub(super) fn from_value(value: &Value, top: &Spot<'_>) -> Result<Raw, ConfigError> {
    of(value, top)
}

fn of<'de, D: Deserializer<'de, Error = serde_json::Error>>(deserializer: D, top: &Spot<'_>) -> Result<Raw, ConfigError> {
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let path = error.path().to_string();
        refuse(error.inner(), if path == "." { String::new() } else { path }, top)
    })
}
