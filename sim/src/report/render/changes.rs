//! `analyze --against` and `--each-step`: who gains and who loses power, account by account.

use std::collections::BTreeSet;

use super::{Block, Cell, Mark, Section, Sheet, Table, count_of, head, likely, sentence, within};
use crate::analysis::Probability;
use crate::examination::{
    self, AccountChange, Compared, OldNew, Orders, Period, StepChanges, ViewChange, partial,
};

/// The tree of an account before and after as SVG, where both can be drawn; the step is given where there
/// are several.
pub type Pictures<'a> = &'a dyn Fn(Option<u64>, &str) -> Option<[String; 2]>;

/// What changes from one state to the next.
struct Part<'a> {
    /// Where: a step's number, none for two files.
    step: Option<u64>,
    changes: Vec<&'a AccountChange>,
    /// What changes besides the accounts, what is not shown and what is forbidden, a line each.
    remarks: Vec<String>,
    /// What opens between the accounts' changes.
    orders: Option<&'a Orders>,
}

/// The comparison of two files.
#[must_use]
pub fn between(answer: &[Compared], pictures: Pictures<'_>) -> Sheet {
    let mut part = Part { step: None, changes: Vec::new(), remarks: Vec::new(), orders: None };
    for one in answer {
        match one {
            Compared::Change(change) => part.changes.push(change),
            Compared::Orders(orders) => part.orders = Some(orders),
            Compared::Remark(remark) => part.remarks.push(remark.line()),
            Compared::Besides(besides) => part.remarks.push(besides.line()),
        }
    }
    sheet("What changes", &[part], pictures)
}

/// The comparison of every state of a scenario with the one before.
#[must_use]
pub fn each_step(answer: &[StepChanges], pictures: Pictures<'_>) -> Sheet {
    let remarks = |one: &StepChanges| -> Vec<String> {
        let warnings = one.warnings.iter().map(|line| format!("warning: {line}"));
        one.besides.iter().map(examination::Besides::line).chain(warnings).collect()
    };
    let parts: Vec<Part<'_>> = answer
        .iter()
        .map(|one| Part {
            step: Some(one.step),
            changes: one.changes.iter().collect(),
            remarks: remarks(one),
            orders: None,
        })
        .filter(|part| !part.changes.is_empty() || !part.remarks.is_empty())
        .collect();
    sheet("Step by step", &parts, pictures)
}

impl From<&Vec<Compared>> for Sheet {
    fn from(answer: &Vec<Compared>) -> Self {
        between(answer, &|_, _| None)
    }
}

impl From<&Vec<StepChanges>> for Sheet {
    fn from(answer: &Vec<StepChanges>) -> Self {
        each_step(answer, &|_, _| None)
    }
}

