//! A directory with a CA, a node's certificate in both layouts, and things that are wrong.

use crate::scratch::Scratch;
use countersign::authority::{Directory, Existing, Leaf, Lifetime, Names, Plan, Subject};
use countersign::clock::SystemClock;
use countersign::config::{Config, ConfigError, Layers, check};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

pub(crate) struct World(Scratch);

impl World {
    pub(crate) fn new() -> Self {
        let world = Self(Scratch::new());
        world.furnish();
        world
    }

    fn furnish(&self) {
        let plan = |name: &str| Plan::new(Subject::common_name(name).unwrap());
        let certs = self.0.join("certs");
        let (ca, _) = Directory::create(&certs, &plan("Root"), None, Existing::Keep, &SystemClock).unwrap();
        for name in ["a", "b"] {
            let names = Names::default().dns("localhost").unwrap();
            let leaf = Leaf::agent(Subject::common_name(name).unwrap(), names);
            ca.issue(&certs, &name.parse().unwrap(), &leaf, Existing::Keep, &SystemClock).unwrap();
        }
        fs::create_dir(self.0.join("mounted")).unwrap();
        for (from, to) in [("a.crt", "tls.crt"), ("a.key", "tls.key"), ("ca.crt", "ca.crt")] {
            fs::copy(certs.join(from), self.0.join("mounted").join(to)).unwrap();
        }
        self.write("both.pem", &(self.text("certs/a.crt") + &self.text("certs/a.key")), 0o600);
        self.write("open.key", &self.text("certs/a.key"), 0o644);
        self.write("encrypted.key", ENCRYPTED, 0o600);
        self.write("cookie", "secret\n", 0o600);
        self.write("open-cookie", "secret\n", 0o644);
        self.write("empty", "\n", 0o600);
    }

    /// The CA's next revocation list, in `certs/crl.pem`.
    pub(crate) fn publish_list(&self) {
        Directory::open(&self.0.join("certs")).unwrap().publish_list(Lifetime::days(1), &SystemClock).unwrap();
    }

    pub(crate) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, text: &str, mode: u32) {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }

    pub(crate) fn make_pipe(&self, name: &str) {
        assert!(Command::new("mkfifo").arg(self.0.join(name)).status().unwrap().success());
    }

    pub(crate) fn read(&self, json: &str) -> Result<Config, ConfigError> {
        self.write("countersign.json", json, 0o600);
        Config::from_file(&self.0.join("countersign.json"))
    }

    /// All that is wrong with what was read last.
    pub(crate) fn checked(&self) -> Vec<ConfigError> {
        check(&self.0.join("countersign.json"), &Layers::default()).err().unwrap_or_default()
    }

    /// The same from a file that others can read.
    pub(crate) fn read_open(&self, json: &str) -> Result<Config, ConfigError> {
        self.write("countersign.json", json, 0o644);
        Config::from_file(&self.0.join("countersign.json"))
    }

    /// A configuration that is right but for this section `tls`.
    pub(crate) fn with_tls(&self, tls: &str) -> Result<Config, ConfigError> {
        self.read(&format!(r#"{{ "node": {{ "name": "a@localhost" }}, "tls": {tls} }}"#))
    }

    /// The directory `volume`, which points to this one as Kubernetes does it.
    pub(crate) fn mount(&self, directory: &str) {
        fs::create_dir(self.0.join("volume")).unwrap();
        symlink(self.0.join(directory), self.0.join("volume/..data")).unwrap();
    }

    /// Text without the path of this directory.
    pub(crate) fn neutral(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.0.display()), "")
    }
}

/// It need not be one: the label says enough.
const ENCRYPTED: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
