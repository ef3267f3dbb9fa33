//! Scratch.
#![allow(
    clippy::all,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::allow_attributes_without_reason
)]
use quorate::campaign::*;
use quorate::fault::Fault;
use quorate::protocol::*;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let runs: u64 = args.get(2).map_or(2000, |a| a.parse().unwrap());
    let audited = args.get(3).map_or(true, |a| a != "bare");
    let seed = args.get(4).map_or(1, |a| a.parse().unwrap());
    if args[1] == "faults" {
        for fault in Fault::all() {
            let plan = Plan {
                protocol: Protocol::preset(fault.protocols[0]).unwrap(),
                fault: Some(fault),
                seed,
                runs,
                steps: 500,
                audited,
                keep_going: false,
                jobs: 1,
            };
            let t = std::time::Instant::now();
            let r = campaign(&plan, &Progress::default(), |_| ());
            println!(
                "{:40} {:8.3}s steps {:?} {:?}",
                fault.name,
                t.elapsed().as_secs_f64(),
                r.steps_to_first,
                r.findings.first().map(|f| f.failure.kind)
            );
        }
        return;
    }
    for (name, _) in PRESETS {
        if args[1] != "all" && args[1] != name {
            continue;
        }
        let plan = Plan {
            protocol: Protocol::preset(name).unwrap(),
            fault: None,
            seed,
            runs,
            steps: 500,
            audited,
            keep_going: true,
            jobs: 1,
        };
        let t = std::time::Instant::now();
        let r = campaign(&plan, &Progress::default(), |_| ());
        let s = t.elapsed().as_secs_f64();
        println!(
            "{name}: steps {} mods {} accepted {} states {} in {s:.2}s: {:.0} steps/s {:.0} mods/s",
            r.tally.steps(),
            r.tally.modifications,
            r.tally.accepted(),
            r.tally.states,
            r.tally.steps() as f64 / s,
            r.tally.modifications as f64 / s
        );
        for f in &r.findings {
            println!(
                "  run {} step {} x{}: {:?} {}",
                f.run, f.step, f.count, f.failure.kind, f.failure.what
            );
            let rec = record(&plan, f.run, f.step).unwrap();
            println!("    {:?}", rec.steps.last().unwrap());
        }
        if args.len() > 5 {
            for (n, c) in r.tally.rows(&plan.protocol) {
                println!("   {n:60} {c:?}");
            }
        }
    }
}
