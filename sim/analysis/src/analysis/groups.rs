//! Keys that are lost or stolen together count as one: a phone, a person, a place.
//!
//! A group takes the place of its keys: a key becomes an account that its groups cosign for. Where a key
//! is stolen with any of its groups, one of them is enough for it to sign; where it is lost with any of
//! them, all of them have to be left. So a structure over groups is a structure, and every method serves.

use std::collections::{BTreeMap, BTreeSet};

use super::answers::{Answers, Likelihood, Odds, Options, answers, likelihood_of};
use super::budget::Budget;
use super::structure::{Node, Structure, View};
use crate::account::AccountId;

/// Keys that are lost or stolen together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// The names of its keys.
    pub keys: Vec<String>,
}

/// What happens to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A thief can sign with it.
    Theft,
    /// Nobody can sign with it any more.
    Loss,
}

/// What is answered of one account over groups of its keys.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupAnswers {
    /// The groups that hold a key below the account, each with those of its keys, lost ones left out.
    pub groups: Vec<Group>,
    /// The keys in no group, each a group of itself.
    pub alone: Vec<String>,
    /// The keys in several groups, with their names.
    pub in_several: Vec<Group>,
    /// The answers; its keys are groups, and those that are alone.
    pub answers: Answers,
}

impl Structure {
    /// The same accounts over groups instead of keys, as far as `event` is concerned: in the answers
    /// names of groups stand for their keys. A key in no group stays, a lost one too. The keys named in
    /// `own` are lost or stolen by themselves as well. Groups have names that no account and no key has.
    #[must_use]
    pub fn over(&self, groups: &[Group], event: Event, own: &BTreeSet<String>) -> Self {
        let members = self.members(groups);
        let grouped = |id: AccountId| members.get(&id);
        let labels = self.labels(&members);
        let label =
            |id: AccountId| labels.get(&id).cloned().unwrap_or_else(|| self.name(id).into());
        let account = |id: AccountId| {
            let Some(names) = grouped(id) else {
                let below = self.cosignatories(id).iter().map(|&id| label(id)).collect();
                let thresholds = [View::Now, View::Eventually].map(|view| self.threshold(id, view));
                return Node { name: label(id), thresholds, lost: self.is_lost(id), below };
            };
            let mut below: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            below.extend(Some(self.name(id)).filter(|&name| own.contains(name)).map(str::to_owned));
            let threshold = match event {
                Event::Theft => 1,
                Event::Loss => below.len() as u32,
            };
            Node { name: label(id), thresholds: [threshold; 2], lost: false, below }
        };
        let names: BTreeSet<&str> = members.values().flatten().copied().collect();
        let own = members.keys().map(|&id| self.name(id)).filter(|&name| own.contains(name));
        let leaves = names.into_iter().chain(own).map(|name| Node {
            name: name.to_owned(),
            thresholds: [0; 2],
            lost: false,
            below: Vec::new(),
        });
        Self::of_nodes(self.accounts().map(account).chain(leaves).collect())
    }

    /// The groups of each key that is left.
    fn members<'g>(&self, groups: &'g [Group]) -> BTreeMap<AccountId, Vec<&'g str>> {
        let mut members: BTreeMap<AccountId, Vec<&str>> = BTreeMap::new();
        for group in groups {
            let keys = group.keys.iter().filter_map(|key| self.target(key));
            for key in keys.filter(|&key| self.is_key(key) && !self.is_lost(key)) {
                members.entry(key).or_default().push(&group.name);
            }
        }
        members
    }

    /// What the keys in groups are called where they are accounts: names that nothing else has.
    fn labels(&self, members: &BTreeMap<AccountId, Vec<&str>>) -> BTreeMap<AccountId, String> {
        let names: BTreeSet<&str> = members.values().flatten().copied().collect();
        let mut taken: BTreeSet<String> = BTreeSet::new();
        let label = |&id: &AccountId| {
            let mut label = format!("{}'", self.name(id));
            while names.contains(label.as_str())
                || taken.contains(&label)
                || self.target(&label).is_some()
            {
                label.push('\'');
            }
            taken.insert(label.clone());
            (id, label)
        };
        members.keys().map(label).collect()
    }

    /// The id that `target` has over groups of the keys in `groups`.
    fn target_over(&self, over: &Self, groups: &[Group], target: AccountId) -> Option<AccountId> {
        let label = self.labels(&self.members(groups)).remove(&target);
        over.target(label.as_deref().unwrap_or_else(|| self.name(target)))
    }
}

