//! What takes too long to be repeated: exploring 9 accounts completely, one run a number of threads.
//!
//! The times go to standard output and, for the benchmark report, to `target/figures/once.json`.

use std::time::Instant;

use quorate_bench::{bounded, explored, save};
use serde_json::json;

const ACCOUNTS: usize = 9;

fn main() -> std::io::Result<()> {
    let mut measures = Vec::new();
    for jobs in [1, 2] {
        let protocol = bounded();
        let start = Instant::now();
        let counts = explored(&protocol, ACCOUNTS, jobs);
        let took = start.elapsed();
        println!("{ACCOUNTS} accounts, {jobs} jobs: {took:.2?}, {counts:?}");
        let nanoseconds = took.as_nanos() as f64;
        measures.push(json!({
            "group": format!("explore/{ACCOUNTS}"),
            "name": format!("jobs {jobs}"),
            "nanoseconds": nanoseconds,
            "low": nanoseconds,
            "high": nanoseconds,
            "work": {"elements": counts.states_canonical},
        }));
    }
    save("once.json", &measures)
}
