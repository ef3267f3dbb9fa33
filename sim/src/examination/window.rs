//! Windows: sets of keys that spend between two steps of a change and at neither end of it, or that
//! spend at both ends and not in between; and an order of the steps without one.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::allowance::Allowance;
use super::coalition::{Coalitions, State, coalitions};
use super::difference;
use super::forbidden;
use super::subject::{Account, Subject};
use super::way::count_of;
use crate::analysis::{Structure, View};
use crate::protocol::Base;

/// Most accounts that change together for which every order is looked at: 2^6 states between.
const ACCOUNTS_MAX: usize = 6;
/// The part of the work and time left for one account in a state between.
const STATE_PART: f64 = 0.05;
/// Most windows that are told.
const WINDOWS_SHOWN: usize = 8;
/// Most sets that are named in one sentence.
const SETS_SHOWN: usize = 20;

/// Both views with their names.
pub const VIEWS: [(View, &str); 2] = [(View::Now, "now"), (View::Eventually, "eventually")];

/// A window of one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Opening {
    /// The account.
    pub account: String,
    /// Whether the sets gain power in between, or lose it.
    pub power: Turn,
    /// `now`, `eventually` or `now and eventually`.
    pub when: String,
    /// The minimal sets of keys; the first of them where they are many.
    pub sets: Vec<Vec<String>>,
    /// How many there are; 0 where none was found among those looked at.
    pub sets_count: usize,
    /// How many minimal sets were looked at, where that was not all of them.
    pub looked_at: Option<usize>,
    /// That in between fewer keys come to spend than at the ends, or may.
    pub fewer: Option<Fewer>,
    /// All of it as a sentence.
    pub text: String,
}

/// What happens to the power of some keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Turn {
    /// They can spend in between and neither before nor after.
    Gained,
    /// They can spend before and after and not in between.
    Lost,
}

impl Opening {
    /// The windows of an account between two states.
    fn all(account: &str, between: &State, ends: [&State; 2]) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for power in [Turn::Gained, Turn::Lost] {
            let found = VIEWS.map(|(view, _)| match power {
                Turn::Gained => coalitions(&[between], &ends, view),
                Turn::Lost => coalitions(&ends, &[between], view),
            });
            let [now, eventually] = found;
            let both = now == eventually;
            let when = if both { "now and eventually" } else { "now" };
            let list = [(when, Some(now)), ("eventually", Some(eventually).filter(|_| !both))];
            for (when, found) in list.into_iter().filter_map(|(when, found)| Some((when, found?))) {
                let fewer = match power == Turn::Gained && when != "now" {
                    true => fewer(between, ends),
                    false => None,
                };
                all.push(Self::new(account, power, when, found, fewer));
            }
        }
        all.retain(|one| one.sets_count > 0 || one.looked_at.is_some());
        all
    }

    /// Whether fewer keys than at either end seize the account, or some that spend at both ends are
    /// locked out; also where that is undecided.
    fn is_grave(&self) -> bool {
        self.power == Turn::Lost || self.fewer.is_some()
    }

    /// Whether the budget ended before it was decided.
    fn is_open(&self) -> bool {
        self.sets_count == 0 || self.fewer.is_some_and(|fewer| fewer.keys.is_none())
    }

    fn new(account: &str, power: Turn, when: &str, found: Coalitions, fewer: Option<Fewer>) -> Self {
        let (sets, looked) = (shown(&found), looked_at(&found));
        let seized = match fewer {
            None => String::new(),
            Some(Fewer { keys: Some(least), otherwise }) => {
                format!("; {} can seize {account} ({otherwise} otherwise)", count_of(least, "key"))
            }
            Some(Fewer { keys: None, .. }) => {
                format!("; undecided whether fewer keys can seize {account} than otherwise")
            }
        };
        let text = match (found.count, power) {
            (0, _) => format!("{when} not decided for {account}{looked}"),
            (_, Turn::Gained) => format!(
                "{when} {sets} can spend {account}, and neither before nor after{looked}{seized}"
            ),
            (_, Turn::Lost) => format!(
                "{when} {sets} cannot spend {account}, and could before and can after{looked}"
            ),
        };
        let Coalitions { sets, count: sets_count, looked_at } = found;
        let (account, when) = (account.to_owned(), when.to_owned());
        Self { account, power, when, sets, sets_count, looked_at, fewer, text }
    }

    fn found(&self) -> Coalitions {
        Coalitions { sets: self.sets.clone(), count: self.sets_count, looked_at: self.looked_at }
    }
}

