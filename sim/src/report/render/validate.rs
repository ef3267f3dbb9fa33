//! `validate`: the verdict on a configuration, every hazard with its story, and what it rests on.

use serde_json::Value;

use super::{
    Block, Cell, Mark, Section, Sheet, Table, count_of, counted, facts, grouped, head, law_of,
    list, number, story, text,
};
use crate::replay::Options;
use crate::report::record;
use crate::report::sheet::Timeline;

/// Most accounts of a story that is drawn step by step.
const ACCOUNTS_DRAWN_MAX: u64 = 40;

/// The page of a validation.
#[must_use]
pub fn validate(answer: &Value) -> Sheet {
    let name = text(answer, "protocol");
    let mut facts = facts(answer, &[law_of(answer)]);
    let seed = answer.get("campaign").map_or(0, |campaign| number(campaign, "seed"));
    facts.push(("seed of the random runs".to_owned(), seed.to_string()));
    let mut sections = vec![glance(answer), hazards(answer)];
    sections.extend(list(answer, "hazards").iter().filter_map(hazard));
    sections.extend([cost(answer), worlds(answer), runs(answer), stories(answer), law(answer)]);
    Sheet {
        title: format!("Is {name} safe to ship?"),
        verdict: Some(verdict(answer)),
        lead: lead(answer),
        facts,
        sections,
        ..Sheet::default()
    }
}

/// The page of a proposed change: the proposed configuration, and before it what changes.
#[must_use]
pub fn change(answer: &Value) -> Sheet {
    let part = |name| answer.get(name).unwrap_or(&Value::Null);
    let mut sheet = validate(part("after"));
    let row = |one: &Value| {
        let value = |field| one.get(field).map_or(String::new(), shown);
        vec![Cell::text(text(one, "name")), Cell::text(value("from")), Cell::text(value("to"))]
    };
    let changes: Vec<Vec<Cell>> = list(answer, "changes").iter().map(row).collect();
    let hazard = |field: &'static str, mark| {
        list(answer, field)
            .iter()
            .filter_map(Value::as_str)
            .map(move |name| vec![Cell::text(name), Cell::text(field.to_owned()).marked(mark)])
    };
    let opened = hazard("opened", Mark::Bad);
    let moved: Vec<Vec<Cell>> = opened.chain(hazard("closed", Mark::Good)).collect();
    let visits = |field| answer.get("visits").map_or(0, |visits| number(visits, field));
    let blocks = vec![
        Block::Table(Table { head: head(&["Limit or switch", "Before", "After"]), rows: changes }),
        match moved.is_empty() {
            true => Block::Text("No hazard is opened or closed.".to_owned()),
            false => Block::Table(Table { head: head(&["Hazard", "It is"]), rows: moved }),
        },
        Block::Text(format!(
            "The dearest aggregate asks for {} instead of {}.",
            count_of(visits("to"), "account visit"),
            grouped(visits("from"))
        )),
    ];
    let title = format!("What changes from {}", text(part("before"), "protocol"));
    sheet.sections.insert(0, Section { title, blocks });
    sheet
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(word) => word.clone(),
        other => other.to_string(),
    }
}

fn flag(value: &Value, field: &str) -> bool {
    value.get(field).and_then(Value::as_bool).unwrap_or(false)
}

fn verdict(answer: &Value) -> (Mark, String) {
    let word = text(answer, "verdict");
    let mark = match word {
        "sound" => Mark::Good,
        "broken" => Mark::Bad,
        _ => Mark::Warning,
    };
    let incomplete = if flag(answer, "complete") { "" } else { " (incomplete)" };
    (mark, format!("{word}{incomplete}"))
}

