//! Hazards: legal states that hurt, as predicates on a state of at most ten accounts.
//!
//! Who can approve what is a monotone function of the keys that sign, kept as a truth table: bit `s`
//! says whether the set of keys `s` approves. Ten keys are 1,024 bits.
//!
//! ```
//! use quorate::account::AccountId;
//! use quorate::hazard::{Hazard, affected};
//! use quorate::ledger::{Entry, Genesis, Ledger, Minima};
//! use quorate::protocol::Protocol;
//!
//! let protocol = Protocol::preset("symbol-mainnet").unwrap();
//! let [vault, ann, bob] = [0, 1, 2].map(AccountId);
//! let mut genesis = Genesis::of_accounts(3);
//! let minima = Minima { approval: 2, removal: 1 };
//! genesis.entries.push(Entry { account: vault, minima, cosignatories: vec![ann, bob] });
//! let ledger = Ledger::from_genesis(protocol.clone(), &genesis).unwrap();
//! let takeover = Hazard::Takeover(Some(1));
//! assert_eq!(affected(&protocol, ledger.state().links(), 3, takeover), 0b001);
//! ```

use crate::account::AccountId;
use crate::ledger::View;
use crate::protocol::Protocol;

/// A kind of state to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hazard {
    /// All keys exist, an account can be spent by no quorum that fits the cap on signatures, and no
    /// chain of transactions that fit the cap changes that.
    LockedAlive,
    /// An account's smallest quorum exceeds the cap, but a chain of transactions gets there.
    OverCap,
    /// Fewer keys can spend in the end than can now; with a number: at most so many keys.
    Takeover(Option<u32>),
    /// Some so many lost keys lock an account for ever.
    Lockout(u32),
    /// A cosignatory is in no minimal quorum: its vote never counts.
    DeadLevel,
}

/// A word that names no hazard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown hazard `{0}`; expected `locked-alive`, `over-cap`, `takeover`, `takeover:K`, `lockout:K` \
     or `dead-level`, K from 1 to {KEYS_MAX}"
)]
pub struct UnknownHazard(pub String);

impl std::str::FromStr for Hazard {
    type Err = UnknownHazard;

    fn from_str(word: &str) -> Result<Self, UnknownHazard> {
        let unknown = || UnknownHazard(word.to_owned());
        let (name, number) = match word.split_once(':') {
            Some((name, text)) => {
                let number =
                    text.parse().ok().filter(|number| (1..=KEYS_MAX as u32).contains(number));
                (name, Some(number.ok_or_else(unknown)?))
            }
            None => (word, None),
        };
        match (name, number) {
            ("locked-alive", None) => Ok(Self::LockedAlive),
            ("over-cap", None) => Ok(Self::OverCap),
            ("takeover", keys) => Ok(Self::Takeover(keys)),
            ("lockout", Some(keys)) => Ok(Self::Lockout(keys)),
            ("dead-level", None) => Ok(Self::DeadLevel),
            _ => Err(unknown()),
        }
    }
}

impl std::fmt::Display for Hazard {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::LockedAlive => formatter.write_str("locked-alive"),
            Self::OverCap => formatter.write_str("over-cap"),
            Self::Takeover(None) => formatter.write_str("takeover"),
            Self::Takeover(Some(keys)) => write!(formatter, "takeover:{keys}"),
            Self::Lockout(keys) => write!(formatter, "lockout:{keys}"),
            Self::DeadLevel => formatter.write_str("dead-level"),
        }
    }
}

/// Most accounts whose keys a table covers.
pub const KEYS_MAX: usize = 10;

/// Words of a table of all ten keys: a bit for each set of them.
const WORDS_MAX: usize = (1 << KEYS_MAX) / 64;
/// Words of a table of eight keys, which most states ask for.
const WORDS_FEW: usize = (1 << KEYS_FEW) / 64;
/// Accounts for which the smaller table is enough.
const KEYS_FEW: usize = 8;

/// A monotone function of keys: bit `s` is its value for the key set `s`. 16 words hold ten keys, 4 words
/// eight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table<const WORDS: usize = WORDS_MAX>([u64; WORDS]);

