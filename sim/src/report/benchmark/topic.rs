//! What a section of the page is about, and what a measurement is called in it.

use super::{Measure, Run};
use crate::report::sheet::grouped;

/// The group of the times to catch each fault.
pub const FAULTS: &str = "faults";

/// The group of the same sequences under more and more checks.
pub const CHECKS: &str = "campaign/checks";

/// What a section is about: groups of one kind stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topic<'r> {
    /// The heading.
    pub title: &'r str,
    /// What is done, in a sentence or two.
    pub text: &'r str,
    /// What an element is.
    pub unit: &'r str,
    /// The measurement of the same group that the others stand beside: its name, and what to call it.
    pub beside: Option<(&'r str, &'r str)>,
}

/// Titles and texts of the ways to treat transaction bytes.
const BYTES: [(&str, &str, &str); 4] = [
    (
        "decode",
        "Transaction bytes read",
        "Payloads that the official SDKs made, read strictly and completely.",
    ),
    ("encode", "Transaction bytes written", "The same payloads, written from what was read."),
    ("verify", "Transaction bytes verified", "All hashes and signatures of the same payloads."),
    (
        "line",
        "Transaction bytes to JSON",
        "The same payloads in hex digits, read, hashed and written as lines of JSON.",
    ),
];

impl<'r> Topic<'r> {
    /// What a measurement belongs to.
    pub fn of(measure: &'r Measure) -> Self {
        let first = measure.group.split('/').next().unwrap_or_default();
        let (title, text, unit) = match (measure.group.as_str(), first) {
            ("analysis", _) => (
                "Everything about one account",
                "Who can spend now and eventually, which keys may be lost or stolen, with what probability; lists of \
                 sets left out. 5x5x5 is an account of 5 accounts of 5 accounts of 5 keys.",
                "",
            ),
            ("analysis/fewest", _) => {
                ("The fewest signatures", "The same accounts, asked without probabilities.", "")
            }
            ("analysis/bounded", _) => (
                "Accounts with shared keys",
                "Everything about one account, within the default amount of work; the number behind a shape says how \
                 many keys stand in two places.",
                "",
            ),
            ("campaign/whole", _) => (
                "Whole campaigns",
                "64 runs from the first choice to the last check. Counted are modifications of multisig accounts \
                 that the ledger accepted or refused.",
                "modifications",
            ),
            (CHECKS, _) => (
                "The same steps under more and more checks",
                "Recorded runs of a campaign, put to the ledger. Counted are modifications of multisig accounts that \
                 it accepted or refused.",
                "modifications",
            ),
            ("ledger/modifications", _) => (
                "Modifications on a ledger of so many accounts",
                "Nothing is checked but the rules. A step costs the same whatever the number of accounts.",
                "modifications",
            ),
            ("ledger/traces", _) => (
                "Recorded traces on the ledger alone",
                "Steps that the real implementations answered, in memory; nothing is checked but the rules.",
                "steps",
            ),
            (FAULTS, _) => ("Time to catch a fault", "", ""),
            (_, "explore") => (
                "Exhaustive exploration",
                "Every state that so many accounts can reach, up to renaming, with every invariant checked in it: at \
                 most 3 cosignatories, 3 cosigned accounts and 2 levels.",
                "states",
            ),
            (_, "replay") => (
                "Files read and replayed",
                "Recorded traces as JSON lines, every expectation compared, beside what the JSON reader alone takes \
                 to read the same lines.",
                "",
            ),
            (_, "wire") => {
                let way = BYTES.iter().find(|(way, ..)| measure.name.starts_with(way));
                way.map_or(("Transaction bytes", "", ""), |(_, title, text)| (*title, *text, ""))
            }
            (group, _) => (group, "", "elements"),
        };
        let beside = (first == "replay").then_some((READER, "the JSON reader"));
        Self { title, text, unit, beside }
    }
}

/// What the JSON reader takes for all that a replay needs.
const READER: &str = "serde_json alone, states included";

