//! `quorate faults`: the seeded bugs, one of them in full, or which check catches which.

use super::answer::{Format, give};
use super::{Exit, Fatal};
use crate::account::did_you_mean;
use crate::campaign::matrix;
use crate::fault::{Catalogue, Fault};

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
    #[arg(long, value_name = "RUNS", default_value_t = 200, requires = "matrix",
          value_parser = super::count::parse::<u64>)]
    runs: u64,
    /// Random seed
    #[arg(long, value_name = "NUMBER", default_value_t = 1, requires = "matrix")]
    seed: u64,
    /// Number of threads [default: one per core]
    #[arg(long, value_name = "N", value_parser = super::count::parse::<usize>)]
    jobs: Option<usize>,
    /// Output format
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
        let hint = did_you_mean(Fault::nearest(name));
        Fatal(format!("unknown fault `{name}`; `quorate faults` lists them{hint}"))
    })
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    let chosen: Vec<&'static Fault> = match &arguments.name {
        Some(name) => vec![named(name)?],
        None => Fault::all().collect(),
    };
    if arguments.matrix {
        let jobs = super::watcher::jobs(arguments.jobs);
        let matrix = matrix(&chosen, arguments.seed, arguments.runs, jobs);
        give(&matrix, arguments.format, &arguments.page)?;
    } else {
        let catalogue: Catalogue = chosen.into_iter().collect();
        give(&catalogue, arguments.format, &arguments.page)?;
    }
    Ok(Exit::Good)
}
