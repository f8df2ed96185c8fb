//! Values of Rust's types against terms: `etf::serde`.

mod deep;
mod forms;
mod languages;
mod other_formats;
mod passing;
mod properties;
mod reading;
mod refusals;
mod rows;
mod table;
mod types;
