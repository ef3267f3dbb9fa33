//! Several accounts that change one after the other: what opens between them, and an order without a window.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::allowance::Allowance;
use super::coalition::State;
use super::difference;
use super::subject::{Account, Subject};
use super::window::{Opening, STATE_PART, refused, replaced};
use crate::analysis::Structure;

/// Most accounts that change together for which every order is looked at: 2^6 states between.
const ACCOUNTS_MAX: usize = 6;
/// Most windows that are written out.
const WINDOWS_SHOWN: usize = 8;

/// What lies between two sets of accounts, one of them changed after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Orders {
    /// All of it.
    pub accounts_together: Together,
}

/// The windows between the changes of several accounts, and the orders that avoid them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
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
