//! All answers about one account.

mod figures;
mod one_side;

pub use figures::{
    BySide, Certificate, Count, Figures, GroupFigures, Interval, Number, PowerFigures, Probability,
    ReplacementFigures, ViewFigures,
};
pub(super) use one_side::likelihood_of;
pub use one_side::{fewest_keys, signers};

use std::collections::BTreeMap;

use num_bigint::BigUint;

use super::Budget;
use super::budget::{Work, both};
use super::gate;
use super::listing::{digest, minimal_sets};
use super::plan::Plan;
use super::policy::{Dense, Policy};
use super::scaled::{Chance, Scaled};
use super::sets::KeySet;
use super::signatures::{self, Cheapest};
use super::structure::{Structure, View};
use crate::account::AccountId;

/// How likely a key is lost, and how likely it is stolen; each 0 to 1, `None` = not known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Odds {
    /// The probability that nobody can sign with the key any more.
    pub loss: Option<f64>,
    /// The probability that a thief can sign with it.
    pub compromise: Option<f64>,
}

/// The parts of the work left for what is done first: making the methods ready that are made soon, the
/// fewest keys, the count of minimal sets and their list, and where probabilities are asked for, large
/// diagrams. Probabilities have the rest.
const PLAN_PART: f64 = 0.05;
const FEWEST_PART: f64 = 0.9;
const COUNT_PART: f64 = 0.3;
const LIST_PART: f64 = 0.4;
const DIAGRAM_PART: f64 = 0.85;

/// What to answer, and how much it may cost.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Lists of more sets than this are left out; their count is not.
    pub list_max: usize,
    /// The digest of a list of more sets than this is left out.
    pub digest_max: usize,
    /// The bounds on work.
    pub budget: Budget,
}

impl Default for Options {
    fn default() -> Self {
        Self { list_max: 2_000, digest_max: 200_000, budget: Budget::default() }
    }
}

/// The fewest keys that do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fewest {
    /// Keys that do it, in the order of their names: the certificate that so many are enough.
    pub keys: Vec<String>,
    /// It is proved that fewer than this do not; equal to the number of keys unless the budget ended.
    pub lower: usize,
}

impl Fewest {
    /// The number of keys, if it is proved to be the least.
    #[must_use]
    pub fn exact(&self) -> Option<usize> {
        (self.lower == self.keys.len()).then_some(self.lower)
    }

    /// What the least number lies between, both ends included.
    #[must_use]
    pub fn bounds(&self) -> (usize, usize) {
        (self.lower, self.keys.len())
    }

    /// Whether the least number is at most so many; `None` where the bounds do not decide that.
    #[must_use]
    pub fn fits(&self, most: usize) -> Option<bool> {
        let (lower, upper) = self.bounds();
        if upper <= most { Some(true) } else { (lower > most).then_some(false) }
    }
}

/// A probability between two bounds; equal where it is exact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likelihood {
    /// The true value is not below this.
    pub low: Scaled,
    /// The true value is not above this.
    pub high: Scaled,
}

impl Likelihood {
    /// Between these; what rounding carried beyond 1 is 1.
    fn between(low: Scaled, high: Scaled) -> Self {
        let cap = |value: Scaled| if value > Scaled::ONE { Scaled::ONE } else { value };
        Self { low: cap(low), high: cap(high) }
    }

    /// The value, where it is exact.
    #[must_use]
    pub fn exact(self) -> Option<Scaled> {
        (self.low == self.high).then_some(self.low)
    }
}

/// What one key does to a probability.
#[derive(Clone, Debug, PartialEq)]
pub struct Importance {
    /// The key.
    pub key: String,
    /// How much less likely it all would be if this key alone were beyond loss (theft).
    pub gain: Scaled,
    /// Birnbaum: the probability with the key surely lost (stolen) less that with it surely safe.
    pub birnbaum: Scaled,
    /// Fussell-Vesely: the probability that a minimal set with the key is complete, divided by the
    /// total; `None` where the total is 0, or the method that had to be used does not tell.
    pub fussell_vesely: Option<Scaled>,
}

/// One side of an account in one view: the sets of keys that spend, or whose loss locks.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    /// How many minimal sets there are; `None` where counting did not end within the budget.
    pub count: Option<BigUint>,
    /// The minimal sets, sorted by size and then by names; `None` where they are too many to list.
    pub sets: Option<Vec<Vec<String>>>,
    /// SHA-256 of the list, names joined by `,` and sets by a line feed; `None` where too many.
    pub sha256: Option<String>,
    /// Whether the list, or its digest, is missing because the budget ended, not because of its length.
    pub unlisted: bool,
    /// The fewest keys.
    pub fewest: Fewest,
    /// Keys that do it alone.
    pub singles: Vec<String>,
    /// The probability that it happens; `None` where a key's probability is not known.
    pub likelihood: Option<Likelihood>,
    /// What each key does to the probability, by name; empty where it is not exact.
    pub importance: Vec<Importance>,
}

