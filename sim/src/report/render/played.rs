//! `replay` and `conform`: which scenarios came out as expected, which did not, and why.

use std::path::Path;

use super::{
    Block, Cell, Mark, Section, Sheet, Table, count_of, counted, head, pairs, protocol_facts,
};
use crate::conformance::{self, PeerReport};
use crate::replay::{self, Conveyed, Failure, ProtocolId, Scenario};
use crate::report::statement;

/// Most failures that are shown one by one.
const FAILURES_MAX: usize = 200;

impl From<&replay::Report> for Sheet {
    fn from(answer: &replay::Report) -> Self {
        let scenarios: Vec<&Scenario> = answer.scenarios.iter().collect();
        let invariants = crate::invariant::ALL.len();
        let lead = format!(
            "{}: {}, {}; {invariants} invariants checked after every step.",
            count_of(scenarios.len() as u64, "scenario"),
            count_of(scenarios.iter().map(|one| one.steps).sum(), "step"),
            count_of(scenarios.iter().filter_map(|one| one.expectations).sum(), "expectation"),
        );
        let mut sections: Vec<Section> = failures(&scenarios).into_iter().collect();
        sections.push(outcomes(&scenarios, "Expectations"));
        sections.extend(answer.conveyed.as_ref().map(conveyed));
        sections.push(invariants_section());
        Self {
            title: title("Replay", &scenarios),
            verdict: Some(verdict(answer.failed, scenarios.len(), answer.complete)),
            lead,
            facts: protocol_facts(&answer.version, &protocols(&scenarios)),
            sections,
            reproduce: answer.reproduce.clone(),
            conclusion: None,
        }
    }
}

impl From<&conformance::Report> for Sheet {
    fn from(answer: &conformance::Report) -> Self {
        let all: Vec<&Scenario> = answer.peers.iter().flat_map(|peer| &peer.scenarios).collect();
        let mut sections: Vec<Section> = answer.peers.iter().filter_map(kinds).collect();
        sections.extend(failures(&all));
        for peer in &answer.peers {
            let scenarios: Vec<&Scenario> = peer.scenarios.iter().collect();
            let mut section = outcomes(&scenarios, "Declared differences");
            section.blocks.extend(declared(&peer.declared));
            section.blocks.extend(uncompared(conformance::uncompared(&peer.scenarios).into_iter()));
            sections.push(Section { title: format!("Peer {}", peer.peer), ..section });
        }
        // each peer plays all of them, unless it was stopped before
        let played = answer.peers.iter().map(|peer| peer.scenarios.len()).max().unwrap_or(0);
        let lead = format!(
            "{} played by this ledger and by {}; every answer compared.",
            count_of(played as u64, "scenario"),
            count_of(answer.peers.len() as u64, "other program"),
        );
        Self {
            title: "Conformance".into(),
            verdict: Some(verdict(answer.failed, all.len(), answer.complete)),
            lead,
            facts: protocol_facts(&answer.version, &protocols(&all)),
            sections,
            reproduce: answer.reproduce.clone(),
            conclusion: None,
        }
    }
}

fn title(word: &str, scenarios: &[&Scenario]) -> String {
    match scenarios {
        [only] if !only.name.is_empty() => format!("{word} of `{}`", only.name),
        [only] => format!("{word} of `{}`", only.path),
        _ => format!("{word} of {}", count_of(scenarios.len() as u64, "scenario")),
    }
}

fn verdict(failed: u64, count: usize, complete: bool) -> (Mark, String) {
    match (failed, complete) {
        (0, true) => (Mark::Good, "all as expected".to_owned()),
        (0, false) => (Mark::Warning, "incomplete; as expected so far".to_owned()),
        (failed, _) => {
            let incomplete = if complete { "" } else { "; incomplete" };
            let count = count_of(count as u64, "scenario");
            (Mark::Bad, format!("{failed} of {count} failed{incomplete}"))
        }
    }
}

fn protocols(scenarios: &[&Scenario]) -> Vec<ProtocolId> {
    let mut protocols: Vec<ProtocolId> =
        scenarios.iter().filter_map(|one| one.protocol.clone()).collect();
    protocols
        .sort_unstable_by(|one, other| (&one.name, &one.digest).cmp(&(&other.name, &other.digest)));
    protocols.dedup();
    protocols
}

/// A line for every folder, and, folded, one for every scenario.
fn outcomes(scenarios: &[&Scenario], last: &str) -> Section {
    let folder = |one: &Scenario| match Path::new(&one.path).parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.display().to_string(),
        _ => ".".to_owned(),
    };
    let row = |of_folder: &[&Scenario]| {
        let failed = of_folder.iter().filter(|one| one.has_failed()).count() as u64;
        let outcome = match failed {
            0 => Cell::text("as expected").marked(Mark::Good),
            count => Cell::text(format!("{count} FAILED")).marked(Mark::Bad),
        };
        vec![
            Cell::text(of_folder.first().map(|one| folder(one)).unwrap_or_default()),
            counted(of_folder.len() as u64),
            counted(of_folder.iter().map(|one| one.steps).sum()),
            outcome,
        ]
    };
    let by_folder = scenarios.chunk_by(|one, other| folder(one) == folder(other));
    let folders = Table {
        head: head(&["Folder", "Scenarios", "Steps", "Outcome"]),
        rows: by_folder.map(row).collect(),
    };
    let all = Table {
        head: head(&["Scenario", "Outcome", "Protocol", "Steps", last, "File"]),
        rows: scenarios.iter().map(|one| outcome(one)).collect(),
    };
    let all = Block::Folded { title: "Every scenario".into(), blocks: vec![Block::Table(all)] };
    Section { title: "Outcomes".into(), blocks: vec![Block::Table(folders), all] }
}

