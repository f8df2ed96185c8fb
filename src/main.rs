//! The `countersign` program: parse, run, exit code. All of it is in `countersign::cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    countersign::cli::run(std::env::args_os())
}
