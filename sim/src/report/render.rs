//! Sheets of answers: what a command found, for people.
//!
//! A sheet is made of the answer's value, `Sheet::from(&answer)`, so `quorate report` draws from a saved
//! answer what `--html` draws at once. [`Stories`] are what the answer does not hold: scenarios step by
//! step.

mod analyze;
mod changes;
mod compared;
mod difference;
mod explain;
mod exploration;
mod faults;
mod findings;
mod goal;
mod plan;
mod played;
mod rules;
mod validated;

pub use analyze::{Drawing, account, analyze, design_plot, likely, within};
pub use changes::{Pictures, between, each_step};
pub use exploration::sweep_chart;

use crate::report::sheet::grouped;
use crate::unit::count_of;
use serde::Deserialize as _;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::record;
use super::sheet::{Block, Cell, Mark, Section, Sheet, Table, Timeline, VERSION_FACT};
use crate::campaign::{self, Matrix};
use crate::conformance;
use crate::examination::{Compared, Designs, Element, StepChanges};
use crate::explore::{Agreement, Part, Residual, SweepReport};
use crate::fault::Catalogue;
use crate::goal::Advice;
use crate::plan::Plan;
use crate::replay::{self, Options, ProtocolId};
use crate::scenario::Document;
use crate::validate::{self, Comparison};
use crate::version::Version;

/// A document that no command of this version answers with.
#[derive(Debug, thiserror::Error)]
pub enum UnreadAnswer {
    /// No command answers with such fields.
    #[error(
        "no result of a known kind; expected what `replay`, `conform`, `fuzz`, `explore`, `analyze`, \
         `validate`, `plan` or `faults` print with `--format json`"
    )]
    Kind,
    /// A field is missing or holds something else.
    #[error("{0}; expected an answer as this version of `quorate` gives it")]
    Field(#[from] serde_json::Error),
}

/// The page of an answer that is read back into its type.
fn of<A: DeserializeOwned>(answer: &Value) -> Result<Sheet, UnreadAnswer>
where
    for<'a> Sheet: From<&'a A>,
{
    let answer: A = A::deserialize(answer)?;
    Ok(Sheet::from(&answer))
}

/// The page of a saved answer of any command; `stories` replays scenarios that can still be
/// read.
///
/// # Errors
/// A document of another kind, or one that lacks something.
pub fn any(
    answer: &Value,
    stories: impl FnOnce(&replay::Report) -> Stories,
) -> Result<Sheet, UnreadAnswer> {
    let has = |field: &str| answer.get(field).is_some();
    let first = answer.as_array().and_then(|all| all.first());
    Ok(match () {
        () if has("changes") && has("before") && has("after") => of::<Comparison>(answer)?,
        () if has("verdict") && has("hazards") => of::<validate::Report>(answer)?,
        () if has("findings") && has("results") => of::<campaign::Report>(answer)?,
        () if has("peers") => of::<conformance::Report>(answer)?,
        () if has("scenarios") => {
            let answer = replay::Report::deserialize(answer)?;
            with_stories(Sheet::from(&answer), &stories(&answer))
        }
        () if has("states_labelled") && has("hazards") => of::<Part>(answer)?,
        () if has("rows") && has("closed_by") => of::<SweepReport>(answer)?,
        () if has("agrees") => of::<Agreement>(answer)?,
        () if has("marks") && has("unexplored") => of::<Residual>(answer)?,
        () if has("designs") => of::<Designs>(answer)?,
        () if has("want") && has("met") => of::<Advice>(answer)?,
        () if has("possible") && has("transactions") => of::<Plan>(answer)?,
        () if has("matrix") => of::<Matrix>(answer)?,
        () if has("faults") => of::<Catalogue>(answer)?,
        () if first.is_some_and(|one| one.get("answers").is_some()) => of::<Vec<Element>>(answer)?,
        () if first.is_some_and(|one| one.get("step").is_some()) => of::<Vec<StepChanges>>(answer)?,
        () if answer.is_array() => of::<Vec<Compared>>(answer).map_err(|_| UnreadAnswer::Kind)?,
        () => return Err(UnreadAnswer::Kind),
    })
}

/// Several pages as one; `names` say where each comes from.
#[must_use]
pub fn joined(sheets: Vec<(String, Sheet)>) -> Sheet {
    let worst = |mark: Mark| match mark {
        Mark::Bad => 3,
        Mark::Warning => 2,
        Mark::Good => 1,
        Mark::Plain | Mark::Quiet => 0,
    };
    let mut whole = Sheet { title: format!("{} results", sheets.len()), ..Sheet::default() };
    let mut rows = Vec::new();
    for (name, sheet) in sheets {
        for fact in &sheet.facts {
            if matches!(fact.0.as_str(), "quorate" | "protocol") && !whole.facts.contains(fact) {
                whole.facts.push(fact.clone());
            }
        }
        let (mark, words) = sheet.verdict.clone().unwrap_or_default();
        rows.push(vec![
            Cell::text(sheet.title.as_str()),
            Cell::text(words).marked(mark),
            Cell::text(name).marked(Mark::Quiet),
        ]);
        if worst(mark) > whole.verdict.as_ref().map_or(0, |one| worst(one.0)) {
            whole.verdict = sheet.verdict.clone();
        }
        for section in sheet.sections {
            let title = format!("{}: {}", sheet.title, section.title);
            whole.sections.push(Section { title, ..section });
        }
    }
    let table = Table { head: head(&["Result", "Verdict", "File"]), rows };
    let overview = Section { title: "Overview".into(), blocks: vec![Block::Table(table)] };
    whole.sections.insert(0, overview);
    whole
}

