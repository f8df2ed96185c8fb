//! The same for a doctor, who wants to see the files before anybody judges them.

use super::{Access, Chosen};
use crate::cli::Trouble;
use crate::cli::development::{self, Development};
use crate::cli::overrides::Overrides;
use crate::config::{self, CookieAt};
use crate::doctor::Case;
use crate::node_name::NodeName;

impl Access {
    /// What a node of this name, or of the usual one, would start with, as far as that can be read.
    pub(in crate::cli) fn case(&self, name: Option<NodeName>) -> Result<Case, Trouble> {
        let (chosen, overrides) = (self.chosen()?, Overrides::of_name(name));
        if let Chosen::Development(path) = &chosen {
            return self.of_development(&chosen, &Development::open(path)?, &overrides);
        }
        let usual = chosen.usual_name()?;
        let is_nameless = chosen.is_nameless(usual.as_ref(), &overrides);
        // Files can be looked at without knowing whose they are.
        let name = if is_nameless { Some(development::default_name()?) } else { usual };
        let layers = self.layers(&chosen, name, None, &overrides)?;
        let case = match &chosen {
            Chosen::File(path) => Case::of_file(path, &layers)?,
            _ => Case::of_layers(&layers),
        };
        Ok(if is_nameless { Case { name: None, ..case } } else { case })
    }

    /// Certificates are made anew if they are about to expire, as at each start. The directory may be damaged, and its files
    /// are looked at nevertheless.
    fn of_development(&self, chosen: &Chosen<'_>, development: &Development, overrides: &Overrides) -> Result<Case, Trouble> {
        let usual = development::default_name()?;
        if let Ok(layers) = self.layers(chosen, Some(usual.clone()), Some(development), overrides) {
            return Ok(Case::of_layers(&layers));
        }
        let name = overrides.a_name().unwrap_or(usual);
        let (papers, path) = development.papers(&name)?;
        let outcome = config::cookie_file(&path).map(drop);
        let cookie = CookieAt { at: "node.cookie".to_owned(), whence: path.display().to_string(), outcome };
        Ok(Case::of_papers(papers, vec![cookie], name))
    }
}
