//! What became of a cell.

use crate::foreign_tls::Met;
use crate::logbook::Line;
use countersign::failure::Failure;
use countersign::net::DialError;
use countersign::tls::Refused;
use std::fmt;

/// How a cell went: what the table records, and the sentences beside it.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// What `update` said of the certificate in question; before a rotation nothing.
    pub(crate) update: String,
    pub(crate) acceptor: Side,
    pub(crate) dialler: Side,
}

/// How it looks from one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Side {
    pub(crate) code: String,
    pub(crate) words: String,
}

impl Outcome {
    pub(crate) fn accepted(update: String) -> Self {
        Self { update, acceptor: Side::content(), dialler: Side::content() }
    }

    pub(crate) fn verdict(&self) -> &'static str {
        if self.acceptor.code == NOTHING && self.dialler.code == NOTHING { "accepted" } else { "refused" }
    }
}

impl Side {
    pub(crate) fn content() -> Self {
        Self { code: NOTHING.to_owned(), words: "no complaint".to_owned() }
    }

    /// Our listener's, as its log has it.
    pub(crate) fn of_line(line: &Line) -> Self {
        Self { code: line.marked_code(), words: line.reason.clone() }
    }

    /// Our dialler's.
    pub(crate) fn of_error(error: &DialError) -> Self {
        let guess = error.refused().is_some_and(Refused::is_guess);
        Self { code: format!("{}{}", error.code(), if guess { "?" } else { "" }), words: error.to_string() }
    }

    pub(crate) fn of_foreign(met: &Met) -> Self {
        Self { code: met.to_string(), words: format!("{met:?}") }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.words)
    }
}

/// Where there is no code.
pub(crate) const NOTHING: &str = "-";
