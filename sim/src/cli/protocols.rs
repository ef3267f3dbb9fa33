//! `quorate protocols`: the known protocols, or one of them in full.

use super::answer::{Format, give_text};
use super::{Exit, Fatal};
use crate::protocol::json::{Description, Presets};

/// List the known protocols, or print one with the source of every limit.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quorate protocols
  quorate protocols symbol-mainnet
  quorate protocols config-network.properties
  quorate protocols scenarios/protocols/guarded-removal.json --format json")]
pub struct Arguments {
    /// A preset, a protocol file (.json) or a server's config-network.properties
    protocol: Option<String>,
    /// Output format
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    let printed = match &arguments.protocol {
        None => give_text(&Presets::all(), arguments.format, false),
        Some(name) => {
            let protocol = super::protocol::load(name)?;
            give_text(&Description::with_sources(&protocol), arguments.format, false)
        }
    };
    printed.map(|_| Exit::Good)
}
