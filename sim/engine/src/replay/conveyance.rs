//! Sends the transactions of a replay through their bytes before the ledger sees them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Replay;
use crate::account::Accounts;
use crate::key::{Era, Network};
use crate::protocol::Base;
use crate::scenario::{Act, Step};
use crate::transaction::Transaction;
use crate::wire::{Carried, Courier};

/// The name of the invariant, as a failure shows it.
pub const BYTES_ROUND_TRIP: &str = "bytes-round-trip";
/// What it states.
const STATEMENT: &str = "a transaction's bytes are read back as the same transaction";

/// How many transactions went through their bytes, and what there are no bytes for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Conveyed {
    /// Transactions that went through their bytes.
    pub sent: u64,
    /// Number of steps without bytes, by what there are none for.
    pub without: BTreeMap<String, u64>,
}

impl Conveyed {
    /// Adds the counts of another replay.
    pub fn add(&mut self, other: &Self) {
        self.sent += other.sent;
        for (what, count) in &other.without {
            *self.without.entry(what.clone()).or_default() += count;
        }
    }
}

/// The courier of these accounts under this protocol, on the test network.
pub(super) fn courier(accounts: &Accounts, base: Base) -> Courier {
    Courier::new(accounts, Era::of_base(base), Network::Testnet)
}

impl Replay {
    /// The step as its bytes say it; `None` where it has none and goes to the ledger as it is.
    pub(super) fn convey(&mut self, step: &Step) -> Option<Step> {
        self.courier.as_ref()?;
        if matches!(step.act, Act::Cosign(..)) {
            self.without("a cosignature of a waiting transaction");
            return None;
        }
        match &step.act {
            Act::Transaction | Act::Announce(_) => {
                let transaction = self.carry(&step.transaction)?;
                Some(Step { act: step.act.clone(), transaction, block: Vec::new() })
            }
            Act::Block => {
                let carry = |transaction: &Transaction| {
                    self.carry(transaction).unwrap_or_else(|| transaction.clone())
                };
                let block = step.block.iter().map(carry).collect();
                Some(Step { act: Act::Block, transaction: Transaction::default(), block })
            }
            _ => None,
        }
    }

    fn carry(&mut self, transaction: &Transaction) -> Option<Transaction> {
        match self.courier.as_ref()?.carry(transaction) {
            Carried::Same(received) => {
                self.outcome.conveyed.sent += 1;
                Some(received)
            }
            Carried::NoBytes(what) => {
                self.without(&what);
                None
            }
            Carried::Changed(what) => {
                let around = transaction.accounts().collect();
                self.fail(BYTES_ROUND_TRIP, STATEMENT, what, around, true);
                None
            }
        }
    }

    fn without(&mut self, what: &str) {
        *self.outcome.conveyed.without.entry(what.to_owned()).or_default() += 1;
    }
}
