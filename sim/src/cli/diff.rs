//! `quorate diff`: what two scenarios say differently, whatever their layout.

use std::path::PathBuf;

use super::answer::{Format, give_text};
use super::output::ended;
use super::replay::start;
use super::{Exit, Fatal};
use crate::scenario::diff::diff;

/// Say what two scenarios say differently: fields of the header, steps added, removed and changed.
///
/// Layout and the order of a step's fields are no difference: a `.json` may be compared with a `.jsonl.gz`.
/// Exit code 0: they say the same; 1: they differ; 2: one cannot be read.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quorate diff scenarios/household/symbol.json scenarios/household/catapult-v1.json
  quorate diff before.json after.jsonl.gz --format json")]
pub struct Arguments {
    /// A scenario
    old: PathBuf,
    /// Another
    new: PathBuf,
    /// Output format
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    for path in [&arguments.old, &arguments.new] {
        start(path)?;
    }
    let diff = diff(&arguments.old, &arguments.new).map_err(|error| Fatal(error.to_string()))?;
    let reader = give_text(&diff, arguments.format, true)?;
    Ok(ended(if diff.same { Exit::Good } else { Exit::Broken }, reader))
}
