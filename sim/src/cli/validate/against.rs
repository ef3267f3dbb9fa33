//! Two configurations side by side: what a proposed change gains and what it loses.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::gate::Gate;
use super::{document, tell};
use crate::protocol::json::describe;
use crate::validate::{Answer, Danger};

/// A limit or switch that differs: its name, before, after.
fn changes(before: &Answer, after: &Answer) -> Vec<(String, Value, Value)> {
    let law = |of: &Answer| json!(describe(&of.protocol));
    let (one, other) = (law(before), law(after));
    let mut found = Vec::new();
    if one.get("base") != other.get("base") {
        let base = |of: &Value| of.get("base").cloned().unwrap_or(Value::Null);
        found.push(("base".to_owned(), base(&one), base(&other)));
    }
    for part in ["limits", "switches"] {
        let fields =
            |of: &Value| of.get(part).and_then(Value::as_object).cloned().unwrap_or_default();
        let (old, new) = (fields(&one), fields(&other));
        for (name, value) in &old {
            let changed = new.get(name).cloned().unwrap_or(Value::Null);
            if *value != changed {
                found.push((name.clone(), value.clone(), changed));
            }
        }
    }
    found
}

/// Hazards that only the second has, and those that only the first has.
fn hazards<'a>(before: &'a Answer, after: &'a Answer) -> (Vec<&'a Danger>, Vec<&'a Danger>) {
    let open = |answer: &Answer, danger: &Danger| {
        answer.danger(danger.peril).is_some_and(|found| found.reachable)
    };
    let opened = after.dangers.iter().filter(|one| one.reachable && !open(before, one)).collect();
    let closed = after.dangers.iter().filter(|one| !one.reachable && open(before, one)).collect();
    (opened, closed)
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(word) => word.clone(),
        other => other.to_string(),
    }
}

/// For people.
pub fn text(before: &Answer, after: &Answer, gate: &Gate) -> String {
    let mut text = String::new();
    let (one, other) = (&before.protocol.name, &after.protocol.name);
    let _ =
        writeln!(text, "{one} (digest {}) -> {other} (digest {})\n", before.digest, after.digest);
    let changes = changes(before, after);
    if changes.is_empty() {
        text.push_str("no limit and no switch differs\n");
    }
    for (name, old, new) in &changes {
        let _ = writeln!(text, "{name:<36}{} -> {}", shown(old), shown(new));
    }
    text.push('\n');
    let (opened, closed) = hazards(before, after);
    for (label, list) in [("opens", &opened), ("closes", &closed)] {
        if list.is_empty() {
            tell::line_of(&mut text, label, "no hazard");
        }
        for danger in list {
            tell::line_of(&mut text, label, &format!("{}: {}", danger.peril, danger.why));
        }
    }
    for danger in after
        .dangers
        .iter()
        .filter(|one| one.reachable && !opened.iter().any(|new| new.peril == one.peril))
    {
        tell::line_of(&mut text, "keeps", danger.peril.name());
    }
    text.push('\n');
    let visits = |answer: &Answer| tell::grouped(answer.cost.visits);
    let _ = writeln!(
        text,
        "{:<36}{} -> {}",
        "account visits of one aggregate",
        visits(before),
        visits(after)
    );
    for (old, new) in before.worlds.iter().zip(&after.worlds) {
        let states = |world: &crate::validate::World| {
            format!("{} ({} accounts)", tell::grouped(world.counts.states_labelled), world.accounts)
        };
        let label = format!("states, {}", old.scale.name());
        let _ = writeln!(text, "{label:<36}{} -> {}", states(old), states(new));
    }
    let soundness = |answer: &Answer| answer.soundness().name();
    let _ = writeln!(text, "{:<36}{} -> {}\n", "verdict", soundness(before), soundness(after));
    text + &tell::verdict(after, gate)
}

/// For programs.
pub fn document(before: &Answer, after: &Answer, gate: &Gate) -> Value {
    let (opened, closed) = hazards(before, after);
    let names = |list: &[&Danger]| list.iter().map(|one| one.peril.name()).collect::<Vec<_>>();
    let changes = changes(before, after);
    let changes =
        changes.iter().map(|(name, old, new)| json!({"name": name, "from": old, "to": new}));
    let (before_document, after_document) =
        (document::answer(before, gate), document::answer(after, gate));
    json!({
        "quorate": env!("CARGO_PKG_VERSION"),
        "verdict": after.soundness().name(),
        "hazards": after_document.get("hazards"),
        "changes": changes.collect::<Vec<_>>(),
        "opened": names(&opened),
        "closed": names(&closed),
        "visits": {"from": before.cost.visits, "to": after.cost.visits},
        "before": before_document,
        "after": after_document,
    })
}