/// Both sides of an account in one view.
#[derive(Clone, Debug, PartialEq)]
pub struct Power {
    /// Whether the keys that are left do not spend, all together; then no set of keys does, and what
    /// could still be lost locks nothing more.
    pub locked: bool,
    /// The sets of keys that spend; its probability is that of theft.
    pub spend: Side,
    /// The sets of keys whose loss locks; its probability is that of lockout.
    pub lock: Side,
    /// The fewest keys that spend once all others are lost.
    pub left: Fewest,
}

/// What replacing one key by one that is neither lost nor stolen is worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Replacement {
    /// The key.
    pub key: String,
    /// How much less likely lockout becomes.
    pub lockout: Scaled,
    /// How much less likely theft becomes.
    pub theft: Scaled,
}

impl Power {
    /// Which key to replace first: all keys, by what their replacement takes away from lockout and
    /// theft together, the most first. Empty where the importances are not known.
    #[must_use]
    pub fn replacements(&self) -> Vec<Replacement> {
        let gain = |side: &Side, place: usize| {
            side.importance.get(place).map_or(Scaled::ZERO, |entry| entry.gain)
        };
        let keys = [&self.lock, &self.spend].map(|side| side.importance.iter());
        let longest = keys.into_iter().max_by_key(ExactSizeIterator::len).into_iter().flatten();
        let of_key = |(place, entry): (usize, &Importance)| Replacement {
            key: entry.key.clone(),
            lockout: gain(&self.lock, place),
            theft: gain(&self.spend, place),
        };
        let mut all: Vec<Replacement> = longest.enumerate().map(of_key).collect();
        let total = |one: &Replacement| one.lockout.plus(one.theft);
        // stable: equal ones stay in the order of their names
        all.sort_by(|one, other| {
            total(other).partial_cmp(&total(one)).unwrap_or(std::cmp::Ordering::Equal)
        });
        all
    }
}

/// Everything this room tells about one account.
#[derive(Clone, Debug, PartialEq)]
pub struct Answers {
    /// How many keys lie below the account, lost ones not counted.
    pub keys: usize,
    /// By one transaction, thresholds as they are.
    pub now: Power,
    /// By any chain of transactions.
    pub eventually: Power,
    /// How many units of work of the budget it took, the more of both views.
    pub work: u64,
}

/// The answers about `target`; `odds` by the names of the keys.
#[must_use]
pub fn answers(
    structure: &Structure,
    target: AccountId,
    odds: &BTreeMap<String, Odds>,
    options: &Options,
) -> Answers {
    let (policy, keys) = Policy::of(structure, target, View::Now);
    let (eventual, eventual_keys) = Policy::of(structure, target, View::Eventually);
    let power = |policy: Policy, keys: &[AccountId]| {
        let names: Vec<&str> = keys.iter().map(|&key| structure.name(key)).collect();
        let asked = Asked {
            compromise: chances(&names, odds, |odds| odds.compromise),
            loss: chances(&names, odds, |odds| odds.loss),
            names,
            options,
        };
        let work = Work::new(options.budget);
        (asked.power(policy, &work), work.used())
    };
    let same = eventual == policy && eventual_keys == keys;
    let other = || (!same).then(|| power(eventual, &eventual_keys));
    let ((now, work), eventually) = rayon::join(|| power(policy, &keys), other);
    let (eventually, more) = eventually.unwrap_or_else(|| (now.clone(), 0));
    let left = |&account: &AccountId| structure.is_key(account) && !structure.is_lost(account);
    let keys = structure.below(target).into_iter().filter(left).count();
    Answers { keys, now, eventually, work: work.max(more) }
}

/// The chance of each key; `None` if one is not known.
fn chances(
    names: &[&str],
    odds: &BTreeMap<String, Odds>,
    of: impl Fn(&Odds) -> Option<f64>,
) -> Option<Vec<Chance>> {
    names.iter().map(|&name| odds.get(name).and_then(&of).map(Chance::new)).collect()
}

/// What both sides and views share.
struct Asked<'a> {
    names: Vec<&'a str>,
    loss: Option<Vec<Chance>>,
    compromise: Option<Vec<Chance>>,
    options: &'a Options,
}