/// The answers about `target` over groups; `known` are those over keys, `odds` the probabilities of keys
/// and of groups by their names. `None` where no group holds a key below the account that is left.
///
/// A group with a probability is an event of its own, independent of all others, that takes all its keys
/// at once; beside it each key is lost (stolen) by itself with the probability of its own, or not at
/// all where it has none.
#[must_use]
pub fn group_answers(
    structure: &Structure,
    target: AccountId,
    groups: &[Group],
    odds: &BTreeMap<String, Odds>,
    known: &Answers,
    options: &Options,
) -> Option<GroupAnswers> {
    let below: BTreeSet<AccountId> = structure.below(target).into_iter().collect();
    let left =
        |id: AccountId| below.contains(&id) && structure.is_key(id) && !structure.is_lost(id);
    let is_left = |key: &String| structure.target(key).is_some_and(left);
    let groups: Vec<Group> = groups
        .iter()
        .map(|group| Group {
            keys: group.keys.iter().filter(|key| is_left(key)).cloned().collect(),
            ..group.clone()
        })
        .filter(|group| !group.keys.is_empty())
        .collect();
    if groups.is_empty() {
        return None;
    }
    let asked = Asked { structure, target, groups: &groups, odds, options };
    let members = structure.members(&groups);
    let name = |id: AccountId| structure.name(id).to_owned();
    let alone = below.iter().copied().filter(|&id| left(id) && !members.contains_key(&id));
    let several = members.iter().filter(|(_, names)| names.len() > 1);
    let in_several: Vec<Group> = several
        .map(|(&id, names)| Group {
            name: name(id),
            keys: names.iter().map(|&group| group.to_owned()).collect(),
        })
        .collect();
    let mut found = asked.answers(Event::Theft, RUNS);
    if !in_several.is_empty() {
        let losses = asked.answers(Event::Loss, RUNS - 1);
        found.work += losses.work;
        for (power, other) in
            [(&mut found.now, losses.now), (&mut found.eventually, losses.eventually)]
        {
            power.lock = other.lock;
            power.left = other.left;
        }
    }
    let sides = [
        (View::Now, Event::Theft, &mut found.now.spend, &known.now.spend),
        (View::Now, Event::Loss, &mut found.now.lock, &known.now.lock),
        (View::Eventually, Event::Theft, &mut found.eventually.spend, &known.eventually.spend),
        (View::Eventually, Event::Loss, &mut found.eventually.lock, &known.eventually.lock),
    ];
    for (runs_left, (view, event, side, keys)) in (1..=4).rev().zip(sides) {
        side.likelihood = match asked.has_odds(event) {
            false => keys.likelihood,
            true => asked.likelihood(event, view, runs_left),
        };
    }
    Some(GroupAnswers { alone: alone.map(name).collect(), in_several, answers: found, groups })
}

struct Asked<'a> {
    structure: &'a Structure,
    target: AccountId,
    groups: &'a [Group],
    odds: &'a BTreeMap<String, Odds>,
    options: &'a Options,
}

/// Most questions that share the budget: sets for theft and for loss, four probabilities.
const RUNS: u32 = 6;

impl Asked<'_> {
    /// What one question may cost, where so many are left.
    fn options(&self, runs_left: u32) -> Options {
        let budget = &self.options.budget;
        let work = budget.share(1.0 / f64::from(RUNS)).work;
        let budget = Budget { work, ..budget.part(1.0 / f64::from(runs_left)) };
        Options { budget, ..*self.options }
    }

    /// Both views without probabilities.
    fn answers(&self, event: Event, runs_left: u32) -> Answers {
        let over = self.structure.over(self.groups, event, &BTreeSet::new());
        let target = self.structure.target_over(&over, self.groups, self.target);
        answers(&over, target.unwrap_or_default(), &BTreeMap::new(), &self.options(runs_left))
    }

    fn chance(&self, name: &str, event: Event) -> Option<f64> {
        let odds = self.odds.get(name)?;
        match event {
            Event::Theft => odds.compromise,
            Event::Loss => odds.loss,
        }
    }

    /// Whether a group has a probability of this event.
    fn has_odds(&self, event: Event) -> bool {
        self.groups.iter().any(|group| self.chance(&group.name, event).is_some())
    }

    /// How likely the account is stolen, or locked, by what happens to groups and keys; `None` where a
    /// key has no probability, nor has a group of it.
    fn likelihood(&self, event: Event, view: View, runs_left: u32) -> Option<Likelihood> {
        let of_group = |group: &&Group| self.chance(&group.name, event).is_some();
        let with_group: BTreeSet<&String> =
            self.groups.iter().filter(of_group).flat_map(|group| &group.keys).collect();
        // a key of which nothing is known is asked for its own probability, if it counts
        let own = self.groups.iter().flat_map(|group| &group.keys);
        let own = own.filter(|key| self.chance(key, event).is_some() || !with_group.contains(key));
        let own: BTreeSet<String> = own.cloned().collect();
        let over = self.structure.over(self.groups, event, &own);
        let target = self.structure.target_over(&over, self.groups, self.target)?;
        let names = self.groups.iter().map(|group| &group.name);
        let mut chances: BTreeMap<String, f64> = names.map(|name| (name.clone(), 0.0)).collect();
        let all = self.odds.keys();
        chances.extend(all.filter_map(|name| Some((name.clone(), self.chance(name, event)?))));
        likelihood_of(&over, target, view, event, &chances, &self.options(runs_left))
    }
}
