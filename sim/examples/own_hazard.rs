//! A hazard of your own: a legal state that hurts, looked for in every state that a few accounts can reach.
//!
//! The hazard here is a *bystander*: an account that asks for two or more signatures and that one key alone can
//! empty now. [`Control`] knows who can approve what over a few accounts. An [`OwnHazard`] is a name and a
//! predicate on a state and an account; it must not depend on which account is which. The exploration hands over
//! the nearest state that shows it, as the shortest scenario. (To look for it in random sequences instead,
//! write that it is not there as an invariant: `own_invariant.rs`.)
//!
//! ```text
//! cargo run --release --example own_hazard > bystander.json
//! quorate analyze bystander.json
//! ```

use quorate::explore::{Explorer, Found, Graph, OwnHazard, Part, Question};
use quorate::hazard::{Control, When};
use quorate::ledger::View;
use quorate::protocol::Protocol;

/// The accounts of the scenario.
const NAMES: [&str; 4] = ["ann", "bob", "vault", "office"];

/// The hazard: one key alone can empty an account that asks for two or more signatures.
fn bystander(protocol: Protocol) -> OwnHazard {
    OwnHazard::new("bystander", move |state: &Graph, account| {
        let control = Control::new(&protocol, state, NAMES.len(), When::Now);
        state.minima(account).approval >= 2 && control.of(account).fewest() == Some(1)
    })
}

/// Every state that four accounts reach on Symbol, until one shows the hazard.
pub fn run() -> Option<Found> {
    let protocol = Protocol::preset("symbol-mainnet")?;
    let own = [bystander(protocol.clone())];
    let question = Question { own: &own, ..Question::new(&protocol, NAMES.len()) };
    let report = Explorer::new(question.clone()).ok()?.run();
    let answer = Part::new(&question, &report, &NAMES.map(str::to_owned)).ok()?;
    answer.hazards.into_iter().next()
}

/// Prints the scenario; what was found goes to standard error.
#[cfg_attr(test, allow(dead_code, reason = "the tests call `run`"))]
fn main() {
    if let Some(Found { depth: Some(depth), account, scenario: Some(scenario), .. }) = run() {
        eprintln!("one key empties {} after {depth} modifications", account.unwrap_or_default());
        print!("{}", scenario.text());
    }
}
