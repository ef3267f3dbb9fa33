//! What a run starts from: accounts, balances, limits, and which steps come how often.

use crate::account::{AccountId, Accounts};
use crate::choice::Choices;
use crate::ledger::{Entry, Genesis, Minima};
use crate::mosaic::{Definition, MosaicId};
use crate::protocol::{Limits, Protocol};
use crate::scenario::Names;
use crate::unit::Amount;

/// How often each kind of step comes, relative to the others; 0 = never in this run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weights {
    /// Modifications.
    pub modify: u8,
    /// Transfers on behalf of multisig accounts.
    pub spend: u8,
    /// Bare transfers and mosaics.
    pub plain: u8,
    /// Hash locks, announcements and cosignatures.
    pub wait: u8,
    /// Sealed blocks and time.
    pub seal: u8,
    /// Roll-backs.
    pub roll_back: u8,
    /// Several transactions in a block, all or none.
    pub block: u8,
    /// Shapes that no server takes.
    pub absurd: u8,
    /// Of 256 modifications, how many are bent after having been made valid.
    pub bend: u8,
    /// Of 256 signature sets, how many are bent.
    pub forge: u8,
    /// Of 256 transactions, how many name a deadline.
    pub date: u8,
    /// Of 256 transactions, how many may come again.
    pub again: u8,
}

impl Weights {
    /// The sum of what [`Sequence`](super::Sequence) chooses among.
    #[must_use]
    pub fn total(&self) -> u32 {
        let Self { modify, spend, plain, wait, seal, roll_back, block, absurd, .. } = *self;
        [modify, spend, plain, wait, seal, roll_back, block, absurd].map(u32::from).iter().sum()
    }
}

/// What a run starts from.
#[derive(Clone, Debug)]
pub struct World {
    /// The healthy protocol, its limits perhaps tightened.
    pub protocol: Protocol,
    /// The start.
    pub genesis: Genesis,
    /// How often which step comes.
    pub weights: Weights,
    /// The first so many accounts are chosen far more often than the others.
    pub hot: u32,
}

/// A run has so many accounts at most.
const ACCOUNTS_MAX: u32 = 14;

impl World {
    /// Draws a world for this protocol.
    pub fn draw(choices: &mut impl Choices, protocol: &Protocol) -> Self {
        let mut protocol = protocol.clone();
        if choices.chance(170) {
            tighten(choices, &mut protocol);
        }
        let accounts = 4 + choices.below(ACCOUNTS_MAX - 3);
        let hot = 3 + choices.below(accounts - 2);
        let genesis = genesis(choices, &protocol, accounts);
        let weights = weights(choices);
        Self { protocol, genesis, weights, hot }
    }
}

/// Names for the accounts, mosaics and waiting transactions of a run, in the order of their ids.
#[must_use]
pub fn names(protocol: &Protocol, accounts: usize, pending: u32) -> Names {
    let width = accounts.saturating_sub(1).to_string().len();
    let labels: Vec<String> = (0..accounts).map(|id| format!("a{id:0width$}")).collect();
    // Labels made by counting are different and not empty.
    let mut names = Names::new(Accounts::new(&labels).unwrap_or_default(), protocol);
    names.define_mosaic("token");
    names.define_mosaic("coupon");
    for id in 0..pending {
        names.pending(&format!("p{id}"));
    }
    names
}

/// Limits that a handful of accounts can reach.
fn tighten(choices: &mut impl Choices, protocol: &mut Protocol) {
    let mut limits = protocol.limits;
    let lower = |limit: &mut u32, value: u32| *limit = value.min(*limit);
    lower(&mut limits.max_cosignatories_per_account, 2 + choices.below(4));
    lower(&mut limits.max_message_bytes, choices.below(9));
    let blocks = u64::from(2 + choices.below(5));
    limits.bonded_lifetime_seconds =
        limits.bonded_lifetime_seconds.min(blocks.saturating_mul(limits.block_time_seconds));
    // NIS1 has no hash locks to keep.
    let kept = choices.below(8).into();
    if limits.hash_lock_duration_blocks_max > 0 {
        limits.max_rollback_blocks = limits.max_rollback_blocks.min(kept);
    }
    if protocol.base.has_block_rules() {
        lower(&mut limits.max_transactions_per_block, 3 + choices.below(6));
    } else {
        tighten_aggregates(choices, &mut limits);
    }
    protocol.limits = limits;
    protocol.name = format!("{}-tight", protocol.name);
}

