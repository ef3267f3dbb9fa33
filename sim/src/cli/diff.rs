//! `quorate diff`: what two scenarios say differently, whatever their layout.

mod changes;
mod matching;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::output::print;
use super::replay::Format;
use super::{Exit, Fatal};
use crate::protocol::json as protocol_json;
use crate::scenario::{Header, Step, Steps, open, write};

use changes::{Change, changes};
use matching::{Pair, pairs};

/// Most steps behind the first difference that are held in memory.
const STEPS_MAX: usize = 1_000_000;

/// Say what two scenarios say differently: fields of the header, steps added, removed and changed.
///
/// Layout and the order of a step's fields are no difference: a `.json` may be compared with a `.jsonl.gz`.
/// Exit code 0: they say the same; 1: they differ; 2: one cannot be read.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quorate diff scenarios/household/symbol.json scenarios/household/catapult-v1.json
  quorate diff before.json after.jsonl.gz --format json")]
pub struct Arguments {
    /// A scenario
    old: PathBuf,
    /// Another
    new: PathBuf,
    /// How to answer
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// A step with its number and line.
#[derive(Clone, Debug)]
pub struct Numbered {
    number: u64,
    line: u64,
    step: Value,
}

/// A scenario being read.
struct Side {
    header: Header,
    steps: Steps,
    step: Step,
}

impl Side {
    fn open(path: &Path) -> Result<Self, Fatal> {
        let (header, steps) = open(path)?;
        Ok(Self { header, steps, step: Step::default() })
    }

    fn next(&mut self) -> Result<Option<Numbered>, Fatal> {
        if self.steps.next(&mut self.header, &mut self.step)?.is_none() {
            return Ok(None);
        }
        let step = serde_json::from_str(self.steps.text())
            .map_err(|error| Fatal(format!("line {}: {error}", self.steps.line())))?;
        Ok(Some(Numbered { number: self.steps.number(), line: self.steps.line(), step }))
    }

    fn rest(&mut self, first: Option<Numbered>) -> Result<Vec<Numbered>, Fatal> {
        let mut rest: Vec<Numbered> = first.into_iter().collect();
        while let Some(step) = self.next()? {
            if rest.len() == STEPS_MAX {
                let first = rest.first().map_or(0, |step| step.number);
                return Err(Fatal(format!(
                    "found more than {STEPS_MAX} steps behind the first difference, at step {first}; \
                     expected fewer: split the scenarios"
                )));
            }
            rest.push(step);
        }
        Ok(rest)
    }
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    let (mut old, mut new) = (Side::open(&arguments.old)?, Side::open(&arguments.new)?);
    let header = changes(&describe(&old.header), &describe(&new.header));
    let pairs = differing(&mut old, &mut new)?;
    let differ = !header.is_empty() || !pairs.is_empty();
    let text = match arguments.format {
        Format::Text => page(&header, &pairs),
        Format::Json => format!("{}\n", document(&header, &pairs)),
    };
    print(&text)?;
    Ok(if differ { Exit::Broken } else { Exit::Good })
}

/// The steps that are not the same, put side by side.
fn differing(old: &mut Side, new: &mut Side) -> Result<Vec<Pair>, Fatal> {
    loop {
        match (old.next()?, new.next()?) {
            (None, None) => return Ok(Vec::new()),
            (Some(one), Some(other)) if one.step == other.step => {}
            (one, other) => return Ok(pairs(old.rest(one)?, new.rest(other)?)),
        }
    }
}

/// A header as the terms it speaks in: an object a field, accounts and balances by name.
fn describe(header: &Header) -> Value {
    let mut fields = match serde_json::to_value(write::header(header)) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    for field in ["format", "version"] {
        fields.remove(field);
    }
    let set = |list: &Value| -> Value {
        let names = list.as_array().into_iter().flatten().filter_map(Value::as_str);
        names.map(|name| (name.to_owned(), json!("listed"))).collect::<Map<_, _>>().into()
    };
    for field in ["accounts", "lost", "stolen"] {
        if let Some(list) = fields.get_mut(field) {
            *list = set(list);
        }
    }
    if let Some(mosaics) = fields.get_mut("mosaics") {
        let list = mosaics.as_array().cloned().unwrap_or_default();
        let named = |mosaic: Value| Some((mosaic.get("name")?.as_str()?.to_owned(), mosaic));
        *mosaics = list.into_iter().filter_map(named).collect::<Map<_, _>>().into();
    }
    fields.insert("protocol".to_owned(), protocol_json::describe(&header.protocol));
    Value::Object(fields)
}

fn page(header: &[Change], pairs: &[Pair]) -> String {
    let mut text = String::new();
    if !header.is_empty() {
        text.push_str("header\n");
        header.iter().for_each(|change| change.tell(&mut text, 2));
    }
    if !pairs.is_empty() {
        text.push_str("steps\n");
    }
    let (mut added, mut removed, mut changed) = (0, 0, 0);
    for pair in pairs {
        let (mark, step) = match pair {
            Pair::Removed(old) => ('-', old),
            Pair::Added(new) => ('+', new),
            Pair::Changed(old, _) => ('~', old),
        };
        let _ =
            writeln!(text, "  {mark} {} (line {}): {}", step.number, step.line, brief(&step.step));
        match pair {
            Pair::Removed(_) => removed += 1,
            Pair::Added(_) => added += 1,
            Pair::Changed(old, new) => {
                changed += 1;
                changes(&old.step, &new.step).iter().for_each(|change| change.tell(&mut text, 6));
            }
        }
    }
    if header.is_empty() && pairs.is_empty() {
        return "the same\n".to_owned();
    }
    let fields = header.len();
    let _ = writeln!(
        text,
        "header: {fields} different; steps: {changed} changed, {added} added, {removed} removed"
    );
    text
}

fn document(header: &[Change], pairs: &[Pair]) -> Value {
    let place = |step: &Numbered| json!({"step": step.number, "line": step.line});
    let steps = pairs.iter().map(|pair| match pair {
        Pair::Removed(old) => json!({"removed": place(old), "old": old.step}),
        Pair::Added(new) => json!({"added": place(new), "new": new.step}),
        Pair::Changed(old, new) => {
            let list = changes(&old.step, &new.step);
            let list: Vec<Value> = list.iter().map(Change::document).collect();
            json!({"changed": {"old": place(old), "new": place(new)}, "changes": list})
        }
    });
    json!({
        "same": header.is_empty() && pairs.is_empty(),
        "header": header.iter().map(Change::document).collect::<Vec<_>>(),
        "steps": steps.collect::<Vec<_>>(),
    })
}

/// A step in a few words: its note, or what it does and who signs.
fn brief(step: &Value) -> String {
    if let Some(note) = step.get("note").and_then(Value::as_str) {
        return note.to_owned();
    }
    let Some((action, content)) = action(step) else { return String::new() };
    let text = |field: &str| content.get(field).and_then(Value::as_str);
    let what = text("type").unwrap_or(action);
    let id = text("id").map_or(String::new(), |id| format!(" {id}"));
    let signer = text("signer").map_or(String::new(), |signer| format!(" by {signer}"));
    format!("{what}{id}{signer}")
}

/// What a step does: the one field that is neither for the reader nor an expectation.
fn action(step: &Value) -> Option<(&str, &Value)> {
    let other = |name: &str| !matches!(name, "note" | "result" | "state" | "wire");
    let (name, content) = step.as_object()?.iter().find(|(name, _)| other(name))?;
    Some((name, content))
}
