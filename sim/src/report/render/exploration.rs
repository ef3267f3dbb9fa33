//! `explore`: every state of so many accounts, what is reachable in them, sweeps over limits.

use std::collections::BTreeSet;

use super::{Block, Cell, Mark, Section, Sheet, Table, count_of, counted, head, protocol_facts};
use crate::explore::{
    Agreement, Bounds, Found, LIMITS, Mark as Sample, Part, Residual, Row, Stop, SweepReport,
};
use crate::replay::ProtocolId;
use crate::report::chart::{Chart, Point, Series};
use crate::report::sheet::grouped;
use crate::version::Version;

impl From<&Part> for Sheet {
    fn from(answer: &Part) -> Self {
        let reachable: Vec<&Found> =
            answer.hazards.iter().filter(|one| one.reachable == Some(true)).collect();
        let broken: Vec<&Found> = answer.broken.iter().collect();
        let verdict = match (broken.is_empty(), reachable.is_empty()) {
            (true, true) if answer.complete => {
                (Mark::Good, "all invariants hold in every state".to_owned())
            }
            (true, true) => {
                (Mark::Warning, "all invariants hold in the states that were seen".to_owned())
            }
            (true, false) => (Mark::Warning, nearest("reachable", "in", &reachable)),
            (false, _) => (Mark::Bad, nearest("broken", "after", &broken)),
        };
        let verdict = match not_excluded(answer) {
            Some(words) if broken.is_empty() => (Mark::Bad, words),
            _ => verdict,
        };
        let mut sections = Vec::new();
        if !answer.hazards.is_empty() || !answer.broken.is_empty() {
            sections.push(found(answer));
        }
        sections.push(Section { title: "States".into(), blocks: vec![counts(answer)] });
        let mut facts = facts(
            (&answer.protocol, &answer.protocol_digest, &answer.version),
            Some(answer.limits),
        );
        if answer.share != (1, 1) {
            facts.push(("part".into(), format!("{} of {}", answer.share.0, answer.share.1)));
        }
        Self {
            title: title("Every state", answer.accounts),
            verdict: Some(verdict),
            lead: extent(answer),
            facts,
            sections,
            reproduce: None,
            conclusion: None,
        }
    }
}

/// The denied hazards that are reachable; without any, those that are not decided.
fn not_excluded(answer: &Part) -> Option<String> {
    let (reachable, open): (Vec<&Found>, Vec<&Found>) =
        answer.not_excluded().partition(|found| found.reachable == Some(true));
    let names = || open.iter().map(|found| found.name.as_str()).collect::<Vec<_>>().join(", ");
    match (reachable.is_empty(), open.is_empty()) {
        (false, _) => Some(format!("denied: {}", nearest("reachable", "in", &reachable))),
        (true, false) => {
            Some(format!("denied and undecided: {}; not all states were seen", names()))
        }
        (true, true) => None,
    }
}

/// The names of what was found with the modifications to each, the nearest first.
fn nearest(word: &str, when: &str, found: &[&Found]) -> String {
    const NAMES_MAX: usize = 4;
    let mut found = found.to_vec();
    found.sort_by_key(|one| one.depth);
    let words = |(at, one): (usize, &&Found)| match at {
        0 => format!("{} {word} {when} {}", one.name, distance(one)),
        _ => format!("{} {when} {}", one.name, distance(one)),
    };
    let mut names: Vec<String> = found.iter().take(NAMES_MAX).enumerate().map(words).collect();
    if found.len() > NAMES_MAX {
        names.push(format!("{} more", found.len() - NAMES_MAX));
    }
    names.join(", ")
}

/// How many modifications lead there.
fn distance(found: &Found) -> String {
    count_of(found.depth.unwrap_or(0).into(), "modification")
}

fn title(what: &str, accounts: usize) -> String {
    format!("{what} of {}", count_of(accounts as u64, "account"))
}

fn facts(
    (name, digest, version): (&str, &str, &Version),
    limits: Option<Bounds>,
) -> Vec<(String, String)> {
    let protocol = ProtocolId { name: name.to_owned(), digest: digest.to_owned() };
    let mut facts = protocol_facts(version, &[protocol]);
    let number = |value: u32| if value == u32::MAX { "any".to_owned() } else { value.to_string() };
    if let Some(limits) = limits {
        facts.extend([
            ("most cosignatories".to_owned(), number(limits.max_cosignatories_per_account)),
            ("most cosigned accounts".to_owned(), number(limits.max_cosigned_accounts_per_account)),
            ("most levels".to_owned(), number(limits.max_multisig_depth)),
            ("most cosignatures".to_owned(), number(limits.max_cosignatures_per_aggregate)),
        ]);
    }
    facts
}