/// That fewer keys come to spend in between than at the ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fewer {
    /// So many; null where the budget ended before that was decided.
    pub keys: Option<usize>,
    /// At least so many at the ends.
    pub otherwise: usize,
}

/// Whether fewer keys come to spend in between than at either end; `None` where they do not.
fn fewer(between: &State, ends: [&State; 2]) -> Option<Fewer> {
    let bounds = |state: &State| {
        let power = state.power(View::Eventually);
        Some(power.spend.fewest.bounds()).filter(|_| !power.locked)
    };
    let ends: Vec<(usize, usize)> = ends.into_iter().filter_map(bounds).collect();
    let lower = ends.iter().map(|end| end.0).min()?;
    let upper = ends.iter().map(|end| end.1).min()?;
    let (least, most) = bounds(between)?;
    match (most < lower, least < upper) {
        (true, _) => Some(Fewer { keys: Some(most), otherwise: lower }),
        (false, true) => Some(Fewer { keys: None, otherwise: lower }),
        (false, false) => None,
    }
}

/// The first sets, and how many more there are.
pub fn shown(found: &Coalitions) -> String {
    let few: Vec<String> =
        found.sets.iter().take(SETS_SHOWN).map(|set| format!("{{{}}}", set.join(", "))).collect();
    match found.count - few.len() {
        0 => few.join(" "),
        usize::MAX.. => format!("{} and more", few.join(" ")),
        more => format!("{} and {more} more", few.join(" ")),
    }
}

/// A remark where not all minimal sets were looked at.
pub fn looked_at(found: &Coalitions) -> String {
    found.looked_at.map_or(String::new(), |looked_at| {
        format!(" (only the first {looked_at} minimal sets were looked at)")
    })
}

/// One order of exchanging cosignatories in two steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exchange {
    /// `deleting first` or `adding first`.
    pub order: String,
    /// Whose thresholds hold in between, where they differ: `old`, `new` or nothing.
    pub thresholds: String,
    /// The limit that forbids the state in between.
    pub refused: Option<String>,
    /// The windows.
    pub openings: Vec<Opening>,
}

/// What opens between two steps if cosignatories are exchanged one step after the other.
pub fn exchange(old: &Subject, new: &Subject, account: &str, allowance: &Allowance) -> Vec<Exchange> {
    let of = |subject| difference::of(subject, account).cloned();
    let (Some(before), Some(after)) = (of(old), of(new)) else { return Vec::new() };
    let kept: Vec<String> = before.3.iter().filter(|key| after.3.contains(key)).cloned().collect();
    let added = after.3.iter().filter(|key| !before.3.contains(key));
    let all: Vec<String> = before.3.iter().chain(added).cloned().collect();
    if kept.len() == before.3.len() || all.len() == before.3.len() {
        return Vec::new();
    }
    let changed = replaced(old, &[(account, Some(&after))]);
    let ends = [old, &changed].map(|subject| state(subject, account, allowance));
    let [Some(start), Some(end)] = ends else { return Vec::new() };
    let same = (before.1, before.2) == (after.1, after.2);
    let thresholds = [(&before, if same { "" } else { "old" }), (&after, "new")];
    let mut exchanges = Vec::new();
    for (order, between) in [("deleting first", kept), ("adding first", all)] {
        for (of, thresholds) in thresholds.into_iter().take(if same { 1 } else { 2 }) {
            let Some(entry) = middle(old, of, &between) else { continue };
            let middle = replaced(old, &[(account, Some(&entry))]);
            let Some(state) = state(&middle, account, allowance) else { continue };
            let refused = refused(&middle, [old, &changed]);
            let openings = match refused {
                Some(_) => Vec::new(),
                None => Opening::all(account, &state, [&start, &end]),
            };
            let (order, thresholds) = (order.to_owned(), thresholds.to_owned());
            exchanges.push(Exchange { order, thresholds, refused, openings });
        }
    }
    exchanges
}