/// The topics in the order of the run, that of faults left out: it has a section of its own.
pub fn topics(run: &Run) -> Vec<Topic<'_>> {
    let mut topics: Vec<Topic<'_>> = Vec::new();
    for topic in run.measures.iter().filter(|one| one.group != FAULTS).map(Topic::of) {
        if !topics.contains(&topic) {
            topics.push(topic);
        }
    }
    topics
}

/// The measurements of a topic: more and more checks in this order, the others in that of the run.
pub fn measures<'r>(run: &'r Run, topic: &Topic<'_>) -> Vec<&'r Measure> {
    let mut found: Vec<&Measure> =
        run.measures.iter().filter(|one| one.group != FAULTS && Topic::of(one) == *topic).collect();
    if found.iter().all(|one| one.group == CHECKS) {
        found.sort_by(|one, other| one.nanoseconds.total_cmp(&other.nanoseconds));
    }
    found
}

/// What a measurement is called within its topic.
pub fn name_of(measure: &Measure) -> String {
    let name = threads(&measure.name);
    match measure.group.split_once('/') {
        Some(("explore", accounts)) => format!("{accounts} accounts, {name}"),
        Some(("ledger", "modifications")) => match name.parse() {
            Ok(accounts) => format!("{} accounts", grouped(accounts)),
            Err(_) => name,
        },
        Some(("replay", "symbol")) => format!("Symbol: {name}"),
        Some(("replay", "nis1")) => format!("NIS1: {name}"),
        Some(("replay", which)) => format!("{which}: {name}"),
        None if measure.group == "wire" => era(&name),
        _ => name,
    }
}

/// `jobs 1`, `1 threads`: in words.
fn threads(name: &str) -> String {
    let (before, last) = name.rsplit_once(", ").map_or(("", name), |(before, last)| (before, last));
    let count = last.strip_prefix("jobs ").or_else(|| last.strip_suffix(" threads"));
    let words = match count {
        Some("1") => "1 thread".to_owned(),
        Some(count) => format!("{count} threads"),
        None => return name.to_owned(),
    };
    if before.is_empty() { words } else { format!("{before}, {words}") }
}

/// `decode, B2`: whose transactions they are.
fn era(name: &str) -> String {
    let letter = name.rsplit_once(", ").map_or(name, |(_, letter)| letter);
    let whose = match letter {
        "A" => "Catapult 0.1 to 0.4",
        "A1" => "Catapult 0.5 and 0.6",
        "B" => "Catapult 0.7 and 0.8",
        "B2" => "Catapult 0.9.0 to 0.9.5",
        "C" => "Symbol",
        "N" => "NEM NIS1",
        _ => return name.to_owned(),
    };
    format!("{whose} (era {letter})")
}

#[cfg(test)]
mod tests {
    use super::super::Work;
    use super::super::tests::measure;
    use super::*;

    #[test]
    fn names_are_words() {
        for (group, name, words) in [
            ("explore/9", "jobs 1", "9 accounts, 1 thread"),
            ("campaign/whole", "nis1, 2 threads", "nis1, 2 threads"),
            ("campaign/whole", "nis1, 1 threads", "nis1, 1 thread"),
            ("ledger/modifications", "1000000", "1,000,000 accounts"),
            ("replay/symbol", "with invariants", "Symbol: with invariants"),
            ("wire", "decode, B2", "Catapult 0.9.0 to 0.9.5 (era B2)"),
            ("other", "one, two", "one, two"),
        ] {
            assert_eq!(name_of(&measure(group, name, 1.0, Work::Once)), words);
        }
    }

    #[test]
    fn ways_to_treat_bytes_are_not_on_one_scale() {
        let [read, written] =
            ["decode, C", "encode, C"].map(|name| measure("wire", name, 1.0, Work::Bytes(1)));
        assert_ne!(Topic::of(&read), Topic::of(&written));
    }
}
