//! `analyze`: what the keys of accounts are worth.

mod design;
mod details;
mod likelihood;

use super::{
    Block, Cell, Mark, Section, Sheet, Table, count_of, counted, head, law_facts, story, version_facts,
};
use crate::analysis::{Certificate, Count, PowerFigures, View, ViewFigures};
use crate::examination::partial::few;
use crate::examination::{Element, Report, Scheme};
use crate::replay::Law;

pub use design::plot as design_plot;

/// Most accounts of one page.
const ACCOUNTS_MAX: usize = 100;
/// Most key sets that are written out on a page.
const SETS_MAX: usize = 40;
/// What now and eventually mean.
const LEAD: &str = "Now is the approval of one payment as the accounts stand; eventually is after any chain \
                    of transactions that the same keys get accepted.";

/// An account tree, drawn.
#[derive(Clone, Debug, Default)]
pub struct Drawing {
    /// Its top.
    pub account: String,
    /// As SVG; none where there are too many accounts and keys for it.
    pub svg: Option<String>,
    /// In letters, a line for each account and key.
    pub lines: String,
}

/// The page of several accounts, or of one.
#[must_use]
pub fn analyze(reports: &[Report], drawings: &[Drawing]) -> Sheet {
    if let ([report], drawings) = (reports, drawings) {
        return account(report, drawings.first(), None);
    }
    let drawn = |report: &Report| drawings.iter().find(|one| one.account == report.account);
    let sections = reports.iter().take(ACCOUNTS_MAX).flat_map(|one| sections(one, drawn(one), None));
    let mut laws: Vec<Law> = reports.iter().map(|one| one.law.clone()).collect();
    laws.sort_by(|one, other| (&one.name, &one.digest).cmp(&(&other.name, &other.digest)));
    laws.dedup();
    let mut lead = LEAD.to_owned();
    if reports.len() > ACCOUNTS_MAX {
        lead += &format!(" Only the first {ACCOUNTS_MAX} accounts are shown here.");
    }
    let facts = match reports.first() {
        Some(first) => law_facts(&first.version, &laws),
        None => version_facts(None),
    };
    Sheet {
        title: format!("Who controls {}", count_of(reports.len() as u64, "account")),
        lead,
        facts,
        sections: sections.collect(),
        verdict: together(reports),
        ..Sheet::default()
    }
}

/// What is found about one account. With `list` so many minimal sets are written out among the rest,
/// without it some are folded.
#[must_use]
pub fn account(report: &Report, drawing: Option<&Drawing>, list: Option<usize>) -> Sheet {
    Sheet {
        title: format!("Who controls {}", report.account),
        verdict: Some(verdict(report)),
        lead: LEAD.to_owned(),
        facts: law_facts(&report.version, std::slice::from_ref(&report.law)),
        sections: sections(report, drawing, list),
        ..Sheet::default()
    }
}

impl From<&Vec<Element>> for Sheet {
    fn from(elements: &Vec<Element>) -> Self {
        let report = |one: &Element| match one {
            Element::Account(report) => Some((**report).clone()),
            Element::Late(_) => None,
        };
        let reports: Vec<Report> = elements.iter().filter_map(report).collect();
        let mut sheet = analyze(&reports, &[]);
        let late = elements.len() - reports.len();
        if late > 0 {
            sheet.lead += &format!(" There was no time for {}.", count_of(late as u64, "account"));
        }
        sheet
    }
}

/// What an owner should know, first what the document does not show and what the protocol forbids.
fn notes(one: &Report) -> Vec<(&str, &str)> {
    let partial = one.partial.iter().map(|partial| ("partial", partial.text.as_str()));
    let warnings = one.warnings.iter().map(|one| ("forbidden", one.text.as_str()));
    let notes = one.notes.iter().map(|note| (note.name.as_str(), note.text.as_str()));
    partial.chain(warnings).chain(notes).collect()
}

/// Notes that say nothing about safety.
const REMARKS: [&str; 4] = ["shared", "stuck", "cosigner", "plain"];

/// The answer in a sentence: what is worst about the account.
fn verdict(one: &Report) -> (Mark, String) {
    let has = |name: &str| one.notes.iter().any(|note| note.name == name);
    let thief = |of: fn(&crate::examination::Views<bool>) -> bool| {
        one.thief_spends.as_ref().is_some_and(of)
    };
    let hidden = one.partial.as_ref().is_some_and(|partial| !partial.figures_exact);
    let bad = |words: &str| (Mark::Bad, words.to_owned());
    match () {
        () if !one.warnings.is_empty() => bad("Forbidden by the protocol"),
        () if hidden => (Mark::Warning, "Partial: not all is shown".to_owned()),
        () if one.locked.eventually => bad("Locked for ever"),
        () if has("locked-alive") => bad("Locked with all keys alive"),
        () if thief(|can| can.now) => bad("A thief with the stolen keys can spend"),
        () if thief(|can| can.eventually) => bad("A thief with the stolen keys can seize it"),
        () if one.locked.now => (Mark::Warning, "Locked now".to_owned()),
        () if one.removal.is_none() && one.mixed.is_none() => {
            (Mark::Plain, "A plain account: its own key spends".to_owned())
        }
        () => alone(one),
    }
}

