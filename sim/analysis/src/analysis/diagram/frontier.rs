//! Building a diagram from its root: the states that the gates can be in after the first variables,
//! level by level. Each state is one node; only the states of two levels are held for finding equal
//! ones, so large diagrams stay within a processor's caches.
//!
//! A gate's state is how many of its children are true and how many false. What is decided, or no
//! longer matters for the root, has one state: decided.

use super::super::budget::Work;
use super::super::policy::{Dense, Policy};
use super::{Node, hash};

/// Most words of 64 bits for the state of all gates in use at one level.
const WORDS_MAX: usize = 8;
/// States whose successors are looked for together.
const BATCH: usize = 32;
/// Fewest places of a table of states.
const PLACES_MIN: usize = 1 << 8;
/// Units of work for one state: fixed part, and for each word of the state.
const STATE_PRICE: u64 = 40;
const WORD_PRICE: u64 = 10;
/// Above so many states of a level, memory is slower, and each takes half as much again.
const NEAR_MAX: usize = 1 << 17;
/// Units of work for each gate that a variable's value reaches.
const TELL_PRICE: u64 = 8;
/// Units of work to find a state a new place in a larger table.
const PLACE_PRICE: u64 = 10;

/// One of the two counts of a gate, where it lies in its word.
#[derive(Clone, Copy, Default)]
struct Count {
    mask: u64,
    one: u64,
    /// One child more than this decides the gate.
    last: u64,
}

/// A gate as the levels see it.
struct Field {
    /// Levels of the first and the last variable below it.
    first: usize,
    last: usize,
    /// The word with both counts, from its lowest bit on, and how many bits they take.
    word: usize,
    bits: u32,
    /// Children that are false, and that are true; all ones in the latter is a gate that is decided.
    counts: [Count; 2],
}

impl Field {
    fn new(threshold: usize, slack: usize, (first, last): (usize, usize)) -> Self {
        let (yes_bits, no_bits) = (bits_for(threshold), bits_for(slack));
        let mask = |bits: u32| (1 << bits) - 1;
        let yes = Count { mask: mask(yes_bits), one: 1, last: threshold as u64 - 1 };
        let shift = |value: u64| value << yes_bits;
        let no = Count { mask: shift(mask(no_bits)), one: shift(1), last: shift(slack as u64) };
        Self { first, last, word: 0, bits: yes_bits + no_bits, counts: [no, yes] }
    }

    /// Lays it down from a bit of a word on.
    fn place(&mut self, (word, shift): (usize, u32)) {
        self.word = word;
        for count in &mut self.counts {
            let Count { mask, one, last } = *count;
            *count = Count { mask: mask << shift, one: one << shift, last: last << shift };
        }
    }

    fn mask(&self) -> u64 {
        let [no, yes] = self.counts;
        no.mask | yes.mask
    }

    /// All ones in the count of true children, which never counts so far.
    fn decided(&self) -> u64 {
        let [_, yes] = self.counts;
        yes.mask
    }

    fn is_active(&self, level: usize) -> bool {
        (self.first..=self.last).contains(&level)
    }
}

/// The nodes of the diagram of a policy from the root down, for an order of its variables, numbered
/// from 2 on; `None` when the budget, or the bound on nodes, is spent.
pub(super) fn nodes(
    policy: &Policy,
    order: &[usize],
    most: usize,
    work: &Work,
) -> Option<Vec<Node>> {
    let (mut frontier, words) = Frontier::new(policy, order)?;
    match words {
        1 => frontier.nodes::<1>(most, work),
        2 => frontier.nodes::<2>(most, work),
        3..=4 => frontier.nodes::<4>(most, work),
        _ => frontier.nodes::<WORDS_MAX>(most, work),
    }
}

/// The gates of a policy, laid out over the levels of an order.
struct Frontier {
    fields: Dense<Field>,
    /// For each variable and gate, the gates it is a child of.
    parents: Dense<Vec<usize>>,
    /// For each gate, the gates that are its children.
    children: Dense<Vec<usize>>,
    /// For each level, the gates that are in use from it on, those above before those below.
    starts: Dense<Vec<usize>>,
    /// For each level, the gates whose last variable it is.
    ends: Dense<Vec<usize>>,
    order: Vec<usize>,
    /// Gates to look at; empty between two uses.
    open: Vec<(usize, bool)>,
    freed: Vec<usize>,
}

