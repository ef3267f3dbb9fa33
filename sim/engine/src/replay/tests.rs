//! The rules by which a replay fails, each by itself.

use super::*;
use crate::fault::Fault;
use crate::scenario::{Layout, open_reader, source};

const HEADER: &str = r#"{"format":"multisig-trace","version":1,"protocol":"symbol-mainnet",
 "accounts":["safe","ann","bob","eve"],"balances":{"safe":100},"state":{"safe":{"min_approval":2,
 "min_removal":1,"cosignatories":["ann","bob"]}}}"#;

/// The header's scenario with one step in one line.
fn opened(step: &str) -> (Header, Steps) {
    let text = format!("{}\n{step}\n", HEADER.replace('\n', " "));
    open_reader("test", source(std::io::Cursor::new(text)), Layout::Lines).unwrap()
}

fn failures(step: &str) -> Vec<(String, bool)> {
    let (header, mut steps) = opened(step);
    let options = Options { keep_going: true, ..Options::default() };
    let outcome = replay(header, &mut steps, options).unwrap();
    assert_eq!(outcome.steps, 1);
    outcome.failures.into_iter().map(|one| (one.about, one.invariant)).collect()
}

/// Every member that a step may expect, right and wrong.
#[test]
fn every_expectation_is_compared() {
    let pay = r#""transaction":{"type":"aggregate_complete","signer":"ann","cosignatures":["bob"],
        "transactions":[{"type":"transfer","signer":"safe","recipient":"eve","amount":40}]}"#;
    let pay = pay.replace('\n', " ");
    let state = |approval: u32, removal: u32, second: &str| {
        format!(
            r#"{{"safe":{{"min_approval":{approval},"min_removal":{removal},"cosignatories":["ann","{second}"]}}}}"#
        )
    };
    let after = |state: &str| format!(r#"{{{pay},"state":{state}}}"#);
    let check = |what: &str| format!(r#"{{"check":{{{what}}}}}"#);
    let rows = [
        (
            "result",
            format!(r#"{{{pay},"result":"Success"}}"#),
            vec![format!(r#"{{{pay},"result":"Failure_Core_Insufficient_Balance"}}"#)],
        ),
        (
            "state",
            after(&state(2, 1, "bob")),
            vec![
                after(&state(1, 1, "bob")),
                after(&state(2, 2, "bob")),
                after(&state(2, 1, "eve")),
                after("{}"),
            ],
        ),
        (
            "state",
            check(&format!(r#""state":{}"#, state(2, 1, "bob"))),
            vec![
                check(&format!(r#""state":{}"#, state(1, 1, "bob"))),
                check(&format!(r#""state":{}"#, state(2, 2, "bob"))),
                check(&format!(r#""state":{}"#, state(2, 1, "eve"))),
                check(r#""state":{}"#),
            ],
        ),
        (
            "balance",
            check(r#""balance":{"safe":100}"#),
            vec![check(r#""balance":{"safe":99}"#), check(r#""balance":{"safe":100,"eve":1}"#)],
        ),
        (
            "can_spend",
            check(r#""can_spend":{"account":"safe","keys":["ann"],"now":false,"eventually":true}"#),
            vec![
                check(r#""can_spend":{"account":"safe","keys":["ann"],"now":true}"#),
                check(r#""can_spend":{"account":"safe","keys":["ann"],"eventually":false}"#),
            ],
        ),
        (
            "locked",
            check(r#""locked":{"account":"safe","now":false,"eventually":false}"#),
            vec![
                check(r#""locked":{"account":"safe","now":true}"#),
                check(r#""locked":{"account":"safe","eventually":true}"#),
            ],
        ),
        (
            "quorums",
            check(
                r#""quorums":{"account":"safe","now":[["ann","bob"]],"eventually":[["ann"],["bob"]]}"#,
            ),
            vec![
                check(r#""quorums":{"account":"safe","now":[["ann"]]}"#),
                check(r#""quorums":{"account":"safe","now":[]}"#),
                check(r#""quorums":{"account":"safe","eventually":[["ann"]]}"#),
            ],
        ),
    ];
    for (about, right, wrong) in rows {
        assert_eq!(failures(&right), [], "{right}");
        for step in wrong {
            assert_eq!(failures(&step), [(about.to_owned(), false)], "{step}");
        }
    }
}

/// What the step of a replay fails in whose ledger follows faulty rules; the end is not looked at.
fn of_fault(name: &str, options: Options, step: &str) -> Vec<(String, bool)> {
    let (mut header, mut steps) = opened(step);
    header.protocol = Fault::named(name).unwrap().seeded_in(&header.protocol);
    let replay = replay_to_end(header, &mut steps, options, |_, _| ()).unwrap();
    let failures = replay.outcome().failures.iter();
    failures.map(|one| (one.about.clone(), one.invariant)).collect()
}

const REMOVAL: &str = r#"{"transaction":{"type":"aggregate_complete","signer":"ann","cosignatures":[],"transactions":[{"type":"multisig_modification","signer":"safe","min_removal_delta":0,"min_approval_delta":-1,"additions":[],"deletions":["bob"]}]}}"#;

#[test]
fn invariants_are_held_unless_none_is_asked_for() {
    let (fault, step) = ("threshold-above-count-after-deletion", REMOVAL.replace(":-1", ":0"));
    let found = of_fault(fault, Options::default(), &step);
    assert_eq!(found, [("thresholds-in-range".to_owned(), true)]);
    let bare = Options { bare: true, ..Options::default() };
    assert_eq!(of_fault(fault, bare, &step), []);
}

/// `safe` is no multisig account any more: `bob` goes, then `ann`.
fn dissolution() -> String {
    let last = r#"{"type":"multisig_modification","signer":"safe","min_removal_delta":-1,"min_approval_delta":-1,"additions":[],"deletions":["ann"]}"#;
    REMOVAL.replace("}]}}", &format!("}},{last}]}}}}"))
}

#[test]
fn a_thorough_replay_takes_each_step_back_and_executes_it_again() {
    let thorough = Options { thorough: true, bare: true, ..Options::default() };
    let found = of_fault("undo-loses-thresholds", thorough, &dissolution());
    assert_eq!(found, [("undo-and-redo".to_owned(), true)]);
    let bare = Options { bare: true, ..Options::default() };
    assert_eq!(of_fault("undo-loses-thresholds", bare, &dissolution()), []);
}

/// An invariant of one's own that no step breaks: only the last look at everything does.
#[test]
fn everything_is_looked_at_once_more_at_the_end() {
    const LAST: Invariant = Invariant::new("last", "nobody looks at all accounts", |scene| {
        match scene.touched.len() < scene.ledger.state().len() {
            true => Ok(()),
            false => Err(("all were looked at".to_owned(), Vec::new())),
        }
    });
    let (header, mut steps) = opened(REMOVAL);
    let mut replay = Replay::new(header, Options::default()).unwrap();
    replay.add_invariant(LAST);
    let mut step = Step::default();
    let record = steps.next(&mut replay.header, &mut step).unwrap().unwrap();
    assert!(replay.step(&step, &record).unwrap().is_continue());
    drop(record);
    let found = replay.end().failures.into_iter().map(|one| (one.about, one.expected));
    assert!(found.eq([("last".to_owned(), LAST.statement.to_owned())]));
}
