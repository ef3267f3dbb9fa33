//! `validate`: the verdict on a configuration, every hazard with its scenario, and what it rests on.

use serde_json::Value;

use super::findings::{finding, results};
use super::played::failures;
use super::{
    Block, Cell, Mark, Section, Sheet, Table, count_of, counted, head, protocol_facts, sentence,
};
use crate::protocol::Base;
use crate::protocol::json::{Description, LimitsDescription};
use crate::replay::{Options, Scenario};
use crate::report::record;
use crate::report::sheet::{Timeline, grouped};
use crate::unit::Count;
use crate::validate::{
    Cost, CostGrowth, HazardKind, HazardReport, Note, Report, Severity, ShippedScenario,
    ShippedScenarios, Soundness, World,
};

/// Most accounts of a scenario that is drawn step by step.
const ACCOUNTS_DRAWN_MAX: u64 = 40;

impl From<&Report> for Sheet {
    fn from(answer: &Report) -> Self {
        let mut facts = protocol_facts(&answer.version, std::slice::from_ref(&answer.protocol));
        facts.push(("seed of the random runs".to_owned(), answer.campaign.seed.to_string()));
        let failed: Vec<&Scenario> = answer.scenarios.failures.iter().collect();
        let mut sections = vec![hazards(&answer.hazards)];
        sections.extend(configuration(&answer.configuration));
        sections.extend(failures(&failed));
        sections.extend(answer.campaign.findings.iter().map(finding));
        sections.push(glance(answer));
        sections.extend(answer.hazards.iter().filter_map(hazard));
        let details = [
            cost(&answer.cost, base(answer)),
            explorations(&answer.exploration),
            results(&answer.campaign),
            scenarios(&answer.scenarios),
            rules(&answer.rules),
        ];
        sections.extend(details.into_iter().map(on_page));
        Self {
            title: format!("Is {} safe to ship?", answer.protocol.name),
            verdict: Some(verdict(answer)),
            lead: lead(answer),
            facts,
            sections,
            reproduce: answer.reproduce.clone(),
            conclusion: Some(conclusion(answer)),
        }
    }
}

/// The base of the protocol that was validated.
fn base(answer: &Report) -> Base {
    Base::from_name(&answer.rules.base).unwrap_or(Base::Symbol)
}

/// The verdict in a line, and what to change where it is not as wanted.
fn conclusion(answer: &Report) -> String {
    let mut todo = Vec::new();
    if answer.verdict == Soundness::Broken {
        todo.push("this is broken: see above".to_owned());
    }
    for hazard in answer.hazards.iter().filter(|one| answer.denied.contains(&one.kind)) {
        let changes = hazard.closed_by.as_deref().unwrap_or_default();
        todo.push(match changes {
            [] => format!("{}: no single change of a limit or switch fixes it", hazard.kind),
            [one] => format!("{}: {one}", hazard.kind),
            several => format!("{}: either {}", hazard.kind, several.join(" or ")),
        });
    }
    todo.extend(answer.cost_growth.as_ref().map(growth));
    let (word, todo) = match answer.is_good() {
        true => ("PASS", String::new()),
        false => ("FAIL", format!("; to change: {}", todo.join("; "))),
    };
    let next = answer.next_to_expire.as_ref();
    let next = next.map_or(String::new(), |next| {
        format!("; the next acceptance to expire: {} on {}", next.hazard, next.until)
    });
    format!("{word}: {}{todo}{next}", verdict(answer).1)
}

fn growth(growth: &CostGrowth) -> String {
    let CostGrowth { visits, factor_max } = growth;
    let [from, to] = [visits.from, visits.to].map(|Count(count)| grouped(count));
    format!(
        "account visits of one transaction grow from {from} to {to}, more than {factor_max} times"
    )
}

/// Details that a text leaves out.
fn on_page(section: Section) -> Section {
    Section { blocks: vec![Block::OnPage(section.blocks)], ..section }
}

