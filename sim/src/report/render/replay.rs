//! `replay` and `conform`: which scenarios came out as expected, which did not, and why.

use serde_json::Value;

use super::{
    Block, Cell, Mark, Section, Sheet, Stories, Table, count_of, counted, facts, head, list,
    number, text,
};
use crate::report::promise;

/// Most failures that are told one by one.
const FAILURES_MAX: usize = 200;

/// The page of a replay.
#[must_use]
pub fn replay(answer: &Value, stories: &Stories) -> Sheet {
    let scenarios = list(answer, "scenarios");
    let sum = |field| scenarios.iter().map(|one| number(one, field)).sum::<u64>();
    let invariants = crate::invariant::ALL.len();
    let lead = format!(
        "{} replayed: {}, {} compared, {invariants} invariants checked after every step.",
        count_of(scenarios.len() as u64, "scenario"),
        count_of(sum("steps"), "step"),
        count_of(sum("expectations"), "expectation"),
    );
    let mut sections =
        vec![Section { title: "Outcomes".into(), blocks: vec![outcomes(scenarios)] }];
    sections.extend(failures(answer, scenarios));
    sections.extend(stories.section());
    sections.push(invariants_told());
    Sheet {
        title: title("Replay", scenarios),
        verdict: Some(verdict(answer, scenarios.len())),
        lead,
        facts: facts(answer, &laws(scenarios)),
        sections,
        ..Sheet::default()
    }
}

/// The page of a comparison with other programs.
#[must_use]
pub fn conform(answer: &Value, stories: &Stories) -> Sheet {
    let peers = list(answer, "peers");
    let all: Vec<Value> = peers.iter().flat_map(|peer| list(peer, "scenarios")).cloned().collect();
    let mut sections = Vec::new();
    for peer in peers {
        let mut blocks = vec![outcomes(list(peer, "scenarios"))];
        blocks.extend(declared(peer));
        sections.push(Section { title: format!("Peer {}", text(peer, "peer")), blocks });
    }
    sections.extend(failures(answer, &all));
    sections.extend(stories.section());
    let lead = format!(
        "{} played by this ledger and by {}; every answer compared.",
        count_of(all.len() as u64, "scenario"),
        count_of(peers.len() as u64, "other program"),
    );
    Sheet {
        title: "Conformance".into(),
        verdict: Some(verdict(answer, all.len())),
        lead,
        facts: facts(answer, &laws(&all)),
        sections,
        ..Sheet::default()
    }
}

fn title(word: &str, scenarios: &[Value]) -> String {
    match scenarios {
        [only] if !text(only, "name").is_empty() => format!("{word}: {}", text(only, "name")),
        [only] => format!("{word}: {}", text(only, "path")),
        _ => format!("{word} of {}", count_of(scenarios.len() as u64, "scenario")),
    }
}

fn verdict(answer: &Value, count: usize) -> (Mark, String) {
    let complete = answer.get("complete").and_then(Value::as_bool).unwrap_or(true);
    let failed = number(answer, "failed");
    match (failed, complete) {
        (0, true) => (Mark::Good, "All as expected".to_owned()),
        (0, false) => (Mark::Warning, "Incomplete; as expected so far".to_owned()),
        (failed, _) => {
            (Mark::Bad, format!("{failed} of {} failed", count_of(count as u64, "scenario")))
        }
    }
}

fn laws(scenarios: &[Value]) -> Vec<(&str, &str)> {
    let law = |one| (text(one, "protocol"), text(one, "protocol_digest"));
    let mut laws: Vec<(&str, &str)> =
        scenarios.iter().map(law).filter(|law| !law.0.is_empty()).collect();
    laws.sort_unstable();
    laws.dedup();
    laws
}

fn outcomes(scenarios: &[Value]) -> Block {
    let expectations = scenarios.iter().any(|one| one.get("expectations").is_some());
    let last = if expectations { "Expectations" } else { "Declared differences" };
    let row = |one: &Value| {
        let failures = list(one, "failures").len() as u64;
        let outcome = match (one.get("error"), failures) {
            (Some(_), _) => Cell::text("the peer failed").marked(Mark::Bad),
            (None, 0) => Cell::text("as expected").marked(Mark::Good),
            (None, count) => Cell::text(count_of(count, "failure")).marked(Mark::Bad),
        };
        let name = match text(one, "name") {
            "" => text(one, "path"),
            name => name,
        };
        let last = number(one, if expectations { "expectations" } else { "declared" });
        vec![
            Cell::text(name),
            outcome,
            Cell::text(text(one, "protocol")),
            counted(number(one, "steps")),
            counted(last),
            Cell::text(text(one, "path")).marked(Mark::Quiet),
        ]
    };
    let head = head(&["Scenario", "Outcome", "Protocol", "Steps", last, "File"]);
    Block::Table(Table { head, rows: scenarios.iter().map(row).collect() })
}

fn failures(answer: &Value, scenarios: &[Value]) -> Option<Section> {
    let each = |one| list(one, "failures").iter().chain(one.get("error"));
    let all: Vec<(&Value, &Value)> =
        scenarios.iter().flat_map(|one| each(one).map(move |failure| (one, failure))).collect();
    if all.is_empty() {
        return None;
    }
    let mut blocks = Vec::new();
    for (scenario, failure) in all.iter().take(FAILURES_MAX) {
        let about = text(failure, "about");
        let (path, line, step) =
            (text(scenario, "path"), number(failure, "line"), number(failure, "step"));
        blocks.push(Block::Heading(format!("{path}:{line}: step {step}: {about}")));
        let row =
            |name: &str, words: &str, mark| vec![Cell::text(name), Cell::text(words).marked(mark)];
        let rows = vec![
            row("promised", promise(about), Mark::Plain),
            row("expected", text(failure, "expected"), Mark::Plain),
            row("found", text(failure, "found"), Mark::Bad),
        ];
        blocks.push(Block::Table(Table { head: Vec::new(), rows }));
        if let Some(file) = failure.get("shrunk").and_then(Value::as_str) {
            blocks.push(Block::Text(format!("Shrunk to a scenario of its own: {file}")));
        }
    }
    if all.len() > FAILURES_MAX {
        let more = count_of((all.len() - FAILURES_MAX) as u64, "failure");
        blocks.push(Block::Text(format!("{more} more stand in the JSON, not here.")));
    }
    if !text(answer, "repeat").is_empty() {
        blocks.push(Block::Heading("To see the first one again".into()));
        blocks.push(Block::Command(text(answer, "repeat").to_owned()));
    }
    Some(Section { title: "Failures".into(), blocks })
}

fn declared(peer: &Value) -> Option<Block> {
    let all = list(peer, "declared");
    let row = |one: &Value| {
        vec![
            Cell::text(text(one, "ours")),
            Cell::text(text(one, "theirs")),
            counted(number(one, "count")),
            Cell::text(text(one, "why")),
        ]
    };
    let head = head(&["We say", "They say", "Met", "Why that is all right"]);
    let table = Table { head, rows: all.iter().map(row).collect() };
    let title = "Differences that were declared beforehand".into();
    (!all.is_empty()).then(|| Block::Folded { title, blocks: vec![Block::Table(table)] })
}

fn invariants_told() -> Section {
    let row =
        |one: &crate::invariant::Invariant| vec![Cell::text(one.name), Cell::text(one.promise)];
    let rows = crate::invariant::ALL.iter().map(row).collect();
    let table = Table { head: head(&["Invariant", "Promise"]), rows };
    Section { title: "What is checked after every step".into(), blocks: vec![Block::Table(table)] }
}
