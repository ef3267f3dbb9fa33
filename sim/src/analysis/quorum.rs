//! Who can spend: the minimal sets of keys.

use num_bigint::BigUint;

use super::policy::{Dense, Policy};
use super::sets::{KeySet, minimal};
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

/// The minimal sets of keys that control `target` in this view, the list cut at `limit` sets.
#[must_use]
pub fn minimal_quorums(
    structure: &Structure,
    target: AccountId,
    view: View,
    limit: usize,
) -> QuorumList {
    let (policy, keys) = Policy::of(structure, target, view);
    let all = expand(&policy);
    let name = |key: usize| keys.get(key).map_or("", |&id| structure.name(id)).to_owned();
    QuorumList {
        count: Some(BigUint::from(all.len())),
        sets: all.iter().take(limit).map(|set| set.members().map(name).collect()).collect(),
    }
}

fn expand(policy: &Policy) -> Vec<KeySet> {
    let singles = (0..policy.inputs).map(|key| vec![KeySet::single(key, policy.inputs)]);
    let mut sets: Dense<Vec<KeySet>> = singles.collect();
    for gate in &policy.gates {
        let mut chosen = Dense::new(Vec::new(), gate.threshold + 1);
        chosen[0].push(KeySet::empty(policy.inputs));
        for &child in &gate.children {
            for count in (1..=gate.threshold).rev() {
                let less = chosen[count - 1].iter();
                let more: Vec<KeySet> =
                    less.flat_map(|set| sets[child].iter().map(|other| set.union(other))).collect();
                chosen[count].extend(more);
                chosen[count] = minimal(std::mem::take(&mut chosen[count]));
            }
        }
        sets.0.push(chosen.0.pop().unwrap_or_default());
    }
    sets.0.pop().unwrap_or_default()
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
