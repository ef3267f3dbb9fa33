//! What a replay found, as a report.

use super::{Replayed, repeat};
use crate::replay;
use crate::report::{Failure, Law, Report, Run, Scenario};

/// The report of a replay; `complete` unless it was stopped.
pub fn report(all: &[Replayed], complete: bool) -> Report {
    let run = Run { scenarios: all.iter().map(scenario).collect(), ..Run::default() };
    Report {
        command: "replay".to_owned(),
        runs: vec![run],
        complete,
        repeat: repeat(all).unwrap_or_default(),
    }
}

/// The report of one scenario.
pub fn scenario(replayed: &Replayed) -> Scenario {
    let outcome = &replayed.outcome;
    Scenario {
        path: replayed.path.display().to_string(),
        name: replayed.name.clone(),
        protocol: Some(Law::of(&replayed.protocol)),
        steps: outcome.steps,
        expectations: Some(outcome.expectations),
        digest: Some(outcome.digest),
        failures: outcome.failures.iter().map(failure).collect(),
        ..Scenario::default()
    }
}

fn failure(failure: &replay::Failure) -> Failure {
    Failure {
        step: failure.step,
        line: failure.line,
        about: failure.about.clone(),
        invariant: failure.invariant,
        expected: failure.expected.clone(),
        found: failure.found.clone(),
        detail: failure.tree.clone(),
        shrunk: None,
    }
}