/// The account with these cosignatories, thresholds as they are or as far as they fit.
fn middle(old: &Subject, of: &Account, between: &[String]) -> Option<Account> {
    let count = u32::try_from(between.len()).ok().filter(|&count| count > 0)?;
    let all = of.1 as usize == of.3.len() && old.protocol.base == Base::Nis1;
    let approval = if all { count } else { of.1.min(count) };
    Some((of.0.clone(), approval, of.2.min(count), between.to_vec()))
}

/// The accounts with other entries of some; `None` makes an account plain.
fn replaced(old: &Subject, entries: &[(&str, Option<&Account>)]) -> Subject {
    let kept = old.accounts.iter().filter(|one| !entries.iter().any(|entry| entry.0 == one.0));
    let new = entries.iter().filter_map(|entry| entry.1);
    let accounts = kept.chain(new).cloned().collect();
    Subject { lost: old.lost.clone(), ..Subject::new(old.protocol.clone(), accounts) }
}

fn state(subject: &Subject, account: &str, allowance: &Allowance) -> Option<State> {
    let structure = subject.structure().ok()?;
    Some(State::within(allowance, Some(STATE_PART), (subject, &structure, account)))
}

/// The limit that only the state in between exceeds: no node accepts it.
fn refused(between: &Subject, ends: [&Subject; 2]) -> Option<String> {
    let all = |subject: &Subject| {
        let structure = subject.structure().ok()?;
        Some(forbidden::warnings(subject, &structure))
    };
    if ends.into_iter().filter_map(all).any(|warnings| !warnings.is_empty()) {
        return None;
    }
    let warnings = all(between)?;
    Some(warnings.first()?.text.clone())
}

impl Exchange {
    /// Whether a window opens, or may.
    pub fn opens(&self) -> bool {
        !self.openings.is_empty()
    }

    fn words(&self) -> String {
        match self.thresholds.as_str() {
            "" => self.order.clone(),
            which => format!("{}, {which} thresholds", self.order),
        }
    }

    /// The order, when, what and the sets of each window, for a table.
    pub fn rows(&self) -> Vec<[String; 4]> {
        let words = self.words();
        if let Some(why) = &self.refused {
            return vec![[words, String::new(), format!("refused: {why}"), String::new()]];
        }
        if self.openings.is_empty() {
            return vec![[words, String::new(), "no window".to_owned(), String::new()]];
        }
        let what = |one: &Opening| match (one.sets_count, one.power) {
            (0, _) => "not decided",
            (_, Turn::Gained) => "spend in between, neither before nor after",
            (_, Turn::Lost) => "spend before and after, not in between",
        };
        let row = |one: &Opening| {
            let found = one.found();
            let sets = format!("{}{}", shown(&found), looked_at(&found));
            [words.clone(), one.when.clone(), what(one).to_owned(), sets]
        };
        self.openings.iter().map(row).collect()
    }

    /// A line for each window, or that there is none.
    pub fn lines(&self) -> Vec<String> {
        let words = self.words();
        if let Some(why) = &self.refused {
            return vec![format!("{words}: refused: {why}")];
        }
        match self.openings.is_empty() {
            true => vec![format!("{words}: no window")],
            false => {
                let line = |one: &Opening| format!("window: {words}: {}", one.text);
                self.openings.iter().map(line).collect()
            }
        }
    }
}

