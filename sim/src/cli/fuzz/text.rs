//! The answer of `fuzz` for people.

use std::fmt::Write as _;

use super::{Hunt, Told};
use crate::campaign::Report;
use crate::protocol::Protocol;

/// Depths as headings.
const DEPTHS: [&str; crate::campaign::DEPTHS] =
    ["plain", "depth 1", "depth 2", "depth 3", "deeper"];

/// The whole answer.
pub fn page(hunt: &Hunt<'_>) -> String {
    let mut text = regressions(hunt);
    if hunt.regressions.hold() {
        let (plan, report) = (hunt.plan, hunt.report);
        text += &table(&plan.protocol, report);
        hunt.told.iter().for_each(|told| finding(&mut text, told));
        text += &summary(hunt);
    }
    match hunt.repeat() {
        Some(repeat) => {
            let _ = writeln!(text, "repeat: {repeat}");
        }
        None if hunt.report.peer_failure.is_none() => text.push_str("nothing found\n"),
        None => {}
    }
    text
}

/// The saved findings that came again.
fn regressions(hunt: &Hunt<'_>) -> String {
    let mut text = String::new();
    for scenario in hunt.regressions.failed() {
        let _ = writeln!(text, "FAILED  {}", scenario.path);
        for failure in &scenario.failures {
            let (line, step, about) = (failure.line, failure.step, &failure.about);
            let _ = writeln!(text, "{}:{line}: step {step}: `{about}`", scenario.path);
            let _ = writeln!(text, "  expected: {}", failure.expected);
            let _ = writeln!(text, "  found:    {}", failure.found);
        }
    }
    text
}

fn finding(text: &mut String, told: &Told) {
    let steps = told.case.steps.len();
    let plural = if steps == 1 { "step" } else { "steps" };
    let (label, run, step) = (&told.label, told.run, told.step);
    let _ = writeln!(text, "\nFOUND {label} (run {run}, step {step}), shrunk to {steps} {plural}");
    let _ = writeln!(text, "  {}", told.story.description);
    match &told.saved {
        Some(path) => {
            let _ = writeln!(text, "  saved: {path}");
            for command in told.commands().iter().skip(1) {
                let _ = writeln!(text, "  {command}");
            }
        }
        None => text.push_str(&told.story.text),
    }
}

fn summary(hunt: &Hunt<'_>) -> String {
    let (plan, report) = (hunt.plan, hunt.report);
    let mut text = String::new();
    if let Some(failure) = &report.peer_failure {
        let peer = hunt.arguments.peer.get(failure.peer).map_or("", String::as_str);
        let (run, step, error) = (failure.run, failure.step, &failure.error);
        let _ = writeln!(text, "\nPEER FAILED: `{peer}`\nrun {run}, step {step}: {error}");
    }
    let accepted = percent(report.tally.accepted(), report.tally.steps());
    let incomplete = if report.complete { "" } else { ", incomplete" };
    let replayed = match hunt.regressions.scenarios.len() {
        0 => String::new(),
        1 => "1 regression replayed\n".to_owned(),
        count => format!("{count} regressions replayed\n"),
    };
    let _ = writeln!(
        text,
        "\n{replayed}{}, seed {}: {} runs, {} steps, {accepted}% accepted, {} modifications, {} states{incomplete}",
        plan.protocol.name,
        plan.seed,
        report.runs,
        report.tally.steps(),
        report.tally.modifications,
        report.tally.states,
    );
    text
}

/// Every result with its count by depth, those never reached marked.
fn table(protocol: &Protocol, report: &Report) -> String {
    let mut text = format!("{:<66}", "result");
    DEPTHS.iter().for_each(|head| text.push_str(&format!("{head:>10}")));
    text.push('\n');
    for (name, counts) in report.tally.rows(protocol) {
        let _ = write!(text, "{name:<66}");
        if counts.iter().all(|&count| count == 0) {
            text.push_str("  never reached");
        } else {
            counts.iter().for_each(|count| text.push_str(&format!("{count:>10}")));
        }
        text.push('\n');
    }
    text
}

/// A share in whole percents, rounded down.
fn percent(part: u64, whole: u64) -> u64 {
    (part * 100).checked_div(whole).unwrap_or(0)
}
