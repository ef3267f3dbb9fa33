//! Minimal sets one by one, in order, as far as they are wanted.

mod first;

pub(super) use first::first_sets;

use sha2::{Digest, Sha256};

use super::budget::Work;
use super::modules::Input;
use super::plan::{Method, Part, Plan};
use super::policy::{Dense, Gate, Policy};
use super::sets::KeySet;

/// Units of work for a set that is made and put in order, besides those for each word of it.
const SET_PRICE: u64 = 150;
const WORD_PRICE: u64 = 4;
/// Units of work for each letter of a list that is hashed.
const DIGEST_PRICE: u64 = 3;

/// The first `most` minimal sets of the plan's policy; `None` where they are too many to look at within
/// the budget.
///
/// A set of a module is a union of sets of the modules below it, which share no key: taking a later
/// set for one of them makes the union later. So the first `most` of each are enough.
pub(super) fn minimal_sets(plan: &Plan, most: usize, work: &Work) -> Option<Vec<KeySet>> {
    let keys = plan.policy.inputs;
    let maker = Maker { keys, most, work };
    let mut lists: Dense<Vec<KeySet>> = Dense(Vec::new());
    for part in &plan.parts {
        let below = part.module.inputs.iter().map(|input| match *input {
            Input::Key(key) => vec![KeySet::single(key, keys)],
            Input::Module(module) => std::mem::take(&mut lists[module]),
        });
        let below: Dense<Vec<KeySet>> = below.collect();
        let list = match part.module.single_gate() {
            Some(gate) => maker.of_gate(gate, &below)?,
            None => maker.of_core(part, &below)?,
        };
        lists.0.push(list);
    }
    let lone = || vec![KeySet::single(0, keys)];
    Some(lists.0.pop().unwrap_or_else(lone))
}

/// The key that alone is the only set.
fn lone_key(sets: &[KeySet]) -> Option<usize> {
    match sets {
        [set] if set.len() == 1 => set.members().next(),
        _ => None,
    }
}

/// What makes lists of sets of so many keys, each cut after so many sets.
struct Maker<'w> {
    keys: usize,
    most: usize,
    work: &'w Work,
}

impl Maker<'_> {
    /// Pays for so many sets.
    fn pay(&self, sets: usize) -> Option<()> {
        let each = SET_PRICE + WORD_PRICE * self.keys.div_ceil(64) as u64;
        self.work.spend((sets as u64).saturating_mul(each))
    }

    fn of_gate(&self, gate: &Gate, below: &Dense<Vec<KeySet>>) -> Option<Vec<KeySet>> {
        let children = gate.children.iter().map(|&child| lone_key(&below[child]));
        if let Some(members) = children.collect::<Option<Vec<usize>>>() {
            return self.choices(members, gate.threshold);
        }
        let mut chosen = Dense::new(Vec::new(), gate.threshold + 1);
        chosen[0].push(KeySet::empty(self.keys));
        for (seen, &child) in gate.children.iter().enumerate() {
            let open = gate.children.len() - seen - 1;
            let least = gate.threshold.saturating_sub(open).max(1);
            for count in (least..=gate.threshold).rev() {
                let more = self.unions(&chosen[count - 1], &below[child])?;
                chosen[count] = first(std::mem::take(&mut chosen[count]), more, self.most);
            }
        }
        Some(std::mem::take(&mut chosen[gate.threshold]))
    }

    /// The first choices of `threshold` among these keys, in order.
    fn choices(&self, mut members: Vec<usize>, threshold: usize) -> Option<Vec<KeySet>> {
        members.sort_unstable();
        let members = Dense(members);
        let mut places: Dense<usize> = (0..threshold).collect();
        let mut all = Vec::new();
        while all.len() < self.most {
            self.pay(1)?;
            let mut set = KeySet::empty(self.keys);
            places.iter().for_each(|&place| set.insert(members[place]));
            all.push(set);
            // the last place that can move on, and all behind it right after it
            let room = members.len() - threshold;
            let Some(moved) = (0..threshold).rev().find(|&at| places[at] < at + room) else {
                break;
            };
            let next = places[moved] + 1;
            (moved..threshold).for_each(|at| places[at] = next + at - moved);
        }
        Some(all)
    }

    /// The first of the unions of two sorted lists without a common key.
    fn unions(&self, one: &[KeySet], other: &[KeySet]) -> Option<Vec<KeySet>> {
        let mut all = Vec::new();
        for (place, set) in one.iter().enumerate() {
            // as many as place + 1 times are no later than this one
            let reach = self.most / (place + 1);
            if reach == 0 {
                break;
            }
            self.pay(reach.min(other.len()))?;
            all.extend(other.iter().take(reach).map(|other| set.union(other)));
        }
        all.sort_unstable();
        all.truncate(self.most);
        Some(all)
    }

    fn of_core(&self, part: &Part, below: &Dense<Vec<KeySet>>) -> Option<Vec<KeySet>> {
        let inputs = part.module.inputs.len();
        let lone: Option<Vec<usize>> = below.iter().map(|sets| lone_key(sets)).collect();
        if let (Method::Table(table), Some(members)) = (&part.method, &lone) {
            return of_points(table.minimal().points(), members, self);
        }
        let mut all = Vec::new();
        let mut add = |members: &mut dyn Iterator<Item = usize>| {
            let start = vec![KeySet::empty(self.keys)];
            let mut sets = start;
            for input in members {
                sets = self.unions(&sets, &below[input])?;
            }
            all.extend(sets);
            if all.len() > self.most.saturating_mul(4).max(1 << 16) {
                all.sort_unstable();
                all.truncate(self.most);
            }
            Some(())
        };
        match &part.method {
            Method::Table(table) => {
                for point in table.minimal().points() {
                    add(&mut (0..inputs).filter(|input| point >> input & 1 == 1))?;
                }
            }
            _ => {
                for set in expand(&part.module.policy, self.work)? {
                    add(&mut set.members())?;
                }
            }
        }
        all.sort_unstable();
        all.truncate(self.most);
        Some(all)
    }
}

