//! The examples do what they say: each is run here as its `main` would.

use std::io::Cursor;

use quorate::replay::{Options, replay};
use quorate::scenario::{Layout, open_reader, source};

#[path = "../../examples/own_hazard.rs"]
mod own_hazard;
#[path = "../../examples/own_invariant.rs"]
mod own_invariant;
#[path = "../../examples/own_peer.rs"]
mod own_peer;
#[path = "../../examples/own_protocol.rs"]
mod own_protocol;

#[test]
fn an_invariant_of_ones_own_is_checked_beside_the_others() {
    let told = own_invariant::run().unwrap();
    assert_eq!(told, "step 2: `two-signatures`: `firm` pays with one signature\n");
}

#[test]
fn a_hazard_of_ones_own_is_handed_over_as_a_scenario() {
    let text = own_hazard::run().unwrap();
    let reader = source(Cursor::new(text.clone()));
    let (header, mut steps) = open_reader("bystander.json", reader, Layout::Json).unwrap();
    let outcome = replay(header, &mut steps, Options::default()).unwrap();
    assert_eq!(outcome.failures, []);
    assert!((2..=4).contains(&outcome.steps), "{text}");
}

#[test]
fn a_protocol_of_ones_own_closes_the_theft() {
    let told = own_protocol::run().unwrap();
    let expected = "symbol-mainnet   Success\n\
                    guarded          Failure_Aggregate_Missing_Cosignatures\n";
    assert_eq!(told, expected);
}

#[test]
fn a_peer_of_ones_own_answers_line_by_line() {
    let mut toy = own_peer::Toy::default();
    let mut answer = |line: &str| toy.answer(line).unwrap();
    assert_eq!(answer(r#"{"format":"multisig-trace","balances":{"ann":5}}"#), None);
    let transfer = |amount| {
        format!(
            r#"{{"transaction":{{"type":"transfer","signer":"ann","recipient":"bob","amount":{amount}}}}}"#
        )
    };
    assert!(answer(&transfer(3)).unwrap().ends_with(r#""result":"Success","state":{}}"#));
    let short = answer(&transfer(3)).unwrap();
    assert!(short.contains(r#""result":"Failure_Core_Insufficient_Balance""#), "{short}");
    assert!(answer(r#"{"seal_block":{}}"#).unwrap().contains("Unsupported"));
    assert!(toy.answer("no JSON").is_err());
}
