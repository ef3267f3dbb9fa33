//! The examples do what they say: each is run here as its `main` would.

use std::fs;
use std::io::Cursor;
use std::path::Path;

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

/// Replays a finding's scenario as `quorate replay` would; how many steps it has.
fn replayed(text: &str) -> u64 {
    let reader = source(Cursor::new(text.to_owned()));
    let (header, mut steps) = open_reader("found.json", reader, Layout::Json).unwrap();
    let outcome = replay(header, &mut steps, Options::default()).unwrap();
    assert_eq!(outcome.failures, [], "{text}");
    outcome.steps
}

#[test]
fn an_invariant_of_ones_own_is_fuzzed_and_shrunk() {
    let found = own_invariant::run().unwrap();
    assert_eq!(found.label, "two-signatures");
    assert!(found.what.ends_with("pays with one signature"), "{}", found.what);
    assert!(found.description.contains("no multisig account can pay with one signature"));
    // One step does it: an account becomes multisig with a threshold of 1.
    assert_eq!((found.steps, replayed(&found.text())), (1, 1), "{}", found.text());
}

#[test]
fn a_hazard_of_ones_own_is_handed_over_as_a_scenario() {
    let found = own_hazard::run().unwrap();
    assert_eq!((found.name.as_str(), found.reachable), ("bystander", Some(true)));
    // A key signs for a cosignatory and is one itself: the account asks for two signatures of one key.
    assert_eq!(found.depth, Some(2));
    let text = found.scenario.unwrap().text();
    assert_eq!(replayed(&text), 2, "{text}");
    assert!(text.contains(&format!("for `{}`", found.account.unwrap())), "{text}");
}

#[test]
fn every_example_is_short_and_named_on_the_first_page_of_the_docs() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(own.join("src/lib.rs")).unwrap();
    let mut count = 0;
    for entry in fs::read_dir(own.join("examples")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        if path.extension().is_some_and(|ending| ending == "rs") {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            assert!(lines <= LINES_MAX, "{name}: {lines} lines");
            assert!(page.contains(&format!("examples/{name}.rs")), "lib.rs does not name {name}");
            count += 1;
        }
    }
    assert_eq!(count, 4);
}

/// An example is read in one go.
const LINES_MAX: usize = 60;

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
