//! Which sets of keys spend in one state of an account and not in another.
//!
//! A set that spends in every state of one list and in none of another is minimal if no key can be
//! left out; more keys spend wherever fewer do, so a minimal one is a minimal set of the first list.
//! Keys with the same place in all states are interchangeable: only their number matters.

use std::collections::{BTreeMap, HashSet};

use super::allowance::Allowance;
use super::subject::Subject;
use crate::account::AccountId;
use crate::analysis::{
    Answers, Budget, GroupAnswers, Options, Power, SETS_MAX, Structure, View, answers, can_spend,
    group_answers, minimal_quorums, sets_by_number,
};

/// Most minimal sets that are looked at one by one.
pub const LISTED_MAX: usize = 20_000;
/// Most combinations of numbers of interchangeable keys that are tried.
const COMBINATIONS_MAX: usize = 50_000;
/// One account in one state.
pub struct State {
    /// The answers about it.
    pub answers: Answers,
    structure: Structure,
    target: AccountId,
    budget: Budget,
}

/// The minimal sets of keys that were found, and whether they are all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coalitions {
    /// The sets, by size and then by names; the first of them where they are many.
    pub sets: Vec<Vec<String>>,
    /// How many there are; more than listed where they are many.
    pub count: usize,
    /// How many minimal sets were looked at, where that was not all of them.
    pub looked_at: Option<usize>,
}

impl State {
    /// The state of `name` in a subject. An account that it does not list is a plain one: its own key
    /// spends.
    pub fn new(subject: &Subject, known: &Structure, name: &str, options: &Options) -> Self {
        let mut structure = known.clone();
        if structure.target(name).is_none() {
            let lone = Subject {
                target: Some(name.to_owned()),
                lost: subject.lost.clone(),
                ..Subject::new(subject.protocol.clone(), Vec::new())
            };
            structure = lone.structure().unwrap_or(structure);
        }
        let target = structure.target(name).unwrap_or_default();
        let answers = answers(&structure, target, &subject.odds, options);
        Self { answers, structure, target, budget: options.budget }
    }

    /// The same for this part of the work and time that are left.
    pub fn within(
        allowance: &Allowance,
        part: Option<f64>,
        (subject, known, name): (&Subject, &Structure, &str),
    ) -> Self {
        let options = Options { list_max: LISTED_MAX, digest_max: 0, ..allowance.options(part) };
        let state = Self::new(subject, known, name, &options);
        allowance.add(part, state.answers.work);
        state
    }

    /// The answers over groups of keys; `None` where the subject has no group of them.
    pub fn groups(&self, subject: &Subject, options: &Options) -> Option<GroupAnswers> {
        let (groups, odds) = (&subject.groups, &subject.odds);
        group_answers(&self.structure, self.target, groups, odds, &self.answers, options)
    }

    /// What its keys can do in this view.
    pub const fn power(&self, view: View) -> &Power {
        match view {
            View::Now => &self.answers.now,
            View::Eventually => &self.answers.eventually,
        }
    }

    fn spends(&self, keys: &[String], view: View) -> bool {
        let ids: Vec<AccountId> =
            keys.iter().filter_map(|key| self.structure.target(key)).collect();
        can_spend(&self.structure, self.target, &ids, view)
    }

    fn keys(&self) -> impl Iterator<Item = String> + '_ {
        let below = self.structure.below(self.target).into_iter();
        let keys = below.filter(|&account| self.structure.is_key(account));
        keys.map(|key| self.structure.name(key).to_owned())
    }

    /// Where a key stands: whether it is lost, and which accounts it signs for.
    fn place(&self, key: &str) -> Option<(bool, Vec<AccountId>)> {
        let below = self.structure.below(self.target);
        let id = self.structure.target(key).filter(|id| below.contains(id))?;
        let signs = |account: &AccountId| self.structure.cosignatories(*account).contains(&id);
        let mut parents: Vec<AccountId> = below.iter().copied().filter(signs).collect();
        if !self.structure.is_key(id) || id == self.target {
            // an account is like no other
            parents.push(id);
        }
        Some((self.structure.is_lost(id), parents))
    }
}

