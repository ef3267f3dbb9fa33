//! Turns an input of the targets `sequence` and `rollback` into a scenario file on standard output.
//!
//! ```text
//! cargo run -p quorate-fuzz --example to_scenario -- fuzz/artifacts/sequence/crash-... > found.json
//! quorate replay found.json
//! ```

use std::process::ExitCode;

use quorate_fuzz::story::{document, story};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(path), None) = (arguments.next(), arguments.next()) else {
        eprintln!("error: expected one file: an input of the targets `sequence` or `rollback`");
        return ExitCode::from(2);
    };
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) => {
            eprintln!("error: {path}: cannot read: {error}");
            return ExitCode::from(2);
        }
    };
    let Some((mut header, steps)) = story(&bytes) else {
        eprintln!("error: {path}: no story; expected decisions or a scenario that can be read");
        return ExitCode::from(2);
    };
    header.description = format!("From the input `{path}` of a coverage-guided target.");
    print!("{}", document(&header, &steps));
    ExitCode::SUCCESS
}
