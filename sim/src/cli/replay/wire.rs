//! What a replay tells about bytes.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::Replayed;
use crate::replay::{Conveyed, Outcome};

fn conveyed(all: &[Replayed]) -> Conveyed {
    let mut sum = Conveyed::default();
    all.iter().for_each(|replayed| sum.add(&replayed.outcome.conveyed));
    sum
}

/// How many transactions went through their bytes and what there are none for; empty where none was to.
pub fn summary(all: &[Replayed]) -> String {
    let Conveyed { sent, without } = conveyed(all);
    let mut text = String::new();
    if sent == 0 && without.is_empty() {
        return text;
    }
    let _ = write!(text, "{sent} transactions went through their bytes");
    let count: u64 = without.values().sum();
    if count > 0 {
        let _ = write!(text, ", {count} steps have none");
    }
    text.push('\n');
    for (what, count) in without {
        let _ = writeln!(text, "{count:>8}  {what}");
    }
    text
}

/// The answer for programs with the same counts.
pub fn document(all: &[Replayed], mut document: Value) -> Value {
    let Conveyed { sent, without } = conveyed(all);
    if let (Value::Object(fields), true) = (&mut document, sent > 0 || !without.is_empty()) {
        fields.insert("wire".to_owned(), json!({"sent": sent, "without": without}));
    }
    document
}

/// Whether the bytes are what failed.
pub fn is_broken(outcome: &Outcome) -> bool {
    outcome.failures.first().is_some_and(|failure| failure.about == crate::replay::BYTES_ROUND_TRIP)
}
