//! `fuzz` and `faults`: what a hunt found, what it met, and which check catches which seeded bug.

use serde_json::Value;

use super::{
    Block, Cell, Mark, Section, Sheet, Table, count_of, counted, facts, head, law_of, list, number,
    story, text,
};

/// The page of a hunt.
#[must_use]
pub fn fuzz(answer: &Value) -> Sheet {
    let findings = list(answer, "findings");
    let fault = text(answer, "fault");
    let complete = answer.get("complete").and_then(Value::as_bool).unwrap_or(true);
    let verdict = match (findings.len() as u64, fault, complete) {
        (0, "", true) => (Mark::Good, "Nothing found".to_owned()),
        (0, "", false) => (Mark::Warning, "Incomplete; nothing found so far".to_owned()),
        (0, fault, _) => (Mark::Bad, format!("The seeded fault {fault} was not found")),
        (_, "", _) => (Mark::Bad, count_of(findings.len() as u64, "finding")),
        (_, fault, _) => (Mark::Good, format!("The seeded fault {fault} is caught")),
    };
    let lead = format!(
        "{} of random transactions, {} in all, {} accepted, {} met. Every step was held against all \
         invariants and against an independent reading of the rules.",
        count_of(number(answer, "runs"), "run"),
        count_of(number(answer, "steps"), "step"),
        super::grouped(number(answer, "accepted")),
        count_of(number(answer, "states"), "state"),
    );
    let mut facts = facts(answer, &[law_of(answer)]);
    facts.push(("seed".into(), number(answer, "seed").to_string()));
    if !fault.is_empty() {
        facts.push(("seeded fault".into(), fault.to_owned()));
    }
    let mut sections: Vec<Section> = findings.iter().map(finding).collect();
    sections.push(results(answer));
    Sheet {
        title: "A hunt for broken promises".into(),
        verdict: Some(verdict),
        lead,
        facts,
        sections,
    }
}

fn finding(one: &Value) -> Section {
    let name = match (text(one, "invariant"), one.get("disagreement")) {
        ("", _) => "The ledger disagrees with the rules".to_owned(),
        (invariant, _) => format!("Broken: {invariant}"),
    };
    let row =
        |name: &str, words: String, mark| vec![Cell::text(name), Cell::text(words).marked(mark)];
    let mut rows = vec![row("what", text(one, "what").to_owned(), Mark::Bad)];
    if let Some(Value::Object(sides)) = one.get("disagreement") {
        for (side, answer) in sides {
            let words = answer.as_str().map_or_else(|| answer.to_string(), str::to_owned);
            rows.push(row(side, words, Mark::Plain));
        }
    }
    let place = format!("run {}, step {}", number(one, "run"), number(one, "step"));
    rows.push(row("first met", place, Mark::Plain));
    rows.push(row("shrunk to", count_of(number(one, "steps"), "step"), Mark::Plain));
    let mut blocks = vec![Block::Table(Table { head: Vec::new(), rows })];
    if let Some(command) = text(one, "description").split_once("Found by: ") {
        blocks.push(Block::Command(command.1.to_owned()));
    }
    blocks.push(Block::Text(
        "The steps below run on the healthy ledger, whose answers are the right ones.".into(),
    ));
    blocks.extend(story(one.get("scenario")));
    Section { title: name, blocks }
}

fn results(answer: &Value) -> Section {
    const DEPTHS: [&str; 5] = ["Plain", "Depth 1", "Depth 2", "Depth 3", "Deeper"];
    let met = list(answer, "results").iter().filter(|one| number(one, "count") > 0);
    let row = |one: &Value| {
        let depths = list(one, "by_depth").iter().map(|count| counted(count.as_u64().unwrap_or(0)));
        let mut cells = vec![Cell::text(text(one, "name")), counted(number(one, "count"))];
        cells.extend(depths);
        cells
    };
    let head = head(&[&["Result", "Met"], DEPTHS.as_slice()].concat());
    let mut blocks = vec![Block::Table(Table { head, rows: met.map(row).collect() })];
    let never = list(answer, "never_reached");
    if !never.is_empty() {
        let row = |name: &Value| vec![Cell::text(name.as_str().unwrap_or(""))];
        let table = Table { head: Vec::new(), rows: never.iter().map(row).collect() };
        let title = format!("{} never met", count_of(never.len() as u64, "result"));
        blocks.push(Block::Folded { title, blocks: vec![Block::Table(table)] });
    }
    Section { title: "Results by count".into(), blocks }
}

/// The page of the catalogue of faults.
#[must_use]
pub fn faults(answer: &Value) -> Sheet {
    let faults = list(answer, "faults");
    let row = |one: &Value| {
        let protocols: Vec<&str> =
            list(one, "protocols").iter().filter_map(Value::as_str).collect();
        vec![
            Cell::text(text(one, "name")),
            Cell::text(text(one, "description")),
            Cell::text(protocols.join(", ")),
            Cell::text(text(one, "origin")).marked(Mark::Quiet),
        ]
    };
    let head = head(&["Fault", "What it does", "Protocols", "Origin"]);
    let table = Block::Table(Table { head, rows: faults.iter().map(row).collect() });
    Sheet {
        title: "Seeded faults".into(),
        lead: format!("{} that the hunt is measured by.", count_of(faults.len() as u64, "bug")),
        facts: facts::<&str>(answer, &[]),
        sections: vec![Section { title: "Catalogue".into(), blocks: vec![table] }],
        ..Sheet::default()
    }
}

/// The page of the kill matrix: which check objects to which fault.
#[must_use]
pub fn matrix(answer: &Value) -> Sheet {
    let rows = list(answer, "matrix");
    let words = |one: &Value, field| -> Vec<String> {
        list(one, field).iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let caught = |one: &&Value| !list(one, "caught_by").is_empty();
    let missed = rows.iter().filter(|one| !caught(one)).count() as u64;
    let row = |one: &Value| {
        let checks = words(one, "caught_by");
        let found = match checks.is_empty() {
            true => Cell::text("not caught").marked(Mark::Bad),
            false => Cell::text(checks.join(", ")).marked(Mark::Good),
        };
        let steps = one.get("steps").and_then(Value::as_u64).map_or_else(Cell::default, counted);
        vec![Cell::text(text(one, "fault")), Cell::text(text(one, "protocol")), found, steps]
    };
    let head_faults = head(&["Fault", "Protocol", "Caught by", "After steps"]);
    let by_check = |check: &String| {
        let count = rows.iter().filter(|one| words(one, "caught_by").contains(check)).count();
        vec![Cell::text(check.as_str()), counted(count as u64)]
    };
    let checks = Table {
        head: head(&["Check", "Faults caught"]),
        rows: words(answer, "checks").iter().map(by_check).collect(),
    };
    let faults = Table { head: head_faults, rows: rows.iter().map(row).collect() };
    let verdict = match missed {
        0 => (Mark::Good, format!("All {} caught", count_of(rows.len() as u64, "fault"))),
        missed => (Mark::Bad, format!("{} not caught", count_of(missed, "fault"))),
    };
    Sheet {
        title: "Which check catches which fault".into(),
        verdict: Some(verdict),
        lead: "Each fault is seeded in the ledger in turn; the table says which checks object."
            .into(),
        facts: facts::<&str>(answer, &[]),
        sections: vec![
            Section { title: "Faults".into(), blocks: vec![Block::Table(faults)] },
            Section { title: "Checks".into(), blocks: vec![Block::Table(checks)] },
        ],
    }
}