/// How far the search went, and why no further.
fn extent(answer: &Part) -> String {
    let proved = count_of(u64::from(answer.depth_proved), "modification");
    let why = match answer.stop {
        None if answer.complete => {
            return "All states that these accounts can reach were visited.".to_owned();
        }
        Some(Stop::Memory) => "the next ones need more memory than allowed (`--memory`)",
        Some(Stop::Asked) => "stopped by Ctrl-C, incomplete",
        Some(Stop::Depth) => "no more were asked for (`--max-modifications`)",
        Some(Stop::Found) => "every hazard is found (`--to-the-end` continues)",
        Some(Stop::Asymmetric) => "a hazard of one's own depends on which account is which",
        None => "a part is not complete",
    };
    format!("All states up to {proved} were visited; not all: {why}.")
}

fn counts(answer: &Part) -> Block {
    let so_far = if answer.complete { "" } else { ", looked at so far" };
    let row = |words: &str, number| vec![Cell::text(format!("{words}{so_far}")), counted(number)];
    let mut rows = vec![
        row("states, accounts distinguished by name", answer.states_labelled),
        row("states up to renaming", answer.states_canonical),
        row("legal modifications out of them", answer.transitions),
        row("modifications to the farthest state", u64::from(answer.depth_max)),
    ];
    if let Some(seconds) = answer.seconds {
        let seconds = Cell { number: true, ..Cell::text(format!("{seconds:.3}")) };
        rows.push(vec![Cell::text("seconds"), seconds]);
    }
    Block::Table(Table { head: head(&["Count of", "Number"]), rows })
}

fn found(answer: &Part) -> Section {
    let row = |found: &Found, words: String, mark| {
        vec![Cell::text(found.name.as_str()), Cell::text(words).marked(mark)]
    };
    let broken = answer
        .broken
        .iter()
        .map(|found| row(found, format!("broken after {}", distance(found)), Mark::Bad));
    let hazards = answer.hazards.iter().map(|found| match (found.reachable, &found.account) {
        (Some(true), Some(account)) => {
            row(found, format!("reachable for `{account}` in {}", distance(found)), Mark::Warning)
        }
        (Some(true), None) => {
            row(found, format!("reachable in {}", distance(found)), Mark::Warning)
        }
        (Some(false), _) => row(found, "not reachable".to_owned(), Mark::Good),
        (None, _) => row(found, "not found in the states seen".to_owned(), Mark::Quiet),
    });
    let rows = broken.chain(hazards).collect();
    let mut blocks = vec![Block::Table(Table { head: head(&["Name", "Found"]), rows })];
    for found in answer.broken.iter().chain(&answer.hazards) {
        let Some(scenario) = &found.scenario else { continue };
        blocks.push(Block::OnPage(vec![Block::Scenario(scenario.clone())]));
    }
    Section { title: "Hazards".into(), blocks }
}

impl From<&Agreement> for Sheet {
    fn from(answer: &Agreement) -> Self {
        let verdict = match &answer.disagreement {
            None => (Mark::Good, "closed form and search agree".to_owned()),
            Some(_) => (Mark::Bad, "closed form and search differ".to_owned()),
        };
        let row = |words: &str, number| vec![Cell::text(words), counted(number)];
        let rows = vec![
            row("states up to renaming", answer.states),
            row("states with a coalition", answer.coalitions),
            row("answers compared", answer.answers),
            row("coalitions that gain an account", answer.gained),
        ];
        let table = Block::Table(Table { head: head(&["Count of", "Number"]), rows });
        let mut sections = vec![Section { title: "Compared".into(), blocks: vec![table] }];
        sections.extend(answer.disagreement.as_ref().map(|found| {
            let words = format!(
                "Coalition {:#010b} of {} controls {:#010b} by the closed form, {:#010b} by search.",
                found.coalition, found.state, found.closed_form, found.search
            );
            Section { title: "First difference".into(), blocks: vec![Block::Text(words)] }
        }));
        let protocol = (answer.protocol.as_str(), answer.protocol_digest.as_str(), &answer.version);
        Self {
            title: title("Eventual control", answer.accounts),
            verdict: Some(verdict),
            lead: "What every coalition of keys can spend in the end, in every state.".into(),
            facts: facts(protocol, Some(answer.limits)),
            sections,
            reproduce: None,
            conclusion: None,
        }
    }
}