fn first(mut one: Vec<KeySet>, other: Vec<KeySet>, most: usize) -> Vec<KeySet> {
    one.extend(other);
    one.sort_unstable();
    one.truncate(most);
    one
}

/// The sets of those of these keys whose bits are set. They are sorted as numbers before they are made.
fn of_points(
    points: impl Iterator<Item = u32>,
    members: &[usize],
    maker: &Maker<'_>,
) -> Option<Vec<KeySet>> {
    let mut sorted: Vec<(usize, usize)> = members.iter().copied().zip(0..).collect();
    sorted.sort_unstable();
    let mut bits = Dense::new(0, members.len());
    for (place, &(_, input)) in sorted.iter().enumerate() {
        bits[input] = 1_u32 << (31 - place);
    }
    // by size, then the one with the first key that the other has not
    let rank = |point: u32| {
        let set = bits.iter().enumerate().filter(|(input, _)| point >> input & 1 == 1);
        let set = set.fold(0, |set, (_, bit)| set | bit);
        u64::from(point.count_ones()) << 32 | u64::from(!set)
    };
    let sort = |ranks: &mut Vec<u64>| {
        ranks.sort_unstable();
        ranks.truncate(maker.most);
    };
    let mut ranks = Vec::new();
    for point in points {
        maker.work.spend(SET_PRICE)?;
        ranks.push(rank(point));
        if ranks.len() > maker.most.saturating_mul(4).max(1 << 16) {
            sort(&mut ranks);
        }
    }
    sort(&mut ranks);
    maker.pay(ranks.len())?;
    let set = |rank: u64| {
        let mut set = KeySet::empty(maker.keys);
        let bits = sorted.iter().enumerate();
        let chosen = bits.filter(|(place, _)| rank >> (31 - place) & 1 == 0);
        chosen.for_each(|(_, &(key, _))| set.insert(key));
        set
    };
    Some(ranks.into_iter().map(set).collect())
}

/// Most sets held at once while a core with shared keys is written out.
const EXPANDED_MAX: usize = 400_000;

