//! The table of `matrix.txt`, and how it is held against what happened.

use super::cell::Cell;
use super::outcome::{Outcome, Side};
use std::collections::BTreeMap;
use std::fmt;

/// What the table says of each cell.
#[derive(Debug, Default)]
pub(crate) struct Table(BTreeMap<Cell, Row>);

/// One line, without its cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    update: String,
    verdict: String,
    acceptor: String,
    dialler: String,
}

/// What happened in each cell, or why it could not be told.
pub(crate) type Results = BTreeMap<Cell, Result<Outcome, String>>;

impl Table {
    /// Reads a table, and collects every line that is none.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut table = Self::default();
        let mut wrong = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            match row(line) {
                Ok((cell, _)) if table.0.contains_key(&cell) => wrong.push(format!("line {number}: {cell} is listed twice")),
                Ok((cell, row)) => drop(table.0.insert(cell, row)),
                Err(why) => wrong.push(format!("line {number}: {why}: {line}")),
            }
        }
        if wrong.is_empty() { Ok(table) } else { Err(wrong.join("\n")) }
    }

    /// What would have to happen for the table to be right.
    pub(crate) fn agreeing(&self) -> Results {
        let side = |code: &String| Side { code: code.clone(), words: String::new() };
        let outcome = |row: &Row| Outcome { update: row.update.clone(), acceptor: side(&row.acceptor), dialler: side(&row.dialler) };
        self.0.iter().map(|(cell, row)| (*cell, Ok(outcome(row)))).collect()
    }

    /// Every difference, in the order of the cells; empty if there is none.
    pub(crate) fn differences(&self, results: &Results) -> Vec<String> {
        let unlisted = results.keys().filter(|cell| !self.0.contains_key(cell)).map(|cell| format!("{cell}\n  is not listed"));
        let surplus = self.0.keys().filter(|cell| !results.contains_key(cell)).map(|cell| format!("{cell}\n  is listed, and no cell"));
        let wrong = self.0.iter().filter_map(|(cell, row)| difference(*cell, row, results.get(cell)?));
        unlisted.chain(surplus).chain(wrong).collect()
    }
}

/// The lines that would make the table agree with what happened.
pub(crate) fn lines(results: &Results) -> String {
    let lines = results.iter().map(|(cell, result)| match result {
        Ok(outcome) => line(*cell, &Row::of(outcome)),
        Err(why) => format!("# {cell}: {why}\n"),
    });
    lines.collect()
}

impl Row {
    fn of(outcome: &Outcome) -> Self {
        Self {
            update: outcome.update.clone(),
            verdict: outcome.verdict().to_owned(),
            acceptor: outcome.acceptor.code.clone(),
            dialler: outcome.dialler.code.clone(),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<26} {:<9} {:<32} {}", self.update, self.verdict, self.acceptor, self.dialler)
    }
}

fn difference(cell: Cell, listed: &Row, result: &Result<Outcome, String>) -> Option<String> {
    match result {
        Err(why) => Some(format!("{cell}\n  {why}")),
        Ok(outcome) if Row::of(outcome) == *listed => None,
        Ok(outcome) => {
            let happened = Row::of(outcome);
            let Outcome { acceptor, dialler, .. } = outcome;
            Some(format!("{cell}\n  listed   {listed}\n  happened {happened}\n  acceptor {acceptor}\n  dialler  {dialler}"))
        }
    }
}

fn row(line: &str) -> Result<(Cell, Row), String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let &[case, presenter, mode, rotation, update, verdict, acceptor, dialler] = words.as_slice() else {
        return Err(format!("{} columns instead of 8", words.len()));
    };
    let mode = mode.parse().map_err(|error: countersign::tls::manager::NotAClientAuth| error.to_string())?;
    let cell = Cell::new(case.parse()?, presenter.parse()?, mode, rotation.parse()?);
    let [update, verdict, acceptor, dialler] = [update, verdict, acceptor, dialler].map(str::to_owned);
    Ok((cell, Row { update, verdict, acceptor, dialler }))
}

fn line(cell: Cell, row: &Row) -> String {
    format!("{:<22} {:<6} {:<18} {:<6} {row}\n", cell.case, cell.presenter, cell.mode(), cell.rotation)
}
