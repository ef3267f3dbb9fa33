//! The way, not only the number: the transactions by which some keys come to spend from an account.
//!
//! This is the constructive half of the theorem of the room. From the bottom up, every account that
//! the keys control and that the way needs is brought to thresholds of 1: by a modification of the
//! thresholds where the keys reach min approval, else by one that deletes a cosignatory who is not on
//! the way and lowers both thresholds in the same transaction. On NIS1 the one cosignatory who is
//! missing is deleted. Each step needs one signature for each controlled cosignatory, so under the real
//! protocols' limits it stays inside the cap on signatures. Where it does not, cosignatories are *nested*
//! first: one makes another's key its cosignatory, whose one signature then counts for both. Steps that turn out not to be needed are left out. Nothing is
//! believed: every transaction is submitted to a ledger, and only what it accepts is handed out.

use super::Budget;
use super::budget::Work;
use super::structure::{Structure, View};
use crate::account::{AccountId, PerAccount};
use crate::ledger::{Entry, Genesis, Ledger, Minima, View as _};
use crate::mosaic::MosaicId;
use crate::protocol::Protocol;
use crate::transaction::{Envelope, Transaction};
use crate::unit::Amount;

/// What the account holds at the start of a way, in the currency's smallest unit: enough for all fees.
pub const HOLDING: Amount = Amount(1_000_000_000);
/// What the last transaction of a way pays, in the currency's smallest unit.
pub const PAYMENT: Amount = Amount(1);
/// Units of work for a transaction that a ledger is given, for each account of a ledger that is copied,
/// and for a signature that is looked for among others.
const SUBMIT_PRICE: u64 = 3_000;
const ACCOUNT_PRICE: u64 = 200;
const SIGNATURE_PRICE: u64 = 2;
/// Most steps of a way for which leaving one out is tried.
const SPARED_MAX: usize = 40;

/// A modification on a way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rung {
    /// The account that is modified.
    pub account: AccountId,
    /// The cosignatory that is deleted on the occasion.
    pub deleted: Option<AccountId>,
    /// The cosignatory that is added, to sign alone from now on.
    pub added: Option<AccountId>,
    /// The transaction, with its signatures.
    pub transaction: Transaction,
}

/// The way of some keys to the money of an account, accepted by a ledger step by step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    /// What the ledger starts from; account ids are those of the structure.
    pub genesis: Genesis,
    /// The modifications, in order; none where the keys can spend at once.
    pub rungs: Vec<Rung>,
    /// The payment at the end.
    pub payment: Transaction,
}

/// Who wants to spend from where.
#[derive(Clone, Copy, Debug)]
pub struct Spending<'a> {
    /// The accounts.
    pub structure: &'a Structure,
    /// The rules.
    pub protocol: &'a Protocol,
    /// The account to spend from.
    pub target: AccountId,
    /// The keys that want to; what is no key is left out.
    pub keys: &'a [AccountId],
    /// Who is paid.
    pub recipient: AccountId,
}

impl Spending<'_> {
    /// The way by which the keys come to spend; `None` if there is none under this protocol: they do not
    /// control the account, or a step would need more signatures than the cap, or the structure is beyond the
    /// protocol's limits; and where none is found within the budget.
    #[must_use]
    pub fn ladder(&self, budget: &Budget) -> Option<Ladder> {
        self.plain_ladder(budget).or_else(|| self.nesting_ladder(budget))
    }

    /// The same without nesting, which alone asks what is above the target: accounts that do not lie below
    /// it need not be in the structure.
    #[must_use]
    pub fn plain_ladder(&self, budget: &Budget) -> Option<Ladder> {
        self.ladder_among(&self.structure.below(self.target), false, budget)
    }

    /// The same with nesting, which takes a level and links: all accounts above and around must be in the
    /// structure.
    #[must_use]
    pub fn nesting_ladder(&self, budget: &Budget) -> Option<Ladder> {
        self.ladder_among(&connected(self.structure, self.target), true, budget)
    }

    fn ladder_among(&self, around: &[AccountId], nests: bool, budget: &Budget) -> Option<Ladder> {
        let Self { structure, protocol, target, keys, recipient } = *self;
        let mut held: PerAccount<bool> = PerAccount::new(structure.len());
        for &key in keys.iter().filter(|key| structure.is_key(**key)) {
            held[key] = true;
        }
        let work = &Work::new(*budget);
        work.go_on()?;
        let genesis = genesis(structure, protocol, target, around);
        let ledger = Ledger::from_genesis(protocol.clone(), &genesis).ok()?;
        let climber = Climber { structure, protocol, target, recipient, held, ledger, nests, work };
        let (rungs, payment) = climber.ladder()?;
        Some(Ladder { genesis, rungs, payment })
    }
}

