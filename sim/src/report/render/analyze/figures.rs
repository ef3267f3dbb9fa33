//! Who can spend, what locks and how likely that is, now and eventually.

use super::details::{self, LOSS, THEFT};
use super::likelihood::within;
use super::{Block, Cell, Table, few, head};
use crate::analysis::{Certificate, Count, PowerFigures, View, ViewFigures};
use crate::examination::Report;

/// Most keys of a smallest set that are named.
const NAMED_MAX: usize = 4;

/// A number of keys with their names where they are few; where it is not proved, its bounds.
pub fn size((exact, proof): (Option<usize>, Option<&Certificate>)) -> String {
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

/// The losses that never lock, whichever they are: one less than the fewest that do, bounded where those are.
fn borne((exact, proof): (Option<usize>, Option<&Certificate>)) -> Option<String> {
    let but_one = |fewest: usize| fewest.saturating_sub(1);
    let bounds = |proof: &Certificate| {
        format!("{} .. {}", but_one(proof.lower_bound), but_one(proof.keys.len()))
    };
    exact.map(|fewest| but_one(fewest).to_string()).or_else(|| proof.map(bounds))
}

/// Names, or that there are none.
fn named(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { few(names) }
}

/// A count of sets.
fn how_many(count: Option<&Count>) -> String {
    match count {
        None => "not counted within the work for it".to_owned(),
        Some(Count::Number(number)) => super::super::grouped(*number),
        Some(Count::Digits(digits)) => match (digits.get(..1), digits.get(1..4)) {
            (Some(first), Some(more)) => format!("about {first}.{more}e{}", digits.len() - 1),
            _ => digits.clone(),
        },
    }
}

/// Both views of an account, over keys or over groups of them.
struct Views<'a> {
    now: (ViewFigures<'a>, bool),
    eventually: (ViewFigures<'a>, bool),
    rows: Vec<Vec<Cell>>,
}

impl<'a> Views<'a> {
    fn new(one: &Report, power: &'a PowerFigures) -> Self {
        Self {
            now: (power.view(View::Now), one.locked.now),
            eventually: (power.view(View::Eventually), one.locked.eventually),
            rows: Vec::new(),
        }
    }

    /// A row with what it says of each view.
    fn row(&mut self, name: String, of: impl Fn(&ViewFigures<'a>, bool) -> String) {
        let cells = [&self.now, &self.eventually].map(|view| Cell::text(of(&view.0, view.1)));
        self.rows.push(std::iter::once(Cell::text(name)).chain(cells).collect());
    }

    fn table(self) -> Block {
        Block::Table(Table { head: head(&["", "Now", "Eventually"]), rows: self.rows })
    }
}

/// What everybody asks.
pub fn summary(one: &Report, power: &PowerFigures, unit: &str) -> Block {
    let whole = match &one.answers.groups {
        Some(groups) if unit == "groups" => groups.count,
        _ => one.answers.figures.keys,
    };
    let mut views = Views::new(one, power);
    views.row(format!("fewest {unit} that spend"), |view, locked| match locked {
        true => "none can".to_owned(),
        false => size(view.signatures),
    });
    views.row(format!("{unit} that alone spend"), |view, _| named(view.theft));
    views.row(format!("{unit} whose loss alone locks it"), |view, _| named(view.failure));
    let of = |number: Option<String>| {
        number.map_or_else(|| "not known".to_owned(), |number| format!("{number} of {whole}"))
    };
    views.row("losses it survives in any case".into(), |view, locked| match locked {
        true => "locked".to_owned(),
        false => of(borne(view.losses)),
    });
    views.row("losses it survives at best".into(), |view, locked| match locked {
        true => "locked".to_owned(),
        false => of(view.survivable.map(|most| most.to_string())),
    });
    // what happens to groups happens to their keys: without it the figures over keys would be too small
    let told = unit == "groups" || one.answers.groups.is_none();
    let events = [("probability of lockout", LOSS), ("probability of theft", THEFT)];
    for (name, event) in events.into_iter().filter(|_| told) {
        let known =
            [&views.now, &views.eventually].iter().any(|view| (event.of)(&view.0).is_some());
        if known || !(event.missing)(&one.probabilities_missing).is_empty() {
            let name = format!("{name}{}", within(one.period));
            views.row(name, |view, _| details::probability(one, view, event));
        }
    }
    if unit == "keys" {
        views.rows.extend(details::thief(one));
    }
    views.table()
}

/// What some ask.
pub fn detail(one: &Report, power: &PowerFigures, unit: &str) -> Block {
    let mut views = Views::new(one, power);
    let losses = |what: &str| match unit {
        "keys" => format!("{what} losses that lock it"),
        _ => format!("{what} losses of {unit} that lock it"),
    };
    if unit == "keys" {
        let row = ["can spend", &one.formula.now, &one.formula.eventually];
        views.rows.push(row.map(Cell::text).to_vec());
    }
    views.row(losses("fewest"), |view, locked| match locked {
        true => "locked".to_owned(),
        false => size(view.losses),
    });
    views.row(format!("minimal sets of {unit} that spend"), |view, _| how_many(view.spend.1));
    views.row(losses("minimal"), |view, _| how_many(view.lock.1));
    if unit == "keys" {
        views.rows.extend(details::changing(one));
        views.rows.extend(details::one_transaction(one));
    }
    views.table()
}

/// The same over groups of keys, where the file has some.
pub fn over_groups(one: &Report) -> Vec<Block> {
    let Some(groups) = &one.answers.groups else { return Vec::new() };
    let mut rows: Vec<String> =
        groups.members.iter().map(|(name, keys)| format!("{name}: {}", few(keys))).collect();
    if !groups.alone.is_empty() {
        rows.push(format!("in no group, each counts alone: {}", few(&groups.alone)));
    }
    rows.extend(groups.in_several.iter().map(|(key, names)| {
        format!("{key} is in {}: lost or stolen with any of them", few(names))
    }));
    let rows = rows.into_iter().map(|row| vec![Cell::text(row)]).collect();
    let lead = "Keys of a group are lost and stolen together and count as one. A group with a \
                probability is an event of its own beside those of its keys.";
    vec![
        Block::Heading("Over groups of keys".into()),
        Block::Text(lead.into()),
        Block::Table(Table { head: head(&["Group"]), rows }),
        summary(one, &groups.power, "groups"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_borne_in_any_case_is_one_less_than_the_fewest_that_lock_or_its_bounds() {
        let keys = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
        let proof = Certificate { keys, lower_bound: 2 };
        assert_eq!(borne((Some(2), None)).as_deref(), Some("1"));
        assert_eq!(borne((None, Some(&proof))).as_deref(), Some("1 .. 3"));
        assert_eq!(borne((None, None)), None);
    }
}
