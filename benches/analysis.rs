//! Analysing an account by size and sharing: all answers, now and eventually, without lists of sets.
//! What is proved and how likely it all is makes the digest, printed once before the measurement.
#![allow(missing_docs, reason = "criterion's macro makes an undocumented function")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::Read;

use criterion::{Criterion, criterion_group, criterion_main};
use flate2::read::GzDecoder;
use quorate::analysis::{Answers, Figures, Odds, Options, Structure, answers};
use quorate::protocol::Protocol;
use serde_json::{Map, Value, json};

/// The structures of one file.
fn lines(name: &str) -> Vec<Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../sim/tests/data/analysis");
    let mut text = String::new();
    let file = std::fs::File::open(format!("{folder}/{name}.jsonl.gz"));
    let read = file.and_then(|file| GzDecoder::new(file).read_to_string(&mut text));
    read.unwrap_or_else(|error| panic!("{name}: {error}"));
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// 25 accounts of 25 accounts of 25 keys, where so many keys stand in two or three places each.
fn large_tree(shared: usize) -> Value {
    let mut accounts = Map::new();
    let mut odds = Map::new();
    let entry =
        |below: Vec<String>| json!({"min_approval": 13, "min_removal": 12, "cosignatories": below});
    for one in 0..25 {
        let middle = (0..25).map(|two| format!("a{one}_{two}")).collect();
        for two in 0..25 {
            let place = one * 25 + two;
            let key = |three: usize| match place % 37 == 0 && three == 0 && shared > 0 {
                true => format!("shared{}", place / 37 % shared.max(1)),
                false => format!("k{one}_{two}_{three}"),
            };
            let below: Vec<String> = (0..25).map(key).collect();
            for name in &below {
                odds.insert(name.clone(), json!({"loss": 0.05, "compromise": 0.01}));
            }
            accounts.insert(format!("a{one}_{two}"), entry(below));
        }
        accounts.insert(format!("a{one}"), entry(middle));
    }
    accounts.insert("top".into(), entry((0..25).map(|one| format!("a{one}")).collect()));
    let (id, label) = (format!("S{shared:02}"), format!("25x25x25, {shared} shared"));
    json!({"id": id, "label": label, "accounts": accounts, "target": "top", "probabilities": odds})
}

/// Ordinary trees with a few shared keys that people brought; `m0` is the top of each.
fn brought() -> impl Iterator<Item = Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../sim/tests/data/field");
    let names = ["10x10-2-shared", "5x5x5-6-shared", "slow-25x5-13.3-6-2"];
    names.into_iter().filter_map(move |name| {
        let text = std::fs::read_to_string(format!("{folder}/{name}.json")).ok()?;
        let mut line: Value = serde_json::from_str(&text).ok()?;
        let fields = line.as_object_mut()?;
        fields.extend(
            [("id", name), ("label", "as brought"), ("target", "m0")]
                .map(|(name, value)| (name.to_owned(), Value::from(value))),
        );
        Some(line)
    })
}

/// Regular trees of so many levels, some keys in two of the bottom accounts: the costliest of a family of
/// random and regular ones.
fn family() -> impl Iterator<Item = Value> {
    let shapes: [(&[usize], usize); 6] = [
        (&[5, 5, 5], 24),
        (&[5, 5, 5], 60),
        (&[7, 7, 3], 24),
        (&[10, 10], 24),
        (&[25, 25], 60),
        (&[4, 4, 8], 24),
    ];
    shapes.into_iter().map(|(widths, shared)| regular(widths, shared))
}

