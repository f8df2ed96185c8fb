//! The handshake matrix: every case of certificate, in five modes, both directions, before and after a
//! rotation. `matrix.txt` has the verdict and each side's code for every cell; a cell it does not list
//! fails, and so does a line that is no cell.
//!
//! `MATRIX_PRINT=1` prints the lines that would agree with what happens. Whoever puts them into the
//! table says that each is right by TLS and by design, not only that it is so.

mod cell;
mod foreign;
mod offer;
mod ours;
mod outcome;
mod scene;
mod table;

use crate::logbook;
use crate::managers::{self, Make};
use cell::Cell;
use offer::{Offer, World};
use outcome::Outcome;
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use table::{Results, Table, lines};

#[test]
fn every_cell_is_as_listed_with_the_supplied_manager() {
    hold(managers::supplied);
}

#[test]
fn every_cell_is_as_listed_with_a_manager_that_shares_only_the_resolver() {
    hold(managers::hand_written);
}

#[test]
fn the_matrix_has_every_case_mode_direction_and_moment() {
    assert_eq!(Cell::all().len(), 22 * 5 * 2 * 2);
}

#[test]
fn a_cell_that_is_not_listed_fails() {
    let cell = ["good", "client", "require_any", "after"];
    let is_it = |line: &&str| line.split_whitespace().take(4).eq(cell);
    let without_one: Vec<&str> = TABLE.lines().filter(|line| !is_it(line)).collect();
    let differences = Table::parse(&without_one.join("\n")).unwrap().differences(&as_listed());
    assert_eq!(differences, ["good presented by the client, require_any, after a rotation\n  is not listed"]);
}

#[test]
fn a_line_that_is_no_cell_fails() {
    let error = Table::parse("good client sometimes after - accepted - -").unwrap_err();
    assert!(error.contains("\"sometimes\" is not a client_auth mode"), "{error}");
    let error = Table::parse("good client none after - accepted -").unwrap_err();
    assert!(error.contains("7 columns instead of 8"), "{error}");
}

#[test]
fn a_cell_that_is_listed_twice_fails() {
    let line = "good client none after taken accepted - -\n";
    assert!(Table::parse(&line.repeat(2)).unwrap_err().contains("listed twice"));
}

#[test]
fn a_code_that_differs_is_shown_with_the_sentences_of_both_sides() {
    let mut results = as_listed();
    let cell = Cell::all()[0];
    let mut wrong = Outcome::accepted("-".to_owned());
    wrong.dialler = outcome::Side { code: "unknown_ca".to_owned(), words: "certificate signed by unknown authority".to_owned() };
    results.insert(cell, Ok(wrong));
    let differences = Table::parse(TABLE).unwrap().differences(&results);
    let [difference] = differences.as_slice() else { panic!("{differences:?}") };
    assert!(difference.contains("listed   -") && difference.contains("happened -"), "{difference}");
    assert!(difference.contains("dialler  unknown_ca: certificate signed by unknown authority"), "{difference}");
}

fn hold(make: Make) {
    logbook::open();
    let results = run(make);
    if std::env::var_os("MATRIX_PRINT").is_some() {
        std::io::stdout().write_all(lines(&results).as_bytes()).unwrap();
    }
    let differences = Table::parse(TABLE).unwrap().differences(&results);
    assert!(differences.is_empty(), "{} of {} cells differ\n\n{}\n", differences.len(), results.len(), differences.join("\n\n"));
}

/// A few cells at a time: most of a cell is waiting for the other side.
fn run(make: Make) -> Results {
    let (world, cells) = (World::new(), Cell::all());
    let (next, results) = (AtomicUsize::new(0), Mutex::new(Results::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some(&cell) = cells.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = crate::block_on(outcome(cell, &world, make));
                    results.lock().unwrap().insert(cell, result);
                }
            });
        }
    });
    results.into_inner().unwrap()
}

async fn outcome(cell: Cell, world: &World, make: Make) -> Result<Outcome, String> {
    let offer = world.offer(cell);
    match &offer {
        Offer::Ours(certificate) => ours::run(cell, world, &offer, certificate, make).await,
        _ => foreign::run(cell, world, &offer, make).await,
    }
}

/// Results that agree with the table, for tests of the comparison.
fn as_listed() -> Results {
    Table::parse(TABLE).unwrap().agreeing()
}

const TABLE: &str = include_str!("matrix.txt");
const AT_A_TIME: usize = 6;
