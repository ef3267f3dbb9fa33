//! `fuzz`: what a campaign found, and what it met.

use super::played::{declared, failures, uncompared};
use super::{Block, Cell, Mark, Section, Sheet, Table, count_of, counted, head, protocol_facts};
use crate::campaign::{Cause, Finding, Report, ResultCount};
use crate::replay::{ProtocolId, Scenario};

impl From<&Report> for Sheet {
    fn from(answer: &Report) -> Self {
        let protocol =
            ProtocolId { name: answer.protocol.clone(), digest: answer.protocol_digest.clone() };
        let mut facts = protocol_facts(&answer.version, &[protocol]);
        facts.push(("seed".into(), answer.seed.to_string()));
        if let Some(part) = &answer.part {
            facts.push(("first run".into(), part.first_run.to_string()));
        }
        if let Some(fault) = &answer.fault {
            facts.push(("seeded fault".into(), fault.clone()));
        }
        let failed: Vec<&Scenario> = answer.regressions.failures.iter().collect();
        let mut sections: Vec<Section> = failures(&failed).into_iter().collect();
        sections.extend(others(answer));
        sections.extend(answer.findings.iter().map(finding));
        if answer.regressions.hold() {
            sections.push(results(answer));
        }
        Self {
            title: "Random sequences".into(),
            verdict: Some(verdict(answer)),
            lead: lead(answer),
            facts,
            sections,
            reproduce: answer.reproduce.clone(),
            conclusion: None,
        }
    }
}

fn verdict(answer: &Report) -> (Mark, String) {
    let count = answer.findings.len() as u64;
    let (mark, words) = match (&answer.fault, count) {
        _ if !answer.regressions.hold() => (Mark::Bad, "an earlier finding came again".to_owned()),
        (_, 0) if answer.peer_failure.is_some() => (Mark::Bad, "a peer failed".to_owned()),
        (None, 0) if !answer.complete => (Mark::Warning, "nothing found so far".to_owned()),
        (None, 0) => (Mark::Good, "nothing found".to_owned()),
        (None, count) => (Mark::Bad, count_of(count, "finding")),
        (Some(fault), 0) => (Mark::Bad, format!("the seeded fault {fault} was not found")),
        (Some(fault), _) => (Mark::Good, format!("the seeded fault {fault} is caught")),
    };
    let incomplete =
        if answer.complete || !answer.regressions.hold() { "" } else { "; incomplete" };
    (mark, format!("{words}{incomplete}"))
}

fn lead(answer: &Report) -> String {
    if !answer.regressions.hold() {
        return "Nothing new was tried.".to_owned();
    }
    let accepted = (answer.accepted * 100).checked_div(answer.steps).unwrap_or(0);
    format!(
        "{}, {}, {accepted}% accepted, {}, {}. Every step was checked against all invariants and \
         against an independent reading of the rules.",
        count_of(answer.runs, "run"),
        count_of(answer.steps, "step"),
        count_of(answer.modifications, "modification"),
        count_of(answer.states, "state"),
    )
}

/// What was played besides the new sequences: findings that were saved before, and peers.
fn others(answer: &Report) -> Option<Section> {
    let mut rows = Vec::new();
    let regressions = &answer.regressions;
    if regressions.replayed > 0 {
        let outcome = match regressions.failed.len() {
            0 => Cell::text("as expected").marked(Mark::Good),
            count => Cell::text(format!("{count} came again")).marked(Mark::Bad),
        };
        let count = count_of(regressions.replayed, "saved finding");
        rows.push(vec![Cell::text(format!("{count} replayed")), outcome]);
    }
    for peer in &answer.peers {
        let differs = |one: &&Finding| one.cause.peer() == Some(peer);
        let count = answer.findings.iter().filter(differs).count() as u64;
        let failure = answer.peer_failure.as_ref().filter(|one| one.peer == *peer);
        let outcome = match (failure, count) {
            (Some(one), _) => {
                let words = format!("failed in run {}, step {}: {}", one.run, one.step, one.error);
                Cell::text(words).marked(Mark::Bad)
            }
            (None, 0) => Cell::text("agrees").marked(Mark::Good),
            (None, count) => Cell::text(count_of(count, "difference")).marked(Mark::Bad),
        };
        rows.push(vec![Cell::text(format!("peer `{peer}`")), outcome]);
    }
    let mut blocks = vec![Block::Table(Table { head: head(&["What", "Outcome"]), rows })];
    blocks.extend(declared(&answer.declared));
    blocks.extend(uncompared(answer.uncompared.iter().map(|(why, &steps)| (why.as_str(), steps))));
    let title = "Earlier findings and peers".to_owned();
    (regressions.replayed > 0 || !answer.peers.is_empty()).then_some(Section { title, blocks })
}

pub(super) fn finding(one: &Finding) -> Section {
    let mut rows = Vec::new();
    let mut row = |name: &str, words: &str, mark| {
        rows.push(vec![Cell::text(name), Cell::text(words).marked(mark)]);
    };
    row("what", &one.what, Mark::Bad);
    row("expected", &one.cause.expectation().1, Mark::Plain);
    if let Some(reason) = &one.reason {
        row("reason", &reason.text, Mark::Plain);
    }
    row("first met", &format!("run {}, step {}", one.run, one.step), Mark::Plain);
    match one.scenario {
        Some(_) => row("shrunk to", &count_of(one.steps, "step"), Mark::Plain),
        None => {
            row("shrunk", "no: the time was up; the command below finds it again", Mark::Warning)
        }
    }
    if let Some(path) = &one.saved {
        row("saved", path, Mark::Plain);
    }
    let mut blocks = vec![
        Block::Table(Table { head: Vec::new(), rows }),
        Block::Command(one.commands.join("\n")),
    ];
    match (&one.scenario, &one.saved) {
        (Some(scenario), None) => {
            let words =
                "The scenario, with the answers of the healthy ledger, which are the right ones:";
            blocks.push(Block::Text(words.into()));
            blocks.push(Block::Scenario(scenario.clone()));
        }
        (Some(scenario), Some(_)) => {
            blocks.push(Block::OnPage(vec![Block::Scenario(scenario.clone())]));
        }
        (None, _) => {}
    }
    let title = match &one.cause {
        Cause::Invariant(name) => format!("FOUND broken invariant {name}"),
        Cause::Disagreement(_) => format!("FOUND {}", one.label),
    };
    Section { title, blocks }
}

pub(super) fn results(answer: &Report) -> Section {
    const DEPTHS: [&str; 5] = ["Plain", "Depth 1", "Depth 2", "Depth 3", "Deeper"];
    let row = |one: &ResultCount| {
        let met = match one.count {
            0 => Cell { number: true, ..Cell::text("never").marked(Mark::Warning) },
            count => counted(count),
        };
        let depths = one.by_depth.iter().map(|&count| match (one.count, count) {
            (0, _) => Cell::default(),
            (_, count) => counted(count),
        });
        [Cell::text(one.name.as_str()), met].into_iter().chain(depths).collect()
    };
    let head = head(&[&["Result", "Met"], DEPTHS.as_slice()].concat());
    let lead = match answer.never_reached.len() as u64 {
        0 => "Every result the protocol knows was met.".to_owned(),
        never => format!("{} never reached.", count_of(never, "result")),
    };
    let table = Table { head, rows: answer.results.iter().map(row).collect() };
    Section { title: "Results".into(), blocks: vec![Block::Text(lead), Block::Table(table)] }
}
