//! Tells what happens, when it happens.

use super::scene::Scene;
use super::told::{Mark, Told};
use crate::cli::Trouble;
use crate::cli::console::{Console, Tone};
use crate::rt;
use std::cell::Cell;
use std::io;
use std::time::Duration;

pub(super) struct Narrator<'n, 'c> {
    console: &'n mut Console<'c>,
    /// Where it is, for whoever has to say where it ended.
    at: &'n Cell<Scene>,
    form: Form,
}

/// For whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Program,
    /// A person who reads it now, and needs time for that.
    Watching,
    /// A person, later.
    Text,
}

impl<'n, 'c> Narrator<'n, 'c> {
    pub(super) const fn new(console: &'n mut Console<'c>, at: &'n Cell<Scene>, form: Form) -> Self {
        Self { console, at, form }
    }

    /// Leaves time to read the scene before, and begins another one.
    pub(super) async fn begin(&mut self, scene: Scene) -> Result<(), Trouble> {
        if self.form == Form::Watching && scene != Scene::Authority {
            rt::sleep(READING).await;
        }
        self.at.set(scene);
        self.tell(&Told::Begun { scene })
    }

    pub(super) fn tell(&mut self, told: &Told) -> Result<(), Trouble> {
        if self.form == Form::Program {
            // One object a line, as it happens; not one that is spread over many.
            let line = serde_json::to_string(told).map_err(io::Error::from)?;
            return Ok(self.console.line(line)?);
        }
        for (mark, text) in told.lines() {
            match mark {
                Mark::Heading => self.console.line(text)?,
                Mark::Good => {
                    let tick = self.console.painted(Tone::Good, '✓');
                    self.console.line(format_args!("  {tick} {text}"))?;
                }
                Mark::More | Mark::Typed => self.console.line(format_args!("    {text}"))?,
            }
        }
        Ok(())
    }
}

const READING: Duration = Duration::from_millis(900);
