//! Closed forms held against complete searches, scenarios against the ledger, verdicts against what is
//! known of real configurations.

mod small;

use super::*;
use crate::campaign::AUDITOR;
use crate::explore::{Explorer, Question as Search, Subject};
use crate::hazard::Hazard;
use crate::protocol::{Base, PRESETS, Threshold};

/// A quick validation: few runs, few accounts.
fn quick(protocol: &Protocol) -> Report {
    let question = Question { runs: 12, transitions_max: 600_000, ..Question::new(protocol) };
    validate(&question, &Progress::default(), |_| ()).unwrap()
}

fn open(protocol: &Protocol) -> Vec<&'static str> {
    let hazards = hazards(protocol, VISITS_MAX).unwrap();
    for hazard in &hazards {
        assert_eq!(hazard.contradiction, None, "{}", hazard.kind);
    }
    let reachable = hazards.iter().filter(|hazard| hazard.reachable);
    reachable.map(|hazard| hazard.kind.name()).collect()
}

fn closed_by(protocol: &Protocol, kind: HazardKind) -> Vec<String> {
    let closings = closings(protocol, kind, VISITS_MAX);
    for closing in &closings {
        let still = closing::reachable(&closing.protocol, kind, VISITS_MAX);
        assert!(!still, "{kind}: {}", closing.text);
    }
    closings.into_iter().map(|closing| closing.text).collect()
}

fn limited([cosignatories, cosigned, depth, cap]: [u32; 4]) -> Protocol {
    let mut protocol = Protocol::of_base(Base::Symbol);
    protocol.limits.max_cosignatories_per_account = cosignatories;
    protocol.limits.max_cosigned_accounts_per_account = cosigned;
    protocol.limits.max_multisig_depth = depth;
    protocol.limits.max_cosignatures_per_aggregate = cap;
    protocol
}

const CATAPULT: [&str; 4] = ["over-cap", "takeover", "dead-level", "costly"];

#[test]
fn every_preset_is_sound_with_the_hazards_that_are_known() {
    for (name, _) in PRESETS {
        let protocol = Protocol::preset(name).unwrap();
        let answer = quick(&protocol);
        assert_eq!(answer.verdict, Soundness::Hazards, "{name}");
        assert!(answer.complete && answer.configuration.is_empty(), "{name}");
        let expected = if name == "nis1" { vec!["takeover"] } else { CATAPULT.to_vec() };
        assert_eq!(open(&protocol), expected, "{name}");
        for hazard in answer.hazards.iter().filter(|hazard| hazard.reachable) {
            assert!(hazard.witness.is_some(), "{name}: {}", hazard.kind);
        }
    }
}

#[test]
fn a_cap_below_the_cosignatories_locks_16_of_16() {
    let mut protocol = Protocol::preset("symbol-mainnet").unwrap();
    protocol.limits.max_cosignatures_per_aggregate = 15;
    let answer = quick(&protocol);
    let hazard = answer.hazard(HazardKind::LockedAlive).unwrap();
    assert!(hazard.reachable && hazard.why.starts_with("16-of-16"), "{}", hazard.why);
    let witness = hazard.witness.as_ref().unwrap();
    let text = witness.scenario.text();
    let quorum = |name: &str| text.contains(&format!("\"{name}\": 16"));
    assert!(quorum("min_approval") && quorum("min_removal"), "{text}");
    assert_eq!(
        hazard.closed_by.as_deref().unwrap(),
        ["max_cosignatories 25 -> 15", "max_cosignatures 15 -> 25"]
    );
    assert_eq!(answer.configuration[0].name, "cap-below-cosignatories");
}

#[test]
fn a_cap_below_the_product_is_gone_over_and_never_locks() {
    let protocol = limited([4, 5, 2, 15]);
    assert_eq!(open(&protocol), ["over-cap", "takeover", "dead-level"]);
    assert_eq!(
        closed_by(&protocol, HazardKind::OverCap),
        ["max_cosignatories 4 -> 3", "max_depth 2 -> 1", "max_cosignatures 15 -> 16"]
    );
    assert_eq!(open(&limited([4, 5, 2, 16])), ["takeover", "dead-level"]);
}

#[test]
fn guarded_removal_closes_the_takeover() {
    let mut protocol = Protocol::preset("symbol-mainnet").unwrap();
    assert_eq!(closed_by(&protocol, HazardKind::Takeover), ["removal_threshold removal -> max"]);
    protocol.switches.removal_threshold = Threshold::Larger;
    assert_eq!(open(&protocol), ["over-cap", "dead-level", "costly"]);
    let mut nis1 = Protocol::of_base(Base::Nis1);
    assert_eq!(closed_by(&nis1, HazardKind::Takeover), ["n_of_n_removal_by_others true -> false"]);
    nis1.switches.n_of_n_removal_by_others = false;
    assert_eq!(quick(&nis1).verdict, Soundness::Sound);
}