/// The accounts below the target, all above one of them, and all below those.
fn connected(structure: &Structure, target: AccountId) -> Vec<AccountId> {
    let mut inside: PerAccount<bool> = PerAccount::new(structure.len());
    structure.below(target).into_iter().for_each(|account| inside[account] = true);
    for &account in structure.order() {
        inside[account] |= structure.cosignatories(account).iter().any(|&below| inside[below]);
    }
    for &account in structure.order().iter().rev() {
        if inside[account] {
            structure.cosignatories(account).iter().for_each(|&below| inside[below] = true);
        }
    }
    structure.order().iter().copied().filter(|&account| inside[account]).collect()
}

/// The accounts around the target as a start.
fn genesis(
    structure: &Structure,
    protocol: &Protocol,
    target: AccountId,
    around: &[AccountId],
) -> Genesis {
    let multisigs = around.iter().copied().filter(|&account| !structure.is_key(account));
    let entry = |account| {
        let (approval, removal) = structure.minima(account);
        let removal = protocol.base.stored_removal(removal);
        let cosignatories = structure.cosignatories(account).to_vec();
        Entry { account, minima: Minima { approval, removal }, cosignatories }
    };
    Genesis {
        entries: multisigs.map(entry).collect(),
        balances: vec![(target, MosaicId::CURRENCY, HOLDING)],
        ..Genesis::of_accounts(structure.len())
    }
}

/// Who signs for an account: for anything that needs approval, and for a removal.
#[derive(Clone, Debug, Default)]
struct Signers {
    approval: Option<Vec<AccountId>>,
    removal: Option<Vec<AccountId>>,
}

/// A cosignatory and the keys that sign for it.
struct Ready {
    account: AccountId,
    keys: Vec<AccountId>,
}

struct Climber<'a> {
    structure: &'a Structure,
    protocol: &'a Protocol,
    target: AccountId,
    recipient: AccountId,
    held: PerAccount<bool>,
    ledger: Ledger,
    /// Whether cosignatories are nested where signatures do not fit.
    nests: bool,
    work: &'a Work,
}

