//! `explore`: how many states there are, which promises hold in all of them, which hazards befall whom.

use serde_json::Value;

use super::{
    Block, Cell, Mark, Section, Sheet, Table, count_of, counted, facts, head, law_of, list, number,
    story, text,
};
use crate::report::chart::{Point, Series, lines};

/// The page of an exploration.
#[must_use]
pub fn explore(answer: &Value) -> Sheet {
    let (broken, hazards) = (list(answer, "broken"), list(answer, "hazards"));
    let reachable = hazards.iter().filter(|one| is_reachable(one)).count() as u64;
    let complete = answer.get("complete").and_then(Value::as_bool).unwrap_or(true);
    let verdict = match (broken.len() as u64, reachable, complete) {
        (0, 0, true) => (Mark::Good, "Every promise is kept in every state".to_owned()),
        (0, 0, false) => (Mark::Warning, "Every promise is kept as far as it went".to_owned()),
        (0, count, _) => (Mark::Warning, format!("{} reachable", count_of(count, "hazard"))),
        (count, ..) => (Mark::Bad, format!("{} broken", count_of(count, "promise"))),
    };
    let proved = count_of(number(answer, "depth_proved"), "modification");
    let lead = match complete {
        true => "All states that these accounts can reach were visited.".to_owned(),
        false => format!("All states up to {proved} were visited."),
    };
    let mut sections = vec![Section { title: "States".into(), blocks: vec![counts(answer)] }];
    if !hazards.is_empty() || !broken.is_empty() {
        sections.push(found(broken, hazards));
    }
    Sheet {
        title: format!("Every state of {}", count_of(number(answer, "accounts"), "account")),
        verdict: Some(verdict),
        lead,
        facts: with_limits(facts(answer, &[law_of(answer)]), answer),
        sections,
        ..Sheet::default()
    }
}

fn with_limits(mut facts: Vec<(String, String)>, answer: &Value) -> Vec<(String, String)> {
    if let Some(Value::Object(limits)) = answer.get("limits") {
        for (name, value) in limits {
            facts.push((name.replace('_', " "), value.to_string()));
        }
    }
    facts
}

fn is_reachable(one: &Value) -> bool {
    one.get("reachable").and_then(Value::as_bool) == Some(true)
}

fn counts(answer: &Value) -> Block {
    let row = |words: &str, field| vec![Cell::text(words), counted(number(answer, field))];
    let rows = vec![
        row("states, accounts told apart by name", "states_labelled"),
        row("states up to renaming", "states_canonical"),
        row("legal modifications out of them", "transitions"),
        row("modifications to the farthest state", "depth_max"),
    ];
    Block::Table(Table { head: head(&["Count of", "Number"]), rows })
}

fn found(broken: &[Value], hazards: &[Value]) -> Section {
    let row = |one: &Value| {
        let (words, mark) = match one.get("reachable").and_then(Value::as_bool) {
            Some(true) => ("reachable", Mark::Warning),
            Some(false) => ("in no state", Mark::Good),
            None => ("not known", Mark::Quiet),
        };
        let depth = one.get("depth").and_then(Value::as_u64).map_or_else(Cell::default, counted);
        let account = Cell::text(text(one, "account"));
        vec![Cell::text(text(one, "name")), Cell::text(words).marked(mark), depth, account]
    };
    let promise = |one: &Value| {
        let mut cells = row(one);
        if let Some(cell) = cells.get_mut(1) {
            *cell = Cell::text("broken").marked(Mark::Bad);
        }
        cells
    };
    let rows = broken.iter().map(promise).chain(hazards.iter().map(row)).collect();
    let head = head(&["Name", "Found", "Modifications to it", "Befalls"]);
    let mut blocks = vec![Block::Table(Table { head, rows })];
    for one in broken.iter().chain(hazards) {
        blocks.extend(story(one.get("scenario")));
    }
    Section { title: "Hazards".into(), blocks }
}

