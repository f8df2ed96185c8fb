//! The development directory: a throwaway CA, certificates and a cookie, so that the first node starts
//! without a single file of one's own. Whoever may read the directory is every node of it.

mod erlang;
mod error;

pub(super) use error::DevelopmentError;

use crate::authority::{Directory, Existing, FileName, Leaf, Names, Plan, Subject};
use crate::clock::{Clock, DAY, SystemClock};
use crate::config::{self, Papers};
use crate::epmd::ServerOptions;
use crate::node::{Acceptor, EpmdMode, NodeOptions};
use crate::node_name::NodeName;
use crate::tls::{CaPool, CertAuth, Certificate};
use crate::x509::Inspected;
use crate::x509::pem::{self, Origin};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

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

    /// The files of a node of this name, and of its cookie, whether they are there or not.
    pub(super) fn papers(&self, name: &NodeName) -> Result<(Papers, PathBuf), DevelopmentError> {
        let file: FileName = name.as_str().parse()?;
        let at = |ending: &str| self.path.join(format!("{}.{ending}", file.as_str()));
        let papers = Papers::of_files(self.path.display().to_string(), at("crt"), at("key"), self.path.join("ca.crt"));
        Ok((papers, self.path.join(COOKIE)))
    }

    /// What a node of this name starts with. The tools come as `dev@localhost`, and may stop it.
    pub(super) fn options(&self, name: &NodeName) -> Result<NodeOptions, DevelopmentError> {
        let pair = self.pair(name)?;
        let pool = CaPool::from_file(self.path.join("ca.crt"))?;
        let certificate = Certificate::from_paths(pair.certificate, Some(&pair.key))?;
        Ok(NodeOptions {
            cert_manager: Some(Arc::new(CertAuth::mutual(certificate, Arc::new(pool)))),
            cookie: Some(config::cookie_file(&self.path.join(COOKIE))?),
            acceptors: vec![Acceptor { host: Some(LOOPBACK.into()), ..Acceptor::default() }],
            epmd: EpmdMode::Embedded(loopback_epmd()?),
            admins: vec![default_name()?],
            ..NodeOptions::default()
        })
    }

    /// The pair of a node of this name; a new one where there is none, or none for much longer.
    fn pair(&self, name: &NodeName) -> Result<Pair, DevelopmentError> {
        let _lock = lock(&self.path)?;
        let file: FileName = name.as_str().parse()?;
        let at = |ending: &str| self.path.join(format!("{}.{ending}", file.as_str()));
        let pair = Pair { certificate: at("crt"), key: at("key") };
        if !pair.key.exists() || !self.is_good(&pair.certificate) {
            let leaf = Leaf::agent(Subject::common_name(name.as_str())?, names(name)?);
            self.ca.issue(&self.path, &file, &leaf, Existing::Replace, &SystemClock)?;
        }
        Ok(pair)
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

/// Of this host alone, on the port that the environment says.
fn loopback_epmd() -> Result<ServerOptions, DevelopmentError> {
    Ok(ServerOptions { addresses: vec![LOOPBACK], ..ServerOptions::from_environment()? })
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
fn random_word() -> Result<String, DevelopmentError> {
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
