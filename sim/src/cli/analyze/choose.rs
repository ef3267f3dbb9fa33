//! What should I choose: every pair of thresholds, lockout against theft, now and eventually.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::super::output::{print, print_json};
use super::super::replay::Format;
use super::super::report::Page;
use super::super::{Exit, Fatal};
use super::tell::scaled;
use super::tree_file;
use crate::analysis::{Design, Risk, Scaled, design};
use crate::protocol::{Base, Protocol};
use crate::report::file;
use crate::report::plot::{Point, Series, scatter};
use crate::report::render;

/// A choice of thresholds to be made.
#[derive(Debug, clap::Args)]
pub struct Choice {
    /// Instead of a file: all thresholds of an account of so many keys, lockout against theft
    #[arg(long, value_name = "KEYS", conflicts_with_all = ["file", "account"])]
    pub design: Option<usize>,
    /// How likely a key is lost, 0 to 1
    #[arg(long, value_name = "PROBABILITY", requires = "design", default_value_t = 0.05)]
    loss: f64,
    /// How likely a key is stolen, 0 to 1
    #[arg(long, value_name = "PROBABILITY", requires = "design", default_value_t = 0.01)]
    compromise: f64,
    /// Probabilities key by key: {"alice":{"loss":0.1,"compromise":0.01},..}
    #[arg(long, value_name = "FILE", requires = "design")]
    probabilities: Option<PathBuf>,
    /// Plot lockout against theft as SVG, the frontier marked
    #[arg(long, value_name = "FILE", requires = "design")]
    plot: Option<PathBuf>,
}

/// Prints the table.
pub fn run(
    choice: &Choice,
    keys: usize,
    protocol: &Protocol,
    format: Format,
    page: &Page,
) -> Result<Exit, Fatal> {
    let chances = match &choice.probabilities {
        Some(path) => tree_file::probabilities(path)?,
        None => vec![(choice.loss, choice.compromise); keys.min(1_000)],
    };
    if chances.len() != keys && choice.probabilities.is_some() {
        let found = chances.len();
        return Err(Fatal(format!("{found} probabilities for {keys} keys; expected one for each")));
    }
    let rows = design(&chances, protocol).map_err(|error| Fatal(error.to_string()))?;
    if let Some(path) = &choice.plot {
        plot(path, keys, protocol, &rows)?;
    }
    page.save(|| render::design(&document(keys, protocol, &rows)))?;
    match format {
        Format::Text => print(&table(keys, protocol, &rows))?,
        Format::Json => print_json(&format!("{}\n", document(keys, protocol, &rows)))?,
    };
    Ok(Exit::Good)
}

