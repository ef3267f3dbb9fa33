//! Minimal sets one by one, in order, as far as they are wanted.

use sha2::{Digest, Sha256};

use super::modules::Input;
use super::plan::{Method, Part, Plan};
use super::policy::{Dense, Gate, Policy};
use super::sets::{KeySet, minimal};

/// The first `most` minimal sets of the plan's policy; `None` where they are too many to look at.
///
/// A set of a module is a union of sets of the modules below it, which share no key: taking a later
/// set for one of them makes the union later. So the first `most` of each are enough.
pub(super) fn minimal_sets(plan: &Plan, most: usize) -> Option<Vec<KeySet>> {
    let keys = plan.policy.inputs;
    let mut lists: Dense<Vec<KeySet>> = Dense(Vec::new());
    for part in &plan.parts {
        let below = part.module.inputs.iter().map(|input| match *input {
            Input::Key(key) => vec![KeySet::single(key, keys)],
            Input::Module(module) => std::mem::take(&mut lists[module]),
        });
        let below: Dense<Vec<KeySet>> = below.collect();
        let list = match part.module.single_gate() {
            Some(gate) => of_gate(gate, &below, keys, most),
            None => of_core(part, &below, keys, most)?,
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

fn of_gate(gate: &Gate, below: &Dense<Vec<KeySet>>, keys: usize, most: usize) -> Vec<KeySet> {
    let children = gate.children.iter().map(|&child| lone_key(&below[child]));
    if let Some(members) = children.collect::<Option<Vec<usize>>>() {
        return choices(members, gate.threshold, keys, most);
    }
    let mut chosen = Dense::new(Vec::new(), gate.threshold + 1);
    chosen[0].push(KeySet::empty(keys));
    for (seen, &child) in gate.children.iter().enumerate() {
        let open = gate.children.len() - seen - 1;
        let least = gate.threshold.saturating_sub(open).max(1);
        for count in (least..=gate.threshold).rev() {
            let more = unions(&chosen[count - 1], &below[child], most);
            chosen[count] = first(std::mem::take(&mut chosen[count]), more, most);
        }
    }
    std::mem::take(&mut chosen[gate.threshold])
}

/// The first choices of `threshold` among these keys, in order.
fn choices(mut members: Vec<usize>, threshold: usize, keys: usize, most: usize) -> Vec<KeySet> {
    members.sort_unstable();
    let members = Dense(members);
    let mut places: Dense<usize> = (0..threshold).collect();
    let mut all = Vec::new();
    while all.len() < most {
        let mut set = KeySet::empty(keys);
        places.iter().for_each(|&place| set.insert(members[place]));
        all.push(set);
        // the last place that can move on, and all behind it right after it
        let room = members.len() - threshold;
        let Some(moved) = (0..threshold).rev().find(|&at| places[at] < at + room) else { break };
        let next = places[moved] + 1;
        (moved..threshold).for_each(|at| places[at] = next + at - moved);
    }
    all
}

/// The first of the unions of two sorted lists without a common key.
fn unions(one: &[KeySet], other: &[KeySet], most: usize) -> Vec<KeySet> {
    let mut all = Vec::new();
    for (place, set) in one.iter().enumerate() {
        // as many as place + 1 times are no later than this one
        let reach = most / (place + 1);
        if reach == 0 {
            break;
        }
        all.extend(other.iter().take(reach).map(|other| set.union(other)));
    }
    all.sort_unstable();
    all.truncate(most);
    all
}

fn first(mut one: Vec<KeySet>, other: Vec<KeySet>, most: usize) -> Vec<KeySet> {
    one.extend(other);
    one.sort_unstable();
    one.truncate(most);
    one
}

fn of_core(
    part: &Part,
    below: &Dense<Vec<KeySet>>,
    keys: usize,
    most: usize,
) -> Option<Vec<KeySet>> {
    let inputs = part.module.inputs.len();
    let lone: Option<Vec<usize>> = below.iter().map(|sets| lone_key(sets)).collect();
    if let (Method::Table(table), Some(members)) = (&part.method, &lone) {
        return Some(of_points(table.minimal().points(), members, keys, most));
    }
    let mut all = Vec::new();
    let mut add = |members: &mut dyn Iterator<Item = usize>| {
        let start = vec![KeySet::empty(keys)];
        all.extend(members.fold(start, |sets, input| unions(&sets, &below[input], most)));
        if all.len() > most.saturating_mul(4).max(1 << 16) {
            all.sort_unstable();
            all.truncate(most);
        }
    };
    match &part.method {
        Method::Table(table) => {
            for point in table.minimal().points() {
                add(&mut (0..inputs).filter(|input| point >> input & 1 == 1));
            }
        }
        _ => expand(&part.module.policy)?.iter().for_each(|set| add(&mut set.members())),
    }
    all.sort_unstable();
    all.truncate(most);
    Some(all)
}

/// The sets of those of these keys whose bits are set. They are sorted as numbers before they are made.
fn of_points(
    points: impl Iterator<Item = u32>,
    members: &[usize],
    keys: usize,
    most: usize,
) -> Vec<KeySet> {
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
        ranks.truncate(most);
    };
    let mut ranks = Vec::new();
    for point in points {
        ranks.push(rank(point));
        if ranks.len() > most.saturating_mul(4).max(1 << 16) {
            sort(&mut ranks);
        }
    }
    sort(&mut ranks);
    let set = |rank: u64| {
        let mut set = KeySet::empty(keys);
        let bits = sorted.iter().enumerate();
        let chosen = bits.filter(|(place, _)| rank >> (31 - place) & 1 == 0);
        chosen.for_each(|(_, &(key, _))| set.insert(key));
        set
    };
    ranks.into_iter().map(set).collect()
}

/// Most sets held at once while a large core with shared keys is written out.
const EXPANDED_MAX: usize = 20_000;

/// All minimal sets, gate by gate; `None` where they become too many.
fn expand(policy: &Policy) -> Option<Vec<KeySet>> {
    let singles = (0..policy.inputs).map(|key| vec![KeySet::single(key, policy.inputs)]);
    let mut sets: Dense<Vec<KeySet>> = singles.collect();
    for gate in &policy.gates {
        let mut chosen = Dense::new(Vec::new(), gate.threshold + 1);
        chosen[0].push(KeySet::empty(policy.inputs));
        for &child in &gate.children {
            for count in (1..=gate.threshold).rev() {
                let less = chosen[count - 1].iter();
                if less.len().saturating_mul(sets[child].len()) > EXPANDED_MAX {
                    return None;
                }
                let more: Vec<KeySet> =
                    less.flat_map(|set| sets[child].iter().map(|other| set.union(other))).collect();
                chosen[count].extend(more);
                chosen[count] = minimal(std::mem::take(&mut chosen[count]));
            }
        }
        sets.0.push(chosen.0.pop().unwrap_or_default());
    }
    sets.0.pop()
}

/// SHA-256 of a list: the names of a set joined by `,`, the sets joined by a line feed.
pub(super) fn digest(sets: &[KeySet], names: &[&str]) -> String {
    let mut hash = Sha256::new();
    let mut line = String::new();
    for (place, set) in sets.iter().enumerate() {
        line.clear();
        line.push_str(if place == 0 { "" } else { "\n" });
        for (place, member) in set.members().enumerate() {
            line.push_str(if place == 0 { "" } else { "," });
            line.push_str(names.get(member).copied().unwrap_or(""));
        }
        hash.update(line.as_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