/// What lies between two sets of accounts, one of them changed after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Orders {
    /// All of it.
    pub accounts_together: Together,
}

/// The windows between the changes of several accounts, and the orders that avoid them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Together {
    /// Each window.
    pub windows: Vec<Window>,
    /// An order in which no window opens; null where there is none.
    pub order_without: Option<Vec<String>>,
    /// An order in which fewer keys than at the ends never come to spend, and none is locked out.
    pub order_without_fewer_keys: Option<Vec<String>>,
    /// How many accounts change, where they are too many to look at every order.
    pub not_looked_at: Option<usize>,
}

/// What is open while some accounts have changed and the others have not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Window {
    /// The accounts that have changed by then.
    pub changed: Vec<String>,
    /// What opens, as a sentence.
    pub window: String,
    /// What opens, one by one.
    pub openings: Vec<Opening>,
}

/// The accounts that change, where they are several: every order of few, of many only that they are.
pub fn orders(old: &Subject, new: &Subject, allowance: &Allowance) -> Option<Orders> {
    let names: BTreeSet<&String> =
        old.accounts.iter().chain(&new.accounts).map(|account| &account.0).collect();
    let changed: Vec<(&str, Option<&Account>)> = names
        .into_iter()
        .filter(|name| difference::of(old, name) != difference::of(new, name))
        .map(|name| (name.as_str(), difference::of(new, name)))
        .collect();
    match changed.len() {
        0 | 1 => None,
        few if few <= ACCOUNTS_MAX => Some(Between { old, changed, allowance }.orders()),
        many => {
            let together = Together { not_looked_at: Some(many), ..Together::default() };
            Some(Orders { accounts_together: together })
        }
    }
}

/// The states between, each named by the set of accounts that have changed.
struct Between<'a> {
    old: &'a Subject,
    changed: Vec<(&'a str, Option<&'a Account>)>,
    allowance: &'a Allowance,
}

/// Every account of one state.
type States = BTreeMap<String, State>;