/// All minimal sets, gate by gate; `None` where the budget ends or they become too many.
fn expand(policy: &Policy, work: &Work) -> Option<Vec<KeySet>> {
    let singles = (0..policy.inputs).map(|key| vec![KeySet::single(key, policy.inputs)]);
    let mut sets: Dense<Vec<KeySet>> = singles.collect();
    let mut tester = Tester::of(policy);
    let maker = Maker { keys: policy.inputs, most: usize::MAX, work };
    for gate in &policy.gates {
        let mut chosen = Dense::new(Vec::new(), gate.threshold + 1);
        chosen[0].push(KeySet::empty(policy.inputs));
        for (seen, &child) in gate.children.iter().enumerate() {
            let open = gate.children.len() - seen - 1;
            let least = gate.threshold.saturating_sub(open).max(1);
            for count in (least..=gate.threshold).rev() {
                let less = chosen[count - 1].len();
                if less.saturating_mul(sets[child].len()) > EXPANDED_MAX {
                    return None;
                }
                let mut all = std::mem::take(&mut chosen[count]);
                all.extend(maker.unions(&chosen[count - 1], &sets[child])?);
                all.sort_unstable();
                all.dedup();
                let seen = gate.children.get(..=seen).unwrap_or_default();
                let price = tester.price(seen, count);
                work.affords((all.len() as u64).saturating_mul(price))?;
                let least = all.into_iter().filter_map(|set| match work.spend(price) {
                    None => Some(None),
                    Some(()) => tester.is_minimal(&set, seen, count).then_some(Some(set)),
                });
                chosen[count] = least.collect::<Option<Vec<KeySet>>>()?;
            }
        }
        sets.0.push(chosen.0.pop().unwrap_or_default());
    }
    sets.0.pop()
}

/// Looks whether sets need every variable they have: 64 of them are left out side by side.
struct Tester<'a> {
    policy: &'a Policy,
    /// For each node its value with one of the variables left out after the other.
    values: Dense<u64>,
    levels: Dense<u64>,
}

impl<'a> Tester<'a> {
    fn of(policy: &'a Policy) -> Self {
        Self { policy, values: Dense::new(0, policy.nodes()), levels: Dense(Vec::new()) }
    }

    /// Units of work for one test of a set.
    fn price(&self, children: &[usize], count: usize) -> u64 {
        let own = children.len() * (count + 1);
        let gates =
            self.below(children).map(|(_, gate)| gate.children.len() * (gate.threshold + 1));
        (own + gates.sum::<usize>()) as u64 + SET_PRICE
    }

    /// The gates that come no later than any of these children.
    fn below(&self, children: &[usize]) -> impl Iterator<Item = (usize, &'a Gate)> + use<'a> {
        let last = children.iter().copied().max().unwrap_or(0);
        (self.policy.inputs..=last).zip(&self.policy.gates)
    }

    /// Whether at least `count` of these children are true for the set, and no more without any of its
    /// variables.
    fn is_minimal(&mut self, set: &KeySet, children: &[usize], count: usize) -> bool {
        let members: Vec<usize> = set.members().collect();
        members.chunks(63).all(|members_out| {
            self.values.0.iter_mut().take(self.policy.inputs).for_each(|value| *value = 0);
            members.iter().for_each(|&member| self.values[member] = u64::MAX);
            for (place, &member) in members_out.iter().enumerate() {
                self.values[member] = !(1 << place);
            }
            for (node, gate) in self.below(children) {
                self.values[node] = self.at_least(&gate.children, gate.threshold);
            }
            // the last bit stands for the whole set
            self.at_least(children, count) == u64::MAX << members_out.len()
        })
    }

    fn at_least(&mut self, children: &[usize], count: usize) -> u64 {
        self.levels.0.clear();
        self.levels.0.resize(count + 1, 0);
        self.levels[0] = u64::MAX;
        for &child in children {
            let value = self.values[child];
            for at in (1..=count).rev() {
                let lower = self.levels[at - 1];
                self.levels[at] |= lower & value;
            }
        }
        self.levels[count]
    }
}

/// SHA-256 of a list: the names of a set joined by `,`, the sets joined by a line feed; `None` where the
/// budget ends.
pub(super) fn digest(sets: &[KeySet], names: &[&str], work: &Work) -> Option<String> {
    let mut hash = Sha256::new();
    let mut line = String::new();
    for (place, set) in sets.iter().enumerate() {
        line.clear();
        line.push_str(if place == 0 { "" } else { "\n" });
        for (place, member) in set.members().enumerate() {
            line.push_str(if place == 0 { "" } else { "," });
            line.push_str(names.get(member).copied().unwrap_or(""));
        }
        work.spend(DIGEST_PRICE * line.len() as u64)?;
        hash.update(line.as_bytes());
    }
    Some(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
