//! What several formats need of an answer: scenarios by name, a report for JUnit and SARIF.

use super::Arguments;
use super::gate::Gate;
use super::place::Place;
use crate::report::{Failure, Law, Report, Run, Scenario};
use crate::validate::{Answer, Fit, Severity, Tried};

/// The scenarios of all hazards and findings: a name for the file, and its text.
pub fn scenarios(answer: &Answer) -> Vec<(String, &str)> {
    let witness = |danger: &'_ crate::validate::Danger| danger.witness.is_some();
    let mut all: Vec<(String, &str)> = Vec::new();
    for danger in answer.dangers.iter().filter(|danger| witness(danger)) {
        let text = danger.witness.as_ref().map_or("", |witness| witness.text.as_str());
        all.push((danger.peril.name().to_owned(), text));
    }
    all.extend(answer.found.iter().map(|story| (story.file.clone(), story.text.as_str())));
    all
}

/// The answer as cases that pass or fail: the configuration, every hazard, every fitting story, the
/// small worlds, the random runs.
pub fn report(arguments: &Arguments, answer: &Answer, gate: &Gate, place: &Place) -> Report {
    let mut cases = vec![configuration(place, answer)];
    cases.extend(hazards(arguments, answer, gate, place));
    cases.extend(answer.stories.iter().filter_map(story));
    cases.extend(answer.worlds.iter().map(|world| {
        let broken = world.broken.iter().map(|name| failure(name, true, "kept in every state"));
        let disagree = world.disagree.iter();
        let disagree = disagree.map(|peril| failure(peril.name(), false, "search and proof agree"));
        Scenario {
            path: place.path.clone(),
            name: format!("{} accounts, {}", world.accounts, world.scale.name()),
            steps: world.counts.transitions,
            failures: broken.chain(disagree).collect(),
            ..Scenario::default()
        }
    }));
    cases.push(Scenario {
        path: place.path.clone(),
        name: "random runs".to_owned(),
        steps: answer.campaign.tally.steps(),
        failures: answer.found.iter().map(found).collect(),
        ..Scenario::default()
    });
    for case in &mut cases {
        case.protocol = Some(Law::of(&answer.protocol));
    }
    Report {
        command: "validate".to_owned(),
        runs: vec![Run { scenarios: cases, ..Run::default() }],
        complete: answer.complete,
        repeat: super::repeat(arguments),
    }
}

fn failure(about: &str, invariant: bool, expected: &str) -> Failure {
    Failure {
        about: about.to_owned(),
        invariant,
        expected: expected.to_owned(),
        found: "otherwise".to_owned(),
        ..Failure::default()
    }
}

fn configuration(place: &Place, answer: &Answer) -> Scenario {
    let broken = answer.notes.iter().filter(|note| note.severity == Severity::Broken);
    let failures = broken.map(|note| Failure {
        about: note.name.to_owned(),
        expected: "a configuration without contradictions".to_owned(),
        found: note.text.clone(),
        ..Failure::default()
    });
    Scenario {
        path: place.path.clone(),
        name: "configuration".to_owned(),
        failures: failures.collect(),
        ..Scenario::default()
    }
}

/// A case for every hazard, which fails where the hazard is denied, reachable and not accepted.
fn hazards(arguments: &Arguments, answer: &Answer, gate: &Gate, place: &Place) -> Vec<Scenario> {
    let refused = gate.refused(answer);
    let case = |danger: &crate::validate::Danger| {
        let denied = refused.contains(&danger.peril).then(|| Failure {
            line: place.line(&answer.protocol, danger.peril, arguments.max_visits),
            about: danger.peril.name().to_owned(),
            expected: "a hazard that cannot happen".to_owned(),
            found: danger.why.clone(),
            ..Failure::default()
        });
        let wrong = danger.contradiction.as_ref().map(|what| Failure {
            about: danger.peril.name().to_owned(),
            expected: "a scenario that shows it".to_owned(),
            found: what.clone(),
            ..Failure::default()
        });
        Scenario {
            path: place.path.clone(),
            name: format!("hazard {}", danger.peril),
            failures: denied.into_iter().chain(wrong).collect(),
            ..Scenario::default()
        }
    };
    answer.dangers.iter().map(case).collect()
}

fn story(tried: &Tried) -> Option<Scenario> {
    let path = format!("scenarios/{}", tried.path);
    let name = tried.name.clone();
    match &tried.fit {
        Fit::Not(_) => None,
        Fit::Unreadable(error) => {
            let error = Failure {
                about: "scenario".to_owned(),
                found: error.to_string(),
                line: error.line,
                ..Failure::default()
            };
            Some(Scenario { path, name, error: Some(error), ..Scenario::default() })
        }
        Fit::Told(outcome) => Some(Scenario {
            path,
            name,
            steps: outcome.steps,
            expectations: Some(outcome.expectations),
            digest: Some(outcome.digest_text()),
            failures: outcome.failures.clone(),
            ..Scenario::default()
        }),
    }
}

fn found(story: &crate::shrink::Story) -> Failure {
    Failure {
        about: story.file.clone(),
        expected: "no promise broken in any run".to_owned(),
        found: story.description.clone(),
        detail: story.text.clone(),
        reason: crate::replay::last_reason(&story.text).map(Box::new),
        ..Failure::default()
    }
}