const LOW: [u64; 6] = [
    0xaaaa_aaaa_aaaa_aaaa,
    0xcccc_cccc_cccc_cccc,
    0xf0f0_f0f0_f0f0_f0f0,
    0xff00_ff00_ff00_ff00,
    0xffff_0000_ffff_0000,
    0xffff_ffff_0000_0000,
];

impl<const WORDS: usize> Table<WORDS> {
    /// Most keys.
    const KEYS: usize = LOW.len() + WORDS.ilog2() as usize;
    const NONE: Self = Self([0; WORDS]);
    const ALL: Self = Self([u64::MAX; WORDS]);
    /// For every number of keys the key sets of that size.
    const SIZES: [Self; KEYS_MAX + 1] = Self::sizes();

    #[expect(clippy::indexing_slicing, reason = "a constant, computed by the compiler")]
    const fn sizes() -> [Self; KEYS_MAX + 1] {
        let mut sizes = [Self::NONE; KEYS_MAX + 1];
        let mut set = 0usize;
        while set < WORDS * 64 {
            let count = set.count_ones() as usize;
            sizes[count].0[set / 64] |= 1 << (set % 64);
            set += 1;
        }
        sizes
    }

    /// The function that is true when this key signs.
    #[must_use]
    pub fn key(account: usize) -> Self {
        match (LOW.get(account), account.checked_sub(LOW.len())) {
            (Some(&word), _) => Self([word; WORDS]),
            (None, Some(bit)) if account < Self::KEYS => {
                Self(std::array::from_fn(|at| 0u64.wrapping_sub(at as u64 >> bit & 1)))
            }
            _ => Self::NONE,
        }
    }

    /// True where at least `needed` of these functions are.
    pub fn at_least(needed: u32, functions: impl Iterator<Item = Self>) -> Self {
        let mut counts = [Self::NONE; KEYS_MAX];
        for function in functions {
            let mut fewer = Self::ALL;
            for count in counts.iter_mut().take(needed as usize) {
                let enough = *count;
                *count = enough | fewer & function;
                fewer = enough;
            }
        }
        match needed.checked_sub(1) {
            None => Self::ALL,
            Some(at) => counts.get(at as usize).copied().unwrap_or(Self::NONE),
        }
    }

    /// Whether this key set makes it true.
    #[must_use]
    pub fn holds(self, keys: u16) -> bool {
        let word = self.0.get(usize::from(keys >> 6)).copied().unwrap_or(0);
        word >> (keys & 63) & 1 == 1
    }

    /// Whether no key set makes it true.
    #[must_use]
    pub fn is_never(self) -> bool {
        self == Self::NONE
    }

    /// The fewest keys that make it true; `None` if none do.
    #[must_use]
    pub fn fewest(self) -> Option<u32> {
        let reached = |&&sized: &&Self| !(sized & self).is_never();
        Self::SIZES.iter().position(|sized| reached(&sized)).map(|count| count as u32)
    }

    /// The key sets that make it true and have no smaller one inside.
    #[must_use]
    pub fn minimal(self) -> Self {
        let grown =
            (0..Self::KEYS).fold(Self::NONE, |all, key| all | self.without(key).raised(key));
        self & !grown
    }

    /// Word by word with another table.
    #[inline]
    fn with(mut self, other: Self, both: impl Fn(u64, u64) -> u64) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(word, other)| *word = both(*word, other));
        self
    }

    /// The part where this key does not sign.
    fn without(self, key: usize) -> Self {
        self & !Self::key(key)
    }

    /// Every key set with this key, which is in none of them, added.
    fn raised(self, key: usize) -> Self {
        let Some(bit) = key.checked_sub(LOW.len()) else {
            return Self(self.0.map(|word| word << (1u32 << key)));
        };
        let below = |at: usize| at.checked_sub(1 << bit).filter(|_| at >> bit & 1 == 1);
        let word = |at| below(at).and_then(|below| self.0.get(below)).copied().unwrap_or(0);
        Self(std::array::from_fn(word))
    }
}

impl<const WORDS: usize> std::ops::BitAnd for Table<WORDS> {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        self.with(other, |one, other| one & other)
    }
}