impl Between<'_> {
    fn orders(&self) -> Orders {
        let all = (1_usize << self.changed.len()) - 1;
        let (first, last) = (self.subject(0), self.subject(all));
        let mut names: BTreeSet<String> = BTreeSet::new();
        names.extend(self.old.accounts.iter().map(|account| account.0.clone()));
        names.extend(self.changed.iter().map(|(name, _)| (*name).to_owned()));
        let (start, end) = (self.states(&first, &names), self.states(&last, &names));
        let mut windows = Vec::new();
        let (mut open, mut grave) = (BTreeSet::new(), BTreeSet::new());
        for state in 1..all {
            let subject = self.subject(state);
            let states = self.states(&subject, &names);
            let (Some(start), Some(states), Some(end)) = (&start, states, &end) else {
                // no ledger takes it, so no order leads through it
                open.insert(state);
                grave.insert(state);
                continue;
            };
            let refused = refused(&subject, [&first, &last]).is_some();
            let mut found = Vec::new();
            for (name, between) in states.iter().filter(|_| !refused) {
                if let (Some(start), Some(end)) = (start.get(name), end.get(name)) {
                    found.extend(Opening::all(name, between, [start, end]));
                }
            }
            if refused || !found.is_empty() {
                open.insert(state);
            }
            if refused || found.iter().any(Opening::is_grave) {
                grave.insert(state);
            }
            if !found.is_empty() {
                let texts: Vec<&str> = found.iter().map(|one| one.text.as_str()).collect();
                let window = texts.join("; ");
                windows.push(Window { changed: self.names(state), window, openings: found });
            }
        }
        windows.sort_by_key(|window: &Window| window.changed.len());
        let accounts_together = Together {
            windows,
            order_without: self.way(&open, all),
            order_without_fewer_keys: self.way(&grave, all),
            not_looked_at: None,
        };
        Orders { accounts_together }
    }

    fn names(&self, state: usize) -> Vec<String> {
        let changed = self.changed.iter().enumerate().filter(|(at, _)| state >> at & 1 == 1);
        changed.map(|(_, (name, _))| (*name).to_owned()).collect()
    }

    /// The first order, by name, that leads through none of these states.
    fn way(&self, open: &BTreeSet<usize>, all: usize) -> Option<Vec<String>> {
        let mut ways: BTreeMap<usize, Vec<String>> = BTreeMap::from([(0, Vec::new())]);
        for state in 0..all {
            let Some(way) = ways.get(&state).cloned() else { continue };
            for (at, (name, _)) in self.changed.iter().enumerate() {
                let next = state | 1 << at;
                if next != state && !open.contains(&next) {
                    let longer = way.iter().cloned().chain([(*name).to_owned()]).collect();
                    ways.entry(next).or_insert(longer);
                }
            }
        }
        ways.remove(&all)
    }

    /// The accounts as they are when these have changed.
    fn subject(&self, state: usize) -> Subject {
        let changed = self.changed.iter().enumerate().filter(|(at, _)| state >> at & 1 == 1);
        replaced(self.old, &changed.map(|(_, &change)| change).collect::<Vec<_>>())
    }

    /// Every account in that state; `None` if the accounts make no structure.
    fn states(&self, subject: &Subject, names: &BTreeSet<String>) -> Option<States> {
        let structure: Structure = subject.structure().ok()?;
        let state = |name: &String| {
            let asked = (subject, &structure, name.as_str());
            (name.clone(), State::within(self.allowance, Some(STATE_PART), asked))
        };
        Some(names.iter().map(state).collect())
    }
}

impl Orders {
    /// Whether a window opens in some order, or may.
    pub fn opens(&self) -> bool {
        let together = &self.accounts_together;
        !together.windows.is_empty() || together.not_looked_at.is_some()
    }

    /// The windows and an order without one.
    pub fn text(&self) -> String {
        let lines = self.lines().into_iter();
        match self.accounts_together.not_looked_at {
            Some(_) => lines.map(|line| format!("{line}\n")).collect(),
            None => std::iter::once("several accounts change, one after the other:\n".to_owned())
                .chain(lines.map(|line| format!("  {line}\n")))
                .collect(),
        }
    }

    /// A line for each window, and one for an order without.
    pub fn lines(&self) -> Vec<String> {
        let together = &self.accounts_together;
        if let Some(many) = together.not_looked_at {
            return vec![format!(
                "{many} accounts change; the orders of more than {ACCOUNTS_MAX} are not looked at: \
                 whether a window opens is not decided"
            )];
        }
        let mut lines = Vec::new();
        for Window { changed, window, .. } in together.windows.iter().take(WINDOWS_SHOWN) {
            lines.push(format!("window: with {} changed alone: {window}", changed.join(", ")));
        }
        if together.windows.len() > WINDOWS_SHOWN {
            lines.push(format!("... {} windows more", together.windows.len() - WINDOWS_SHOWN));
        }
        let mut openings = together.windows.iter().flat_map(|window| &window.openings);
        lines.push(match (&together.order_without, &together.order_without_fewer_keys) {
            (Some(order), _) if together.windows.is_empty() => {
                format!("no window in any order, {} among them", order.join(", "))
            }
            (Some(order), _) => format!("no window in this order: {}", order.join(", ")),
            (None, Some(order)) => format!(
                "every order opens a window; in this one no fewer keys than at the ends and nobody \
                 locked out: {}",
                order.join(", ")
            ),
            (None, None) if openings.any(Opening::is_open) => {
                "every order opens a window, is refused or is not decided".to_owned()
            }
            (None, None) => "every order opens a window or is refused".to_owned(),
        });
        lines
    }
}
