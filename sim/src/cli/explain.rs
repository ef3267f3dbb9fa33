//! `quorate explain`: what a result means; why a transaction is refused, who signed and who still must.

use super::answer::{Format, give};
use super::{Exit, Fatal};
use crate::reason::codes::{self, Code, Codes};
use crate::validate::STORIES;

/// Say what a result name means.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quorate explain Failure_Aggregate_Missing_Cosignatures
  quorate explain 0x80410005
  quorate explain FAILURE_MULTISIG_INVALID_COSIGNERS
  quorate explain --list")]
pub struct Arguments {
    /// A result name of any protocol, in any spelling, or its number
    #[arg(value_name = "CODE", required_unless_present = "list")]
    code: Option<String>,
    /// List all results
    #[arg(long, conflicts_with = "code")]
    list: bool,
    /// Say so if this protocol gives no such result
    #[arg(long, value_name = "NAME")]
    protocol: Option<String>,
    /// Output format
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    #[command(flatten)]
    page: super::report::Page,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    let base = match &arguments.protocol {
        Some(name) => Some(super::protocol::load(name)?.base),
        None => None,
    };
    let known = match &arguments.code {
        Some(code) => codes::find(code).map_err(|error| Fatal(error.to_string()))?,
        None => codes::all().collect(),
    };
    let mut codes: Vec<Code> = known.into_iter().map(|known| known.code(story)).collect();
    if let Some(base) = base {
        let before = codes.len();
        let spelt = |code: &Code| code.protocols.iter().any(|one| one.protocol == base.name());
        let others = codes.first().map(|code| {
            let protocols: Vec<&str> =
                code.protocols.iter().map(|one| one.protocol.as_str()).collect();
            protocols.join(", ")
        });
        codes.retain(spelt);
        if let (true, Some(code), Some(others)) =
            (codes.is_empty() && before > 0, &arguments.code, others)
        {
            return Err(Fatal(format!(
                "`{}` never answers `{code}`; it is a result of {others}",
                base.name()
            )));
        }
    }
    give(&Codes { codes }, arguments.format, &arguments.page)?;
    Ok(Exit::Good)
}

/// The shortest shipped scenario in which a step has this result.
fn story(name: &str) -> Option<String> {
    let wanted = format!("\"{name}\"");
    let shows = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok_and(|text| text.contains(&wanted));
    let stories = STORIES.iter().filter(|story| shows(story.bytes));
    stories.min_by_key(|story| story.bytes.len()).map(|story| story.path.to_owned())
}
