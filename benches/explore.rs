//! Exploring few accounts completely, every invariant checked in every state: states up to renaming a
//! second. The counts are the digest; they are printed once before the measurement. 9 accounts are in `once.rs`.
#![allow(missing_docs, reason = "criterion's macro makes an undocumented function")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use quorate_bench::{bounded, explored};

fn worlds(criterion: &mut Criterion) {
    let protocol = bounded();
    for accounts in 5..=8 {
        let counts = explored(&protocol, accounts, 1);
        println!("{accounts} accounts: {counts:?}");
        let mut group = criterion.benchmark_group(format!("explore/{accounts}"));
        group.sample_size(10);
        group.throughput(Throughput::Elements(counts.states_canonical));
        for jobs in [1, 2] {
            group.bench_function(format!("jobs {jobs}"), |bencher| {
                bencher.iter(|| assert_eq!(explored(&protocol, accounts, jobs), counts));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, worlds);
criterion_main!(benches);