impl Frontier {
    /// The frontier, and how many words of 64 bits its states take; `None` where too many gates are in
    /// use at once for a diagram to be of use.
    fn new(policy: &Policy, order: &[usize]) -> Option<(Self, usize)> {
        let (first, last) = spans(policy, order);
        let mut parents = Dense::new(Vec::new(), policy.nodes());
        let mut children = Dense::new(Vec::new(), policy.gates.len());
        let mut fields = Dense(Vec::with_capacity(policy.gates.len()));
        for (place, gate) in policy.gates.iter().enumerate() {
            let node = policy.inputs + place;
            gate.children.iter().for_each(|&child| parents[child].push(place));
            let below = gate.children.iter().filter_map(|child| child.checked_sub(policy.inputs));
            children[place] = below.collect();
            let slack = gate.children.len() - gate.threshold;
            fields.0.push(Field::new(gate.threshold, slack, (first[node], last[node])));
        }
        let mut starts = Dense::new(Vec::new(), order.len());
        let mut ends = Dense::new(Vec::new(), order.len());
        for (place, field) in fields.iter().enumerate().rev() {
            starts[field.first].push(place);
            ends[field.last].push(place);
        }
        let words = place_fields(&mut fields, &starts, &ends)?;
        let (order, open, freed) = (order.to_vec(), Vec::new(), Vec::new());
        Some((Self { fields, parents, children, starts, ends, order, open, freed }, words))
    }

    /// The nodes from the root down, numbered from 2 on in this order.
    fn nodes<const W: usize>(&mut self, most: usize, work: &Work) -> Option<Vec<Node>> {
        let mut nodes = Vec::new();
        let (mut here, mut next) = (States::<W>::new(), States::<W>::new());
        here.find(&[0; W], work)?;
        let mut results = Vec::with_capacity(2 * BATCH);
        for level in 0..self.order.len() {
            let below = (nodes.len() + here.states.len()) as u32 + 2;
            for batch in here.states.chunks(BATCH) {
                let price = self.price::<W>(level, next.states.len());
                work.spend(price * batch.len() as u64)?;
                results.clear();
                for state in batch {
                    let mut state = *state;
                    self.start(&mut state, level);
                    results.push(self.tell(state, level, false));
                    results.push(self.tell(state, level, true));
                }
                next.touch(&results);
                for pair in results.chunks(2) {
                    let mut result = |place: usize| match pair.get(place)? {
                        Ok(state) => Some(below + next.find(state, work)?),
                        Err(value) => Some(u32::from(*value)),
                    };
                    nodes.push(Node { level: level as u32, low: result(0)?, high: result(1)? });
                }
            }
            if nodes.len() + next.states.len() > most {
                return None;
            }
            std::mem::swap(&mut here, &mut next);
            next.clear();
        }
        Some(nodes)
    }

    /// Units of work for a state of this level, when so many are known of the next.
    fn price<const W: usize>(&self, level: usize, next: usize) -> u64 {
        let told: usize = self.order.get(level).map_or(0, |&input| self.parents[input].len());
        let price = 2 * (STATE_PRICE + W as u64 * WORD_PRICE + told as u64 * TELL_PRICE);
        if next > NEAR_MAX { price + price / 2 } else { price }
    }

    fn is_decided<const W: usize>(&self, state: &[u64; W], gate: usize) -> bool {
        let field = &self.fields[gate];
        word(state, field.word) & field.decided() == field.decided()
    }

    fn decide<const W: usize>(&self, state: &mut [u64; W], gate: usize) {
        let field = &self.fields[gate];
        let word = word_mut(state, field.word);
        *word = *word & !field.mask() | field.decided();
    }

    /// Whether nothing above this gate is open any more. Gates above are in use as long as it is.
    fn is_idle<const W: usize>(&self, state: &[u64; W], gate: usize) -> bool {
        let parents = &self.parents[self.order.len() + gate];
        !parents.is_empty() && parents.iter().all(|&above| self.is_decided(state, above))
    }

    /// Takes the gates in use that begin at a level.
    fn start<const W: usize>(&self, state: &mut [u64; W], level: usize) {
        for &gate in &self.starts[level] {
            if self.is_idle(state, gate) {
                self.decide(state, gate);
            }
        }
    }

    /// The state after the variable of this level has this value; the value of the root where it is
    /// decided.
    fn tell<const W: usize>(
        &mut self,
        mut state: [u64; W],
        level: usize,
        value: bool,
    ) -> Result<[u64; W], bool> {
        self.open.clear();
        self.freed.clear();
        self.open.push((self.order.get(level).copied().unwrap_or(0), value));
        while let Some((node, value)) = self.open.pop() {
            for place in 0..self.parents[node].len() {
                let gate = self.parents[node].get(place).copied().unwrap_or(0);
                if !self.count(&mut state, gate, value) {
                    continue;
                }
                if gate + 1 == self.fields.len() {
                    return Err(value);
                }
                self.freed.push(gate);
                self.open.push((self.order.len() + gate, value));
            }
        }
        while let Some(gate) = self.freed.pop() {
            for place in 0..self.children[gate].len() {
                let below = self.children[gate].get(place).copied().unwrap_or(0);
                let is_open =
                    self.fields[below].is_active(level) && !self.is_decided(&state, below);
                if is_open && self.is_idle(&state, below) {
                    self.decide(&mut state, below);
                    self.freed.push(below);
                }
            }
        }
        for &gate in &self.ends[level] {
            let field = &self.fields[gate];
            *word_mut(&mut state, field.word) &= !field.mask();
        }
        Ok(state)
    }