fn names(kinds: impl Iterator<Item = HazardKind>) -> String {
    kinds.map(HazardKind::name).collect::<Vec<_>>().join(", ")
}

fn verdict(answer: &Report) -> (Mark, String) {
    let is_denied = !answer.denied.is_empty();
    let mark = match answer.verdict {
        _ if is_denied || answer.cost_growth.is_some() => Mark::Bad,
        Soundness::Broken => Mark::Bad,
        Soundness::Hazards => Mark::Warning,
        Soundness::Sound => Mark::Good,
    };
    let reachable = answer.hazards.iter().filter(|hazard| hazard.reachable);
    let word = match answer.verdict {
        Soundness::Hazards => {
            format!("{}: {}", answer.verdict.name(), names(reachable.map(|hazard| hazard.kind)))
        }
        other => other.name().to_owned(),
    };
    let incomplete = if answer.complete { "" } else { " (incomplete)" };
    let denied = if is_denied { "; a denied hazard is reachable" } else { "" };
    (mark, format!("{word}{denied}{incomplete}"))
}

fn lead(answer: &Report) -> String {
    let mut lead = Vec::new();
    if answer.verdict == Soundness::Sound {
        lead.push("All invariants hold, and no hazard is reachable.".to_owned());
    }
    if !answer.denied.is_empty() {
        lead.push(format!("Denied and reachable: {}.", names(answer.denied.iter().copied())));
    }
    let is_accepted = |one: &&HazardReport| {
        one.reachable && one.accepted.as_ref().is_some_and(|accepted| !accepted.expired)
    };
    let accepted = answer.hazards.iter().filter(is_accepted).count() as u64;
    if accepted > 0 {
        lead.push(format!("Accepted: {}.", count_of(accepted, "hazard")));
    }
    lead.extend(
        answer.cost_growth.as_ref().map(|one| format!("Costlier than it may be: {}.", growth(one))),
    );
    lead.join(" ")
}

fn outcome(good: bool, words: &str) -> Cell {
    Cell::text(words).marked(if good { Mark::Good } else { Mark::Bad })
}

/// Every hazard: whether it is reachable, why, and what fixes it.
fn hazards(all: &[HazardReport]) -> Section {
    let rows = all.iter().map(|one| {
        let fixed = one.closed_by.as_ref().map_or(String::new(), |closed| match closed.len() {
            0 => "no single change of a limit or switch".to_owned(),
            _ => closed.join("; "),
        });
        vec![Cell::text(one.kind.name()), reachable(one), Cell::text(why(one)), Cell::text(fixed)]
    });
    let titles = ["Hazard", "Reachable", "Why", "Fixed by either"];
    let table = Table { head: head(&titles), rows: rows.collect() };
    Section { title: "Hazards".into(), blocks: vec![Block::Table(table)] }
}

fn reachable(one: &HazardReport) -> Cell {
    let accepted = one.accepted.as_ref();
    match (one.reachable, accepted.is_some_and(|accepted| !accepted.expired)) {
        (false, _) => Cell::text("no").marked(Mark::Good),
        (true, false) => Cell::text("yes").marked(Mark::Warning),
        (true, true) => Cell::text("yes, accepted").marked(Mark::Quiet),
    }
}

fn why(one: &HazardReport) -> String {
    let mut words = one.why.clone();
    if let Some(witness) = &one.witness {
        let transactions = count_of(witness.transactions, "transaction");
        let accounts = count_of(witness.accounts, "account");
        words += &format!("; shown in {transactions} among {accounts}");
    }
    if let Some(what) = &one.contradiction {
        words += &format!("; CONTRADICTED: {what}");
    }
    if let Some(accepted) = acceptance(one) {
        words += &format!("; {accepted}");
    }
    words
}

