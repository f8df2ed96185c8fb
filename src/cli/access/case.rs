//! The same for a doctor, who wants to see the files before anybody judges them.

use super::{Access, borne_by};
use crate::cli::Trouble;
use crate::cli::development::{self, Development};
use crate::config::{self, CookieAt, Papers};
use crate::doctor::Case;
use crate::node::NodeOptions;
use crate::tls::CertManager;
use std::path::Path;
use std::sync::Arc;

impl Access {
    /// What a node would start with, as far as that can be read.
    pub(in crate::cli) fn case(&self) -> Result<Case, Trouble> {
        if let Some(path) = &self.config {
            return Ok(Case::of_file(path)?);
        }
        let cookies = || self.cookie_file.iter().map(|path| cookie(path)).collect::<Vec<_>>();
        if let Some(path) = &self.tls_dir {
            return Ok(self.of_directory(path, cookies()));
        }
        if self.plain {
            let options = self.brought_along()?.map(|entry| entry.options);
            return Ok(Case::of_papers(Papers::default(), cookies(), None, options));
        }
        let development = Development::open(&self.development_path()?)?;
        let name = development::default_name()?;
        // Made anew if it is about to expire, as at each start.
        let options = development.options(&name).ok();
        let (papers, path) = development.papers(&name)?;
        Ok(Case::of_papers(papers, vec![cookie(&path)], Some(name), options))
    }

    fn of_directory(&self, path: &Path, cookies: Vec<CookieAt>) -> Case {
        let papers = Papers::of_directory(path.display().to_string(), path);
        let (manager, fault) = match config::tls_directory(path) {
            Ok(manager) => (Some(manager), None),
            Err(fault) => (None, Some(fault)),
        };
        let name = manager.as_ref().and_then(|manager| borne_by(manager.resolver().current().certificate.leaf()));
        let cookie = self.cookie_file.as_deref().map(config::cookie_file).transpose().ok();
        let options = manager.zip(cookie).map(|(manager, cookie)| NodeOptions {
            cert_manager: Some(Arc::new(manager)),
            cookie,
            ..NodeOptions::default()
        });
        let mut case = Case::of_papers(papers, cookies, name, options);
        case.faults.extend(fault);
        case
    }
}

fn cookie(path: &Path) -> CookieAt {
    CookieAt { at: "cookie".to_owned(), whence: path.display().to_string(), outcome: config::cookie_file(path).map(drop) }
}
