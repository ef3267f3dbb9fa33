//! All states that share a skeleton: their thresholds, numbered, and which of them were reached.

use super::moves::twin_orders;
use super::packed::{ACCOUNTS_MAX, Packed, Renaming, Scale};
use super::symmetry::{Form, Skeleton};

/// A number in several digits, one for each account: the thresholds of a whole state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digits {
    /// How many settings each account has; 1 for a plain one.
    radices: [u32; ACCOUNTS_MAX],
    /// What a step of each digit is worth.
    strides: [u32; ACCOUNTS_MAX],
    size: u32,
}

impl Digits {
    fn new(scale: Scale, skeleton: Skeleton) -> Option<Self> {
        let state = Packed { rows: skeleton.rows, thresholds: 0 };
        let (mut radices, mut strides, mut size) = ([1; 8], [0; 8], 1u32);
        let both = radices.iter_mut().zip(strides.iter_mut());
        for (account, (radix, stride)) in both.enumerate() {
            *radix = scale.values(state.row(account).count_ones());
            if *radix > 1 {
                *stride = size;
            }
            size = size.checked_mul(*radix)?;
        }
        Some(Self { radices, strides, size })
    }

    /// What a step of an account's digit is worth, and how many settings it has.
    #[must_use]
    pub fn of(&self, account: usize) -> (u32, u32) {
        let get = |list: &[u32; 8]| list.get(account).copied().unwrap_or(0);
        (get(&self.strides), get(&self.radices))
    }

    /// The number's digits put together with other strides.
    #[inline]
    fn translated(&self, number: u32, strides: &[u32; ACCOUNTS_MAX]) -> u32 {
        let mut rest = number;
        let mut sum = 0;
        for (&radix, &stride) in self.radices.iter().zip(strides) {
            if radix > 1 {
                sum += rest % radix * stride;
                rest /= radix;
            }
        }
        sum
    }

    /// The packed state of this number.
    #[must_use]
    #[inline]
    pub fn state(&self, scale: Scale, skeleton: Skeleton, number: u32) -> Packed {
        let mut state = Packed { rows: skeleton.rows, thresholds: 0 };
        let mut rest = number;
        for (account, &radix) in self.radices.iter().enumerate() {
            let row = state.row(account);
            if row != 0 {
                let minima = scale.minima(row.count_ones(), rest % radix);
                state = state.with(account, row, minima);
                rest /= radix;
            }
        }
        state
    }

    /// The number of a packed state.
    #[must_use]
    pub fn number(&self, scale: Scale, state: Packed) -> u32 {
        let digit =
            |account| scale.number(state.row(account).count_ones(), state.minima_of(account));
        self.strides.iter().enumerate().map(|(account, &stride)| digit(account) * stride).sum()
    }
}

/// How the numbers of one family go over into those of another, by a move.
#[derive(Clone, Copy, Debug)]
pub struct Passage {
    from: Digits,
    strides: [u32; ACCOUNTS_MAX],
    /// What a step of the modified account's new setting is worth.
    pub stride: u32,
    /// How many new settings it can take.
    pub values: u32,
}

impl Passage {
    /// The passage of a move that modifies `multisig` and renames by `renaming`.
    #[must_use]
    pub fn new(from: &Digits, to: &Digits, multisig: u8, renaming: Renaming) -> Self {
        let mut strides = [0; ACCOUNTS_MAX];
        for (account, slot) in strides.iter_mut().enumerate() {
            if account != multisig as usize {
                *slot = to.of(renaming.place(account)).0;
            }
        }
        let (stride, values) = to.of(renaming.place(multisig as usize));
        Self { from: *from, strides, stride, values }
    }

    /// The number reached from `number`, with the modified account's first setting.
    #[must_use]
    #[inline]
    pub fn base(&self, number: u32) -> u32 {
        self.from.translated(number, &self.strides)
    }
}

/// The states reached at one depth: the least number of every orbit, ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// Modifications from the start.
    pub depth: u32,
    /// The numbers.
    pub numbers: Vec<u32>,
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
    orbit: Vec<[u32; ACCOUNTS_MAX]>,
    seen: Vec<u64>,
    reached: u32,
    /// What was reached at which depth.
    pub levels: Vec<Level>,
}

impl Family {
    /// The family of a canonical skeleton, nothing reached yet; `None` beyond 2^32 states.
    #[must_use]
    pub fn new(scale: Scale, accounts: usize, form: &Form) -> Option<Self> {
        let skeleton = form.skeleton;
        let digits = Digits::new(scale, skeleton)?;
        let mut orbit: Vec<[u32; 8]> = form.renamings.iter().map(|&r| moved(&digits, r)).collect();
        orbit.sort_unstable();
        orbit.dedup();
        let same = form.renamings.len() as u64 * twin_orders(accounts, skeleton);
        let all: u64 = (1..=accounts as u64).product();
        debug_assert_eq!(all % same, 0, "automorphisms form a group");
        let seen = vec![0; (digits.size as usize).div_ceil(64)];
        let weight = all / same;
        Some(Self { skeleton, digits, weight, orbit, seen, reached: 0, levels: Vec::new() })
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
        let listed: usize = self.levels.iter().map(|level| level.numbers.capacity() * 4).sum();
        let kept = self.seen.len() * 8 + self.orbit.capacity() * size_of::<[u32; 8]>();
        size_of::<Self>() + kept + listed
    }

    /// Whether a state has been reached.
    #[must_use]
    #[inline]
    pub fn has(&self, number: u32) -> bool {
        self.seen.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// Reaches a state and all that differ from it in names alone. Returns the least of them and how
    /// many they are; `None` if it was reached before.
    #[inline]
    pub fn reach(&mut self, number: u32) -> Option<(u32, u32)> {
        if self.has(number) {
            return None;
        }
        let (mut least, before) = (number, self.reached);
        for strides in &self.orbit {
            let other = self.digits.translated(number, strides);
            least = least.min(other);
            if let Some(word) = self.seen.get_mut(other as usize / 64) {
                let bit = 1 << (other % 64);
                self.reached += u32::from(*word & bit == 0);
                *word |= bit;
            }
        }
        Some((least, self.reached - before))
    }

    /// Reaches anew exactly what the levels hold.
    pub fn recall(&mut self) {
        self.seen.fill(0);
        self.reached = 0;
        for level in std::mem::take(&mut self.levels) {
            for &number in &level.numbers {
                self.reach(number);
            }
            self.levels.push(level);
        }
    }

    /// The least number among the states that differ from this one in names alone.
    #[must_use]
    pub fn least(&self, number: u32) -> u32 {
        let others = self.orbit.iter().map(|strides| self.digits.translated(number, strides));
        others.min().unwrap_or(number)
    }

    /// The packed state of a number.
    #[must_use]
    #[inline]
    pub fn state(&self, scale: Scale, number: u32) -> Packed {
        self.digits.state(scale, self.skeleton, number)
    }

    /// The numbers first reached at a depth.
    #[must_use]
    pub fn at(&self, depth: u32) -> &[u32] {
        let found = self.levels.iter().find(|level| level.depth == depth);
        found.map_or(&[], |level| &level.numbers)
    }
}

fn moved(digits: &Digits, renaming: Renaming) -> [u32; ACCOUNTS_MAX] {
    let mut strides = [0; ACCOUNTS_MAX];
    for (account, slot) in strides.iter_mut().enumerate() {
        *slot = digits.of(renaming.place(account)).0;
    }
    strides
}