impl<const WORDS: usize> std::ops::BitOr for Table<WORDS> {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.with(other, |one, other| one | other)
    }
}

impl<const WORDS: usize> std::ops::Not for Table<WORDS> {
    type Output = Self;

    fn not(self) -> Self {
        Self(self.0.map(|word| !word))
    }
}

/// Who controls what in one state of at most ten accounts.
pub type Control = Tables<WORDS_MAX>;

/// Who controls what in one state: a table for every account.
#[derive(Clone, Copy, Debug)]
pub struct Tables<const WORDS: usize> {
    tables: [Table<WORDS>; KEYS_MAX],
}

/// When control is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// A plain transfer, in the present state.
    Now,
    /// After any chain of modifications (the closed form; `explore` checks it on few accounts).
    Eventually,
}

impl<const WORDS: usize> Tables<WORDS> {
    /// Of `accounts` accounts, without a loop; at most as many as the tables have keys, others are left out.
    #[must_use]
    pub fn new<V: View>(protocol: &Protocol, view: &V, accounts: usize, when: When) -> Self {
        let mut control = Self { tables: [Table::NONE; KEYS_MAX] };
        let mut known = 0;
        for account in 0..accounts.min(Table::<WORDS>::KEYS) {
            control.settle(protocol, view, account, when, &mut known);
        }
        control
    }

    fn settle<V: View>(
        &mut self,
        protocol: &Protocol,
        view: &V,
        account: usize,
        when: When,
        known: &mut u16,
    ) {
        if *known >> account & 1 == 1 {
            return;
        }
        *known |= 1 << account;
        let id = AccountId(account as u32);
        let mut table = Table::key(account);
        if view.is_multisig(id) {
            for below in view.cosignatories(id) {
                self.settle(protocol, view, below.index(), when, known);
            }
            let (minima, count) = (view.minima(id), view.cosignatory_count(id));
            let needed = match when {
                When::Now => protocol.approval_threshold(minima.approval, count),
                When::Eventually => {
                    protocol.eventual_threshold(minima.approval, minima.removal, count)
                }
            };
            table = Table::at_least(needed, view.cosignatories(id).map(|below| self.of(below)));
        }
        if let Some(slot) = self.tables.get_mut(account) {
            *slot = table;
        }
    }

    /// Which keys control an account.
    #[must_use]
    pub fn of(&self, account: AccountId) -> Table<WORDS> {
        self.tables.get(account.index()).copied().unwrap_or(Table::NONE)
    }
}

/// The multisig accounts, each a bit, for which a hazard of one state is reachable. For [`Hazard::LockedAlive`]
/// and [`Hazard::OverCap`] those whose smallest quorum exceeds the cap: which of the two it is depends
/// on what can be reached from here.
#[must_use]
pub fn affected<V: View>(protocol: &Protocol, view: &V, accounts: usize, hazard: Hazard) -> u16 {
    match accounts <= KEYS_FEW {
        true => affected_in::<V, WORDS_FEW>(protocol, view, accounts, hazard),
        false => affected_in::<V, WORDS_MAX>(protocol, view, accounts, hazard),
    }
}

fn affected_in<V: View, const WORDS: usize>(
    protocol: &Protocol,
    view: &V,
    accounts: usize,
    hazard: Hazard,
) -> u16 {
    let control = |when| Tables::<WORDS>::new(protocol, view, accounts, when);
    let multisigs = (0..accounts.min(KEYS_MAX) as u32).map(AccountId);
    let multisigs = multisigs.filter(|&account| view.is_multisig(account));
    let now = control(When::Now);
    let set = |judge: &dyn Fn(AccountId) -> bool| {
        multisigs.clone().filter(|&account| judge(account)).fold(0, |set, x| set | 1 << x.0)
    };
    match hazard {
        Hazard::LockedAlive | Hazard::OverCap => {
            let cap = protocol.limits.max_cosignatures_per_aggregate;
            set(&|account| now.of(account).fewest().is_none_or(|fewest| fewest > cap))
        }
        Hazard::Takeover(keys) => {
            let eventually = control(When::Eventually);
            set(&|account| {
                let fewest = (now.of(account).fewest(), eventually.of(account).fewest());
                let (Some(before), Some(after)) = fewest else { return false };
                after < before && keys.is_none_or(|keys| after <= keys)
            })
        }
        Hazard::Lockout(keys) => {
            let eventually = control(When::Eventually);
            set(&|account| locked_by(eventually.of(account), accounts, keys))
        }
        Hazard::DeadLevel => set(&|account| {
            let minimal = now.of(account).minimal();
            let mut below = view.cosignatories(account);
            below.any(|cosignatory| (minimal & now.of(cosignatory)).is_never())
        }),
    }
}

