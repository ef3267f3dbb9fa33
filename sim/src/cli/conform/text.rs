//! The answer of `conform` for people.

use std::fmt::Write as _;

use crate::cli::interrupt::was_pressed;
use crate::conformance;
use crate::report::{Report, Scenario};
use crate::unit::count_of;

/// What is said of one scenario; nothing if it agrees. One whose differences are all of kinds that were shown
/// before has a line.
pub fn scenario(peer: &str, scenario: &Scenario, is_known: bool) -> String {
    let mut text = String::new();
    let path = &scenario.path;
    if !scenario.failures.is_empty() {
        let again = if is_known { " (as shown above)" } else { "" };
        let _ = writeln!(text, "DIFFERS {path}{again}");
    }
    for failure in scenario.failures.iter().filter(|_| !is_known) {
        let (line, step, about) = (failure.line, failure.step, &failure.about);
        let _ =
            writeln!(text, "{path}:{line}: step {step}: another `{about}` than the peer `{peer}`");
        let _ = writeln!(text, "  ours:   {}", failure.expected);
        let _ = writeln!(text, "  peer's: {}", failure.found);
        if let Some(reason) = &failure.reason {
            let _ = writeln!(text, "  reason: {}", reason.text);
        }
        match &failure.shrunk {
            Some(file) => {
                let _ = writeln!(text, "  shrunk: {file}");
            }
            None if failure.detail.is_empty() => {}
            None => {
                let _ = writeln!(text, "  shrunk (`--save DIR` keeps it as a file):");
                failure.detail.lines().for_each(|line| {
                    let _ = writeln!(text, "    {line}");
                });
            }
        }
    }
    if let Some(error) = &scenario.error {
        let _ = writeln!(text, "PEER FAILED: `{peer}`");
        let _ = writeln!(text, "{path}:{}: step {}: {}", error.line, error.step, error.found);
    }
    text
}

/// The end of the answer: counts for each peer, and the command that repeats the first failure.
pub fn summary(report: &Report) -> String {
    let mut text = String::new();
    for run in &report.runs {
        let count = run.scenarios.len();
        let agree = run.scenarios.iter().filter(|one| one.findings().next().is_none()).count();
        let steps: u64 = run.scenarios.iter().map(|scenario| scenario.steps).sum();
        let declared: u64 = run.scenarios.iter().filter_map(|scenario| scenario.declared).sum();
        let uncompared = match conformance::uncompared(&run.scenarios).values().sum() {
            0_u64 => String::new(),
            steps => format!(", {} not compared", count_of(steps, "step")),
        };
        let peer = run.peer.as_deref().unwrap_or("");
        let _ = writeln!(
            text,
            "{agree} of {count} scenarios agree with `{peer}`: {}, {}{uncompared}",
            count_of(steps, "step"),
            count_of(declared, "declared difference")
        );
        for (number, kind) in (1..).zip(&run.kinds) {
            let _ = writeln!(text, "  {number}. {}; first: {}", kind.words(), kind.place());
        }
        for (why, steps) in conformance::uncompared(&run.scenarios) {
            let _ = writeln!(text, "  not compared, {}: {why}", count_of(steps, "step"));
        }
        for one in &run.declared {
            let (ours, theirs, why) = (&one.ours, &one.theirs, &one.why);
            let times = count_of(one.count, "time");
            let _ = writeln!(text, "  declared: ours `{ours}`, theirs `{theirs}`, {times}: {why}");
        }
    }
    if !report.complete {
        let why = if was_pressed() { "stopped by Ctrl-C" } else { "the time was up" };
        let _ = writeln!(text, "incomplete: {why}");
    }
    if !report.repeat.is_empty() {
        let _ = writeln!(text, "reproduce: {}", report.repeat);
    }
    text
}
