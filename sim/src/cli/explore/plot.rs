//! The chart of a sweep.

use super::Fatal;
use crate::explore::{LIMITS, Question, Row};
use crate::report::chart::{Point, Series, lines};
use crate::report::plot::PlotError;

/// A number for every limit, in the order of [`LIMITS`].
type Values = [u32; 4];

fn value(values: Values, limit: usize) -> u32 {
    values.get(limit).copied().unwrap_or(0)
}

/// How many values a limit takes.
fn variety(rows: &[Row], limit: usize) -> usize {
    let mut values: Vec<u32> = rows.iter().map(|row| value(row.limits, limit)).collect();
    values.sort_unstable();
    values.dedup();
    values.len()
}

/// The limit that takes the most values runs across; every combination of the others is a line.
pub(super) fn sweep(question: &Question<'_>, rows: &[Row]) -> Result<String, PlotError> {
    let widest = |limit: &usize| (variety(rows, *limit), usize::MAX - limit);
    let across = (0..LIMITS.len()).max_by_key(widest).unwrap_or(0);
    let mut series: Vec<(Values, Series)> = Vec::new();
    for row in rows {
        let mut others = row.limits;
        if let Some(own) = others.get_mut(across) {
            *own = 0;
        }
        let found = row.found.iter().map(|(depth, subject)| format!("{subject} {depth}"));
        let point = Point {
            across: value(row.limits, across),
            up: row.counts.states_labelled,
            mark: found.collect::<Vec<_>>().join(", "),
        };
        match series.iter_mut().find(|(known, _)| *known == others) {
            Some((_, one)) => one.points.push(point),
            None => {
                let name = name(rows, row, across);
                series.push((others, Series { name, points: vec![point] }));
            }
        }
    }
    let mut series: Vec<Series> = series.into_iter().map(|(_, one)| one).collect();
    series.iter_mut().for_each(|one| one.points.sort_by_key(|point| point.across));
    let title = format!(
        "{}, {} accounts: states, and the modifications to what is found",
        question.protocol.name, question.accounts
    );
    let axis = LIMITS.get(across).copied().unwrap_or_default();
    lines(&title, (axis, "states, accounts told apart by name"), &series)
}

/// The limits that tell a line from the others.
fn name(rows: &[Row], row: &Row, across: usize) -> String {
    let told = LIMITS.iter().enumerate();
    let told = told.filter(|&(limit, _)| limit != across && variety(rows, limit) > 1);
    let words: Vec<String> =
        told.map(|(limit, name)| format!("{name} {}", value(row.limits, limit))).collect();
    if words.is_empty() { "states".to_owned() } else { words.join(", ") }
}

/// Draws the chart into a file.
pub(super) fn save(
    path: &std::path::Path,
    question: &Question<'_>,
    rows: &[Row],
) -> Result<(), Fatal> {
    let text = sweep(question, rows).map_err(super::fatal)?;
    crate::report::file::save(path, &text)
        .map_err(|error| Fatal(format!("{}: cannot write: {error}", path.display())))
}
