//! `faults`: the seeded bugs, and which check catches which.

use super::{Block, Cell, Mark, Section, Sheet, Table, count_of, counted, head, version_facts};
use crate::campaign::{Matrix, Row};
use crate::fault::{Catalogue, Entry};
use crate::report::statement;

impl From<&Catalogue> for Sheet {
    fn from(answer: &Catalogue) -> Self {
        match answer.faults.as_slice() {
            [only] => one(only),
            all => catalogue(all),
        }
    }
}

fn one(fault: &Entry) -> Sheet {
    let fact = |name: &str, value: String| (name.to_owned(), value);
    Sheet {
        title: fault.name.clone(),
        lead: fault.description.clone(),
        facts: vec![
            fact("origin", fault.origin.clone()),
            fact("protocols", fault.protocols.join(", ")),
        ],
        ..Sheet::default()
    }
}

fn catalogue(faults: &[Entry]) -> Sheet {
    let row =
        |one: &Entry| vec![Cell::text(one.name.as_str()), Cell::text(one.description.as_str())];
    let table =
        Table { head: head(&["Fault", "What it does"]), rows: faults.iter().map(row).collect() };
    let origin = |one: &Entry| {
        vec![
            Cell::text(one.name.as_str()),
            Cell::text(one.protocols.join(", ")),
            Cell::text(one.origin.as_str()).marked(Mark::Quiet),
        ]
    };
    let origins = Table {
        head: head(&["Fault", "Protocols", "Origin"]),
        rows: faults.iter().map(origin).collect(),
    };
    let count = count_of(faults.len() as u64, "seeded fault");
    Sheet {
        title: count,
        lead: "`quorate faults NAME` prints one with its origin, `quorate fuzz --fault NAME` looks for \
               one."
            .into(),
        facts: version_facts(None),
        sections: vec![
            Section { title: "Catalogue".into(), blocks: vec![Block::Table(table)] },
            Section {
                title: "Where they come from".into(),
                blocks: vec![Block::Folded {
                    title: "Protocols and origins".into(),
                    blocks: vec![Block::Table(origins)],
                }],
            },
        ],
        ..Sheet::default()
    }
}

impl From<&Matrix> for Sheet {
    fn from(answer: &Matrix) -> Self {
        let missed = answer.rows.iter().filter(|row| row.caught_by.is_empty()).count() as u64;
        let runs = answer.runs.map(|runs| count_of(runs, "run"));
        let with = runs.as_ref().map_or_else(String::new, |runs| format!(" with {runs} each"));
        let verdict = match missed {
            0 => {
                let count = count_of(answer.rows.len() as u64, "fault");
                (Mark::Good, format!("all {count} caught{with}"))
            }
            missed => (Mark::Bad, format!("{} not caught{with}", count_of(missed, "fault"))),
        };
        let mut facts = version_facts(Some(&answer.version));
        facts.extend(runs.map(|runs| ("each fault".to_owned(), runs)));
        facts.extend(answer.seed.map(|seed| ("seed".to_owned(), seed.to_string())));
        let head_faults = head(&["Fault", "Caught by", "After steps"]);
        let faults = Table { head: head_faults, rows: answer.rows.iter().map(caught).collect() };
        let head_checks = head(&["Check", "Faults caught", "What holds"]);
        let rows = answer.checks.iter().map(|check| by_check(answer, check)).collect();
        let checks = Table { head: head_checks, rows };
        let all = Block::Folded {
            title: "Every fault against every check".into(),
            blocks: vec![Block::Table(dots(answer))],
        };
        Self {
            title: "Which check catches which fault".into(),
            verdict: Some(verdict),
            lead: "Each fault is seeded in the ledger in turn; the table says which checks object."
                .into(),
            facts,
            sections: vec![
                Section { title: "Checks".into(), blocks: vec![Block::Table(checks)] },
                Section { title: "Faults".into(), blocks: vec![Block::Table(faults), all] },
            ],
            reproduce: None,
            conclusion: None,
        }
    }
}

fn caught(row: &Row) -> Vec<Cell> {
    let by = match row.caught_by.is_empty() {
        true => Cell::text("not caught").marked(Mark::Bad),
        false if row.auditor_only => Cell::text("auditor only").marked(Mark::Warning),
        false => Cell::text(row.caught_by.join(", ")).marked(Mark::Good),
    };
    let none = || Cell { number: true, ..Cell::text("-").marked(Mark::Quiet) };
    let steps = row.steps_to_first.map_or_else(none, counted);
    vec![Cell::text(row.fault.as_str()), by, steps]
}

fn by_check(answer: &Matrix, check: &String) -> Vec<Cell> {
    let count = answer.rows.iter().filter(|row| row.caught_by.contains(check)).count() as u64;
    let mark = if count == 0 { Mark::Warning } else { Mark::Plain };
    vec![Cell::text(check.as_str()), counted(count).marked(mark), Cell::text(statement(check))]
}

fn dots(answer: &Matrix) -> Table {
    let columns = ["Fault"].into_iter().chain(answer.checks.iter().map(String::as_str));
    let row = |one: &Row| {
        let dot = |check| match one.caught_by.contains(check) {
            true => Cell::text("\u{25cf}"),
            false => Cell::default(),
        };
        let cells = [Cell::text(one.fault.as_str())].into_iter();
        cells.chain(answer.checks.iter().map(dot)).collect()
    };
    Table {
        head: columns.map(str::to_owned).collect(),
        rows: answer.rows.iter().map(row).collect(),
    }
}