    /// Counts one child of a gate; whether that decides it. A decided one stays as it is.
    fn count<const W: usize>(&self, state: &mut [u64; W], gate: usize, value: bool) -> bool {
        let field = &self.fields[gate];
        let [no, yes] = field.counts;
        let count = if value { yes } else { no };
        let word = word_mut(state, field.word);
        if *word & yes.mask == yes.mask {
            return false;
        }
        let is_last = *word & count.mask == count.last;
        *word = if is_last { *word & !no.mask | yes.mask } else { *word + count.one };
        is_last
    }
}

fn word<const W: usize>(state: &[u64; W], place: usize) -> u64 {
    state.get(place).copied().unwrap_or(0)
}

#[expect(clippy::indexing_slicing, reason = "fields lie within the state")]
fn word_mut<const W: usize>(state: &mut [u64; W], place: usize) -> &mut u64 {
    &mut state[place]
}

/// Bits that hold a number, and one more value.
fn bits_for(number: usize) -> u32 {
    usize::BITS - number.leading_zeros()
}

/// The levels of the first and of the last variable below each node.
fn spans(policy: &Policy, order: &[usize]) -> (Dense<usize>, Dense<usize>) {
    let mut first = Dense::new(usize::MAX, policy.nodes());
    let mut last = Dense::new(0, policy.nodes());
    for (level, &input) in order.iter().enumerate() {
        (first[input], last[input]) = (level, level);
    }
    for (gate, node) in policy.gates.iter().zip(policy.inputs..) {
        for &child in &gate.children {
            first[node] = first[node].min(first[child]);
            last[node] = last[node].max(last[child]);
        }
    }
    (first, last)
}

/// Gives each gate bits of its own as long as it is in use; no gate lies across two words. Returns the
/// number of words; `None` where they are too many.
fn place_fields(
    fields: &mut Dense<Field>,
    starts: &Dense<Vec<usize>>,
    ends: &Dense<Vec<usize>>,
) -> Option<usize> {
    let mut used = [0_u64; WORDS_MAX];
    let mut words = 1;
    for (starting, ending) in starts.iter().zip(ends.iter()) {
        for &gate in starting {
            let field = &mut fields[gate];
            let free = |word: u64, shift: u32| word >> shift & ((1 << field.bits) - 1) == 0;
            let shifts = || 0..=u64::BITS - field.bits;
            let found = used.iter().enumerate().find_map(|(place, &word)| {
                shifts().find(|&shift| free(word, shift)).map(|shift| (place, shift))
            });
            field.place(found?);
            *word_mut(&mut used, field.word) |= field.mask();
            words = words.max(field.word + 1);
        }
        for &gate in ending {
            let field = &fields[gate];
            *word_mut(&mut used, field.word) &= !field.mask();
        }
    }
    Some(words)
}

/// The states of one level, each once.
struct States<const W: usize> {
    states: Vec<[u64; W]>,
    /// Open addressing; 0 = empty, otherwise one more than the place of the state.
    places: Dense<u32>,
}

impl<const W: usize> States<W> {
    fn new() -> Self {
        Self { states: Vec::new(), places: Dense::new(0, PLACES_MIN) }
    }

    fn clear(&mut self) {
        // a table of many more places than the level before had states would be cleared for nothing
        self.places.0.truncate((self.states.len() * 2).next_power_of_two().max(PLACES_MIN));
        self.places.0.fill(0);
        self.states.clear();
    }

    fn slot(&self, state: &[u64; W]) -> usize {
        let mix =
            |all: u64, word: &u64| (all ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        let mixed = state.iter().fold(0, mix);
        hash((mixed >> 32) as u32, mixed as u32, 0) & (self.places.len() - 1)
    }

    /// Reads what [`States::find`] will read, all at once: memory answers many requests in the time of
    /// one.
    fn touch(&self, results: &[Result<[u64; W], bool>]) {
        let mut sum = 0;
        for state in results.iter().flatten() {
            let place = self.places[self.slot(state)] as usize;
            sum ^= self.states.get(place.wrapping_sub(1)).map_or(0, |state| state[0]);
        }
        std::hint::black_box(sum);
    }

    /// The place of a state, which is added where it is new; `None` when the budget is spent.
    fn find(&mut self, state: &[u64; W], work: &Work) -> Option<u32> {
        let mask = self.places.len() - 1;
        let mut slot = self.slot(state);
        loop {
            match self.places[slot].checked_sub(1) {
                None => break,
                Some(place) if self.states.get(place as usize) == Some(state) => {
                    return Some(place);
                }
                Some(_) => slot = (slot + 1) & mask,
            }
        }
        self.states.push(*state);
        self.places[slot] = self.states.len() as u32;
        if self.states.len() * 2 > self.places.len() {
            self.grow(work)?;
        }
        Some(self.states.len() as u32 - 1)
    }

    fn grow(&mut self, work: &Work) -> Option<()> {
        let mask = self.places.len() * 2 - 1;
        work.spend(self.states.len() as u64 * PLACE_PRICE)?;
        self.places = Dense::new(0, mask + 1);
        for (state, place) in self.states.iter().zip(1..) {
            let mut slot = self.slot(state);
            while self.places[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            self.places[slot] = place;
        }
        Some(())
    }
}
