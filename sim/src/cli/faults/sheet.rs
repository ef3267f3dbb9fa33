//! The kill matrix as a page: which check catches which seeded fault.

use super::{checks, toothless};
use crate::campaign::{AUDITOR, Matrix, Row};
use crate::protocol::Protocol;
use crate::report::promise;
use crate::report::sheet::{Block, Cell, Mark, Section, Sheet, Table};

/// The page of a matrix made with this seed and so many runs a fault.
pub fn sheet(matrix: &Matrix, seed: u64, runs: u64) -> Sheet {
    let mut protocols: Vec<&str> = Vec::new();
    for row in &matrix.rows {
        if !protocols.contains(&row.protocol) {
            protocols.push(row.protocol);
        }
    }
    let protocols: Vec<Protocol> = protocols.into_iter().filter_map(Protocol::preset).collect();
    let mut sheet = Sheet::new("Which check catches which seeded fault", &protocols);
    sheet.facts.push(("seed".to_owned(), seed.to_string()));
    sheet.facts.push(("runs a fault".to_owned(), runs.to_string()));
    let repeat = format!("quorate faults --matrix --seed {seed} --runs {runs}");
    sheet.facts.push(("repeat".to_owned(), repeat));
    sheet.verdict = Some(verdict(matrix));
    sheet.lead =
        "Each fault is seeded in a ledger of its own; random sequences then run under every \
                  invariant and the auditor, which judge by the healthy rules."
            .to_owned();
    sheet.sections = vec![faults(matrix), teeth(matrix), meanings(matrix)];
    sheet
}

fn verdict(matrix: &Matrix) -> (Mark, String) {
    let all = matrix.rows.len();
    let caught = matrix.rows.iter().filter(|row| !row.caught_by.is_empty()).count();
    let alone = matrix.rows.iter().filter(|row| row.auditor_only()).count();
    let mark = if caught == all { Mark::Good } else { Mark::Bad };
    (mark, format!("{caught} of {all} faults caught, {alone} by the auditor only"))
}

fn faults(matrix: &Matrix) -> Section {
    let mut head = vec!["fault".to_owned(), "caught".to_owned(), "after steps".to_owned()];
    head.extend(checks().into_iter().map(str::to_owned));
    let rows = matrix.rows.iter().map(row).collect();
    let text = "A dot in a column: the check objected in some run, if it was given the chance; a run \
                ends with its first objection.";
    let blocks = vec![Block::Text(text.to_owned()), Block::Table(Table { head, rows })];
    Section { title: "Faults".to_owned(), blocks }
}

fn row(row: &Row) -> Vec<Cell> {
    let caught = match row.caught_by.as_slice() {
        [] => Cell::text("not caught").marked(Mark::Bad),
        [AUDITOR] => Cell::text("by the auditor only").marked(Mark::Warning),
        _ => Cell::text("by an invariant").marked(Mark::Good),
    };
    let steps = row.steps_to_first.map_or_else(|| Cell::text(""), Cell::number);
    let mut cells = vec![Cell::text(row.fault.name), caught, steps];
    cells.extend(checks().into_iter().map(|check| match row.caught_by.contains(&check) {
        true => Cell::text("\u{25cf}").marked(Mark::Good),
        false => Cell::text(""),
    }));
    cells
}

fn teeth(matrix: &Matrix) -> Section {
    let row = |check: &'static str| {
        let caught = matrix.rows.iter().filter(|row| row.caught_by.contains(&check)).count();
        let alone = matrix.rows.iter().filter(|row| row.caught_by == [check]).count();
        let mark = if caught == 0 { Mark::Warning } else { Mark::Plain };
        let counts = [Cell::number(caught).marked(mark), Cell::number(alone)];
        [Cell::text(check), Cell::text(promise(check))].into_iter().chain(counts).collect()
    };
    let head = ["check", "promise", "faults caught", "caught by nothing else"];
    let rows = checks().into_iter().map(row).collect();
    let mut blocks = vec![Block::Table(Table { head: head.map(str::to_owned).to_vec(), rows })];
    let toothless = toothless(matrix);
    if !toothless.is_empty() {
        blocks.push(Block::Text(format!("No fault is caught by {}.", toothless.join(", "))));
    }
    Section { title: "Checks".to_owned(), blocks }
}

fn meanings(matrix: &Matrix) -> Section {
    let row = |row: &Row| {
        let (fault, protocol) = (row.fault, row.protocol);
        [fault.name, fault.description, fault.origin, protocol].map(Cell::text).to_vec()
    };
    let head = ["fault", "what is wrong", "origin", "seeded in"].map(str::to_owned).to_vec();
    let rows = matrix.rows.iter().map(row).collect();
    Section {
        title: "What the faults are".to_owned(),
        blocks: vec![Block::Table(Table { head, rows })],
    }
}
