//! Steps a second of the ledger alone: recorded traces by rule set, and simple modifications by
//! number of accounts (the cost of a step does not grow with it).
#![allow(missing_docs, reason = "criterion's macro makes an undocumented function")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use quorate_bench::{Modifications, Trace, traces};

fn recorded(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ledger/traces");
    for ruleset in ["symbol", "catapult-v3", "catapult-v1", "nis1", "nis1-blocks"] {
        let traces = traces(ruleset);
        let steps: usize = traces.iter().map(|trace| trace.steps.len()).sum();
        let digests = traces.iter().map(|trace| {
            let mut ledger = trace.ledger();
            let _ = trace.run(&mut ledger);
            ledger.state().digest()
        });
        println!("digest {ruleset}: {:016x}", digests.fold(0, |sum, one| sum ^ one));
        group.throughput(Throughput::Elements(steps as u64));
        group.bench_function(ruleset, |bencher| {
            bencher.iter_batched_ref(
                || traces.iter().map(Trace::ledger).collect::<Vec<_>>(),
                |ledgers| {
                    for (trace, ledger) in traces.iter().zip(ledgers) {
                        black_box(trace.run(ledger));
                    }
                },
                criterion::BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

fn modifications(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ledger/modifications");
    for accounts in [16, 1_000, 100_000, 1_000_000] {
        let work = Modifications::new(accounts, accounts.min(1_000) / 4);
        let mut ledger = work.ledger();
        group.throughput(Throughput::Elements(work.round.len() as u64));
        let id = BenchmarkId::from_parameter(accounts);
        group.bench_function(id, |bencher| bencher.iter(|| black_box(work.run(&mut ledger))));
        println!("digest {accounts} accounts: {:016x}", ledger.state().digest());
    }
    group.finish();
}

criterion_group!(benches, recorded, modifications);
criterion_main!(benches);
