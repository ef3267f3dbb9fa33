//! What each group of checks costs: the same recorded sequences through the ledger alone, with every
//! invariant, and with the auditor as well; and whole campaigns by protocol and threads. One element
//! is one multisig modification that was judged.
#![allow(missing_docs, reason = "criterion's macro makes an undocumented function")]

use std::hint::black_box;
use std::sync::atomic::AtomicBool;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use quorate::campaign::{CampaignPlan, Progress, Recorded, campaign, record};
use quorate::ledger::Ledger;
use quorate::protocol::Protocol;
use quorate::trial::Trial;

const STEPS: u32 = 500;

fn plan(protocol: &str, runs: u64, audited: bool, jobs: usize) -> Option<CampaignPlan> {
    Some(CampaignPlan {
        runs,
        steps: STEPS,
        audited,
        jobs,
        ..CampaignPlan::new(Protocol::preset(protocol)?)
    })
}

fn ledger(run: &Recorded) -> Option<Ledger> {
    Ledger::from_genesis(run.world.protocol.clone(), &run.world.genesis).ok()
}

fn trial(run: &Recorded, audited: bool) -> Option<Trial> {
    let protocol = &run.world.protocol;
    Trial::new(protocol, protocol.clone(), &run.world.genesis, audited).ok()
}

fn modifications(plan: &CampaignPlan) -> u64 {
    campaign(plan, &Progress::default(), |_| ()).tally.modifications
}

/// The same sequences under more and more checks.
fn checks(criterion: &mut Criterion) {
    let Some(plan) = plan("symbol", 20, false, 1) else { return };
    let recorded = |run| record(&plan, run, STEPS as usize - 1, &AtomicBool::new(false));
    let runs: Vec<Recorded> = (0..plan.runs).filter_map(recorded).collect();
    let mut group = criterion.benchmark_group("campaign/checks");
    group.throughput(Throughput::Elements(modifications(&plan)));
    group.bench_function("ledger alone", |bencher| {
        bencher.iter_batched_ref(
            || runs.iter().filter_map(ledger).collect::<Vec<_>>(),
            |ledgers| {
                for (run, ledger) in runs.iter().zip(ledgers) {
                    for step in &run.steps {
                        black_box(step.put_to(ledger));
                    }
                }
            },
            BatchSize::LargeInput,
        );
    });
    for (name, audited) in [("every invariant", false), ("every invariant and the auditor", true)] {
        group.bench_function(name, |bencher| {
            bencher.iter_batched_ref(
                || runs.iter().filter_map(|run| trial(run, audited)).collect::<Vec<_>>(),
                |trials| {
                    for (run, trial) in runs.iter().zip(trials) {
                        for step in &run.steps {
                            assert!(trial.step(step).is_ok());
                        }
                    }
                },
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

/// Campaigns from the first choice to the last check.
fn campaigns(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("campaign/whole");
    group.sample_size(10);
    for name in ["symbol", "catapult-v1", "catapult-v3", "nis1"] {
        for jobs in [1, 2] {
            let Some(plan) = plan(name, 64, true, jobs) else { continue };
            let judged = modifications(&plan);
            println!("digest {name}: {judged} modifications");
            group.throughput(Throughput::Elements(judged));
            let id = BenchmarkId::new(name, format!("{jobs} threads"));
            group.bench_function(id, |bencher| {
                bencher.iter(|| assert_eq!(modifications(&plan), judged));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, checks, campaigns);
criterion_main!(benches);
