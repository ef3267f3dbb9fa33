use std::sync::atomic::Ordering;

use super::*;

fn plan(protocol: &str, seed: u64, runs: u64) -> Plan {
    Plan { seed, runs, steps: 400, ..Plan::new(Protocol::preset(protocol).unwrap()) }
}

fn of_fault(name: &str, runs: u64) -> Plan {
    let fault = Fault::named(name).unwrap();
    Plan { fault: Some(fault), ..plan(fault.protocols[0], 1, runs) }
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
    let plan = Plan { keep_going: true, steps: 500, ..of_fault("loop-check-only-direct", 100) };
    let report = campaign(&plan, &Progress::default(), |_| ());
    assert_eq!(report.runs, 100);
    assert!(report.caught_by.contains(&"no-loop"));
}

#[test]
fn any_number_of_threads_gives_the_same_report() {
    for keep_going in [false, true] {
        let one = Plan { keep_going, ..of_fault("two-deletions", 70) };
        let three = Plan { jobs: 3, ..one.clone() };
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
