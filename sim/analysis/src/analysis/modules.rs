//! A policy cut into modules: gates below which nothing is used from anywhere else. Each is solved
//! alone and then stands as one variable in the module above.

use super::policy::{Dense, Gate, Policy};

/// One module: a policy of its own over keys and modules below it.
#[derive(Clone, Debug)]
pub(super) struct Module {
    /// The function of this module alone.
    pub policy: Policy,
    /// What each of its variables is.
    pub inputs: Vec<Input>,
}

/// What a variable of a module stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// A variable of the whole policy.
    Key(usize),
    /// A module, by its place in the list.
    Module(usize),
}

impl Module {
    /// The gate of a module that is only one: its variables are its children, each once.
    pub fn single_gate(&self) -> Option<&Gate> {
        match self.policy.gates.as_slice() {
            [gate] => Some(gate),
            _ => None,
        }
    }
}

/// All modules, each after those below it; the last is the whole. Empty for a lone key.
pub(super) fn modules(policy: &Policy) -> Vec<Module> {
    let is_module = module_gates(policy);
    let mut places = Dense::new(usize::MAX, policy.nodes());
    let mut local = Dense::new(usize::MAX, policy.nodes());
    let mut found: Vec<Module> = Vec::new();
    for node in (policy.inputs..policy.nodes()).filter(|&node| is_module[node]) {
        let module = cut(policy, node, &is_module, &places, &mut local);
        places[node] = found.len();
        found.push(module);
    }
    found
}

/// The module of a node: what lies below it, down to keys and smaller modules.
fn cut(
    policy: &Policy,
    top: usize,
    is_module: &Dense<bool>,
    places: &Dense<usize>,
    local: &mut Dense<usize>,
) -> Module {
    let (mut gates, mut inputs, mut open) = (Vec::new(), Vec::new(), vec![top]);
    local[top] = 0;
    while let Some(node) = open.pop() {
        if node == top || !is_module[node] && policy.gate(node).is_some() {
            gates.push(node);
            let children = policy.gate(node).map_or(&[][..], |gate| &gate.children);
            for &child in children.iter().rev() {
                if local[child] == usize::MAX {
                    local[child] = 0;
                    open.push(child);
                }
            }
        } else {
            inputs.push(node);
        }
    }
    gates.sort_unstable();
    for (place, &node) in inputs.iter().chain(&gates).enumerate() {
        local[node] = place;
    }
    let gate_of = |&node: &usize| {
        let gate = policy.gate(node)?;
        let children = gate.children.iter().map(|&child| local[child]).collect();
        Some(Gate { threshold: gate.threshold, children })
    };
    let module = Policy { inputs: inputs.len(), gates: gates.iter().filter_map(gate_of).collect() };
    let input = |&node: &usize| match policy.gate(node) {
        Some(_) => Input::Module(places[node]),
        None => Input::Key(node),
    };
    let module = Module { policy: module, inputs: inputs.iter().map(input).collect() };
    for &node in inputs.iter().chain(&gates) {
        local[node] = usize::MAX;
    }
    module
}

/// Which gates are modules. A gate is one exactly when it dominates everything below it: when no
/// node below has its immediate dominator above the gate.
fn module_gates(policy: &Policy) -> Dense<bool> {
    let (count, root) = (policy.nodes(), policy.root());
    let mut above: Dense<usize> = Dense::new(usize::MAX, count);
    let mut depth = Dense::new(0_usize, count);
    for node in (policy.inputs..count).rev() {
        if node != root && above[node] != usize::MAX {
            depth[node] = depth[above[node]] + 1;
        }
        for &child in policy.gate(node).map_or(&[][..], |gate| &gate.children) {
            above[child] = match above[child] {
                usize::MAX => node,
                other => meet(other, node, &above, &depth),
            };
        }
    }
    let mut highest = Dense::new(usize::MAX, count);
    let mut is_module = Dense::new(false, count);
    for node in 0..count {
        let children = policy.gate(node).map_or(&[][..], |gate| &gate.children);
        let reach = children.iter().map(|&child| highest[child].min(depth[above[child]])).min();
        highest[node] = reach.unwrap_or(usize::MAX);
        is_module[node] = reach.is_some_and(|reach| reach >= depth[node]);
    }
    is_module
}

/// The lowest node that dominates both.
fn meet(mut one: usize, mut other: usize, above: &Dense<usize>, depth: &Dense<usize>) -> usize {
    while one != other {
        match depth[one].cmp(&depth[other]) {
            std::cmp::Ordering::Less => other = above[other],
            std::cmp::Ordering::Greater => one = above[one],
            std::cmp::Ordering::Equal => (one, other) = (above[one], above[other]),
        }
    }
    one
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(threshold: usize, children: &[usize]) -> Gate {
        Gate { threshold, children: children.to_vec() }
    }

    #[test]
    fn shared_parts_stay_together_and_the_rest_comes_apart() {
        // keys 0..6; 6 = {0,1}, 7 = {1,2}, 8 = {6,7} shares key 1; 9 = {3,4}; 10 = {8,9,5}
        let gates = [gate(1, &[0, 1]), gate(2, &[1, 2]), gate(2, &[6, 7]), gate(1, &[3, 4])];
        let top = gate(2, &[8, 9, 5]);
        let policy = Policy { inputs: 6, gates: gates.into_iter().chain([top]).collect() };
        let found = modules(&policy);
        assert_eq!(found.len(), 3);
        assert_eq!(found[0].policy.gates.len(), 3);
        assert_eq!(found[0].policy.inputs, 3);
        assert_eq!(found[1].inputs, [Input::Key(3), Input::Key(4)]);
        let inputs = [Input::Module(0), Input::Module(1), Input::Key(5)];
        assert!(inputs.iter().all(|input| found[2].inputs.contains(input)));
        assert_eq!(found[2].single_gate().map(|gate| gate.threshold), Some(2));
    }

    #[test]
    fn a_shared_gate_over_its_own_keys_is_a_module() {
        // 4 = {0,1}, used by 5 = {4,2} and 6 = {4,3}, 7 = {5,6}
        let gates = vec![gate(2, &[0, 1]), gate(1, &[4, 2]), gate(2, &[4, 3]), gate(2, &[5, 6])];
        let found = modules(&Policy { inputs: 4, gates });
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].policy.inputs, 3);
        assert_eq!(found[1].policy.gates.len(), 3);
    }
}
