//! `completions`

use super::console::Console;
use super::{Exit, Program, Trouble};
use clap::{Args, Command, CommandFactory};
use clap_complete::{Shell, generate};

/// Print what makes a shell complete the commands and flags of this program
#[derive(Debug, Args)]
#[command(after_help = "\
The file belongs where the shell looks for it; a new shell then completes with the Tab key.

Examples:
  countersign completions bash > ~/.local/share/bash-completion/completions/countersign
  countersign completions fish > ~/.config/fish/completions/countersign.fish
  countersign completions zsh > ~/.zfunc/_countersign    (with fpath+=~/.zfunc before compinit)")]
pub(super) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        // Into memory first: it panics if the reader goes away.
        let mut script = Vec::new();
        generate(self.shell, &mut offered(), "countersign", &mut script);
        console.line(String::from_utf8_lossy(&script).trim_end())?;
        Ok(Exit::Done)
    }
}

/// Without what is hidden, which would be completed, too. The program has no flags of its own.
fn offered() -> Command {
    let program = Program::command();
    let shown = program.get_subcommands().filter(|command| !command.is_hide_set()).cloned();
    Command::new("countersign").version(env!("CARGO_PKG_VERSION")).subcommands(shown)
}
