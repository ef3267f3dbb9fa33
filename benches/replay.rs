//! Replaying JSONL against what serde_json alone needs to read the same text into the same borrowed
//! records, the expected states as text (which is how a replay compares them) and as entries.
#![allow(missing_docs, reason = "criterion's macro makes an undocumented function")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use quorate::replay::{Options, replay};
use quorate::scenario::record::StepRecord;
use quorate::scenario::{Layout, open_reader, source};
use quorate_bench::texts;

fn jsonl(criterion: &mut Criterion) {
    for ruleset in ["symbol", "nis1"] {
        let texts = texts(ruleset);
        let bytes: usize = texts.iter().map(String::len).sum();
        let mut group = criterion.benchmark_group(format!("replay/{ruleset}"));
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function("serde_json alone", |bencher| {
            bencher.iter(|| {
                for line in texts.iter().flat_map(|text| text.lines().skip(1)) {
                    black_box(serde_json::from_str::<StepRecord<'_>>(line).is_ok());
                }
            });
        });
        group.bench_function("serde_json alone, states included", |bencher| {
            bencher.iter(|| {
                for line in texts.iter().flat_map(|text| text.lines().skip(1)) {
                    let step = serde_json::from_str::<StepRecord<'_>>(line);
                    let state = step.ok().and_then(|step| step.state?.entries().ok());
                    black_box(state.is_some());
                }
            });
        });
        for (name, bare) in [("without invariants", true), ("with invariants", false)] {
            let options = Options { bare, ..Options::default() };
            group.bench_function(name, |bencher| {
                bencher.iter(|| {
                    for text in &texts {
                        let reader = source(std::io::Cursor::new(text.clone()));
                        let opened = open_reader("trace", reader, Layout::Lines);
                        let outcome = opened
                            .and_then(|(header, mut steps)| replay(header, &mut steps, options));
                        assert!(outcome.is_ok_and(|outcome| outcome.failures.is_empty()));
                    }
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, jsonl);
criterion_main!(benches);
