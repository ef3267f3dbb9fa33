//! Decision diagrams: exact answers for many shared keys, as far as a budget of nodes reaches.
//!
//! Ordered, and, where they are not too large, reduced: equal functions are one node. The probability
//! is one pass over the nodes. They are built from the root, level by level.

use super::budget::Work;
use super::policy::{Dense, Policy};

mod answers;
mod bounds;
mod frontier;

pub(super) use bounds::bounds;

const FALSE: u32 = 0;
const TRUE: u32 = 1;

/// Most nodes a diagram may hold, whatever the budget says: 12 bytes each and as much for finding them.
const NODES_MAX: usize = 12_000_000;
/// Above so many nodes a diagram is not reduced.
const REDUCED_NODES_MAX: usize = 1_000_000;
/// Units of work to turn a node about.
const TURN_PRICE: u64 = 5;
/// Units of work for a choice that is not remembered, and for a new node.
const CHOICE_PRICE: u64 = 95;
const NODE_PRICE: u64 = 110;
/// Units of work to find a node a new place in a larger table; twice for each in the end.
const PLACE_PRICE: u64 = 15;
/// Most variables of a diagram; its functions recurse once a variable.
const INPUTS_MAX: usize = 2_000;

/// A decision on the variable of a level, which is below the levels of both results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Node {
    level: u32,
    low: u32,
    high: u32,
}

/// A monotone function as a graph of decisions; node 0 is false, node 1 true.
pub(super) struct Diagram {
    /// The variable of each level.
    order: Vec<usize>,
    /// Children before parents.
    nodes: Dense<Node>,
    root: u32,
}

/// The tables of a diagram under construction.
struct Builder<'w> {
    nodes: Dense<Node>,
    /// Open addressing; 0 = empty.
    places: Dense<u32>,
    /// Direct-mapped results of [`Builder::choose`].
    results: Dense<[u32; 4]>,
    most: usize,
    work: &'w Work,
}

