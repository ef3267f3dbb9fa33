//! `quorate faults`: the seeded bugs, one of them in full, or which check catches which.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::output::print;
use super::replay::Format;
use super::{Exit, Fatal};
use crate::campaign::{AUDITOR, Matrix, matrix};
use crate::fault::Fault;
use crate::invariant;
use crate::report::render;

/// List the seeded bugs, print one, or show which check catches which.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quorate faults
  quorate faults no-opt-in
  quorate faults --matrix --html matrix.html")]
pub struct Arguments {
    /// One of them
    name: Option<String>,
    /// Seed every fault and show which invariants, and whether the auditor, object
    #[arg(long)]
    matrix: bool,
    /// Runs a fault gets for the matrix
    #[arg(long, value_name = "RUNS", default_value_t = 200, requires = "matrix")]
    runs: u64,
    /// Where all decisions come from
    #[arg(long, value_name = "NUMBER", default_value_t = 1, requires = "matrix")]
    seed: u64,
    /// Number of threads; as many as there are cores unless told
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// How to answer
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    #[command(flatten)]
    page: super::report::Page,
}

/// The fault of this name.
///
/// # Errors
/// There is none; the nearest name is offered.
pub fn named(name: &str) -> Result<&'static Fault, Fatal> {
    Fault::named(name).ok_or_else(|| {
        let hint = Fault::nearest(name);
        let hint = hint.map_or(String::new(), |near| format!(", did you mean `{near}`?"));
        Fatal(format!("unknown fault `{name}`; `quorate faults` lists them{hint}"))
    })
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    let chosen: Vec<&'static Fault> = match &arguments.name {
        Some(name) => vec![named(name)?],
        None => Fault::all().collect(),
    };
    let text = if arguments.matrix {
        let jobs = super::fuzz::jobs(arguments.jobs);
        let matrix = matrix(&chosen, arguments.seed, arguments.runs, jobs);
        arguments.page.save(|| render::matrix(&matrix_json(&matrix)))?;
        match arguments.format {
            Format::Json => format!("{}\n", matrix_json(&matrix)),
            Format::Text => matrix_text(&matrix),
        }
    } else {
        let document =
            || json!({ "faults": chosen.iter().map(|fault| describe(fault)).collect::<Vec<_>>() });
        arguments.page.save(|| render::faults(&document()))?;
        match (arguments.format, chosen.as_slice()) {
            (Format::Json, _) => format!("{}\n", document()),
            (Format::Text, [fault]) => full(fault),
            (Format::Text, _) => list(&chosen),
        }
    };
    print(&text).map(|_| Exit::Good)
}

fn describe(fault: &Fault) -> Value {
    json!({
        "name": fault.name,
        "protocols": fault.protocols,
        "description": fault.description,
        "origin": fault.origin,
    })
}

fn full(fault: &Fault) -> String {
    let protocols = fault.protocols.join(", ");
    format!(
        "{}\n{}\norigin:    {}\nprotocols: {protocols}\n",
        fault.name, fault.description, fault.origin
    )
}

fn list(faults: &[&Fault]) -> String {
    let mut text = String::new();
    for fault in faults {
        let _ = writeln!(text, "{:<38} {}", fault.name, fault.description);
    }
    let count = faults.len();
    text + &format!("\n{count} faults; `quorate fuzz --fault NAME` hunts for one.\n")
}

/// The invariants across, a letter each, the faults down.
fn matrix_text(matrix: &Matrix) -> String {
    let mut text = String::new();
    let checks = checks();
    for (index, name) in checks.iter().enumerate() {
        let caught = matrix.rows.iter().filter(|row| row.caught_by.contains(name)).count();
        let _ = writeln!(text, "{} {name}: {caught}", letter(index));
    }
    text.push('\n');
    for row in &matrix.rows {
        let mark = |(index, name)| {
            if row.caught_by.contains(name) { letter(index) } else { '.' }
        };
        let marks: String = checks.iter().enumerate().map(mark).collect();
        let steps = match row.steps_to_first {
            Some(steps) => format!("after {steps} steps"),
            None => "NOT CAUGHT".to_owned(),
        };
        let alone = if row.auditor_only() { ", by the auditor only" } else { "" };
        let _ = writeln!(text, "{marks}  {:<38} {steps}{alone}", row.fault.name);
    }
    let toothless = toothless(matrix);
    if !toothless.is_empty() {
        let _ = writeln!(text, "\nno fault is caught by: {}", toothless.join(", "));
    }
    text
}

fn letter(index: usize) -> char {
    char::from(b'a' + u8::try_from(index).unwrap_or(25).min(25))
}

fn checks() -> Vec<&'static str> {
    let mut names: Vec<&'static str> = invariant::ALL.iter().map(|one| one.name).collect();
    names.push(AUDITOR);
    names
}

fn toothless(matrix: &Matrix) -> Vec<&'static str> {
    let caught = |name: &&'static str| matrix.rows.iter().any(|row| row.caught_by.contains(name));
    checks().into_iter().filter(|name| !caught(name)).collect()
}

fn matrix_json(matrix: &Matrix) -> Value {
    let rows = matrix.rows.iter().map(|row| {
        json!({
            "fault": row.fault.name,
            "protocol": row.protocol,
            "caught_by": row.caught_by,
            "auditor_only": row.auditor_only(),
            "steps": row.steps_to_first,
        })
    });
    json!({
        "checks": checks(),
        "matrix": rows.collect::<Vec<_>>(),
        "toothless": toothless(matrix),
        "quorate": env!("CARGO_PKG_VERSION"),
    })
}
