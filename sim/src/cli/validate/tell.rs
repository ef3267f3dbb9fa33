//! The answer for people: a table, the verdict, every hazard with its reason.

pub use crate::report::sheet::grouped;
use std::fmt::Write as _;

use super::gate::Gate;
use crate::protocol::{Base, Limits, Protocol};
use crate::validate::{Answer, Danger, Fit, Severity, Soundness, World};

/// Columns of a line.
const WIDTH: usize = 100;
/// Columns of the first column, and of what stands before a hazard's reason.
const LABEL: usize = 15;

/// `1 run`, `2 runs`.
pub fn counted(count: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(count), if count == 1 { "" } else { "s" })
}

/// The whole answer.
pub fn answer(answer: &Answer, gate: &Gate) -> String {
    let mut text = String::new();
    for (label, lines) in rows(answer) {
        for (index, line) in lines.iter().enumerate() {
            line_of(&mut text, if index == 0 { label } else { "" }, line);
        }
    }
    text.push('\n');
    let _ = writeln!(text, "{:<LABEL$}reachable", "hazard");
    answer.dangers.iter().for_each(|one| danger(&mut text, one, gate));
    text.push('\n');
    text += &verdict(answer, gate);
    text
}

/// What was looked at: a label, and lines about it.
pub fn rows(answer: &Answer) -> Vec<(&'static str, Vec<String>)> {
    let mut configuration = vec![limits(&answer.protocol)];
    configuration.extend(answer.notes.iter().map(|note| match note.severity {
        Severity::Broken => format!("CONTRADICTION {}: {}", note.name, note.text),
        Severity::Remark => format!("{}: {}", note.name, note.text),
    }));
    vec![
        ("protocol", vec![format!("{}, digest {}", answer.protocol.name, answer.digest)]),
        ("configuration", configuration),
        ("stories", stories(answer)),
        ("small worlds", answer.worlds.iter().flat_map(world).collect()),
        ("random runs", campaign(answer)),
        ("cost", cost(answer)),
    ]
}

/// The limits that matter, in one line.
pub fn limits(protocol: &Protocol) -> String {
    let Limits {
        max_cosignatories_per_account: cosignatories,
        max_cosigned_accounts_per_account: cosigned,
        max_multisig_depth: depth,
        max_cosignatures_per_aggregate: cap,
        max_transactions_per_aggregate: transactions,
        ..
    } = protocol.limits;
    if protocol.base == Base::Nis1 {
        let block = protocol.limits.max_transactions_per_block;
        return format!("{cosignatories} cosignatories, one level, {block} transactions a block");
    }
    let number = |value: u32| if value == u32::MAX { "any".to_owned() } else { value.to_string() };
    format!(
        "{} cosignatories, {} cosigned accounts, depth {depth}, {} cosignatures, {} transactions",
        number(cosignatories),
        number(cosigned),
        number(cap),
        number(transactions)
    )
}

fn stories(answer: &Answer) -> Vec<String> {
    let passed = answer.stories.iter().filter(|tried| tried.passed()).count();
    let failed: Vec<_> = answer.stories.iter().filter(|tried| tried.failed()).collect();
    let others = answer.stories.len() - passed - failed.len();
    let what = match failed.len() {
        0 => "as expected".to_owned(),
        count => format!("as expected, {count} FAILED"),
    };
    let mut lines = vec![format!("{passed} {what}, {others} do not fit")];
    for tried in failed {
        let first = match &tried.fit {
            Fit::Told(outcome) => outcome.failures.first().map(|one| {
                format!(
                    "step {}: `{}`: expected {}, found {}",
                    one.step, one.about, one.expected, one.found
                )
            }),
            Fit::Unreadable(error) => Some(error.to_string()),
            Fit::Not(_) => None,
        };
        lines.push(format!("FAILED {}: {}", tried.path, first.unwrap_or_default()));
    }
    lines
}

fn world(world: &World) -> Vec<String> {
    let counts = &world.counts;
    let unseen = if world.complete { "" } else { ", not all seen" };
    let kept = match world.broken.is_empty() {
        true => "every promise kept".to_owned(),
        false => format!("BROKEN {}", world.broken.join(", ")),
    };
    let mut lines = vec![format!(
        "{} accounts, {}: {} states, {} modifications{unseen}, {kept}",
        world.accounts,
        world.scale.name(),
        grouped(counts.states_labelled),
        grouped(counts.transitions)
    )];
    if !world.disagree.is_empty() {
        let names: Vec<&str> = world.disagree.iter().map(|peril| peril.name()).collect();
        lines.push(format!("SEARCH AND PROOF DIFFER: {}", names.join(", ")));
    }
    lines
}