/// Whether some `lost` of the keys of `accounts` accounts leave too few.
fn locked_by<const WORDS: usize>(table: Table<WORDS>, accounts: usize, lost: u32) -> bool {
    let all = (1u32 << accounts.min(KEYS_MAX)) - 1;
    let lost = lost.min(accounts as u32);
    (0..=all)
        .filter(|left| left.count_ones() + lost == all.count_ones())
        .any(|left| !table.holds(left as u16))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Entry, Genesis, Ledger, Minima};
    use crate::protocol::Base;

    const A: u32 = 5;

    fn ledger(base: Base, entries: &[(u32, (u32, u32), &[u32])]) -> Ledger {
        let mut genesis = Genesis::of_accounts(6);
        for &(account, (approval, removal), below) in entries {
            genesis.entries.push(Entry {
                account: AccountId(account),
                minima: Minima { approval, removal },
                cosignatories: below.iter().map(|&below| AccountId(below)).collect(),
            });
        }
        Ledger::from_genesis(Protocol::of_base(base), &genesis).unwrap()
    }

    fn found(base: Base, hazard: &str, entries: &[(u32, (u32, u32), &[u32])]) -> u16 {
        let ledger = ledger(base, entries);
        let (hazard, links) = (hazard.parse().unwrap(), ledger.state().links());
        let set = affected(ledger.protocol(), links, 6, hazard);
        let wide = affected_in::<_, WORDS_MAX>(ledger.protocol(), links, 6, hazard);
        assert_eq!(set, wide, "tables of both sizes agree");
        set
    }

    #[test]
    fn control_now_is_what_the_ledger_approves() {
        let nested: &[(u32, (u32, u32), &[u32])] =
            &[(A, (2, 1), &[0, 3, 4]), (4, (2, 2), &[0, 1]), (3, (1, 2), &[1, 2])];
        for (base, entries) in [
            (Base::Symbol, nested),
            (Base::Nis1, &[(A, (0, 0), &[0, 1, 2])]),
            (Base::Nis1, &[(A, (2, 0), &[0, 1, 2])]),
        ] {
            let mut ledger = ledger(base, entries);
            let protocol = ledger.protocol().clone();
            let control = Control::new(&protocol, ledger.state().links(), 6, When::Now);
            for keys in 0..64 {
                let signers: Vec<_> =
                    (0..6).filter(|i| keys >> i & 1 == 1).map(AccountId).collect();
                let expected = ledger.approves(AccountId(A), &signers);
                assert_eq!(control.of(AccountId(A)).holds(keys), expected, "{base:?} {keys:b}");
            }
        }
    }

    #[test]
    fn a_low_removal_threshold_is_a_takeover() {
        assert_eq!(found(Base::Symbol, "takeover", &[(A, (2, 1), &[0, 1, 2])]), 1 << A);
        assert_eq!(found(Base::Symbol, "takeover:1", &[(A, (3, 2), &[0, 1, 2])]), 0);
        assert_eq!(found(Base::Symbol, "takeover:2", &[(A, (3, 2), &[0, 1, 2])]), 1 << A);
        assert_eq!(found(Base::Symbol, "takeover", &[(A, (2, 3), &[0, 1, 2])]), 0);
        assert_eq!(found(Base::Nis1, "takeover", &[(A, (2, 0), &[0, 1])]), 1 << A);
        assert_eq!(found(Base::Nis1, "takeover", &[(A, (2, 0), &[0, 1, 2])]), 0);
    }

    #[test]
    fn lost_keys_lock_what_their_removal_cannot_mend() {
        let three: &[(u32, (u32, u32), &[u32])] = &[(A, (3, 2), &[0, 1, 2])];
        assert_eq!(found(Base::Symbol, "lockout:1", three), 0);
        assert_eq!(found(Base::Symbol, "lockout:2", three), 1 << A);
        assert_eq!(found(Base::Symbol, "lockout:1", &[(A, (3, 3), &[0, 1, 2])]), 1 << A);
    }

    #[test]
    fn a_vote_that_another_always_makes_superfluous_is_dead() {
        let dead: &[(u32, (u32, u32), &[u32])] = &[(A, (1, 1), &[0, 4]), (4, (2, 2), &[0, 1])];
        assert_eq!(found(Base::Symbol, "dead-level", dead), 1 << A);
        let alive: &[(u32, (u32, u32), &[u32])] = &[(A, (1, 1), &[0, 4]), (4, (1, 2), &[0, 1])];
        assert_eq!(found(Base::Symbol, "dead-level", alive), 0);
    }

    #[test]
    fn tables_know_their_smallest_sets() {
        let keys: [Table; 3] = [0, 6, 9].map(Table::key);
        let two = Table::at_least(2, keys.into_iter());
        assert_eq!(two.fewest(), Some(2));
        let sets: Vec<u16> = (0..1 << KEYS_MAX).filter(|&set| two.minimal().holds(set)).collect();
        assert_eq!(sets, [0b00_0100_0001, 0b10_0000_0001, 0b10_0100_0000]);
        assert_eq!(Table::at_least(4, keys.into_iter()).fewest(), None);
    }

    /// Structures of two levels over all accounts but the first two, so that the highest keys are asked for.
    #[test]
    fn tables_of_both_sizes_give_the_same_answers_for_any_number_of_accounts() {
        let words = ["over-cap", "takeover", "takeover:2", "lockout:1", "lockout:3", "dead-level"];
        let mut noise = 0x0123_4567_89ab_cdef_u64;
        let mut below = |most: u64| {
            noise = noise.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17);
            noise % most
        };
        let mut hurt = [0; KEYS_MAX + 1];
        for accounts in (3..=KEYS_MAX).cycle().take(800) {
            let mut genesis = Genesis::of_accounts(accounts);
            for account in [0, 1] {
                let few = below(4);
                let keys = (account + 1..accounts as u32).filter(|_| below(5) > few);
                let cosignatories: Vec<AccountId> = keys.map(AccountId).collect();
                let count = cosignatories.len() as u64;
                if count > 0 {
                    let [approval, removal] = [(); 2].map(|()| 1 + below(count) as u32);
                    let (account, minima) = (AccountId(account), Minima { approval, removal });
                    genesis.entries.push(Entry { account, minima, cosignatories });
                }
            }
            let mut protocol = Protocol::of_base(Base::Symbol);
            protocol.limits.max_cosignatures_per_aggregate = 3;
            let ledger = Ledger::from_genesis(protocol.clone(), &genesis).unwrap();
            let links = ledger.state().links();
            for word in words {
                let hazard = word.parse().unwrap();
                let found = affected(&protocol, links, accounts, hazard);
                let wide = affected_in::<_, WORDS_MAX>(&protocol, links, accounts, hazard);
                assert_eq!(found, wide, "{accounts} accounts: {word}, {genesis:?}");
                hurt[accounts] += u32::from(found != 0);
            }
        }
        assert!(hurt[3..].iter().all(|&hurt| hurt > 20), "{hurt:?}");
    }

    #[test]
    fn a_misspelt_hazard_is_refused() {
        for word in ["lockout", "takeover:0", "takeover:x", "over-cap:2", "deadlevel"] {
            assert_eq!(word.parse::<Hazard>(), Err(UnknownHazard(word.to_owned())));
        }
        for word in
            ["locked-alive", "over-cap", "takeover", "takeover:2", "lockout:1", "dead-level"]
        {
            assert_eq!(word.parse::<Hazard>().unwrap().to_string(), word);
        }
    }
}
