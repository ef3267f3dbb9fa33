//! The accounts below a target in one shape, and the thresholds that each may have.

use std::collections::{BTreeMap, BTreeSet};

use super::State;
use super::answer::{GoalError, Settings};
use crate::account::AccountId;
use crate::analysis::{Budget, Event, Fewest, Flat, Structure, View, fewest_keys};
use crate::plan::Account;
use crate::protocol::Base;

/// Thresholds of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Min approval and min removal; on NIS1 both min cosignatories.
    pub minima: (u32, u32),
    /// How many cosignatories control the account eventually.
    pub eventually: u32,
    /// How many thresholds are others than now, and by how much in sum.
    pub cost: (u32, u32),
}

/// An account that may change.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Its place among the rows.
    row: usize,
    /// Its id in the structures of thefts, of losses and of keys.
    theft: AccountId,
    loss: AccountId,
    keys: AccountId,
    /// The cheapest thresholds for each number of cosignatories that control it, ascending.
    choices: Vec<Choice>,
    /// For each number of cosignatories how many choices need fewer.
    below: Vec<usize>,
    /// Of any two of them the place of the cheapest from the one to the other.
    cheapest: Vec<Vec<usize>>,
}

impl Slot {
    /// The choices that let so many cosignatories control the account, by their places: from, up to.
    fn places(&self, (least, most): (u32, u32)) -> (usize, usize) {
        let below = |bound: usize| match self.below.get(bound) {
            Some(&below) => below,
            None => self.choices.len(),
        };
        (below(least as usize), below(most as usize + 1))
    }

    /// The cheapest choice that lets so many cosignatories control the account, the first of equals.
    pub fn cheapest(&self, range: (u32, u32)) -> Option<Choice> {
        let (from, end) = self.places(range);
        let row = self.cheapest.get(from)?;
        row.get(end.checked_sub(from + 1)?).and_then(|&at| self.choices.get(at).copied())
    }

    /// How many cosignatories control the account at least and at most with the choices of a range; one where
    /// there is none.
    pub fn extremes(&self, range: (u32, u32)) -> [u32; 2] {
        let (from, end) = self.places(range);
        let ends = self.choices.get(from..end).and_then(|inside| inside.first().zip(inside.last()));
        ends.map_or([1; 2], |(first, last)| [first.eventually, last.eventually])
    }
}

/// For each number of cosignatories, up to the greatest one, how many choices need fewer.
fn fewer_than_each(choices: &[Choice]) -> Vec<usize> {
    let greatest = choices.last().map_or(0, |last| last.eventually);
    let fewer = |bound: u32| choices.partition_point(|one| one.eventually < bound);
    (0..=greatest).map(fewer).collect()
}

/// Of any two choices the place of the cheapest from the one to the other, the first of equals.
fn cheapest(choices: &[Choice]) -> Vec<Vec<usize>> {
    let row = |from: usize| {
        let mut best = from;
        let cost = |at: usize| choices.get(at).map(|one| one.cost);
        let upto = |at: usize| {
            best = if cost(at) < cost(best) { at } else { best };
            best
        };
        (from..choices.len()).map(upto).collect()
    };
    (0..choices.len()).map(row).collect()
}

/// What else than thresholds a shape changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Edit {
    row: usize,
    added: Vec<String>,
    removed: Vec<String>,
}

/// The accounts of a state, one of them changed perhaps, ready for any thresholds.
#[derive(Clone, Debug)]
pub struct Shape<'a> {
    state: &'a State<'a>,
    rows: Vec<Account>,
    edit: Edit,
    theft: Structure,
    loss: Structure,
    keys: Structure,
    /// The target in the three structures.
    targets: [AccountId; 3],
    pub slots: Vec<Slot>,
    /// The structures of thefts and of losses, for many looks at them.
    pub flat: [Flat; 2],
}

impl<'a> Shape<'a> {
    /// The accounts as they are.
    pub fn own(state: &'a State<'a>) -> Result<Self, GoalError> {
        Self::new(state, state.accounts.to_vec(), Edit::default())
    }

