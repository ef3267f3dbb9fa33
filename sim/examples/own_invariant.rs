//! An invariant of your own, fuzzed and shrunk: no account of this company is ever run by a single signature.
//!
//! An [`Invariant`] is a name, a sentence and a function that looks at a [`Scene`]: what was asked, what was
//! answered, what stood before and what stands now. A campaign checks it after every step beside those of this
//! crate, and hands over the fewest steps that break it as a scenario that `quorate replay` runs.
//!
//! ```text
//! cargo run --release --example own_invariant > partners.json
//! quorate replay --trace partners.json
//! ```

use quorate::campaign::{CampaignPlan, Finding, Progress, report};
use quorate::invariant::{self, Invariant, Scene};
use quorate::ledger::View;
use quorate::protocol::Protocol;

/// The invariant.
const TWO_SIGNATURES: Invariant = Invariant::new(
    "two-signatures",
    "no multisig account can pay with one signature",
    two_signatures,
);

/// Looks at the accounts that this step changed; the others were looked at when they changed.
fn two_signatures(scene: &Scene<'_>) -> invariant::Finding {
    let links = scene.ledger.state().links();
    for &account in scene.changed {
        if links.is_multisig(account) && links.minima(account).approval < 2 {
            return Err(("{} pays with one signature".to_owned(), vec![account]));
        }
    }
    Ok(())
}

/// Random sequences on Symbol until it breaks, and the shortest scenario that breaks it.
pub fn run() -> Option<Finding> {
    let protocol = Protocol::preset("symbol-mainnet")?;
    let plan = CampaignPlan { invariants: &[TWO_SIGNATURES], ..CampaignPlan::new(protocol) };
    let answer = report(&plan, &Progress::default(), &|run| format!("this example, run {run}"));
    answer.findings.into_iter().next()
}

/// Prints the scenario; what was found goes to standard error.
#[cfg_attr(test, allow(dead_code, reason = "the tests call `run`"))]
fn main() {
    if let Some(found) = run() {
        eprintln!("step {} of run {}: {}", found.step, found.run, found.what);
        print!("{}", found.text());
    }
}
