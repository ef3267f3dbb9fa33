//! `analyze --design`: a choice of thresholds.

use std::collections::BTreeSet;

use super::likelihood::likely;
use super::{Block, Cell, Mark, Section, Sheet, Table, count_of, counted, head, protocol_facts};
use crate::analysis::{Number, Probability};
use crate::examination::{DesignFigures, Designs, Period, RiskFigures};
use crate::report::plot::{Point, Series, scatter};

impl From<&Designs> for Sheet {
    fn from(answer: &Designs) -> Self {
        let nis1 = answer.base == "nis1";
        let mut blocks = Vec::new();
        if let Some(svg) = plot(answer) {
            let caption =
                "Every choice of thresholds: down is safer from theft, left is safer from loss.";
            blocks.push(Block::Picture { svg, caption: caption.into() });
        }
        let in_words = |one: &Number, answer: &Designs| {
            Cell::text(likely(&Probability::Exact(one.clone()), answer.period))
        };
        let as_number = |one: &Number, _: &Designs| Cell::number(one.words());
        let words = choices(answer, words_of(nis1, true), in_words);
        let numbers = |long| Block::Table(choices(answer, words_of(nis1, long), as_number));
        blocks.push(Block::OnPage(vec![Block::Table(words)]));
        let then =
            Block::Text("Then means eventually. Better `none`: no other choice is better.".into());
        blocks.push(Block::InText(vec![numbers(false), then]));
        blocks.extend(remarks(nis1).map(|text| Block::Text(text.into())));
        let mut facts = protocol_facts(&answer.version, std::slice::from_ref(&answer.protocol));
        let period = answer.period.map(Period::words);
        facts.extend(period.map(|words| ("period of the probabilities".to_owned(), words)));
        let title = "Probabilities as numbers".into();
        blocks.push(Block::Folded { title, blocks: vec![numbers(true)] });
        Self {
            title: format!("Which thresholds for {}?", count_of(answer.keys as u64, "key")),
            verdict: Some((Mark::Plain, verdict(answer, nis1))),
            lead: "Now is the approval of one payment; eventually is after any chain of transactions that \
                   the same keys get accepted."
                .into(),
            facts,
            sections: vec![Section { title: "Choices".into(), blocks }],
            ..Self::default()
        }
    }
}

/// How many choices are worth making, and one that is worth nothing.
fn verdict(answer: &Designs, nis1: bool) -> String {
    let best = answer.designs.iter().filter(|one| one.frontier).count();
    let all = answer.designs.len();
    let falls = |one: &&DesignFigures| one.eventually.signatures < one.now.signatures;
    let worst = answer.designs.iter().filter(falls).max_by_key(|one| one.now.signatures);
    let worst = worst.map_or(String::new(), |one| {
        let thresholds = match nis1 {
            true => format!("{} of {}", one.min_approval, answer.keys),
            false => format!("min approval {}, min removal {}", one.min_approval, one.min_removal),
        };
        let (now, then) = (one.now.signatures, one.eventually.signatures);
        format!("; {thresholds} asks for {now} keys and falls to {then}")
    });
    let are = if best == 1 { "is" } else { "are" };
    format!("No other choice is better than the {best} of {all} that {are} marked{worst}")
}

fn remarks(nis1: bool) -> [&'static str; 2] {
    [
        "A choice is marked if none is better in one of these and as good in the others: lockout now, \
         which stops payments; lockout and theft eventually, which cannot be undone.",
        match nis1 {
            true => {
                "All of N falls to N - 1: they delete the last one, and what they add or lower in the \
                 same modification needs no more. Asking for all N buys nothing against theft and locks \
                 payments with the first lost key."
            }
            false => {
                "Min removal below min approval lowers safety to min removal: a modification that \
                 deletes somebody may lower both thresholds and needs only min removal. Min removal \
                 above min approval adds nothing."
            }
        },
    ]
}

