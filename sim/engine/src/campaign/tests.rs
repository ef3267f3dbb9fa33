use std::sync::atomic::Ordering;

use super::*;
use crate::invariant;

fn plan(protocol: &str, seed: u64, runs: u64) -> CampaignPlan {
    CampaignPlan {
        seed,
        runs,
        steps: 400,
        ..CampaignPlan::new(Protocol::preset(protocol).unwrap())
    }
}

fn of_fault(name: &str, runs: u64) -> CampaignPlan {
    let fault = Fault::named(name).unwrap();
    CampaignPlan { fault: Some(fault), ..plan(fault.protocols[0], 1, runs) }
}

#[test]
fn healthy_ledgers_have_no_finding() {
    for (protocol, _) in crate::protocol::PRESETS {
        let report = campaign(&plan(protocol, 11, 60), &Progress::default(), |_| ());
        assert!(report.complete);
        let found: Vec<_> =
            report.findings.iter().map(|one| (one.run, one.step, &one.failure)).collect();
        assert!(found.is_empty(), "{protocol}: {found:#?}");
    }
}

#[test]
fn every_fault_is_caught() {
    let mut missed = Vec::new();
    for fault in Fault::all() {
        let report = campaign(&of_fault(fault.name, 1_200), &Progress::default(), |_| ());
        if report.findings.is_empty() {
            missed.push(fault.name);
        }
    }
    assert!(missed.is_empty(), "not caught: {missed:?}");
}

#[test]
fn a_loop_that_a_fault_lets_through_ends_the_run_and_not_the_program() {
    let plan =
        CampaignPlan { keep_going: true, steps: 500, ..of_fault("loop-check-only-direct", 100) };
    let report = campaign(&plan, &Progress::default(), |_| ());
    assert_eq!(report.runs, 100);
    assert!(report.caught_by.contains(&"no-loop"));
}

#[test]
fn any_number_of_threads_gives_the_same_report() {
    for keep_going in [false, true] {
        let one = CampaignPlan { keep_going, ..of_fault("two-deletions", 70) };
        let three = CampaignPlan { jobs: 3, ..one.clone() };
        let reports = [one, three].map(|plan| {
            let mut told = Vec::new();
            let report = campaign(&plan, &Progress::default(), |one| told.push(one.run));
            (format!("{report:?}"), told)
        });
        assert_eq!(reports[0], reports[1]);
    }
}

#[test]
fn a_stopped_campaign_says_that_it_is_incomplete() {
    let progress = Progress::default();
    progress.stop.store(true, Ordering::Relaxed);
    let report = campaign(&plan("nis1", 1, 10), &progress, |_| ());
    assert!(!report.complete && report.runs == 0);
}

#[test]
fn a_recorded_run_fails_where_the_campaign_did() {
    let plan = of_fault("no-opt-in", 100);
    let report = campaign(&plan, &Progress::default(), |_| ());
    let finding = report.findings.first().unwrap();
    let recorded = record(&plan, finding.run, finding.step, &AtomicBool::new(false)).unwrap();
    assert_eq!(recorded.steps.len(), finding.step + 1);
}

/// A seeded fault for each check: one that it objects to within a few runs.
const CAUGHT: &[(&str, &str)] = &[
    ("links-symmetric", "back-link-kept"),
    ("no-loop", "loop-check-only-direct"),
    ("depth-limit", "depth-only-upwards"),
    ("cosignatory-limit", "limit-on-thresholds"),
    ("cosigned-limit", "cosigned-limit-one-too-many"),
    ("thresholds-in-range", "zero-threshold"),
    ("multisig-never-initiates", "multisig-may-initiate"),
    ("approved", "initiator-counted-twice"),
    ("opt-in", "no-opt-in"),
    ("executed-once", "executed-again"),
    ("rejected-unchanged", "failure-keeps-effects"),
    ("supply-conserved", "supply-grows-on-self-transfer"),
    ("pending-ends-once", "expired-aggregate-executes"),
    ("roll-back-exact", "undo-keeps-threshold"),
    (AUDITOR, "missing-before-ineligible"),
];

/// No check is there for nothing: each objects by itself to a fault, whether or not another does.
#[test]
fn every_invariant_and_the_auditor_catch_a_seeded_fault() {
    let mut checks: Vec<&str> = invariant::ALL.iter().map(|one| one.name).collect();
    checks.push(AUDITOR);
    assert_eq!(checks, CAUGHT.iter().map(|(check, _)| *check).collect::<Vec<_>>());
    for &(check, name) in CAUGHT {
        // Without the auditor where an invariant is to object: it alone ends the run then.
        let plan =
            CampaignPlan { audited: check == AUDITOR, keep_going: true, ..of_fault(name, 40) };
        let report = campaign(&plan, &Progress::default(), |_| ());
        assert!(report.caught_by.contains(&check), "{check}: {name}, {:?}", report.caught_by);
    }
}

