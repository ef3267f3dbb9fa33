//! What should I choose: every pair of thresholds, lockout against theft, now and eventually.

use std::path::PathBuf;

use super::super::replay::Format;
use super::super::report::Page;
use super::super::{Exit, Fatal, answer};
use super::tree_file;
use crate::analysis::design;
use crate::examination::{Designs, Period};
use crate::protocol::Protocol;
use crate::report::file;
use crate::report::render::design_plot;

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
    period: Option<Period>,
    (format, page): (Format, &Page),
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
    let answer = Designs { period, ..Designs::new(keys, protocol, &rows) };
    if let Some(path) = &choice.plot {
        let text = design_plot(&answer).ok_or_else(|| Fatal("the plot cannot be drawn".into()))?;
        file::save(path, &text)
            .map_err(|error| Fatal(format!("{}: cannot write: {error}", path.display())))?;
    }
    answer::give(&answer, format, page)?;
    Ok(Exit::Good)
}