/// The headings of the table: `long` ones for a page, short ones for a text.
fn words_of(nis1: bool, long: bool) -> Vec<&'static str> {
    let (thresholds, words): (&[&str], &[&str]) = match (nis1, long) {
        (true, true) => (&["Min cosignatories"], &LONG),
        (false, true) => (&["Min approval", "Min removal"], &LONG),
        (true, false) => (&["Min cosignatories"], &SHORT),
        (false, false) => (&["Approval", "Removal"], &SHORT),
    };
    [thresholds, words].concat()
}

const LONG: [&str; 7] = [
    "Keys now",
    "Keys eventually",
    "Lockout now",
    "Theft now",
    "Lockout eventually",
    "Theft eventually",
    "Better choice",
];
const SHORT: [&str; 7] =
    ["Keys now", "Keys then", "Lockout now", "Theft now", "Lockout then", "Theft then", "Better"];

fn choices(answer: &Designs, words: Vec<&str>, risk: fn(&Number, &Designs) -> Cell) -> Table {
    let nis1 = answer.base == "nis1";
    let row = |one: &DesignFigures| {
        let mut cells = vec![counted(u64::from(one.min_approval))];
        cells.extend((!nis1).then(|| counted(u64::from(one.min_removal))));
        for view in [&one.now, &one.eventually] {
            cells.push(counted(u64::from(view.signatures)));
        }
        for view in [&one.now, &one.eventually] {
            cells.push(risk(&view.lockout_probability, answer));
            cells.push(risk(&view.theft_probability, answer));
        }
        cells.push(if one.frontier {
            Cell::text("none").marked(Mark::Good)
        } else {
            Cell::default()
        });
        cells
    };
    Table { head: head(&words), rows: answer.designs.iter().map(row).collect() }
}

/// The power of ten of a probability; what is 0 is drawn at the edge.
fn power(number: &Number) -> f64 {
    match number {
        Number::Float(value) if *value > 0.0 => value.log10(),
        Number::Float(_) => -16.0,
        Number::Text(text) => {
            let exponent = text.split_once('e').and_then(|(_, exponent)| exponent.parse().ok());
            exponent.unwrap_or(-16.0)
        }
    }
}

/// Lockout against theft, the frontier marked; `None` where it cannot be drawn.
#[must_use]
pub fn plot(answer: &Designs) -> Option<String> {
    let series = |name: &str, of: fn(&DesignFigures) -> &RiskFigures| {
        let mut seen = BTreeSet::new();
        // choices that need as many signatures lie on one point
        let mut risks: Vec<&RiskFigures> =
            answer.designs.iter().map(of).filter(|risk| seen.insert(risk.signatures)).collect();
        risks.sort_by_key(|risk| risk.signatures);
        let point = |risk: &RiskFigures| Point {
            across: power(&risk.lockout_probability),
            up: power(&risk.theft_probability),
            label: format!("{} of {}", risk.signatures, answer.keys),
            frontier: risk.frontier,
        };
        Series { name: name.to_owned(), points: risks.into_iter().map(point).collect() }
    };
    let now = series("now", |one| &one.now);
    let mut eventually = series("eventually", |one| &one.eventually);
    let same = |point: &Point| now.points.iter().any(|one| one.label == point.label);
    eventually.points.iter_mut().filter(|point| same(point)).for_each(|point| point.label.clear());
    let fallen = fallen(&answer.designs);
    let fallen = Series { name: "what falls to fewer keys".to_owned(), points: fallen };
    let axes = ("probability of lockout", "probability of theft");
    let title = format!("{} keys, {}", answer.keys, answer.protocol.name);
    scatter(&title, axes, &[now, eventually, fallen]).ok()
}

/// The worst choice: what asks for most signatures and falls to fewest, where it lands.
fn fallen(rows: &[DesignFigures]) -> Vec<Point> {
    let lowered = rows.iter().filter(|row| row.eventually.signatures < row.now.signatures);
    let worst = lowered.max_by_key(|row| row.now.signatures - row.eventually.signatures);
    let point = |row: &DesignFigures| Point {
        across: power(&row.now.lockout_probability),
        up: power(&row.eventually.theft_probability),
        label: format!("asks {}, falls to {}", row.now.signatures, row.eventually.signatures),
        frontier: false,
    };
    worst.map(point).into_iter().collect()
}
