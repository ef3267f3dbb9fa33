//! `quorate explain`: what a result means; why a transaction is refused, who signed and who still must.

mod state;

use std::path::PathBuf;

use super::answer::{Format, give};
use super::{Exit, Fatal};
use crate::key::Era;
use crate::reason::Signings;
use crate::reason::codes::{self, Code, Codes};
use crate::validate::STORIES;

/// Say what a result name means; or whether a transaction goes through, who has signed it and who still
/// must.
///
/// STATE is whatever holds the accounts: a scenario (as it stands at its end), an account tree, a node's
/// multisig/graph, multisig or account/get answer, several of them as one. TRANSACTION is a step of a
/// scenario, a payload in hex or binary, {"payload"} as SDKs announce it, what a hardware wallet signs, a
/// node's answer about a waiting, unconfirmed or confirmed transaction, or a list of them with their hash
/// locks. What the documents do not show is said, with the question to ask the node.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quorate explain Failure_Aggregate_Missing_Cosignatures
  quorate explain 0x80410005
  quorate explain FAILURE_MULTISIG_INVALID_COSIGNERS
  quorate explain --list
  quorate explain --state sim/examples/board.json sim/examples/payment.json
  quorate explain --state sim/examples/graph.json sim/examples/waiting.json")]
pub struct Arguments {
    /// A result name of any protocol, in any spelling, or its number; with `--state` a transaction: a
    /// file, hex digits, or - for standard input
    #[arg(value_name = "CODE|TRANSACTION", required_unless_present = "list")]
    #[arg(allow_negative_numbers = true)]
    word: Option<String>,
    /// List all results
    #[arg(long, conflicts_with_all = ["word", "state"])]
    list: bool,
    /// The accounts; may be given several times for several answers of a node
    #[arg(long, value_name = "STATE")]
    state: Vec<PathBuf>,
    /// The protocol: of the accounts, where their documents name none or another is meant; of a result, or
    /// of the list, without `--state`
    #[arg(long, value_name = "NAME")]
    protocol: Option<String>,
    /// The era of a transaction's bytes, where they do not say it: A, A1, B, B2, C or N
    #[arg(long, value_name = "ERA", requires = "state", value_parser = era)]
    era: Option<Era>,
    /// The network's generation hash, 64 hex digits, where a transaction's hash is wanted
    #[arg(long, value_name = "HEX", requires = "state", value_parser = super::payloads::generation_hash)]
    generation_hash: Option<[u8; 32]>,
    /// Output format
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    #[command(flatten)]
    page: super::report::Page,
}

fn era(text: &str) -> Result<Era, String> {
    Era::from_name(text).ok_or_else(|| "expected A, A1, B, B2, C or N".to_owned())
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    if arguments.state.is_empty() {
        let codes = Codes { codes: results(arguments)? };
        give(&codes, arguments.format, &arguments.page)?;
        return Ok(Exit::Good);
    }
    let mut all = state::answers(arguments)?;
    match (all.pop(), all.is_empty()) {
        (Some(only), true) => give(&only, arguments.format, &arguments.page)?,
        (last, _) => {
            all.extend(last);
            give(&Signings { transactions: all }, arguments.format, &arguments.page)?
        }
    };
    Ok(Exit::Good)
}

/// The results that are asked about.
fn results(arguments: &Arguments) -> Result<Vec<Code>, Fatal> {
    let base = match &arguments.protocol {
        Some(name) => Some(super::protocol::load(name)?.base.name()),
        None => None,
    };
    let is_of = |code: &Code, base: &str| code.protocols.iter().any(|one| one.protocol == base);
    let Some(word) = &arguments.word else {
        let mut all: Vec<Code> = codes::all().map(|known| known.code(story)).collect();
        if let Some(base) = base {
            all.iter_mut().for_each(|code| code.protocols.retain(|one| one.protocol == base));
            all.retain(|code| !code.protocols.is_empty());
        }
        return Ok(all);
    };
    let unknown = |error: codes::UnknownCode| {
        state::without_state(arguments, word).unwrap_or_else(|| Fatal(error.to_string()))
    };
    let known = codes::find(word).map_err(unknown)?;
    let mut found: Vec<Code> = known.into_iter().map(|known| known.code(story)).collect();
    if let Some(base) = base {
        let protocols = found.iter().flat_map(|code| &code.protocols);
        let others = protocols.map(|one| one.protocol.as_str()).collect::<Vec<_>>().join(", ");
        found.retain(|code| is_of(code, base));
        if found.is_empty() {
            let what = format!("it is a result of {others}");
            return Err(Fatal(format!("`{base}` never answers `{word}`; {what}")));
        }
    }
    Ok(found)
}

/// The shortest shipped scenario in which a step has this result.
fn story(name: &str) -> Option<String> {
    let wanted = format!("\"{name}\"");
    let shows = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok_and(|text| text.contains(&wanted));
    let stories = STORIES.iter().filter(|story| shows(story.bytes));
    stories.min_by_key(|story| story.bytes.len()).map(|story| story.path.to_owned())
}