    fn new(state: &'a State<'a>, rows: Vec<Account>, edit: Edit) -> Result<Self, GoalError> {
        let mut keys = Structure::new(rows.iter().cloned(), state.protocol)?;
        for id in state.lost.iter().filter_map(|key| keys.target(key)).collect::<Vec<_>>() {
            keys.lose(id);
        }
        let none = BTreeSet::new();
        let [theft, loss] =
            [Event::Theft, Event::Loss].map(|event| keys.over(state.groups, event, &none));
        let unknown = || GoalError::NotMultisig(state.target.to_owned());
        let of = |structure: &Structure, name: &str| structure.target(name).ok_or_else(unknown);
        let target = of(&keys, state.target)?;
        if keys.is_key(target) {
            return Err(unknown());
        }
        let below: BTreeSet<&str> =
            keys.below(target).into_iter().map(|account| keys.name(account)).collect();
        let mut slots = Vec::new();
        for (row, account) in rows.iter().enumerate() {
            let name = account.0.as_str();
            if !below.contains(name) || account.3.is_empty() {
                continue;
            }
            let old = state.accounts.iter().find(|old| old.0 == account.0).unwrap_or(account);
            let choices = choices(state, old, account.3.len() as u32);
            slots.push(Slot {
                row,
                theft: of(&theft, name)?,
                loss: of(&loss, name)?,
                keys: of(&keys, name)?,
                below: fewer_than_each(&choices),
                cheapest: cheapest(&choices),
                choices,
            });
        }
        let targets = [of(&theft, state.target)?, of(&loss, state.target)?, target];
        let ids = |of: fn(&Slot) -> AccountId| slots.iter().map(of).collect::<Vec<AccountId>>();
        let [of_theft, of_loss, _] = targets;
        let flat = [
            Flat::new(&theft, Event::Theft, of_theft, &ids(|slot| slot.theft)),
            Flat::new(&loss, Event::Loss, of_loss, &ids(|slot| slot.loss)),
        ];
        Ok(Self { state, rows, edit, theft, loss, keys, targets, slots, flat })
    }

    /// With one key more in one of the accounts, and which limits forbid it.
    pub fn with_a_key(&self) -> (Vec<Self>, Vec<String>) {
        let most = self.state.protocol.limits.max_cosignatories_per_account;
        let mut name = "new-key".to_owned();
        while self.keys.target(&name).is_some()
            || self.state.groups.iter().any(|group| group.name == name)
        {
            name.push('\'');
        }
        let edit = |slot: &Slot| {
            let mut rows = self.rows.clone();
            let row = rows.get_mut(slot.row)?;
            if row.3.len() >= most as usize {
                return None;
            }
            row.3.push(name.clone());
            let edit = Edit { row: slot.row, added: vec![name.clone()], removed: Vec::new() };
            Self::new(self.state, rows, edit).ok()
        };
        let full = self.slots.iter().filter_map(|slot| self.rows.get(slot.row));
        let full = full.filter(|row| row.3.len() >= most as usize).map(|row| {
            let limit = "max_cosignatories_per_account";
            format!("`{}` has {most} cosignatories, the limit ({limit})", row.0)
        });
        (self.slots.iter().filter_map(edit).collect(), full.collect())
    }

    /// With the cosignatories of one account in its place, and which limits forbid it.
    pub fn with_a_level_less(&self) -> (Vec<Self>, Vec<String>) {
        let (mut shapes, mut forbidden) = (Vec::new(), Vec::new());
        for slot in &self.slots {
            let Some(above) = self.rows.get(slot.row) else { continue };
            let inner =
                |name: &&String| self.rows.iter().any(|row| row.0 == **name && !row.3.is_empty());
            for level in above.3.iter().filter(inner) {
                match self.without(slot.row, level) {
                    Ok(shape) => shapes.push(shape),
                    Err(why) => forbidden.push(why),
                }
            }
        }
        (shapes, forbidden)
    }

