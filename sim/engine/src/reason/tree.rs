//! The accounts that a part asks, each with what it has signed or still must, for a drawing.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::account::{AccountId, Accounts, PerAccount};
use crate::ledger::View;

/// Most accounts and keys of a tree; more could not be read.
pub(super) const BRANCHES_MAX: usize = 200;

/// How a key or an account stands to a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The key has signed.
    Signed,
    /// The key has not signed and its signature would help.
    Missing,
    /// The key has not signed and need not: the accounts that it cosigns for agree already.
    NotNeeded,
    /// The key is lost, or its signature would count for nothing.
    CannotSign,
    /// The key signed, and its signature counts for nothing.
    CountsForNothing,
    /// Enough of the account's cosignatories agree.
    Agrees,
    /// More of the account's cosignatories must agree.
    Waits,
}

/// An account or a key of a tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Branch {
    /// Its name.
    pub account: String,
    /// How it stands.
    pub standing: Standing,
    /// How many of its cosignatories must agree; 0 for a key.
    pub needed: u32,
    /// How many do.
    pub agreed: u32,
    /// Its cosignatories: places in the list, from 0, all after its own.
    pub below: Vec<usize>,
}

impl Branch {
    fn is_yes(&self) -> bool {
        matches!(self.standing, Standing::Signed | Standing::Agrees)
    }
}

/// Counts the signatures of these keys for nothing, and the accounts that they made agree.
pub(super) fn withdraw(branches: &mut [Branch], keys: &[&str]) {
    for place in (0..branches.len()).rev() {
        let yes = |&&below: &&usize| branches.get(below).is_some_and(Branch::is_yes);
        let below = branches.get(place).map_or(&[][..], |branch| &branch.below);
        let agreed = below.iter().filter(yes).count() as u32;
        let Some(branch) = branches.get_mut(place) else { continue };
        branch.agreed = agreed;
        match branch.standing {
            Standing::Signed if keys.contains(&branch.account.as_str()) => {
                branch.standing = Standing::CountsForNothing;
            }
            Standing::Agrees if agreed < branch.needed => branch.standing = Standing::Waits,
            _ => {}
        }
    }
}

/// What is known of the signatures.
pub(super) struct Signatures<'a, V> {
    pub accounts: &'a Accounts,
    pub view: &'a V,
    pub signed: &'a [AccountId],
    /// Whose signatures count.
    pub eligible: &'a PerAccount<bool>,
    /// Keys that cannot sign any more.
    pub unable: &'a [AccountId],
    /// How many cosignatories an account needs, for the account asked and for those below it.
    pub needed: &'a dyn Fn(AccountId, bool) -> u32,
    /// Whether a cosignatory's agreement counts: on NIS1 not that of one who is removed.
    pub counts: &'a dyn Fn(AccountId) -> bool,
}

impl<V: View> Signatures<'_, V> {
    /// All accounts below these, each once and after all it cosigns for; empty if they are too many to
    /// be read.
    pub fn tree(&self, asked: &[AccountId]) -> Vec<Branch> {
        let Some(order) = self.order(asked) else { return Vec::new() };
        let places: BTreeMap<AccountId, usize> =
            order.iter().enumerate().map(|(place, &account)| (account, place)).collect();
        let mut agrees: BTreeMap<AccountId, bool> = BTreeMap::new();
        let mut branches: Vec<Branch> = order
            .iter()
            .rev()
            .map(|&account| {
                let branch = self.branch(account, asked, &agrees, &places);
                agrees.insert(account, branch.is_yes());
                branch
            })
            .collect();
        branches.reverse();
        self.mark_missing(&mut branches, &order, asked);
        branches
    }

    fn branch(
        &self,
        account: AccountId,
        asked: &[AccountId],
        agrees: &BTreeMap<AccountId, bool>,
        places: &BTreeMap<AccountId, usize>,
    ) -> Branch {
        let below: Vec<AccountId> = self.view.cosignatories(account).collect();
        let yes =
            |key: &&AccountId| (self.counts)(**key) && agrees.get(key).copied().unwrap_or(false);
        let agreed = below.iter().filter(yes).count() as u32;
        let needed = match below.is_empty() {
            true => 0,
            false => (self.needed)(account, asked.contains(&account)),
        };
        let standing = match below.is_empty() {
            false if agreed >= needed => Standing::Agrees,
            false => Standing::Waits,
            true => self.key(account),
        };
        let below = below.iter().filter_map(|one| places.get(one).copied()).collect();
        let account = self.accounts.label(account).to_owned();
        Branch { account, standing, needed, agreed, below }
    }

    /// A key that has not signed is not needed until an account that waits asks for it.
    fn key(&self, key: AccountId) -> Standing {
        match (self.signed.contains(&key), self.eligible[key] && (self.counts)(key)) {
            (true, true) => Standing::Signed,
            (true, false) => Standing::CountsForNothing,
            (false, true) if !self.unable.contains(&key) => Standing::NotNeeded,
            (false, _) => Standing::CannotSign,
        }
    }

    /// Marks the keys that some account which waits still asks for.
    fn mark_missing(&self, branches: &mut [Branch], order: &[AccountId], asked: &[AccountId]) {
        let mut open: Vec<bool> = order.iter().map(|account| asked.contains(account)).collect();
        for place in 0..branches.len() {
            let is_open = open.get(place).copied().unwrap_or(false);
            let Some(branch) = branches.get_mut(place).filter(|_| is_open) else { continue };
            match branch.standing {
                Standing::NotNeeded => branch.standing = Standing::Missing,
                Standing::Waits => branch.below.iter().for_each(|&below| {
                    open.get_mut(below).into_iter().for_each(|one| *one = true);
                }),
                _ => {}
            }
        }
    }

    /// Every account before those below it; none if they are too many.
    fn order(&self, asked: &[AccountId]) -> Option<Vec<AccountId>> {
        let mut done: Vec<AccountId> = Vec::new();
        let mut seen = BTreeSet::new();
        let mut open: Vec<(AccountId, bool)> =
            asked.iter().map(|&account| (account, false)).collect();
        while let Some((account, after)) = open.pop() {
            if after {
                done.push(account);
            } else if seen.insert(account) {
                if seen.len() > BRANCHES_MAX {
                    return None;
                }
                open.push((account, true));
                open.extend(self.view.cosignatories(account).map(|below| (below, false)));
            }
        }
        done.reverse();
        Some(done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_hold_makes_no_account_agree() {
        let branch = |account: &str, standing, needed, agreed, below: &[usize]| Branch {
            account: account.to_owned(),
            standing,
            needed,
            agreed,
            below: below.to_vec(),
        };
        let mut tree = vec![
            branch("top", Standing::Agrees, 1, 1, &[1]),
            branch("team", Standing::Agrees, 2, 2, &[2, 3]),
            branch("ann", Standing::Signed, 0, 0, &[]),
            branch("bob", Standing::Signed, 0, 0, &[]),
        ];
        withdraw(&mut tree, &["bob"]);
        let found: Vec<(Standing, u32)> =
            tree.iter().map(|branch| (branch.standing, branch.agreed)).collect();
        let waits = [(Standing::Waits, 0), (Standing::Waits, 1)];
        assert_eq!(found[..2], waits);
        assert_eq!(found[2..], [(Standing::Signed, 0), (Standing::CountsForNothing, 0)]);
    }
}
