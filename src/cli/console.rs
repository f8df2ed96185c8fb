//! Where the program writes, and how it looks.

use super::logging::TARGET;
use super::trouble::Trouble;
use crate::authority::Warning;
use crate::failure::{Code, Failure};
use crate::observe::Event;
use serde::Serialize;
use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// Standard output and standard error, each with whether it may be coloured.
pub(crate) struct Console<'a> {
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
    paint_out: bool,
    paint_err: bool,
    reader: Reader,
}

/// Who reads what is said besides the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// A person, perhaps later, from a file.
    Person,
    /// A person who waits at this terminal.
    Waiting,
    /// A program: what is said becomes a part of the log.
    Program,
}

/// What a colour stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Doubtful,
    Bad,
    Plain,
}

impl<'a> Console<'a> {
    pub(crate) fn new(out: (&'a mut dyn Write, bool), err: (&'a mut dyn Write, bool), reader: Reader) -> Self {
        Self { out: out.0, err: err.0, paint_out: out.1, paint_err: err.1, reader }
    }

    /// A line of data.
    pub(crate) fn line(&mut self, text: impl Display) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// A word of data in a colour, for use in a line.
    pub(crate) fn painted(&self, tone: Tone, text: impl Display) -> String {
        paint(self.paint_out, tone, text)
    }

    /// Lines of data with their labels in a column of their own.
    pub(crate) fn fields(&mut self, fields: &[(&str, String)]) -> io::Result<()> {
        let width = fields.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
        for (label, value) in fields {
            self.line(format_args!("  {label:width$}  {value}"))?;
        }
        Ok(())
    }

    /// A table: as wide as each column's longest cell, which is measured without its colour.
    pub(crate) fn table(&mut self, heading: &[&str], rows: &[Vec<(Tone, String)>]) -> io::Result<()> {
        let heading: Vec<(Tone, String)> = heading.iter().map(|title| (Tone::Plain, (*title).to_owned())).collect();
        let lines = || std::iter::once(&heading).chain(rows);
        let width = |column: usize| lines().filter_map(|row| row.get(column)).map(|(_, cell)| cell.chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..heading.len()).map(width).collect();
        for row in lines() {
            let cells = row.iter().zip(&widths).map(|((tone, cell), &width)| paint(self.paint_out, *tone, format_args!("{cell:width$}")));
            let line = cells.collect::<Vec<_>>().join("  ");
            writeln!(self.out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    /// Data for a program.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), Trouble> {
        serde_json::to_writer_pretty(&mut *self.out, value).map_err(io::Error::from)?;
        Ok(writeln!(self.out)?)
    }

    /// A remark that is no data.
    pub(crate) fn note(&mut self, text: impl Display) -> io::Result<()> {
        if self.reader == Reader::Program {
            log::info!(target: TARGET, event:% = Event::Remark; "{text}");
            return Ok(());
        }
        // Nobody listens any more: no reason to end what was asked for.
        writeln!(self.err, "{text}").or_else(|error| if error.kind() == ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
    }

    /// Does what takes its time. Whoever waits for it at a terminal is told, and what was said is wiped away after.
    pub(crate) fn while_saying<T>(&mut self, text: &str, work: impl FnOnce() -> T) -> T {
        let is_shown = self.reader == Reader::Waiting && write!(self.err, "{text} …").and_then(|()| self.err.flush()).is_ok();
        let done = work();
        if is_shown {
            // No code of a terminal's, so that the dumbest one understands it.
            let blank = " ".repeat(text.chars().count() + 2);
            let _ = write!(self.err, "\r{blank}\r").and_then(|()| self.err.flush());
        }
        done
    }

    pub(crate) fn warnings(&mut self, warnings: &[Warning]) -> io::Result<()> {
        let label = paint(self.paint_err, Tone::Doubtful, "warning:");
        warnings.iter().try_for_each(|warning| writeln!(self.err, "{label} {warning}"))
    }

    /// What went wrong, what lies behind it, and what to do.
    pub(crate) fn error(&mut self, failure: &dyn Failure) -> io::Result<()> {
        if self.reader == Reader::Program {
            let (code, hint, causes) = (failure.code(), failure.hint(), causes(failure).join(": "));
            log::error!(target: TARGET, event:% = Event::CommandFailed, code:%, causes, hint:%; "{failure}");
            return Ok(());
        }
        writeln!(self.err, "{} {failure}", paint(self.paint_err, Tone::Bad, "error:"))?;
        causes(failure).iter().try_for_each(|cause| writeln!(self.err, "  caused by: {cause}"))?;
        // The code of everything that is simply set up wrong says nothing that the sentence does not.
        if failure.code() != Code::InvalidTlsConfiguration {
            writeln!(self.err, "code: {}", failure.code())?;
        }
        writeln!(self.err, "{} {}", paint(self.paint_err, Tone::Good, "hint:"), failure.hint())
    }
}

/// A path as it is typed in a shell.
pub(crate) fn typed(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+,@%:".contains(c));
    if is_plain { path } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

/// What lies behind a failure, without what it has said already.
fn causes(failure: &dyn Failure) -> Vec<String> {
    let (mut said, mut causes, mut cause) = (failure.to_string(), Vec::new(), failure.source());
    while let Some(error) = cause {
        let sentence = error.to_string();
        if !said.ends_with(&sentence) {
            causes.push(sentence.clone());
        }
        said = sentence;
        cause = error.source();
    }
    causes
}

fn paint(wanted: bool, tone: Tone, text: impl Display) -> String {
    let colour = match tone {
        Tone::Good => "32",
        Tone::Doubtful => "33",
        Tone::Bad => "31",
        Tone::Plain => return text.to_string(),
    };
    if wanted { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_string() }
}
