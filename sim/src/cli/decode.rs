//! `quorate decode`: transaction bytes to JSON.

use super::answer::Format;
use super::payloads::{EraChoice, answer_all, generation_hash};
use super::{Exit, Fatal};
use crate::wire::{RefusedLine, decode_line, decode_line_unsealed};

/// Read transaction bytes strictly and show them as JSON.
///
/// A payload is hex digits, a file (hex text or binary), or `-` for standard input: one payload a line
/// in, one object a line out. A line may also be {"hex","generation_hash"}, or for NIS1 the announced
/// {"data","signature"}. The answer holds `json` (every field of the layout), `hash`, `signatures`
/// (which of them hold) and the same as a scenario step: `transaction` and, beside it, `wire` with what
/// a step does not say, so that `encode` gives the same bytes. A payload that the layout does not
/// allow is answered by {"error","offset"}, and the exit code is 2.
///
/// The era is given and never guessed: A1 and B are the same bytes with the opposite meaning.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Eras: A (catapult-v3), A1 and B2 (between), B (catapult-v1), C (symbol), N (nis1)

Examples:
  quorate decode --era C payload.bin --format text
  quorate decode --protocol symbol-mainnet --generation-hash HASH - < payloads.txt
  quorate decode --era N --no-hash - < payloads.txt"
)]
pub struct Arguments {
    /// Hex digits, a file, or - for standard input
    #[arg(required = true, value_name = "PAYLOAD")]
    payloads: Vec<String>,
    #[command(flatten)]
    choice: EraChoice,
    /// The network's generation hash, 64 hex digits: hash and signatures need it (not on NIS1)
    #[arg(long, value_name = "HEX", value_parser = generation_hash)]
    generation_hash: Option<[u8; 32]>,
    /// Leave hash and signatures out, which takes most of the time
    #[arg(long, conflicts_with = "generation_hash")]
    no_hash: bool,
    /// One line for each payload, or indented
    #[arg(long, value_enum, default_value = "json")]
    format: Format,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    let Some(era) = arguments.choice.era()? else {
        return Err(Fatal(
            "no era; expected `--era A|A1|B|B2|C|N` or `--protocol NAME`: bytes do not say it"
                .into(),
        ));
    };
    answer_all(&arguments.payloads, arguments.format, |text| {
        let answer = match arguments.no_hash {
            true => decode_line_unsealed(text, era),
            false => decode_line(text, era, arguments.generation_hash),
        };
        answer.map_err(RefusedLine::from)
    })
}
