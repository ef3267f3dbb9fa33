//! Windows: what sets of keys can do between two transactions and at neither end.

use std::collections::BTreeMap;

use super::world::{Look, Row, World};
use crate::account::{AccountId, SmallSet};
use crate::analysis::{View, Work, sets_by_number};
use crate::ledger::View as _;

/// Most combinations of numbers of interchangeable keys that are tried for one account.
const COMBINATIONS_MAX: usize = 1 << 18;
/// Units of work for one combination in both views and three states.
const COMBINATION_PRICE: u64 = 600;

/// Both views.
pub const VIEWS: [View; 2] = [View::Now, View::Eventually];

/// What opens in one state for one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    pub account: AccountId,
    pub view: View,
    /// Minimal sets that spend here and at neither end, and how many there are.
    pub gain: (Vec<Vec<AccountId>>, usize),
    /// Where all keys together do not spend: the minimal sets that spend at both ends.
    pub lose: (Vec<Vec<AccountId>>, usize),
}

/// How wide the windows of a plan are; less is better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Width {
    /// In how many states an account is locked that is not at both ends.
    pub locks: usize,
    /// How many sets gain, all states together.
    pub sets: usize,
    /// In how many states something opens.
    pub states: usize,
}

impl Width {
    /// Of these openings of one state.
    pub fn of(openings: &[Opening]) -> Self {
        Self {
            locks: openings.iter().filter(|one| one.lose.1 > 0).count(),
            sets: openings.iter().fold(0, |sum, one| sum.saturating_add(one.gain.1)),
            states: usize::from(!openings.is_empty()),
        }
    }

    /// Of two parts of a plan.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            locks: self.locks.saturating_add(other.locks),
            sets: self.sets.saturating_add(other.sets),
            states: self.states.saturating_add(other.states),
        }
    }

    /// Whether nothing opens.
    pub const fn is_none(&self) -> bool {
        self.states == 0
    }
}

/// Whether these keys control an account.
pub fn spends(look: &Look<'_>, account: AccountId, keys: SmallSet, view: View) -> bool {
    let row = look.row(account);
    if row.members.is_empty() {
        return keys.contains(account);
    }
    let needed = threshold(look.world, row, view) as usize;
    let direct = row.members.and(keys);
    let mut count = direct.iter().filter(|&one| !look.is_multisig(one)).count();
    for member in row.members.iter().filter(|&one| look.is_multisig(one)) {
        if count >= needed {
            break;
        }
        count += usize::from(spends(look, member, keys, view));
    }
    count >= needed
}

fn threshold(world: &World<'_>, row: Row, view: View) -> u32 {
    let (protocol, count) = (world.protocol, row.members.len() as u32);
    match view {
        View::Now => protocol.approval_threshold(row.approval, count),
        View::Eventually => protocol.eventual_threshold(row.approval, row.removal, count),
    }
}

/// What opens in a state between the ends of a change; `None` where the keys are too many to tell.
pub fn openings(world: &World<'_>, between: &[Row], work: &Work) -> Option<Vec<Opening>> {
    let looks = [between, &world.old, &world.new].map(|rows| world.look(rows));
    let mut all = Vec::new();
    for &account in looks[0].holders() {
        if is_same(&looks, account) {
            continue;
        }
        let question = Question::new(&looks, account)?;
        work.spend((question.combinations as u64).saturating_mul(COMBINATION_PRICE))?;
        all.extend(VIEWS.into_iter().filter_map(|view| question.opening(view)));
    }
    Some(all)
}

/// Whether all below an account is in between as it is at one of the ends.
fn is_same([between, old, new]: &[Look<'_>; 3], account: AccountId) -> bool {
    let below = below(between, account);
    let like = |end: &Look<'_>| below.iter().all(|one| between.row(one) == end.row(one));
    like(old) || like(new)
}

/// An account and all below it.
fn below(look: &Look<'_>, account: AccountId) -> SmallSet {
    let (mut seen, mut open) = (SmallSet::default(), vec![account]);
    while let Some(one) = open.pop() {
        if !seen.contains(one) {
            seen = seen.with(one);
            open.extend(look.row(one).members.iter());
        }
    }
    seen
}

struct Question<'a> {
    looks: &'a [Look<'a>; 3],
    account: AccountId,
    classes: Vec<Vec<AccountId>>,
    /// Of each class the sets of its first keys, by their number.
    prefixes: Vec<Vec<SmallSet>>,
    combinations: usize,
}

impl<'a> Question<'a> {
    fn new(looks: &'a [Look<'a>; 3], account: AccountId) -> Option<Self> {
        let world = looks[0].world;
        let all = looks.iter().fold(SmallSet::default(), |all, look| all.or(below(look, account)));
        let is_key = |key: &AccountId| looks.iter().any(|look| !look.is_multisig(*key));
        let mut classes: BTreeMap<_, Vec<AccountId>> = BTreeMap::new();
        for key in all.minus(world.lost).iter().filter(is_key) {
            let place = |look: &Look<'_>| look.above(key).and(all);
            let alone = key == account || looks.iter().any(|look| look.is_multisig(key));
            let places = [place(&looks[0]), place(&looks[1]), place(&looks[2])];
            classes.entry((places, alone.then_some(key))).or_default().push(key);
        }
        let classes: Vec<Vec<AccountId>> = classes.into_values().collect();
        let combinations = classes.iter().try_fold(1_usize, |all, class| {
            all.checked_mul(class.len() + 1).filter(|&all| all <= COMBINATIONS_MAX)
        })?;
        let prefixes = classes.iter().map(|class| {
            let next = |set: &mut SmallSet, &key: &AccountId| {
                *set = set.with(key);
                Some(*set)
            };
            let longer = class.iter().scan(SmallSet::default(), next);
            std::iter::once(SmallSet::default()).chain(longer).collect()
        });
        let prefixes = prefixes.collect();
        Some(Self { looks, account, classes, prefixes, combinations })
    }

    fn set(&self, numbers: &[usize]) -> SmallSet {
        let part = |(prefixes, &number): (&Vec<SmallSet>, &usize)| prefixes.get(number).copied();
        let parts = self.prefixes.iter().zip(numbers).filter_map(part);
        parts.fold(SmallSet::default(), SmallSet::or)
    }

    fn opening(&self, view: View) -> Option<Opening> {
        let [between, old, new] = self.looks;
        let can = |look: &Look<'_>, keys: SmallSet| spends(look, self.account, keys, view);
        let ends = |keys: SmallSet| [can(old, keys), can(new, keys)];
        let gain = sets_by_number(
            &self.classes,
            |numbers| can(between, self.set(numbers)),
            |numbers| ends(self.set(numbers)).contains(&true),
        );
        let everybody = SmallSet::of(self.classes.iter().flatten().copied());
        let locked = !can(between, everybody) && ends(everybody) == [true, true];
        let lose = match locked {
            true => sets_by_number(
                &self.classes,
                |numbers| ends(self.set(numbers)) == [true, true],
                |numbers| can(between, self.set(numbers)),
            ),
            false => (Vec::new(), 0),
        };
        (gain.1 > 0 || lose.1 > 0).then_some(Opening { account: self.account, view, gain, lose })
    }
}
