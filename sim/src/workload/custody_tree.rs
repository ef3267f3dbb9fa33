//! Custody: vaults of departments of officers, two of three on every level. Officers pay, fall short,
//! and hand their place on.

use super::{Page, Plot, WorkloadSettings, entry, header, unmentioned};
use crate::account::AccountId;
use crate::choice::{Choices, Seeded};
use crate::ledger::{Ledger, Links, View as _};
use crate::mosaic::MosaicId;
use crate::protocol::{Base, Limits, Protocol};
use crate::scenario::{Act, Header};
use crate::unit::{Amount, count_of};

/// Cosignatories on every level.
const FAN: u32 = 3;
/// How many of them must sign.
const NEEDED: u32 = 2;
/// No tree is taller.
const LEVELS_MAX: u32 = 5;
/// Every so many steps a block is sealed.
const SEAL_EACH: u64 = 20;
/// The state of more trees is not written.
const STATE_TREES_MAX: u32 = 10;

pub(super) fn begin(
    plan: &WorkloadSettings,
    accounts: u32,
    levels: u32,
    steps: u64,
) -> Result<(Header, Box<dyn Plot>), String> {
    let levels = levels.min(levels_max(&plan.protocol.limits));
    if levels == 0 {
        return Err(
            "found limits too tight for two of three, expected at least 3 cosignatories".into()
        );
    }
    let size = size(levels) + 1;
    let trees = accounts / size;
    if trees == 0 {
        return Err(format!("found {accounts} accounts, expected at least {size} for one tree"));
    }
    let width = trees.to_string().len();
    let mut labels = Vec::with_capacity((trees * size) as usize);
    for tree in 1..=trees {
        name(&mut labels, &format!("vault-{tree:0width$}"), levels);
        labels.push(format!("vault-{tree:0width$}.spare"));
    }
    let mut header = header(&plan.protocol, &labels)?;
    drop(labels);
    let base = plan.protocol.base;
    let each = Amount((u64::MAX / 2 / u64::from(trees)).min(1 << 50));
    for tree in 0..trees {
        let vault = tree * size;
        header.genesis.balances.push((AccountId(vault), MosaicId::CURRENCY, each));
        if base.has_fees() {
            header.genesis.balances.push((AccountId(vault + size - 1), MosaicId::CURRENCY, each));
        }
        grow(&mut header.genesis.entries, base, vault, levels);
    }
    header.name =
        format!("{} under custody on {}", count_of(trees.into(), "vault"), plan.protocol.name);
    header.description = format!(
        "Every vault is two of three on each of {}. {} drawn from seed {}: payments, \
         payments that lack a signature, and officers who hand their place on.",
        count_of(levels.into(), "level"),
        count_of(steps, "step"),
        plan.seed
    );
    let choices = Seeded::new(plan.seed);
    let signers = Vec::new();
    Ok((header, Box::new(Custody { base, size, trees, choices, signers, told: 0, steps })))
}

/// How many levels the limits allow.
fn levels_max(limits: &Limits) -> u32 {
    if limits.max_cosignatories_per_account < FAN || limits.max_cosigned_accounts_per_account == 0 {
        return 0;
    }
    // One signature more than the quorum: an officer who comes consents.
    let fits = |levels: &u32| NEEDED.pow(*levels) < limits.max_cosignatures_per_aggregate;
    let most = limits.max_multisig_depth.min(LEVELS_MAX);
    (1..=most).take_while(fits).last().unwrap_or(0)
}

/// Accounts of a tree with so many levels.
fn size(levels: u32) -> u32 {
    (0..levels).fold(1, |below, _| 1 + FAN * below)
}

/// Names in the order of their text, which is a walk from the top.
fn name(labels: &mut Vec<String>, label: &str, levels: u32) {
    labels.push(label.to_owned());
    for place in 1..=FAN {
        if levels > 0 {
            name(labels, &format!("{label}.{place}"), levels - 1);
        }
    }
}

fn grow(entries: &mut Vec<crate::ledger::Entry>, base: Base, top: u32, levels: u32) {
    if levels == 0 {
        return;
    }
    let below = size(levels - 1);
    let place = |place| top + 1 + place * below;
    let cosignatories = (0..FAN).map(|one| AccountId(place(one))).collect();
    entries.push(entry(base, AccountId(top), NEEDED, cosignatories));
    (0..FAN).for_each(|one| grow(entries, base, place(one), levels - 1));
}

struct Custody {
    base: Base,
    /// Accounts of a tree, the spare key included.
    size: u32,
    trees: u32,
    choices: Seeded,
    signers: Vec<AccountId>,
    told: u64,
    steps: u64,
}

impl Plot for Custody {
    fn next(&mut self, ledger: &Ledger, page: &mut Page) -> bool {
        if self.told == self.steps {
            return false;
        }
        self.told += 1;
        let links = ledger.state().links();
        page.state = self.trees <= STATE_TREES_MAX && (self.told == 1 || self.told == self.steps);
        if self.told.is_multiple_of(SEAL_EACH) {
            page.step.act = Act::Advance(1);
            return true;
        }
        let vault = AccountId(self.choices.below(self.trees) * self.size);
        self.signers.clear();
        if self.choices.chance(32) {
            self.replace(ledger.protocol(), links, vault, page);
        } else {
            self.pay(links, vault, page);
        }
        true
    }
}

impl Custody {
    fn pay(&mut self, links: &Links, vault: AccountId, page: &mut Page) {
        self.sign(links, vault);
        if self.choices.chance(24) && self.signers.len() > 1 {
            self.signers.pop();
            page.note = "a signature is missing".to_owned();
        }
        let recipient = AccountId(self.choices.below(self.trees) * self.size);
        let amount = Amount(1 + u64::from(self.choices.below(1_000)));
        let transaction = page.blank(self.base, &self.signers);
        transaction.push_transfer(vault, recipient, amount);
    }

    /// An officer hands over to the key that is nobody's.
    fn replace(&mut self, protocol: &Protocol, links: &Links, vault: AccountId, page: &mut Page) {
        let mut department = vault;
        loop {
            let below = self.choices.one_of(links.cosignatories_of(department));
            match below {
                Some(one) if !links.cosignatories_of(one).is_empty() => department = one,
                _ => break,
            }
        }
        let keys = (vault.0..vault.0 + self.size).map(AccountId);
        let mut idle =
            keys.filter(|&key| links.multisigs_of(key).is_empty() && !links.is_multisig(key));
        let leaving = self.choices.one_of(links.cosignatories_of(department));
        let (Some(coming), Some(leaving)) = (idle.next(), leaving) else {
            return self.pay(links, vault, page);
        };
        self.sign(links, department);
        if protocol.switches.opt_in {
            self.signers.push(coming);
        }
        page.note = "an officer hands over to another key".to_owned();
        let transaction = page.blank(self.base, &self.signers);
        transaction.push_modification(department, (0, 0), &[coming], &[leaving]);
        unmentioned(self.base, transaction);
    }

    /// Signatures enough for this account, beginning at a place that chance decides.
    fn sign(&mut self, links: &Links, account: AccountId) {
        let cosignatories = links.cosignatories_of(account);
        if cosignatories.is_empty() {
            self.signers.push(account);
            return;
        }
        let first = self.choices.below(cosignatories.len() as u32) as usize;
        let around = cosignatories.iter().cycle().skip(first);
        for &one in around.take(links.minima(account).approval as usize) {
            self.sign(links, one);
        }
    }
}
