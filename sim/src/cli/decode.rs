//! `quorate decode`: transactions in any form to JSON.

use serde_json::Value;

use super::answer::Format;
use super::output::remark;
use super::payloads::{EraChoice, answer_all, generation_hash};
use super::{Exit, Fatal};
use crate::key::{Era, PublicKey};
use crate::rest::FieldError;
use crate::rest::transaction::{DecodedItem, Item, Options, read};
use crate::wire::{RefusedLine, WireError, decode_line, decode_line_unsealed};

/// Read transactions strictly and show them as JSON.
///
/// A transaction is hex digits, a file (hex text, binary or JSON), or `-` for standard input: one payload
/// a line in, one object a line out; JSON may also be one document on several lines. Read are payloads;
/// {"payload"} as SDKs announce it, {"hex","generation_hash"}, NIS1's {"data","signature"}; what a
/// hardware wallet signs; a node's answer about a transaction, waiting or confirmed, a list of them
/// ({"data":[..]}), NIS1's unconfirmed transactions, a cosignature on its own, a hash lock. The answer
/// holds `json` (every field of the layout), `hash`, `signatures` (which of them hold) and the same as a
/// scenario step: `transaction` and, beside it, `wire` with what a step does not say, so that `encode`
/// gives the same bytes. What cannot be read is answered by {"error"} with `offset` or `path`, and the
/// exit code is 2.
///
/// Without `--era` or `--protocol` the era is decided by the content. `also` lists the other eras that
/// accept the same bytes. Eras A1 and B give the same bytes the opposite meaning: modifications of theirs
/// are refused unless the era is given.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Eras: A (catapult-v3), A1 and B2 (between), B (catapult-v1), C (symbol), N (nis1)

Examples:
  quorate decode --era C payload.bin --format text
  quorate decode waiting.json
  quorate decode --protocol symbol-mainnet --generation-hash HASH - < payloads.txt
  quorate decode --era N --no-hash - < payloads.txt"
)]
pub struct Arguments {
    /// Hex digits, a file, or - for standard input
    #[arg(required = true, value_name = "TRANSACTION")]
    payloads: Vec<String>,
    #[command(flatten)]
    choice: EraChoice,
    /// The network's generation hash, 64 hex digits: hash and signatures need it (not on NIS1)
    #[arg(long, value_name = "HEX", value_parser = generation_hash)]
    generation_hash: Option<[u8; 32]>,
    /// The public key that signs, where the bytes do not hold it (Symbol's signing data)
    #[arg(long, value_name = "HEX", value_parser = public_key)]
    signer: Option<PublicKey>,
    /// Leave hash and signatures out, which takes most of the time
    #[arg(long, conflicts_with = "generation_hash")]
    no_hash: bool,
    /// One line for each payload, or indented
    #[arg(long, value_enum, default_value = "json")]
    format: Format,
}

fn public_key(text: &str) -> Result<PublicKey, String> {
    PublicKey::from_hex(text).ok_or_else(|| "expected 64 hex digits".to_owned())
}

/// What a payload is given as.
const PAYLOAD: &str = "a file of payloads, hex digits or -";

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    let era = arguments.choice.era()?;
    let generation_hash = arguments.generation_hash;
    let options = Options { era, generation_hash, signer: arguments.signer };
    if era == Some(Era::N) && generation_hash.is_some() {
        let why = "NIS1 hashes and signs without one";
        return Err(Fatal(format!("`--generation-hash` has no effect on era N: {why}")));
    }
    answer_all(&arguments.payloads, arguments.format, PAYLOAD, |text| {
        let answers = answers(text, &options, !arguments.no_hash);
        if arguments.format == Format::Text {
            answers.iter().flatten().filter_map(other_eras).for_each(|line| remark(&line));
        }
        answers
    })
}

type Answer = Result<DecodedItem, RefusedLine>;

/// The answers of one text. Where the era is given, the line is read as a payload first, which is fast.
fn answers(text: &str, options: &Options, is_sealed: bool) -> Vec<Answer> {
    let refused = match options.era.map(|era| of_line(text, era, options, is_sealed)) {
        Some(Ok(answer)) => return vec![Ok(answer)],
        Some(Err(error)) => Some(error),
        None => None,
    };
    // An announced NIS1 transaction has its signature; unsigned data is read where no era is given.
    if let Some(error) = &refused
        && options.era == Some(Era::N)
        && is_payload(text)
    {
        return vec![Err(RefusedLine::from(error.clone()))];
    }
    let error = match read(text.as_bytes(), options) {
        Ok(items) => {
            let answer = |item: &Item| DecodedItem::of(item, is_sealed).map_err(refusal);
            return items.iter().map(answer).collect();
        }
        Err(error) => error,
    };
    // what is no payload at all is named; of a payload the era's own error says more
    let line = refused.filter(|_| error.path != "document" && is_payload(text));
    vec![Err(line.map_or_else(|| refusal(error), RefusedLine::from))]
}

/// Whether a text is hex, or the object that a line of payloads may be.
fn is_payload(text: &str) -> bool {
    match text.trim_start().chars().next() {
        Some('[') => false,
        Some('{') => serde_json::from_str::<Value>(text)
            .is_ok_and(|value| ["hex", "data"].iter().any(|key| value.get(key).is_some())),
        _ => true,
    }
}

fn of_line(
    text: &str,
    era: Era,
    options: &Options,
    is_sealed: bool,
) -> Result<DecodedItem, WireError> {
    let decoded = match is_sealed {
        true => decode_line(text, era, options.generation_hash),
        false => decode_line_unsealed(text, era),
    };
    decoded.map(|decoded| DecodedItem::Transaction(Box::new(decoded)))
}

/// A document's refusal: at a byte of a payload, else at a field.
fn refusal(error: FieldError) -> RefusedLine {
    let offset = error.path.strip_prefix("byte ").and_then(|number| number.parse().ok());
    match offset {
        Some(_) => RefusedLine { error: format!("at {error}"), offset, path: None },
        None => RefusedLine { offset: Some(0), ..error.into() },
    }
}

/// A line that says which other eras accept the same bytes.
fn other_eras(answer: &DecodedItem) -> Option<String> {
    let DecodedItem::Transaction(decoded) = answer else { return None };
    let (era, also) = (&decoded.era, &decoded.also);
    let names = also.join(", ");
    (!also.is_empty()).then(|| format!("read as era {era}; also accepted by era {names}"))
}
