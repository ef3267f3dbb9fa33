//! A promise of one's own: no account of this company is ever run by a single signature.
//!
//! An [`Invariant`] is a name, a promise and a function that looks at a [`Scene`]: what was asked, what was
//! answered, what stood before and what stands now. A replay checks it after every step beside the
//! thirteen of this crate.
//!
//! ```text
//! cargo run --release --example own_invariant
//! ```

use std::error::Error;
use std::io::Cursor;

use quorate::invariant::{Finding, Invariant, Scene};
use quorate::ledger::View;
use quorate::replay::{Options, Replay};
use quorate::scenario::{Layout, Step, open_reader, source};

/// The promise.
const TWO_SIGNATURES: Invariant = Invariant::new(
    "two-signatures",
    "no multisig account can pay with one signature",
    two_signatures,
);

/// Looks at the accounts that this step changed; the others were looked at when they changed.
fn two_signatures(scene: &Scene<'_>) -> Finding {
    let links = scene.ledger.state().links();
    for &account in scene.changed {
        if links.is_multisig(account) && links.minima(account).approval < 2 {
            return Err(("{} pays with one signature".to_owned(), vec![account]));
        }
    }
    Ok(())
}

/// Two partners share an account, and one of them leaves.
const SCENARIO: &str = r#"{"format":"multisig-trace","version":1,"protocol":"symbol-mainnet","accounts":["firm","ann","bob"]}
{"transaction":{"type":"aggregate_complete","signer":"firm","cosignatures":["ann","bob"],"transactions":[{"type":"multisig_modification","signer":"firm","min_removal_delta":2,"min_approval_delta":2,"additions":["ann","bob"],"deletions":[]}]},"result":"Success"}
{"transaction":{"type":"aggregate_complete","signer":"ann","cosignatures":["bob"],"transactions":[{"type":"multisig_modification","signer":"firm","min_removal_delta":-1,"min_approval_delta":-1,"additions":[],"deletions":["bob"]}]},"result":"Success"}
"#;

/// Replays the scenario under the promise and tells what broke.
pub fn run() -> Result<String, Box<dyn Error>> {
    let reader = source(Cursor::new(SCENARIO));
    let (header, mut steps) = open_reader("partners", reader, Layout::Lines)?;
    let mut replay = Replay::new(header, Options::default())?;
    replay.add_invariant(TWO_SIGNATURES);
    let mut step = Step::default();
    while let Some(record) = steps.next(replay.header_mut(), &mut step)? {
        if replay.step(&step, &record)?.is_break() {
            break;
        }
    }
    let failures = replay.end().failures;
    let told = failures
        .iter()
        .map(|failure| format!("step {}: `{}`: {}\n", failure.step, failure.about, failure.found));
    Ok(told.collect())
}

/// Prints it.
#[cfg_attr(test, allow(dead_code, reason = "the tests call `run`"))]
fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", run()?);
    Ok(())
}