fn regular(widths: &[usize], shared: usize) -> Value {
    let (mut accounts, mut odds) = (Map::new(), Map::new());
    let bottoms: usize = widths.iter().rev().skip(1).product();
    let mut level = vec!["m".to_owned()];
    for (depth, &width) in widths.iter().enumerate() {
        let mut next = Vec::new();
        for (place, name) in level.iter().enumerate() {
            let child = |child: usize| match depth + 1 == widths.len() {
                // in the next account it stands in the same place
                true if child * bottoms / 2 + place / 2 < shared => {
                    format!("shared{}_{child}", place / 2)
                }
                _ => format!("{name}_{child}"),
            };
            let below: Vec<String> = (0..width).map(child).collect();
            next.extend(below.iter().cloned());
            let entry = json!({
                "min_approval": width / 2 + 1, "min_removal": (width / 2).max(1),
                "cosignatories": below,
            });
            accounts.insert(name.clone(), entry);
        }
        level = next;
    }
    for key in level {
        odds.insert(key, json!({"loss": 0.05, "compromise": 0.01}));
    }
    let shape: Vec<String> = widths.iter().map(usize::to_string).collect();
    let id = format!("{}-{shared}", shape.join("x"));
    let label = "regular, keys shared by two accounts";
    json!({"id": id, "label": label, "accounts": accounts, "target": "m", "probabilities": odds})
}

fn text<'a>(line: &'a Value, name: &str) -> &'a str {
    line.get(name).and_then(Value::as_str).unwrap_or("")
}

fn structure(line: &Value) -> Option<Structure> {
    let number = |entry: &Value, name| entry.get(name)?.as_u64()?.try_into().ok();
    let entry = |(name, entry): (&String, &Value)| {
        let below = entry.get("cosignatories")?.as_array()?.iter();
        let below = below.filter_map(Value::as_str).map(str::to_owned).collect();
        Some((name.clone(), number(entry, "min_approval")?, number(entry, "min_removal")?, below))
    };
    let entries = line.get("accounts")?.as_object()?.iter().filter_map(entry);
    let protocol = Protocol::preset("symbol-mainnet")?;
    Structure::new(entries, &protocol).ok()
}

/// Where only one of the two is known, it stands for both.
fn odds(line: &Value) -> BTreeMap<String, Odds> {
    let odds = line.get("probabilities").and_then(Value::as_object).into_iter().flatten();
    let of = |(key, entry): (&String, &Value)| {
        let number = |name| entry.get(name).and_then(Value::as_f64);
        let (loss, compromise) = (number("loss"), number("compromise"));
        (key.clone(), Odds { loss: loss.or(compromise), compromise: compromise.or(loss) })
    };
    odds.map(of).collect()
}

fn digest(found: &Answers) -> u64 {
    let text = serde_json::to_string(&Figures::from(found)).unwrap_or_default();
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn measure(criterion: &mut Criterion, group: &str, line: &Value, odds: &BTreeMap<String, Odds>) {
    let Some(structure) = structure(line) else { return };
    let Some(target) = structure.target(text(line, "target")) else { return };
    let options = Options { list_max: 0, digest_max: 0, ..Options::default() };
    // The id says where the structure is from; the label, what it looks like.
    let name = format!("{}, {}", text(line, "id"), text(line, "label"));
    let mut told = false;
    let mut group = criterion.benchmark_group(group);
    group.sample_size(10);
    group.bench_function(name.as_str(), |bencher| {
        if !std::mem::replace(&mut told, true) {
            tell(&name, &answers(&structure, target, odds, &options));
        }
        bencher.iter(|| black_box(answers(&structure, target, odds, &options)));
    });
}

fn tell(name: &str, found: &Answers) {
    let (fewest, digest) = (&found.now.spend.fewest, digest(found));
    let (lower, enough) = (fewest.lower, fewest.keys.len());
    println!("digest {name}: {digest:016x}, fewest signatures {lower} .. {enough}");
}

fn everything(criterion: &mut Criterion) {
    let made = [large_tree(0), large_tree(8)];
    let hard = lines("hard").into_iter().filter(|line| text(line, "id") != "B11");
    for line in lines("large").into_iter().chain(made).chain(hard) {
        let odds = odds(&line);
        measure(criterion, "analysis", &line, &odds);
    }
}

/// What must end within the default budget.
fn bounded(criterion: &mut Criterion) {
    for line in brought().chain(family()) {
        let odds = odds(&line);
        measure(criterion, "analysis/bounded", &line, &odds);
    }
}

/// Without probabilities: the hardest to prove.
fn fewest_signatures(criterion: &mut Criterion) {
    for line in lines("hard") {
        measure(criterion, "analysis/fewest", &line, &BTreeMap::new());
    }
}

criterion_group!(benches, everything, bounded, fewest_signatures);
criterion_main!(benches);
