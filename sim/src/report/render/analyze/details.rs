//! What few readers of an analysis need: exact probabilities, how much each key matters, all minimal sets.

use super::super::grouped;
use super::figures::size;
use super::likelihood::{likely, within};
use super::{Block, Cell, Mark, SETS_MAX, Table, few, head};
use crate::analysis::{Count, PowerFigures, Probability, View, ViewFigures};
use crate::examination::{ChangeFigures, Missing, Report};

/// One of the two things that happen to keys.
#[derive(Clone, Copy)]
pub struct Event {
    /// How likely its effect on the account is.
    pub of: for<'a> fn(&ViewFigures<'a>) -> Option<&'a Probability>,
    /// The keys whose probability is not known.
    pub missing: fn(&Missing) -> &[String],
    /// What that probability is called in files.
    field: &'static str,
}

/// Keys are lost.
pub const LOSS: Event =
    Event { of: |view| view.lockout_probability, missing: |missing| &missing.loss, field: "loss" };
/// Keys are stolen.
pub const THEFT: Event = Event {
    of: |view| view.theft_probability,
    missing: |missing| &missing.compromise,
    field: "compromise",
};

/// A probability in words, or of which keys theirs is missing.
pub fn probability(one: &Report, view: &ViewFigures<'_>, event: Event) -> String {
    let missing = (event.missing)(&one.probabilities_missing);
    match (event.of)(view) {
        None if !missing.is_empty() => {
            format!("not known: no {} of {}", event.field, few(missing))
        }
        None => "not known".to_owned(),
        Some(known) => likely(known, one.period),
    }
}

/// What a modification may do besides a payment, and who can.
fn changes(one: &Report) -> impl Iterator<Item = (&'static str, &ChangeFigures)> {
    let removal = one.removal.iter().map(|change| ("remove a cosignatory", change));
    removal.chain(one.mixed.iter().map(|change| ("replace a cosignatory", change)))
}

fn only_now(name: String, now: String) -> Vec<Cell> {
    vec![Cell::text(name), Cell::text(now), Cell::text("-").marked(Mark::Quiet)]
}

/// The fewest keys that modify the account in each of these ways.
pub fn changing(one: &Report) -> Vec<Vec<Cell>> {
    let row = |(name, change): (&str, &ChangeFigures)| {
        let now = match &change.certificate {
            None => "none can".to_owned(),
            proof => size((change.fewest, proof.as_ref())),
        };
        only_now(format!("fewest keys that {name}"), now)
    };
    changes(one).map(row).collect()
}

/// What a thief with the stolen keys can do.
pub fn thief(one: &Report) -> Option<Vec<Cell>> {
    let thief = one.thief_spends.as_ref()?;
    let cell = |can: bool| match can {
        true => Cell::text("spends").marked(Mark::Bad),
        false => Cell::text("cannot spend").marked(Mark::Good),
    };
    let name = Cell::text("a thief with the stolen keys");
    Some(vec![name, cell(thief.now), cell(thief.eventually)])
}

/// Whether the fewest signatures fit one transaction.
pub fn one_transaction(one: &Report) -> Option<Vec<Cell>> {
    let most = one.signatures_cap.most.filter(|_| !one.locked.now)?;
    let fits = match one.signatures_cap.one_transaction_is_enough {
        Some(true) => format!("yes, it carries up to {most}"),
        Some(false) => format!("no, it carries up to {most}"),
        None => format!("undecided, it carries up to {most}"),
    };
    Some(only_now("these signatures fit one transaction".to_owned(), fits))
}

/// Exact probabilities, how much each key matters and the minimal sets; with `list` so many sets are
/// written out for all to see.
pub fn all(one: &Report, list: Option<usize>) -> Vec<Block> {
    let mut blocks: Vec<Block> = exact(one).into_iter().chain(importance(one)).collect();
    let sets = sets(one, list.unwrap_or(SETS_MAX));
    match list {
        _ if sets.is_empty() => {}
        Some(0) => {}
        Some(_) => blocks.extend(sets),
        None => {
            let title = "Every minimal set of keys".into();
            blocks.push(Block::Folded { title, blocks: sets });
        }
    }
    blocks
}

/// The probabilities as numbers.
fn exact(one: &Report) -> Option<Block> {
    let all = [("keys", Some(&one.answers.figures.power))];
    let groups = ("groups", one.answers.groups.as_ref().map(|groups| &groups.power));
    let mut rows = Vec::new();
    for (unit, power) in all.into_iter().chain([groups]) {
        let Some(power) = power else { continue };
        for (name, event) in [("lockout", LOSS), ("theft", THEFT)] {
            let views = [View::Now, View::Eventually].map(|view| (event.of)(&power.view(view)));
            if views.iter().any(Option::is_some) {
                let name = Cell::text(format!("{name}{}, over {unit}", within(one.period)));
                let cells = views.map(|one| Cell::number(Probability::words_of(one)));
                rows.push(std::iter::once(name).chain(cells).collect());
            }
        }
    }
    let table = Table { head: head(&["", "Now", "Eventually"]), rows };
    let title = "Probabilities as numbers".into();
    (!table.rows.is_empty()).then(|| Block::Folded { title, blocks: vec![Block::Table(table)] })
}

