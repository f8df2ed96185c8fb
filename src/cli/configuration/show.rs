//! `config show`

use super::Meant;
use crate::cli::console::{Console, Tone};
use crate::cli::{Exit, Trouble, spoken};
use crate::config::{Setting, Source};
use clap::Args;
use serde::Serialize;
use serde_json::Value;

/// Show every option that is in force, and where its value comes from
#[derive(Debug, Args)]
#[command(after_help = "\
What an acceptor or a route does not say, the node says: each option is shown for all of them, with
the flag, the variable, or the place in the file that has said it. A flag wins over the environment,
that over the file, and the file over the default. Cookies and keys are not shown.

With --json an array of objects, whose keys never change their meaning: option (where it would
stand in a configuration), value, from (flag, environment, file or default), at (which flag, which
variable, or where in the file; null for a default) and variables (that stand there as ${NAME}).

Examples:
  countersign config show node.json
  countersign config show node.json --port 15001
  countersign config show --json node.json")]
pub(crate) struct Show {
    #[command(flatten)]
    meant: Meant,
    /// Print an array of objects for programs
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let Some(config) = self.meant.read(console)? else { return Ok(Exit::Usage) };
        let settings = config.settings()?;
        if self.json {
            console.json(&settings.iter().map(Shown::from).collect::<Vec<_>>())?;
        } else {
            let rows: Vec<_> = settings.iter().map(|setting| cells(setting).map(|cell| (Tone::Plain, cell)).into()).collect();
            console.table(&["OPTION", "VALUE", "FROM"], &rows)?;
        }
        Ok(Exit::Done)
    }
}

fn cells(setting: &Setting) -> [String; 3] {
    let is_plain = setting.value.is_null() && setting.option.ends_with("tls");
    let value = if is_plain { "plain TCP".to_owned() } else { spoken::words(&setting.value) };
    [setting.option.clone(), value, setting.source.to_string()]
}

/// A setting for programs, its keys in the order in which they are read best.
#[derive(Serialize)]
struct Shown<'a> {
    option: &'a str,
    value: &'a Value,
    from: &'static str,
    at: Option<&'a str>,
    variables: &'a [String],
}

impl<'a> From<&'a Setting> for Shown<'a> {
    fn from(setting: &'a Setting) -> Self {
        let (at, variables): (_, &[String]) = match &setting.source {
            Source::Flag(name) | Source::Environment(name) => (Some(*name), &[]),
            Source::File { path, variables } => (Some(path.as_str()), variables),
            Source::Default => (None, &[]),
        };
        Self { option: &setting.option, value: &setting.value, from: setting.source.as_str(), at, variables }
    }
}
