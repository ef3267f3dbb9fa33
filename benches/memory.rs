//! Heap bytes: of an account in the ledger, plain and as a multisig account, of a journalled step, and
//! of a state of the explorer. Counted by the allocator, so that one run is enough.
//!
//! The figures go to standard output and, for the benchmark report, to `target/figures/memory.json`.

use peak_alloc::PeakAlloc;
use quorate::explore::{Explorer, Question};
use quorate::ledger::{Genesis, Ledger};
use quorate::protocol::{Base, Protocol};
use quorate_bench::{Modifications, bounded, save};
use serde_json::{Value, json};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// The heap bytes that stay in use behind what `make` makes.
fn held<T>(make: impl FnOnce() -> T) -> (T, usize) {
    let before = HEAP.current_usage();
    let made = make();
    (made, HEAP.current_usage().saturating_sub(before))
}

/// What was counted, how many bytes each, and how many there were.
fn figure(name: impl Into<String>, bytes: usize, count: u64) -> Value {
    let (name, each) = (name.into(), bytes as f64 / count as f64);
    println!("{name:<36} {each:>12.2} bytes each of {count}");
    json!({"name": name, "bytes_each": each, "count": count})
}

fn accounts(figures: &mut Vec<Value>) {
    for count in [1_000, 100_000, 1_000_000] {
        let protocol = Protocol::of_base(Base::Symbol);
        let genesis = Genesis::of_accounts(count);
        let (ledger, bytes) = held(|| Ledger::from_genesis(protocol, &genesis));
        assert!(ledger.is_ok());
        figures.push(figure(format!("plain account, of {count}"), bytes, count as u64));
    }
    let count = 100_000;
    let work = Modifications::new(count, count / 4);
    let mut ledger = work.ledger();
    let (accepted, bytes) = held(|| work.run(&mut ledger));
    assert_eq!(accepted, work.round.len());
    figures.push(figure("journalled modification", bytes, accepted as u64));
}

fn states(figures: &mut Vec<Value>) {
    let protocol = bounded();
    for accounts in [6, 7] {
        let Ok(explorer) = Explorer::new(Question::new(&protocol, accounts)) else { continue };
        HEAP.reset_peak_usage();
        let before = HEAP.current_usage();
        let report = explorer.run();
        let peak = HEAP.peak_usage().saturating_sub(before);
        let states = report.counts.states_canonical;
        figures.push(figure(format!("explored state, {accounts} accounts, peak"), peak, states));
    }
}

fn main() -> std::io::Result<()> {
    let mut figures = Vec::new();
    accounts(&mut figures);
    states(&mut figures);
    save("memory.json", &figures)
}
