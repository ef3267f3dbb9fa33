//! `explore --compare-fuzz`: a campaign held against the complete count.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::tell::{Title, grouped};
use super::{Arguments, fatal};
use crate::cli::output::print;
use crate::cli::replay::Format;
use crate::cli::{Exit, Fatal, interrupt};
use crate::explore::{self, Bounds, Hunt, Question, Residual, Stop};

/// Explores, hunts, and says which share of the states the hunt met.
pub(super) fn run(
    arguments: &Arguments,
    question: &Question<'_>,
    runs: u64,
) -> Result<Exit, Fatal> {
    let hunt = Hunt { seed: arguments.seed, runs, steps: arguments.steps };
    let stop = interrupt::watch()?;
    let residual = explore::residual(question, hunt, &stop).map_err(fatal)?;
    print(&match arguments.format {
        Format::Text => text(question, hunt, &residual),
        Format::Json => format!("{}\n", document(question, hunt, &residual)),
    })?;
    Ok(match residual.stop {
        _ if residual.strays > 0 => Exit::Broken,
        Some(Stop::Asked) => Exit::Stopped,
        _ => Exit::Good,
    })
}

/// The part that was seen, 0 to 1.
fn share(seen: u64, all: u64) -> f64 {
    seen as f64 / all.max(1) as f64
}

/// Rounded down, so that only the whole reads as 100 %.
fn percent(seen: u64, all: u64) -> String {
    let hundredths = u128::from(seen) * 10_000 / u128::from(all.max(1));
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

fn text(question: &Question<'_>, hunt: Hunt, residual: &Residual) -> String {
    let limits = Bounds::of(question.protocol);
    let name = &question.protocol.name;
    let mut text =
        Title { protocol: name, accounts: question.accounts, limits, share: (1, 1) }.text();
    let _ = writeln!(
        text,
        "{:>9} {:>13} {:>18} {:>9} {:>16} {:>9}",
        "runs", "accepted", "states, labelled", "seen", "up to renaming", "seen"
    );
    for mark in &residual.marks {
        let seen = |seen, all: Option<u64>| all.map_or("?".to_owned(), |all| percent(seen, all));
        let (labelled, canonical) = (mark.states_labelled, mark.states_canonical);
        let _ = writeln!(
            text,
            "{:>9} {:>13} {:>18} {:>9} {:>16} {:>9}",
            grouped(mark.runs),
            grouped(mark.accepted),
            grouped(labelled),
            seen(labelled, residual.exact.map(|exact| exact.states_labelled)),
            grouped(canonical),
            seen(canonical, residual.exact.map(|exact| exact.states_canonical)),
        );
    }
    text + &ending(hunt, residual)
}

fn ending(hunt: Hunt, residual: &Residual) -> String {
    let last = residual.marks.last().copied().unwrap_or_default();
    let (runs, steps, seed) = (grouped(last.runs), grouped(hunt.steps.into()), hunt.seed);
    let mut text = match residual.exact {
        None => "\nThe exploration did not see all states, so no share is known.\n".to_owned(),
        Some(exact) => {
            let left = exact.states_labelled.saturating_sub(last.states_labelled);
            let kinds = exact.states_canonical.saturating_sub(last.states_canonical);
            format!(
                "\nThere are {} labelled states, {} up to renaming. {runs} runs of {steps} transactions \
                 (seed {seed}) left {} labelled and {} up to renaming unseen.\n",
                grouped(exact.states_labelled),
                grouped(exact.states_canonical),
                grouped(left),
                grouped(kinds),
            )
        }
    };
    if residual.strays > 0 {
        let strays = grouped(residual.strays);
        let _ =
            writeln!(text, "broken: {strays} states were met that the exploration did not reach");
    }
    match residual.stop {
        Some(Stop::Memory) => text += "The hunt ended early: no memory left (`--memory`).\n",
        Some(_) => text += "The hunt was stopped.\n",
        None => {}
    }
    text
}

fn document(question: &Question<'_>, hunt: Hunt, residual: &Residual) -> Value {
    let exact = residual.exact;
    let marks = residual.marks.iter().map(|mark| {
        let (labelled, canonical) = (mark.states_labelled, mark.states_canonical);
        json!({
            "runs": mark.runs,
            "steps": mark.steps,
            "accepted": mark.accepted,
            "states_labelled": labelled,
            "states_canonical": canonical,
            "share_labelled": exact.map(|exact| share(labelled, exact.states_labelled)),
            "share_canonical": exact.map(|exact| share(canonical, exact.states_canonical)),
        })
    });
    json!({
        "protocol": question.protocol.name,
        "accounts": question.accounts,
        "limits": Bounds::of(question.protocol),
        "seed": hunt.seed,
        "steps": hunt.steps,
        "complete": exact.is_some(),
        "states_labelled": exact.map(|exact| exact.states_labelled),
        "states_canonical": exact.map(|exact| exact.states_canonical),
        "marks": marks.collect::<Vec<_>>(),
        "strays": residual.strays,
        "stop": residual.stop,
        "protocol_digest": question.protocol.digest(),
        "quorate": env!("CARGO_PKG_VERSION"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_is_a_hundred_percent() {
        assert_eq!(percent(52, 52), "100.00 %");
        assert_eq!(percent(99_999, 100_000), "99.99 %");
        assert_eq!(percent(1, 52), "1.92 %");
        assert_eq!(percent(0, 0), "0.00 %");
    }
}
