//! All states that share a skeleton: their thresholds, numbered, and which of them were reached.

use super::moves::twin_orders;
use super::numbers::{DigitSum, Numbers};
use super::packed::{ACCOUNTS_MAX, Packed, Renaming, Scale, lane, packed_minima, word};
use super::symmetry::{Form, Skeleton, multisig_set};

/// What a step of each account's digit is worth.
type Strides = [u32; ACCOUNTS_MAX];

/// A number in several digits, one for each multisig account: the thresholds of a whole state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digits {
    /// How many settings each account has; 1 for a plain one.
    radices: [u32; ACCOUNTS_MAX],
    strides: Strides,
    /// How many digits there are: a canonical form has its multisig accounts first.
    count: usize,
    size: u32,
}

impl Digits {
    fn new(scale: Scale, skeleton: Skeleton) -> Option<Self> {
        let state = Packed { rows: skeleton.rows, thresholds: 0 };
        let (mut radices, mut strides, mut size) = ([1; ACCOUNTS_MAX], [0; ACCOUNTS_MAX], 1u32);
        let both = radices.iter_mut().zip(strides.iter_mut());
        for (account, (radix, stride)) in both.enumerate() {
            *radix = scale.values(state.row(account).count_ones());
            if *radix > 1 {
                *stride = size;
            }
            size = size.checked_mul(*radix)?;
        }
        let count = multisig_set(skeleton.rows).trailing_ones() as usize;
        Some(Self { radices, strides, count, size })
    }

    /// What a step of an account's digit is worth, and how many settings it has.
    #[must_use]
    pub fn of(&self, account: usize) -> (u32, u32) {
        let get = |list: &[u32; ACCOUNTS_MAX]| list.get(account).copied().unwrap_or(0);
        (get(&self.strides), get(&self.radices))
    }

    fn radices(&self) -> &[u32] {
        self.radices.get(..self.count).unwrap_or(&[])
    }

    /// The number's digits put together with other strides.
    #[inline]
    fn translated(&self, number: u32, strides: &Strides) -> u32 {
        let mut rest = number;
        let mut sum = 0;
        for (&radix, &stride) in self.radices().iter().zip(strides) {
            sum += rest % radix * stride;
            rest /= radix;
        }
        sum
    }

    /// The number of a packed state.
    #[must_use]
    pub fn number(&self, scale: Scale, state: Packed) -> u32 {
        let digit =
            |account| scale.number(state.row(account).count_ones(), state.minima_of(account));
        self.strides.iter().enumerate().map(|(account, &stride)| digit(account) * stride).sum()
    }
}

/// The packed states of one family.
#[derive(Clone, Debug)]
pub struct States {
    rows: u128,
    thresholds: DigitSum<u128>,
}

impl States {
    /// The packed state of a number.
    #[must_use]
    #[inline]
    pub fn of(&self, number: u32) -> Packed {
        Packed { rows: self.rows, thresholds: self.thresholds.of(number) }
    }
}

/// How the numbers of one family go over into those of another, by a move.
#[derive(Clone, Debug)]
pub struct Passage {
    bases: DigitSum<u32>,
    /// What a step of the modified account's new setting is worth.
    pub stride: u32,
    /// How many new settings it can take.
    pub values: u32,
}

impl Passage {
    /// The passage of a move that modifies `multisig` and renames by `renaming`.
    #[must_use]
    pub fn new(from: &Digits, to: &Digits, multisig: u8, renaming: Renaming) -> Self {
        let bases = DigitSum::new(from.radices(), |account, digit| match account {
            _ if account == multisig as usize => 0,
            _ => digit * to.of(renaming.place(account)).0,
        });
        let (stride, values) = to.of(renaming.place(multisig as usize));
        Self { bases, stride, values }
    }

    /// Bytes that its tables take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bases.bytes()
    }

    /// The number reached from `number`, with the modified account's first setting.
    #[must_use]
    #[inline]
    pub fn base(&self, number: u32) -> u32 {
        self.bases.of(number)
    }
}

/// The states reached at one depth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// Modifications from the start.
    pub depth: u32,
    /// The least number of every orbit.
    pub numbers: Numbers,
}

/// A skeleton with the states that share it.
#[derive(Clone, Debug)]
pub struct Family {
    /// The canonical skeleton.
    pub skeleton: Skeleton,
    /// Its states' numbers.
    pub digits: Digits,
    /// For how many labelled skeletons it stands.
    pub weight: u64,
    /// The automorphisms that change numbers, as strides.
    automorphisms: Vec<Strides>,
    seen: Numbers,
    reached: u32,
    /// What was reached at which depth.
    pub levels: Vec<Level>,
}

