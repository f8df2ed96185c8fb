//! The home of the one who types, and the terminals that are open there.

use crate::document::{Block, Step};
use crate::likeness::{is_said, is_said_so_far};
use crate::scratch::Scratch;
use crate::terminal::Terminal;
use std::collections::HashMap;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

pub(crate) struct Walk {
    // Before the home, which goes last: whatever runs there ends first.
    terminals: HashMap<String, Terminal>,
    home: Scratch,
    epmd_port: u16,
    port: u16,
}

impl Walk {
    pub(crate) fn new() -> Self {
        let home = Scratch::new();
        std::fs::create_dir(home.join("play")).unwrap();
        Self { terminals: HashMap::new(), home, epmd_port: free_port(), port: free_port() }
    }

    #[track_caller]
    pub(crate) fn go_through(&mut self, block: &Block) {
        let mut terminal = self.terminals.remove(&block.terminal).unwrap_or_else(|| Terminal::open(self.shell()));
        for step in &block.steps {
            if let Err(said) = self.take(step, &mut terminal) {
                let typed = step.typed.join("\n  ");
                let (at, shown) = (block.line, step.said.join("\n"));
                panic!("the block at line {at}\n  {typed}\nshows\n{shown}\n-- and this was said:\n{said}");
            }
        }
        self.terminals.insert(block.terminal.clone(), terminal);
    }

    fn take(&self, step: &Step, terminal: &mut Terminal) -> Result<(), String> {
        let typed: Vec<String> = step.typed.iter().map(|line| self.as_here(line)).collect();
        if typed.is_empty() {
            return terminal.wait_until(|text| is_said_so_far(&step.said, &self.as_shown(text))).map(drop);
        }
        if step.is_for_the_shell { self.command(&typed, &step.said, terminal) } else { self.expression(&typed, &step.said, terminal) }
    }

    /// The shell reads the whole of it before it begins, so that what runs does not find the end in its own input.
    fn command(&self, typed: &[String], shown: &[String], terminal: &mut Terminal) -> Result<(), String> {
        if terminal.is_busy {
            terminal.wait_until(|text| text.ends_with(END))?;
        }
        terminal.clear();
        terminal.type_line(&format!("{{ {}\n}}; printf '{END}%s{END}' $?", typed.join("\n")));
        let goes_on = shown.last().is_some_and(|line| line == "…");
        let said = terminal.wait_until(|text| match text.split_once(END) {
            Some(_) => text.ends_with(END),
            None => goes_on && is_said_so_far(shown, &self.as_shown(text)),
        });
        let said = said?;
        let ended = said.split_once(END);
        terminal.is_busy = ended.is_none();
        let Some((before, _)) = ended else { return Ok(()) };
        let is_right = if goes_on { is_said_so_far } else { is_said };
        if is_right(shown, &self.as_shown(before)) { Ok(()) } else { Err(before.to_owned()) }
    }

    /// Typed where Erlang or Elixir has just asked for more, or will.
    fn expression(&self, typed: &[String], shown: &[String], terminal: &mut Terminal) -> Result<(), String> {
        terminal.clear();
        terminal.type_line(&typed.join("\n"));
        let said = terminal.wait_until(|text| ends_with_prompt(text) && !without_prompts(text).trim().is_empty())?;
        if is_said(shown, &self.as_shown(&without_prompts(&said))) { Ok(()) } else { Err(said) }
    }

    fn shell(&self) -> Command {
        let mut shell = Command::new("bash");
        let bin = Path::new(env!("CARGO_BIN_EXE_countersign")).parent().unwrap();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(std::iter::once(bin.to_owned()).chain(std::env::split_paths(&path))).unwrap();
        shell.args(["--noprofile", "--norc"]).current_dir(self.home.join("play"));
        shell.env("HOME", &*self.home).env("PATH", path).env("ERL_EPMD_PORT", self.epmd_port.to_string());
        let ours = std::env::vars().map(|(name, _)| name).filter(|name| name.starts_with("COUNTERSIGN_"));
        for variable in
            ours.chain(["ERL_EPMD_ADDRESS", "ERL_FLAGS", "RUST_LOG", "TMPDIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME"].map(str::to_owned))
        {
            shell.env_remove(variable);
        }
        shell
    }

    /// The README's home and port are everybody's; these here are the test's own.
    fn as_here(&self, line: &str) -> String {
        line.replace(HOME, &self.home.display().to_string()).replace(PORT, &self.port.to_string())
    }

    fn as_shown(&self, text: &str) -> Vec<String> {
        let text = text.replace(&self.home.display().to_string(), HOME).replace(&format!("ERL_EPMD_PORT={} ", self.epmd_port), "");
        text.lines().map(str::to_owned).collect()
    }
}

fn ends_with_prompt(text: &str) -> bool {
    text.lines().last().is_some_and(|line| line.ends_with("> ") && without_prompts(line).is_empty())
}

/// Without what Erlang and Elixir write to say that it is our turn: `(a@localhost)1> `, `iex(a@localhost)1> `.
fn without_prompts(text: &str) -> String {
    let of = |line: &str| {
        let mut rest = line;
        while let Some((prompt, behind)) = rest.split_once("> ").filter(|(prompt, _)| is_prompt(prompt)) {
            rest = behind.strip_prefix(prompt).unwrap_or(behind);
        }
        rest.to_owned()
    };
    text.lines().map(of).collect::<Vec<_>>().join("\n")
}

fn is_prompt(text: &str) -> bool {
    !text.contains(' ') && text.ends_with(|c: char| c.is_ascii_digit()) && (text.contains('(') || text.len() < 4)
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// What no program writes by itself.
const END: char = '\u{1e}';
const HOME: &str = "/home/me";
const PORT: &str = "15100";
