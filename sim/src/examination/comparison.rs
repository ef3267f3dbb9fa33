//! How accounts change from one state to the next: who gains power, who loses it, which thresholds are
//! others, and what opens if cosignatories are exchanged in two steps.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::allowance::{Allowance, weight};
use super::coalition::{Coalitions, State, coalitions};
use super::difference::{Besides, Entry, OldNew};
use super::forbidden::Warning;
use super::orders::Orders;
use super::part;
use super::partial::Partial;
use super::period::Period;
use super::report::Views;
use super::subject::Subject;
use super::window::{Exchange, VIEWS};
use crate::analysis::{GroupAnswers, Likelihood, Power, Probability, Structure, View};

/// How one account changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct AccountChange {
    /// The account.
    pub account: String,
    /// What changes of its own entry.
    #[serde(rename = "changed")]
    pub entry: Entry,
    /// What changes now.
    pub now: ViewChange,
    /// What changes eventually.
    pub eventually: ViewChange,
    /// What changes over groups of keys, where there are groups on both sides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Views<GroupChange>>,
    /// What opens if cosignatories are exchanged in two steps, a line each.
    pub windows: Vec<String>,
    /// The same, order by order.
    #[serde(rename = "orders")]
    pub exchanges: Vec<Exchange>,
    /// The time that the probabilities are meant for, where it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
}

/// How an account changes in one view.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct ViewChange {
    /// The minimal sets of keys that spend and did not; the first of them where they are many.
    pub gain_power: Vec<Vec<String>>,
    /// How many there are.
    pub gain_power_count: usize,
    /// How many minimal sets were looked at, where that was not all of them.
    pub gain_power_looked_at: Option<usize>,
    /// The minimal sets of keys that spent and do not; the first of them where they are many.
    pub lose_power: Vec<Vec<String>>,
    /// How many there are.
    pub lose_power_count: usize,
    /// How many minimal sets were looked at, where that was not all of them.
    pub lose_power_looked_at: Option<usize>,
    /// The fewest keys that spend; null where none do.
    pub min_signatures: NumberChange,
    /// The fewest losses that lock the account.
    pub min_losses_that_lock: NumberChange,
    /// How likely it is locked.
    pub lockout_probability: OldNew<Option<Probability>>,
    /// How likely thieves can spend.
    pub theft_probability: OldNew<Option<Probability>>,
}

/// How an account changes in one view over groups of keys, which are lost and stolen together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct GroupChange {
    /// The fewest groups that spend; null where none do.
    pub min_signatures: NumberChange,
    /// The fewest losses of groups that lock the account.
    pub min_losses_that_lock: NumberChange,
    /// Groups that alone spend.
    pub single_points_of_theft: OldNew<Vec<String>>,
    /// Groups whose loss alone locks the account.
    pub single_points_of_failure: OldNew<Vec<String>>,
    /// How likely it is locked by losses of groups and keys.
    pub lockout_probability: OldNew<Option<Probability>>,
    /// How likely thieves of groups and keys can spend.
    pub theft_probability: OldNew<Option<Probability>>,
}

/// A number before and after. One that is undecided is null, and its bounds are given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct NumberChange {
    /// Before.
    pub old: Option<usize>,
    /// After.
    pub new: Option<usize>,
    /// The bounds of the number before, where it is undecided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_interval: Option<[usize; 2]>,
    /// The bounds of the number after, where it is undecided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_interval: Option<[usize; 2]>,
}

/// What a number lies between, both ends included; `None` where there is none.
type Bounds = Option<(usize, usize)>;

impl NumberChange {
    fn new(old: Bounds, new: Bounds) -> Self {
        let exact = |bounds: Bounds| bounds.filter(|(least, most)| least == most).map(|one| one.0);
        let open = |bounds: Bounds| bounds.filter(|(least, most)| least != most).map(Into::into);
        Self { old: exact(old), new: exact(new), old_interval: open(old), new_interval: open(new) }
    }

    /// Whether it may change.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.old != self.new || self.old_interval != self.new_interval
    }

    /// Before and after in words.
    #[must_use]
    pub fn words(&self) -> [String; 2] {
        let one = |exact: Option<usize>, bounds: Option<[usize; 2]>| match (exact, bounds) {
            (Some(number), _) => number.to_string(),
            (None, Some([least, most])) => format!("undecided ({least} .. {most})"),
            (None, None) => "none can".to_owned(),
        };
        [one(self.old, self.old_interval), one(self.new, self.new_interval)]
    }
}

