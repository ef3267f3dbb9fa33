//! Modifications: valid by the present state, then now and then bent.

use super::Sequence;
use crate::account::AccountId;
use crate::choice::Choices;
use crate::ledger::{Links, View};
use crate::transaction::{Action, Body, CosignatoryModification, Modification, Transaction};
use crate::unit::Span;

/// What a modification sets out to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Aim {
    additions: u32,
    deletions: u32,
}

impl Sequence {
    /// A transaction with one modification, or an aggregate of several that may rest on each other.
    pub(super) fn modify(
        &mut self,
        choices: &mut impl Choices,
        links: &Links,
        transaction: &mut Transaction,
    ) {
        transaction.reset(self.protocol.base.signed_envelope(), AccountId(0));
        let parts = match self.protocol.base.has_aggregates() {
            true => [1, 1, 1, 1, 1, 2, 2, 3].get(choices.below(8) as usize).copied().unwrap_or(1),
            false => 1,
        };
        let mut account = self.target(choices, links);
        for _ in 0..parts {
            self.modification(choices, links, transaction, account);
            account = match choices.below(3) {
                0 => self.target(choices, links),
                1 => account,
                _ => choices.one_of(&transaction.changes).map_or(account, |add| add.account),
            };
        }
        self.sign(choices, links, transaction);
    }

    /// Whom to modify: multisig accounts somewhat more than they would be met by chance.
    fn target(&self, choices: &mut impl Choices, links: &Links) -> AccountId {
        match choices.chance(150) {
            true => self.multisig(choices, links),
            false => self.account(choices),
        }
    }

    /// A part that modifies `account`.
    fn modification(
        &mut self,
        choices: &mut impl Choices,
        links: &Links,
        transaction: &mut Transaction,
        account: AccountId,
    ) {
        let count = links.cosignatory_count(account);
        let aim = self.aim(choices, count);
        let start = transaction.changes.len();
        for _ in 0..aim.additions {
            let added = self.addition(choices, links, account, transaction, start);
            transaction
                .changes
                .push(CosignatoryModification { action: Action::Add, account: added });
        }
        for _ in 0..aim.deletions {
            let removed = choices.one_of(links.cosignatories_of(account)).unwrap_or(account);
            transaction
                .changes
                .push(CosignatoryModification { action: Action::Remove, account: removed });
        }
        let minima = links.minima(account);
        let after = (count + aim.additions).saturating_sub(aim.deletions);
        let mut body = Modification {
            approval_delta: delta(choices, minima.approval, after),
            removal_delta: delta(choices, minima.removal, after),
            delta_present: true,
            version: 0,
            changes: Span::default(),
        };
        if !self.protocol.base.has_removal_threshold() {
            self.fit_nis1(choices, &mut body, (minima.approval, after), !aim_is_empty(aim));
        } else if after == 0 {
            (body.approval_delta, body.removal_delta) = (-1, -1);
        }
        if self.bends(choices) {
            self.bend(choices, links, transaction, (start, account), &mut body);
            if !self.protocol.base.has_ordered_changes()
                && let Some(own) = transaction.changes.get_mut(start..)
            {
                // Two lists are written one behind the other.
                own.sort_by_key(|change| change.action == Action::Remove);
            }
        }
        body.changes = Span::between(start, transaction.changes.len());
        transaction.push(account, Body::Modification(body));
    }

    fn aim(&self, choices: &mut impl Choices, count: u32) -> Aim {
        if count == 0 {
            let most = self.protocol.limits.max_cosignatories_per_account.min(4);
            let additions = 1 + choices.below(most.max(1) + u32::from(most < 4));
            return Aim { additions, deletions: 0 };
        }
        // Nobody can foretell which: they are looked up, without a branch.
        let last = u32::from(count == 1);
        let aims = [(1, 0), (1, 0), (2, 0), (0, 1), (0, 1), (1, 1), (0, 0), (0, last)];
        let (additions, deletions) =
            aims.get(choices.below(8) as usize).copied().unwrap_or_default();
        Aim { additions, deletions }
    }

