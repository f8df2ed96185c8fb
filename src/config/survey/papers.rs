//! What a configuration names: files, and texts that stand in it.

use crate::config::document::Document;
use crate::config::raw::{self, Inline, Raw};
use crate::config::spot::Spot;
use crate::config::{ConfigError, cookie};
use crate::secret::Secret;
use crate::x509::pem::Origin;
use std::fmt;
use std::path::{Path, PathBuf};

/// Who somebody is, and whom they trust: what one section `tls` names.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Papers {
    /// Where it stands, such as `acceptors[1].tls`.
    pub at: String,
    /// The certificate.
    pub certificate: Option<Paper>,
    /// Its key; without one it is to be in the certificate's file.
    pub key: Option<Paper>,
    /// Who vouches for those who are dialled.
    pub root_ca: Option<Paper>,
    /// Who vouches for those who dial.
    pub client_ca: Option<Paper>,
    /// Files with revocation lists.
    pub lists: Vec<Paper>,
}

/// One of them.
#[non_exhaustive]
pub enum Paper {
    /// A file.
    File {
        /// The key under which it is named.
        key: String,
        /// Where it lies.
        path: PathBuf,
        /// How that is said: with the names of variables, whose values may be secrets, and without a key in place of a path.
        shown: String,
    },
    /// Text in the configuration.
    Text {
        /// The key under which it stands.
        key: String,
        /// The text.
        text: Secret,
    },
}

impl Papers {
    /// What lies in a directory as Kubernetes mounts it.
    #[must_use]
    pub fn of_directory(at: impl Into<String>, path: &Path) -> Self {
        let path = std::fs::canonicalize(path.join("..data")).unwrap_or_else(|_| path.to_owned());
        let at = at.into();
        let file = |name: &str| Some(Paper::file(at.clone(), path.join(name)));
        let (certificate, key, root_ca, client_ca) = (file("tls.crt"), file("tls.key"), file("ca.crt"), file("ca.crt"));
        Self { certificate, key, root_ca, client_ca, lists: Vec::new(), at }
    }

    /// A pair and one CA for both directions, from files.
    #[must_use]
    pub fn of_files(at: impl Into<String>, certificate: PathBuf, key: PathBuf, ca: PathBuf) -> Self {
        let at = at.into();
        let file = |path| Some(Paper::file(at.clone(), path));
        let (certificate, key, root_ca, client_ca) = (file(certificate), file(key), file(ca.clone()), file(ca));
        Self { certificate, key, root_ca, client_ca, lists: Vec::new(), at }
    }
}

impl Paper {
    fn file(key: String, path: PathBuf) -> Self {
        Self::File { key, shown: Origin::file(&path).to_string(), path }
    }

    /// What it is called: its file, or the key under which its text stands.
    pub fn shown(&self) -> &str {
        match self {
            Self::File { shown, .. } => shown,
            Self::Text { key, .. } => key,
        }
    }

    fn hide_values(&mut self, document: &Document) {
        if let Self::File { key, shown, .. } = self {
            *shown = document.without_values(key, shown);
        }
    }
}

/// A path may be a key in a wrong place, or have a secret in it.
impl fmt::Debug for Paper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Paper").field(&self.shown()).finish()
    }
}

/// Where a cookie comes from, and whether it can be had.
#[derive(Debug)]
#[non_exhaustive]
pub struct CookieAt {
    /// Where it is named, such as `node.cookie`.
    pub at: String,
    /// Where it comes from.
    pub whence: String,
    /// Why it cannot be had.
    pub outcome: Result<(), ConfigError>,
}

pub(super) fn all(raw: &Raw, document: &Document, top: &Spot<'_>) -> Vec<Papers> {
    let doors = raw.acceptors.iter().flatten().enumerate();
    let at_doors = doors.filter_map(|(index, door)| Some((door.tls.as_ref()?.as_ref()?, top.key("acceptors").index(index))));
    let ways = raw.routes.iter().enumerate();
    let at_ways = ways.filter_map(|(index, way)| Some((way.tls.as_ref()?.as_ref()?, top.key("routes").index(index))));
    let own = raw.tls.iter().flatten().map(|tls| of_section(tls, &top.key("tls")));
    let all = own.chain(at_doors.chain(at_ways).map(|(tls, spot)| of_section(tls, &spot.key("tls"))));
    let mut all: Vec<Papers> = all.filter(Papers::name_something).collect();
    all.iter_mut().flat_map(Papers::each).for_each(|paper| paper.hide_values(document));
    all
}

impl Papers {
    fn name_something(&self) -> bool {
        let papers = [&self.certificate, &self.key, &self.root_ca, &self.client_ca];
        papers.iter().any(|paper| paper.is_some()) || !self.lists.is_empty()
    }

    fn each(&mut self) -> impl Iterator<Item = &mut Paper> {
        let Self { certificate, key, root_ca, client_ca, lists, .. } = self;
        [certificate, key, root_ca, client_ca].into_iter().flatten().chain(lists)
    }
}

fn of_section(tls: &raw::Tls, spot: &Spot<'_>) -> Papers {
    let crl = spot.key("crl");
    let list = |(index, path): (usize, &PathBuf)| Paper::file(crl.index(index).path().to_owned(), spot.file(path));
    let lists = tls.crl.iter().flatten().enumerate().map(list).collect();
    if let Some(dir) = &tls.dir {
        let at = spot.key("dir");
        return Papers { lists, at: spot.path().to_owned(), ..Papers::of_directory(at.path(), &spot.file(dir)) };
    }
    let paper = |file: &Option<PathBuf>, inline: &Option<Inline>, key: &str| match (file, inline) {
        (Some(path), _) => Some(Paper::file(spot.key(key).path().to_owned(), spot.file(path))),
        (None, Some(inline)) => {
            let key = format!("{key}_pem");
            Some(Paper::Text { key: spot.key(&key).path().to_owned(), text: inline.0.clone() })
        }
        (None, None) => None,
    };
    Papers {
        at: spot.path().to_owned(),
        certificate: paper(&tls.cert, &tls.cert_pem, "cert"),
        key: paper(&tls.key, &tls.key_pem, "key"),
        root_ca: paper(&tls.root_ca, &tls.root_ca_pem, "root_ca"),
        client_ca: paper(&tls.client_ca, &tls.client_ca_pem, "client_ca"),
        lists,
    }
}

pub(super) fn cookies(raw: &Raw, document: &Document, top: &Spot<'_>) -> Vec<CookieAt> {
    let doors = raw.acceptors.iter().flatten().enumerate().map(|(index, door)| (&door.cookie, top.key("acceptors").index(index)));
    let ways = raw.routes.iter().enumerate().map(|(index, way)| (&way.cookie, top.key("routes").index(index)));
    let all = std::iter::once((&raw.node.cookie, top.key("node"))).chain(doors).chain(ways);
    all.filter_map(|(cookie, spot)| {
        let (cookie, spot) = (cookie.as_ref()?, spot.key("cookie"));
        let whence = match cookie {
            raw::Cookie::Plain(_) => "written out in the configuration".to_owned(),
            raw::Cookie::File(path) => Origin::file(&spot.file(path)).to_string(),
            raw::Cookie::Variable(name) => format!("the environment variable {name}"),
        };
        let outcome = cookie::read(cookie, &spot).map(drop).map_err(|error| document.attributed(error));
        Some(CookieAt { at: spot.path().to_owned(), whence: document.without_values(spot.path(), &whence), outcome })
    })
    .collect()
}