fn lead(answer: &Value) -> String {
    let open: Vec<&str> = list(answer, "hazards")
        .iter()
        .filter(|one| flag(one, "reachable"))
        .map(|one| text(one, "name"))
        .collect();
    let denied: Vec<&str> = list(answer, "denied").iter().filter_map(Value::as_str).collect();
    let mut lead = match open.is_empty() {
        true => "No hazard can happen under this configuration.".to_owned(),
        false => format!("Legal states that hurt can be reached: {}.", open.join(", ")),
    };
    if !denied.is_empty() {
        lead += &format!(" Denied, and reachable all the same: {}.", denied.join(", "));
    }
    lead
}

fn outcome(good: bool, words: &str) -> Cell {
    Cell::text(words).marked(if good { Mark::Good } else { Mark::Bad })
}

fn glance(answer: &Value) -> Section {
    let notes = list(answer, "configuration");
    let broken = notes.iter().filter(|note| text(note, "severity") == "broken").count();
    let empty = Value::Null;
    let part = |name| answer.get(name).unwrap_or(&empty);
    let (stories, campaign, cost) = (part("scenarios"), part("campaign"), part("cost"));
    let failed = number(stories, "failed");
    let worlds = list(answer, "exploration");
    let kept = worlds
        .iter()
        .all(|world| list(world, "broken").is_empty() && list(world, "disagreements").is_empty());
    let states: u64 = worlds.iter().map(|world| number(world, "states_labelled")).sum();
    let findings = list(campaign, "findings").len();
    let row =
        |what: &str, how: String, outcome: Cell| vec![Cell::text(what), Cell::text(how), outcome];
    let told = number(stories, "passed") + failed;
    let dear = number(cost, "visits") > number(cost, "visits_max");
    let rows = vec![
        row(
            "configuration",
            count_of(notes.len() as u64, "note"),
            outcome(broken == 0, if broken == 0 { "no contradiction" } else { "contradictory" }),
        ),
        row(
            "stories",
            format!("{} fit, {} do not", told, number(stories, "not_fitting")),
            outcome(failed == 0, &format!("{} as expected", number(stories, "passed"))),
        ),
        row(
            "small worlds",
            format!("{}, each checked", count_of(states, "state")),
            outcome(kept, if kept { "every promise kept" } else { "a promise is broken" }),
        ),
        row(
            "random runs",
            format!(
                "{}, {}",
                count_of(number(campaign, "runs"), "run"),
                count_of(number(campaign, "steps"), "step")
            ),
            outcome(findings == 0, if findings == 0 { "nothing found" } else { "a bug is found" }),
        ),
        row(
            "cost",
            count_of(number(cost, "visits"), "account visit"),
            match dear {
                true => Cell::text("above what is allowed").marked(Mark::Warning),
                false => Cell::text("within what is allowed").marked(Mark::Good),
            },
        ),
    ];
    let table = Table { head: head(&["What", "How much", "Outcome"]), rows };
    Section { title: "At a glance".into(), blocks: vec![Block::Table(table)] }
}

fn hazards(answer: &Value) -> Section {
    let row = |one: &Value| {
        let open = flag(one, "reachable");
        let accepted = one.get("accepted").filter(|accepted| !flag(accepted, "expired"));
        let found = match (open, accepted) {
            (false, _) => Cell::text("no").marked(Mark::Good),
            (true, None) => Cell::text("yes").marked(Mark::Warning),
            (true, Some(_)) => Cell::text("yes, accepted").marked(Mark::Quiet),
        };
        let closed: Vec<&str> = list(one, "closed_by").iter().filter_map(Value::as_str).collect();
        let closed = match (open, closed.is_empty()) {
            (false, _) => String::new(),
            (true, true) => "no single change".to_owned(),
            (true, false) => closed.join("; "),
        };
        let why = Cell::text(text(one, "why"));
        vec![Cell::text(text(one, "name")), found, why, Cell::text(closed)]
    };
    let rows = list(answer, "hazards").iter().map(row).collect();
    let table = Table { head: head(&["Hazard", "Reachable", "Why", "Closed by"]), rows };
    Section { title: "Hazards".into(), blocks: vec![Block::Table(table)] }
}

