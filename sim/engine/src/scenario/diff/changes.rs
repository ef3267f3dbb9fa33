//! Where two values differ, each place by its path.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One place where two values differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct ValueChange {
    /// Where: `transaction.transactions.0.amount`.
    pub path: String,
    /// The old value; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub old: Option<Value>,
    /// The new value; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub new: Option<Value>,
}

/// Reads a value that stands there, `null` included.
fn given<'de, D: serde::Deserializer<'de>>(reader: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(reader).map(Some)
}

/// All places where these differ, in the order of the first, then of the second.
pub(super) fn changes(old: &Value, new: &Value) -> Vec<ValueChange> {
    let mut list = Vec::new();
    compare(&mut list, "", Some(old), Some(new));
    list
}

fn compare(list: &mut Vec<ValueChange>, path: &str, old: Option<&Value>, new: Option<&Value>) {
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
        _ => list.push(ValueChange { path: path.to_owned(), old: old.cloned(), new: new.cloned() }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_place_has_its_path_and_order_is_no_difference() {
        let old = json!({"a": 1, "b": {"c": [1, 2], "d": [{"e": 1}]}});
        let new = json!({"b": {"d": [{"e": 2}, {"e": 3}], "c": [1, 2]}, "f": true, "a": 1});
        let found: Vec<_> = changes(&old, &new).into_iter().map(|change| change.path).collect();
        assert_eq!(found, ["b.d.0.e", "b.d.1", "f"]);
        let text = serde_json::to_string(&changes(&old, &new)).unwrap();
        let expected = r#"[{"path":"b.d.0.e","old":1,"new":2},{"path":"b.d.1","new":{"e":3}},{"path":"f","new":true}]"#;
        assert_eq!(text, expected);
        assert_eq!(
            serde_json::from_str::<Vec<ValueChange>>(expected).unwrap(),
            changes(&old, &new)
        );
    }
}
