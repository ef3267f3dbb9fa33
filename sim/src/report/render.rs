//! Results as pages: the JSON that a command answers with, told for people.
//!
//! Every page is made from the command's own JSON, so `quorate report` draws from a saved answer what
//! `--html` draws at once. [`Stories`] are what the JSON does not hold: scenarios step by step.

mod replay;
mod validate;

pub use replay::{conform, replay};
pub use validate::{change, validate};

use serde_json::Value;

use super::sheet::{Block, Cell, Mark, Section, Sheet, Table, Timeline};

/// Most stories of one page that did not fail.
const STORIES_MAX: usize = 24;
/// Most stories of one page that failed.
const FAILED_MAX: usize = 24;

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
                "{left} more scenarios are not told here: a page holds {FAILED_MAX} that failed and \
                 {STORIES_MAX} others."
            )));
        }
        let title = "Step by step".to_owned();
        (!blocks.is_empty()).then_some(Section { title, blocks })
    }
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value.get(field).and_then(Value::as_str).unwrap_or("")
}

fn number(value: &Value, field: &str) -> u64 {
    value.get(field).and_then(Value::as_u64).unwrap_or(0)
}

fn list<'v>(value: &'v Value, field: &str) -> &'v [Value] {
    value.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A number with its thousands set apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 step`, `2 steps`.
fn count_of(count: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(count), if count == 1 { "" } else { "s" })
}

fn counted(number: u64) -> Cell {
    Cell { text: grouped(number), number: true, mark: Mark::Plain }
}

fn head(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// The version that answered, and the protocols it answered for, as facts.
fn facts(value: &Value, laws: &[(&str, &str)]) -> Vec<(String, String)> {
    let version = match text(value, "quorate") {
        "" => env!("CARGO_PKG_VERSION"),
        version => version,
    };
    let mut facts = vec![("quorate".to_owned(), version.to_owned())];
    for (name, digest) in laws {
        let digest = if digest.is_empty() { String::new() } else { format!(" (digest {digest})") };
        facts.push(("protocol".to_owned(), format!("{name}{digest}")));
    }
    facts
}