fn sheet(title: &str, parts: &[Part<'_>], pictures: Pictures<'_>) -> Sheet {
    Sheet {
        verdict: Some(verdict(parts)),
        lead: lead(parts),
        sections: parts.iter().flat_map(|part| sections(part, pictures)).collect(),
        ..Sheet::new(title, [])
    }
}

/// First what weighs most: where fewer keys come to spend than before.
fn lead(parts: &[Part<'_>]) -> String {
    let mut lead = String::new();
    for change in parts.iter().flat_map(|part| &part.changes) {
        for (view, figures) in change.views() {
            let spend = &figures.min_signatures;
            let old = spend.old.or(spend.old_interval.map(|[least, _]| least));
            let new = spend.new.or(spend.new_interval.map(|[_, most]| most));
            if let (Some(old), Some(new)) = (old, new)
                && new < old
            {
                let account = &change.account;
                lead += &format!(
                    "{account}: {} can spend {view}; before, it took {old}. ",
                    count_of(new as u64, "key")
                );
            }
        }
    }
    lead += "Now is the approval of one payment as the accounts stand; eventually is after any chain of \
             transactions that the same keys get accepted.";
    if parts.iter().any(|part| part.step.is_none()) {
        lead += " A window is open while one part of a change is done and the rest is not.";
    }
    lead
}

fn verdict(parts: &[Part<'_>]) -> (Mark, String) {
    let changes = || parts.iter().flat_map(|part| part.changes.iter().copied());
    let of = |sets: fn(&ViewChange) -> usize| {
        let some = |change: &&AccountChange| change.views().any(|(_, view)| sets(view) > 0);
        let accounts: BTreeSet<&String> =
            changes().filter(some).map(|change| &change.account).collect();
        accounts.len() as u64
    };
    let undecided = changes().any(|change| change.views().any(|(_, view)| view.is_undecided()));
    let (gained, lost) = (of(|view| view.gain_power_count), of(|view| view.lose_power_count));
    let windows = changes().flat_map(|change| &change.exchanges).any(|one| one.opens())
        || parts.iter().filter_map(|part| part.orders).any(Orders::opens);
    let after = if windows { "; a window can open" } else { "" };
    match (gained, lost) {
        (0, 0) if undecided => (Mark::Warning, format!("undecided who gains power{after}")),
        (0, 0) if changes().next().is_none() => (Mark::Good, "no account changes".to_owned()),
        (0, 0) => (mark(windows), format!("nobody gains or loses power{after}")),
        (0, lost) => {
            (Mark::Warning, format!("keys lose power over {}{after}", count_of(lost, "account")))
        }
        (gained, _) => {
            (Mark::Warning, format!("keys gain power over {}{after}", count_of(gained, "account")))
        }
    }
}

const fn mark(bad: bool) -> Mark {
    if bad { Mark::Warning } else { Mark::Good }
}

fn sections(part: &Part<'_>, pictures: Pictures<'_>) -> Vec<Section> {
    let before = part.step.map_or(String::new(), |step| format!("Step {step}: "));
    let mut all = Vec::new();
    if !part.remarks.is_empty() {
        let blocks = part.remarks.iter().cloned().map(Block::Text).collect();
        let title = part.step.map_or("Besides".to_owned(), |step| format!("Step {step}"));
        all.push(Section { title, blocks });
    }
    for change in &part.changes {
        let title = format!("{before}{}", change.account);
        let pictures = pictures(part.step, &change.account);
        all.push(Section { title, blocks: account(change, pictures) });
    }
    if let Some(orders) = part.orders {
        let lines = orders.lines();
        let row = |line: &String| {
            let line = line.trim();
            vec![Cell::text(sentence(line)).marked(mark(line.starts_with("window")))]
        };
        let table = Table {
            head: head(&["One account after the other"]),
            rows: lines.iter().map(row).collect(),
        };
        let title = format!("{before}In which order");
        all.push(Section { title, blocks: vec![Block::Table(table)] });
    }
    all
}

fn account(change: &AccountChange, pictures: Option<[String; 2]>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    if let Some([before, after]) = pictures {
        let caption = format!("{} before and after.", change.account);
        blocks.push(Block::Change { before, after, caption });
    }
    blocks.extend(change.entry.lines().iter().map(|line| Block::Text(sentence(line))));
    blocks.push(powers(change));
    blocks.extend(numbers(change));
    blocks.extend(in_two_steps(change));
    blocks
}

/// What opens if cosignatories are exchanged one step after the other.
fn in_two_steps(change: &AccountChange) -> Option<Block> {
    let rows = change.exchanges.iter().flat_map(|one| {
        let opens = one.opens();
        one.rows().into_iter().map(move |[order, when, what, sets]| {
            vec![
                Cell::text(order),
                Cell::text(when),
                Cell::text(what).marked(mark(opens)),
                Cell::text(sets),
            ]
        })
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    let head = head(&["In two steps", "When", "What", "Sets of keys"]);
    (!rows.is_empty()).then(|| Block::Table(Table { head, rows }))
}

/// Whose power changes.
fn powers(change: &AccountChange) -> Block {
    let row = |[view, what, sets]: [String; 3]| {
        vec![Cell::text(view), Cell::text(what).marked(Mark::Warning), Cell::text(sets)]
    };
    let rows: Vec<Vec<Cell>> = power_rows(change).into_iter().map(row).collect();
    match rows.is_empty() {
        true => Block::Text("Nobody gains or loses spending power.".to_owned()),
        false => Block::Table(Table { head: head(&["When", "What", "Sets of keys"]), rows }),
    }
}

/// The numbers that change.
fn numbers(change: &AccountChange) -> Option<Block> {
    let row = |[view, what, old, new]: [String; 4]| {
        [format!("{what}, {view}"), old, new].map(Cell::text).to_vec()
    };
    let rows: Vec<Vec<Cell>> = number_rows(change).into_iter().map(row).collect();
    let head = head(&["", "Before", "After"]);
    (!rows.is_empty()).then(|| Block::Table(Table { head, rows }))
}

/// The numbers that change: when, what, before and after.
fn number_rows(change: &AccountChange) -> Vec<[String; 4]> {
    let mut rows = Vec::new();
    let mut row = |view: &str, what: &str, [old, new]: [String; 2]| {
        rows.push([view.to_owned(), what.to_owned(), old, new]);
    };
    for (name, view) in change.views() {
        let fewest = [&view.min_signatures, &view.min_losses_that_lock];
        let words = ["fewest keys that spend", "fewest losses that lock"];
        for (what, number) in words.into_iter().zip(fewest).filter(|one| one.1.changes()) {
            row(name, what, number.words());
        }
        let likely = [&view.lockout_probability, &view.theft_probability];
        for (what, pair) in LIKELY.into_iter().zip(likely).filter(|one| one.1.changes()) {
            let what = format!("{what}{}", within(change.period));
            row(name, &what, probabilities(pair, change.period));
        }
    }
    let both = change.groups.iter();
    for (name, view) in both.flat_map(|both| [("now", &both.now), ("eventually", &both.eventually)])
    {
        let fewest = [&view.min_signatures, &view.min_losses_that_lock];
        let words = ["fewest groups that spend", "fewest losses of groups that lock"];
        for (what, number) in words.into_iter().zip(fewest).filter(|one| one.1.changes()) {
            row(name, what, number.words());
        }
        let singles = [&view.single_points_of_theft, &view.single_points_of_failure];
        let words = ["groups that alone spend", "groups whose loss alone locks"];
        let none = |names: &Vec<String>| match names.is_empty() {
            true => "none".to_owned(),
            false => partial::few(names),
        };
        for (what, pair) in words.into_iter().zip(singles).filter(|one| one.1.changes()) {
            row(name, what, [none(&pair.old), none(&pair.new)]);
        }
        let likely = [&view.lockout_probability, &view.theft_probability];
        for (what, pair) in LIKELY.into_iter().zip(likely).filter(|one| one.1.changes()) {
            let what = format!("{what}{} over groups", within(change.period));
            row(name, &what, probabilities(pair, change.period));
        }
    }
    rows
}

/// What may be likely.
const LIKELY: [&str; 2] = ["probability of lockout", "probability of theft"];

fn probabilities(pair: &OldNew<Option<Probability>>, period: Option<Period>) -> [String; 2] {
    let words = |one: &Option<Probability>| match one {
        None => "not known".to_owned(),
        Some(one) => likely(one, period),
    };
    [words(&pair.old), words(&pair.new)]
}

/// Whose power changes: when, what, and the sets of keys.
fn power_rows(change: &AccountChange) -> Vec<[String; 3]> {
    let mut rows = Vec::new();
    for (name, view) in change.views() {
        for (what, found) in [("gain power", view.gained()), ("lose power", view.lost())] {
            let looked_at = examination::looked_at(&found);
            let sets = match (found.count, looked_at.is_empty()) {
                (0, true) => continue,
                (0, false) => format!("none found{looked_at}"),
                _ => format!("{}{looked_at}", examination::shown(&found)),
            };
            rows.push([name.to_owned(), what.to_owned(), sets]);
        }
    }
    rows
}
