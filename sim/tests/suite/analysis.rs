//! The analysis agrees with the recorded answers of every structure in `data/analysis`.

use std::collections::BTreeMap;
use std::io::Read as _;

use quorate::analysis::{Odds, Options, Structure, answers};
use quorate::protocol::Protocol;
use serde_json::Value;

fn lines(name: &str) -> Vec<Value> {
    let path = format!("{}/tests/data/analysis/{name}.jsonl.gz", env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn structure_of(line: &Value) -> (Structure, BTreeMap<String, Odds>) {
    let number = |value: &Value| value.as_u64().unwrap() as u32;
    let entries = line["accounts"].as_object().unwrap().iter().map(|(name, entry)| {
        let below = entry["cosignatories"].as_array().unwrap();
        let names = below.iter().map(|name| name.as_str().unwrap().to_owned()).collect();
        (name.clone(), number(&entry["min_approval"]), number(&entry["min_removal"]), names)
    });
    let target = line["target"].as_str().unwrap().to_owned();
    let missing = line["accounts"].get(&target).is_none().then(|| (target, 0, 0, Vec::new()));
    let protocol = Protocol::preset("symbol-mainnet").unwrap();
    let structure = Structure::new(entries.chain(missing), &protocol).unwrap();
    let odds = line["probabilities"].as_object().unwrap().iter().map(|(key, entry)| {
        let odds = Odds { loss: entry["loss"].as_f64(), compromise: entry["compromise"].as_f64() };
        (key.clone(), odds)
    });
    (structure, odds.collect())
}

/// Mantissa and decimal exponent of a number or a text like `3.9e-10922`.
fn decimal(value: &Value) -> (f64, i64) {
    let text =
        value.as_str().map_or_else(|| format!("{:e}", value.as_f64().unwrap()), str::to_owned);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (mut mantissa, mut exponent): (f64, i64) =
        (mantissa.parse().unwrap(), exponent.parse().unwrap());
    while mantissa != 0.0 && mantissa < 1.0 {
        (mantissa, exponent) = (mantissa * 10.0, exponent - 1);
    }
    (mantissa, exponent)
}

fn agrees(expected: &Value, found: &Value, path: &str, wrong: &mut Vec<String>) {
    let same = match expected {
        Value::Object(fields) => {
            for (name, value) in fields.iter().filter(|(name, _)| *name != "eventual_by") {
                agrees(value, &found[name], &format!("{path}/{name}"), wrong);
            }
            true
        }
        _ if path.ends_with("_count") => {
            let digits = |value: &Value| value.to_string().trim_matches('"').to_owned();
            digits(expected) == digits(found)
        }
        Value::Number(_) | Value::String(_)
            if !path.ends_with("sha256") && (found.is_number() || found.is_string()) =>
        {
            let ((one, exponent), (other, other_exponent)) = (decimal(expected), decimal(found));
            let shift = (exponent - other_exponent) as i32;
            shift.abs() < 2 && (one * 10_f64.powi(shift) - other).abs() <= 1e-9 * other.abs()
        }
        _ => expected == found,
    };
    if !same {
        wrong.push(format!("{path}: {found} is not {expected}"));
    }
}

fn check(name: &str) {
    let mut wrong = Vec::new();
    for line in lines(name) {
        let (structure, odds) = structure_of(&line);
        let target = structure.target(line["target"].as_str().unwrap()).unwrap();
        let found = answers(&structure, target, &odds, &Options::default()).to_json();
        agrees(&line["answers"], &found, line["id"].as_str().unwrap(), &mut wrong);
    }
    wrong.iter_mut().for_each(|line| line.truncate(300));
    assert!(
        wrong.is_empty(),
        "{} differences:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
}

#[test]
fn structures_agree() {
    check("structures");
}

#[test]
fn large_structures_agree() {
    check("large");
}