/// The minimal sets of keys that spend in all of `with` and in none of `without`.
pub fn coalitions(with: &[&State], without: &[&State], view: View) -> Coalitions {
    if let [only] = with
        && let Some(sets) = &only.power(view).spend.sets
    {
        let new = |set: &&Vec<String>| !without.iter().any(|state| state.spends(set, view));
        return Coalitions::of(sets.iter().filter(new).cloned().collect(), None);
    }
    let question = Question { with, without, view };
    let classes = question.classes();
    let combinations = classes.iter().try_fold(1_usize, |all, class| {
        all.checked_mul(class.len() + 1).filter(|&all| all <= COMBINATIONS_MAX)
    });
    match combinations {
        Some(_) => question.by_number(&classes),
        None => question.sampled(),
    }
}

struct Question<'a> {
    with: &'a [&'a State],
    without: &'a [&'a State],
    view: View,
}

impl Question<'_> {
    fn all(&self) -> impl Iterator<Item = &State> {
        self.with.iter().chain(self.without).copied()
    }

    fn spends(&self, keys: &[String]) -> bool {
        self.with.iter().all(|state| state.spends(keys, self.view))
    }

    fn holds(&self, keys: &[String]) -> bool {
        self.spends(keys) && !self.without.iter().any(|state| state.spends(keys, self.view))
    }

    /// The keys, those with the same place in every state together.
    fn classes(&self) -> Vec<Vec<String>> {
        let mut keys: Vec<String> = self.all().flat_map(State::keys).collect();
        keys.sort();
        keys.dedup();
        let mut classes: BTreeMap<Vec<_>, Vec<String>> = BTreeMap::new();
        for key in keys {
            let places = self.all().map(|state| state.place(&key)).collect();
            classes.entry(places).or_default().push(key);
        }
        classes.into_values().collect()
    }

    /// Tries so many of each class.
    fn by_number(&self, classes: &[Vec<String>]) -> Coalitions {
        let set = |numbers: &[usize]| -> Vec<String> {
            let some = classes.iter().zip(numbers);
            some.flat_map(|(class, &number)| class.iter().take(number).cloned()).collect()
        };
        let excluded = |numbers: &[usize]| {
            let set = set(numbers);
            self.without.iter().any(|state| state.spends(&set, self.view))
        };
        let (sets, count) = sets_by_number(classes, |numbers| self.spends(&set(numbers)), excluded);
        Coalitions { count, ..Coalitions::of(sets, None) }
    }

    /// Looks at some sets only: the first that spend, or what is left after the losses that lock.
    fn sampled(&self) -> Coalitions {
        if let [only] = self.with {
            let list =
                minimal_quorums(&only.structure, only.target, self.view, LISTED_MAX, &only.budget);
            let list = list.sets.unwrap_or_default();
            let fewest = only.power(self.view).spend.fewest.keys.clone();
            let mut sets = if list.is_empty() { vec![fewest] } else { list };
            let looked_at = Some(sets.len());
            sets.retain(|set| self.holds(set));
            return Coalitions::of(sets, looked_at);
        }
        let mut keys: Vec<String> = self.all().flat_map(State::keys).collect();
        keys.sort();
        keys.dedup();
        let (mut looked_at, mut whole, mut found) = (0, true, Vec::new());
        for state in self.without {
            let lock = &state.power(self.view).lock;
            let fewest = std::slice::from_ref(&lock.fewest.keys);
            whole &= lock.sets.is_some();
            let losses = lock.sets.as_deref().unwrap_or(fewest);
            looked_at += losses.len();
            let left = losses.iter().map(|lost| {
                let lost: HashSet<&String> = lost.iter().collect();
                keys.iter().filter(|key| !lost.contains(key)).cloned().collect::<Vec<String>>()
            });
            found.extend(left.filter(|left| self.holds(left)).map(|left| self.smaller(left)));
        }
        // every set that is locked out lies in what one of the minimal losses leaves
        let none = whole && found.is_empty();
        Coalitions::of(found, (!none).then_some(looked_at))
    }

    /// Leaves out keys as long as the rest still spends where it must.
    fn smaller(&self, mut keys: Vec<String>) -> Vec<String> {
        for at in (0..keys.len()).rev() {
            let key = keys.remove(at);
            if !self.spends(&keys) {
                keys.insert(at, key);
            }
        }
        keys
    }
}