impl Family {
    /// The family of a canonical skeleton, given the form of that skeleton itself, nothing reached yet;
    /// `None` beyond 2^32 states or so many bytes.
    #[must_use]
    pub fn new(scale: Scale, accounts: usize, form: &Form, bytes_max: usize) -> Option<Self> {
        let skeleton = form.skeleton;
        let digits = Digits::new(scale, skeleton)?;
        let bytes = size_of::<Self>() + Numbers::bytes(digits.size);
        if bytes > bytes_max {
            return None;
        }
        let moved = |renaming: &Renaming| {
            std::array::from_fn(|account| digits.of(renaming.place(account)).0)
        };
        let mut automorphisms: Vec<Strides> = form.renamings.iter().map(moved).collect();
        automorphisms.retain(|strides| *strides != digits.strides);
        automorphisms.sort_unstable();
        automorphisms.dedup();
        let same = form.renamings.len() as u64 * twin_orders(accounts, skeleton);
        let all: u64 = (1..=accounts as u64).product();
        debug_assert_eq!(all % same, 0, "automorphisms form a group");
        let (seen, weight) = (Numbers::none(digits.size), all / same);
        Some(Self { skeleton, digits, weight, automorphisms, seen, reached: 0, levels: Vec::new() })
    }

    /// Number of states, thresholds distinguished, symmetry or not.
    #[must_use]
    pub const fn size(&self) -> u32 {
        self.digits.size
    }

    /// Whether every state has been reached.
    #[must_use]
    #[inline]
    pub const fn is_full(&self) -> bool {
        self.reached == self.digits.size
    }

    /// Bytes that it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let sets = (1 + self.levels.len()) * Numbers::bytes(self.size());
        let lists = self.automorphisms.capacity() * size_of::<Strides>()
            + self.levels.capacity() * size_of::<Level>();
        size_of::<Self>() + lists + sets
    }

    /// Whether a state has been reached.
    #[must_use]
    #[inline]
    pub fn has(&self, number: u32) -> bool {
        self.seen.has(number)
    }

    /// Reaches a state and all that differ from it in names alone. Returns the least of them and how
    /// many they are; `None` if it was reached before.
    #[inline]
    pub fn reach(&mut self, number: u32) -> Option<(u32, u32)> {
        if !self.seen.insert(number) {
            return None;
        }
        let (mut least, mut orbit) = (number, 1);
        for strides in &self.automorphisms {
            let other = self.digits.translated(number, strides);
            least = least.min(other);
            orbit += u32::from(self.seen.insert(other));
        }
        self.reached += orbit;
        Some((least, orbit))
    }

    /// Reaches anew exactly what the levels hold.
    pub fn recall(&mut self) {
        self.seen.clear();
        self.reached = 0;
        for level in std::mem::take(&mut self.levels) {
            for number in level.numbers.iter() {
                self.reach(number);
            }
            self.levels.push(level);
        }
    }

    /// The least number among the states that differ from this one in names alone.
    #[must_use]
    pub fn least(&self, number: u32) -> u32 {
        let other = |strides| self.digits.translated(number, strides);
        self.automorphisms.iter().map(other).fold(number, u32::min)
    }

    /// The packed state of a number.
    #[must_use]
    #[inline]
    pub fn state(&self, scale: Scale, number: u32) -> Packed {
        let mut rest = number;
        let digits = self.digits.radices().iter().enumerate().map(|(account, &radix)| {
            let digit = rest % radix;
            rest /= radix;
            thresholds(scale, self.skeleton, account, digit)
        });
        Packed { rows: self.skeleton.rows, thresholds: digits.sum() }
    }

    /// The packed states of all numbers, for whoever asks for many.
    #[must_use]
    pub fn states(&self, scale: Scale) -> States {
        let term = |account, digit| thresholds(scale, self.skeleton, account, digit);
        let thresholds = DigitSum::new(self.digits.radices(), term);
        States { rows: self.skeleton.rows, thresholds }
    }

    /// The numbers first reached at a depth, if there are any.
    #[must_use]
    pub fn at(&self, depth: u32) -> Option<&Numbers> {
        let found = self.levels.iter().find(|level| level.depth == depth);
        found.map(|level| &level.numbers)
    }

    /// Takes the numbers of a depth out of the family.
    pub fn take(&mut self, depth: u32) -> Option<Numbers> {
        let at = self.levels.iter().position(|level| level.depth == depth)?;
        Some(self.levels.remove(at).numbers)
    }

    /// Puts the numbers of a depth into the family, which has none of it.
    pub fn put(&mut self, depth: u32, numbers: Numbers) {
        let at = self.levels.partition_point(|level| level.depth < depth);
        self.levels.insert(at, Level { depth, numbers });
    }
}

/// The thresholds that one account's digit stands for, in its lane.
fn thresholds(scale: Scale, skeleton: Skeleton, account: usize, digit: u32) -> u128 {
    let count = lane(skeleton.rows, account).count_ones();
    word(packed_minima(scale.minima(count, digit)), account)
}
