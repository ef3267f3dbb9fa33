//! `validate`: a verdict on a configuration and its hazards, as far as every version of it says.

use serde_json::Value;

use super::{Block, Cell, Mark, Section, Sheet, Table, facts, head, law_of, list, story, text};

/// The page of a saved verdict.
#[must_use]
pub fn validate(answer: &Value) -> Sheet {
    let verdict = text(answer, "verdict");
    let mark = match verdict {
        "sound" => Mark::Good,
        "broken" => Mark::Bad,
        _ => Mark::Warning,
    };
    let hazards = list(answer, "hazards");
    let row = |one: &Value| {
        let reachable = one.get("reachable").and_then(Value::as_bool);
        let (words, mark) = match reachable {
            Some(true) => ("reachable", Mark::Warning),
            Some(false) => ("not reachable", Mark::Good),
            None => ("not known", Mark::Quiet),
        };
        let closed = one.get("closed_by").filter(|closed| !closed.is_null());
        let closed = closed.map_or(String::new(), |closed| match closed {
            Value::String(words) => words.clone(),
            other => other.to_string(),
        });
        vec![Cell::text(text(one, "name")), Cell::text(words).marked(mark), Cell::text(closed)]
    };
    let table = Table {
        head: head(&["Hazard", "Found", "Closed by"]),
        rows: hazards.iter().map(row).collect(),
    };
    let mut blocks = vec![Block::Table(table)];
    blocks.extend(hazards.iter().filter_map(|one| story(one.get("scenario"))));
    Sheet {
        title: "Is this configuration safe to ship?".into(),
        verdict: Some((mark, verdict.to_owned())),
        facts: facts(answer, &[law_of(answer)]),
        sections: vec![Section { title: "Hazards".into(), blocks }],
        ..Sheet::default()
    }
}