impl Climber<'_> {
    /// A way with few steps, and the payment.
    fn ladder(&self) -> Option<(Vec<Rung>, Transaction)> {
        let mut wanted = self.needed();
        let mut best = self.climb(&wanted)?;
        if best.0.len() <= SPARED_MAX {
            for account in best.0.iter().map(|rung| rung.account).rev().collect::<Vec<_>>() {
                wanted[account] = false;
                match self.climb(&wanted) {
                    Some(fewer) => best = fewer,
                    None => wanted[account] = true,
                }
            }
        }
        Some(best)
    }

    /// The accounts on a way of few steps: below each, the cosignatories that cost fewest.
    fn needed(&self) -> PerAccount<bool> {
        let structure = self.structure;
        let below = structure.below(self.target);
        let mut costs: PerAccount<Option<usize>> = PerAccount::new(structure.len());
        let cheapest = |account: AccountId, costs: &PerAccount<Option<usize>>| {
            let children = structure.cosignatories(account).iter();
            let mut known: Vec<(usize, AccountId)> =
                children.filter_map(|&child| Some((costs[child]?, child))).collect();
            known.sort_unstable();
            let wanted = structure.threshold(account, View::Eventually) as usize;
            (known.len() >= wanted).then(|| {
                known.truncate(wanted);
                known
            })
        };
        for &account in &below {
            costs[account] = match structure.is_key(account) {
                true => self.held[account].then_some(0),
                false => cheapest(account, &costs)
                    .map(|known| known.iter().fold(1, |sum: usize, one| sum.saturating_add(one.0))),
            };
        }
        let mut needed: PerAccount<bool> = PerAccount::new(structure.len());
        if let Some(top) = needed.0.get_mut(self.target.index()) {
            *top = true;
        }
        for &account in below.iter().rev() {
            if needed[account] && !structure.is_key(account) {
                for (_, child) in cheapest(account, &costs).into_iter().flatten() {
                    needed[child] = true;
                }
            }
        }
        needed
    }

    /// Modifies the wanted accounts from the bottom up, and pays.
    fn climb(&self, wanted: &PerAccount<bool>) -> Option<(Vec<Rung>, Transaction)> {
        self.work.spend(self.structure.len() as u64 * ACCOUNT_PRICE)?;
        let mut ledger = self.ledger.clone();
        let mut signers: PerAccount<Signers> = PerAccount::new(self.structure.len());
        let mut rungs = Vec::new();
        for account in self.structure.below(self.target) {
            if self.structure.is_key(account) {
                let own = self.held[account].then(|| vec![account]);
                signers[account] = Signers { approval: own.clone(), removal: own };
                continue;
            }
            signers[account] = self.signers(&ledger, account, &signers);
            if wanted[account] && self.nests {
                self.nest(&mut ledger, account, &mut signers, &mut rungs);
            }
            if wanted[account]
                && let Some(rung) = self.rung(&ledger, account, &signers)
            {
                if !ledger.submit(&rung.transaction).is_accepted() {
                    return None;
                }
                signers[account] = self.signers(&ledger, account, &signers);
                rungs.push(rung);
            }
        }
        let mut payment = self.transaction(signers[self.target].approval.as_ref()?)?;
        payment.push_transfer(self.target, self.recipient, PAYMENT);
        ledger.submit(&payment).is_accepted().then_some((rungs, payment))
    }

    /// Who signs for an account as it stands, as few as are found.
    fn signers(&self, ledger: &Ledger, account: AccountId, known: &PerAccount<Signers>) -> Signers {
        let links = ledger.state().links();
        let minima = links.minima(account);
        let children = links.cosignatories_of(account);
        let by_approval = |child: AccountId| known[child].approval.as_deref();
        let by_removal = |child: AccountId| known[child].removal.as_deref();
        let count = u32::try_from(children.len()).unwrap_or(u32::MAX);
        let approval = self.protocol.approval_threshold(minima.approval, count);
        let switches = &self.protocol.switches;
        let removal = switches.removal_threshold.of(minima.approval, minima.removal);
        Signers {
            approval: self.few(children, approval, by_approval),
            removal: match (self.protocol.base.has_removal_threshold(), switches.pass_down) {
                (false, _) => None,
                (true, true) => self.few(children, removal, by_removal),
                (true, false) => self.few(children, removal, by_approval),
            },
        }
    }

    /// Signatures of `count` of these cosignatories: always the one next who adds fewest.
    fn few<'s>(
        &self,
        children: &[AccountId],
        count: u32,
        of: impl Fn(AccountId) -> Option<&'s [AccountId]>,
    ) -> Option<Vec<AccountId>> {
        let mut open: Vec<&[AccountId]> = children.iter().filter_map(|&child| of(child)).collect();
        let mut chosen: Vec<AccountId> = Vec::new();
        let alone = |&child: &AccountId| of(child).is_none_or(|set| set == [child]);
        if children.iter().all(alone) {
            // each signs for itself: any will do
            chosen = open.drain(..open.len().min(count as usize)).flatten().copied().collect();
        }
        let cap = self.protocol.max_signatures().map_or(usize::MAX, |most| most as usize);
        for _ in chosen.len()..count as usize {
            let all: usize = open.iter().map(|set| set.len()).sum();
            self.work.spend((all * (chosen.len() + 1)) as u64 * SIGNATURE_PRICE)?;
            let adds = |set: &&[AccountId]| set.iter().filter(|key| !chosen.contains(key)).count();
            let (place, _) = open.iter().enumerate().min_by_key(|(_, set)| adds(set))?;
            let mut fresh = open.remove(place).to_vec();
            fresh.retain(|key| !chosen.contains(key));
            chosen.append(&mut fresh);
            if chosen.len() > cap {
                return None;
            }
        }
        (chosen.len() <= cap).then_some(chosen)
    }

    /// Where more signatures are needed than fit: cosignatories are brought to sign by another's key,
    /// one after the other, until they fit or no more can be done.
    fn nest(
        &self,
        ledger: &mut Ledger,
        account: AccountId,
        signers: &mut PerAccount<Signers>,
        rungs: &mut Vec<Rung>,
    ) {
        let own = |signers: &PerAccount<Signers>| signers[account].clone();
        while self.protocol.base.has_levels()
            && own(signers).approval.or(own(signers).removal).is_none()
        {
            let children = ledger.state().links().cosignatories_of(account);
            let ready = |&child: &AccountId| {
                signers[child].approval.clone().map(|keys| Ready { account: child, keys })
            };
            let mut ready: Vec<Ready> = children.iter().filter_map(ready).collect();
            ready.sort_by_key(|one| (one.keys.len(), one.account));
            let wanted = self.structure.threshold(account, View::Eventually) as usize;
            if ready.len() < wanted {
                return;
            }
            ready.truncate(wanted);
            let Some((rung, then)) = self.nesting(ledger, &ready) else { return };
            let then = Some(then);
            signers[rung.account] = Signers { approval: then.clone(), removal: then };
            rungs.push(rung);
            signers[account] = self.signers(ledger, account, signers);
        }
    }

    /// The first that the ledger accepts: a later cosignatory comes to sign by an earlier one, or by a
    /// key of it. Also who signs for it from then on.
    fn nesting(&self, ledger: &mut Ledger, ready: &[Ready]) -> Option<(Rung, Vec<AccountId>)> {
        for (place, later) in ready.iter().enumerate().rev() {
            // whose keys all sign for others already adds nothing
            let serves = |other: &Ready| {
                other.account != later.account
                    && later.keys.iter().all(|key| other.keys.contains(key))
            };
            if ready.iter().any(serves) {
                continue;
            }
            for earlier in ready.iter().take(place) {
                let keys = earlier.keys.iter().map(|&key| (key, vec![key]));
                let whole = (earlier.account, earlier.keys.clone());
                for (added, then) in keys.chain([whole]) {
                    let rung = self.adding(ledger, later, added, &then);
                    if let Some(rung) = rung {
                        return Some((rung, then));
                    }
                }
            }
        }
        None
    }

    /// The step in which a cosignatory takes another one in, if the ledger accepts it.
    fn adding(
        &self,
        ledger: &mut Ledger,
        later: &Ready,
        added: AccountId,
        then: &[AccountId],
    ) -> Option<Rung> {
        self.work.spend(SUBMIT_PRICE)?;
        let account = later.account;
        let minima = ledger.state().links().minima(account);
        let deltas = (1 - minima.approval as i32, 1 - minima.removal as i32);
        let mut signers: Vec<AccountId> = later.keys.iter().chain(then).copied().collect();
        signers.sort_unstable();
        signers.dedup();
        let mut transaction = self.transaction(&signers)?;
        transaction.push_modification(account, deltas, &[added], &[]);
        let accepted = ledger.submit(&transaction).is_accepted();
        accepted.then_some(Rung { account, deleted: None, added: Some(added), transaction })
    }

    /// The step that brings an account as it stands under full control; `None` if it needs none, or
    /// none is possible.
    fn rung(
        &self,
        ledger: &Ledger,
        account: AccountId,
        signers: &PerAccount<Signers>,
    ) -> Option<Rung> {
        if !self.protocol.base.has_removal_threshold() {
            return self.nis1_rung(ledger, account);
        }
        let minima = ledger.state().links().minima(account);
        let own = &signers[account];
        let lowered = (1 - minima.approval as i32, 1 - minima.removal as i32);
        if lowered == (0, 0) || (account == self.target && own.approval.is_some()) {
            return None;
        }
        if let Some(approval) = &own.approval {
            let mut transaction = self.transaction(approval)?;
            transaction.push_modification(account, lowered, &[], &[]);
            return Some(Rung { account, deleted: None, added: None, transaction });
        }
        let removal = own.removal.as_ref()?;
        let children = ledger.state().links().cosignatories_of(account);
        let strange = |child: &&AccountId| signers[**child].approval.is_none();
        let unneeded = |child: &&AccountId| !removal.contains(child);
        let deleted = children.iter().find(strange).or_else(|| children.iter().find(unneeded))?;
        let mut transaction = self.transaction(removal)?;
        transaction.push_modification(account, lowered, &[], &[*deleted]);
        Some(Rung { account, deleted: Some(*deleted), added: None, transaction })
    }

    /// All of all but one delete the one.
    fn nis1_rung(&self, ledger: &Ledger, account: AccountId) -> Option<Rung> {
        let links = ledger.state().links();
        let children = links.cosignatories_of(account);
        let (ours, others): (Vec<AccountId>, Vec<AccountId>) =
            children.iter().partition(|&&child| self.held[child]);
        let [other] = others[..] else { return None };
        let stored = links.minima(account).approval;
        if stored != 0 && stored as usize != children.len() {
            return None;
        }
        let mut transaction = self.transaction(&ours)?;
        let delta = if stored == 0 { 0 } else { -1 };
        transaction.push_modification(account, (delta, 0), &[], &[other]);
        Some(Rung { account, deleted: Some(other), added: None, transaction })
    }

    /// An envelope with these signatures, in the order of the names.
    fn transaction(&self, signers: &[AccountId]) -> Option<Transaction> {
        let mut sorted = signers.to_vec();
        sorted.sort_unstable();
        let (first, others) = sorted.split_first()?;
        let envelope = match self.structure.is_key(self.target) {
            true => Envelope::Bare,
            false => self.protocol.base.signed_envelope(),
        };
        let mut transaction = Transaction::new(envelope, *first);
        transaction.cosignatures.extend_from_slice(others);
        Some(transaction)
    }
}

#[cfg(test)]
mod tests;
