//! The development directory: a throwaway CA, certificates and a cookie, so that the first node starts
//! without a single file of one's own. Whoever may read the directory is every node of it.

mod erlang;
mod error;

pub(super) use erlang::ping;
pub(super) use error::DevelopmentError;

use crate::authority::{Directory, Existing, FileName, Leaf, Names, Plan, Subject};
use crate::clock::{Clock, DAY, SystemClock};
use crate::config::{Config, Layers, Papers, Source};
use crate::node::NodeOptions;
use crate::node_name::NodeName;
use crate::tls::Certificate;
use crate::x509::Inspected;
use crate::x509::pem::{self, Origin};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use serde_json::json;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

/// An open development directory, in which the CA and the cookie are there and good.
#[derive(Debug)]
pub(super) struct Development {
    path: PathBuf,
    ca: Directory,
}

/// A node's certificate with its key.
struct Pair {
    certificate: PathBuf,
    key: PathBuf,
}

impl Development {
    /// Opens the directory, and makes what is missing or about to expire.
    pub(super) fn prepare(path: &Path) -> Result<Self, DevelopmentError> {
        make_private(path)?;
        let _lock = lock(path)?;
        let cookie = path.join(COOKIE);
        if !cookie.exists() {
            write_private(&cookie, &random_word()?)?;
        }
        Ok(Self { path: path.to_owned(), ca: ca(path)? })
    }

    /// Opens a directory that a node has made.
    pub(super) fn open(path: &Path) -> Result<Self, DevelopmentError> {
        if !path.join(COOKIE).exists() {
            return Err(DevelopmentError::Absent { path: path.to_owned() });
        }
        Ok(Self { path: path.to_owned(), ca: Directory::open(path)? })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whose name stands on all certificates as that of their issuer.
    pub(super) fn subject(&self) -> &str {
        &self.ca.authority().facts().subject
    }

    /// The files of a node of this name, and of its cookie, whether they are there or not.
    pub(super) fn papers(&self, name: &NodeName) -> Result<(Papers, PathBuf), DevelopmentError> {
        let file: FileName = name.as_str().parse()?;
        let at = |ending: &str| self.path.join(format!("{}.{ending}", file.as_str()));
        let papers = Papers::of_files(self.path.display().to_string(), at("crt"), at("key"), self.path.join("ca.crt"));
        Ok((papers, self.path.join(COOKIE)))
    }

    /// What a node of this name starts with.
    pub(super) fn options(&self, name: &NodeName) -> Result<NodeOptions, DevelopmentError> {
        let mut layers = Layers::default();
        layers.set("node.name", name.as_str(), Source::Default);
        self.say(name, false, &mut layers)?;
        Ok(Config::from_layers("{}", Path::new(""), &layers)?.options)
    }

    /// What would stand in the configuration of a node of this name. The tools come as `dev@localhost`, and may stop it.
    pub(super) fn say(&self, name: &NodeName, announces_nothing: bool, layers: &mut Layers) -> Result<(), DevelopmentError> {
        let pair = self.pair(name)?;
        let at = |path: &Path| path.to_string_lossy().into_owned();
        let ca = at(&self.path.join("ca.crt"));
        let tls = json!({ "cert": at(&pair.certificate), "key": at(&pair.key), "root_ca": ca, "client_ca": ca });
        let mut say = |path, value| layers.set(path, value, Source::Default);
        say("tls", tls);
        say("node.cookie", json!({ "file": at(&self.path.join(COOKIE)) }));
        say("node.admins", json!([default_name()?.as_str()]));
        say("acceptors", json!([{ "host": LOOPBACK }]));
        if !announces_nothing {
            say("epmd.addresses", json!([LOOPBACK]));
        }
        Ok(())
    }

    /// A new certificate for a node of this name, in the place of the one that it has.
    pub(super) fn renew(&self, name: &NodeName) -> Result<Certificate, DevelopmentError> {
        let _lock = lock(&self.path)?;
        let pair = self.files(name)?;
        self.issue(name)?;
        Ok(Certificate::from_paths(pair.certificate, Some(&pair.key))?)
    }

    /// The pair of a node of this name; a new one where there is none, or none for much longer.
    fn pair(&self, name: &NodeName) -> Result<Pair, DevelopmentError> {
        let _lock = lock(&self.path)?;
        let pair = self.files(name)?;
        if !pair.key.exists() || !self.is_good(&pair.certificate) {
            self.issue(name)?;
        }
        Ok(pair)
    }

    fn files(&self, name: &NodeName) -> Result<Pair, DevelopmentError> {
        let file: FileName = name.as_str().parse()?;
        let at = |ending: &str| self.path.join(format!("{}.{ending}", file.as_str()));
        Ok(Pair { certificate: at("crt"), key: at("key") })
    }

    fn issue(&self, name: &NodeName) -> Result<(), DevelopmentError> {
        self.ca.issue(&self.path, &name.as_str().parse()?, &leaf(name)?, Existing::Replace, &SystemClock)?;
        Ok(())
    }

    fn is_good(&self, certificate: &Path) -> bool {
        let Ok(bytes) = pem::read_file(certificate) else { return false };
        let chain = pem::certificates(&Origin::file(certificate), bytes.expose()).unwrap_or_default();
        let Some((_, der)) = chain.first() else { return false };
        self.ca.authority().has_issued(der) && Inspected::from_der(der).is_ok_and(|facts| lasts(&facts))
    }
}

/// Where the directory is unless a flag says otherwise.
pub(super) fn usual_path() -> Result<PathBuf, DevelopmentError> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(path) = variable("COUNTERSIGN_DEV_DIR") {
        return Ok(path);
    }
    // A path that is not absolute is to be passed over, says the XDG Base Directory Specification.
    let state = variable("XDG_STATE_HOME").filter(|path| path.is_absolute());
    let state = state.or_else(|| variable("HOME").map(|home| home.join(".local/state")));
    state.map(|state| state.join("countersign/dev")).ok_or(DevelopmentError::Homeless)
}

