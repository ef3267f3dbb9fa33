//! What a hunt found, as a report for JUnit and SARIF: a scenario for every finding.

use std::path::PathBuf;

use super::{Arguments, Plan, Told, repeat};
use crate::campaign;
use crate::generate::names;
use crate::report::{Failure, Law, Report, Run, Scenario, promise};
use crate::trial::Kind;

/// The report of a hunt; one scenario that is as expected if nothing was found.
pub fn report(
    arguments: &Arguments,
    plan: &Plan,
    report: &campaign::Report,
    told: &[Told],
    saved: &[PathBuf],
) -> Report {
    let law = Law::of(&plan.protocol);
    let nothing = Scenario {
        path: format!("fuzz {}", plan.protocol.name),
        protocol: Some(law.clone()),
        steps: report.tally.steps(),
        ..Scenario::default()
    };
    let found = told.iter().enumerate().map(|(at, one)| {
        let path = saved.get(at).map(|path| path.display().to_string());
        Scenario {
            path: path.clone().unwrap_or_else(|| format!("{}.json", one.story.file)),
            name: one.finding.failure.kind.label(&plan.protocol),
            protocol: Some(law.clone()),
            steps: one.case.steps.len() as u64,
            failures: vec![failure(plan, one, path)],
            ..Scenario::default()
        }
    });
    let mut scenarios: Vec<Scenario> = found.collect();
    if scenarios.is_empty() {
        scenarios.push(nothing);
    }
    Report {
        command: "fuzz".to_owned(),
        runs: vec![Run { scenarios, ..Run::default() }],
        complete: report.complete,
        repeat: told
            .last()
            .map_or_else(String::new, |one| repeat(arguments, plan, one.finding.run)),
    }
}

fn failure(plan: &Plan, one: &Told, shrunk: Option<String>) -> Failure {
    let accounts = names(&plan.protocol, one.case.genesis.accounts, 0).accounts;
    let (about, expected) = match one.finding.failure.kind {
        Kind::Invariant(name) => (name, promise(name).to_owned()),
        Kind::Verdicts { auditor, .. } => {
            ("auditor", format!("`{}`", plan.protocol.result_name(auditor)))
        }
        Kind::State(_) => ("auditor", "the state that the rules give".to_owned()),
    };
    Failure {
        step: one.case.steps.len() as u64,
        line: 1,
        about: about.to_owned(),
        invariant: matches!(one.finding.failure.kind, Kind::Invariant(_)),
        expected,
        found: one.finding.failure.sentence(&accounts),
        detail: one.story.text.clone(),
        shrunk,
    }
}
