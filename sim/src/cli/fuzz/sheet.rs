//! What a hunt found, as a page.

use super::text::{DEPTHS, percent};
use super::{Hunt, Told};
use crate::replay::Options;
use crate::report::record;
use crate::report::sheet::{Block, Cell, Mark, Section, Sheet, Table};

/// The page of a hunt.
pub fn sheet(hunt: &Hunt<'_>) -> Sheet {
    let (plan, report) = (hunt.plan, hunt.report);
    let mut sheet =
        Sheet::new(format!("Random sequences under {}", plan.protocol.name), [&plan.protocol]);
    let mut fact = |name: &str, value: String| sheet.facts.push((name.to_owned(), value));
    fact("seed", plan.seed.to_string());
    fact("runs", format!("{} of {} steps", report.runs, plan.steps));
    if let Some(fault) = plan.fault {
        fact("seeded fault", format!("{}: {}", fault.name, fault.description));
    }
    hunt.arguments.peer.iter().for_each(|peer| fact("peer", peer.clone()));
    if let Some(repeat) = hunt.repeat() {
        fact("repeat", repeat);
    }
    sheet.verdict = Some(verdict(hunt));
    sheet.lead = lead(hunt);
    let findings = hunt.told.iter().map(finding);
    sheet.sections.extend(regressions(hunt).into_iter().chain(findings));
    if hunt.regressions.hold() {
        sheet.sections.push(coverage(hunt));
        sheet.sections.push(results(hunt));
    }
    sheet
}

fn verdict(hunt: &Hunt<'_>) -> (Mark, String) {
    let (mark, text) = match (hunt.told.len(), &hunt.report.peer_failure) {
        _ if !hunt.regressions.hold() => (Mark::Bad, "an earlier finding came again".to_owned()),
        (0, Some(_)) => (Mark::Bad, "a peer failed".to_owned()),
        (0, None) if !hunt.report.complete => {
            (Mark::Warning, "nothing found, incomplete".to_owned())
        }
        (0, None) => (Mark::Good, "nothing found".to_owned()),
        (1, _) => (Mark::Bad, "one finding".to_owned()),
        (count, _) => (Mark::Bad, format!("{count} findings")),
    };
    (mark, text)
}

fn lead(hunt: &Hunt<'_>) -> String {
    let judges = match (hunt.plan.audited, hunt.arguments.peer.is_empty()) {
        (true, true) => "every invariant and the auditor",
        (true, false) => "every invariant, the auditor and the peers",
        (false, true) => "every invariant",
        (false, false) => "every invariant and the peers",
    };
    let failure = hunt.report.peer_failure.as_ref().map_or(String::new(), |failure| {
        let peer = hunt.arguments.peer.get(failure.peer).map_or("", String::as_str);
        format!(
            " The peer {peer} failed in run {}, step {}: {}.",
            failure.run, failure.step, failure.error
        )
    });
    format!("Each step was judged by {judges}.{failure}")
}

fn regressions(hunt: &Hunt<'_>) -> Option<Section> {
    let count = hunt.regressions.scenarios.len();
    if count == 0 {
        return None;
    }
    let row = |scenario: &crate::report::Scenario| {
        let (text, mark) = match scenario.failures.first() {
            None => ("as expected".to_owned(), Mark::Good),
            Some(first) => (
                format!("step {}: expected {}, found {}", first.step, first.expected, first.found),
                Mark::Bad,
            ),
        };
        vec![Cell::text(scenario.path.as_str()), Cell::text(text).marked(mark)]
    };
    let head = ["scenario", "outcome"].map(str::to_owned).to_vec();
    let rows = hunt.regressions.scenarios.iter().map(row).collect();
    let text =
        "Findings that were saved before, replayed before anything new was tried.".to_owned();
    let blocks = vec![Block::Text(text), Block::Table(Table { head, rows })];
    Some(Section { title: "Regressions".to_owned(), blocks })
}

fn finding(told: &Told) -> Section {
    let met = match told.count {
        1 => format!("Met in run {}, step {}.", told.run, told.step),
        count => format!("Met in {count} runs, first in run {}, step {}.", told.run, told.step),
    };
    let mut blocks = vec![Block::Text(told.story.description.clone()), Block::Text(met)];
    let options = Options::default();
    if let Ok((timeline, _)) = record::text(&told.story.file, &told.story.text, options) {
        blocks.push(Block::Timeline(timeline));
    }
    blocks.push(Block::Command(told.commands().join("\n")));
    let scenario = vec![Block::Command(told.story.text.clone())];
    blocks.push(Block::Folded { title: "The scenario as a file".to_owned(), blocks: scenario });
    Section { title: format!("Found: {}", told.label), blocks }
}

fn coverage(hunt: &Hunt<'_>) -> Section {
    let tally = &hunt.report.tally;
    let accepted = format!("{} ({}%)", tally.accepted(), percent(tally.accepted(), tally.steps()));
    let rows = [
        ("runs", hunt.report.runs.to_string()),
        ("steps", tally.steps().to_string()),
        ("accepted steps", accepted),
        ("modifications", tally.modifications.to_string()),
        ("states new to their run", tally.states.to_string()),
        ("different results", tally.results_met().to_string()),
    ];
    let row = |(name, value): (&str, String)| vec![Cell::text(name), Cell::number(value)];
    let table = Table {
        head: vec!["what".to_owned(), "count".to_owned()],
        rows: rows.into_iter().map(row).collect(),
    };
    Section { title: "What was tried".to_owned(), blocks: vec![Block::Table(table)] }
}

fn results(hunt: &Hunt<'_>) -> Section {
    let row = |(name, counts): (&'static str, [u64; DEPTHS.len()])| {
        let sum: u64 = counts.iter().sum();
        let all = match sum {
            0 => Cell::text("never reached").marked(Mark::Warning),
            _ => Cell::number(sum),
        };
        let of_depth = |count| match count {
            0 => Cell::number(count).marked(Mark::Quiet),
            _ => Cell::number(count),
        };
        let mut cells = vec![Cell::text(name), all];
        cells.extend(counts.map(of_depth));
        cells
    };
    let head = ["result", "all"].into_iter().chain(DEPTHS).map(str::to_owned).collect();
    let rows = hunt.report.tally.rows(&hunt.plan.protocol).map(row).collect();
    let text =
        "Every result the protocol knows, by how many levels stand below the account it is about.";
    let blocks = vec![Block::Text(text.to_owned()), Block::Table(Table { head, rows })];
    Section { title: "Results".to_owned(), blocks }
}
