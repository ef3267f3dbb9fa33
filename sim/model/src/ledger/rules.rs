//! The rules, written once, generic over a [`View`] of the links.
//!
//! [`signature`] asks who must sign, [`modification`] what may change (Catapult), [`nis1`] both for
//! NIS1. They decide and change nothing; `apply` writes.

pub mod modification;
pub mod nis1;
pub mod signature;

use super::links::{Marks, StampMarks, View};
use crate::account::AccountId;
use crate::verdict::Reason;

/// What a rule that refuses has in hand: the account it refuses, the other account it names, and the
/// number it found with the number it wants. Written at a refusal only, read by the module `reason`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The account that the rule speaks of.
    pub account: Option<AccountId>,
    /// The cosignatory, recipient or signer that the rule names.
    pub other: Option<AccountId>,
    /// The number found.
    pub found: i128,
    /// The number it may at most be, or must at least be.
    pub limit: i128,
    /// The part of the transaction, from 0.
    pub part: Option<u32>,
}

impl Facts {
    /// Numbers alone.
    #[must_use]
    pub const fn numbers(found: i64, limit: i64) -> Self {
        Self { account: None, other: None, found: found as i128, limit: limit as i128, part: None }
    }

    /// Amounts or heights alone.
    #[must_use]
    pub const fn amounts(found: u64, limit: u64) -> Self {
        Self { account: None, other: None, found: found as i128, limit: limit as i128, part: None }
    }

    /// An account and the other that it cannot have.
    #[must_use]
    pub const fn accounts(account: AccountId, other: AccountId) -> Self {
        Self { account: Some(account), other: Some(other), found: 0, limit: 0, part: None }
    }

    /// The same facts of this account.
    #[must_use]
    pub const fn of(self, account: AccountId) -> Self {
        Self { account: Some(account), ..self }
    }

    /// The same facts naming this account as the other one.
    #[must_use]
    pub const fn naming(self, other: AccountId) -> Self {
        Self { other: Some(other), ..self }
    }
}

/// The marks and lists that rules work with; kept between steps so that no step allocates.
#[derive(Clone, Debug, Default)]
pub struct Desk<M> {
    /// Whose signatures the transaction carries.
    pub signed: M,
    /// Whose signatures it may carry.
    pub eligible: M,
    /// Nested accounts already looked at in this walk.
    pub visited: M,
    /// Nested accounts found satisfied in this walk.
    pub satisfied: M,
    /// The modified account and all accounts above it.
    pub above: M,
    /// Accounts of the level being walked, or entries of the list being read.
    pub seen: M,
    /// As `seen`, for the other set.
    pub other: M,
    /// Whose vote counts twice; nobody's in a healthy ledger.
    pub twice: Option<AccountId>,
    /// The level a walk stands on.
    pub level: Vec<AccountId>,
    /// The level a walk goes to next.
    pub next: Vec<AccountId>,
    /// What the rule that refused last has to say.
    pub facts: Facts,
}

impl Desk<StampMarks> {
    /// A desk for a ledger of `count` accounts.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self {
            signed: StampMarks::new(count),
            eligible: StampMarks::new(count),
            visited: StampMarks::new(count),
            satisfied: StampMarks::new(count),
            above: StampMarks::new(count),
            seen: StampMarks::new(count),
            other: StampMarks::new(count),
            twice: None,
            level: Vec::new(),
            next: Vec::new(),
            facts: Facts::default(),
        }
    }
}

/// Which way a walk through the links goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the accounts that are cosigned for.
    Up,
    /// To the cosignatories.
    Down,
}

impl<M: Marks> Desk<M> {
    /// Refuses, and keeps what the rule knows.
    ///
    /// # Errors
    /// Always the reason.
    #[cold]
    pub fn refuse<T>(&mut self, reason: Reason, facts: Facts) -> Result<T, Reason> {
        self.facts = facts;
        Err(reason)
    }

    /// Walks level by level from `start` and shows every account reached to `reach`, `start`
    /// excluded; returns the number of levels, which is the longest path.
    ///
    /// An account is shown once for every level it stands on. The walk ends after `levels_max` levels
    /// even where a broken state holds a loop.
    pub fn walk<V: View>(
        &mut self,
        view: &V,
        start: AccountId,
        direction: Direction,
        levels_max: u32,
        mut reach: impl FnMut(AccountId, &mut M),
    ) -> u32 {
        self.level.clear();
        self.level.push(start);
        for levels in 0..=levels_max {
            self.next.clear();
            self.seen.clear();
            for &account in &self.level {
                match direction {
                    Direction::Up => step(view.multisigs(account), &mut self.seen, &mut self.next),
                    Direction::Down => {
                        step(view.cosignatories(account), &mut self.seen, &mut self.next);
                    }
                }
            }
            if self.next.is_empty() {
                return levels;
            }
            for &account in &self.next {
                reach(account, &mut self.above);
            }
            std::mem::swap(&mut self.level, &mut self.next);
        }
        levels_max.saturating_add(1)
    }
}

#[inline]
fn step<M: Marks>(
    accounts: impl Iterator<Item = AccountId>,
    seen: &mut M,
    next: &mut Vec<AccountId>,
) {
    for account in accounts {
        if seen.mark(account) {
            next.push(account);
        }
    }
}
