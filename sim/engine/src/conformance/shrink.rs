//! The fewest steps that still show a difference: steps are dropped first, then what lies inside them
//! (transactions, cosignatures, changes), then accounts nobody speaks of.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value};

/// Most scenarios that are tried.
const TRIES_MAX: usize = 20_000;

/// A scenario as values, so that parts can be left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The header without `steps`.
    pub header: Map<String, Value>,
    /// The steps without `result` and `state`.
    pub steps: Vec<Value>,
}

impl Case {
    /// The case as the text of a `.jsonl`.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = Value::Object(self.header.clone()).to_string();
        for step in &self.steps {
            text.push('\n');
            text.push_str(&step.to_string());
        }
        text + "\n"
    }

    /// Number of values in it, for comparing two cases.
    #[must_use]
    pub fn size(&self) -> usize {
        self.header.values().map(size).sum::<usize>() + self.steps.iter().map(size).sum::<usize>()
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(size).sum::<usize>(),
        Value::Object(fields) => 1 + fields.values().map(size).sum::<usize>(),
        _ => 1,
    }
}

/// Leaves out whatever can be left out while `fails` stays true; it must be true of `case`. Ends early
/// with what it has when `stop` is set or `fails` has been asked often enough.
pub fn shrink(case: Case, stop: &AtomicBool, fails: &mut dyn FnMut(&Case) -> bool) -> Case {
    let mut tries = 0;
    let mut fails = |case: &Case| {
        tries += 1;
        tries <= TRIES_MAX && !stop.load(Ordering::Relaxed) && fails(case)
    };
    let mut case = case;
    loop {
        let before = case.size();
        case = without_steps(case, stop, &mut fails);
        case = without_parts(case, stop, &mut fails);
        case = without_accounts(case, stop, &mut fails);
        if case.size() == before || stop.load(Ordering::Relaxed) {
            return case;
        }
    }
}

fn without_steps(case: Case, stop: &AtomicBool, fails: &mut dyn FnMut(&Case) -> bool) -> Case {
    let Case { header, steps } = case;
    let steps = fewest(steps, stop, &mut |steps| {
        fails(&Case { header: header.clone(), steps: steps.to_vec() })
    });
    Case { header, steps }
}

/// Leaves out elements of every list inside the steps.
fn without_parts(mut case: Case, stop: &AtomicBool, fails: &mut dyn FnMut(&Case) -> bool) -> Case {
    for index in 0..case.steps.len() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let mut pointers = Vec::new();
        if let Some(step) = case.steps.get(index) {
            lists(step, String::new(), &mut pointers);
        }
        for pointer in pointers {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let list = |case: &mut Case, list: Option<Vec<Value>>| -> Option<Vec<Value>> {
                let place = case.steps.get_mut(index)?.pointer_mut(&pointer)?.as_array_mut()?;
                Some(match list {
                    Some(list) => std::mem::replace(place, list),
                    None => place.clone(),
                })
            };
            let Some(elements) = list(&mut case, None) else { continue };
            let mut trial = case.clone();
            let fewer = fewest(elements, stop, &mut |elements| {
                list(&mut trial, Some(elements.to_vec())).is_some() && fails(&trial)
            });
            list(&mut case, Some(fewer));
        }
    }
    case
}

/// Pointers to all lists in a value, outer ones first.
fn lists(value: &Value, place: String, pointers: &mut Vec<String>) {
    match value {
        Value::Array(list) => {
            pointers.push(place.clone());
            for (index, value) in list.iter().enumerate() {
                lists(value, format!("{place}/{index}"), pointers);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                lists(value, format!("{place}/{name}"), pointers);
            }
        }
        _ => {}
    }
}

/// Leaves out accounts, with what the header says of them.
fn without_accounts(case: Case, stop: &AtomicBool, fails: &mut dyn FnMut(&Case) -> bool) -> Case {
    let Some(Value::Array(accounts)) = case.header.get("accounts").cloned() else { return case };
    let keep = |accounts: &[Value]| {
        let mut kept = case.clone();
        kept.header.insert("accounts".to_owned(), Value::Array(accounts.to_vec()));
        let names: Vec<&str> = accounts.iter().filter_map(Value::as_str).collect();
        for field in ["balances", "state"] {
            if let Some(Value::Object(of_accounts)) = kept.header.get_mut(field) {
                of_accounts.retain(|name, _| names.contains(&name.as_str()));
            }
        }
        for field in ["lost", "stolen"] {
            if let Some(Value::Array(keys)) = kept.header.get_mut(field) {
                keys.retain(|name| accounts.contains(name));
            }
        }
        kept
    };
    let fewer = fewest(accounts, stop, &mut |accounts| fails(&keep(accounts)));
    keep(&fewer)
}

/// The fewest elements, in their order, of which `fails` is still true: large runs are left out
/// first, from the end, then smaller ones, down to single elements. Once `stop` is set nothing is copied.
fn fewest<T: Clone>(
    list: Vec<T>,
    stop: &AtomicBool,
    fails: &mut dyn FnMut(&[T]) -> bool,
) -> Vec<T> {
    let mut list = list;
    let mut run = list.len();
    while run > 0 {
        let mut end = list.len();
        while end > 0 && !stop.load(Ordering::Relaxed) {
            let start = end.saturating_sub(run);
            let mut fewer = list.clone();
            fewer.drain(start..end);
            if fails(&fewer) {
                list = fewer;
            }
            end = start.min(list.len());
        }
        run /= 2;
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn case() -> Case {
        let Value::Object(header) =
            json!({"accounts": ["a", "b", "c"], "balances": {"a": 1, "c": 2}})
        else {
            unreachable!()
        };
        let step = |signer: &str, cosignatures: &[&str]| json!({"transaction": {"signer": signer, "cosignatures": cosignatures}});
        let steps =
            vec![step("a", &["b"]), step("b", &["a", "c", "b"]), step("c", &[]), step("a", &[])];
        Case { header, steps }
    }

    #[test]
    fn what_does_not_matter_is_left_out() {
        let mut fails = |case: &Case| {
            let text = case.text();
            text.contains("\"cosignatures\":[\"c\"") || text.contains("\"a\",\"c\"")
        };
        let small = shrink(case(), &AtomicBool::new(false), &mut fails);
        assert_eq!(
            small.text(),
            "{\"accounts\":[],\"balances\":{}}\n{\"transaction\":{\"signer\":\"b\",\"cosignatures\":[\"c\"]}}\n"
        );
    }

    #[test]
    fn a_stopped_shrinker_returns_what_it_has() {
        let stop = AtomicBool::new(true);
        assert_eq!(shrink(case(), &stop, &mut |_| true), case());
    }

    #[test]
    fn the_fewest_of_many() {
        let mut tries = 0;
        let list: Vec<u32> = (0..1000).collect();
        let fewer = fewest(list, &AtomicBool::new(false), &mut |list| {
            tries += 1;
            list.contains(&17) && list.contains(&900)
        });
        assert_eq!(fewer, [17, 900]);
        assert!(tries < 200, "{tries}");
    }
}