fn table(keys: usize, protocol: &Protocol, rows: &[Design]) -> String {
    let nis1 = protocol.base == Base::Nis1;
    let mut text =
        format!("{keys} keys, {}; * = no other choice is better, see below\n\n", protocol.name);
    let heads = if nis1 { "min cosignatories" } else { "approval  removal" };
    let _ = writeln!(text, "{heads:<19} {:<33} eventually", "now");
    let head = "signatures  lockout    theft";
    let _ = writeln!(text, "{:<19} {head:<33} {head}", "");
    for row in rows {
        let thresholds = match nis1 {
            true => format!("{:>17}", row.min_approval),
            false => format!("{:>8} {:>8}", row.min_approval, row.min_removal),
        };
        let (now, eventually) = (risk(&row.now), risk(&row.eventually));
        let mark = if row.frontier { "*" } else { "" };
        let line = format!("{thresholds:<19} {now:<33} {eventually:<33} {mark}");
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text.push_str(
        "\nA choice is marked if none is better in one of these and as good in the others: lockout now, \
         which\nstops payments; lockout and theft in the end, which cannot be undone.\n",
    );
    text.push_str(match nis1 {
        true => {
            "All of N falls to N - 1: they delete the last one, and what they add or lower in the \
             same\nmodification needs no more. Asking for all N buys nothing against theft and locks \
             payments\nwith the first lost key.\n"
        }
        false => {
            "Min removal below min approval lowers safety to min removal: a modification that deletes \
             somebody\nmay lower both thresholds and needs only min removal. Min removal above min \
             approval adds nothing.\n"
        }
    });
    text
}

fn risk(risk: &Risk) -> String {
    let (lockout, theft) = (scaled(risk.lockout), scaled(risk.theft));
    format!("{:>10}  {lockout:<9}  {theft}", risk.signatures)
}

/// A probability as a number where `f64` holds it in full, else as text.
pub fn number(value: Scaled) -> Value {
    match value.to_f64() {
        plain if value.is_zero() || plain >= 1e-290 => json!(plain),
        _ => json!(value.to_string()),
    }
}

fn document(keys: usize, protocol: &Protocol, rows: &[Design]) -> Value {
    let risk = |risk: &Risk| {
        json!({
            "signatures": risk.signatures, "lockout_probability": number(risk.lockout),
            "theft_probability": number(risk.theft), "frontier": risk.frontier,
        })
    };
    let row = |row: &Design| {
        json!({
            "min_approval": row.min_approval, "min_removal": row.min_removal,
            "now": risk(&row.now), "eventually": risk(&row.eventually),
            "frontier": row.frontier,
        })
    };
    let rows: Vec<Value> = rows.iter().map(row).collect();
    json!({
        "protocol": protocol.name, "base": protocol.base.name(), "keys": keys, "designs": rows,
        "protocol_digest": protocol.digest(), "quorate": env!("CARGO_PKG_VERSION"),
    })
}

/// The power of ten of a probability; nothing at all is drawn at the edge.
fn power(value: Scaled) -> f64 {
    let (mantissa, exponent) = value.decimal();
    if value.is_zero() { -16.0 } else { mantissa.log10() + exponent as f64 }
}

fn plot(path: &Path, keys: usize, protocol: &Protocol, rows: &[Design]) -> Result<(), Fatal> {
    let series = |name: &str, of: fn(&Design) -> &Risk| {
        let mut risks: Vec<(&Design, &Risk)> = rows.iter().map(|row| (row, of(row))).collect();
        // choices that need as many signatures lie on one point
        risks.sort_by_key(|(_, risk)| risk.signatures);
        risks.dedup_by_key(|(_, risk)| risk.signatures);
        let point = |(_, risk): (&Design, &Risk)| Point {
            across: power(risk.lockout),
            up: power(risk.theft),
            label: String::new(),
            frontier: risk.frontier,
        };
        let labelled = risks.into_iter().map(|one| {
            let label = format!("{} of {keys}", one.1.signatures);
            Point { label, ..point(one) }
        });
        Series { name: name.to_owned(), points: labelled.collect() }
    };
    let now = series("now", |row| &row.now);
    let mut eventually = series("eventually", |row| &row.eventually);
    let same = |point: &Point| now.points.iter().any(|one| one.label == point.label);
    eventually.points.iter_mut().filter(|point| same(point)).for_each(|point| point.label.clear());
    let fallen: Vec<Point> = arrows(rows);
    let fallen = Series { name: "what falls to fewer keys".to_owned(), points: fallen };
    let title = format!("{keys} keys, {}", protocol.name);
    let axes = ("probability of lockout", "probability of theft");
    let all = [now, eventually, fallen];
    let text = scatter(&title, axes, &all).map_err(|error| Fatal(error.to_string()))?;
    file::save(path, &text)
        .map_err(|error| Fatal(format!("{}: cannot write: {error}", path.display())))
}

/// The worst choices: what asks for most signatures and falls to fewest, where it lands.
fn arrows(rows: &[Design]) -> Vec<Point> {
    let lowered = rows.iter().filter(|row| row.eventually.signatures < row.now.signatures);
    let worst = lowered.max_by_key(|row| row.now.signatures - row.eventually.signatures);
    let point = |row: &Design| Point {
        across: power(row.now.lockout),
        up: power(row.eventually.theft),
        label: format!("asks {}, falls to {}", row.now.signatures, row.eventually.signatures),
        frontier: false,
    };
    worst.map(point).into_iter().collect()
}