#[test]
fn a_contradiction_a_bug_and_a_wrong_story_break_a_configuration() {
    let broken = quick(&limited([25, 25, 0, 25]));
    assert_eq!(
        (broken.verdict, broken.configuration[0].name.as_str()),
        (Soundness::Broken, "no-multisig")
    );
    let protocol = Protocol::of_base(Base::Symbol);
    let fault = crate::fault::Fault::named("no-opt-in");
    let question = Question { fault, runs: 64, transitions_max: 100, ..Question::new(&protocol) };
    let answer = validate(&question, &Progress::default(), |_| ()).unwrap();
    assert_eq!(answer.verdict, Soundness::Broken);
    assert!(
        answer.campaign.findings.len() == 1
            && answer.campaign.findings[0].cause.expectation().0 == AUDITOR
    );
    let mut faulty = Protocol::of_base(Base::Nis1);
    faulty.conduct.stored_n_is_all = false;
    assert!(quick(&faulty).scenarios.failed > 0);
}

#[test]
fn the_strict_check_leaves_multisig_accounts_mute() {
    let mut protocol = Protocol::of_base(Base::Symbol);
    protocol.switches.strict_cosignature_check = true;
    assert_eq!(open(&protocol), ["locked-alive"]);
    assert_eq!(quick(&protocol).verdict, Soundness::Broken);
}

#[test]
fn an_answer_does_not_depend_on_the_number_of_threads() {
    let protocol = limited([3, 2, 2, 2]);
    let one = Question { runs: 70, transitions_max: 100_000, ..Question::new(&protocol) };
    let said = |jobs| {
        let question = Question { jobs, ..one.clone() };
        format!("{:?}", validate(&question, &Progress::default(), |_| ()).unwrap())
    };
    assert_eq!(said(1), said(3));
}

#[test]
fn what_is_cut_short_is_incomplete() {
    let protocol = Protocol::of_base(Base::Nis1);
    let progress = Progress::default();
    progress.stop.store(true, Ordering::Relaxed);
    let answer = validate(&Question::new(&protocol), &progress, |_| ()).unwrap();
    assert!(!answer.complete);
    assert_eq!(answer.hazards.len(), 5);
}

/// A sound answer of a protocol without a hazard.
fn sound() -> Report {
    let mut nis1 = Protocol::of_base(Base::Nis1);
    nis1.switches.n_of_n_removal_by_others = false;
    let question = Question { runs: 2, transitions_max: 1_000, ..Question::new(&nis1) };
    let answer = validate(&question, &Progress::default(), |_| ()).unwrap();
    assert_eq!((answer.verdict, answer.is_good()), (Soundness::Sound, true));
    answer
}

/// Each thing that breaks a configuration breaks it alone.
#[test]
fn every_rule_of_the_verdict_decides_by_itself() {
    type Edit = fn(&mut Report);
    let contradicts = |report: &mut Report, severity| {
        let note = Note { severity, ..notes(&limited([25, 25, 0, 25]))[0].clone() };
        report.configuration.push(note);
    };
    let edits: [(&str, Soundness, Edit); 7] = [
        ("a scenario that failed", Soundness::Broken, |report| report.scenarios.failed = 1),
        ("an invariant broken in an exploration", Soundness::Broken, |report| {
            report.exploration[0].broken.push("no-loop".to_owned());
        }),
        ("search and closed form that differ", Soundness::Broken, |report| {
            report.exploration[0].disagreements.push(HazardKind::Takeover);
        }),
        ("a hazard whose scenario contradicts it", Soundness::Broken, |report| {
            report.hazards[0].contradiction = Some("not so".to_owned());
        }),
        ("a finding of the random runs", Soundness::Broken, |report| {
            let protocol = Protocol::of_base(Base::Symbol);
            let fault = crate::fault::Fault::named("no-opt-in");
            let plan = Question { fault, runs: 64, ..Question::new(&protocol) }.plan();
            report.campaign = random_runs(&plan, &Progress::default());
            assert!(report.campaign.found());
        }),
        ("a regression that came again", Soundness::Broken, |report| {
            report.campaign.regressions.failed.push("a.json".to_owned());
        }),
        ("a reachable hazard", Soundness::Hazards, |report| report.hazards[0].reachable = true),
    ];
    let sound = sound();
    for (what, verdict, edit) in edits {
        let mut report = sound.clone();
        edit(&mut report);
        let judged = report.judged();
        assert_eq!(judged.verdict, verdict, "{what}");
        assert_eq!(judged.is_good(), verdict != Soundness::Broken, "{what}");
    }
    for (severity, verdict) in
        [(Severity::Broken, Soundness::Broken), (Severity::Remark, Soundness::Sound)]
    {
        let mut report = sound.clone();
        contradicts(&mut report, severity);
        assert_eq!(report.judged().verdict, verdict);
    }
    // What is denied, and what costs too much, is not as wanted under any verdict.
    let denied = Report { denied: vec![HazardKind::Takeover], ..sound.clone() };
    assert!(!denied.is_good());
    let visits = Visits { from: crate::unit::Count(2), to: crate::unit::Count(3) };
    let growth = CostGrowth::above(visits, 1.4);
    assert!(growth.is_some() && CostGrowth::above(visits, 1.5).is_none());
    assert!(!Report { cost_growth: growth, ..sound }.is_good());
}