/// The name of a node that was given none.
pub(super) fn default_name() -> Result<NodeName, DevelopmentError> {
    Ok(NodeName::new("dev@localhost")?)
}

fn ca(path: &Path) -> Result<Directory, DevelopmentError> {
    let existing = if path.join("ca.crt").exists() {
        let ca = Directory::open(path)?;
        if lasts(ca.authority().facts()) {
            return Ok(ca);
        }
        Existing::Replace
    } else {
        Existing::Keep
    };
    let plan = Plan::new(Subject::common_name("countersign development")?);
    Ok(Directory::create(path, &plan, None, existing, &SystemClock)?.0)
}

/// Whether it is valid now, and for a day at least.
fn lasts(facts: &Inspected) -> bool {
    let now = SystemClock.now();
    facts.not_before <= now && now + DAY <= facts.not_after
}

/// What a certificate of a node of this name says.
pub(super) fn leaf(name: &NodeName) -> Result<Leaf, DevelopmentError> {
    Ok(Leaf::agent(Subject::common_name(name.as_str())?, names(name)?))
}

fn names(name: &NodeName) -> Result<Names, DevelopmentError> {
    let names = Names::default().dns("localhost")?.ip(LOOPBACK).uri(&format!("erl:{name}"))?;
    Ok(match name.host().parse::<IpAddr>() {
        Ok(address) => names.ip(address),
        Err(_) => names.dns(name.host())?,
    })
}

fn make_private(path: &Path) -> Result<(), DevelopmentError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(refused(path, "made"))?;
    match shared(&fs::metadata(path).map_err(refused(path, "read"))?) {
        Some(mode) => Err(DevelopmentError::Shared { path: path.to_owned(), mode }),
        None => Ok(()),
    }
}

/// Two nodes that start at the same moment make one CA, not two.
fn lock(path: &Path) -> Result<File, DevelopmentError> {
    let file = path.join(".lock");
    let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&file).map_err(refused(&file, "opened"))?;
    lock.lock().map_err(refused(&file, "locked"))?;
    Ok(lock)
}

fn write_private(path: &Path, text: &str) -> Result<(), DevelopmentError> {
    let draft = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&draft).and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
    written.and_then(|()| fs::rename(&draft, path)).map_err(refused(path, "written"))
}

/// Letters that Erlang takes as they are, from 160 random bits.
pub(super) fn random_word() -> Result<String, DevelopmentError> {
    let mut bytes = [0; 20];
    SystemRandom::new().fill(&mut bytes).map_err(|_| DevelopmentError::Random)?;
    Ok(bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|half| char::from(b'A' + half)).collect())
}

fn refused(path: &Path, action: &'static str) -> impl Fn(io::Error) -> DevelopmentError {
    move |source| DevelopmentError::Io { path: path.to_owned(), action, source }
}

#[cfg(unix)]
fn shared(metadata: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o7777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
const fn shared(_metadata: &fs::Metadata) -> Option<u32> {
    None
}

/// Where Erlang looks for it, if the directory is its home.
const COOKIE: &str = ".erlang.cookie";
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
