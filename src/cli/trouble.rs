//! Why a command ended early.

use super::Exit;
use super::demo::DemoError;
use super::development::DevelopmentError;
use crate::authority::AuthorityError;
use crate::config::ConfigError;
use crate::epmd::EpmdError;
use crate::etf::Atom;
use crate::etf::json::NotJson;
use crate::failure::{Code, Failure};
use crate::hint::Hint;
use crate::node::rpc::ErpcError;
use crate::node::{CallError, ConnectError, ConnectReason, StartError};
use crate::node_name::NodeName;
use crate::tls::CaPoolError;
use crate::tls::verify::revocation::RevocationError;
use crate::x509::cert::CertError;
use crate::x509::crl::CrlError;
use crate::x509::key::KeyError;
use crate::x509::pem::{Origin, PemError, Place};
use std::io;
use std::path::PathBuf;

/// Everything that ends a command before it has an answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    #[error(transparent)]
    Pem(#[from] PemError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    List(#[from] CrlError),
    #[error("{origin}: PEM, but no certificate, revocation list or key in it")]
    Foreign { origin: Origin },
    #[error("{place}: not a certificate")]
    Certificate { place: Place, source: CertError },
    #[error(transparent)]
    Pool(#[from] CaPoolError),
    #[error(transparent)]
    Revocation(#[from] RevocationError),
    #[error("{}: the directory cannot be read", .path.display())]
    Directory { path: PathBuf, source: io::Error },
    #[error("{}: no path that another program could be told", .0.display())]
    Path(PathBuf),
    #[error("no CA was given")]
    NobodyTrusted,
    #[error(transparent)]
    Epmd(#[from] EpmdError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Development(#[from] DevelopmentError),
    #[error(transparent)]
    Demo(#[from] DemoError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("signals cannot be listened to")]
    Signals(#[source] io::Error),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Nobody has said by what the node is reached.
    #[error(transparent)]
    ByDefault(ConnectError),
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Erpc(#[from] ErpcError),
    #[error("{peer} does not do it: {reason}")]
    Refused { peer: NodeName, reason: String },
    #[error("{reason}")]
    NotConnected { reason: String },
    #[error("{peer} does not know what this command asks of it")]
    NotSupported { peer: NodeName },
    #[error("no process of {peer} has the name {name}")]
    NoSuchProcess { name: Atom, peer: NodeName },
    #[error(transparent)]
    Message(#[from] NotJson),
    #[error("the node has no name")]
    Nameless,
    #[error("it is not said which configuration is meant")]
    Unconfigured,
    #[error("COUNTERSIGN_LOG: {word:?} is neither text nor json")]
    LogForm { word: String },
    #[error("it is not said which node is meant")]
    NobodyMeant,
    #[error("the output cannot be written")]
    Output(#[from] io::Error),
}

impl Trouble {
    /// A file that is there and holds no certificate is an answer about it; all else is wrong usage.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Pem(error) if error.is_unreadable() => Exit::Usage,
            Self::Pem(_) | Self::Certificate { .. } | Self::Foreign { .. } | Self::Key(_) | Self::List(_) => Exit::Unwell,
            Self::Epmd(error) if !error.is_setting() => Exit::Unwell,
            Self::Start(error) => of_start(error),
            Self::Connect(error) | Self::ByDefault(error) => match error.reason() {
                ConnectReason::Start(error) => of_start(error),
                _ => Exit::Unwell,
            },
            Self::Call(_) | Self::Erpc(_) | Self::Refused { .. } | Self::NoSuchProcess { .. } => Exit::Unwell,
            Self::NotConnected { .. } | Self::NotSupported { .. } | Self::Demo(_) => Exit::Unwell,
            _ => Exit::Usage,
        }
    }
}

impl Trouble {
    /// Whether nobody reads any more what is written.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        match self {
            Self::Output(error) => error.kind() == io::ErrorKind::BrokenPipe,
            Self::Demo(error) => error.is_broken_pipe(),
            _ => false,
        }
    }

    /// What was wrong with a file, through whichever floor it was read.
    const fn pem(&self) -> Option<&PemError> {
        match self {
            Self::Pem(error)
            | Self::Authority(AuthorityError::Pem(error) | AuthorityError::Key(KeyError::Pem(error)))
            | Self::Pool(CaPoolError::Pem(error))
            | Self::Key(KeyError::Pem(error))
            | Self::Revocation(RevocationError::Crl(CrlError::Pem(error)))
            | Self::List(CrlError::Pem(error)) => Some(error),
            _ => None,
        }
    }
}

/// Settings that cannot work are wrong usage; a port or a name that is taken is how things are.
fn of_start(error: &StartError) -> Exit {
    let is_setting = matches!(error, StartError::NoCookie { .. }) || error.code() == Code::InvalidTlsConfiguration;
    if is_setting { Exit::Usage } else { Exit::Unwell }
}

/// Who has certificates of their own, and forgot to say so, would look for the fault in them.
const GOES_BY_DEFAULT: &str = "is a node of the development directory meant? For another one say --config FILE or --tls-dir DIR; if it is,";

fn is_directory(error: &PemError) -> bool {
    matches!(error, PemError::Unreadable { source, .. } if source.kind() == io::ErrorKind::IsADirectory)
}

impl Failure for Trouble {
    fn code(&self) -> Code {
        match self {
            Self::Authority(error) => error.code(),
            Self::Pem(error) => error.code(),
            Self::Key(error) => error.code(),
            Self::List(error) => error.code(),
            Self::Certificate { source, .. } => source.code(),
            Self::Pool(error) => error.code(),
            Self::Epmd(error) => error.code(),
            Self::Revocation(error) => error.code(),
            Self::Config(error) => error.code(),
            Self::Development(error) => error.code(),
            Self::Demo(error) => error.code(),
            Self::Start(error) => error.code(),
            Self::Connect(error) | Self::ByDefault(error) => error.code(),
            Self::Call(error) => error.code(),
            Self::Erpc(error) => error.code(),
            Self::Refused { .. } => Code::NotAllowed,
            Self::NoSuchProcess { .. } | Self::NotConnected { .. } => Code::Unreachable,
            Self::NotSupported { .. } => Code::NoSuchFunction,
            // What is simply used wrongly; the command line prints no code for it.
            _ => Code::InvalidTlsConfiguration,
        }
    }

    fn hint(&self) -> Hint {
        match self {
            _ if self.pem().is_some_and(|error| matches!(error, PemError::Nothing { blocks: 1.., .. })) => {
                Hint::fixed("are two files swapped? countersign cert inspect FILE says what each of them holds")
            }
            _ if self.pem().is_some_and(is_directory) => {
                Hint::fixed("give a file; countersign cert list DIR shows what lies in a directory")
            }
            Self::Authority(error) => error.hint(),
            Self::Pem(error) => error.hint(),
            Self::Key(error) => error.hint(),
            Self::List(error) => error.hint(),
            Self::Certificate { .. } => Hint::fixed("the block is damaged; copy the file again, or issue the certificate again"),
            Self::Foreign { .. } => Hint::fixed("its BEGIN line names what it is; requests and parameters are read by openssl"),
            Self::Pool(error) => error.hint(),
            Self::Epmd(error) => error.hint(),
            Self::Revocation(error) => error.hint(),
            Self::Directory { .. } => {
                Hint::fixed("name the directory that holds your certificates; countersign cert ca makes the first one")
            }
            Self::Path(_) => Hint::fixed("give it a name in UTF-8, or go to a directory that is there"),
            Self::NobodyTrusted => Hint::fixed("say whom to trust: --ca FILE, DIR or system"),
            Self::Config(error) => error.hint(),
            Self::Development(error) => error.hint(),
            Self::Demo(error) => error.hint(),
            Self::Start(StartError::NoCookie { .. }) => Hint::fixed(
                "write it to that file, readable by its owner alone, or name another: --cookie-file FILE, or node.cookie in the configuration",
            ),
            Self::Start(error) => error.hint(),
            Self::Signals(_) => Hint::fixed("is another part of this process listening to them?"),
            Self::Connect(error) => error.hint(),
            Self::ByDefault(error) => Hint::of(format!("{GOES_BY_DEFAULT} {}", error.hint())),
            Self::Call(error) => error.hint(),
            Self::Erpc(error) => error.hint(),
            Self::Refused { .. } => {
                Hint::fixed("use the node's own certificate, or put the name on yours (URI erl:name@host) on its list node.admins")
            }
            Self::NotConnected { .. } => Hint::fixed("countersign links lists the peers of a node"),
            Self::NotSupported { .. } => Hint::fixed("is it of an older version than this command? countersign status says of which"),
            Self::NoSuchProcess { .. } => {
                Hint::fixed("countersign status lists the names that are registered; whereis(Name) asks an Erlang node")
            }
            Self::Message(_) => Hint::fixed("quote it for the shell: '{\"job\": 7}', or '\"text\"' for a string"),
            Self::Nameless => Hint::fixed("say --name NAME@HOST, or put it on the certificate as the URI erl:NAME@HOST"),
            Self::Unconfigured => Hint::fixed("say FILE, or set COUNTERSIGN_CONFIG; priv/node.json is a sample"),
            Self::LogForm { .. } => Hint::fixed("set it to one of both, or unset it"),
            Self::NobodyMeant => Hint::fixed("say NODE, as name@host"),
            Self::Output(_) => Hint::fixed("is the disk full?"),
        }
    }
}
