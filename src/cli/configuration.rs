//! `countersign config`: look at a configuration without starting anything.

mod check;
mod show;

use super::console::Console;
use super::overrides::{self, Overrides};
use super::{Exit, Trouble};
use crate::config::{self, Config, Layers};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Look at the configuration of a node: is it right, and what is in force?
#[derive(Debug, Subcommand)]
#[command(after_help = "\
First steps:
  countersign config check /etc/countersign/node.json
  countersign config show /etc/countersign/node.json")]
pub(super) enum Command {
    Check(check::Check),
    Show(show::Show),
}

impl Command {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        match self {
            Self::Check(command) => command.run(console),
            Self::Show(command) => command.run(console),
        }
    }
}

/// Which configuration, and what `start` would be told besides.
#[derive(Debug, Args)]
struct Meant {
    /// The configuration file [default: the one that COUNTERSIGN_CONFIG names]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    overrides: Overrides,
    /// A file with the cookie, readable by its owner alone [default: the configuration's, or ~/.erlang.cookie]
    #[arg(long, value_name = "FILE")]
    cookie_file: Option<PathBuf>,
}

impl Meant {
    fn path(&self) -> Result<PathBuf, Trouble> {
        let named = self.file.clone().or_else(|| overrides::environment(overrides::CONFIG).map(PathBuf::from));
        named.ok_or(Trouble::Unconfigured)
    }

    /// Reads it, and says all that is wrong with it.
    fn read(&self, console: &mut Console<'_>) -> Result<Option<Config>, Trouble> {
        let mut layers = Layers::default();
        if let Some((path, source)) = overrides::cookie_file(self.cookie_file.as_deref()) {
            layers.set("node.cookie", path, source);
        }
        match config::check(&self.path()?, &self.overrides.over(layers)) {
            Ok(config) => Ok(Some(config)),
            Err(errors) => {
                errors.iter().try_for_each(|error| console.error(error))?;
                Ok(None)
            }
        }
    }
}
