//! `analyze`: what the keys of accounts are worth.

mod design;
mod details;
mod figures;
mod likelihood;

use super::{
    Block, Cell, Mark, Section, Sheet, Table, count_of, counted, head, protocol_facts, story,
    version_facts,
};
use crate::analysis::{View, ViewFigures};
use crate::examination::partial::few;
use crate::examination::{Element, Note, Report, Scheme};
use crate::replay::ProtocolId;

pub use design::plot as design_plot;
pub use likelihood::{likely, within};

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
    let sections =
        reports.iter().take(ACCOUNTS_MAX).flat_map(|one| sections(one, drawn(one), None));
    let mut protocols: Vec<ProtocolId> = reports.iter().map(|one| one.protocol.clone()).collect();
    protocols.sort_by(|one, other| (&one.name, &one.digest).cmp(&(&other.name, &other.digest)));
    protocols.dedup();
    let mut lead = LEAD.to_owned();
    if reports.len() > ACCOUNTS_MAX {
        lead += &format!(" Only the first {ACCOUNTS_MAX} accounts are shown here.");
    }
    let facts = match reports.first() {
        Some(first) => protocol_facts(&first.version, &protocols),
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
        facts: protocol_facts(&report.version, std::slice::from_ref(&report.protocol)),
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

/// What the document does not show and what the protocol forbids: it stands before everything else.
fn reservations(one: &Report) -> impl Iterator<Item = Block> {
    let partial = one.partial.iter().map(|partial| format!("partial: {}", partial.text));
    let warnings = one.warnings.iter().map(|one| format!("warning: {}", one.text));
    partial.chain(warnings).map(Block::Text)
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
    for (power, whose) in [(Some(power), ""), (groups, "the group ")] {
        let Some(power) = power.filter(|_| words.is_empty()) else { continue };
        let (now, eventually) = (power.view(View::Now), power.view(View::Eventually));
        match (now.theft, eventually.theft) {
            (_, []) => {}
            (now, then) if now.len() == then.len() => {
                words.push(format!("{} alone can spend", one_of(whose, now)));
            }
            (_, then) => words.push(format!("{} alone can seize it", one_of(whose, then))),
        }
        match (now.failure, eventually.failure) {
            ([], []) => {}
            (now, []) => words.push(format!("the loss of {} stops payments", one_of(whose, now))),
            (_, then) => {
                words.push(format!("the loss of {} locks it for ever", one_of(whose, then)));
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
        true => {
            (Mark::Warning, "undecided within the work for it; the bounds are below".to_owned())
        }
    }
}

/// A name, or that it may be any of several.
fn one_of(whose: &str, names: &[String]) -> String {
    match names {
        [only] => format!("{whose}{only}"),
        names => format!("any one of {}", few(names)),
    }
}

fn keys(count: usize) -> String {
    count_of(count as u64, "key")
}

/// The verdict on several accounts: that on the worst of them, and how many more are not good.
fn together(reports: &[Report]) -> Option<(Mark, String)> {
    let verdicts: Vec<(Mark, String)> = reports.iter().map(verdict).collect();
    let worst = [Mark::Bad, Mark::Warning].into_iter().find_map(|mark| {
        let place = verdicts.iter().position(|one| one.0 == mark)?;
        Some((mark, reports.get(place)?, verdicts.get(place)?))
    });
    let Some((mark, report, (_, words))) = worst else {
        return (!reports.is_empty()).then(|| (Mark::Good, "nothing to warn of".to_owned()));
    };
    let not_good = verdicts.iter().filter(|one| matches!(one.0, Mark::Bad | Mark::Warning)).count();
    let more = match not_good - 1 {
        0 => String::new(),
        more => format!("; {more} more of {} accounts with a warning", reports.len()),
    };
    Some((mark, format!("{}: {words}{more}", report.account)))
}

/// The account itself, then everything that few readers need.
fn sections(one: &Report, drawing: Option<&Drawing>, list: Option<usize>) -> Vec<Section> {
    let mut blocks: Vec<Block> = reservations(one).collect();
    blocks.push(figures::summary(one, &one.answers.figures.power, "keys"));
    blocks.extend(next_level(one));
    if !one.notes.is_empty() {
        let note = |Note { name, text }: &Note| {
            let mark = if REMARKS.contains(&name.as_str()) { Mark::Plain } else { Mark::Warning };
            vec![Cell::text(name.as_str()).marked(mark), Cell::text(text.as_str())]
        };
        let rows = one.notes.iter().map(note).collect();
        blocks.push(Block::Table(Table { head: head(&["Note", "What it means"]), rows }));
    }
    if !one.complete && one.partial.as_ref().is_none_or(|partial| partial.figures_exact) {
        let words = "A number given as `a .. b` is an interval: the true one lies inside it.";
        blocks.push(Block::Text(words.to_owned()));
    }
    if let Some(drawing) = drawing {
        let caption = format!("{} and the keys below it", one.account);
        let svg = drawing.svg.clone();
        blocks.extend(svg.map(|svg| Block::Picture { svg, caption }));
        let lines = Block::Verbatim(drawing.lines.clone());
        blocks.push(Block::InText(vec![Block::Text(" ".into()), lines]));
    }
    blocks.extend(figures::over_groups(one));
    let mut more = vec![figures::detail(one, &one.answers.figures.power, "keys")];
    let groups = one.answers.groups.as_ref();
    more.extend(groups.map(|groups| figures::detail(one, &groups.power, "groups")));
    more.extend(one.ways.iter().flat_map(scheme));
    more.extend(details::all(one, list));
    let title = one.account.clone();
    let appendix = Section { title: format!("{title} in detail"), blocks: more };
    vec![Section { title, blocks }, appendix]
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
    let row =
        |(at, step): (usize, &String)| vec![counted(at as u64 + 1), Cell::text(step.as_str())];
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