/// The page with scenarios step by step, before what is checked in each.
#[must_use]
pub fn with_stories(mut sheet: Sheet, stories: &Stories) -> Sheet {
    let last = sheet.sections.len().saturating_sub(1);
    sheet.sections.splice(last..last, stories.section());
    sheet
}

/// A scenario inside an answer, step by step; none if there is none.
fn story(scenario: Option<&Document>) -> Option<Block> {
    let options = Options { keep_going: true, explain: true, ..Options::default() };
    let (timeline, _) = record::text("scenario", &scenario?.text(), options).ok()?;
    Some(Block::Timeline(timeline))
}

/// Most stories of one page that did not fail.
const STORIES_MAX: usize = 40;
/// Most stories of one page that failed.
const FAILED_MAX: usize = 40;

/// Scenarios as timelines, each with its path.
#[derive(Clone, Debug, Default)]
pub struct Stories {
    failed: Vec<(String, Timeline)>,
    others: Vec<(String, Timeline)>,
    left_out: usize,
}

impl Stories {
    /// Takes a story in if there is room for it.
    pub fn add(&mut self, path: &str, story: impl FnOnce() -> Timeline, failed: bool) {
        let (list, most) = match failed {
            true => (&mut self.failed, FAILED_MAX),
            false => (&mut self.others, STORIES_MAX),
        };
        match list.len() < most {
            true => list.push((path.to_owned(), story())),
            false => self.left_out += 1,
        }
    }

    /// Whether there is room for another one.
    #[must_use]
    pub const fn has_room(&self, failed: bool) -> bool {
        match failed {
            true => self.failed.len() < FAILED_MAX,
            false => self.others.len() < STORIES_MAX,
        }
    }

    /// Counts a story that is left out.
    pub const fn leave_out(&mut self) {
        self.left_out += 1;
    }

    /// A section with all of them, the failed ones first; none if there are none.
    fn section(&self) -> Option<Section> {
        let mut blocks = Vec::new();
        for (path, timeline) in self.failed.iter().chain(&self.others) {
            let mut timeline = timeline.clone();
            if timeline.title.is_empty() {
                timeline.title.clone_from(path);
            }
            blocks.push(Block::Timeline(timeline));
        }
        if self.left_out > 0 {
            let left = self.left_out;
            blocks.push(Block::Text(format!(
                "{left} more scenarios are not shown here: a page holds {FAILED_MAX} that failed and \
                 {STORIES_MAX} others."
            )));
        }
        let title = "Step by step".to_owned();
        (!blocks.is_empty()).then_some(Section { title, blocks })
    }
}

/// The same sentence with a capital letter first, unless it begins with a name.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if first.is_ascii_lowercase() => {
            first.to_ascii_uppercase().to_string() + letters.as_str()
        }
        _ => text.to_owned(),
    }
}

/// A text as a sentence of its own.
#[must_use]
pub fn sentence(text: &str) -> String {
    format!("{}.", capital(text))
}

fn counted(number: u64) -> Cell {
    Cell { text: grouped(number), number: true, mark: Mark::Plain }
}

/// The headings of a table.
#[must_use]
pub fn head(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// Names and values below each other.
fn pairs(rows: &[(&str, &str, Mark)]) -> Block {
    let row = |&(name, words, mark): &(&str, &str, Mark)| {
        vec![Cell::text(name), Cell::text(words).marked(mark)]
    };
    let said = rows.iter().filter(|(_, words, _)| !words.is_empty());
    Block::Table(Table { head: Vec::new(), rows: said.map(row).collect() })
}

/// The version that answered and the protocols it answered for, as facts.
fn protocol_facts(version: &Version, protocols: &[ProtocolId]) -> Vec<(String, String)> {
    let protocol = |protocol: &ProtocolId| {
        ("protocol".to_owned(), format!("{} (digest {})", protocol.name, protocol.digest))
    };
    version_facts(Some(version)).into_iter().chain(protocols.iter().map(protocol)).collect()
}

/// The version that answered, as a fact; this one if the answer does not say it.
fn version_facts(version: Option<&Version>) -> Vec<(String, String)> {
    let version = version.cloned().unwrap_or_default();
    vec![(VERSION_FACT.to_owned(), version.to_string())]
}
