//! The long random life of some accounts: the fuzzer's own sequences, in one world that goes on.

use super::{Page, Plot, WorkloadSettings};
use crate::account::AccountId;
use crate::choice::Seeded;
use crate::generate::{Sequence, Weights, World, names};
use crate::ledger::{Genesis, Ledger};
use crate::mosaic::{Definition, MosaicId};
use crate::scenario::Header;
use crate::unit::{Amount, count_of};

/// Every so many steps the state is written, while it is short.
const STATE_EACH: u64 = 100;
/// The state of more accounts is not written.
const STATE_ACCOUNTS_MAX: usize = 200;
/// Waiting transactions that are numbered.
const PENDING: u32 = 48;

/// How often which step comes: mostly modifications and payments, now and then a bent one.
const WEIGHTS: Weights = Weights {
    modify: 90,
    spend: 60,
    plain: 20,
    wait: 8,
    seal: 12,
    roll_back: 1,
    block: 2,
    absurd: 1,
    bend: 16,
    date: 0,
    again: 0,
    forge: 24,
};

pub(super) fn begin(
    plan: &WorkloadSettings,
    accounts: u32,
    steps: u64,
) -> Result<(Header, Box<dyn Plot>), String> {
    if accounts < 4 {
        return Err(format!("found {accounts} accounts, expected at least 4"));
    }
    let mut genesis = Genesis::of_accounts(accounts as usize);
    let rich = u64::MAX / 4 / u64::from(accounts);
    let each = Amount(rich.min(1_000_000_000_000));
    genesis.balances = (0..accounts).map(|id| (AccountId(id), MosaicId::CURRENCY, each)).collect();
    let definition =
        Definition { supply_mutable: true, transferable: true, ..Definition::default() };
    genesis.definitions.push((MosaicId(1), definition));
    genesis.balances.push((AccountId(0), MosaicId(1), Amount(1_000)));
    let protocol = plan.protocol.clone();
    let header = Header {
        name: format!("The long random life of {accounts} accounts on {}", protocol.name),
        description: format!(
            "{} drawn from seed {}; results are the ledger's.",
            count_of(steps, "step"),
            plan.seed
        ),
        names: names(&protocol, accounts as usize, PENDING),
        genesis: genesis.clone(),
        protocol: protocol.clone(),
        lost: Vec::new(),
        stolen: Vec::new(),
    };
    let world = World { protocol, genesis, weights: WEIGHTS, hot: accounts.min(1 << 16) };
    let sequence = Sequence::new(&world);
    let choices = Seeded::new(plan.seed);
    Ok((header, Box::new(Churn { sequence, choices, told: 0, steps })))
}

struct Churn {
    sequence: Sequence,
    choices: Seeded,
    told: u64,
    steps: u64,
}

impl Plot for Churn {
    fn next(&mut self, ledger: &Ledger, page: &mut Page) -> bool {
        if self.told == self.steps {
            return false;
        }
        self.told += 1;
        self.sequence.next(&mut self.choices, ledger, &mut page.step);
        let short = ledger.state().len() <= STATE_ACCOUNTS_MAX;
        let last = self.told == self.steps;
        page.state = short && (last || self.told.is_multiple_of(STATE_EACH));
        true
    }

    fn is_sealed(&self) -> bool {
        false
    }
}
