//! Accounts that can never change: any transaction about them would need more signatures than it may
//! carry.
//!
//! Which accounts these are is a claim about all chains of transactions, proved by an invariant. Begin
//! with all multisig accounts, and take out each whose cosignatories might be reached with few enough
//! signatures although nothing but the *frozen* accounts is known to stay as it is. When no more can be
//! taken out, none of them is ever modified: the first transaction that did would carry too
//! many signatures.
//!
//! What else there is may become anything the limits allow: a key may turn into an account of another
//! key, whose one signature then counts for both. Only where no level is left beneath a key, or nobody
//! may cosign for more than one account, must each key sign for itself. So the claim is sound, but not
//! complete: what is not frozen here may yet be.

use super::Budget;
use super::budget::Work;
use super::plan::Plan;
use super::policy::{Gate, Policy};
use super::signatures;
use super::structure::{Structure, View};
use crate::account::{AccountId, PerAccount};
use crate::protocol::Protocol;

/// Units of work for each child of a policy to find its modules.
const MODULES_PRICE: u64 = 20;
/// The part of the work left for one account.
const FEWEST_PART: f64 = 0.2;

/// Whether it is proved that no chain of transactions, whatever keys sign, changes this account or pays
/// from it: each would have to carry more signatures than an aggregate may. NIS1 has no such cap. What is
/// not proved within the budget is not claimed.
#[must_use]
pub fn is_frozen(
    structure: &Structure,
    protocol: &Protocol,
    target: AccountId,
    budget: &Budget,
) -> bool {
    if protocol.max_signatures().is_none()
        || structure.is_key(target)
        || target.index() >= structure.len()
    {
        return false;
    }
    let mut frozen: PerAccount<bool> = PerAccount::new(structure.len());
    structure.multisigs().for_each(|account| frozen[account] = true);
    let work = &Work::new(*budget);
    loop {
        let depths = depths(structure, &frozen);
        let ice = Ice { structure, protocol, depths, frozen: &frozen, work };
        let thawed = ice.thawed();
        if thawed.is_empty() {
            return true;
        }
        thawed.into_iter().for_each(|account| frozen[account] = false);
        if !frozen[target] {
            return false;
        }
    }
}

/// How many levels of frozen accounts lie above each account.
fn depths(structure: &Structure, frozen: &PerAccount<bool>) -> PerAccount<u32> {
    let mut depths: PerAccount<u32> = PerAccount::new(structure.len());
    for &account in structure.order().iter().rev().filter(|&&account| frozen[account]) {
        let depth = depths[account] + 1;
        for &below in structure.cosignatories(account) {
            depths[below] = depths[below].max(depth);
        }
    }
    depths
}

/// What a cosignatory asks of those who sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Asks {
    /// Perhaps no signature beyond the others'.
    #[default]
    Nothing,
    /// What this node of the policy needs.
    Node(usize),
    /// It never signs.
    Never,
}

/// Accounts that are taken for frozen.
struct Ice<'a> {
    structure: &'a Structure,
    protocol: &'a Protocol,
    depths: PerAccount<u32>,
    frozen: &'a PerAccount<bool>,
    work: &'a Work,
}

