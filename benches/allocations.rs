//! Calls of the allocator a step: of the ledger, of a campaign, of a replay. Growing what is there counts as a call.
//! Ledgers and readers are new for every trace, so that a step has its share of what each of them needs at first.
//!
//! The figures go to standard output and, for the benchmark report, to `target/figures/allocations.json`.

use std::alloc::System;
use std::hint::black_box;
use std::io::Cursor;
use std::sync::atomic::AtomicBool;

use quorate::campaign::{CampaignPlan, Progress, Recorded, campaign, record};
use quorate::protocol::Protocol;
use quorate::replay::{Options, replay};
use quorate::scenario::{Layout, open_reader, source};
use quorate::trial::Trial;
use quorate_bench::{Modifications, Trace, save, texts, traces};
use serde_json::{Value, json};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Steps of a recorded run.
const STEPS: u32 = 500;

/// The calls of the allocator that something makes, for each of so many steps.
fn counted(name: impl Into<String>, steps: usize, work: impl FnOnce()) -> Value {
    let region = Region::new(HEAP);
    work();
    let stats = region.change();
    let each = (stats.allocations + stats.reallocations) as f64 / steps.max(1) as f64;
    let name = name.into();
    println!("{name:<56} {each:>10.5} a step, over {steps} steps");
    json!({"name": name, "each": each, "count": steps})
}

fn ledger(figures: &mut Vec<Value>) {
    for (ruleset, name) in [("symbol", "Symbol"), ("nis1", "NIS1")] {
        let traces = traces(ruleset);
        let mut ledgers: Vec<_> = traces.iter().map(Trace::ledger).collect();
        let steps = traces.iter().map(|trace| trace.steps.len()).sum();
        figures.push(counted(format!("the ledger alone, recorded {name} traces"), steps, || {
            for (trace, ledger) in traces.iter().zip(&mut ledgers) {
                black_box(trace.run(ledger));
            }
        }));
    }
    let work = Modifications::new(1_000, 250);
    let mut ledger = work.ledger();
    // What the ledger needs at first stands after a round.
    assert_eq!(work.run(&mut ledger), work.round.len());
    figures.push(counted(
        "the ledger alone, modifications over and over",
        work.round.len(),
        || {
            black_box(work.run(&mut ledger));
        },
    ));
}

fn trial(run: &Recorded, audited: bool) -> Option<Trial> {
    let protocol = &run.world.protocol;
    Trial::new(protocol, protocol.clone(), &run.world.genesis, audited).ok()
}

/// Recorded runs under the checks of a campaign, and whole campaigns, in which the choices count, too.
fn campaigns(figures: &mut Vec<Value>) -> Option<()> {
    let plan =
        CampaignPlan { runs: 20, steps: STEPS, ..CampaignPlan::new(Protocol::preset("symbol")?) };
    let recorded = |run| record(&plan, run, STEPS as usize - 1, &AtomicBool::new(false));
    let runs: Vec<Recorded> = (0..plan.runs).filter_map(recorded).collect();
    let steps: usize = runs.iter().map(|run| run.steps.len()).sum();
    for (name, audited) in [("every invariant", false), ("every invariant and the auditor", true)] {
        let mut trials: Vec<_> = runs.iter().filter_map(|run| trial(run, audited)).collect();
        figures.push(counted(format!("a campaign's steps, {name}"), steps, || {
            for (run, trial) in runs.iter().zip(&mut trials) {
                assert!(run.steps.iter().all(|step| trial.step(step).is_ok()));
            }
        }));
    }
    let run = || campaign(&plan, &Progress::default(), |_| ()).tally.modifications;
    let judged = run();
    let steps = plan.runs as usize * plan.steps as usize;
    figures.push(counted("a whole campaign, from the first choice on", steps, || {
        assert_eq!(run(), judged);
    }));
    Some(())
}

fn replays(figures: &mut Vec<Value>) {
    for (ruleset, name) in [("symbol", "Symbol"), ("nis1", "NIS1")] {
        let texts = texts(ruleset);
        let steps = texts.iter().map(|text| text.lines().count() - 1).sum();
        let readers: Vec<_> = texts.iter().map(|text| source(Cursor::new(text.clone()))).collect();
        figures.push(counted(format!("recorded {name} traces read and replayed"), steps, || {
            for reader in readers {
                let outcome = open_reader("trace", reader, Layout::Lines)
                    .and_then(|(header, mut steps)| replay(header, &mut steps, Options::default()));
                assert!(outcome.is_ok_and(|outcome| outcome.failures.is_empty()));
            }
        }));
    }
}

fn main() -> std::io::Result<()> {
    let mut figures = Vec::new();
    ledger(&mut figures);
    assert!(campaigns(&mut figures).is_some(), "a preset is missing");
    replays(&mut figures);
    save("allocations.json", &figures)
}