/// An element of the list that `quorate analyze --against` answers with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Compared {
    /// How an account changes.
    Change(Box<AccountChange>),
    /// What opens between the changes of several accounts.
    Orders(Orders),
    /// What a file does not show, or the protocol forbids.
    Remark(Box<Remark>),
    /// What changes besides the accounts' entries.
    Besides(Besides),
}

/// What a file does not show of an account, or a limit of the protocol that it exceeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Remark {
    /// The file.
    pub file: String,
    /// The account that is not shown in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What is not shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<Partial>,
    /// The limit that is exceeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<Warning>,
}

impl Remark {
    /// It as a line.
    #[must_use]
    pub fn line(&self) -> String {
        let Self { file, account, partial, warning } = self;
        let account = account.as_deref().unwrap_or_default();
        let partial =
            partial.as_ref().map(|one| format!("partial: {file}: {account}: {}", one.text));
        let warning = || warning.as_ref().map(|one| format!("warning: {file}: {}", one.text));
        partial.or_else(warning).unwrap_or_default()
    }
}

/// An element of the list that `quorate analyze --each-step` answers with: what a step of a scenario
/// changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct StepChanges {
    /// The step's number, from 1; those that change nothing are left out.
    pub step: u64,
    /// The accounts that change.
    pub changes: Vec<AccountChange>,
    /// What changes besides.
    pub besides: Vec<Besides>,
    /// Limits of the protocol that are exceeded after the step, a sentence each.
    pub warnings: Vec<String>,
}

/// The part of the work and time left for the groups of one account.
const GROUPS_PART: f64 = 0.05;

/// How each of these accounts changes, those left out that do not.
#[must_use]
pub fn changes(
    [old, new]: [&Subject; 2],
    [before, after]: &[Structure; 2],
    names: &BTreeSet<String>,
    allowance: &Allowance,
) -> Vec<AccountChange> {
    let mut changes = Vec::new();
    let of = |name: &String, known: &Structure| weight(known, known.target(name)?, false);
    let weights: Vec<[Option<f64>; 2]> =
        names.iter().map(|name| [of(name, before), of(name, after)]).collect();
    let mut left: f64 = weights.iter().flatten().flatten().sum();
    let state = |of: (&Subject, &Structure, &str), weight: Option<f64>, left: &mut f64| {
        let part = weight.map(|weight| weight / *left);
        *left -= weight.unwrap_or(0.0);
        State::within(allowance, part, of)
    };
    for (name, [one, other]) in names.iter().zip(weights) {
        if is_unchanged([old, new], [before, after], name) {
            left -= [one, other].into_iter().flatten().sum::<f64>();
            continue;
        }
        let one = state((old, before, name), one, &mut left);
        let other = state((new, after, name), other, &mut left);
        let options = allowance.options(Some(GROUPS_PART));
        let groups = one.groups(old, &options).zip(other.groups(new, &options));
        let groups = groups.map(|(old, new)| GroupChange::both(&old, &new));
        let change = AccountChange {
            groups,
            ..AccountChange::new(Entry::new(old, new, name), name, &one, &other)
        };
        if change.matters() {
            changes.push(change);
        }
    }
    changes
}

/// Whether all that lies below an account is the same in both, so that it need not be examined.
fn is_unchanged([old, new]: [&Subject; 2], known: [&Structure; 2], name: &str) -> bool {
    let [Some(one), Some(other)] = known.map(|known| known.target(name)) else { return false };
    let [before, after] = known;
    let (one, other) = (part::below(old, before, one), part::below(new, after, other));
    old.protocol == new.protocol
        && Entry::new(old, new, name).is_empty()
        && one.accounts == other.accounts
        && (one.odds, one.lost, one.groups) == (other.odds, other.lost, other.groups)
}

/// Before and after: the fewest keys that spend, and the fewest losses that lock.
fn numbers([before, after]: [&Power; 2]) -> [NumberChange; 2] {
    let spend = |power: &Power| (!power.locked).then(|| power.spend.fewest.bounds());
    let lock = |power: &Power| Some(if power.locked { (0, 0) } else { power.lock.fewest.bounds() });
    [NumberChange::new(spend(before), spend(after)), NumberChange::new(lock(before), lock(after))]
}

/// Before and after: how likely lockout is, and theft.
fn likelihoods([before, after]: [&Power; 2]) -> [OldNew<Option<Probability>>; 2] {
    let likely = |of: fn(&Power) -> Option<Likelihood>| OldNew {
        old: of(before).map(Probability::from),
        new: of(after).map(Probability::from),
    };
    [likely(|power| power.lock.likelihood), likely(|power| power.spend.likelihood)]
}

