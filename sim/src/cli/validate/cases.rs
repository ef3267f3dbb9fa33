//! The answer as cases that pass or fail, for JUnit and SARIF.

use super::place::Place;
use crate::campaign::Finding;
use crate::protocol::Protocol;
use crate::report::{self, Failure, Run, Scenario};
use crate::unit::Count;
use crate::validate::{
    COST_GROWTH, CostGrowth, HazardKind, HazardReport, Note, Report, Severity, Visits, World,
};

/// The configuration, every hazard, every shipped scenario that was replayed, the explorations, the
/// random runs.
pub fn report(report: &Report, protocol: &Protocol, place: &Place) -> report::Report {
    let mut cases = vec![configuration(&report.configuration)];
    cases.extend(report.hazards.iter().map(|one| hazard(one, report, protocol, place)));
    cases.extend(
        report.cost_growth.as_ref().map(|growth| cost_growth(growth, protocol, report, place)),
    );
    cases.extend(report.exploration.iter().map(world));
    cases.push(Scenario {
        name: "random runs".to_owned(),
        steps: report.campaign.steps,
        failures: report.campaign.findings.iter().map(found).collect(),
        ..Scenario::default()
    });
    for case in &mut cases {
        case.path.clone_from(&place.path);
        case.protocol = Some(report.protocol.clone());
    }
    let played = report.scenarios.all.iter().filter_map(|one| one.played.clone());
    cases.extend(played);
    report::Report {
        command: "validate".to_owned(),
        runs: vec![Run { scenarios: cases, ..Run::default() }],
        complete: report.complete,
        repeat: report.reproduce.clone().unwrap_or_default(),
    }
}

fn failure(about: &str, expected: &str, found: &str) -> Failure {
    Failure {
        about: about.to_owned(),
        expected: expected.to_owned(),
        found: found.to_owned(),
        ..Failure::default()
    }
}

fn configuration(notes: &[Note]) -> Scenario {
    let broken = notes.iter().filter(|note| note.severity == Severity::Broken);
    let wanted = "a configuration without contradictions";
    let failures = broken.map(|note| failure(&note.name, wanted, &note.text)).collect();
    Scenario { name: "configuration".to_owned(), failures, ..Scenario::default() }
}

/// A case that fails where the hazard is denied, reachable and not accepted.
fn hazard(one: &HazardReport, report: &Report, protocol: &Protocol, place: &Place) -> Scenario {
    let name = one.kind.name();
    let denied = report.denied.contains(&one.kind).then(|| Failure {
        line: place.line(protocol, one.kind, report.cost.visits_max),
        ..failure(name, "a hazard that is not reachable", &one.why)
    });
    let wrong = one.contradiction.as_ref();
    let wrong = wrong.map(|what| failure(name, "a scenario that shows it", what));
    let failures = denied.into_iter().chain(wrong).collect();
    Scenario { name: format!("hazard {name}"), failures, ..Scenario::default() }
}

/// A case that fails: an aggregate costs more than it may beside the configuration before.
fn cost_growth(
    growth: &CostGrowth,
    protocol: &Protocol,
    report: &Report,
    place: &Place,
) -> Scenario {
    let Visits { from: Count(from), to: Count(to) } = growth.visits;
    let failure = Failure {
        line: place.line(protocol, HazardKind::Costly, report.cost.visits_max),
        ..failure(
            COST_GROWTH,
            &format!(
                "at most {} times {from} account visits of one transaction",
                growth.factor_max
            ),
            &format!("{to} account visits"),
        )
    };
    Scenario { name: "cost growth".to_owned(), failures: vec![failure], ..Scenario::default() }
}

fn world(world: &World) -> Scenario {
    let broken = world.broken.iter().map(|name| Failure {
        invariant: true,
        ..failure(name, "holds in every state", "it does not")
    });
    let disagreements = world.disagreements.iter();
    let disagreements = disagreements
        .map(|kind| failure(kind.name(), "search and closed form agree", "they differ"));
    Scenario {
        name: format!("{} accounts, {}", world.accounts, world.scale.name()),
        steps: world.counts.transitions,
        failures: broken.chain(disagreements).collect(),
        ..Scenario::default()
    }
}

fn found(finding: &Finding) -> Failure {
    Failure {
        detail: finding.text(),
        reason: finding.reason.clone(),
        ..failure(
            finding.file.trim_end_matches(".json"),
            "no invariant broken in any run",
            &finding.description,
        )
    }
}