/// The minimal sets of one side, as far as they are wanted.
#[derive(Clone)]
struct Sets {
    count: Option<BigUint>,
    list: Option<Vec<Vec<String>>>,
    sha256: Option<String>,
    unlisted: bool,
}

impl Asked<'_> {
    fn power(&self, policy: Policy, work: &Work) -> Power {
        if policy.nodes() == 0 {
            return self.locked(work);
        }
        let mut plan = work.part(PLAN_PART, |work| Plan::new(policy, work));
        let dual = |plan: &Plan| (plan.policy.dual() != plan.policy).then(|| plan.dual());
        // a majority at every level is its own dual
        let mut other = dual(&plan);
        let (fewest, losses) =
            self.both((&plan, other.as_ref()), work, FEWEST_PART, signatures::fewest);
        // for the fewest keys and counts alone only small diagrams are of use
        let asks = self.loss.is_some() || self.compromise.is_some();
        if asks && work.part(DIAGRAM_PART, |work| plan.prepare(work)) {
            other = dual(&plan);
        }
        let sets = |plan: &Plan, work: &Work| self.sets(plan, work);
        let (spending, locking) = self.both((&plan, other.as_ref()), work, LIST_PART, sets);
        let dual = other.as_ref().unwrap_or(&plan);
        let (spend, lock) = both(
            work,
            1.0,
            |work| {
                let chances = self.compromise.as_deref();
                self.side(&plan, spending, (&fewest, &losses), chances, work)
            },
            |work| self.side(dual, locking, (&losses, &fewest), self.loss.as_deref(), work),
        );
        Power { locked: false, left: spend.fewest.clone(), spend, lock }
    }

    /// The same of a plan and of its dual, where that is another.
    fn both<T: Clone + Send>(
        &self,
        (plan, dual): (&Plan, Option<&Plan>),
        work: &Work,
        part: f64,
        of: impl Fn(&Plan, &Work) -> T + Sync,
    ) -> (T, T) {
        match dual {
            Some(dual) => both(work, part, |work| of(plan, work), |work| of(dual, work)),
            None => {
                let found = work.part(part, |work| of(plan, work));
                (found.clone(), found)
            }
        }
    }

    /// Of an account that the keys left do not control: no set spends, the empty one locks.
    fn locked(&self, work: &Work) -> Power {
        let side = |sets: Vec<Vec<String>>, value: Scaled, known: bool| Side {
            count: Some(BigUint::from(sets.len())),
            sha256: digest(&[], &[], work),
            unlisted: false,
            sets: Some(sets),
            fewest: Fewest { keys: Vec::new(), lower: 0 },
            singles: Vec::new(),
            likelihood: known.then_some(Likelihood { low: value, high: value }),
            importance: Vec::new(),
        };
        Power {
            locked: true,
            left: Fewest { keys: Vec::new(), lower: 0 },
            spend: side(Vec::new(), Scaled::ZERO, self.compromise.is_some()),
            lock: side(vec![Vec::new()], Scaled::ONE, self.loss.is_some()),
        }
    }

    fn sets(&self, plan: &Plan, work: &Work) -> Sets {
        let count = work.part(COUNT_PART, |work| plan.count(work));
        let fits = |most: usize| count.as_ref().is_some_and(|count| *count <= BigUint::from(most));
        let (lists, digests) = (fits(self.options.list_max), fits(self.options.digest_max));
        let most = if digests { self.options.digest_max } else { self.options.list_max };
        let all = if lists || digests { minimal_sets(plan, most, work) } else { None };
        let hashed = all.as_ref().filter(|_| digests);
        let sha256 = hashed.and_then(|sets| digest(sets, &self.names, work));
        Sets {
            list: all.as_ref().filter(|_| lists).map(|sets| self.named_sets(sets)),
            unlisted: (all.is_none() && (lists || digests)) || (sha256.is_none() && digests),
            sha256,
            count,
        }
    }

    fn side(
        &self,
        plan: &Plan,
        sets: Sets,
        (fewest, against): (&Cheapest, &Cheapest),
        chances: Option<&[Chance]>,
        work: &Work,
    ) -> Side {
        let known = chances.map(|chances| self.likelihood(plan, chances, (fewest, against), work));
        let (likelihood, importance) = known.unzip();
        Side {
            count: sets.count,
            sets: sets.list,
            sha256: sets.sha256,
            unlisted: sets.unlisted,
            fewest: Fewest {
                lower: usize::try_from(fewest.lower).unwrap_or(usize::MAX),
                keys: self.named(fewest.members.iter().copied()),
            },
            singles: self.named(singles(&plan.policy)),
            likelihood,
            importance: importance.unwrap_or_default(),
        }
    }

    /// How likely a plan is true, and what each key does to that.
    fn likelihood(
        &self,
        plan: &Plan,
        chances: &[Chance],
        (fewest, against): (&Cheapest, &Cheapest),
        work: &Work,
    ) -> (Likelihood, Vec<Importance>) {
        let solved = plan.solve(chances, work);
        let importance = self.importance(solved.high, chances, &solved.birnbaum, &solved.complete);
        let (mut low, mut high) = (solved.low.yes, solved.high.yes);
        if low != high {
            let counted = by_number(chances, fewest, against, work);
            low = if low < counted.0 { counted.0 } else { low };
            high = if counted.1 < high { counted.1 } else { high };
        }
        (Likelihood::between(low, high), importance)
    }

    fn named(&self, keys: impl IntoIterator<Item = usize>) -> Vec<String> {
        let name = |key: usize| self.names.get(key).copied().unwrap_or("").to_owned();
        keys.into_iter().map(name).collect()
    }

    fn named_sets(&self, sets: &[KeySet]) -> Vec<Vec<String>> {
        sets.iter().map(|set| self.named(set.members())).collect()
    }

    fn importance(
        &self,
        total: Chance,
        chances: &[Chance],
        birnbaum: &Option<Dense<Scaled>>,
        complete: &Option<Dense<Scaled>>,
    ) -> Vec<Importance> {
        let Some(birnbaum) = birnbaum else { return Vec::new() };
        let share = |(place, chance): (usize, &Chance)| {
            complete.as_ref().and_then(|all| all[place].times(chance.yes).over(total.yes))
        };
        let shares = chances.iter().enumerate().map(share);
        let values = self.names.iter().zip(birnbaum.iter()).zip(shares).zip(chances);
        let importance = values.map(|(((&key, &birnbaum), fussell_vesely), chance)| Importance {
            key: key.to_owned(),
            gain: birnbaum.times(chance.yes),
            birnbaum,
            fussell_vesely,
        });
        importance.collect()
    }
}

