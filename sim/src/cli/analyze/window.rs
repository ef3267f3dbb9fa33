//! Windows: what stands open between two steps of a change, and in which order nothing does.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::clock::Clock;
use super::subject::{Account, Subject};
use super::way::count_of;
use crate::analysis::{Options, answers};
use crate::protocol::Base;

/// Most accounts that change together for which every order is looked at: 2^6 states between.
const ACCOUNTS_MAX: usize = 6;
/// The part of the work and time left for one account in a state between.
const STATE_PART: f64 = 0.05;
/// Most windows that are told.
const WINDOWS_SHOWN: usize = 8;

/// What stands open between two steps if cosignatories are exchanged one step after the other.
pub fn exchange(old: &Subject, new: &Subject, account: &str, clock: &Clock) -> Vec<String> {
    let of = |subject: &Subject| -> Option<Account> {
        subject.accounts.iter().find(|one| one.0 == account).cloned()
    };
    let (Some(before), Some(after)) = (of(old), of(new)) else { return Vec::new() };
    let kept: Vec<String> = before.3.iter().filter(|key| after.3.contains(key)).cloned().collect();
    let added = after.3.iter().filter(|key| !before.3.contains(key));
    let all: Vec<String> = before.3.iter().chain(added).cloned().collect();
    let exchanged = kept.len() < before.3.len() && all.len() > before.3.len();
    if !exchanged || kept.is_empty() {
        return Vec::new();
    }
    let ways = [("deleting first", kept), ("adding first", all)];
    let ways = ways.into_iter().filter_map(|(order, between)| {
        let middle = middle(old, &before, between)?;
        let fewest = |subject: &Subject| control(subject, account, clock);
        let (least, ends) = (fewest(&middle)?, fewest(old)?.min(fewest(new)?));
        let all = count_of(least, "key");
        Some(match least < ends {
            true => {
                format!("{order}, then the other: {all} can seize it in between ({ends} otherwise)")
            }
            false => format!("{order}, then the other: no fewer keys than at the ends"),
        })
    });
    ways.collect()
}

/// The old accounts with other cosignatories of one, thresholds as they are or as far as they fit.
fn middle(old: &Subject, before: &Account, between: Vec<String>) -> Option<Subject> {
    let count = u32::try_from(between.len()).ok()?;
    let all = before.1 as usize == before.3.len() && old.protocol.base == Base::Nis1;
    let approval = if all { count } else { before.1.min(count) };
    let changed = (before.0.clone(), approval, before.2.min(count), between);
    let accounts = old
        .accounts
        .iter()
        .map(|one| if one.0 == before.0 { changed.clone() } else { one.clone() });
    Some(Subject {
        lost: old.lost.clone(),
        ..Subject::new(old.protocol.clone(), accounts.collect())
    })
}

/// The fewest keys that come to spend in the end.
fn control(subject: &Subject, account: &str, clock: &Clock) -> Option<usize> {
    let structure = subject.structure().ok()?;
    let target = structure.target(account)?;
    let options = Options { list_max: 0, digest_max: 0, ..clock.options(Some(STATE_PART)) };
    let found = answers(&structure, target, &BTreeMap::new(), &options);
    clock.add(Some(STATE_PART), found.work);
    found.eventually.spend.fewest.exact().filter(|_| !found.eventually.locked)
}

/// What lies between two sets of accounts, one of them changed after the other.
pub struct Orders {
    /// Each window: which accounts have changed by then, and what it means.
    windows: Vec<(Vec<String>, String)>,
    /// An order in which no window opens; `None` where there is none.
    safe: Option<Vec<String>>,
}

/// Who controls an account in the end: the fewest keys; 0 stands for nobody at all, `None` for what is
/// not decided within the budget.
type Control = BTreeMap<String, Option<usize>>;

/// The accounts that change, where they are several and few enough to try all orders.
pub fn orders(old: &Subject, new: &Subject, clock: &Clock) -> Option<Orders> {
    let of = |subject: &Subject, name: &str| {
        subject.accounts.iter().find(|account| account.0 == name).cloned()
    };
    let names: BTreeSet<&String> =
        old.accounts.iter().chain(&new.accounts).map(|account| &account.0).collect();
    let changed: Vec<(String, Option<Account>)> = names
        .into_iter()
        .filter(|name| of(old, name) != of(new, name))
        .map(|name| (name.clone(), of(new, name)))
        .collect();
    if !(2..=ACCOUNTS_MAX).contains(&changed.len()) {
        return None;
    }
    let between = Between { old, changed, clock };
    Some(between.orders())
}

/// The states between, each named by the set of accounts that have changed.
struct Between<'a> {
    old: &'a Subject,
    changed: Vec<(String, Option<Account>)>,
    clock: &'a Clock,
}

