//! `quorate encode`: JSON to transaction bytes.

use super::answer::Format;
use super::payloads::{EraChoice, answer_all};
use super::{Exit, Fatal};
use crate::wire::{Encoded, RefusedLine, encode_line};

/// Write the bytes of what `decode` shows: {"hex"} for each object.
///
/// An object is JSON text, a file (`.json`: one object; else one a line), or `-` for standard input: one
/// object a line in, one a line out. It holds `era` and `json`, or a step's `transaction` and `wire`;
/// with both, they must say the same. What is written is read again before it is handed out. An object
/// that makes no payload is answered by {"error","path"}, and the exit code is 2.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quorate decode --era C payload.bin --format text > payload.json
  quorate encode payload.json
  quorate decode --era B - < payloads.txt | quorate encode -")]
pub struct Arguments {
    /// JSON text, a file, or - for standard input
    #[arg(required = true, value_name = "OBJECT")]
    objects: Vec<String>,
    #[command(flatten)]
    choice: EraChoice,
    /// One line for each object, or indented
    #[arg(long, value_enum, default_value = "json")]
    format: Format,
}

/// What an object is given as.
const OBJECT: &str = "a file of JSON objects, a JSON object or -";

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    let era = arguments.choice.era()?;
    answer_all(&arguments.objects, arguments.format, OBJECT, |text| {
        vec![encode_line(text, era).map(|hex| Encoded { hex }).map_err(RefusedLine::from)]
    })
}