fn hash(one: u32, two: u32, three: u32) -> usize {
    let mixed = (u64::from(one) << 32 | u64::from(two)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ u64::from(three).wrapping_mul(0xd6e8_feb8_6659_fd93);
    (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) as usize >> 20
}

impl<'w> Builder<'w> {
    fn new(inputs: usize, work: &'w Work) -> Self {
        let leaf = Node { level: inputs as u32, low: 0, high: 0 };
        Self {
            nodes: Dense(vec![leaf, leaf]),
            places: Dense::new(0, 1 << 12),
            results: Dense::new([u32::MAX; 4], 1 << 12),
            most: NODES_MAX,
            work,
        }
    }

    /// The node of this decision; `None` when the budget is spent.
    fn node(&mut self, node: Node) -> Option<u32> {
        if node.low == node.high {
            return Some(node.low);
        }
        let mask = self.places.len() - 1;
        let mut place = hash(node.level, node.low, node.high) & mask;
        loop {
            match self.places[place] {
                0 => break,
                found if self.nodes[found as usize] == node => return Some(found),
                _ => place = (place + 1) & mask,
            }
        }
        if self.nodes.len() >= self.most {
            return None;
        }
        self.work.spend(NODE_PRICE)?;
        let fresh = self.nodes.len() as u32;
        self.places[place] = fresh;
        self.nodes.0.push(node);
        if self.nodes.len() * 2 > self.places.len() {
            self.grow()?;
        }
        Some(fresh)
    }

    /// Twice the room; `None` when the budget is spent.
    fn grow(&mut self) -> Option<()> {
        let mask = self.places.len() * 2 - 1;
        self.places = Dense::new(0, mask + 1);
        for (index, node) in self.nodes.iter().enumerate().skip(2) {
            self.work.spend(PLACE_PRICE)?;
            let mut place = hash(node.level, node.low, node.high) & mask;
            while self.places[place] != 0 {
                place = (place + 1) & mask;
            }
            self.places[place] = index as u32;
        }
        self.results = Dense::new([u32::MAX; 4], mask / 4 + 1);
        Some(())
    }

    fn split(&self, function: u32, level: u32) -> (u32, u32) {
        let node = self.nodes[function as usize];
        if node.level == level { (node.low, node.high) } else { (function, function) }
    }

    /// `if condition then high else low`, where low implies high.
    fn choose(&mut self, condition: u32, high: u32, low: u32) -> Option<u32> {
        match (condition, high, low) {
            (TRUE, _, _) => return Some(high),
            (FALSE, _, _) => return Some(low),
            (_, TRUE, FALSE) => return Some(condition),
            _ if high == low => return Some(high),
            _ => {}
        }
        let place = hash(condition, high, low) & (self.results.len() - 1);
        if let [one, two, three, result] = self.results[place]
            && [one, two, three] == [condition, high, low]
        {
            return Some(result);
        }
        self.work.spend(CHOICE_PRICE)?;
        let level_of = |function: u32| self.nodes[function as usize].level;
        let level = level_of(condition).min(level_of(high)).min(level_of(low));
        let (condition_0, condition_1) = self.split(condition, level);
        let (high_0, high_1) = self.split(high, level);
        let (low_0, low_1) = self.split(low, level);
        let if_low = self.choose(condition_0, high_0, low_0)?;
        let if_high = self.choose(condition_1, high_1, low_1)?;
        let result = self.node(Node { level, low: if_low, high: if_high })?;
        let place = hash(condition, high, low) & (self.results.len() - 1);
        self.results[place] = [condition, high, low, result];
        Some(result)
    }
}

impl Diagram {
    /// The diagram of a policy; `None` where it does not fit the budget.
    pub fn of(policy: &Policy, work: &Work) -> Option<Self> {
        if policy.inputs > INPUTS_MAX {
            return None;
        }
        work.spend(policy.edges() * ORDER_ROUNDS as u64 * 2)?;
        let order = order_of(policy);
        if policy.gates.is_empty() {
            let leaf = Node { level: policy.inputs as u32, low: FALSE, high: FALSE };
            let variable = Node { level: 0, low: FALSE, high: TRUE };
            return Some(Self { order, nodes: Dense(vec![leaf, leaf, variable]), root: 2 });
        }
        let states = frontier::nodes(policy, &order, NODES_MAX, work)?;
        work.spend(states.len() as u64 * TURN_PRICE)?;
        let last = states.len() as u32 + 3;
        let turn = |node: u32| if node > TRUE { last - node } else { node };
        let turned = |node: Node| Node { low: turn(node.low), high: turn(node.high), ..node };
        let leaf = Node { level: policy.inputs as u32, low: FALSE, high: FALSE };
        let nodes = [leaf, leaf].into_iter().chain(states.into_iter().rev().map(turned));
        let nodes: Dense<Node> = nodes.collect();
        let root = nodes.len() as u32 - 1;
        Self { order, nodes, root }.reduced(work)
    }

    /// Equal functions as one node, as far as that is of use: of a large diagram only probabilities
    /// are asked, and those need no more than its nodes.
    fn reduced(self, work: &Work) -> Option<Self> {
        if self.nodes.len() > REDUCED_NODES_MAX {
            return Some(self);
        }
        let mut builder = Builder::new(self.order.len(), work);
        let mut places = Dense(vec![FALSE, TRUE]);
        for &node in self.nodes.iter().skip(2) {
            let (low, high) = (places[node.low as usize], places[node.high as usize]);
            places.0.push(builder.node(Node { low, high, ..node })?);
        }
        Some(Self { root: places[self.root as usize], nodes: builder.nodes, order: self.order })
    }

    /// The diagram of the dual: false and true changed about in variables and values.
    pub fn dual(&self) -> Self {
        let flip = |node: u32| if node > TRUE { node } else { 1 - node };
        let leaves = self.nodes.iter().take(2).copied();
        let rest = self.nodes.iter().skip(2).map(|node| Node {
            level: node.level,
            low: flip(node.high),
            high: flip(node.low),
        });
        Self {
            order: self.order.clone(),
            nodes: leaves.chain(rest).collect(),
            root: flip(self.root),
        }
    }
}

/// Rounds in which the order is improved.
const ORDER_ROUNDS: usize = 60;

/// An order that keeps variables of one gate together: again and again every gate moves to the middle
/// of its children, and every variable to the middle of its gates.
fn order_of(policy: &Policy) -> Vec<usize> {
    let mut places: Dense<f64> = (0..policy.nodes()).map(|node| node as f64).collect();
    let mut order: Vec<usize> = (0..policy.inputs).collect();
    for _ in 0..ORDER_ROUNDS {
        let mut pulls = Dense::new((0.0_f64, 0.0_f64), policy.nodes());
        for (gate, node) in policy.gates.iter().zip(policy.inputs..) {
            let sum: f64 = gate.children.iter().map(|&child| places[child]).sum();
            let middle = sum / gate.children.len() as f64;
            places[node] = middle;
            for &child in &gate.children {
                let (sum, count) = pulls[child];
                pulls[child] = (sum + middle, count + 1.0);
            }
        }
        let middle = |input: usize| pulls[input].0 / pulls[input].1.max(1.0);
        order.sort_by(|&one, &other| middle(one).total_cmp(&middle(other)));
        order.iter().enumerate().for_each(|(place, &input)| places[input] = place as f64);
    }
    order
}

#[cfg(test)]
mod tests;
