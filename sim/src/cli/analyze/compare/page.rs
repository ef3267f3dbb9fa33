//! A comparison as a page: who gains and who loses power, account by account, with both trees.

use std::collections::BTreeSet;

use super::super::picture;
use super::super::subject::Subject;
use crate::analysis::Structure;
use crate::examination::{Change, Orders, Period, ViewChange};
use crate::report::render::{count_of, head, sentence};
use crate::report::sheet::{Block, Cell, Mark, Section, Sheet, Table};
use crate::report::tree::scene;

/// What changes from one state to the next.
pub struct Part<'a> {
    /// Where: a step's number, none for two files.
    pub step: Option<u64>,
    /// The time that probabilities are meant for.
    pub period: Option<Period>,
    pub states: [(&'a Subject, &'a Structure); 2],
    pub changes: Vec<Change>,
    /// What changes besides the accounts, what is not shown and what is forbidden, a line each.
    pub remarks: Vec<String>,
    /// What opens between the accounts' changes.
    pub orders: Option<&'a Orders>,
}

/// The page; `title` names what is compared.
pub fn sheet(title: String, parts: &[Part<'_>]) -> Sheet {
    let ends = parts.first().into_iter().chain(parts.last());
    let mut protocols: Vec<&_> = Vec::new();
    for protocol in ends.flat_map(|part| part.states.iter().map(|state| &state.0.protocol)) {
        if !protocols.contains(&protocol) {
            protocols.push(protocol);
        }
    }
    Sheet {
        verdict: Some(verdict(parts)),
        lead: lead(parts),
        sections: parts.iter().flat_map(sections).collect(),
        ..Sheet::new(title, protocols)
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
    let changes = || parts.iter().flat_map(|part| &part.changes);
    let of = |sets: fn(&ViewChange) -> usize| {
        let some = |change: &&Change| change.views().any(|(_, view)| sets(view) > 0);
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

fn sections(part: &Part<'_>) -> Vec<Section> {
    let before = part.step.map_or(String::new(), |step| format!("Step {step}: "));
    let mut all = Vec::new();
    if !part.remarks.is_empty() {
        let blocks = part.remarks.iter().map(|line| Block::Text(sentence(line))).collect();
        let title = part.step.map_or("Besides".to_owned(), |step| format!("Step {step}"));
        all.push(Section { title, blocks });
    }
    for change in &part.changes {
        let title = format!("{before}{}", change.account);
        all.push(Section { title, blocks: account(part, change) });
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

fn account(part: &Part<'_>, change: &Change) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    if let [Some(before), Some(after)] = part.states.map(|state| drawn(state, &change.account)) {
        let caption = format!("{} before and after.", change.account);
        blocks.push(Block::Change { before, after, caption });
    }
    blocks.extend(change.entry.lines().iter().map(|line| Block::Text(sentence(line))));
    blocks.push(powers(change));
    blocks.extend(numbers(change, part.period));
    blocks.extend(in_two_steps(change));
    blocks
}

/// What opens if cosignatories are exchanged one step after the other.
fn in_two_steps(change: &Change) -> Option<Block> {
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

fn drawn((subject, structure): (&Subject, &Structure), account: &str) -> Option<String> {
    let target = structure.target(account)?;
    let nodes = picture::plain(subject, structure, target);
    (!nodes.is_empty()).then(|| scene(account, &nodes))
}

/// Whose power changes.
fn powers(change: &Change) -> Block {
    let row = |[view, what, sets]: [String; 3]| {
        vec![Cell::text(view), Cell::text(what).marked(Mark::Warning), Cell::text(sets)]
    };
    let rows: Vec<Vec<Cell>> = super::powers(change).into_iter().map(row).collect();
    match rows.is_empty() {
        true => Block::Text("Nobody gains or loses spending power.".to_owned()),
        false => Block::Table(Table { head: head(&["When", "What", "Sets of keys"]), rows }),
    }
}

/// The numbers that change.
fn numbers(change: &Change, period: Option<Period>) -> Option<Block> {
    let row = |[view, what, old, new]: [String; 4]| {
        [format!("{what}, {view}"), old, new].map(Cell::text).to_vec()
    };
    let rows: Vec<Vec<Cell>> = super::numbers(change, period).into_iter().map(row).collect();
    let head = head(&["", "Before", "After"]);
    (!rows.is_empty()).then(|| Block::Table(Table { head, rows }))
}