/// How much each key matters, where probabilities are known.
fn importance(one: &Report) -> Option<Block> {
    let (birnbaum, shares) = (&one.answers.figures.birnbaum, &one.answers.figures.fussell_vesely);
    let row = |key: &String| {
        let cell = |value: Option<&crate::analysis::Number>| {
            Cell::number(value.map_or_else(|| "not known".to_owned(), |one| one.words()))
        };
        vec![
            Cell::text(key.as_str()),
            cell(birnbaum.lockout.get(key)),
            cell(birnbaum.theft.get(key)),
            cell(shares.lockout.get(key).and_then(Option::as_ref)),
            cell(shares.theft.get(key).and_then(Option::as_ref)),
        ]
    };
    let rows: Vec<Vec<Cell>> = birnbaum.lockout.keys().map(row).collect();
    let words = [
        "Key",
        "Birnbaum, lockout",
        "Birnbaum, theft",
        "Fussell-Vesely, lockout",
        "Fussell-Vesely, theft",
    ];
    let mut blocks = vec![
        Block::Text(
            "Birnbaum: the probability with this key certainly lost (stolen), less that with it \
             certainly safe. Fussell-Vesely: the probability that a minimal set with this key is \
             complete, divided by the whole."
                .into(),
        ),
        Block::Table(Table { head: head(&words), rows }),
    ];
    if let Some(first) = one.answers.figures.replace_first.first() {
        let (key, [lockout, theft]) =
            (&first.key, [&first.lockout_reduction, &first.theft_reduction].map(|one| one.words()));
        blocks.push(Block::Text(format!(
            "Replace first: {key} (lockout -{lockout}, theft -{theft})."
        )));
    }
    let title = "How much each key matters now".into();
    (!birnbaum.lockout.is_empty()).then_some(Block::Folded { title, blocks })
}

fn sets(one: &Report, most: usize) -> Vec<Block> {
    let mut blocks = sets_in(&one.answers.figures.power, "keys", most);
    let groups = one.answers.groups.iter();
    blocks.extend(groups.flat_map(|groups| sets_in(&groups.power, "groups", most)));
    for (name, change) in changes(one) {
        let name = format!("Minimal sets of keys that {name}");
        blocks.extend(sets_of(&name, (change.sets.as_deref(), change.count.as_ref()), most));
    }
    blocks
}

/// The minimal sets of keys, or of groups of them.
fn sets_in(power: &PowerFigures, unit: &str, most: usize) -> Vec<Block> {
    let mut blocks = Vec::new();
    let spend = format!("Minimal sets of {unit} that spend");
    let losses = match unit {
        "keys" => "Minimal losses that lock it".to_owned(),
        _ => format!("Minimal losses of {unit} that lock it"),
    };
    let (now, eventually) = (power.view(View::Now), power.view(View::Eventually));
    for (name, when, sets) in [
        (&spend, "now", now.spend),
        (&spend, "eventually", eventually.spend),
        (&losses, "now", now.lock),
        (&losses, "for ever", eventually.lock),
    ] {
        blocks.extend(sets_of(&format!("{name} {when}"), sets, most));
    }
    blocks
}

/// The first of these minimal sets, where there are any.
fn sets_of(
    name: &str,
    (sets, count): (Option<&[Vec<String>]>, Option<&Count>),
    most: usize,
) -> Vec<Block> {
    let sets = sets.unwrap_or_default();
    if sets.is_empty() {
        return Vec::new();
    }
    let row = |keys: &Vec<String>| vec![Cell::text(keys.join(", "))];
    let rows: Vec<Vec<Cell>> = sets.iter().take(most).map(row).collect();
    let shown = rows.len();
    let (count, all) = match count {
        Some(Count::Number(count)) => (grouped(*count), *count),
        Some(Count::Digits(digits)) => (digits.clone(), u64::MAX),
        None => ("not counted".to_owned(), u64::MAX),
    };
    let mut blocks = vec![
        Block::Heading(format!("{name} ({count})")),
        Block::Table(Table { head: Vec::new(), rows }),
    ];
    if all > shown as u64 {
        blocks.push(Block::Text(format!("Only the first {shown} are written out.")));
    }
    blocks
}