impl Between<'_> {
    fn orders(&self) -> Orders {
        let all = (1_usize << self.changed.len()) - 1;
        let (start, end) = (self.control(0), self.control(all));
        let mut windows = Vec::new();
        let mut open = BTreeSet::new();
        for state in 1..all {
            let Some(control) = self.control(state) else {
                // no ledger takes it, so no order leads through it
                open.insert(state);
                continue;
            };
            let found = window(&control, &start, &end);
            if !found.is_empty() {
                open.insert(state);
                windows.push((self.names(state), found.join("; ")));
            }
        }
        windows.sort_by_key(|(names, _)| names.len());
        Orders { windows, safe: self.way(&open, all) }
    }

    fn names(&self, state: usize) -> Vec<String> {
        let changed = self.changed.iter().enumerate().filter(|(at, _)| state >> at & 1 == 1);
        changed.map(|(_, (name, _))| name.clone()).collect()
    }

    /// The first order, by name, that leads through no open state.
    fn way(&self, open: &BTreeSet<usize>, all: usize) -> Option<Vec<String>> {
        let mut ways: BTreeMap<usize, Vec<String>> = BTreeMap::from([(0, Vec::new())]);
        for state in 0..all {
            let Some(way) = ways.get(&state).cloned() else { continue };
            for (at, (name, _)) in self.changed.iter().enumerate() {
                let next = state | 1 << at;
                if next != state && !open.contains(&next) {
                    let longer = way.iter().chain([name]).cloned().collect();
                    ways.entry(next).or_insert(longer);
                }
            }
        }
        ways.remove(&all)
    }

    /// Who controls what in the end, in the state in which these accounts have changed.
    fn control(&self, state: usize) -> Option<Control> {
        let changes = |at: usize| state >> at & 1 == 1;
        let changed = self.changed.iter().enumerate().filter(|&(at, _)| changes(at));
        let new: BTreeMap<&str, Option<&Account>> =
            changed.map(|(_, (name, account))| (name.as_str(), account.as_ref())).collect();
        let kept = self.old.accounts.iter().filter(|one| !new.contains_key(one.0.as_str()));
        let accounts = kept.chain(new.values().copied().flatten()).cloned().collect();
        let subject = Subject {
            lost: self.old.lost.clone(),
            ..Subject::new(self.old.protocol.clone(), accounts)
        };
        let structure = subject.structure().ok()?;
        let control = structure.multisigs().map(|target| {
            let part = self.clock.options(Some(STATE_PART));
            let options = Options { list_max: 0, digest_max: 0, ..part };
            let found = answers(&structure, target, &BTreeMap::new(), &options);
            self.clock.add(Some(STATE_PART), found.work);
            let found = found.eventually;
            let fewest = if found.locked { Some(0) } else { found.spend.fewest.exact() };
            (structure.name(target).to_owned(), fewest)
        });
        Some(control.collect())
    }
}

/// What is open in a state between, and neither at the start nor at the end.
fn window(between: &Control, start: &Option<Control>, end: &Option<Control>) -> Vec<String> {
    let ends = |name: &String| -> Option<Vec<usize>> {
        let ends = [start, end].into_iter().flatten();
        ends.map(|control| control.get(name).copied().unwrap_or(Some(1))).collect()
    };
    let of = |(name, &fewest): (&String, &Option<usize>)| {
        let Some((fewest, ends)) = fewest.zip(ends(name)) else {
            return Some(format!("undecided who controls {name}: too many shared keys"));
        };
        let least = ends.into_iter().min().unwrap_or(0);
        match (fewest, least) {
            (0, 1..) => Some(format!("nobody controls {name}")),
            (_, least) if fewest < least => {
                Some(format!("{} can seize {name} ({least} otherwise)", count_of(fewest, "key")))
            }
            _ => None,
        }
    };
    between.iter().filter_map(of).collect()
}

impl Orders {
    /// The windows and an order without one.
    pub fn text(&self) -> String {
        let mut text = String::from("several accounts change, one after the other:\n");
        for (names, what) in self.windows.iter().take(WINDOWS_SHOWN) {
            let _ = writeln!(text, "  window: with {} changed alone: {what}", names.join(", "));
        }
        if self.windows.len() > WINDOWS_SHOWN {
            let _ = writeln!(text, "  ... {} windows more", self.windows.len() - WINDOWS_SHOWN);
        }
        let _ = match &self.safe {
            Some(order) if self.windows.is_empty() => {
                writeln!(text, "  no window in any order, {} among them", order.join(", "))
            }
            Some(order) => writeln!(text, "  no window in this order: {}", order.join(", ")),
            None => writeln!(text, "  every order opens a window or is refused"),
        };
        text
    }

    /// The same for programs.
    pub fn to_json(&self) -> Value {
        let windows = self.windows.iter();
        let windows: Vec<Value> =
            windows.map(|(names, what)| json!({"changed": names, "window": what})).collect();
        json!({ "accounts_together": { "windows": windows, "order_without": self.safe } })
    }
}
