//! `diff`: what two scenarios say differently.

use super::{Block, Cell, Mark, Section, Sheet, Table, count_of, head};
use crate::scenario::diff::{Diff, Place, StepChange, ValueChange, brief};

/// Longest value that is written in full, in characters.
const LETTERS_MAX: usize = 120;

impl From<&Diff> for Sheet {
    fn from(answer: &Diff) -> Self {
        if answer.same {
            return Self {
                title: "Two scenarios".into(),
                verdict: Some((Mark::Good, "the same".into())),
                ..Self::default()
            };
        }
        let mut sections = Vec::new();
        if !answer.header.is_empty() {
            let blocks = vec![changes(&answer.header)];
            sections.push(Section { title: "Header".into(), blocks });
        }
        if !answer.steps.is_empty() {
            let blocks = answer.steps.iter().flat_map(step).collect();
            sections.push(Section { title: "Steps".into(), blocks });
        }
        Self {
            title: "Two scenarios".into(),
            verdict: Some((Mark::Bad, summary(answer))),
            sections,
            ..Self::default()
        }
    }
}

fn summary(answer: &Diff) -> String {
    let (mut changed, mut added, mut removed) = (0, 0, 0);
    for step in &answer.steps {
        match step {
            StepChange::Changed { .. } => changed += 1,
            StepChange::Added { .. } => added += 1,
            StepChange::Removed { .. } => removed += 1,
        }
    }
    format!(
        "different: {} of the header; steps: {changed} changed, {added} added, {removed} removed",
        count_of(answer.header.len() as u64, "field"),
    )
}

fn step(change: &StepChange) -> Vec<Block> {
    let line = |mark, place: &Place, what: &str| {
        Block::Text(format!("{mark} {} (line {}): {what}", place.step, place.line))
    };
    match change {
        StepChange::Removed { removed, old } => vec![line('-', removed, &brief(old))],
        StepChange::Added { added, new } => vec![line('+', added, &brief(new))],
        StepChange::Changed { changed, what, changes } => {
            vec![line('~', &changed.old, what), self::changes(changes)]
        }
    }
}

fn changes(changes: &[ValueChange]) -> Block {
    let short = |value: &Option<serde_json::Value>| {
        let Some(value) = value else { return "absent".to_owned() };
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match text.char_indices().nth(LETTERS_MAX) {
            Some((end, _)) => format!("{}...", text.get(..end).unwrap_or("")),
            None => text,
        }
    };
    let row = |change: &ValueChange| {
        let sides = [short(&change.old), short(&change.new)].map(Cell::text);
        [Cell::text(change.path.as_str())].into_iter().chain(sides).collect()
    };
    let head = head(&["Field", "Old", "New"]);
    Block::Table(Table { head, rows: changes.iter().map(row).collect() })
}
