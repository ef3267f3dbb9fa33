//! Witnesses: shortest, under the user's names, and run by the full ledger.

use super::*;
use crate::hazard::UnknownHazard;
use crate::ledger::Ledger;
use crate::scenario::{Layout, Step as StoryStep, open_reader};

/// Runs a scenario text on the full ledger; every expectation it holds must come true.
fn replayed(text: &str) -> (Ledger, Vec<String>) {
    let reader = std::io::Cursor::new(text.to_owned().into_bytes());
    let (mut header, mut steps) =
        open_reader("witness.json", Box::new(reader), Layout::Json).unwrap();
    let mut ledger = Ledger::from_genesis(header.protocol.clone(), &header.genesis).unwrap();
    let mut step = StoryStep::default();
    loop {
        let expected = match steps.next(&mut header, &mut step).unwrap() {
            Some(record) => (record.result.unwrap().0.into_owned(), record.state.unwrap()),
            None => break,
        };
        let verdict = ledger.submit(&step.transaction);
        assert_eq!(header.protocol.result_name(verdict), expected.0);
        let base = header.protocol.base;
        let state = crate::scenario::write::state(&header.names, base, ledger.state().links());
        assert_eq!(
            serde_json::to_value(&state).unwrap(),
            serde_json::to_value(expected.1).unwrap()
        );
    }
    let labels = header.names.accounts.ids();
    let labels = labels.map(|id| header.names.accounts.label(id).to_owned()).collect();
    (ledger, labels)
}

const NAMES: [&str; 6] = ["zoe", "ann", "bob", "cleo", "dan", "eve"];

/// The first witness of a hazard: its depth, the number of steps, whom it befalls.
fn witness(protocol: &Protocol, accounts: usize, word: &str) -> Option<(u32, usize, String)> {
    let find = [word.parse::<Hazard>().unwrap()];
    let report = explored(Question { find: &find, ..Question::new(protocol, accounts) });
    let finding = report.hazards.first()?;
    assert_eq!(report.stop, Some(Stop::Found));
    let names: Vec<String> = NAMES[..accounts].iter().map(|name| (*name).to_owned()).collect();
    let text = scenario(protocol, &names, (word, "a witness"), &finding.steps).unwrap();
    let (ledger, labels) = replayed(&text);
    let befallen_after = |steps: &[Step]| {
        let state = steps.last().map_or(Packed::default(), |step| step.after);
        befallen(protocol, &Graph::new(state), accounts, find[0])
    };
    let steps = &finding.steps[..finding.depth as usize];
    assert!(befallen_after(steps) >> finding.account & 1 == 1);
    assert_eq!(befallen_after(&steps[..steps.len() - 1]), 0, "not the first such state");
    let last = finding.steps.last().map(|step| step.after);
    assert_eq!(Packed::of_links(ledger.state().links()), last);
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
    let error = "takeover:9".parse::<Hazard>().unwrap_err();
    assert_eq!(error, UnknownHazard("takeover:9".to_owned()));
    assert!(error.to_string().contains("expected `locked-alive`"));
}
