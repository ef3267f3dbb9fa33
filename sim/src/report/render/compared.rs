//! `validate --against`: what a proposed configuration opens, closes and costs.

use super::validated::setting;
use super::{Block, Cell, Mark, Section, Sheet, Table, head, protocol_facts};
use crate::report::sheet::grouped;
use crate::unit::Count;
use crate::validate::{ChangedHazard, Comparison, HazardKind, Report, Visits, World};

impl From<&Comparison> for Sheet {
    fn from(answer: &Comparison) -> Self {
        let (before, after) = (&answer.before, &answer.after);
        let sheet = Self::from(after);
        let mut blocks = Vec::new();
        if !answer.limits_given.is_empty() {
            let (given, name) = (&answer.limits_given, &after.protocol.name);
            let words = format!("Limits given ({given}) belong to the new configuration, {name}.");
            blocks.push(Block::Text(words));
        }
        blocks.push(changes(answer));
        blocks.push(moved(answer));
        blocks.push(numbers(answer));
        let title =
            format!("What changes from {} to {}", before.protocol.name, after.protocol.name);
        let mut sections = vec![Section { title, blocks }];
        sections.extend(sheet.sections);
        let mut facts = protocol_facts(&answer.version, std::slice::from_ref(&before.protocol));
        facts.extend(sheet.facts.into_iter().skip(1));
        Self { sections, facts, ..sheet }
    }
}

/// Limits and switches that differ.
fn changes(answer: &Comparison) -> Block {
    if answer.changes.is_empty() {
        return Block::Text("No limit and no switch differs.".to_owned());
    }
    let rows = answer.changes.iter().map(|change| {
        let (from, to) = (setting(&change.from), setting(&change.to));
        vec![Cell::text(change.name.as_str()), Cell::text(from), Cell::text(to)]
    });
    let head = head(&["Limit or switch", "Before", "After"]);
    Block::Table(Table { head, rows: rows.collect() })
}

/// What becomes of each hazard that either configuration has.
fn moved(answer: &Comparison) -> Block {
    let row = |kind: HazardKind| {
        let changed = answer.changed.iter().find(|one| one.hazard == kind);
        let what = match (answer.opened.contains(&kind), answer.closed.contains(&kind), changed) {
            (true, ..) => Cell::text("opened: reachable only after").marked(Mark::Bad),
            (_, true, _) => Cell::text("closed: reachable only before").marked(Mark::Good),
            (_, _, Some(ChangedHazard { visits, .. })) => {
                let mark = if visits.to > visits.from { Mark::Bad } else { Mark::Good };
                Cell::text(format!("changed: account visits {}", arrow(visits))).marked(mark)
            }
            _ if answer.after.is_reachable(kind) => Cell::text("kept: reachable before and after"),
            _ => return None,
        };
        Some(vec![Cell::text(kind.name()), what])
    };
    let rows: Vec<_> = HazardKind::ALL.into_iter().filter_map(row).collect();
    match rows.is_empty() {
        true => Block::Text("No hazard is reachable before or after.".to_owned()),
        false => Block::Table(Table { head: head(&["Hazard", "What becomes of it"]), rows }),
    }
}

fn arrow(visits: &Visits) -> String {
    let [from, to] = [visits.from, visits.to].map(|Count(count)| grouped(count));
    format!("{from} -> {to}")
}

/// Account visits, states and verdicts of both.
fn numbers(answer: &Comparison) -> Block {
    let (before, after) = (&answer.before, &answer.after);
    let cells = |what: String, from: String, to: String| {
        vec![Cell::text(what), Cell::text(from), Cell::text(to)]
    };
    let [from, to] = [answer.visits.from, answer.visits.to].map(|Count(count)| grouped(count));
    let mut rows = vec![cells("account visits of one transaction".into(), from, to)];
    for (old, new) in before.exploration.iter().zip(&after.exploration) {
        let states = |world: &World| {
            format!("{} ({} accounts)", grouped(world.counts.states_labelled), world.accounts)
        };
        rows.push(cells(format!("states, {}", old.scale.name()), states(old), states(new)));
    }
    let soundness = |of: &Report| of.verdict.name().to_owned();
    rows.push(cells("verdict".into(), soundness(before), soundness(after)));
    Block::Table(Table { head: head(&["Number", "Before", "After"]), rows })
}