/// A payment that does not go through, a switch that does not close what it is said to close.
#[test]
fn a_hazard_that_is_not_as_it_is_said_to_be_contradicts_itself() {
    let of = |protocol: &Protocol, kind| {
        let found = hazards(protocol, VISITS_MAX).unwrap();
        found.into_iter().find(|hazard| hazard.kind == kind).unwrap().contradiction
    };
    let healthy = Protocol::preset("symbol-mainnet").unwrap();
    for kind in HazardKind::ALL {
        assert_eq!(of(&healthy, kind), None);
    }
    // Rules by which no key counts as the signer: the first step of each scenario is refused.
    let mut mute = healthy.clone();
    mute.conduct.signer_votes = 0;
    for kind in [HazardKind::OverCap, HazardKind::Takeover, HazardKind::DeadLevel] {
        let contradiction = of(&mute, kind).unwrap();
        assert!(contradiction.contains("expected `Success`"), "{kind}: {contradiction}");
    }
}

/// The last step of a takeover is put to the ledger: the thief alone pays.
#[test]
fn a_takeover_ends_with_a_payment_by_the_stolen_key_alone() {
    for (name, _) in PRESETS {
        let protocol = Protocol::preset(name).unwrap();
        let found = hazards(&protocol, VISITS_MAX).unwrap();
        let takeover = found.iter().find(|one| one.kind == HazardKind::Takeover).unwrap();
        let text = takeover.witness.as_ref().unwrap().scenario.text();
        let scenario: serde_json::Value = serde_json::from_str(&text).unwrap();
        let steps = scenario["steps"].as_array().unwrap();
        let stolen = steps.iter().find_map(|step| step.get("steal")).unwrap();
        let last = steps.last().unwrap();
        let success = protocol.result_name(crate::verdict::Verdict::Accepted);
        let transaction = &last["transaction"];
        assert_eq!(last["result"], success, "{name}");
        assert_eq!(transaction["signer"], stolen[0], "{name}");
        let others = transaction["cosignatures"].as_array().map_or(0, Vec::len);
        assert_eq!((others, stolen.as_array().unwrap().len()), (0, 1), "{name}");
        let inner = transaction["transactions"].get(0).or(transaction.get("transaction"));
        let inner = inner.unwrap_or(transaction);
        assert_eq!((&inner["type"], &inner["signer"]), (&"transfer".into(), &"vault".into()));
    }
}

/// A switch that is said to close a takeover is tried: one that changes nothing is found out.
#[test]
fn a_switch_that_does_not_close_a_takeover_is_found_out() {
    for base in [Base::Symbol, Base::CatapultV1, Base::CatapultV3, Base::Nis1] {
        let protocol = Protocol::of_base(base);
        let real = closings(&protocol, HazardKind::Takeover, VISITS_MAX);
        assert!(real.iter().any(|closing| closing.protocol.limits == protocol.limits));
        let contradiction = |closings: &[Closing]| {
            let closings = |_| closings.to_vec();
            let kind = HazardKind::Takeover;
            hazard::hazard(&protocol, kind, VISITS_MAX, &closings).unwrap().contradiction
        };
        assert_eq!(contradiction(&real), None);
        let idle = Closing { text: "nothing".to_owned(), limit: None, protocol: protocol.clone() };
        let found = contradiction(&[real[0].clone(), idle]).unwrap();
        assert!(found.starts_with("nothing does not close takeover"), "{found}");
    }
}