impl Ice<'_> {
    /// Those that need not be.
    fn thawed(&self) -> Vec<AccountId> {
        let structure = self.structure;
        let keys: Vec<AccountId> =
            structure.accounts().filter(|&account| !self.frozen[account]).collect();
        let mut asks: PerAccount<Asks> = PerAccount::new(structure.len());
        for (node, &account) in keys.iter().enumerate() {
            asks[account] = self.of_key(account, node);
        }
        let mut policy = Policy { inputs: keys.len(), gates: Vec::new() };
        let mut thawed = Vec::new();
        for &account in structure.order().iter().filter(|&&account| self.frozen[account]) {
            asks[account] = self.of_frozen(account, &asks, &mut policy);
            let fewest = match asks[account] {
                Asks::Nothing => 0,
                Asks::Node(_) => self.fewest(&policy),
                Asks::Never => continue,
            };
            if fewest.max(self.spread(account)) <= self.cap() {
                thawed.push(account);
            }
        }
        thawed
    }

    fn cap(&self) -> u64 {
        u64::from(self.protocol.limits.max_cosignatures_per_aggregate)
    }

    /// Of a key, or of an account that may change.
    fn of_key(&self, account: AccountId, node: usize) -> Asks {
        let limits = &self.protocol.limits;
        let is_last = self.depths[account] >= limits.max_multisig_depth;
        let is_forest = limits.max_cosigned_accounts_per_account <= 1;
        match self.structure.is_key(account) {
            true if self.structure.is_lost(account) => Asks::Never,
            // to take a cosignatory in needs its signature and one's own
            true if is_last || is_forest || self.cap() <= 1 => Asks::Node(node),
            false if is_forest => Asks::Node(node),
            _ => Asks::Nothing,
        }
    }

    /// Of a frozen account: a gate over what its cosignatories ask, those that may ask nothing taken
    /// first.
    fn of_frozen(&self, account: AccountId, asks: &PerAccount<Asks>, policy: &mut Policy) -> Asks {
        let threshold = self.structure.threshold(account, View::Eventually) as usize;
        let below = self.structure.cosignatories(account);
        let free = below.iter().filter(|&&child| asks[child] == Asks::Nothing).count();
        let nodes = below.iter().filter_map(|&child| match asks[child] {
            Asks::Node(node) => Some(node),
            _ => None,
        });
        let children: Vec<usize> = nodes.collect();
        match threshold.checked_sub(free) {
            None | Some(0) => Asks::Nothing,
            Some(threshold) if threshold > children.len() => Asks::Never,
            Some(threshold) => {
                policy.gates.push(Gate { threshold, children });
                Asks::Node(policy.root())
            }
        }
    }

    /// The fewest keys that make the last gate true.
    fn fewest(&self, policy: &Policy) -> u64 {
        if self.work.spend(policy.edges() * MODULES_PRICE).is_none() {
            return 0;
        }
        let plan = Plan::bare(policy.below_last());
        self.work.part(FEWEST_PART, |work| signatures::fewest(&plan, work)).lower
    }

    /// So many cosignatories cannot all be reached by fewer signatures: with so many levels left
    /// beneath them, one key lies below at most so many of them.
    fn spread(&self, account: AccountId) -> u64 {
        let limits = &self.protocol.limits;
        let threshold = u64::from(self.structure.threshold(account, View::Eventually));
        let levels = limits.max_multisig_depth.saturating_sub(self.depths[account] + 1);
        let links = u64::from(limits.max_cosigned_accounts_per_account.max(1));
        // a cosignatory has one link less to spare, so those on the way do not add to it
        threshold.div_ceil(links.saturating_pow(levels))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Account<'a> = (&'a str, u32, u32, &'a [&'a str]);

    fn frozen(limits: [u32; 3], tree: &[Account<'_>], lost: &[&str]) -> bool {
        let mut protocol = Protocol::preset("symbol-mainnet").unwrap();
        let [depth, cosigned, cap] = limits;
        protocol.limits.max_multisig_depth = depth;
        protocol.limits.max_cosigned_accounts_per_account = cosigned;
        protocol.limits.max_cosignatures_per_aggregate = cap;
        let entry = |&(name, approval, removal, below): &Account<'_>| {
            let below = below.iter().map(|&name| name.to_owned()).collect();
            (name.to_owned(), approval, removal, below)
        };
        let mut structure = Structure::new(tree.iter().map(entry), &protocol).unwrap();
        for key in lost {
            let key = structure.target(key).unwrap();
            structure.lose(key);
        }
        let target = structure.target(tree[0].0).unwrap();
        is_frozen(&structure, &protocol, target, &Budget::default())
    }

    #[test]
    fn an_account_of_all_above_the_cap_is_frozen_where_there_is_no_room() {
        let flat: &[Account<'_>] = &[("x", 3, 3, &["a", "b", "c"])];
        assert!(frozen([1, 25, 2], flat, &[]));
        assert!(frozen([2, 1, 2], flat, &[]));
        assert!(!frozen([2, 2, 2], flat, &[]));
        assert!(!frozen([1, 25, 3], flat, &[]));
        let low: &[Account<'_>] = &[("x", 3, 2, &["a", "b", "c"])];
        assert!(!frozen([1, 25, 2], low, &[]));
        assert!(frozen([1, 25, 2], low, &["a", "b"]));
    }

    #[test]
    fn an_account_above_takes_the_level_away_and_freezes_with_it() {
        let chain: &[Account<'_>] = &[("y", 1, 1, &["x"]), ("x", 3, 3, &["a", "b", "c"])];
        assert!(frozen([2, 25, 2], chain, &[]));
        assert!(!frozen([3, 25, 2], chain, &[]));
        // whoever holds `d` takes `x` out of `y`, and then there is a level again
        let loose: &[Account<'_>] = &[("x", 3, 3, &["a", "b", "c"]), ("y", 1, 1, &["x", "d"])];
        assert!(!frozen([2, 25, 2], loose, &[]));
    }

    #[test]
    fn so_many_that_no_nesting_helps() {
        let names: Vec<String> = (0..7).map(|key| format!("k{key}")).collect();
        let below: Vec<&str> = names.iter().map(String::as_str).collect();
        let wide: &[Account<'_>] = &[("x", 7, 7, &below)];
        // one level beneath, two links each: a key stands for at most two
        assert!(frozen([2, 2, 3], wide, &[]));
        assert!(!frozen([2, 2, 4], wide, &[]));
        // two levels: for at most four
        assert!(!frozen([3, 2, 2], wide, &[]));
        // nobody takes a cosignatory in alone
        assert!(frozen([3, 25, 1], wide, &[]));
    }
}
