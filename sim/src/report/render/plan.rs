//! `plan`: the transactions of a change, who signs them, and what opens between them.

use super::{Block, Cell, Mark, Section, Sheet, Table, count_of, head, protocol_facts, sentence};
use crate::plan::{Plan, PlannedModification, Window};

/// Most sets of a window that are named.
const SETS_SHOWN: usize = 8;

impl From<&Plan> for Sheet {
    fn from(answer: &Plan) -> Self {
        let mut sections = Vec::new();
        if !answer.transactions.is_empty() {
            sections.push(transactions(answer));
        }
        if !answer.windows.is_empty() {
            sections.push(windows(answer));
        }
        let remarks = answer.thief.iter().chain(&answer.notes);
        let remarks: Vec<Block> = remarks.map(|note| Block::Text(sentence(note))).collect();
        if !remarks.is_empty() {
            sections.push(Section { title: "Remarks".into(), blocks: remarks });
        }
        if let Some(scenario) = answer.scenario.clone().filter(|_| !answer.transactions.is_empty())
        {
            let blocks = vec![Block::OnPage(vec![Block::Scenario(scenario)])];
            sections.push(Section { title: "Step by step".into(), blocks });
        }
        Self {
            title: "Change of keys".into(),
            verdict: Some(verdict(answer)),
            lead: lead(answer),
            facts: protocol_facts(&answer.version, std::slice::from_ref(&answer.protocol)),
            sections,
            ..Self::default()
        }
    }
}

fn verdict(answer: &Plan) -> (Mark, String) {
    let count = answer.transactions.len() as u64;
    let transactions = count_of(count, "transaction");
    match (answer.possible, answer.complete, answer.is_good()) {
        (false, true, _) => (Mark::Bad, "not possible".to_owned()),
        (false, false, _) => (Mark::Warning, "undecided".to_owned()),
        (true, _, true) if count == 0 => (Mark::Good, "nothing changes".to_owned()),
        (true, _, true) => (Mark::Good, format!("possible in {transactions}, no window")),
        (true, _, false) if answer.windows.is_empty() => {
            (Mark::Warning, format!("possible in {transactions}, windows undecided"))
        }
        (true, _, false) => {
            let windows = count_of(answer.windows.len() as u64, "window");
            (Mark::Warning, format!("possible in {transactions}, {windows}"))
        }
    }
}

fn lead(answer: &Plan) -> String {
    if let Some(why) = &answer.why {
        return sentence(why);
    }
    let mut words = Vec::new();
    match (answer.shortest, answer.transactions.len()) {
        (_, 0) => {}
        (true, _) => words.push("No plan has fewer transactions."),
        (false, _) => words.push(
            "Whether a plan of fewer transactions exists is not decided: the work ended first \
             (--time gives more).",
        ),
    }
    if !answer.windows.is_empty() {
        words.push(match answer.narrowest {
            true => "No plan of as few transactions opens narrower windows.",
            false => "Whether narrower windows are possible is not decided.",
        });
    }
    words.join(" ")
}

fn transactions(answer: &Plan) -> Section {
    let mut rows = Vec::new();
    for (at, transaction) in answer.transactions.iter().enumerate() {
        for (place, change) in transaction.changes.iter().enumerate() {
            let first = |text: String| Cell::text(if place == 0 { text } else { String::new() });
            rows.push(vec![
                first((at + 1).to_string()),
                Cell::text(change.account.as_str()),
                Cell::text(what(change)),
                first(format!(
                    "{} ({})",
                    transaction.signers.join(", "),
                    transaction.signers.len()
                )),
            ]);
        }
    }
    let head = head(&["No.", "Account", "Change", "Signed by"]);
    Section { title: "Transactions".into(), blocks: vec![Block::Table(Table { head, rows })] }
}

fn what(change: &PlannedModification) -> String {
    let words = change.words();
    let own = format!("{}: ", change.account);
    words.strip_prefix(&own).unwrap_or(&words).to_owned()
}

fn windows(answer: &Plan) -> Section {
    let row = |window: &Window| {
        let (what, sets, count) = match window.lose.is_empty() {
            true => ("spend here, neither before nor after", &window.gain, window.gain_count),
            false => ("spend before and after, not here", &window.lose, window.lose_count),
        };
        vec![
            Cell::number(window.after),
            Cell::text(window.account.as_str()),
            Cell::text(window.when.as_str()),
            Cell::text(shown(sets, count)),
            Cell::text(what).marked(Mark::Warning),
        ]
    };
    let rows = answer.windows.iter().map(row).collect();
    let head = head(&["After no.", "Account", "When", "Sets of keys", "What"]);
    Section { title: "Windows".into(), blocks: vec![Block::Table(Table { head, rows })] }
}

/// The first sets, and how many more there are.
fn shown(sets: &[Vec<String>], count: usize) -> String {
    let few: Vec<String> =
        sets.iter().take(SETS_SHOWN).map(|set| format!("{{{}}}", set.join(", "))).collect();
    match count.saturating_sub(few.len()) {
        0 => few.join(" "),
        more => format!("{} and {more} more", few.join(" ")),
    }
}
