//! The most an approval check can be made to do: every level as wide as the limits allow, everybody
//! cosigning for as many accounts as they may, and aggregates as full as they may be.

use super::{Page, Plot, WorkloadSettings, entry, header};
use crate::account::AccountId;
use crate::choice::{Choices, Seeded};
use crate::ledger::Ledger;
use crate::mosaic::MosaicId;
use crate::protocol::{Base, Limits};
use crate::scenario::{Act, Header};
use crate::unit::{Amount, count_of};

/// No level is wider than this where a limit is missing.
const WIDTH_MAX: u32 = 32;
/// No aggregate is written with more parts than this.
const PARTS_MAX: u32 = 1_000;
/// Every so many steps a block is sealed, and one signature is left out.
const SEAL_EACH: u64 = 16;

pub(super) fn begin(
    plan: &WorkloadSettings,
    steps: u64,
) -> Result<(Header, Box<dyn Plot>), String> {
    let (base, limits) = (plan.protocol.base, &plan.protocol.limits);
    let width = limits.max_cosignatories_per_account.min(WIDTH_MAX);
    if width == 0 || limits.max_multisig_depth == 0 || limits.max_cosigned_accounts_per_account == 0
    {
        return Err("found limits that allow no multisig account, expected at least 1 each".into());
    }
    let levels = levels(limits, width)?;
    let (labels, starts) = labels(&levels);
    let mut header = header(&plan.protocol, &labels)?;
    let cap = limits.max_cosignatures_per_aggregate.min(u32::MAX - 1);
    let keys = levels.last().copied().unwrap_or(1);
    // With a key for every signature all must sign; with more keys than that, one below each is enough.
    let minimum = if keys <= cap { width } else { 1 };
    for (level, pair) in levels.windows(2).enumerate() {
        let [here, below] = *pair else { continue };
        let start = |level: usize| starts.get(level).copied().unwrap_or(0);
        for index in 0..here {
            let cosignatory = |k| AccountId(start(level + 1) + (index * width + k) % below);
            let cosignatories = (0..width).map(cosignatory).collect();
            let account = AccountId(start(level) + index);
            header.genesis.entries.push(entry(base, account, minimum, cosignatories));
            header.genesis.balances.push((account, MosaicId::CURRENCY, Amount(1 << 50)));
        }
    }
    let first_key = starts.last().copied().unwrap_or(0);
    let signers: Vec<AccountId> =
        (0..keys.min(cap)).map(|key| AccountId(first_key + key)).collect();
    let depth = levels.len() as u32 - 1;
    let parts = plan.protocol.max_parts().min(PARTS_MAX);
    let ways = (0..depth).fold(1_u64, |ways, _| ways.saturating_mul(u64::from(width)));
    header.name = format!("The costliest legal structure on {}", plan.protocol.name);
    header.description = format!(
        "{} of accounts with {} each, {} at the top, {} at the bottom: {} from a top account to a key, \
         and an aggregate has {}. {} of such payments, some with a signature missing.",
        count_of(depth.into(), "level"),
        count_of(width.into(), "cosignatory"),
        levels.first().copied().unwrap_or(0),
        count_of(keys.into(), "key"),
        count_of(ways, "way"),
        count_of(parts.into(), "part"),
        count_of(steps, "step")
    );
    let tops = levels.first().copied().unwrap_or(1);
    let choices = Seeded::new(plan.seed);
    Ok((header, Box::new(WorstCase { base, tops, parts, signers, choices, told: 0, steps })))
}

/// How many accounts stand on each level, top first.
fn levels(limits: &Limits, width: u32) -> Result<Vec<u32>, String> {
    let cosigned = limits.max_cosigned_accounts_per_account.min(WIDTH_MAX);
    let mut levels = vec![cosigned];
    for _ in 0..limits.max_multisig_depth.min(8) {
        let edges = u64::from(levels.last().copied().unwrap_or(1)) * u64::from(width);
        let needed = edges.div_ceil(u64::from(cosigned)).max(u64::from(width));
        if needed > 100_000 {
            return Err(format!("found a level of {needed} accounts, expected at most 100000"));
        }
        levels.push(needed as u32);
    }
    Ok(levels)
}

/// Names in the order of the levels, and where each level begins.
fn labels(levels: &[u32]) -> (Vec<String>, Vec<u32>) {
    let (mut labels, mut starts) = (Vec::new(), Vec::new());
    for (level, &count) in levels.iter().enumerate() {
        starts.push(labels.len() as u32);
        labels.extend((0..count).map(|index| format!("level-{level}-{index:05}")));
    }
    (labels, starts)
}

struct WorstCase {
    base: Base,
    tops: u32,
    parts: u32,
    signers: Vec<AccountId>,
    choices: Seeded,
    told: u64,
    steps: u64,
}

impl Plot for WorstCase {
    fn next(&mut self, _: &Ledger, page: &mut Page) -> bool {
        if self.told == self.steps {
            return false;
        }
        self.told += 1;
        if self.told.is_multiple_of(SEAL_EACH) {
            page.step.act = Act::Advance(1);
            return true;
        }
        let short = self.told % SEAL_EACH == 1 && self.signers.len() > 1;
        let count = self.signers.len() - usize::from(short);
        let signers = self.signers.get(..count).unwrap_or(&[]);
        let first = self.choices.below(self.tops);
        let recipient = self.signers.first().copied().unwrap_or_default();
        let transaction = page.blank(self.base, signers);
        for part in 0..self.parts {
            let top = AccountId((first + part) % self.tops);
            transaction.push_transfer(top, recipient, Amount(1));
        }
        page.state = self.told == 1;
        if self.told == 1 {
            page.note = "every way to every key is walked; one key is missing".to_owned();
        }
        true
    }
}