fn acceptance(one: &HazardReport) -> Option<String> {
    let accepted = one.accepted.as_ref()?;
    let (until, reason) = (&accepted.until, &accepted.reason);
    Some(match &accepted.today {
        Some(today) => format!("acceptance EXPIRED on {until} (today is {today}): {reason}"),
        None => format!("accepted until {until}: {reason}"),
    })
}

/// What there is to say about the configuration itself; none if there is nothing.
fn configuration(notes: &[Note]) -> Option<Section> {
    let row = |note: &Note| {
        let (word, mark) = match note.severity {
            Severity::Broken => ("CONTRADICTION", Mark::Bad),
            Severity::Remark => ("remark", Mark::Quiet),
        };
        vec![
            Cell::text(word).marked(mark),
            Cell::text(note.name.as_str()),
            Cell::text(note.text.as_str()),
        ]
    };
    let table = Table { head: Vec::new(), rows: notes.iter().map(row).collect() };
    let blocks = vec![Block::Table(table)];
    (!notes.is_empty()).then(|| Section { title: "The configuration".into(), blocks })
}

fn glance(answer: &Report) -> Section {
    let broken = answer.configuration.iter().filter(|note| note.severity == Severity::Broken);
    let contradictions = broken.count() as u64;
    let scenarios = &answer.scenarios;
    let runs = &answer.campaign;
    let found = runs.findings.len() as u64;
    let mut rows = vec![
        vec![
            Cell::text("configuration"),
            Cell::text(limits(&answer.rules.limits)),
            match contradictions {
                0 => outcome(true, "no contradiction"),
                count => outcome(false, &count_of(count, "CONTRADICTION")),
            },
        ],
        vec![
            Cell::text("shipped scenarios"),
            Cell::text(format!(
                "{} replayed, {} skipped (about other rules or limits)",
                scenarios.passed + scenarios.failed,
                scenarios.skipped
            )),
            match (scenarios.failed, scenarios.passed) {
                (0, 0) => Cell::text("nothing replayed").marked(Mark::Warning),
                (0, _) => outcome(true, "all as expected"),
                (count, _) => outcome(false, &format!("{count} FAILED")),
            },
        ],
    ];
    rows.extend(answer.exploration.iter().map(exploration));
    if answer.exploration.is_empty() {
        let none = Cell::text("no state visited").marked(Mark::Warning);
        rows.push(vec![Cell::text("exhaustive exploration"), Cell::text("not begun"), none]);
    }
    rows.push(vec![
        Cell::text("random runs"),
        Cell::text(format!(
            "{}, {}, {} invariants and the auditor",
            count_of(runs.runs, "run"),
            count_of(runs.steps, "step"),
            crate::invariant::ALL.len()
        )),
        match (found, runs.complete) {
            (0, true) => outcome(true, "nothing found"),
            (0, false) => Cell::text("nothing found so far").marked(Mark::Warning),
            (count, _) => outcome(false, &format!("{count} FOUND")),
        },
    ]);
    rows.push(cost_row(&answer.cost, base(answer)));
    let table = Table { head: head(&["What was checked", "How much", "Outcome"]), rows };
    Section { title: "At a glance".into(), blocks: vec![Block::Table(table)] }
}

fn exploration(world: &World) -> Vec<Cell> {
    let differing = names(world.disagreements.iter().copied());
    let outcome = match (world.broken.is_empty(), differing.is_empty()) {
        (true, true) if !world.complete => {
            Cell::text("all invariants hold so far").marked(Mark::Warning)
        }
        (true, true) => outcome(true, "all invariants hold"),
        (false, _) => outcome(false, &format!("BROKEN {}", world.broken.join(", "))),
        (true, false) => outcome(false, &format!("SEARCH AND PROOF DIFFER: {differing}")),
    };
    let how = format!(
        "{}, {}: {}{}, {}",
        count_of(world.accounts, "account"),
        world.scale.name(),
        if world.complete { "all " } else { "not all states, " },
        count_of(world.counts.states_labelled, "state"),
        count_of(world.counts.transitions, "modification"),
    );
    vec![Cell::text("exhaustive exploration"), Cell::text(how), outcome]
}