impl From<&Residual> for Sheet {
    fn from(answer: &Residual) -> Self {
        let verdict = match (answer.unexplored, answer.stop) {
            (0, None) => (Mark::Good, "every state met was explored".to_owned()),
            (0, Some(Stop::Memory)) => (Mark::Warning, "no memory left (`--memory`)".to_owned()),
            (0, Some(_)) => (Mark::Warning, "stopped".to_owned()),
            (count, _) => (Mark::Bad, format!("{} met and not explored", count_of(count, "state"))),
        };
        let row = |mark: &Sample| {
            let all = answer.exact;
            let share = |seen, all: Option<u64>| {
                let words = all.map_or_else(|| "?".to_owned(), |all| percent(seen, all));
                Cell { number: true, ..Cell::text(words) }
            };
            vec![
                counted(mark.runs),
                counted(mark.accepted),
                counted(mark.states_labelled),
                share(mark.states_labelled, all.map(|all| all.states_labelled)),
                counted(mark.states_canonical),
                share(mark.states_canonical, all.map(|all| all.states_canonical)),
            ]
        };
        let head = head(&["Runs", "Accepted", "States", "Seen", "Up to renaming", "Seen"]);
        let table = Table { head, rows: answer.marks.iter().map(row).collect() };
        let protocol = (answer.protocol.as_str(), answer.protocol_digest.as_str(), &answer.version);
        let mut facts = facts(protocol, Some(answer.limits));
        facts.push(("seed".into(), answer.seed.to_string()));
        Self {
            title: title("Random runs against every state", answer.accounts),
            verdict: Some(verdict),
            lead: unseen(answer),
            facts,
            sections: vec![Section {
                title: "States met".into(),
                blocks: vec![Block::Table(table)],
            }],
            reproduce: None,
            conclusion: None,
        }
    }
}

/// What the random runs left unseen.
fn unseen(answer: &Residual) -> String {
    let Some(all) = answer.exact else {
        return "The exploration did not see all states, so no share is known.".to_owned();
    };
    let last = answer.marks.last().copied().unwrap_or_default();
    format!(
        "There are {} labelled states, {} up to renaming. {} runs of {} transactions left {} labelled \
         and {} up to renaming unseen.",
        grouped(all.states_labelled),
        grouped(all.states_canonical),
        grouped(last.runs),
        grouped(answer.steps.into()),
        grouped(all.states_labelled.saturating_sub(last.states_labelled)),
        grouped(all.states_canonical.saturating_sub(last.states_canonical)),
    )
}

