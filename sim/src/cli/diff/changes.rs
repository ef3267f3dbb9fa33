//! Where two values differ, each place by its path.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// Longest value that is told in full, in characters.
const TOLD_MAX: usize = 120;

/// One place where two values differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where: `transaction.transactions.0.amount`.
    pub path: String,
    /// What stood there.
    pub old: Option<Value>,
    /// What stands there now.
    pub new: Option<Value>,
}

impl Change {
    /// A line for a person.
    pub fn tell(&self, text: &mut String, indent: usize) {
        let path = &self.path;
        let _ = match (&self.old, &self.new) {
            (Some(old), Some(new)) => {
                writeln!(text, "{:indent$}{path}: {} -> {}", "", short(old), short(new))
            }
            (Some(old), None) => writeln!(text, "{:indent$}{path}: {} -> absent", "", short(old)),
            (None, Some(new)) => writeln!(text, "{:indent$}{path}: absent -> {}", "", short(new)),
            (None, None) => Ok(()),
        };
    }

    /// The same for a program.
    pub fn document(&self) -> Value {
        let mut value = json!({"path": self.path});
        for (name, side) in [("old", &self.old), ("new", &self.new)] {
            if let (Some(side), Some(fields)) = (side, value.as_object_mut()) {
                fields.insert(name.to_owned(), side.clone());
            }
        }
        value
    }
}

fn short(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match text.char_indices().nth(TOLD_MAX) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or("")),
        None => text,
    }
}

/// All places where these differ, in the order of the first, then of the second.
pub fn changes(old: &Value, new: &Value) -> Vec<Change> {
    let mut list = Vec::new();
    compare(&mut list, "", Some(old), Some(new));
    list
}

fn compare(list: &mut Vec<Change>, path: &str, old: Option<&Value>, new: Option<&Value>) {
    if old == new {
        return;
    }
    let inside = |name: &str| match path {
        "" => name.to_owned(),
        _ => format!("{path}.{name}"),
    };
    match (old, new) {
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            for (name, value) in one {
                compare(list, &inside(name), Some(value), other.get(name));
            }
            for (name, value) in other.iter().filter(|(name, _)| !one.contains_key(*name)) {
                compare(list, &inside(name), None, Some(value));
            }
        }
        (Some(Value::Array(one)), Some(Value::Array(other)))
            if one.iter().chain(other).any(Value::is_object) =>
        {
            for index in 0..one.len().max(other.len()) {
                compare(list, &inside(&index.to_string()), one.get(index), other.get(index));
            }
        }
        _ => list.push(Change { path: path.to_owned(), old: old.cloned(), new: new.cloned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_its_path_and_order_is_no_difference() {
        let old = json!({"a": 1, "b": {"c": [1, 2], "d": [{"e": 1}]}});
        let new = json!({"b": {"d": [{"e": 2}, {"e": 3}], "c": [1, 2]}, "f": true, "a": 1});
        let found: Vec<_> = changes(&old, &new).into_iter().map(|change| change.path).collect();
        assert_eq!(found, ["b.d.0.e", "b.d.1", "f"]);
        let mut text = String::new();
        changes(&old, &new).iter().for_each(|change| change.tell(&mut text, 0));
        assert_eq!(text, "b.d.0.e: 1 -> 2\nb.d.1: absent -> {\"e\":3}\nf: absent -> true\n");
    }
}
