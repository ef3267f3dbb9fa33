//! The policy of one account in one view: a graph of k-of-n gates over keys, cut loose from names.

use std::ops::{Index, IndexMut};

use super::structure::{Structure, View};
use crate::account::{AccountId, PerAccount};

/// A list whose indices come from the code that sized it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Dense<T>(pub Vec<T>);

impl<T: Clone> Dense<T> {
    pub fn new(value: T, count: usize) -> Self {
        Self(vec![value; count])
    }
}

impl<T> Dense<T> {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }
}

impl<T> FromIterator<T> for Dense<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

impl<T> Index<usize> for Dense<T> {
    type Output = T;

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "indices come from the code that sized the list")]
    fn index(&self, index: usize) -> &T {
        &self.0[index]
    }
}

impl<T> IndexMut<usize> for Dense<T> {
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "indices come from the code that sized the list")]
    fn index_mut(&mut self, index: usize) -> &mut T {
        &mut self.0[index]
    }
}

/// What lies below `target` on ways over live accounts only, every cosignatory before the accounts it
/// cosigns for.
fn reached(structure: &Structure, target: AccountId, alive: &PerAccount<bool>) -> Vec<AccountId> {
    let below = structure.below(target);
    let mut reached: PerAccount<bool> = PerAccount::new(structure.len());
    for &account in below.iter().rev() {
        reached[account] |= account == target && alive[account];
        if reached[account] {
            for &cosignatory in structure.cosignatories(account) {
                reached[cosignatory] = alive[cosignatory];
            }
        }
    }
    below.into_iter().filter(|&account| reached[account]).collect()
}

/// A gate: true when at least `threshold` of its children are. 1 <= threshold <= children.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Gate {
    pub threshold: usize,
    pub children: Vec<usize>,
}

/// A monotone function of `inputs` variables. Node i < inputs is variable i; node inputs + g is gate
/// g. A gate's children come before it; the last node is the function. No child twice in a gate.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Policy {
    pub inputs: usize,
    pub gates: Vec<Gate>,
}

impl Policy {
    /// The policy of `target` and its keys in the order of their names. Lost keys, and accounts that
    /// the keys left cannot make sign, are left out. Empty for a locked account and for none at all.
    pub fn of(structure: &Structure, target: AccountId, view: View) -> (Self, Vec<AccountId>) {
        let alive = structure.alive(target, view);
        let below = reached(structure, target, &alive);
        let (mut keys, accounts): (Vec<AccountId>, Vec<AccountId>) =
            below.iter().partition(|&&account| structure.is_key(account));
        keys.sort_unstable();
        let mut nodes: PerAccount<usize> = PerAccount::new(structure.len());
        for (node, &account) in keys.iter().chain(&accounts).enumerate() {
            nodes[account] = node;
        }
        let children = |account: AccountId| {
            let children = structure.cosignatories(account).iter().filter(|&&id| alive[id]);
            children.map(|&id| nodes[id]).collect()
        };
        let gates = accounts.iter().map(|&account| Gate {
            threshold: structure.threshold(account, view) as usize,
            children: children(account),
        });
        (Self { inputs: keys.len(), gates: gates.collect() }, keys)
    }

    /// The function that is true exactly when enough inputs are lost to make this one false: every
    /// k-of-n turned into (n - k + 1)-of-n.
    pub fn dual(&self) -> Self {
        let gates = self.gates.iter().map(|gate| Gate {
            threshold: gate.children.len() + 1 - gate.threshold,
            children: gate.children.clone(),
        });
        Self { inputs: self.inputs, gates: gates.collect() }
    }

    /// The same function without the variables and gates that the last gate does not use.
    pub fn below_last(&self) -> Self {
        let mut used = Dense::new(false, self.nodes());
        used.0.last_mut().into_iter().for_each(|last| *last = true);
        for (gate, node) in self.gates.iter().zip(self.inputs..self.nodes()).rev() {
            if used[node] {
                gate.children.iter().for_each(|&child| used[child] = true);
            }
        }
        let mut places = Dense::new(0, self.nodes());
        let kept = (0..self.nodes()).filter(|&node| used[node]);
        kept.enumerate().for_each(|(place, node)| places[node] = place);
        let gates = self.gates.iter().zip(self.inputs..).filter(|&(_, node)| used[node]);
        let gates = gates.map(|(gate, _)| Gate {
            threshold: gate.threshold,
            children: gate.children.iter().map(|&child| places[child]).collect(),
        });
        Self {
            inputs: used.iter().take(self.inputs).filter(|used| **used).count(),
            gates: gates.collect(),
        }
    }

    /// The number of variables and gates.
    pub fn nodes(&self) -> usize {
        self.inputs + self.gates.len()
    }

    /// The number of children of all gates together: units of work for one evaluation.
    pub fn edges(&self) -> u64 {
        self.gates.iter().map(|gate| gate.children.len() as u64 + 4).sum()
    }

    /// The last node: the function itself. 0 for a lone key.
    pub fn root(&self) -> usize {
        self.nodes().saturating_sub(1)
    }

    /// The gate of a node; `None` for a variable.
    pub fn gate(&self, node: usize) -> Option<&Gate> {
        node.checked_sub(self.inputs).and_then(|gate| self.gates.get(gate))
    }

    /// The value for these values of the variables.
    pub fn value(&self, inputs: &[bool]) -> bool {
        let mut values = Dense(Vec::with_capacity(self.nodes()));
        values.0.extend_from_slice(inputs);
        for gate in &self.gates {
            let ready = gate.children.iter().filter(|&&child| values[child]).count();
            values.0.push(ready >= gate.threshold);
        }
        values.0.last().copied().unwrap_or(false)
    }
}
