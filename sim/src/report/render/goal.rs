//! `analyze --want`: the smallest changes that reach a goal.

use super::{Block, Cell, Mark, Section, Sheet, Table, count_of, head, protocol_facts, sentence};
use crate::goal::{Advice, Goal, Level};

impl From<&Advice> for Sheet {
    fn from(answer: &Advice) -> Self {
        let mut sections = Vec::new();
        if !answer.changes.is_empty() {
            let blocks = vec![Block::Table(changes(answer))];
            sections.push(Section { title: "Smallest changes".into(), blocks });
        }
        if !answer.why.is_empty() {
            let blocks = answer.why.iter().map(|why| Block::Text(sentence(why))).collect();
            sections.push(Section { title: "Why not".into(), blocks });
        }
        Self {
            title: format!("{} to {}", answer.account, goal(answer)),
            verdict: Some(verdict(answer)),
            lead: lead(answer),
            facts: protocol_facts(&answer.version, std::slice::from_ref(&answer.protocol)),
            sections,
            ..Self::default()
        }
    }
}

/// `survive 1 loss and resist 2 thefts`, of groups where there are some.
fn goal(answer: &Advice) -> String {
    let of = if answer.counted == "groups" { " of groups" } else { "" };
    let Goal { survive, resist } = answer.want;
    let losses = match survive {
        1 => "survive 1 loss".to_owned(),
        more => format!("survive {more} losses"),
    };
    let thefts = format!("resist {}", count_of(resist as u64, "theft"));
    match (survive, resist) {
        (_, 0) => format!("{losses}{of}"),
        (0, _) => format!("{thefts}{of}"),
        _ => format!("{losses} and {thefts}{of}"),
    }
}

fn verdict(answer: &Advice) -> (Mark, String) {
    match (answer.met, answer.changes.first()) {
        (Some(true), _) => (Mark::Good, "it does already".to_owned()),
        (_, Some(change)) => (Mark::Warning, change.words()),
        (_, None) if answer.complete => (Mark::Bad, "no change of this size does it".to_owned()),
        (_, None) => {
            (Mark::Warning, "undecided: the work ended first (--time gives more)".to_owned())
        }
    }
}

fn lead(answer: &Advice) -> String {
    let number = |number: Option<usize>| number.map_or("not known".to_owned(), |it| it.to_string());
    let has = &answer.has;
    let unit = if answer.counted == "groups" { "group" } else { "key" };
    let mut lead = format!(
        "Of {} it survives the loss of {} and resists the theft of {} as it stands, after any chain of \
         transactions.",
        count_of(answer.count as u64, unit),
        number(has.survive),
        number(has.resist),
    );
    if !answer.complete && !answer.changes.is_empty() {
        lead += " Whether smaller changes do it is not decided: the work ended first (--time gives more).";
    }
    lead
}

fn changes(answer: &Advice) -> Table {
    let mut rows = Vec::new();
    for (at, change) in answer.changes.iter().enumerate() {
        for (place, settings) in change.settings.iter().enumerate() {
            let first = |text: String| Cell::text(if place == 0 { text } else { String::new() });
            rows.push(vec![
                first((at + 1).to_string()),
                first(change.kind.words().to_owned()),
                Cell::text(settings.words()),
                first(change.plan.words()),
                first(then(&change.level, answer)),
            ]);
        }
    }
    Table { head: head(&["No.", "Kind", "Change", "Plan", "Then"]), rows }
}

/// What the account bears after a change.
fn then(level: &Level, answer: &Advice) -> String {
    let number = |number: Option<usize>| number.map_or("?".to_owned(), |it| it.to_string());
    let mut text = format!("survives {}, resists {}", number(level.survive), number(level.resist));
    let first = level.survive_now.is_some_and(|now| now < answer.want.survive);
    if first {
        text += "; payments stop after the losses until a modification";
    }
    text
}
