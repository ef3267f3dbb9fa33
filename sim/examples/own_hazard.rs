//! A hazard of your own: a legal state that hurts, searched for and handed over as the shortest scenario found.
//!
//! The hazard here is a *bystander*: an account that asks for two or more signatures and that one key alone can
//! empty now. [`Control`] knows who can approve what over a few accounts. A hazard is searched for as an
//! invariant is: what no state should show is written as a check, and a campaign shrinks what it finds.
//!
//! ```text
//! cargo run --release --example own_hazard > bystander.json
//! quorate analyze bystander.json
//! ```

use quorate::account::AccountId;
use quorate::campaign::{Finding, Plan, Progress, report};
use quorate::hazard::{Control, KEYS_MAX, When};
use quorate::invariant::{self, Invariant, Scene};
use quorate::ledger::View;
use quorate::protocol::Protocol;

/// The hazard, as the invariant that it is not there.
const BYSTANDER: Invariant = Invariant::new(
    "bystander",
    "no key alone can empty an account that asks for two signatures",
    bystander,
);

/// Whether one key alone can empty an account that asks for two or more signatures.
fn bystander(scene: &Scene<'_>) -> invariant::Finding {
    let links = scene.ledger.state().links();
    if scene.changed.is_empty() {
        return Ok(());
    }
    let accounts = scene.ledger.state().len().min(KEYS_MAX);
    let control = Control::new(scene.protocol, links, accounts, When::Now);
    let is_hurt = |account: &AccountId| {
        links.minima(*account).approval >= 2 && control.of(*account).fewest() == Some(1)
    };
    match links.multisig_accounts().find(is_hurt) {
        Some(account) => Err(("one key empties {}".to_owned(), vec![account])),
        None => Ok(()),
    }
}

/// Random sequences on Symbol until somebody is hurt, and the shortest scenario found.
pub fn run() -> Option<Finding> {
    let protocol = Protocol::preset("symbol-mainnet")?;
    let plan = Plan { invariants: &[BYSTANDER], ..Plan::new(protocol) };
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