/// Broken once so many steps were taken that a run is too long to be drawn again when no time is left.
const LATE: Invariant =
    Invariant::new("late", "no ledger writes 50,000 times", |scene| match scene.ledger.writes() {
        ..50_000 => Ok(()),
        _ => Err(("too much is written".to_owned(), Vec::new())),
    });

/// What is found when the time is up with the first failure.
fn found_at_the_last_moment(plan: &CampaignPlan) -> (Outcome, Vec<Finding>) {
    let progress = Progress::default();
    let pool = PeerPool::new(Vec::new(), Duration::ZERO, Arc::default());
    let reproduce = |run: u64| format!("run {run}");
    let reporter =
        FindingReporter { plan, pool: &pool, peers: &[], reproduce: &reproduce, watch: &|_| () };
    reporter.campaign(&progress, |_| progress.stop.store(true, Ordering::Relaxed))
}

#[test]
fn a_time_that_is_up_leaves_a_short_sequence_as_it_was_met() {
    let plan = of_fault("no-opt-in", 100);
    let (outcome, findings) = found_at_the_last_moment(&plan);
    let [found] = findings.as_slice() else { panic!("{findings:?}") };
    assert!(!outcome.complete);
    assert_eq!(found.steps, found.step, "not shrunk");
    assert!(found.scenario.is_some() && found.step > 5, "{found:?}");
    let whole = report(&plan, &Progress::default(), &|run| format!("run {run}"));
    assert!(whole.complete && whole.findings[0].steps < 5);
}

#[test]
fn a_time_that_is_up_leaves_a_long_sequence_to_its_command() {
    let long = CampaignPlan {
        invariants: &[LATE],
        audited: false,
        steps: 1_000_000,
        ..plan("nis1", 1, 1)
    };
    let (outcome, findings) = found_at_the_last_moment(&long);
    let [found] = findings.as_slice() else { panic!("{findings:?}") };
    assert!(!outcome.complete && found.step > 5_000, "{}", found.step);
    assert_eq!((found.label.as_str(), found.scenario.as_ref()), ("late", None));
    assert_eq!((found.steps, found.text().as_str()), (found.step, ""));
    assert_eq!(found.commands, ["run 0"]);
    assert!(found.description.contains("no ledger writes 50,000 times"), "{}", found.description);
}

#[test]
fn findings_are_shrunk_while_the_campaign_goes_on() {
    // The time is up long after the first finding and long before the last run.
    let plan = CampaignPlan { keep_going: true, steps: 500, ..of_fault("no-opt-in", 200) };
    let progress = Progress::default();
    let pool = PeerPool::new(Vec::new(), Duration::ZERO, Arc::default());
    let reproduce = |run: u64| format!("run {run}");
    let watch = |case: Option<&crate::shrink::Case>| {
        let late = progress.runs.load(Ordering::Relaxed) >= 128 && case.is_none();
        progress.stop.fetch_or(late, Ordering::Relaxed);
    };
    let reporter = FindingReporter {
        plan: &plan,
        pool: &pool,
        peers: &[],
        reproduce: &reproduce,
        watch: &watch,
    };
    let (outcome, findings) = reporter.campaign(&progress, |_| ());
    assert!(!outcome.complete && outcome.runs < 200, "{}", outcome.runs);
    let shrunk = findings.iter().filter(|one| one.steps <= 5).count();
    assert!(shrunk > 5, "{:?}", findings.iter().map(|one| one.steps).collect::<Vec<_>>());
    let met: u64 = findings.iter().map(|one| one.runs_that_met_it).sum();
    assert!(met > findings.len() as u64, "counts are those of the end");
}

/// Broken by no step: the last look at everything alone is a submission of nothing.
const LAST: Invariant =
    Invariant::new("last", "nobody looks at the end", |scene| match scene.event {
        invariant::Event::Submit([]) => Err(("somebody looked".to_owned(), Vec::new())),
        _ => Ok(()),
    });

#[test]
fn everything_is_looked_at_once_more_at_the_end_of_a_run() {
    let plan = CampaignPlan { invariants: &[LAST], ..plan("symbol-mainnet", 3, 1) };
    let outcome = campaign(&plan, &Progress::default(), |_| ());
    assert_eq!(outcome.caught_by, ["last"]);
    assert_eq!(outcome.findings[0].step as u64, u64::from(plan.steps) - 1);
}