/// Rounded to the nearest; only the whole reads as 100 %, only nothing as 0 %.
fn percent(seen: u64, all: u64) -> String {
    let whole = u128::from(all.max(1));
    let nearest = (u128::from(seen) * 10_000 + whole / 2) / whole;
    let hundredths = match seen {
        0 => 0,
        seen if seen >= all => nearest,
        _ => nearest.clamp(1, 9_999),
    };
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

impl From<&SweepReport> for Sheet {
    fn from(answer: &SweepReport) -> Self {
        let number = |value: u32| match value {
            u32::MAX => Cell { number: true, ..Cell::text("any") },
            value => counted(value.into()),
        };
        let varied: Vec<usize> = (0..LIMITS.len()).filter(|&at| variety(answer, at) > 1).collect();
        let row = |row: &Row| {
            let found = row.found.iter().map(|one| format!("{} after {}", one.name, one.depth));
            let none = if row.complete { "not reachable" } else { "not found so far" };
            let others = answer.not_reached(row).map(|name| format!("{name} {none}"));
            let mut found = found.chain(others).collect::<Vec<_>>().join(", ");
            if !row.complete {
                found.push_str(" (not complete)");
            }
            let counts = [row.counts.states_labelled, row.counts.states_canonical].map(counted);
            let limits = varied.iter().map(|&at| number(limit(row, at)));
            limits.chain(counts).chain([Cell::text(found)]).collect()
        };
        let names = varied.iter().filter_map(|&at| LIMITS.get(at).copied());
        let others = ["states", "up to renaming", "found"];
        let head = head(&names.chain(others).collect::<Vec<_>>());
        let table = Block::Table(Table { head, rows: answer.rows.iter().map(row).collect() });
        let mut blocks = vec![table];
        if answer.rows.len() > 1 {
            blocks.push(Block::Chart(sweep_chart(answer)));
        }
        let mut sections = vec![Section { title: "Limits and states".into(), blocks }];
        sections.extend(closed(answer));
        let protocol = (answer.protocol.as_str(), answer.protocol_digest.as_str(), &answer.version);
        Self {
            title: title("Limits and the states they allow", answer.accounts),
            verdict: sweep_verdict(answer),
            facts: facts(protocol, None).into_iter().chain(constant(answer)).collect(),
            sections,
            ..Self::default()
        }
    }
}

/// What may not be and is, or is not excluded.
fn sweep_verdict(answer: &SweepReport) -> Option<(Mark, String)> {
    let of = |rows| format!("{} of {}", rows, count_of(answer.rows.len() as u64, "combination"));
    let words = |(name, [reached, open]): (&str, [u64; 2])| match (reached, open) {
        (0, open) => format!("{name} undecided under {}", of(open)),
        (reached, _) => format!("{name} reachable under {}", of(reached)),
    };
    let denied: Vec<String> = answer.not_excluded().map(words).collect();
    match (answer.is_broken(), denied.is_empty()) {
        (true, _) => Some((Mark::Bad, "an invariant is broken".to_owned())),
        (false, false) => Some((Mark::Bad, format!("denied: {}", denied.join(", ")))),
        (false, true) => None,
    }
}

fn limit(row: &Row, at: usize) -> u32 {
    row.limits.values().get(at).copied().unwrap_or(0)
}

/// How many values a limit takes.
fn variety(answer: &SweepReport, at: usize) -> usize {
    answer.rows.iter().map(|row| limit(row, at)).collect::<BTreeSet<u32>>().len()
}

/// The limits that have one value in all rows.
fn constant(answer: &SweepReport) -> impl Iterator<Item = (String, String)> {
    let constant = LIMITS.iter().enumerate().filter(|&(at, _)| variety(answer, at) == 1);
    let value = |at| answer.rows.first().map_or(0, |row| limit(row, at)).to_string();
    constant.map(move |(at, name)| ((*name).to_owned(), value(at)))
}

/// Which value of a limit rules out which hazard.
fn closed(answer: &SweepReport) -> Option<Section> {
    let closed = answer.closed_by.iter().map(|one| {
        let values: Vec<String> = one.values.iter().map(ToString::to_string).collect();
        let limit = one.limit.replace('_', "-");
        vec![Cell::text(one.name.as_str()), Cell::text(format!("{limit} {}", values.join(" or ")))]
    });
    let table = Table { head: super::head(&["Hazard", "Ruled out by"]), rows: closed.collect() };
    let blocks = vec![Block::Table(table)];
    (!answer.closed_by.is_empty())
        .then(|| Section { title: "Which limit rules out which hazard".into(), blocks })
}

/// The limit that takes the most values runs across; every combination of the others is a line.
#[must_use]
pub fn sweep_chart(answer: &SweepReport) -> Chart {
    let widest = |at: &usize| (variety(answer, *at), usize::MAX - at);
    let across = (0..LIMITS.len()).max_by_key(widest).unwrap_or(0);
    let name = |row: &Row| {
        let others =
            LIMITS.iter().enumerate().filter(|&(at, _)| at != across && variety(answer, at) > 1);
        let words: Vec<String> =
            others.map(|(at, name)| format!("{name} {}", limit(row, at))).collect();
        if words.is_empty() { "states".to_owned() } else { words.join(", ") }
    };
    let mut series: Vec<Series> = Vec::new();
    for row in &answer.rows {
        let found = row.found.iter().map(|one| format!("{} {}", one.name, one.depth));
        let point = Point {
            across: limit(row, across),
            up: row.counts.states_labelled,
            mark: found.collect::<Vec<_>>().join(", "),
        };
        let name = name(row);
        match series.iter_mut().find(|one| one.name == name) {
            Some(one) => one.points.push(point),
            None => series.push(Series { name, points: vec![point] }),
        }
    }
    series.iter_mut().for_each(|one| one.points.sort_by_key(|point| point.across));
    let axis = LIMITS.get(across).copied().unwrap_or_default();
    let (protocol, accounts) = (&answer.protocol, answer.accounts);
    Chart {
        title: format!(
            "{protocol}, {accounts} accounts: states, and the modifications to what is found"
        ),
        axes: (axis.to_owned(), "states, accounts distinguished by name".to_owned()),
        series,
        caption: format!("States by {axis}; a full dot stands where a hazard is reachable."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_is_a_hundred_percent() {
        assert_eq!(percent(52, 52), "100.00 %");
        assert_eq!(percent(99_999, 100_000), "99.99 %");
        assert_eq!(percent(1, 52), "1.92 %");
        assert_eq!(percent(11, 12), "91.67 %");
        assert_eq!(percent(99_999_999, 100_000_000), "99.99 %");
        assert_eq!(percent(1, 100_000_000), "0.01 %");
        assert_eq!(percent(0, 0), "0.00 %");
    }

    #[test]
    fn a_verdict_names_the_nearest_first_and_four_at_most() {
        let found = |name: &str, depth| Found {
            name: name.to_owned(),
            reachable: Some(true),
            depth: Some(depth),
            account: None,
            scenario: None,
        };
        let all = [("e", 9), ("a", 1), ("d", 4), ("b", 2), ("c", 3)];
        let all = all.map(|(name, depth)| found(name, depth));
        let words =
            |count: usize| nearest("reachable", "in", &all.iter().take(count).collect::<Vec<_>>());
        assert_eq!(words(2), "a reachable in 1 modification, e in 9 modifications");
        assert_eq!(
            words(5),
            "a reachable in 1 modification, b in 2 modifications, c in 3 modifications, \
             d in 4 modifications, 1 more"
        );
    }
}