/// A reachable hazard: why, who answers for it, how the accounts stand before and after, each step.
fn hazard(one: &Value) -> Option<Section> {
    if !flag(one, "reachable") {
        return None;
    }
    let name = text(one, "name");
    let mut blocks = vec![Block::Text(sentence(text(one, "why")))];
    if let Some(accepted) = one.get("accepted") {
        let state =
            if flag(accepted, "expired") { "The acceptance expired on" } else { "Accepted until" };
        let (until, reason) = (text(accepted, "until"), text(accepted, "reason"));
        blocks.push(Block::Text(format!("{state} {until}: {reason}")));
    }
    let accounts = number(one, "accounts");
    match one.get("scenario") {
        Some(scenario) if accounts <= ACCOUNTS_DRAWN_MAX => {
            let story = record::text(name, &scenario.to_string(), Options::default());
            if let Ok((timeline, _)) = story {
                blocks.extend(before_and_after(&timeline, number(one, "transactions") as usize));
                blocks.push(Block::Timeline(timeline));
            }
        }
        Some(_) => {
            let transactions = count_of(number(one, "transactions"), "transaction");
            blocks.push(Block::Text(format!(
                "The scenario that shows it was replayed: {transactions} among {accounts} accounts, \
                 more than a drawing holds. `--save FOLDER` writes it, `quorate replay --trace` prints it."
            )));
        }
        None => {}
    }
    Some(Section { title: format!("Hazard: {name}"), blocks })
}

/// A reason as a sentence of its own.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// How the accounts stand when the hazard is there, and at the end.
fn before_and_after(timeline: &Timeline, made: usize) -> Option<Block> {
    let drawn = |moments: &[crate::report::sheet::Moment]| {
        moments.iter().rev().map(|moment| moment.picture.clone()).find(|drawn| !drawn.is_empty())
    };
    let before = drawn(timeline.moments.get(..=made)?)?;
    let after = drawn(&timeline.moments)?;
    let caption = "The account when the hazard is there, and at the end of the story.".to_owned();
    (before != after).then_some(Block::Change { before, after, caption })
}

fn cost(answer: &Value) -> Section {
    let empty = Value::Null;
    let cost = answer.get("cost").unwrap_or(&empty);
    let most = if flag(cost, "exact") { "exactly" } else { "at most" };
    let row = |one: &Value| {
        vec![
            Cell::text(text(one, "limit")),
            counted(number(one, "from")),
            counted(number(one, "to")),
            counted(number(one, "visits")),
        ]
    };
    let rows = list(cost, "growth").iter().map(row).collect();
    let blocks = vec![
        Block::Text(format!(
            "A server walks the whole tree below the signer of every embedded transaction and below \
             every account it adds, {most} {} for the dearest legal aggregate: {}.",
            count_of(number(cost, "visits"), "account visit"),
            text(cost, "formula")
        )),
        Block::Text(sentence(text(cost, "structure"))),
        Block::Heading("What a changed limit makes of it".into()),
        Block::Table(Table { head: head(&["Limit", "Now", "Changed to", "Account visits"]), rows }),
    ];
    Section { title: "Validation cost".into(), blocks }
}

fn worlds(answer: &Value) -> Section {
    let row = |one: &Value| {
        let reached: Vec<String> = list(one, "reached")
            .iter()
            .map(|found| {
                format!("{} after {}", text(found, "name"), number(found, "modifications"))
            })
            .collect();
        let broken = list(one, "broken").len() + list(one, "disagreements").len();
        vec![
            Cell::text(text(one, "world")),
            counted(number(one, "accounts")),
            counted(number(one, "states_labelled")),
            counted(number(one, "states_canonical")),
            counted(number(one, "transitions")),
            outcome(broken == 0, if broken == 0 { "kept" } else { "broken" }),
            Cell::text(reached.join(", ")),
        ]
    };
    let titles = [
        "World",
        "Accounts",
        "States",
        "Up to renaming",
        "Modifications",
        "Promises",
        "Hazards reached after modifications",
    ];
    let rows = list(answer, "exploration").iter().map(row).collect();
    let table = Table { head: head(&titles), rows };
    let text =
        "Every state that so many accounts can reach was seen and checked. The scaled world has \
                the same relations between its limits, so that few accounts show all of them."
            .to_owned();
    Section { title: "Small worlds".into(), blocks: vec![Block::Text(text), Block::Table(table)] }
}