fn cost_row(cost: &Cost, base: Base) -> Vec<Cell> {
    let most = if cost.exact { "" } else { "at most " };
    let visits = count_of(cost.visits.0, "account visit");
    let allowed = grouped(cost.visits_max);
    vec![
        Cell::text("cost"),
        Cell::text(format!(
            "{most}{visits} by the approval check of one {}: {}",
            base.signed_envelope_name(),
            cost.formula
        )),
        match cost.visits.0 > cost.visits_max {
            true => Cell::text(format!("above the {allowed} allowed")).marked(Mark::Warning),
            false => outcome(true, &format!("within the {allowed} allowed")),
        },
    ]
}

/// The limits that matter, in one line.
fn limits(limits: &LimitsDescription) -> String {
    let number = |value: u32| match value {
        u32::MAX => "any".to_owned(),
        value => value.to_string(),
    };
    let count =
        |value: Option<u32>, words: &str| value.map(|value| format!("{} {words}", number(value)));
    let shown = [
        count(limits.max_cosignatories_per_account, "cosignatories"),
        count(limits.max_cosigned_accounts_per_account, "cosigned accounts"),
        limits.max_multisig_depth.map(|depth| format!("depth {depth}")),
        count(limits.max_cosignatures_per_aggregate, "cosignatures"),
        count(limits.max_transactions_per_aggregate, "transactions"),
        count(limits.max_transactions_per_block, "transactions a block"),
    ]
    .into_iter()
    .flatten();
    shown.collect::<Vec<_>>().join(", ")
}

/// A reachable hazard: why, who accepts it, how the accounts stand before and after, each step.
fn hazard(one: &HazardReport) -> Option<Section> {
    if !one.reachable {
        return None;
    }
    let mut blocks = vec![Block::Text(sentence(&one.why))];
    blocks.extend(acceptance(one).map(|words| Block::Text(sentence(&words))));
    if let Some(witness) = &one.witness {
        let transactions = count_of(witness.transactions, "transaction");
        let accounts = witness.accounts;
        if accounts > ACCOUNTS_DRAWN_MAX {
            blocks.push(Block::Text(format!(
                "The scenario that shows it was replayed: {transactions} among {accounts} accounts, \
                 more than a drawing holds. `--save FOLDER` writes it, `quorate replay --trace` prints it."
            )));
        } else if let Ok((timeline, _)) =
            record::text(one.kind.name(), &witness.scenario.text(), Options::default())
        {
            blocks.extend(before_and_after(&timeline, witness.transactions));
            blocks.push(Block::Timeline(timeline));
        }
    }
    Some(on_page(Section { title: format!("Hazard: {}", one.kind), blocks }))
}

/// How the accounts stand when the hazard is there, and at the end.
fn before_and_after(timeline: &Timeline, made: u64) -> Option<Block> {
    let drawn = |moments: &[crate::report::sheet::Moment]| {
        moments.iter().rev().map(|moment| moment.picture.clone()).find(|drawn| !drawn.is_empty())
    };
    let before = drawn(timeline.moments.get(..=usize::try_from(made).ok()?)?)?;
    let after = drawn(&timeline.moments)?;
    let caption =
        "The account when the hazard is there, and at the end of the scenario.".to_owned();
    (before != after).then_some(Block::Change { before, after, caption })
}

