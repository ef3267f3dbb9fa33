//! A protocol of one's own: Symbol with a guarded removal, read from JSON, and what it changes.
//!
//! ```text
//! cargo run --release --example own_protocol
//! ```

use std::error::Error;

use quorate::account::AccountId;
use quorate::ledger::{Entry, Genesis, Ledger, Minima};
use quorate::protocol::{Protocol, json};
use quorate::transaction::{Envelope, Transaction};

/// A base, and what is different.
const PROTOCOL: &str = r#"{
  "format": "multisig-protocol", "version": 1, "name": "guarded",
  "base": "symbol-mainnet",
  "limits": {"max_multisig_depth": 2},
  "switches": {"removal_threshold": "max"}
}"#;

/// A thief holds one key of a 2-of-3 with min removal 1 and throws another member out.
fn theft(protocol: Protocol) -> Result<String, Box<dyn Error>> {
    let [vault, ann, bob, cleo] = [0, 1, 2, 3].map(AccountId);
    let mut genesis = Genesis::of_accounts(4);
    genesis.entries.push(Entry {
        account: vault,
        minima: Minima { approval: 2, removal: 1 },
        cosignatories: vec![ann, bob, cleo],
    });
    let mut ledger = Ledger::from_genesis(protocol, &genesis)?;
    let mut removal = Transaction::new(Envelope::AggregateComplete, ann);
    removal.push_modification(vault, (-1, 0), &[], &[bob]);
    let verdict = ledger.submit(&removal);
    let protocol = ledger.protocol();
    Ok(format!("{:<16} {}\n", protocol.name, protocol.result_name(verdict)))
}

/// The same theft under both protocols.
pub fn run() -> Result<String, Box<dyn Error>> {
    let symbol = Protocol::preset("symbol-mainnet").ok_or("no such preset")?;
    Ok(theft(symbol)? + &theft(json::parse(PROTOCOL)?)?)
}

/// Prints it.
#[cfg_attr(test, allow(dead_code, reason = "the tests call `run`"))]
fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", run()?);
    Ok(())
}
