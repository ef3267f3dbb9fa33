//! `fuzz`: what a campaign found, and what it met.

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
    let failed = answer.get("regressions").map_or(&[][..], |one| list(one, "failed"));
    let verdict = match (findings.len() as u64, fault, complete) {
        _ if !failed.is_empty() => (Mark::Bad, "An earlier finding came again".to_owned()),
        (0, ..) if answer.get("peer_failure").is_some() => (Mark::Bad, "A peer failed".to_owned()),
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
    if let Some(repeat) = answer.get("repeat").and_then(Value::as_str) {
        facts.push(("repeat".into(), repeat.to_owned()));
    }
    let mut sections: Vec<Section> = others(answer).into_iter().collect();
    sections.extend(findings.iter().map(finding));
    sections.push(results(answer));
    Sheet {
        title: "A hunt for broken promises".into(),
        verdict: Some(verdict),
        lead,
        facts,
        sections,
        ..Sheet::default()
    }
}

/// What was played besides the new sequences: findings that were saved before, and peers.
fn others(answer: &Value) -> Option<Section> {
    let mut rows = Vec::new();
    if let Some(regressions) = answer.get("regressions") {
        let failed = list(regressions, "failed");
        if number(regressions, "replayed") > 0 {
            let count = count_of(number(regressions, "replayed"), "saved finding");
            let outcome = match failed.len() {
                0 => Cell::text("as expected").marked(Mark::Good),
                _ => Cell::text("came again").marked(Mark::Bad),
            };
            rows.push(vec![Cell::text(format!("{count} replayed first")), outcome]);
        }
        for path in failed.iter().filter_map(Value::as_str) {
            rows.push(vec![Cell::text(path), Cell::text("came again").marked(Mark::Bad)]);
        }
    }
    let failure = answer.get("peer_failure");
    for peer in list(answer, "peers").iter().filter_map(Value::as_str) {
        let differs =
            |one: &&Value| one.get("disagreement").is_some_and(|sides| text(sides, "peer") == peer);
        let count = list(answer, "findings").iter().filter(differs).count() as u64;
        let outcome = match (failure.filter(|one| text(one, "peer") == peer), count) {
            (Some(one), _) => Cell::text(text(one, "error")).marked(Mark::Bad),
            (None, 0) => Cell::text("agrees").marked(Mark::Good),
            (None, count) => Cell::text(count_of(count, "difference")).marked(Mark::Bad),
        };
        rows.push(vec![Cell::text(format!("peer {peer}")), outcome]);
    }
    let table = Block::Table(Table { head: head(&["What", "Outcome"]), rows });
    match &table {
        Block::Table(table) if table.rows.is_empty() => None,
        _ => Some(Section { title: "Earlier findings and peers".into(), blocks: vec![table] }),
    }
}

fn finding(one: &Value) -> Section {
    let peer = one.get("disagreement").map_or("", |sides| text(sides, "peer"));
    let name = match (text(one, "invariant"), one.get("disagreement")) {
        _ if !peer.is_empty() => "A peer disagrees with the rules".to_owned(),
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
    let commands: Vec<&str> = list(one, "commands").iter().filter_map(Value::as_str).collect();
    if !commands.is_empty() {
        blocks.push(Block::Command(commands.join("\n")));
    }
    blocks.push(Block::Text(
        "The steps below run on the healthy ledger, whose answers are the right ones.".into(),
    ));
    blocks.extend(story(one.get("scenario")));
    Section { title: name, blocks }
}

fn results(answer: &Value) -> Section {
    const DEPTHS: [&str; 5] = ["Plain", "Depth 1", "Depth 2", "Depth 3", "Deeper"];
    let row = |one: &Value| {
        let depths = list(one, "by_depth").iter().map(|count| counted(count.as_u64().unwrap_or(0)));
        let met = match number(one, "count") {
            0 => Cell::text("never reached").marked(Mark::Warning),
            count => counted(count),
        };
        let mut cells = vec![Cell::text(text(one, "name")), met];
        cells.extend(depths);
        cells
    };
    let head = head(&[&["Result", "Met"], DEPTHS.as_slice()].concat());
    let rows: Vec<_> = list(answer, "results").iter().map(row).collect();
    let never = list(answer, "never_reached").len() as u64;
    let lead = match never {
        0 => "Every result the protocol knows came.".to_owned(),
        _ => format!("{} never came.", count_of(never, "result")),
    };
    let blocks = vec![Block::Text(lead), Block::Table(Table { head, rows })];
    Section { title: "Results by count".into(), blocks }
}