/// The page of a sweep over limits.
#[must_use]
pub fn sweep(answer: &Value) -> Sheet {
    let rows = list(answer, "rows");
    let limits: Vec<String> = match rows.first().and_then(|row| row.get("limits")) {
        Some(Value::Object(limits)) => limits.keys().cloned().collect(),
        _ => Vec::new(),
    };
    let of = |row: &Value, limit: &str| row.get("limits").map_or(0, |limits| number(limits, limit));
    let cells = |row: &Value| {
        let values = limits.iter().map(|limit| counted(of(row, limit)));
        let found = list(row, "found").iter();
        let found =
            found.map(|one| format!("{} after {}", text(one, "name"), number(one, "depth")));
        let found = found.collect::<Vec<_>>().join(", ");
        let counts =
            ["states_labelled", "states_canonical"].map(|field| counted(number(row, field)));
        values.chain(counts).chain([Cell::text(found)]).collect()
    };
    let words: Vec<String> = limits.iter().map(|limit| limit.replace('_', " ")).collect();
    let last = ["states".to_owned(), "up to renaming".into(), "first found".into()];
    let table = Table {
        head: words.iter().cloned().chain(last).collect(),
        rows: rows.iter().map(cells).collect(),
    };
    let mut blocks = vec![Block::Table(table)];
    blocks.extend(sweep_chart(rows, &limits, &of));
    let closed = list(answer, "closed_by").iter().map(|one| {
        let values: Vec<String> = list(one, "values").iter().map(ToString::to_string).collect();
        let limit = text(one, "limit").replace('_', " ");
        vec![Cell::text(text(one, "name")), Cell::text(format!("{limit} {}", values.join(" or ")))]
    });
    let closed: Vec<_> = closed.collect();
    let mut sections = vec![Section { title: "Limits and states".into(), blocks }];
    if !closed.is_empty() {
        let table = Table { head: head(&["Hazard", "Closed by"]), rows: closed };
        sections
            .push(Section { title: "What closes what".into(), blocks: vec![Block::Table(table)] });
    }
    let accounts = count_of(number(answer, "accounts"), "account");
    Sheet {
        title: format!("Limits and what they allow, {accounts}"),
        facts: facts(answer, &[law_of(answer)]),
        sections,
        ..Sheet::default()
    }
}

/// The limit that takes the most values runs across; every combination of the others is a line.
fn sweep_chart(
    rows: &[Value],
    limits: &[String],
    of: &impl Fn(&Value, &str) -> u64,
) -> Option<Block> {
    let variety = |limit: &&String| {
        rows.iter().map(|row| of(row, limit)).collect::<std::collections::BTreeSet<_>>().len()
    };
    let across = limits.iter().rev().max_by_key(variety)?;
    let mut series: Vec<Series> = Vec::new();
    for row in rows {
        let others = limits.iter().filter(|limit| *limit != across && variety(limit) > 1);
        let name = others.map(|limit| format!("{} {}", limit.replace('_', " "), of(row, limit)));
        let name = name.collect::<Vec<_>>().join(", ");
        let name = if name.is_empty() { "states".to_owned() } else { name };
        let found = list(row, "found").iter().map(|one| text(one, "name"));
        let point = Point {
            across: u32::try_from(of(row, across)).unwrap_or(u32::MAX),
            up: number(row, "states_labelled"),
            mark: found.collect::<Vec<_>>().join(", "),
        };
        match series.iter_mut().find(|one| one.name == name) {
            Some(one) => one.points.push(point),
            None => series.push(Series { name, points: vec![point] }),
        }
    }
    series.iter_mut().for_each(|one| one.points.sort_by_key(|point| point.across));
    let words = across.replace('_', " ");
    let svg =
        lines("States by limit", (&words, "states, accounts told apart by name"), &series).ok()?;
    let caption = format!("States by {words}; a full dot stands where a hazard is reachable.");
    (rows.len() > 1).then_some(Block::Picture { svg, caption })
}
