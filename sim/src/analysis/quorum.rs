//! Who can spend: the minimal sets of keys.

use num_bigint::BigUint;

use super::Budget;
use super::listing::minimal_sets;
use super::plan::Plan;
use super::policy::Policy;
use super::structure::{Structure, View};
use crate::account::AccountId;

/// Minimal sets of keys: every key of a set is needed by it, and no other minimal set is inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuorumList {
    /// How many there are, listed or not; `None` where counting did not end within the budget.
    pub count: Option<BigUint>,
    /// The first of them: names sorted as text, sets ordered by size, then by their names.
    pub sets: Vec<Vec<String>>,
}

/// Most keys times sets that are listed, so that a list for thousands of keys stays short.
const LISTED_KEYS_MAX: usize = 2_000_000;

/// The minimal sets of keys that control `target` in this view, the list cut at `limit` sets (earlier
/// for thousands of keys; empty where more than 28 keys that accounts share leave too many to try).
#[must_use]
pub fn minimal_quorums(
    structure: &Structure,
    target: AccountId,
    view: View,
    limit: usize,
) -> QuorumList {
    let (policy, keys) = Policy::of(structure, target, view);
    let budget = Budget::default();
    let plan = Plan::new(policy, &budget);
    let name = |key: usize| keys.get(key).map_or("", |&id| structure.name(id)).to_owned();
    let limit = limit.min(LISTED_KEYS_MAX / keys.len().max(1)).max(usize::from(limit > 0));
    let sets = minimal_sets(&plan, limit).unwrap_or_default();
    QuorumList {
        count: plan.count(&budget),
        sets: sets.iter().map(|set| set.members().map(name).collect()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Protocol;

    #[test]
    fn a_shared_key_counts_once() {
        let entry = |name: &str, threshold, below: &[&str]| {
            (name.to_owned(), threshold, threshold, below.iter().map(|&n| n.to_owned()).collect())
        };
        let tree =
            [entry("x", 2, &["y", "z"]), entry("y", 1, &["a", "b"]), entry("z", 1, &["b", "c"])];
        let protocol = Protocol::preset("symbol-mainnet").unwrap();
        let structure = Structure::new(tree, &protocol).unwrap();
        let x = structure.target("x").unwrap();
        let list = minimal_quorums(&structure, x, View::Now, 10);
        assert_eq!(list.sets, [vec!["b"], vec!["a", "c"]]);
        assert_eq!(list.count, Some(BigUint::from(2u8)));
        assert_eq!(minimal_quorums(&structure, x, View::Now, 1).sets, [vec!["b"]]);
    }
}
