//! Decision diagrams: exact answers for many shared keys, as far as a budget of nodes reaches.
//!
//! Reduced, ordered, hash-consed: equal functions are one node, so the probability is one pass over
//! the nodes. Every gate is built by counting: "at least j of the first i children".

use super::budget::Work;
use super::policy::{Dense, Policy};

mod answers;
mod bounds;

pub(super) use bounds::bounds;

const FALSE: u32 = 0;
const TRUE: u32 = 1;

/// Most nodes a diagram may hold, whatever the budget says: 12 bytes each and as much for finding them.
const NODES_MAX: usize = 12_000_000;
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

    /// At least `threshold` of these functions.
    fn gate(&mut self, threshold: usize, children: &[u32]) -> Option<u32> {
        let mut least = Dense::new(FALSE, threshold + 1);
        least[0] = TRUE;
        for (seen, &child) in children.iter().enumerate() {
            let open = children.len() - seen - 1;
            let needed = threshold.saturating_sub(open).max(1);
            for count in (needed..=threshold.min(seen + 1)).rev() {
                least[count] = self.choose(child, least[count - 1], least[count])?;
            }
        }
        Some(least[threshold])
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
        let mut levels = Dense::new(0_u32, policy.inputs);
        order.iter().zip(0..).for_each(|(&input, level)| levels[input] = level);
        let mut builder = Builder::new(policy.inputs, work);
        let mut functions: Dense<u32> = Dense(Vec::new());
        for input in 0..policy.inputs {
            let node = Node { level: levels[input], low: FALSE, high: TRUE };
            functions.0.push(builder.node(node)?);
        }
        for gate in &policy.gates {
            let mut children: Vec<u32> =
                gate.children.iter().map(|&child| functions[child]).collect();
            children.sort_unstable();
            functions.0.push(builder.gate(gate.threshold, &children)?);
        }
        let root = functions.0.pop()?;
        Some(Self { order, nodes: builder.nodes, root })
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
