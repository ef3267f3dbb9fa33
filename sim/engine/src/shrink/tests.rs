use std::io::Cursor;
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;

use super::*;
use crate::account::AccountId;
use crate::campaign::{CampaignPlan, NewFailure, Progress, campaign, record};
use crate::conformance::{About, Comparison, Difference};
use crate::ledger::Ledger;
use crate::scenario::{Layout, open_reader};
use crate::verdict::{Reason, Verdict};

/// The first failure of a seeded fault, not shrunk.
fn found(name: &str, seed: u64) -> Case {
    let fault = Fault::named(name).unwrap();
    let plan = CampaignPlan {
        fault: Some(fault),
        seed,
        ..CampaignPlan::new(Protocol::preset(fault.protocols[0]).unwrap())
    };
    let report = campaign(&plan, &Progress::default(), |_| ());
    let finding = report.findings.first().expect("the fault is caught");
    case(&plan, finding)
}

/// What a campaign found, from its start on.
fn case(plan: &CampaignPlan, finding: &NewFailure) -> Case {
    let recorded = record(plan, finding.run, finding.step, &AtomicBool::new(false)).unwrap();
    Case {
        protocol: recorded.world.protocol,
        wide: plan.protocol.clone(),
        fault: plan.fault,
        invariants: &[],
        audited: true,
        genesis: recorded.world.genesis,
        steps: recorded.steps,
        kind: Some(finding.failure.kind),
        names: None,
    }
}

/// Reads a story back and takes its steps under this fault, or none.
fn replayed(story: &Story, fault: Option<&'static Fault>, kind: Option<FailureKind>) -> Case {
    let text = Cursor::new(story.text.clone().into_bytes());
    let source = crate::scenario::source(text);
    let (header, mut reader) = open_reader("story", source, Layout::Json).unwrap();
    let (protocol, genesis) = (header.protocol.clone(), header.genesis.clone());
    let mut header = header;
    let mut steps = Vec::new();
    let mut step = Step::default();
    while let Some(record) = reader.next(&mut header, &mut step).unwrap() {
        drop(record);
        steps.push(step.clone());
    }
    let (wide, invariants) = (protocol.clone(), [].as_slice());
    Case { wide, protocol, fault, invariants, audited: true, genesis, steps, kind, names: None }
}

#[test]
fn every_fault_becomes_a_short_story_at_seed_1() {
    short_stories(1);
}

#[test]
fn every_fault_becomes_a_short_story_at_seed_2() {
    short_stories(2);
}

#[test]
fn every_fault_becomes_a_short_story_at_seed_3() {
    short_stories(3);
}

/// Most steps of a shrunk story.
const STEPS_MAX: usize = 6;