/// Most units of work for a number that is asked for even when it is late.
const LATE_WORK: u64 = 4_000_000;

/// What the numbers of keys prove about a probability. With fewer true keys than any set needs it is
/// false; with fewer false ones than it takes to make it false it is true, and so it is with all of the
/// one set that is known.
fn by_number(
    chances: &[Chance],
    fewest: &Cheapest,
    against: &Cheapest,
    work: &Work,
) -> (Scaled, Scaled) {
    let price = |number: usize| gate::at_least_price(number, chances.len());
    let at_least = |number: u64| {
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        let chance = match number {
            0 => Scaled::ONE,
            _ if number > chances.len() => Scaled::ZERO,
            _ if price(number) > LATE_WORK && work.go_on().is_none() => return None,
            _ => {
                work.add(price(number));
                gate::at_least(number, chances)
            }
        };
        Some(chance)
    };
    // rounding must not make the bounds wrong
    let (tighter, wider) = (Scaled::new(1.0 - 1e-10), Scaled::new(1.0 + 1e-10));
    let set = fewest.members.iter().filter_map(|&member| chances.get(member));
    let set = set.fold(Scaled::ONE, |all, chance| all.times(chance.yes));
    // where it is too late for a number, the set alone counts
    let most = at_least((chances.len() as u64 + 1).saturating_sub(against.lower));
    let most = most.unwrap_or(Scaled::ZERO);
    let low = if most < set { set } else { most };
    (low.times(tighter), at_least(fewest.lower).unwrap_or(Scaled::ONE).times(wider))
}

/// The variables that make the policy true alone.
fn singles(policy: &Policy) -> Vec<usize> {
    let mut singles: Dense<Vec<usize>> = (0..policy.inputs).map(|input| vec![input]).collect();
    for gate in &policy.gates {
        let below = gate.children.iter().flat_map(|&child| singles[child].iter().copied());
        let mut all: Vec<usize> = below.collect();
        all.sort_unstable();
        let enough =
            all.chunk_by(|one, other| one == other).filter(|run| run.len() >= gate.threshold);
        let list = enough.filter_map(|run| run.first().copied()).collect();
        singles.0.push(list);
    }
    singles.0.pop().unwrap_or_default()
}

#[cfg(test)]
mod tests;
