//! Who can spend: the minimal sets of keys.

use num_bigint::BigUint;

use super::Budget;
use super::budget::Work;
use super::listing::minimal_sets;
use super::plan::Plan;
use super::policy::{Dense, Policy};
use super::structure::{Structure, View};
use crate::account::AccountId;

/// Minimal sets of keys: every key of a set is needed by it, and no other minimal set is inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuorumList {
    /// How many there are, listed or not; `None` where counting did not end within the budget.
    pub count: Option<BigUint>,
    /// The first of them: names sorted as text, sets ordered by size, then by their names; `None` where
    /// listing did not end within the budget.
    pub sets: Option<Vec<Vec<String>>>,
}

/// Most keys times sets that are listed, so that a list for thousands of keys stays short.
const LISTED_KEYS_MAX: usize = 2_000_000;
/// The part of the work for making ready, and of what is left for counting.
const PART: f64 = 0.4;

/// Whether the expected sets, sorted as a list is, are all minimal sets of keys that control `target` in
/// this view; `None` where the budget does not tell. Also what was found.
///
/// However many there are, nothing need be listed to agree: each expected set is looked at, and their
/// number is compared.
#[must_use]
pub fn check_quorums(
    structure: &Structure,
    target: AccountId,
    view: View,
    expected: &[Vec<String>],
    limit: usize,
    budget: &Budget,
) -> (Option<bool>, QuorumList) {
    let found = minimal_quorums(structure, target, view, limit, budget);
    let (policy, keys) = Policy::of(structure, target, view);
    let work = Work::new(*budget);
    let held = |set: &Vec<String>| -> Option<Vec<usize>> {
        let place = |name| keys.binary_search(&structure.target(name)?).ok();
        set.iter().map(|name| place(name.as_str())).collect()
    };
    let mut minimal = true;
    for set in expected {
        match held(set).map(|set| is_minimal(&policy, &set, &work)) {
            Some(None) => return (None, found),
            found => minimal &= found == Some(Some(true)),
        }
    }
    let distinct = expected.iter().zip(expected.iter().skip(1)).all(|(one, next)| one != next);
    let same = match (minimal && distinct, &found.count, &found.sets) {
        (false, ..) => Some(false),
        (true, Some(count), _) => Some(*count == BigUint::from(expected.len())),
        (true, None, Some(sets)) if sets.len() < limit => Some(sets == expected),
        (true, None, _) => None,
    };
    (same, found)
}

/// Whether these variables make the policy true, and not without any one of them; `None` where the
/// budget ends.
fn is_minimal(policy: &Policy, set: &[usize], work: &Work) -> Option<bool> {
    work.spend(policy.edges().saturating_mul(set.len() as u64 + 1))?;
    let mut held = Dense::new(false, policy.inputs);
    set.iter().for_each(|&key| held[key] = true);
    let whole = policy.value(&held.0);
    let needs = |&key: &usize| {
        held[key] = false;
        let needed = !policy.value(&held.0);
        held[key] = true;
        needed
    };
    Some(whole && set.iter().all(needs))
}

/// The minimal sets of keys that control `target` in this view, the list cut at `limit` sets (earlier
/// for thousands of keys).
#[must_use]
pub fn minimal_quorums(
    structure: &Structure,
    target: AccountId,
    view: View,
    limit: usize,
    budget: &Budget,
) -> QuorumList {
    let (policy, keys) = Policy::of(structure, target, view);
    if policy.nodes() == 0 {
        return QuorumList { count: Some(BigUint::ZERO), sets: Some(Vec::new()) };
    }
    let work = Work::new(*budget);
    let plan = work.part(PART, |work| Plan::new(policy, work));
    let name = |key: usize| keys.get(key).map_or("", |&id| structure.name(id)).to_owned();
    let limit = limit.min(LISTED_KEYS_MAX / keys.len().max(1)).max(usize::from(limit > 0));
    let count = work.part(PART, |work| plan.count(work));
    let sets = minimal_sets(&plan, limit, &work);
    let named = |set: &super::sets::KeySet| set.members().map(name).collect();
    QuorumList { count, sets: sets.map(|sets| sets.iter().map(named).collect()) }
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
        let list = minimal_quorums(&structure, x, View::Now, 10, &Budget::default());
        let sets =
            [vec!["b"], vec!["a", "c"]].map(|set| set.into_iter().map(str::to_owned).collect());
        assert_eq!(list.sets.as_deref(), Some(&sets[..]));
        let check = |sets: &[Vec<String>], limit, work| {
            let budget = Budget { work, ..Budget::default() };
            check_quorums(&structure, x, View::Now, sets, limit, &budget).0
        };
        let whole = Budget::default().work;
        assert_eq!(check(&sets, 10, whole), Some(true));
        assert_eq!(check(&sets[..1], 10, whole), Some(false));
        assert_eq!(check(&[sets[0].clone(), sets[0].clone()], 10, whole), Some(false));
        assert_eq!(list.count, Some(BigUint::from(2u8)));
        let short = minimal_quorums(&structure, x, View::Now, 1, &Budget::default());
        assert_eq!(short.sets.as_deref(), Some(&sets[..1]));
        // the second set is not listed, but looked at
        assert_eq!(check(&sets, 1, whole), Some(true));
        assert_eq!(check(&[sets[0].clone(), vec!["a".to_owned()]], 1, whole), Some(false));
        assert_eq!(check(&sets, 10, 0), None);
        let none =
            minimal_quorums(&structure, x, View::Now, 10, &Budget { work: 0, ..Budget::default() });
        assert_eq!((none.sets, none.count), (None, None));
    }
}
