//! What two scenarios say differently, whatever their layout.

mod changes;
mod matching;

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Header, ScenarioError, Step, Steps, open, write};
use crate::protocol::json as protocol_json;

pub use changes::ValueChange;
use changes::changes;
use matching::{Pair, pairs};

/// Most steps after the first difference that are held in memory.
const STEPS_MAX: usize = 1_000_000;

/// What two scenarios say differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Diff {
    /// Whether they say the same.
    pub same: bool,
    /// Fields of the header that differ.
    pub header: Vec<ValueChange>,
    /// Steps that differ.
    pub steps: Vec<StepChange>,
}

/// A step that is not the same in both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum StepChange {
    /// Only the old scenario has it.
    Removed {
        /// Where.
        removed: Place,
        /// The step.
        old: Value,
    },
    /// Only the new scenario has it.
    Added {
        /// Where.
        added: Place,
        /// The step.
        new: Value,
    },
    /// Both have it, and something in it is different.
    Changed {
        /// Where in each.
        changed: Places,
        /// What it does, in a few words: its note, or the transaction and who signs it.
        #[serde(default)]
        what: String,
        /// What differs.
        changes: Vec<ValueChange>,
    },
}

/// Where a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Place {
    /// The step, from 1.
    pub step: u64,
    /// The line, from 1.
    pub line: u64,
}

/// Where a step is in both scenarios.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Places {
    /// In the old scenario.
    pub old: Place,
    /// In the new scenario.
    pub new: Place,
}

/// Two scenarios that cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum DiffError {
    /// One cannot be read.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// They are too long to put their steps side by side.
    #[error(
        "{0}: found more than {STEPS_MAX} steps after the first difference, at step {1}; expected fewer: \
         split the scenarios"
    )]
    TooLong(String, u64),
}

/// Compares two scenario files.
///
/// # Errors
/// A file that cannot be read, or more steps after the first difference than fit the memory.
pub fn diff(old: &Path, new: &Path) -> Result<Diff, DiffError> {
    let (mut old, mut new) = (Side::open(old)?, Side::open(new)?);
    let header = changes(&describe(&old.header), &describe(&new.header));
    let steps: Vec<StepChange> = differing(&mut old, &mut new)?.iter().map(Pair::change).collect();
    Ok(Diff { same: header.is_empty() && steps.is_empty(), header, steps })
}

/// A step with its number and line.
#[derive(Clone, Debug)]
struct Numbered {
    number: u64,
    line: u64,
    step: Value,
}

impl Numbered {
    const fn place(&self) -> Place {
        Place { step: self.number, line: self.line }
    }
}

/// A scenario being read.
struct Side {
    file: String,
    header: Header,
    steps: Steps,
    step: Step,
}

impl Side {
    fn open(path: &Path) -> Result<Self, ScenarioError> {
        let (header, steps) = open(path)?;
        Ok(Self { file: path.display().to_string(), header, steps, step: Step::default() })
    }

    fn next(&mut self) -> Result<Option<Numbered>, DiffError> {
        if self.steps.next(&mut self.header, &mut self.step)?.is_none() {
            return Ok(None);
        }
        let step = serde_json::from_str(self.steps.text())
            .map_err(|error| self.steps.error(error.to_string()))?;
        Ok(Some(Numbered { number: self.steps.number(), line: self.steps.line(), step }))
    }

    fn rest(&mut self, first: Option<Numbered>) -> Result<Vec<Numbered>, DiffError> {
        let mut rest: Vec<Numbered> = first.into_iter().collect();
        while let Some(step) = self.next()? {
            if rest.len() == STEPS_MAX {
                let step = rest.first().map_or(0, |step| step.number);
                return Err(DiffError::TooLong(self.file.clone(), step));
            }
            rest.push(step);
        }
        Ok(rest)
    }
}

/// The steps that are not the same, put side by side.
fn differing(old: &mut Side, new: &mut Side) -> Result<Vec<Pair>, DiffError> {
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
        names.map(|name| (name.to_owned(), Value::from("listed"))).collect::<Map<_, _>>().into()
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
    let protocol = serde_json::to_value(protocol_json::describe(&header.protocol));
    fields.insert("protocol".to_owned(), protocol.unwrap_or_default());
    Value::Object(fields)
}

/// A step in a few words: its note, or what it does and who signs.
#[must_use]
pub fn brief(step: &Value) -> String {
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