fn tighten_aggregates(choices: &mut impl Choices, limits: &mut Limits) {
    let lower = |limit: &mut u32, value: u32| *limit = value.min(*limit);
    lower(&mut limits.max_cosigned_accounts_per_account, 1 + choices.below(3));
    lower(&mut limits.max_multisig_depth, 1 + choices.below(4));
    lower(&mut limits.max_cosignatures_per_aggregate, 3 + choices.below(5));
    lower(&mut limits.max_transactions_per_aggregate, 2 + choices.below(3));
    let longest = u64::from(2 + choices.below(6));
    limits.hash_lock_duration_blocks_max = limits.hash_lock_duration_blocks_max.min(longest);
}

fn genesis(choices: &mut impl Choices, protocol: &Protocol, accounts: u32) -> Genesis {
    let mut genesis = Genesis::of_accounts(accounts as usize);
    for account in (0..accounts).map(AccountId) {
        let amount = match choices.below(8) {
            0 => 0,
            1 => u64::from(choices.below(2_000_000)),
            2 => 50_000_000_000 + u64::from(choices.below(1_000)) * 1_000_000_000,
            _ => 100_000_000 * u64::from(1 + choices.below(5)),
        };
        if amount > 0 {
            genesis.balances.push((account, MosaicId::CURRENCY, Amount(amount)));
        }
    }
    let token = MosaicId(1);
    let owner = AccountId(choices.below(accounts));
    let transferable = choices.chance(128);
    // What a transfer of it costs on NIS1 depends on both.
    let (divisibility, supply) = match protocol.base.has_fees() {
        true => (choices.below(7) as u8, 10_u64.pow(1 + choices.below(15))),
        false => (0, 1_000),
    };
    let definition = Definition {
        owner,
        divisibility,
        supply_mutable: true,
        transferable,
        ..Definition::default()
    };
    genesis.definitions.push((token, definition));
    genesis.balances.push((owner, token, Amount(supply)));
    if choices.chance(64) {
        genesis.entries.extend(entry(choices, protocol, accounts));
    }
    genesis
}

/// One account that is multisig from the start.
fn entry(choices: &mut impl Choices, protocol: &Protocol, accounts: u32) -> Option<Entry> {
    let limits = &protocol.limits;
    let most = limits.max_cosignatories_per_account.min(accounts - 1).min(4);
    if most == 0 || limits.max_multisig_depth == 0 || limits.max_cosigned_accounts_per_account == 0
    {
        return None;
    }
    let account = AccountId(choices.below(accounts));
    let count = 1 + choices.below(most);
    let cosignatories =
        (1..=count).map(|offset| AccountId((account.0 + offset) % accounts)).collect();
    let removal = if protocol.base.has_removal_threshold() { 1 + choices.below(count) } else { 0 };
    Some(Entry {
        account,
        minima: Minima { approval: 1 + choices.below(count), removal },
        cosignatories,
    })
}

/// One of four shares of 256.
fn share(chosen: u32, shares: [u8; 4]) -> u8 {
    shares.get(chosen as usize).copied().unwrap_or(0)
}

/// Every run leaves out some kinds of steps and does others all the more.
fn weights(choices: &mut impl Choices) -> Weights {
    let draw = |choices: &mut dyn FnMut(u32) -> u32| match choices(4) {
        0 => 0,
        1 => 4,
        2 => 12,
        _ => 40,
    };
    let mut below = |count| choices.below(count);
    Weights {
        modify: 60 + below(60) as u8,
        spend: draw(&mut below),
        plain: draw(&mut below) / 2,
        wait: draw(&mut below),
        seal: draw(&mut below) / 2,
        roll_back: draw(&mut below) / 4,
        block: draw(&mut below) / 8,
        absurd: draw(&mut below) / 8,
        bend: share(below(4), [0, 8, 32, 96]),
        forge: share(below(4), [0, 16, 64, 128]),
        date: share(below(4), [0, 0, 16, 64]),
        again: share(below(4), [0, 0, 16, 64]),
    }
}