fn outcome(one: &Scenario) -> Vec<Cell> {
    let outcome = match (&one.error, one.failures.len() as u64) {
        (Some(_), _) => Cell::text("the peer failed").marked(Mark::Bad),
        (None, 0) => Cell::text("as expected").marked(Mark::Good),
        (None, count) => Cell::text(count_of(count, "failure")).marked(Mark::Bad),
    };
    let name = if one.name.is_empty() { &one.path } else { &one.name };
    vec![
        Cell::text(name.as_str()),
        outcome,
        Cell::text(one.protocol.as_ref().map_or("", |protocol| &protocol.name)),
        counted(one.steps),
        counted(one.expectations.or(one.declared).unwrap_or(0)),
        Cell::text(one.path.as_str()).marked(Mark::Quiet),
    ]
}

/// Every failure with its place, what was expected and what was found.
pub(super) fn failures(scenarios: &[&Scenario]) -> Option<Section> {
    let all: Vec<(&Scenario, &Failure)> = scenarios
        .iter()
        .flat_map(|one| one.findings().map(move |failure| (*one, failure)))
        .collect();
    let mut blocks = Vec::new();
    for (scenario, failure) in all.iter().take(FAILURES_MAX) {
        blocks.extend(self::failure(scenario, failure));
    }
    if all.len() > FAILURES_MAX {
        let more = count_of((all.len() - FAILURES_MAX) as u64, "failure");
        blocks.push(Block::Text(format!("{more} more are in the JSON, not here.")));
    }
    (!all.is_empty()).then(|| Section { title: "Failures".into(), blocks })
}

fn failure(scenario: &Scenario, failure: &Failure) -> Vec<Block> {
    let what = if failure.invariant { "broken invariant" } else { "unexpected" };
    let place = scenario.place(failure);
    let reason = failure.reason.as_ref().map_or("", |reason| reason.text.as_str());
    let mut blocks = vec![
        Block::Heading(format!("{place}: {what} `{}`", failure.about)),
        pairs(&[
            ("expected", &failure.expected, Mark::Plain),
            ("found", &failure.found, Mark::Bad),
            ("reason", reason, Mark::Plain),
            ("rule", statement(&failure.about), Mark::Quiet),
        ]),
    ];
    if !failure.detail.is_empty() {
        blocks.push(Block::Verbatim(failure.detail.clone()));
    }
    if let Some(file) = &failure.shrunk {
        blocks.push(Block::Text(format!("Shrunk to a scenario of its own: {file}")));
    }
    blocks
}

/// The kinds of difference from a peer.
fn kinds(peer: &PeerReport) -> Option<Section> {
    let row = |kind: &conformance::DifferenceKind| {
        let words = Cell::text(kind.words()).marked(Mark::Bad);
        vec![words, Cell::text(kind.place())]
    };
    let rows = peer.kinds.iter().map(row).collect();
    let table = Table { head: head(&["Kind of difference", "First"]), rows };
    let title = format!("What {} answers otherwise", peer.peer);
    (!peer.kinds.is_empty()).then(|| Section { title, blocks: vec![Block::Table(table)] })
}

/// Differences that were declared, and how often each was met.
pub(super) fn declared(declared: &[conformance::DeclaredCount]) -> Vec<Block> {
    let row = |one: &conformance::DeclaredCount| {
        vec![
            Cell::text(one.ours.as_str()),
            Cell::text(one.theirs.as_str()),
            counted(one.count),
            Cell::text(one.why.as_str()),
        ]
    };
    let head = head(&["We say", "theirs", "met", "why"]);
    let table = Table { head, rows: declared.iter().map(row).collect() };
    let title = Block::Heading("Differences that were declared beforehand".into());
    if declared.is_empty() { Vec::new() } else { vec![title, Block::Table(table)] }
}

/// Steps behind a difference that were not compared, and why.
pub(super) fn uncompared<'w>(reasons: impl Iterator<Item = (&'w str, u64)>) -> Option<Block> {
    let row = |(why, steps): (&str, u64)| vec![counted(steps), Cell::text(why)];
    let rows: Vec<_> = reasons.map(row).collect();
    let head = head(&["Steps", "not compared behind a difference, because"]);
    (!rows.is_empty()).then(|| Block::Table(Table { head, rows }))
}

/// What went through its bytes, and what there are no bytes for.
fn conveyed(conveyed: &Conveyed) -> Section {
    let without: u64 = conveyed.without.values().sum();
    let words = format!(
        "{} went through their bytes; {} have none.",
        count_of(conveyed.sent, "transaction"),
        count_of(without, "step")
    );
    let rows = conveyed.without.iter();
    let rows: Vec<_> =
        rows.map(|(what, &count)| vec![counted(count), Cell::text(what.as_str())]).collect();
    let mut blocks = vec![Block::Text(words)];
    if !rows.is_empty() {
        blocks.push(Block::Table(Table { head: head(&["Steps", "Without bytes"]), rows }));
    }
    Section { title: "Bytes".into(), blocks }
}

fn invariants_section() -> Section {
    let row =
        |one: &crate::invariant::Invariant| vec![Cell::text(one.name), Cell::text(one.statement)];
    let rows = crate::invariant::ALL.iter().map(row).collect();
    let table = Table { head: head(&["Invariant", "What holds"]), rows };
    let title = "What is checked after every step".to_owned();
    let folded =
        Block::Folded { title: "All invariants".into(), blocks: vec![Block::Table(table)] };
    Section { title, blocks: vec![folded] }
}
