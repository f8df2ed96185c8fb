//! What a node warns about when it starts, known without starting it.

use super::Config;
use crate::failure::Failure;
use crate::hint::Hint;
use crate::node::{Effective, IdentityMismatch, IdentityPolicy, StartError};
use crate::node_name::NodeName;
use crate::tls::ClientAuth;
use std::fmt;
use std::path::PathBuf;

/// Something that works, and protects less than it could.
///
/// ```
/// use countersign::config::{Config, Warning};
/// use std::path::Path;
///
/// let text = r#"{ "node": { "name": "a@localhost", "cookie": "secret" }, "tls": null, "acceptors": [] }"#;
/// let warnings = Config::from_json(text, Path::new("."))?.warnings()?;
/// assert_eq!(warnings, [Warning::Plain { place: "tls".to_owned() }]);
/// assert_eq!(warnings[0].to_string(), "tls: plain TCP is spoken: anybody on the way can read and change everything");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// A file with a cookie or a key in it that others can read.
    Exposed {
        /// The file.
        path: PathBuf,
    },
    /// No TLS.
    Plain {
        /// Where.
        place: String,
    },
    /// Whoever dials need not show a verified certificate.
    Unasked {
        /// Where.
        place: String,
        /// What is asked.
        client_auth: ClientAuth,
    },
    /// Names are not held against certificates, or loosely.
    Loose {
        /// Where.
        place: String,
        /// How.
        identity: IdentityPolicy,
    },
    /// Whoever answers is not verified.
    Unverified {
        /// Where.
        place: String,
    },
    /// The own certificate does not bear the node's name.
    Misnamed {
        /// Where.
        place: String,
        /// What is missing.
        mismatch: IdentityMismatch,
    },
    /// The own certificate is not valid now.
    Certificate {
        /// Where.
        place: String,
        /// Its subject.
        subject: String,
        /// Whether it has ended, or else has not begun.
        has_ended: bool,
    },
}

impl Config {
    /// What a node warns about when it starts with this configuration: what is said once for the node is not said again for
    /// acceptors and routes that go by it.
    ///
    /// # Errors
    /// Why it would not start, as far as that is known without listening or dialling.
    pub fn warnings(&self) -> Result<Vec<Warning>, StartError> {
        let (name, options) = (&self.name, &self.options);
        let mut warnings: Vec<_> = self.exposed.iter().map(|path| Warning::Exposed { path: path.clone() }).collect();
        let of_node = Effective::of_node(options)?;
        warnings.extend(of_place("tls", Side::Dialling, &of_node).into_iter().chain(of_name("tls", name, &of_node)));
        for (index, acceptor) in self.acceptors().iter().enumerate() {
            let (place, effective) = (format!("acceptors[{index}]"), Effective::of_acceptor(options, acceptor)?);
            warnings.extend(of_place(&place, Side::Listening, &effective).into_iter().chain(of_name(&place, name, &effective)));
        }
        for (index, route) in options.routes.iter().enumerate() {
            warnings.extend(of_place(&format!("routes[{index}]"), Side::Dialling, &Effective::of_route(options, route)?));
        }
        let mut said: Vec<Warning> = Vec::new();
        for warning in warnings {
            if !said.iter().any(|said| said.covers(&warning)) {
                said.push(warning);
            }
        }
        Ok(said)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Dialling,
    Listening,
}

fn of_place(place: &str, side: Side, effective: &Effective) -> Vec<Warning> {
    let place = || place.to_owned();
    let Some(manager) = &effective.cert_manager else { return vec![Warning::Plain { place: place() }] };
    let mut warnings = Vec::new();
    let client_auth = manager.client_auth();
    if side == Side::Listening && client_auth != ClientAuth::RequireAndVerify {
        warnings.push(Warning::Unasked { place: place(), client_auth });
    }
    let identity = effective.identity.policy();
    if matches!(identity, IdentityPolicy::Off | IdentityPolicy::DangerWildcardHost) {
        warnings.push(Warning::Loose { place: place(), identity });
    }
    if effective.tls.skips_verification() {
        warnings.push(Warning::Unverified { place: place() });
    }
    let (current, now) = (manager.resolver().current(), effective.tls.the_clock().now());
    let leaf = current.certificate.leaf();
    if now < leaf.not_before || now > leaf.not_after {
        warnings.push(Warning::Certificate { place: place(), subject: leaf.subject.clone(), has_ended: now > leaf.not_after });
    }
    warnings
}

/// By the rule that it holds peers to. Of a route it is not said: who is dialled by one may know the node otherwise.
fn of_name(place: &str, name: &NodeName, effective: &Effective) -> Option<Warning> {
    let mismatch = effective.judge_own_name(name).err()?;
    Some(Warning::Misnamed { place: place.to_owned(), mismatch })
}

impl Warning {
    /// Whether the other one says nothing new: it is the same, and this one is the node's.
    fn covers(&self, other: &Self) -> bool {
        self.place() == Some("tls") && self.sentence() == other.sentence()
    }

    /// Whose setting or which file it is.
    pub(crate) fn about(&self) -> String {
        match self {
            Self::Exposed { path } => path.display().to_string(),
            _ => self.place().unwrap_or_default().to_owned(),
        }
    }

    fn place(&self) -> Option<&str> {
        match self {
            Self::Exposed { .. } => None,
            Self::Plain { place }
            | Self::Unasked { place, .. }
            | Self::Loose { place, .. }
            | Self::Unverified { place }
            | Self::Misnamed { place, .. }
            | Self::Certificate { place, .. } => Some(place),
        }
    }

    /// What is to be said of it.
    pub(crate) fn sentence(&self) -> String {
        match self {
            Self::Exposed { .. } => EXPOSED.to_owned(),
            Self::Plain { .. } => "plain TCP is spoken: anybody on the way can read and change everything".to_owned(),
            Self::Unasked { client_auth: ClientAuth::None, .. } => "client_auth is none: anyone who reaches it may connect".to_owned(),
            Self::Unasked { client_auth, .. } => format!("client_auth is {client_auth}: peers without a verified certificate may connect"),
            Self::Loose { identity: IdentityPolicy::Off, .. } => {
                "identity is off: any holder of a good certificate may claim the name of any node".to_owned()
            }
            Self::Loose { identity, .. } => {
                format!("identity is {identity}: a wildcard's holder may claim the name of any node on the hosts that it covers")
            }
            Self::Unverified { .. } => "whoever answers is not verified: anyone between can read and change everything".to_owned(),
            Self::Misnamed { mismatch, .. } => format!("{mismatch}: peers refuse it"),
            Self::Certificate { subject, has_ended: true, .. } => format!("the certificate {subject} has expired: peers refuse it"),
            Self::Certificate { subject, .. } => format!("the certificate {subject} is not valid yet: peers refuse it"),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Hint {
        Hint::fixed(match self {
            Self::Misnamed { mismatch, .. } => return mismatch.hint(),
            Self::Exposed { .. } => "keep them in files of their own, or chmod 600 this one",
            Self::Plain { .. } => "give it a certificate",
            Self::Unasked { .. } => "give it a client_ca, and leave client_auth out",
            Self::Loose { .. } => "leave identity out: then hosts must be right",
            Self::Unverified { .. } => "take danger_insecure_skip_verify out, and trust the CA of whoever answers",
            Self::Certificate { has_ended: true, .. } => "issue it again: countersign cert renew",
            Self::Certificate { .. } => "is the clock right?",
        })
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.about(), self.sentence())
    }
}

pub(super) const EXPOSED: &str = "a cookie or key is written out in a file that others can read";