    /// Somebody who is not there yet, if a few looks find one.
    fn addition(
        &self,
        choices: &mut impl Choices,
        links: &Links,
        multisig: AccountId,
        transaction: &Transaction,
        start: usize,
    ) -> AccountId {
        let fresh = Span::between(start, transaction.changes.len()).of(&transaction.changes);
        let mut account = self.account(choices);
        for _ in 0..4 {
            let known = account == multisig
                || links.is_cosignatory(multisig, account)
                || fresh.iter().any(|change| change.account == account);
            if !known {
                break;
            }
            account = AccountId(choices.below(self.accounts));
        }
        account
    }

    /// NIS1 has one threshold, which may also be left unmentioned or be 0.
    fn fit_nis1(
        &self,
        choices: &mut impl Choices,
        body: &mut Modification,
        (minimum, after): (u32, u32),
        has_changes: bool,
    ) {
        body.removal_delta = 0;
        let fits = minimum <= after || choices.chance(40);
        let unmentioned = fits && has_changes && choices.chance(140);
        if unmentioned {
            (body.approval_delta, body.delta_present) = (0, false);
        } else if after == 0 || choices.chance(40) {
            body.approval_delta = -(minimum as i32);
        }
        if !body.delta_present && choices.chance(16) {
            body.version = 1;
        }
    }

    /// Makes a modification a little wrong.
    fn bend(
        &self,
        choices: &mut impl Choices,
        links: &Links,
        transaction: &mut Transaction,
        (start, multisig): (usize, AccountId),
        body: &mut Modification,
    ) {
        let account = self.account(choices);
        let changes = &mut transaction.changes;
        let own = Span::between(start, changes.len()).of(changes);
        let repeated = choices.one_of(own);
        let two = self.protocol.base.has_removal_threshold();
        let bound = if choices.chance(200) { 3 } else { 128 };
        let random = choices.below(2 * bound) as i32 - bound as i32;
        match choices.below(12) {
            0 => body.approval_delta = random,
            1 if two => body.removal_delta = random,
            2 => changes.extend(repeated),
            3 => {
                let opposite = |change: CosignatoryModification| match change.action {
                    Action::Add => CosignatoryModification { action: Action::Remove, ..change },
                    _ => CosignatoryModification { action: Action::Add, ..change },
                };
                changes.extend(repeated.map(opposite));
            }
            4 => changes.push(CosignatoryModification { action: Action::Remove, account }),
            5 => changes.push(CosignatoryModification { action: Action::Add, account }),
            6 if self.protocol.base.has_ordered_changes() => {
                changes.push(CosignatoryModification { action: Action::Invalid, account });
            }
            7 => {
                let other = choices.one_of(links.cosignatories_of(account)).unwrap_or(account);
                changes.push(CosignatoryModification { action: Action::Remove, account: other });
            }
            8 => {
                changes.truncate(start);
                if links.cosignatory_count(multisig) == 0 {
                    changes.push(CosignatoryModification { action: Action::Remove, account });
                }
            }
            10 => {
                let member = choices.one_of(links.cosignatories_of(multisig)).unwrap_or(account);
                changes.push(CosignatoryModification { action: Action::Remove, account });
                changes.push(CosignatoryModification { action: Action::Add, account: member });
            }
            9 if two => (body.approval_delta, body.removal_delta) = (-1, -1),
            _ => {
                if let Some(own) = changes.get_mut(start..) {
                    own.reverse();
                }
            }
        }
        body.delta_present |= body.approval_delta != 0 || changes.len() == start;
        if body.delta_present && body.version == 1 {
            body.version = 2;
        }
    }
}

fn aim_is_empty(aim: Aim) -> bool {
    aim.additions + aim.deletions == 0
}

/// A change that brings a threshold from `before` into 1 to `after`; seldom one beyond.
fn delta(choices: &mut impl Choices, before: u32, after: u32) -> i32 {
    let most = after.max(1);
    let case = choices.below(16);
    let random = if case < 10 { 0 } else { 1 + choices.below(most) };
    // All the others are looked up, without a branch: nobody can foretell which.
    let aims = [after + 1, 0, before.clamp(1, most), after, random];
    let index = [0, 1, 2, 2, 2, 2, 2, 3, 3, 3].get(case as usize).copied().unwrap_or(4);
    let aim: u32 = aims.get(index).copied().unwrap_or_default();
    aim as i32 - before as i32
}