impl GroupChange {
    fn both(old: &GroupAnswers, new: &GroupAnswers) -> Views<Self> {
        let (old, new) = (&old.answers, &new.answers);
        let now = Self::new([&old.now, &new.now]);
        Views { now, eventually: Self::new([&old.eventually, &new.eventually]) }
    }

    fn new(powers: [&Power; 2]) -> Self {
        let singles = |of: fn(&Power) -> &Vec<String>| {
            let [old, new] = powers.map(|power| of(power).clone());
            OldNew { old, new }
        };
        let [min_signatures, min_losses_that_lock] = numbers(powers);
        let [lockout_probability, theft_probability] = likelihoods(powers);
        Self {
            min_signatures,
            min_losses_that_lock,
            single_points_of_theft: singles(|power| &power.spend.singles),
            single_points_of_failure: singles(|power| &power.lock.singles),
            lockout_probability,
            theft_probability,
        }
    }

    fn matters(&self) -> bool {
        self.min_signatures.changes()
            || self.min_losses_that_lock.changes()
            || self.single_points_of_theft.changes()
            || self.single_points_of_failure.changes()
            || self.lockout_probability.changes()
            || self.theft_probability.changes()
    }
}

impl ViewChange {
    fn new(old: &State, new: &State, view: View) -> Self {
        let (gained, lost) = (coalitions(&[new], &[old], view), coalitions(&[old], &[new], view));
        let [before, after] = [old, new].map(|state| state.power(view));
        let [min_signatures, min_losses_that_lock] = numbers([before, after]);
        let [lockout_probability, theft_probability] = likelihoods([before, after]);
        Self {
            gain_power: gained.sets,
            gain_power_count: gained.count,
            gain_power_looked_at: gained.looked_at,
            lose_power: lost.sets,
            lose_power_count: lost.count,
            lose_power_looked_at: lost.looked_at,
            min_signatures,
            min_losses_that_lock,
            lockout_probability,
            theft_probability,
        }
    }

    /// The sets that gain power.
    #[must_use]
    pub fn gained(&self) -> Coalitions {
        Coalitions {
            sets: self.gain_power.clone(),
            count: self.gain_power_count,
            looked_at: self.gain_power_looked_at,
        }
    }

    /// The sets that lose power.
    #[must_use]
    pub fn lost(&self) -> Coalitions {
        Coalitions {
            sets: self.lose_power.clone(),
            count: self.lose_power_count,
            looked_at: self.lose_power_looked_at,
        }
    }

    /// Whether not all minimal sets were looked at.
    #[must_use]
    pub const fn is_undecided(&self) -> bool {
        self.gain_power_looked_at.is_some() || self.lose_power_looked_at.is_some()
    }

    fn moves_power(&self) -> bool {
        self.is_undecided() || self.gain_power_count + self.lose_power_count > 0
    }

    fn matters(&self) -> bool {
        self.moves_power()
            || self.min_signatures.changes()
            || self.min_losses_that_lock.changes()
            || self.lockout_probability.changes()
            || self.theft_probability.changes()
    }
}

impl AccountChange {
    fn new(entry: Entry, account: &str, old: &State, new: &State) -> Self {
        Self {
            account: account.to_owned(),
            entry,
            now: ViewChange::new(old, new, View::Now),
            eventually: ViewChange::new(old, new, View::Eventually),
            groups: None,
            windows: Vec::new(),
            exchanges: Vec::new(),
            period: None,
        }
    }

    /// The same with what opens if cosignatories are exchanged in two steps.
    #[must_use]
    pub fn with(self, exchanges: Vec<Exchange>) -> Self {
        Self { windows: exchanges.iter().flat_map(Exchange::lines).collect(), exchanges, ..self }
    }

    /// Both views with their names.
    pub fn views(&self) -> impl Iterator<Item = (&'static str, &ViewChange)> {
        VIEWS.into_iter().map(|(_, name)| name).zip([&self.now, &self.eventually])
    }

    /// Whether anybody gains or loses power, or may.
    #[must_use]
    pub fn moves_power(&self) -> bool {
        self.views().any(|(_, view)| view.moves_power())
    }

    fn matters(&self) -> bool {
        let groups = |both: &Views<GroupChange>| both.now.matters() || both.eventually.matters();
        !self.entry.is_empty()
            || self.views().any(|(_, view)| view.matters())
            || self.groups.as_ref().is_some_and(groups)
    }
}
