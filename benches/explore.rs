//! Exploring few accounts completely, every invariant checked in every state: states up to renaming a
//! second. The counts are the digest; they are printed once before the measurement.
#![allow(missing_docs, reason = "criterion's macro makes an undocumented function")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use quorate::explore::{Counts, Explorer, Question};
use quorate::protocol::Protocol;

/// The bounds of the figures: 3 cosignatories, 3 cosigned accounts, 2 levels.
fn bounded() -> Option<Protocol> {
    let mut protocol = Protocol::preset("symbol")?;
    protocol.limits.max_cosignatories_per_account = 3;
    protocol.limits.max_cosigned_accounts_per_account = 3;
    protocol.limits.max_multisig_depth = 2;
    Some(protocol)
}

fn explored(protocol: &Protocol, accounts: usize, jobs: usize) -> Option<Counts> {
    let question = Question { jobs, ..Question::new(protocol, accounts) };
    let report = Explorer::new(question).ok()?.run();
    (report.complete && report.broken.is_empty()).then_some(report.counts)
}

fn worlds(criterion: &mut Criterion) {
    let Some(protocol) = bounded() else { return };
    for accounts in 5..=8 {
        let Some(counts) = explored(&protocol, accounts, 1) else { continue };
        println!("{accounts} accounts: {counts:?}");
        let mut group = criterion.benchmark_group(format!("explore/{accounts}"));
        group.sample_size(10);
        group.throughput(Throughput::Elements(counts.states_canonical));
        for jobs in [1, 2] {
            group.bench_function(format!("jobs {jobs}"), |bencher| {
                bencher.iter(|| assert_eq!(explored(&protocol, accounts, jobs), Some(counts)));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, worlds);
criterion_main!(benches);