fn campaign(answer: &Answer) -> Vec<String> {
    let report = &answer.campaign;
    let unfinished = if report.complete { "" } else { ", cut short" };
    let found = match answer.campaign.findings.len() {
        0 => "nothing found".to_owned(),
        count => format!("{count} FOUND"),
    };
    let mut lines = vec![format!(
        "{}, {}, {} invariants and the auditor{unfinished}: {found}",
        counted(report.runs, "run"),
        counted(report.tally.steps(), "step"),
        crate::invariant::ALL.len()
    )];
    lines.extend(answer.found.iter().map(|story| story.description.clone()));
    lines
}

fn cost(answer: &Answer) -> Vec<String> {
    let cost = &answer.cost;
    let most = if cost.exact { "" } else { "at most " };
    vec![
        format!(
            "{most}{} by one aggregate's approval check, {} allowed",
            counted(cost.visits, "account visit"),
            grouped(answer.visits_max)
        ),
        cost.formula.clone(),
    ]
}

fn danger(text: &mut String, danger: &Danger, gate: &Gate) {
    let found = if danger.reachable { "yes" } else { "no" };
    line_at(text, (danger.peril.name(), found), &danger.why);
    if let Some(witness) = &danger.witness {
        let (transactions, accounts) = (witness.transactions as u64, witness.accounts);
        let after = counted(transactions, "transaction");
        line_at(text, ("", ""), &format!("shown after {after} among {accounts} accounts"));
    }
    if danger.reachable {
        let closed = match danger.closed_by.is_empty() {
            true => "no single change of a limit or switch".to_owned(),
            false => danger.closed_by.join("; "),
        };
        line_at(text, ("", ""), &format!("closed by: {closed}"));
    }
    if let Some(what) = &danger.contradiction {
        line_at(text, ("", ""), &format!("CONTRADICTED: {what}"));
    }
    match gate.acceptance(danger.peril) {
        Some((acceptance, false)) => {
            let (until, reason) = (acceptance.until, &acceptance.reason);
            line_at(text, ("", ""), &format!("accepted until {until}: {reason}"));
        }
        Some((acceptance, true)) => {
            let (until, today, reason) = (acceptance.until, gate.today, &acceptance.reason);
            let what = format!("acceptance EXPIRED on {until} (today is {today}): {reason}");
            line_at(text, ("", ""), &what);
        }
        None => {}
    }
}

/// The verdict and what may not be.
pub fn verdict(answer: &Answer, gate: &Gate) -> String {
    let reachable = answer.dangers.iter().filter(|danger| danger.reachable);
    let names: Vec<&str> = reachable.map(|danger| danger.peril.name()).collect();
    let of = match answer.soundness() {
        Soundness::Hazards => format!(": {}", names.join(", ")),
        _ => String::new(),
    };
    let incomplete = if answer.complete { "" } else { " (incomplete)" };
    let mut text = format!("verdict: {}{of}{incomplete}\n", answer.soundness().name());
    let accepted = names.iter().filter_map(|name| name.parse().ok());
    let accepted = accepted.filter(|&peril| matches!(gate.acceptance(peril), Some((_, false))));
    let count = accepted.count() as u64;
    if count > 0 {
        let _ = writeln!(text, "accepted: {}", counted(count, "hazard"));
    }
    let refused: Vec<&str> = gate.refused(answer).iter().map(|peril| peril.name()).collect();
    if !refused.is_empty() {
        let _ = writeln!(text, "denied and reachable: {}", refused.join(", "));
    }
    text
}

/// A line with a label, wrapped.
pub fn line_of(text: &mut String, label: &str, line: &str) {
    for (index, part) in wrapped(line, WIDTH - LABEL).iter().enumerate() {
        let label = if index == 0 { label } else { "" };
        let _ = writeln!(text, "{label:<LABEL$}{part}");
    }
}

fn line_at(text: &mut String, (name, found): (&str, &str), line: &str) {
    for (index, part) in wrapped(line, WIDTH - LABEL - 5).iter().enumerate() {
        let (name, found) = if index == 0 { (name, found) } else { ("", "") };
        let _ = writeln!(text, "{name:<LABEL$}{found:<5}{part}");
    }
}

/// A text in lines of so many columns, broken between words.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}
