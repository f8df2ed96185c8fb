//! `config check`

use super::Meant;
use crate::cli::console::{Console, Tone};
use crate::cli::{Exit, Trouble};
use clap::Args;

/// Say all that is wrong with a configuration, and what a node would warn about
#[derive(Debug, Args)]
#[command(after_help = "\
Reads the file as start does, and every file that it names, and starts nothing: no port is opened,
nobody is asked. Each error says where it is and what to do. Give it what start is given besides:
flags and environment count here as there.

Examples:
  countersign config check node.json
  countersign config check --name b@localhost --seed a@localhost node.json
  COUNTERSIGN_CONFIG=/etc/countersign/node.json countersign config check")]
pub(crate) struct Check {
    #[command(flatten)]
    meant: Meant,
}

impl Check {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let Some(config) = self.meant.read(console)? else { return Ok(Exit::Usage) };
        let warnings = config.warnings()?;
        console.line(format_args!("{}: {} can start with it", self.meant.path()?.display(), config.name))?;
        for warning in warnings {
            let would = console.painted(Tone::Doubtful, "it would warn:");
            console.line(format_args!("{would} {warning}\n  hint: {}", warning.hint()))?;
        }
        Ok(Exit::Done)
    }
}