/// Every fault shrinks to a few steps that fail on the faulty ledger only.
fn short_stories(seed: u64) {
    let mut long = Vec::new();
    for name in Fault::all().map(|fault| fault.name) {
        let case = found(name, seed);
        let before = (case.steps.len(), case.size());
        let small = shrink(case, &AtomicBool::new(false), |_| ());
        let after = small.steps.len();
        if after > before.0.min(STEPS_MAX) {
            long.push(format!("{name}, seed {seed}: {after} steps"));
        }
        assert!(small.size() <= before.1, "{name}, seed {seed}");
        let (_, failure) = small.failure().expect("it still fails");
        assert_eq!(Some(failure.kind), small.kind, "{name}");
        let story = story(&small, &failure, "quorate fuzz");
        let healthy = replayed(&story, None, small.kind);
        assert_eq!(healthy.failure(), None, "{name}: {}", story.text);
        let faulty = replayed(&story, small.fault, small.kind);
        assert_eq!(Some(faulty.failure().unwrap().1.kind), small.kind, "{name}: {}", story.text);
    }
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn a_shrinker_that_is_stopped_gives_what_it_has() {
    let case = found("no-opt-in", 1);
    let (kind, steps) = (case.kind, case.steps.len());
    let stopped = shrink(case, &AtomicBool::new(true), |_| ());
    assert_eq!((stopped.kind, stopped.steps.len()), (kind, steps));
}

#[test]
fn every_smaller_case_fails_in_the_same_way() {
    let case = found("threshold-above-count-after-deletion", 2);
    let kind = case.kind;
    let mut seen = 0;
    let small = shrink(case, &AtomicBool::new(false), |smaller| {
        seen += 1;
        let (last, failure) = smaller.failure().unwrap();
        assert_eq!((Some(failure.kind), last + 1), (kind, smaller.steps.len()));
    });
    assert!(seen > 0 && small.genesis.accounts < 10);
    let named = small.steps.iter().flat_map(|step| step.transactions());
    assert!(
        named
            .flat_map(|one| one.accounts())
            .all(|one| one < AccountId(small.genesis.accounts as u32))
    );
}

/// Every fault that some seed catches within a few runs, and its case.
fn quickly_found(index: usize, seed: u64) -> Option<Case> {
    let fault = Fault::all().nth(index)?;
    let plan = CampaignPlan {
        fault: Some(fault),
        seed,
        runs: 8,
        steps: 150,
        ..CampaignPlan::new(Protocol::preset(fault.protocols[0]).unwrap())
    };
    let report = campaign(&plan, &Progress::default(), |_| ());
    let finding = report.findings.first()?;
    Some(case(&plan, finding))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whenever_it_is_stopped_it_has_something_smaller_that_fails_in_the_same_way(
        index in 0..77_usize,
        seed: u64,
        stopped_after in 0..60_usize,
    ) {
        let Some(case) = quickly_found(index, seed) else { return Ok(()) };
        let (kind, size) = (case.kind, case.size());
        let (stop, mut shown) = (AtomicBool::new(stopped_after == 0), 0);
        let small = shrink(case, &stop, |_| {
            shown += 1;
            stop.store(shown >= stopped_after, Ordering::Relaxed);
        });
        prop_assert!(shown <= stopped_after);
        prop_assert!(small.size() <= size);
        prop_assert_eq!(small.failure().map(|(_, failure)| failure.kind), kind);
    }
}

#[test]
fn a_stopped_shrinker_copies_nothing_and_asks_nobody() {
    let case = found("no-opt-in", 1);
    let (steps, stop) = (case.steps.len(), AtomicBool::new(true));
    let same = shrink_by(case, &stop, |_| panic!("asked"), |_| panic!("shown"));
    assert_eq!(same.steps.len(), steps);
    // Stopped on the way: whoever is asked once more is asked for nothing.
    let (stop, mut asked) = (AtomicBool::new(false), 0);
    let case = found("no-opt-in", 1);
    shrink_by(
        case,
        &stop,
        |case| {
            asked += 1;
            stop.store(asked == 3, Ordering::Relaxed);
            case.failure().map(|(step, _)| step)
        },
        |_| (),
    );
    assert_eq!(asked, 3);
}

/// One key a step joins an account, until there is one more than the limit of 7.
fn too_many() -> Case {
    let mut text = r#"{"format":"multisig-trace","version":1,
        "protocol":{"base":"symbol-mainnet","limits":{"max_cosignatories_per_account":7}},
        "accounts":["k0","k1","k2","k3","k4","k5","k6","k7","shared"],"steps":["#
        .to_owned();
    for key in 0..8 {
        let (comma, delta, other) = if key == 0 { ("", 1, "shared") } else { (",", 0, "k0") };
        text += &format!(
            r#"{comma}{{"transaction":{{"type":"aggregate_complete","signer":"k{key}","cosignatures":["{other}"],
            "transactions":[{{"type":"multisig_modification","signer":"shared","min_removal_delta":{delta},
            "min_approval_delta":{delta},"additions":["k{key}"],"deletions":[]}}]}}}}"#
        );
    }
    let source = crate::scenario::source(Cursor::new((text + "]}").into_bytes()));
    let (mut header, mut reader) = open_reader("own", source, Layout::Json).unwrap();
    let (mut steps, mut step) = (Vec::new(), Step::default());
    while reader.next(&mut header, &mut step).unwrap().is_some() {
        steps.push(step.clone());
    }
    Case::written(header, steps)
}

#[test]
fn limits_that_somebody_wrote_stay() {
    // Another program has another name for what goes beyond the limit, as long as it started from nothing.
    let differs = |case: &Case| {
        if !case.genesis.entries.is_empty() {
            return None;
        }
        let mut ledger = Ledger::from_genesis(case.protocol.clone(), &case.genesis).ok()?;
        let full = case.protocol.result_name(Verdict::Rejected(Reason::MultisigMaxCosignatories));
        let name = |step: &Step| case.protocol.result_name(step.put_to(&mut ledger).unwrap());
        let at = case.steps.iter().map(name).position(|result| result == full)?;
        let difference = Difference {
            step: at as u64 + 1,
            line: 1,
            result: Some(full),
            about: About::Result,
            expected: full.to_owned(),
            found: "Full".to_owned(),
        };
        Some(Comparison { differences: vec![difference], ..Comparison::default() })
    };
    let small = |case: Case| {
        let difference = differs(&case).expect("the last one is too many").differences.remove(0);
        assert_eq!(difference.step, 8);
        shrink_difference(case, &difference, &AtomicBool::new(false), differs, |_| ()).0
    };
    // What does not show is asked for once.
    let (mut asked, case) = (0, too_many());
    let difference = differs(&case).unwrap().differences.remove(0);
    let nothing = |_: &Case| {
        asked += 1;
        None
    };
    shrink_difference(case, &difference, &AtomicBool::new(false), nothing, |_| ());
    assert_eq!(asked, 1);
    let drawn = small(Case { names: None, ..too_many() });
    assert!(drawn.protocol.limits.max_cosignatories_per_account < 7);
    let own = small(too_many());
    assert_eq!(own.protocol.limits.max_cosignatories_per_account, 7);
    let names = own.header().names.accounts;
    assert!(names.find("shared").is_some() && names.len() == own.genesis.accounts);
}
