//! What a demo would leave behind.

use super::companion::Companion;
use super::error::Mishap;
use super::folder::Folder;
use crate::rt;
use crate::rt::channel::{Receiver, Sender};
use std::convert::Infallible;
use std::path::PathBuf;
use std::time::Duration;

/// Put away in the order of the fields, also where nobody does so in order.
#[derive(Debug, Default)]
pub(super) struct Props {
    pub(super) companion: Option<Companion>,
    /// Only now: the other process reads files in it, and makes some.
    pub(super) folder: Option<Folder>,
    /// For the companion: it is dropped when that has ended.
    pub(super) alive: Option<Sender<Infallible>>,
}

impl Props {
    /// Nothing is there any more when this returns, unless it says so.
    pub(super) async fn put_away(&mut self) -> Result<(), Mishap> {
        let status = match &mut self.companion {
            Some(companion) => companion.end().await,
            None => None,
        };
        if let Some(folder) = &self.folder {
            folder.remove().map_err(|source| Mishap::LeftBehind { path: PathBuf::from(folder.path()), source })?;
        }
        match status {
            Some(status) if !status.success() => Err(Mishap::ProcessEnded { status: Some(status) }),
            _ => Ok(()),
        }
    }

    /// Where the other process has ended, whatever failed here failed because of that.
    pub(super) async fn or_why_the_companion_ended(
        &mut self,
        outcome: Result<(), Mishap>,
        companion: &Receiver<Infallible>,
    ) -> Result<(), Mishap> {
        let is_in_order = matches!(&outcome, Ok(()) | Err(Mishap::Interrupted { .. }));
        match &mut self.companion {
            Some(ended) if !is_in_order && rt::timeout(MOMENT, companion.recv()).await.is_ok() => {
                Err(Mishap::ProcessEnded { status: ended.end().await })
            }
            _ => outcome,
        }
    }
}

/// A process that dies is seen to lose its link before it is seen to have ended.
const MOMENT: Duration = Duration::from_millis(500);