fn cost(cost: &Cost, base: Base) -> Section {
    let most = if cost.exact { "exactly" } else { "at most" };
    let rows = cost.growth.iter().map(|row| {
        let visits = counted(row.visits.0);
        vec![Cell::text(row.limit.as_str()), counted(row.from), counted(row.to), visits]
    });
    let titles = ["Limit", "Now", "Changed to", "Account visits"];
    let table = Table { head: head(&titles), rows: rows.collect() };
    let walked = match base.has_levels() {
        true => {
            "A server walks the whole tree below the signer of every embedded transaction and below \
             every account it adds"
        }
        false => "A server looks at the account and at each of its cosignatories",
    };
    let blocks = vec![
        Block::Text(format!(
            "{walked}, {most} {} for the costliest legal {}: {}.",
            count_of(cost.visits.0, "account visit"),
            base.signed_envelope_name(),
            cost.formula
        )),
        Block::Text(sentence(&cost.structure)),
        Block::Heading("With one limit changed".into()),
        Block::Table(table),
    ];
    Section { title: "Validation cost".into(), blocks }
}

fn explorations(worlds: &[World]) -> Section {
    let row = |one: &World| {
        let reached = one.reached.iter();
        let reached = reached.map(|found| format!("{} after {}", found.name, found.modifications));
        let good = one.broken.is_empty() && one.disagreements.is_empty();
        vec![
            Cell::text(one.scale.name()),
            counted(one.accounts),
            counted(one.counts.states_labelled),
            counted(one.counts.states_canonical),
            counted(one.counts.transitions),
            outcome(good, if good { "hold" } else { "broken" }),
            Cell::text(reached.collect::<Vec<_>>().join(", ")),
        ]
    };
    let titles = [
        "Limits",
        "Accounts",
        "States",
        "Up to renaming",
        "Modifications",
        "Invariants",
        "Hazards reached after modifications",
    ];
    let table = Table { head: head(&titles), rows: worlds.iter().map(row).collect() };
    let how = match worlds.iter().all(|world| world.complete) {
        true => "Every state that so many accounts can reach was visited and checked.",
        false => "The exploration was cut short; every state that was visited was checked.",
    };
    let text = format!(
        "{how} Limits scaled down keep their relations to each other, so that few accounts show all \
         of them."
    );
    let blocks = vec![Block::Text(text), Block::Table(table)];
    Section { title: "Exhaustive exploration".into(), blocks }
}

fn scenarios(shipped: &ShippedScenarios) -> Section {
    let row = |one: &ShippedScenario| {
        let mark = match one.outcome.as_str() {
            "passed" => Mark::Good,
            "failed" => Mark::Bad,
            _ => Mark::Quiet,
        };
        vec![
            Cell::text(one.name.as_str()),
            Cell::text(one.outcome.as_str()).marked(mark),
            Cell::text(one.path.as_str()).marked(Mark::Quiet),
        ]
    };
    let rows = shipped.all.iter().map(row).collect();
    let table = Table { head: head(&["Scenario", "Outcome", "File"]), rows };
    let words = "A scenario is replayed if it has the same base and switches, and no limit matters that \
                 differs. Then every expectation in it must hold under this configuration.";
    let title = format!("All {} scenarios", shipped.all.len());
    let folded = Block::Folded { title, blocks: vec![Block::Table(table)] };
    Section { title: "Shipped scenarios".into(), blocks: vec![Block::Text(words.into()), folded] }
}

/// A limit or switch in words.
pub(super) fn setting(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(word) => word.clone(),
        Value::Number(number) if number.as_u64() == Some(u64::from(u32::MAX)) => "any".to_owned(),
        other => other.to_string(),
    }
}

fn rules(rules: &Description) -> Section {
    let parts = [serde_json::to_value(rules.limits), serde_json::to_value(rules.switches)];
    let mut rows = Vec::new();
    for fields in parts.iter().filter_map(|part| part.as_ref().ok()?.as_object()) {
        let row = |(name, value): (&String, &Value)| {
            vec![Cell::text(name.as_str()), Cell::text(setting(value))]
        };
        rows.extend(fields.iter().map(row));
    }
    let table = Table { head: head(&["Limit or switch", "Value"]), rows };
    Section { title: "Limits and switches".into(), blocks: vec![Block::Table(table)] }
}
