//! The faults that a configuration can have.

use super::nearest::nearest;
use super::redacted::Redacted;
use crate::epmd::EpmdError;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::net::{NotAKeepAlive, NotANetwork};
use crate::node::{AcceptorError, NotAHost, NotANodePattern, NotAPattern, NotASpiffeTemplate};
use crate::node_name::NotANodeName;
use crate::tls::manager::CertAuthError;
use crate::tls::verify::revocation::RevocationError;
use crate::tls::{CaPoolError, CertificateError, ClientAuth, NotAnIdentity};
use crate::x509::fingerprint::NotAFingerprint;
use crate::x509::key::KeyError;
use crate::x509::pem::{Origin, PemError};
use std::io;

/// What is wrong with a value, or with its absence.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The file cannot be read.
    #[error("the file cannot be read")]
    Unreadable(#[source] io::Error),
    /// The text is no JSON.
    #[error("not JSON: {0}")]
    Syntax(String),
    /// A value of another kind, or one that is missing.
    #[error("{0}")]
    Shape(String),
    /// The same of a variable of the environment, which stands in no file.
    #[error("{0}")]
    ShapeOfVariable(String),
    /// A key that is unknown.
    #[error("{said}")]
    Unknown {
        /// Which one, and which ones are known.
        said: String,
        /// The known one that is most like it.
        nearest: Option<String>,
    },
    /// Neither the file nor a flag or the environment says a name.
    #[error("the node has no name")]
    Nameless,
    /// A word that is none of those that may stand here.
    #[error("{word:?} is none of {known}")]
    Word {
        /// What stands there.
        word: String,
        /// What may stand there.
        known: String,
    },
    /// A number beyond what makes sense.
    #[error("{value} is not a number from {least} to {most}")]
    Range {
        /// What stands there.
        value: u64,
        /// The least.
        least: u64,
        /// The most.
        most: u64,
    },
    /// No name of a node.
    #[error(transparent)]
    NodeName(#[from] NotANodeName),
    /// Neither a name of a node nor a pattern of names.
    #[error(transparent)]
    NodePattern(#[from] NotANodePattern),
    /// Nobody whom a certificate could name.
    #[error(transparent)]
    Identity(#[from] NotAnIdentity),
    /// No name that a certificate could bear.
    #[error("{0:?} is neither a host name nor an address")]
    ServerName(String),
    /// No address.
    #[error("{0:?} is not an IP address")]
    Address(String),
    /// Neither a certificate nor the word that none is wanted.
    #[error("it is not said whether links are encrypted")]
    NoTls,
    /// TLS without a certificate.
    #[error("neither cert, cert_pem nor dir says which certificate to present")]
    NoCertificate,
    /// A node that could verify nobody whom it dials.
    #[error("neither root_ca, root_ca_pem nor dir says who vouches for the nodes that are dialled")]
    NoRootCa,
    /// A node that could verify nobody who dials it.
    #[error("client_auth is {0}, and neither client_ca, client_ca_pem nor dir says who vouches for those who dial")]
    NoClientCa(ClientAuth),
    /// Without a client CA it must be said what is asked of those who dial.
    #[error("it is not said what is asked of those who dial")]
    NoClientAuth,
    /// An acceptor or a route that shall perhaps speak plain TCP beside others that do not.
    #[error("the node has a certificate, and it is not said that plain TCP is meant here")]
    Plain,
    /// No host to listen on.
    #[error(transparent)]
    Host(#[from] NotAHost),
    /// No network.
    #[error(transparent)]
    Network(#[from] NotANetwork),
    /// Networks that may connect, and none of them.
    #[error("nobody could connect from none")]
    NoNetwork,
    /// Numbers of TCP's keep-alive that no system takes.
    #[error(transparent)]
    KeepAlive(#[from] NotAKeepAlive),
    /// Acceptors that do not go together.
    #[error(transparent)]
    Acceptor(#[from] AcceptorError),
    /// Two ways to say one thing.
    #[error("{other} says the same, and both are given")]
    Twice {
        /// The other key.
        other: &'static str,
    },
    /// A key that means nothing beside another one.
    #[error("it means nothing when {beside}")]
    Idle {
        /// The other setting.
        beside: &'static str,
    },
    /// A fault beside the value of a variable, which is not to be shown.
    #[error(transparent)]
    Redacted(#[from] Redacted),
    /// A variable that is not set, or not text.
    #[error("the environment variable {0} is not set")]
    Variable(String),
    /// `${` without its end.
    #[error("a variable is written as ${{NAME}}, and here one does not end")]
    Unfinished,
    /// The certificate or its key.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A file that holds PEM.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// Whom to trust.
    #[error(transparent)]
    Pool(#[from] CaPoolError),
    /// Both together.
    #[error(transparent)]
    Trust(#[from] CertAuthError),
    /// An entry of a list of those who may come in.
    #[error(transparent)]
    Pattern(#[from] NotAPattern),
    /// Which SPIFFE ids stand for nodes.
    #[error(transparent)]
    Spiffe(#[from] NotASpiffeTemplate),
    /// Who was revoked.
    #[error(transparent)]
    Revocation(#[from] RevocationError),
    /// No SHA-256 of a key or certificate.
    #[error(transparent)]
    Pin(#[from] NotAFingerprint),
    /// What the environment says about epmd.
    #[error(transparent)]
    Epmd(#[from] EpmdError),
    /// The cookie's file cannot be read.
    #[error("{file}: the cookie cannot be read")]
    CookieUnreadable {
        /// The file.
        file: Origin,
        /// What the system said.
        source: io::Error,
    },
    /// Others than the owner may read the cookie.
    #[error("{file}: the cookie can be read by others (mode {mode:04o})")]
    CookieExposed {
        /// The file.
        file: Origin,
        /// Its permissions.
        mode: u32,
    },
    /// An empty cookie, which everybody knows.
    #[error("the cookie is empty")]
    CookieEmpty,
}

impl Fault {
    /// Whether it is about what lies in a file or stands in a variable, and not about the document.
    pub fn is_of_material(&self) -> bool {
        let of_files = matches!(self, Self::Certificate(_) | Self::Key(_) | Self::Pem(_) | Self::Pool(_) | Self::Revocation(_));
        of_files || matches!(self, Self::CookieUnreadable { .. } | Self::CookieExposed { .. } | Self::CookieEmpty | Self::Variable(_))
    }

    /// The error of another floor that this one carries.
    fn carried(&self) -> Option<&dyn Failure> {
        match self {
            Self::Certificate(error) => Some(error),
            Self::Key(error) => Some(error),
            Self::Pem(error) => Some(error),
            Self::Pool(error) => Some(error),
            Self::Trust(error) => Some(error),
            Self::Pattern(error) => Some(error),
            Self::Spiffe(error) => Some(error),
            Self::Epmd(error) => Some(error),
            Self::Host(error) => Some(error),
            Self::Acceptor(error) => Some(error),
            Self::Revocation(error) => Some(error),
            Self::NodePattern(error) => Some(error),
            Self::Redacted(error) => Some(error),
            _ => None,
        }
    }
}

impl Failure for Fault {
    /// What has nothing to do with certificates bears the code of all wrong settings.
    fn code(&self) -> Code {
        self.carried().map_or(Code::InvalidTlsConfiguration, Failure::code)
    }

    fn hint(&self) -> Hint {
        match self {
            Self::CookieExposed { file, .. } => Hint::of(format!("chmod 600 {file}")),
            Self::Unknown { nearest: Some(nearest), .. } => Hint::of(format!("was {nearest} meant? {SCHEMA}")),
            Self::Word { word, known } => match nearest(word, known.split(", ")) {
                Some(nearest) => Hint::of(format!("was {nearest} meant? write one of these words, as it stands here")),
                None => Hint::fixed(self.cure()),
            },
            _ => self.carried().map_or_else(|| Hint::fixed(self.cure()), Failure::hint),
        }
    }
}

impl Fault {
    const fn cure(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "check the path, and that this user may read the file",
            Self::Syntax(_) => "look at the end of the line before, too: often a comma is missing there, or one too many stands there",
            Self::Shape(_) | Self::Unknown { .. } => SCHEMA,
            Self::ShapeOfVariable(_) => "set the variable to that, or unset it",
            Self::Word { .. } => "write one of these words, as it stands here",
            Self::Range { .. } => "choose a number in these bounds",
            Self::NodeName(_) | Self::Nameless => "write name@host, such as a@localhost",
            Self::Identity(_) => "write a URI (spiffe://example.org/db, erl:db-1@internal), the name of a node, or a host name or address",
            Self::ServerName(_) => "write the name that stands on the peer's certificate, such as db-1.internal",
            Self::Pin(_) => "write the SHA-256 of the public key, or of the certificate: countersign cert inspect shows both",
            Self::Address(_) => "write an address of this machine, such as 127.0.0.1; leave it out for the usual ones",
            Self::NoTls => r#"give it a certificate, "tls": { "dir": "certs" }, or say that plain TCP is meant: "tls": null"#,
            Self::NoCertificate => r#"name its files, "cert" and "key", or the directory that holds tls.crt, tls.key and ca.crt: "dir""#,
            Self::NoRootCa => r#""root_ca" is the file with the CA that issued the nodes' certificates"#,
            Self::NoClientCa(_) => r#""client_ca" is the file with the CA that issued the certificates of those who dial"#,
            Self::NoClientAuth => {
                r#"give client_ca for mutual TLS; or say "client_auth": "none" if nobody who dials shall show a certificate"#
            }
            Self::Plain => r#"leave tls out here to speak TLS with the node's certificate; or add "danger_plaintext": true"#,
            Self::Network(_) => "write networks as 10.0.0.0/8 or 2001:db8::/32, and single addresses as they are",
            Self::NoNetwork => "name those that may connect, or leave the key out: then all may",
            Self::KeepAlive(_) => "choose numbers in these bounds, such as 60, 10 and 6",
            Self::Twice { .. } => "keep the one that you mean",
            Self::Idle { .. } => "take it out, or change the other",
            Self::Variable(_) => "set it in the environment of the process; as a text it keeps its line breaks only inside quotes",
            Self::Unfinished => "close it with }; a dollar before a brace that is no variable is written as $$",
            Self::CookieUnreadable { .. } => "check the path, and that this user may read the file",
            Self::CookieEmpty => "put a long random word there; every node of the cluster has the same",
            _ => "complete or correct what is named",
        }
    }
}

const SCHEMA: &str = "priv/schema.json lists every key and what may stand there; an editor that knows JSON schemas points at the mistake";