/// Who alone can spend, and whose loss alone locks; else how many it takes.
fn alone(one: &Report) -> (Mark, String) {
    let power = &one.answers.figures.power;
    let groups = one.answers.groups.as_ref().map(|groups| &groups.power);
    let mut words = Vec::new();
    for (power, whose) in [(Some(power), ""), (groups, "group ")] {
        let Some(power) = power.filter(|_| words.is_empty()) else { continue };
        let (now, eventually) = (power.view(View::Now), power.view(View::Eventually));
        match (now.theft, eventually.theft) {
            (_, []) => {}
            (now, then) if now.len() == then.len() => {
                words.push(format!("{whose}{} alone can spend", few(now)));
            }
            (_, then) => words.push(format!("{whose}{} alone can seize it", few(then))),
        }
        match (now.failure, eventually.failure) {
            ([], []) => {}
            (now, []) => words.push(format!("the loss of {whose}{} stops payments", few(now))),
            (_, then) => {
                words.push(format!("the loss of {whose}{} locks it for ever", few(then)));
            }
        }
    }
    let (now, eventually) = (power.view(View::Now), power.view(View::Eventually));
    if words.is_empty()
        && let (Some(payment), Some(least)) = (now.signatures.0, eventually.signatures.0)
        && least < payment
    {
        words.push(format!("{} can seize it, a payment takes {payment}", keys(least)));
    }
    let proved = |view: &ViewFigures<'_>| view.signatures.0.is_some() && view.losses.0.is_some();
    match words.is_empty() {
        false => (Mark::Warning, words.join("; ")),
        true if proved(&now) && proved(&eventually) => {
            (Mark::Good, "no key alone can spend, and no single loss locks it".to_owned())
        }
        true => (Mark::Warning, "undecided within the work for it; the bounds are below".to_owned()),
    }
}

fn keys(count: usize) -> String {
    count_of(count as u64, "key")
}

/// The verdict on several accounts.
fn together(reports: &[Report]) -> Option<(Mark, String)> {
    let verdicts: Vec<(Mark, String)> = reports.iter().map(verdict).collect();
    let bad = verdicts.iter().filter(|one| one.0 == Mark::Bad).count();
    let warned = verdicts.iter().filter(|one| one.0 == Mark::Warning).count();
    let of = |count: usize| format!("{count} of {}", reports.len());
    Some(match (bad, warned) {
        _ if reports.is_empty() => return None,
        (0, 0) => (Mark::Good, "nothing to warn of".to_owned()),
        (0, warned) => (Mark::Warning, format!("{} with a warning", of(warned))),
        (bad, 0) => (Mark::Bad, format!("{} locked, stolen or forbidden", of(bad))),
        (bad, warned) => (
            Mark::Bad,
            format!("{} locked, stolen or forbidden, {warned} with a warning", of(bad)),
        ),
    })
}

/// The account itself, then everything that few readers need.
fn sections(one: &Report, drawing: Option<&Drawing>, list: Option<usize>) -> Vec<Section> {
    let mut blocks = Vec::new();
    if let Some(drawing) = drawing {
        let caption = format!("{} and the keys below it", one.account);
        let svg = drawing.svg.clone();
        blocks.extend(svg.map(|svg| Block::Picture { svg, caption }));
        blocks.push(Block::InText(vec![Block::Verbatim(drawing.lines.clone())]));
    }
    blocks.push(figures(one, &one.answers.figures.power, "keys"));
    blocks.extend(details::over_groups(one));
    blocks.extend(next_level(one));
    if !notes(one).is_empty() {
        let note = |(name, text): (&str, &str)| {
            let mark = if REMARKS.contains(&name) { Mark::Plain } else { Mark::Warning };
            vec![Cell::text(name).marked(mark), Cell::text(text)]
        };
        let rows = notes(one).into_iter().map(note).collect();
        blocks.push(Block::Table(Table { head: head(&["Note", "What it means"]), rows }));
    }
    if !one.complete && one.partial.as_ref().is_none_or(|partial| partial.figures_exact) {
        let words = "A number given as `a .. b` is an interval: the true one lies inside it.";
        blocks.push(Block::Text(words.to_owned()));
    }
    let mut more: Vec<Block> = one.ways.iter().flat_map(scheme).collect();
    more.extend(details::all(one, list));
    let title = one.account.clone();
    let appendix = Section { title: format!("{title}: step by step and in detail"), blocks: more };
    let shown = (!appendix.blocks.is_empty()).then_some(appendix);
    std::iter::once(Section { title, blocks }).chain(shown).collect()
}

