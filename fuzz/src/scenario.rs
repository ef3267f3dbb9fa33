//! Claim: the scenario reader never panics, and what it reads is written and read back equal.
//!
//! The bytes are taken as a `.json` and as a `.jsonl`. What is refused must be refused with a line;
//! what is read is written as a document, read again, and written again: both documents are one.

use std::io::Cursor;

use quorate::scenario::record::StepRecord;
use quorate::scenario::{Header, Layout, ScenarioError, Step, open_reader, source, write};

/// Tries the claim.
///
/// # Panics
/// If it does not hold.
pub fn run(bytes: &[u8]) {
    for layout in [Layout::Json, Layout::Lines] {
        match read(bytes, layout) {
            Err(error) => assert!(error.line > 0, "no place: {error}"),
            Ok((header, steps)) => {
                let written = written(&header, &steps);
                let again = read(written.as_bytes(), Layout::Json);
                let again = again.unwrap_or_else(|error| panic!("{error} in\n{written}"));
                assert_eq!(again.1, steps, "steps read back from\n{written}");
                assert_eq!(self::written(&again.0, &again.1), written);
            }
        }
    }
}

fn read(bytes: &[u8], layout: Layout) -> Result<(Header, Vec<Step>), ScenarioError> {
    let (mut header, mut steps) = open_reader("x", source(Cursor::new(bytes.to_vec())), layout)?;
    let mut all = Vec::new();
    loop {
        let mut step = Step::default();
        if steps.next(&mut header, &mut step)?.is_none() {
            return Ok((header, all));
        }
        all.push(step);
    }
}

fn written(header: &Header, steps: &[Step]) -> String {
    let base = header.protocol.base;
    let records: Vec<StepRecord<'_>> =
        steps.iter().map(|step| write::step(&header.names, base, step)).collect();
    let written = write::document(header, &records);
    written.unwrap_or_else(|error| panic!("cannot be written: {error}"))
}