impl Coalitions {
    fn of(mut sets: Vec<Vec<String>>, looked_at: Option<usize>) -> Self {
        sets.iter_mut().for_each(|set| set.sort());
        sets.sort_by(|one, other| one.len().cmp(&other.len()).then_with(|| one.cmp(other)));
        sets.dedup();
        let count = sets.len();
        sets.truncate(SETS_MAX);
        Self { sets, count, looked_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Protocol;

    type Entry<'a> = (&'a str, u32, u32, &'a [&'a str]);

    fn state(entries: &[Entry<'_>], lost: &[&str]) -> State {
        let account = |&(name, approval, removal, below): &Entry<'_>| {
            let below = below.iter().map(|&key| key.to_owned()).collect();
            (name.to_owned(), approval, removal, below)
        };
        let symbol = Protocol::preset("symbol-mainnet").unwrap();
        let mut subject = Subject::new(symbol, entries.iter().map(account).collect());
        subject.lost = lost.iter().map(|&key| key.to_owned()).collect();
        let structure = subject.structure().unwrap();
        let options = Options { list_max: LISTED_MAX, digest_max: 0, ..Options::default() };
        State::new(&subject, &structure, "x", &options)
    }

    /// All minimal sets by trying every set of keys.
    fn tried(with: &[&State], without: &[&State], view: View) -> Vec<Vec<String>> {
        let question = Question { with, without, view };
        let keys: Vec<String> = question.classes().concat();
        let set = |bits: u32| -> Vec<String> {
            let some = keys.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1);
            some.map(|(_, key)| key.clone()).collect()
        };
        let good: Vec<u32> =
            (0..1 << keys.len()).filter(|&bits| question.holds(&set(bits))).collect();
        let least = |&&bits: &&u32| !good.iter().any(|&one| one != bits && one & bits == one);
        Coalitions::of(good.iter().filter(least).map(|&bits| set(bits)).collect(), None).sets
    }

    #[test]
    fn every_way_of_looking_finds_what_trying_every_set_finds() {
        let old = state(&[("x", 3, 3, &["a", "b", "c", "d", "e"])], &[]);
        let new = state(&[("x", 3, 2, &["a", "b", "c", "f", "g"])], &[]);
        let more = state(&[("x", 3, 3, &["a", "b", "c", "d", "e", "f", "g"])], &[]);
        let less = state(&[("x", 3, 3, &["a", "b", "c"])], &[]);
        let deep = state(&[("x", 2, 1, &["y", "a", "f"]), ("y", 2, 2, &["b", "c", "d"])], &["d"]);
        let plain = state(&[], &[]);
        let all = [&old, &new, &more, &less, &deep, &plain];
        for view in [View::Now, View::Eventually] {
            for one in all {
                for other in all {
                    for third in [&new, &deep] {
                        let lists: [(&[&State], &[&State]); 2] =
                            [(&[one], &[other, third]), (&[other, third], &[one])];
                        for (with, without) in lists {
                            let truth = tried(with, without, view);
                            let found = coalitions(with, without, view);
                            assert_eq!((&found.sets, found.looked_at), (&truth, None));
                            assert_eq!(found.count, truth.len());
                            let question = Question { with, without, view };
                            assert_eq!(question.by_number(&question.classes()).sets, truth);
                            let some = question.sampled();
                            assert!(some.sets.iter().all(|set| truth.contains(set)));
                            assert_eq!(some.sets.is_empty(), truth.is_empty());
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn far_more_sets_than_can_be_listed_are_counted_by_their_places() {
        let keys: Vec<String> = (0..25).map(|at| format!("k{at:02}")).collect();
        let names: Vec<&str> = keys.iter().map(String::as_str).collect();
        let other = [&names[..24], &["new"]].concat();
        let between = [&names[..], &["new"]].concat();
        let [old, new, between] =
            [&names[..], &other, &between].map(|keys| state(&[("x", 13, 13, keys)], &[]));
        assert!(between.answers.now.spend.sets.is_none(), "too many to list");
        let found = coalitions(&[&between], &[&old, &new], View::Now);
        // with both the old and the new key, eleven of the others
        assert_eq!((found.count, found.looked_at), (2_496_144, None));
        assert!(found.sets[0].contains(&"k24".to_owned()) && found.sets[0].contains(&"new".into()));
        assert!(found.sets.len() <= SETS_MAX);
        assert!(coalitions(&[&old, &new], &[&between], View::Now).sets.is_empty());
    }
}