/// A takeover or recovery, step by step.
fn scheme(one: &Scheme) -> Vec<Block> {
    let signers = few(&one.keys);
    let name = super::capital(one.purpose.name());
    let title = match one.lost.is_empty() {
        true => format!("{name} by {signers}"),
        false => format!("{name} by {signers}, should {} be lost", few(&one.lost)),
    };
    let heading = format!("{title}: {}", count_of(one.transactions as u64, "transaction"));
    let shown = one.steps.iter().take(STEPS_SHOWN).enumerate();
    let row = |(at, step): (usize, &String)| {
        vec![counted(at as u64 + 1), Cell::text(step.as_str())]
    };
    let rows = shown.map(row).collect();
    let mut steps = vec![Block::Table(Table { head: head(&["", "Transaction"]), rows })];
    if let more @ 1.. = one.steps.len().saturating_sub(STEPS_SHOWN) {
        steps.push(Block::Text(format!("{more} more; `--save` writes them all.")));
    }
    let mut blocks = vec![Block::Heading(heading)];
    match story(one.scenario.as_ref()) {
        None => blocks.extend(steps),
        Some(story) => blocks.extend([story, Block::InText(steps)]),
    }
    blocks
}

/// Most transactions of a takeover or recovery that are written out as a table.
const STEPS_SHOWN: usize = 12;

/// What the next better level costs.
fn next_level(one: &Report) -> Vec<Block> {
    let lines = match &one.next_level {
        Some(next) => next.lines().to_vec(),
        None if one.next_level_skipped => {
            vec!["skipped, it takes too much work (`--want` asks for one)".to_owned()]
        }
        None => return Vec::new(),
    };
    let rows = lines.into_iter().map(|line| vec![Cell::text(line)]).collect();
    let head = head(&["What to change: the next better level"]);
    vec![Block::Table(Table { head, rows })]
}

/// A number of keys with their names where they are few; where it is not proved, its bounds.
fn size((exact, proof): (Option<usize>, Option<&Certificate>)) -> String {
    let keys = proof.map_or(&[][..], |proof| &proof.keys);
    match (exact, proof) {
        (Some(number), _) if number > 0 && keys.len() == number && number <= NAMED_MAX => {
            format!("{number}: {}", keys.join(", "))
        }
        (Some(number), _) => number.to_string(),
        (None, Some(proof)) => format!("{} .. {}", proof.lower_bound, keys.len()),
        (None, None) => "not known".to_owned(),
    }
}

/// Most keys of a smallest set that are named.
const NAMED_MAX: usize = 4;

/// Names, or that there are none.
fn named(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { few(names) }
}

/// A count of sets.
fn how_many(count: Option<&Count>) -> String {
    match count {
        None => "not counted within the work for it".to_owned(),
        Some(Count::Number(number)) => super::grouped(*number),
        Some(Count::Digits(digits)) => match (digits.get(..1), digits.get(1..4)) {
            (Some(first), Some(more)) => format!("about {first}.{more}e{}", digits.len() - 1),
            _ => digits.clone(),
        },
    }
}

/// The figures over keys, or over groups of them.
fn figures(one: &Report, power: &PowerFigures, unit: &str) -> Block {
    let over_keys = unit == "keys";
    let whole = match &one.answers.groups {
        Some(groups) if !over_keys => groups.count,
        _ => one.answers.figures.keys,
    };
    let views = [
        (power.view(View::Now), one.locked.now, &one.formula.now),
        (power.view(View::Eventually), one.locked.eventually, &one.formula.eventually),
    ];
    let mut rows = Vec::new();
    let mut row = |name: String, of: &dyn Fn(&(ViewFigures<'_>, bool, &String)) -> String| {
        let cells = views.iter().map(|view| Cell::text(of(view)));
        rows.push(std::iter::once(Cell::text(name)).chain(cells).collect::<Vec<Cell>>());
    };
    if over_keys {
        row("can spend".into(), &|view| view.2.clone());
    }
    row(format!("fewest {unit} that spend"), &|(view, locked, _)| match locked {
        true => "none can".to_owned(),
        false => size(view.signatures),
    });
    row(format!("{unit} that alone spend"), &|(view, ..)| named(view.theft));
    row("fewest losses that lock it".into(), &|(view, locked, _)| match locked {
        true => "locked".to_owned(),
        false => size(view.losses),
    });
    row(format!("{unit} whose loss alone locks it"), &|(view, ..)| named(view.failure));
    row("most losses it can survive".into(), &|(view, locked, _)| match view.survivable {
        Some(most) => format!("{most} of {whole}"),
        None if *locked => "locked".to_owned(),
        None => "not known".to_owned(),
    });
    row("minimal sets that spend".into(), &|(view, ..)| how_many(view.spend.1));
    row("minimal losses that lock it".into(), &|(view, ..)| how_many(view.lock.1));
    for (name, event) in
        [("probability of lockout", details::LOSS), ("probability of theft", details::THEFT)]
    {
        let known = views.iter().any(|(view, ..)| (event.of)(view).is_some());
        if known || !(event.missing)(&one.probabilities_missing).is_empty() {
            row(name.into(), &|(view, ..)| details::probability(one, view, event));
        }
    }
    if over_keys {
        rows.extend(details::changing(one));
        rows.extend(details::thief(one));
        rows.extend(details::one_transaction(one));
    }
    Block::Table(Table { head: head(&["", "Now", "Eventually"]), rows })
}
