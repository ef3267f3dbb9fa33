//! Witnesses: shortest, under the user's names, and run by the full ledger.

use super::*;
use crate::hazard::UnknownHazard;
use crate::replay::{Options, replay};
use crate::scenario::open;

/// Replays a scenario text on the full ledger, every invariant after every step, and returns the names
/// in the order of the accounts.
fn replayed(text: &str, steps: &[Step]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("witness.json");
    std::fs::write(&path, text).unwrap();
    let (header, mut story) = open(&path).unwrap();
    let accounts = &header.names.accounts;
    let labels = accounts.ids().map(|id| accounts.label(id).to_owned()).collect();
    let outcome = replay(header, &mut story, Options::default()).unwrap();
    assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
    // The result and the state after every step are expectations.
    assert_eq!((outcome.steps, outcome.expectations), (steps.len() as u64, 2 * steps.len() as u64));
    labels
}

const NAMES: [&str; 6] = ["zoe", "ann", "bob", "cleo", "dan", "eve"];

/// The first witness of a hazard: its depth, the number of steps, which account it is about.
fn witness(protocol: &Protocol, accounts: usize, word: &str) -> Option<(u32, usize, String)> {
    let find = [word.parse::<Hazard>().unwrap()];
    let report = explored(Question { find: &find, ..Question::new(protocol, accounts) });
    let finding = report.hazards.first()?;
    assert_eq!(report.stop, Some(Stop::Found));
    let names: Vec<String> = NAMES[..accounts].iter().map(|name| (*name).to_owned()).collect();
    let text = scenario(protocol, &names, (word, "a witness"), &finding.steps).unwrap();
    let labels = replayed(&text, &finding.steps);
    let affected_after = |steps: &[Step]| {
        let state = steps.last().map_or(Packed::default(), |step| step.after);
        affected(protocol, &Graph::new(state), accounts, find[0])
    };
    let steps = &finding.steps[..finding.depth as usize];
    assert!(affected_after(steps) >> finding.account & 1 == 1);
    assert_eq!(affected_after(&steps[..steps.len() - 1]), 0, "not the first such state");
    Some((finding.depth, finding.steps.len(), labels[finding.account as usize].clone()))
}

#[test]
fn every_preset_has_a_takeover_in_one_modification() {
    for name in ["symbol", "symbol-private", "catapult-v1", "catapult-v3", "nis1"] {
        let protocol = Protocol::preset(name).unwrap();
        let (depth, steps, whom) = witness(&protocol, 3, "takeover").unwrap();
        assert_eq!((depth, steps), (1, 1), "{name}");
        assert!(NAMES.contains(&whom.as_str()));
    }
    let mut closed = Protocol::preset("symbol").unwrap();
    closed.switches.removal_threshold = crate::protocol::Threshold::Larger;
    assert_eq!(witness(&closed, 4, "takeover"), None);
    let mut closed = Protocol::preset("nis1").unwrap();
    closed.switches.n_of_n_removal_by_others = false;
    assert_eq!(witness(&closed, 4, "takeover"), None);
}

#[test]
fn hazards_are_found_at_their_least_depth() {
    let symbol = bounded(Base::Symbol, (3, 3, 2));
    assert_eq!(witness(&symbol, 3, "takeover:1").map(|found| found.0), Some(1));
    assert_eq!(witness(&symbol, 4, "takeover:2").map(|found| found.0), Some(1));
    assert_eq!(witness(&symbol, 3, "lockout:1").map(|found| found.0), Some(1));
    assert_eq!(witness(&symbol, 4, "dead-level").map(|found| found.0), Some(2));
    assert_eq!(witness(&bounded(Base::Symbol, (3, 3, 1)), 4, "dead-level"), None);
}

#[test]
fn an_account_above_the_cap_is_locked_where_nothing_can_be_nested() {
    let mut flat = bounded(Base::Symbol, (3, 3, 1));
    flat.limits.max_cosignatures_per_aggregate = 2;
    // Every newcomer must sign as well: one at a time, as long as one of them can speak for all.
    let (depth, steps, _) = witness(&flat, 5, "locked-alive").unwrap();
    assert_eq!((depth, steps), (3, 3));
    // With a lower min removal the way out is a removal.
    let (depth, steps, _) = witness(&flat, 5, "over-cap").unwrap();
    assert_eq!((depth, steps), (3, 4));
    let mut free = flat.clone();
    free.limits.max_cosignatures_per_aggregate = 3;
    assert_eq!(witness(&free, 4, "locked-alive"), None);
}

#[test]
fn an_account_above_the_cap_gets_free_where_a_cosignatory_can_be_nested() {
    let mut nested = bounded(Base::Symbol, (3, 3, 2));
    nested.limits.max_cosignatures_per_aggregate = 2;
    // One cosignatory hands itself to another: two keys then speak for three.
    let (depth, steps, _) = witness(&nested, 4, "over-cap").unwrap();
    assert!(depth < steps as u32, "the way out belongs to the witness");
    assert_eq!(witness(&nested, 4, "locked-alive"), None);
}

#[test]
fn a_wrong_word_says_what_was_expected() {
    let error = "takeover:11".parse::<Hazard>().unwrap_err();
    assert_eq!(error, UnknownHazard("takeover:11".to_owned()));
    assert!(error.to_string().contains("expected `locked-alive`"));
}
