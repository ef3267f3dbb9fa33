//! What a hunt found, as a report: a case for each saved finding that was replayed, one for the random
//! sequences, one for each finding.

use super::told::Cause;
use super::{Hunt, Told};
use crate::campaign::AUDITOR;
use crate::report::{Failure, Law, Report, Run, Scenario};
use crate::trial::Kind;

/// The report of a hunt.
pub fn report(hunt: &Hunt<'_>) -> Report {
    let mut scenarios = hunt.regressions.scenarios.clone();
    if hunt.regressions.hold() {
        scenarios.push(campaign(hunt));
    }
    scenarios.extend(hunt.told.iter().map(|told| scenario(hunt, told)));
    Report {
        command: "fuzz".to_owned(),
        runs: vec![Run { scenarios, ..Run::default() }],
        complete: hunt.report.complete,
        repeat: hunt.repeat().unwrap_or_default(),
    }
}

/// The sequences themselves: a case that fails only where a peer did.
fn campaign(hunt: &Hunt<'_>) -> Scenario {
    let (plan, report) = (hunt.plan, hunt.report);
    let fault = plan.fault.map_or(String::new(), |fault| format!(" with {}", fault.name));
    let error = report.peer_failure.as_ref().map(|failure| Failure {
        step: failure.step,
        about: "peer".to_owned(),
        expected: "an answer to every step".to_owned(),
        found: format!("run {}: {}", failure.run, failure.error),
        ..Failure::default()
    });
    Scenario {
        path: format!("fuzz-{}-seed-{}", plan.protocol.name, plan.seed),
        name: format!("{} random sequences, {}{fault}", report.runs, plan.protocol.name),
        protocol: Some(Law::of(&plan.protocol)),
        steps: report.tally.steps(),
        error,
        ..Scenario::default()
    }
}

fn scenario(hunt: &Hunt<'_>, told: &Told) -> Scenario {
    let steps = told.case.steps.len() as u64;
    let protocol = &hunt.plan.protocol;
    let (about, expected) = match &told.cause {
        Cause::Check(failure) => match failure.kind {
            Kind::Invariant(name) => (name, crate::report::promise(name).to_owned()),
            Kind::Verdicts { auditor, .. } => {
                (AUDITOR, format!("`{}`", protocol.result_name(auditor)))
            }
            Kind::State(part) => (AUDITOR, format!("the {part} that the rules lead to")),
        },
        Cause::Peer(_, difference) => {
            (difference.about.word(), format!("`{}`", difference.expected))
        }
    };
    let invariant =
        matches!(&told.cause, Cause::Check(failure) if failure.kind.invariant().is_some());
    let failure = Failure {
        step: steps,
        line: line_of_last_step(&told.story.text),
        about: about.to_owned(),
        invariant,
        expected,
        found: told.what.clone(),
        detail: told.story.text.clone(),
        shrunk: told.saved.clone(),
    };
    Scenario {
        path: told.saved.clone().unwrap_or_else(|| format!("{}.json", told.story.file)),
        name: told.label.clone(),
        protocol: Some(Law::of(&told.case.protocol)),
        steps,
        failures: vec![failure],
        ..Scenario::default()
    }
}

/// The line, from 1, where the step begins that is judged last; a closing look at balances is none.
fn line_of_last_step(text: &str) -> u64 {
    let mut steps = text.lines().enumerate().skip_while(|(_, line)| *line != "  \"steps\": [");
    let mut last = 1;
    while let Some((index, line)) = steps.next() {
        let first_field = match line {
            "    {" => steps.next().map_or("", |(_, field)| field.trim_start()),
            step => step.strip_prefix("    {").unwrap_or(""),
        };
        if first_field.starts_with('"') && !first_field.starts_with("\"check\"") {
            last = index as u64 + 1;
        }
    }
    last
}