    /// With the cosignatories of `level` in its place in this row.
    fn without(&self, row: usize, level: &String) -> Result<Self, String> {
        let limits = &self.state.protocol.limits;
        let mut rows = self.rows.clone();
        let below = rows.iter().find(|row| row.0 == *level).map_or(Vec::new(), |row| row.3.clone());
        let Some(above) = rows.get_mut(row) else { return Err(String::new()) };
        above.3.retain(|name| name != level);
        let added: Vec<String> = below.into_iter().filter(|name| !above.3.contains(name)).collect();
        above.3.extend(added.iter().cloned());
        let (name, found) = (above.0.clone(), above.3.len());
        let most = limits.max_cosignatories_per_account;
        if found > most as usize {
            return Err(format!(
                "`{name}` without the level `{level}` would have {found} cosignatories; the limit \
                 is {most} (max_cosignatories_per_account)"
            ));
        }
        for key in &added {
            let found = rows.iter().filter(|row| row.3.contains(key)).count();
            let most = limits.max_cosigned_accounts_per_account;
            if found > most as usize {
                return Err(format!(
                    "`{key}` would cosign for {found} accounts; the limit is {most} \
                     (max_cosigned_accounts_per_account)"
                ));
            }
        }
        let edit = Edit { row, added, removed: vec![level.clone()] };
        Self::new(self.state, rows, edit).map_err(|error| error.to_string())
    }

    /// How many groups, or keys where there are none, lie below the target.
    pub fn units(&self) -> usize {
        let [_, loss] = &self.flat;
        loss.units()
    }

    /// What is counted.
    pub fn counted(&self) -> String {
        if self.state.groups.is_empty() { "keys" } else { "groups" }.to_owned()
    }

    /// Puts thresholds into the structures; none for the accounts as they are.
    fn with(&self, choices: &[Choice]) -> Self {
        let mut shape = self.clone();
        shape.set(choices);
        shape
    }

    /// Takes these thresholds, one for each slot, for looks at sets of groups alone.
    pub fn look_at(&mut self, choices: &[Choice]) {
        let thresholds: Vec<u32> = choices.iter().map(|choice| choice.eventually).collect();
        self.flat.iter_mut().for_each(|flat| flat.set(&thresholds));
    }

    /// Takes these thresholds, one for each slot.
    pub fn set(&mut self, choices: &[Choice]) {
        let protocol = self.state.protocol;
        for (slot, choice) in self.slots.iter().zip(choices) {
            self.theft.set_minima(slot.theft, choice.minima, protocol);
            self.loss.set_minima(slot.loss, choice.minima, protocol);
            self.keys.set_minima(slot.keys, choice.minima, protocol);
        }
    }

    /// The fewest groups that spend, or whose loss locks, with these thresholds.
    pub fn fewest(
        &self,
        choices: &[Choice],
        event: Event,
        view: View,
        budget: &Budget,
    ) -> (Option<Fewest>, u64) {
        self.with(choices).fewest_here(event, view, budget)
    }

    /// The same with the thresholds as they stand.
    pub fn fewest_here(&self, event: Event, view: View, budget: &Budget) -> (Option<Fewest>, u64) {
        let [theft, loss, _] = self.targets;
        match event {
            Event::Theft => fewest_keys(&self.theft, theft, view, event, budget),
            Event::Loss => fewest_keys(&self.loss, loss, view, event, budget),
        }
    }

    /// Whether nobody spends eventually with these thresholds.
    pub fn is_locked(&self, choices: &[Choice]) -> bool {
        let [_, target, _] = self.targets;
        self.with(choices).loss.is_locked(target, View::Eventually)
    }

    /// How many signatures a payment needs, where that is known.
    pub fn signatures(&self, choices: &[Choice], budget: &Budget) -> (Option<usize>, u64) {
        let [_, _, target] = self.targets;
        let keys = self.with(choices).keys;
        let (found, used) = fewest_keys(&keys, target, View::Now, Event::Theft, budget);
        (found.and_then(|found| found.exact()), used)
    }

