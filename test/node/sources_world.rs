//! What tests of sources share: a certificate in files, a node that presents it, and what the log says of them.

use crate::logbook;
use crate::scratch::Scratch;
use crate::world::{cookie, door};
use countersign::node::{EpmdMode, Node, NodeOptions, Renewed};
use countersign::testing::{Ca, LeafBuilder};
use countersign::tls::source::{CertFiles, CertSource};
use countersign::tls::{CertAuth, CertAuthManager};
use countersign::x509::Fingerprint;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A certificate and its key, each in a file.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Files {
    pub(crate) fn named(folder: &Path, name: &str) -> Self {
        Self { certificate: folder.join(format!("{name}.crt")), key: folder.join(format!("{name}.key")) }
    }

    pub(crate) fn source(&self) -> CertFiles {
        CertFiles::pair(&self.certificate, &self.key)
    }

    pub(crate) fn write(&self, chain: &str, key: &[u8]) {
        self.write_key(key);
        self.write_certificate(chain);
    }

    pub(crate) fn write_certificate(&self, chain: &str) {
        fs::write(&self.certificate, chain).unwrap();
    }

    pub(crate) fn write_key(&self, key: &[u8]) {
        fs::write(&self.key, key).unwrap();
        self.protect_key();
    }

    /// A new certificate for `localhost` of this CA.
    pub(crate) fn renew(&self, ca: &Ca) -> Fingerprint {
        let (chain, key) = agent(ca).pem();
        self.write(&chain, key.expose());
        self.source().read().unwrap().fingerprint()
    }

    /// Loses the second half of the certificate.
    pub(crate) fn tear(&self) {
        let text = fs::read_to_string(&self.certificate).unwrap();
        self.write_certificate(&text[..text.len() / 2]);
    }

    pub(crate) fn delete(&self) {
        [&self.certificate, &self.key].iter().for_each(|path| fs::remove_file(path).unwrap());
    }

    /// As if it had been written an hour later.
    pub(crate) fn touch(&self) {
        let later = SystemTime::now() + Duration::from_secs(3_600);
        File::options().write(true).open(&self.certificate).unwrap().set_modified(later).unwrap();
    }

    pub(crate) fn expose_key(&self) {
        fs::set_permissions(&self.key, Permissions::from_mode(0o644)).unwrap();
    }

    pub(crate) fn protect_key(&self) {
        fs::set_permissions(&self.key, Permissions::from_mode(0o600)).unwrap();
    }
}

/// A node that presents what lies in its files. It looks at them when it is asked to, unless a test says otherwise.
pub(crate) struct Scene {
    pub(crate) ca: Ca,
    pub(crate) files: Files,
    pub(crate) node: Node,
    pub(crate) folder: Scratch,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut NodeOptions)) -> Self {
        let (ca, folder) = (Ca::new(), Scratch::new());
        let files = Files::named(&folder, "a");
        files.renew(&ca);
        let mut options = following(&ca, files.source());
        change(&mut options);
        Self { node: Node::start("a@localhost", options).await.unwrap(), ca, files, folder }
    }

    /// What the next handshake will show.
    pub(crate) fn presented(&self) -> Fingerprint {
        presented(&self.node)
    }

    pub(crate) fn renew(&self) -> Fingerprint {
        self.files.renew(&self.ca)
    }

    pub(crate) fn write(&self, leaf: LeafBuilder<'_>) {
        let (chain, key) = leaf.pem();
        self.files.write(&chain, key.expose());
    }

    /// How many lines of the log speak of these files in these words.
    pub(crate) fn lines(&self, message: &str, words: &str) -> usize {
        let own = self.folder.display().to_string();
        logbook::said(message).iter().filter(|line| line.contains(&own) && line.contains(words)).count()
    }
}

pub(crate) fn agent(ca: &Ca) -> LeafBuilder<'_> {
    ca.leaf().names(&["localhost", "127.0.0.1"])
}

/// For a node that nobody has to find.
pub(crate) fn following(ca: &Ca, source: impl CertSource + 'static) -> NodeOptions {
    logbook::open();
    // Also what is no cause for worry.
    log::set_max_level(log::LevelFilter::Info);
    NodeOptions {
        cert_manager: Some(manager(ca, Arc::new(source))),
        cookie: Some(cookie("cluster")),
        acceptors: vec![door()],
        epmd: EpmdMode::Off,
        reload_every: Duration::from_secs(86_400),
        ..NodeOptions::default()
    }
}

pub(crate) fn manager(ca: &Ca, source: Arc<dyn CertSource>) -> Arc<dyn CertAuthManager> {
    Arc::new(CertAuth::mutual(source.read().unwrap(), ca.pool()).with_source(source))
}

pub(crate) fn presented(node: &Node) -> Fingerprint {
    node.cert_manager().unwrap().resolver().current().certificate.fingerprint()
}

/// What came of the one source of a node.
pub(crate) async fn reloaded(node: &Node) -> Renewed {
    let mut renewals = node.reload().await.renewals;
    assert_eq!(renewals.len(), 1, "{renewals:?}");
    renewals.remove(0).outcome
}