fn runs(answer: &Value) -> Section {
    let empty = Value::Null;
    let campaign = answer.get("campaign").unwrap_or(&empty);
    let row = |one: &Value| {
        let mut cells = vec![Cell::text(text(one, "name")), counted(number(one, "count"))];
        let depths = list(one, "by_depth").iter().filter_map(Value::as_u64);
        cells.extend(depths.map(counted));
        cells
    };
    let titles = ["Result", "Times", "plain", "depth 1", "depth 2", "depth 3", "deeper"];
    let rows = list(campaign, "results").iter().map(row).collect();
    let never = list(campaign, "never_reached").len().min(list(campaign, "results").len());
    let mut blocks: Vec<Block> = Vec::new();
    for finding in list(campaign, "findings") {
        blocks.push(Block::Text(text(finding, "description").to_owned()));
        blocks.extend(story(finding.get("scenario")));
    }
    blocks.push(Block::Text(format!(
        "{}, of which {} were accepted; {} were met, {} were not.",
        count_of(number(campaign, "steps"), "step"),
        grouped(number(campaign, "accepted")),
        count_of((list(campaign, "results").len() - never) as u64, "result"),
        grouped(never as u64)
    )));
    let table = Block::Table(Table { head: head(&titles), rows });
    let title = "Every result, by the depth of the account it is about".to_owned();
    blocks.push(Block::Folded { title, blocks: vec![table] });
    Section { title: "Random runs".into(), blocks }
}

fn stories(answer: &Value) -> Section {
    let empty = Value::Null;
    let stories = answer.get("scenarios").unwrap_or(&empty);
    let row = |one: &Value| {
        let words = text(one, "outcome");
        let mark = match words {
            "passed" => Mark::Good,
            "failed" => Mark::Bad,
            _ => Mark::Quiet,
        };
        let path = Cell::text(text(one, "path")).marked(Mark::Quiet);
        vec![Cell::text(text(one, "name")), Cell::text(words).marked(mark), path]
    };
    let rows = list(stories, "all").iter().map(row).collect();
    let table = Table { head: head(&["Story", "Outcome", "File"]), rows };
    let words =
        "A story fits if base and switches are its own and no limit comes into play that is \
                 not. Then every expectation in it must hold here, too."
            .to_owned();
    let title = format!("All {} stories", list(stories, "all").len());
    let folded = Block::Folded { title, blocks: vec![Block::Table(table)] };
    Section { title: "Stories".into(), blocks: vec![Block::Text(words), folded] }
}

fn law(answer: &Value) -> Section {
    let mut blocks = Vec::new();
    for note in list(answer, "configuration") {
        let name = text(note, "name");
        blocks.push(Block::Text(format!(
            "{} {name}: {}",
            text(note, "severity"),
            text(note, "text")
        )));
    }
    let law = answer.get("law").unwrap_or(&Value::Null);
    let mut rows = Vec::new();
    for part in ["limits", "switches"] {
        let fields = law.get(part).and_then(Value::as_object);
        for (name, value) in fields.into_iter().flatten() {
            rows.push(vec![Cell::text(name.as_str()), Cell::text(shown(value))]);
        }
    }
    blocks.push(Block::Table(Table { head: head(&["Limit or switch", "Value"]), rows }));
    Section { title: "The configuration".into(), blocks }
}