    /// The highest thresholds.
    pub fn highest(&self) -> Vec<Choice> {
        self.slots.iter().filter_map(|slot| slot.choices.last().copied()).collect()
    }

    /// The lowest thresholds.
    pub fn lowest(&self) -> Vec<Choice> {
        self.slots.iter().filter_map(|slot| slot.choices.first().copied()).collect()
    }

    /// All accounts with these thresholds.
    pub fn rows(&self, choices: &[Choice]) -> Vec<Account> {
        let mut rows = self.rows.clone();
        for (slot, choice) in self.slots.iter().zip(choices) {
            if let Some(row) = rows.get_mut(slot.row)
                && choice.cost != (0, 0)
            {
                (row.1, row.2) = choice.minima;
            }
        }
        // what was all of them is all of them no more where their number changes
        if self.state.protocol.base.has_zero_for_all()
            && let Some(slot) = self.slots.iter().position(|slot| slot.row == self.edit.row)
            && !(self.edit.added.is_empty() && self.edit.removed.is_empty())
            && let (Some(row), Some(choice)) = (rows.get_mut(self.edit.row), choices.get(slot))
        {
            (row.1, row.2) = choice.minima;
        }
        rows
    }

    /// The accounts of `rows` that are others than now.
    pub fn changed(&self, rows: &[Account]) -> BTreeMap<String, Vec<String>> {
        let changed = rows.iter().filter(|row| !self.state.accounts.contains(row));
        changed.map(|row| (row.0.clone(), row.3.clone())).collect()
    }

    /// What changes, account by account.
    pub fn settings(&self, choices: &[Choice]) -> Vec<Settings> {
        let base = self.state.protocol.base;
        let of = |(slot, choice): (&Slot, &Choice)| {
            let row = self.rows.get(slot.row)?;
            let old = self.state.accounts.get(slot.row)?;
            let edited = self.edit.row == slot.row;
            let names = |names: &Vec<String>| if edited { names.clone() } else { Vec::new() };
            let (added, removed) = (names(&self.edit.added), names(&self.edit.removed));
            let before = thresholds_before(base, old);
            let same = before == choice.minima && added.is_empty() && removed.is_empty();
            (!same).then(|| Settings {
                account: row.0.clone(),
                added,
                removed,
                min_approval: [before.0, choice.minima.0],
                min_removal: base.has_removal_threshold().then_some([before.1, choice.minima.1]),
            })
        };
        self.slots.iter().zip(choices).filter_map(of).collect()
    }
}

/// The thresholds of an account as they are, all of its cosignatories where 0 stands for them.
const fn thresholds_before(base: Base, (_, approval, removal, below): &Account) -> (u32, u32) {
    let all = below.len() as u32;
    if base.has_zero_for_all() && *approval == 0 { (all, all) } else { (*approval, *removal) }
}

/// The cheapest thresholds of an account of so many cosignatories for each number of them that controls it
/// eventually; of equally cheap ones those with the lowest min approval, by which payments go on.
fn choices(state: &State<'_>, old: &Account, count: u32) -> Vec<Choice> {
    let protocol = state.protocol;
    let two = protocol.base.has_removal_threshold();
    let before = thresholds_before(protocol.base, old);
    let mut best: BTreeMap<u32, Choice> = BTreeMap::new();
    for approval in 1..=count {
        let removals = if two { 1..=count } else { approval..=approval };
        for removal in removals {
            let changes = [(before.0, approval), (before.1, removal)];
            let changes = changes.iter().take(if two { 2 } else { 1 });
            let by = changes.map(|&(old, new)| old.abs_diff(new));
            let cost = by.fold((0, 0), |sum, by| (sum.0 + u32::from(by > 0), sum.1 + by));
            let eventually = protocol.eventual_threshold(approval, removal, count);
            let choice = Choice { minima: (approval, removal), eventually, cost };
            let known = best.entry(eventually).or_insert(choice);
            if cost < known.cost {
                *known = choice;
            }
        }
    }
    best.into_values().collect()
}
