//! A protocol of one's own as JSON: a base and what it changes.
//!
//! ```json
//! {"format":"multisig-protocol","version":1,"name":"guarded-removal","base":"symbol-mainnet",
//!  "limits":{"max_cosignatories_per_account":30},"switches":{"removal_threshold":"max"}}
//! ```
//!
//! `base` is a preset or a rule set; whatever is not named stays as it is there. `format`, `version`
//! and `name` may be left out where the object stands inside another file.

mod record;
#[cfg(test)]
mod tests;

pub use record::{
    EligibleName, LimitsDescription, LimitsRecord, ProtocolRecord, SwitchesDescription,
    SwitchesRecord, ThresholdName,
};

use super::{Base, Limits, PRESETS, Protocol, Switches, sources};
use crate::account::did_you_mean;
use crate::flaw::{Flaw, other_format, place_at};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What `format` says.
pub const FORMAT: &str = "multisig-protocol";

/// The version of the format that is written, and the only one that is read.
pub const VERSION: u32 = 1;

/// What a protocol file holds.
const EXPECTED: &str = "a protocol: an object with a `base`";

/// A protocol file that cannot be read: where and why. The reader knows no file name; whoever does
/// puts it in front.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{line}:{column}: {problem}")]
pub struct JsonError {
    /// The line, from 1.
    pub line: usize,
    /// The column in bytes, from 1.
    pub column: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a protocol record.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the message beside each name says what it is")]
pub enum Problem {
    #[error("{0}")]
    Syntax(String),
    #[error("{}", other_format(.found, FORMAT))]
    Format { found: String },
    #[error("version {found} is not known, expected {VERSION}")]
    Version { found: u32 },
    #[error("the name is empty, expected a word or none at all")]
    EmptyName,
    #[error("base `{found}` is not known, expected {}", bases(.nearest))]
    UnknownBase { found: String, nearest: Option<&'static str> },
    #[error("`{field}` is {found}, expected {min} to {max}")]
    OutOfRange { field: &'static str, found: u64, min: u64, max: u64 },
    #[error("`{field}` is {found}, but base `{base}` {reason}")]
    NoUse { field: &'static str, found: String, base: &'static str, reason: &'static str },
}

impl Problem {
    /// The field that the problem is about, if it is about one.
    const fn field(&self) -> Option<&'static str> {
        match self {
            Self::Syntax(_) => None,
            Self::Format { .. } => Some("format"),
            Self::Version { .. } => Some("version"),
            Self::EmptyName => Some("name"),
            Self::UnknownBase { .. } => Some("base"),
            Self::OutOfRange { field, .. } | Self::NoUse { field, .. } => Some(field),
        }
    }
}

/// The nearest base as a question, or all of them.
fn bases(nearest: &Option<&'static str>) -> String {
    match nearest {
        Some(nearest) => format!("a preset, did you mean `{nearest}`?"),
        None => format!("one of {}", PRESETS.map(|(name, _)| format!("`{name}`")).join(", ")),
    }
}

/// Reads a protocol file.
///
/// ```
/// use quorate::protocol::json;
/// let protocol = json::parse(r#"{"base":"symbol-mainnet","limits":{"max_multisig_depth":2}}"#)?;
/// assert_eq!(protocol.limits.max_multisig_depth, 2);
/// # Ok::<(), json::JsonError>(())
/// ```
///
/// # Errors
///
/// Text that is no JSON object of this format, an unknown or repeated field, and what [`build`]
/// refuses, with line and column.
pub fn parse(text: &str) -> Result<Protocol, JsonError> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let record: ProtocolRecord = record::object(&mut reader)
        .and_then(|record| reader.end().map(|()| record))
        .map_err(|error| syntax(Flaw::of_format(text, &error, FORMAT)))?;
    build(&record).map_err(|problem| {
        let (line, column) = problem.field().and_then(|field| place(text, field)).unwrap_or((1, 1));
        JsonError { line, column, problem }
    })
}

fn syntax(flaw: Flaw) -> JsonError {
    let Flaw { line, column, what } = flaw.expecting(EXPECTED);
    JsonError { line, column, problem: Problem::Syntax(what) }
}

/// Line and column, from 1, of a field that appears once: its name in quotes with a colon behind.
/// (Inside another text the closing quote would have a backslash before it.)
fn place(text: &str, field: &str) -> Option<(usize, usize)> {
    let quoted = format!("\"{field}\"");
    let is_key = |&(offset, _): &(usize, &str)| {
        let behind = text.get(offset + quoted.len()..).unwrap_or("");
        behind.trim_start().starts_with(':')
    };
    let (offset, _) = text.match_indices(&quoted).find(is_key)?;
    Some(place_at(text, offset))
}

/// Makes the protocol that a record describes.
///
/// # Errors
///
/// A format, version or base that is not known, a number out of range, and a limit or switch that
/// the base has no use for.
pub fn build(record: &ProtocolRecord) -> Result<Protocol, Problem> {
    if let Some(found) = record.format.clone().filter(|format| format != FORMAT) {
        return Err(Problem::Format { found });
    }
    if let Some(found) = record.version.filter(|&version| version != VERSION) {
        return Err(Problem::Version { found });
    }
    if record.name.as_deref() == Some("") {
        return Err(Problem::EmptyName);
    }
    let base = Protocol::preset(&record.base).ok_or_else(|| unknown_base(&record.base))?;
    let protocol = change(&base, &record.limits, &record.switches)?;
    Ok(Protocol { name: record.name.clone().unwrap_or(base.name), ..protocol })
}

/// The protocol with some of its limits and switches changed; its name stays.
///
/// # Errors
///
/// A number out of range, and a limit or switch that the protocol's base has no use for.
pub fn change(
    protocol: &Protocol,
    limits: &LimitsRecord,
    switches: &SwitchesRecord,
) -> Result<Protocol, Problem> {
    let mut changed = protocol.clone();
    limits.apply(protocol.base, &mut changed.limits)?;
    switches.apply(protocol.base, &mut changed.switches)?;
    Ok(changed)
}

fn unknown_base(found: &str) -> Problem {
    let (nearest, found) = (nearest(found), found.chars().take(40).collect());
    Problem::UnknownBase { found, nearest }
}

/// The preset whose name is spelt nearly so.
fn nearest(found: &str) -> Option<&'static str> {
    crate::account::nearest(found, PRESETS.iter().map(|&(name, _)| name))
}

/// "Did you mean", behind a preset that does not exist; empty where none is spelt nearly so.
#[must_use]
pub fn hint(found: &str) -> String {
    did_you_mean(nearest(found))
}

/// The record of a protocol: the preset it is nearest to, and only what differs from it.
///
/// Building the record gives an equal protocol, whatever its name.
#[must_use]
pub fn record_of(protocol: &Protocol) -> ProtocolRecord {
    let base = nearest_preset(protocol);
    ProtocolRecord {
        format: Some(FORMAT.to_owned()),
        version: Some(VERSION),
        name: Some(protocol.name.clone()).filter(|name| !name.is_empty() && *name != base.name),
        limits: LimitsRecord::difference(&base.limits, &protocol.limits),
        switches: SwitchesRecord::difference(&base.switches, &protocol.switches),
        base: base.name,
    }
}

/// The preset of the same rule set from which the fewest limits differ, the first of equals.
pub(super) fn nearest_preset(protocol: &Protocol) -> Protocol {
    PRESETS
        .iter()
        .filter_map(|(name, _)| Protocol::preset(name))
        .filter(|preset| preset.base == protocol.base)
        .min_by_key(|preset| LimitsRecord::difference(&preset.limits, &protocol.limits).len())
        .unwrap_or_else(|| Protocol::of_base(protocol.base))
}

/// All that a protocol says, spelt out; null where its base has no such limit or switch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Description {
    /// The format of a protocol file.
    #[cfg_attr(feature = "schemas", schemars(extend("const" = FORMAT)))]
    pub format: String,
    /// The version of that format.
    #[cfg_attr(feature = "schemas", schemars(extend("const" = VERSION)))]
    pub version: u32,
    /// The protocol's name.
    pub name: String,
    /// The rule set.
    #[cfg_attr(feature = "schemas", schemars(extend("enum" = ["nis1", "catapult-v3", "catapult-v1", "symbol"])))]
    pub base: String,
    /// The name of the network's own mosaic.
    pub currency: String,
    /// Every limit.
    pub limits: LimitsDescription,
    /// Every switch.
    pub switches: SwitchesDescription,
    /// What it is, in a sentence (presets).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The server that its properties file was written for (properties).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Where each limit comes from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<LimitSource>,
}

/// A limit and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct LimitSource {
    /// Its name.
    pub limit: String,
    /// Its value; `none` = not limited.
    pub value: String,
    /// The server's source file, or who set it.
    pub source: String,
}

/// The known protocols.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Presets {
    /// One for each.
    pub protocols: Vec<Description>,
}

impl Presets {
    /// All of them.
    #[must_use]
    pub fn all() -> Self {
        let described = PRESETS.iter().filter_map(|&(name, about)| {
            let about = Some(about.to_owned());
            Some(Description { about, ..describe(&Protocol::preset(name)?) })
        });
        Self { protocols: described.collect() }
    }
}

impl Description {
    /// A protocol with the source of every limit.
    #[must_use]
    pub fn with_sources(protocol: &Protocol) -> Self {
        let source = |(limit, value, source): (&str, String, &str)| LimitSource {
            limit: limit.to_owned(),
            value,
            source: source.to_owned(),
        };
        let sources = sources::sources(protocol).into_iter().map(source).collect();
        Self { sources, ..describe(protocol) }
    }
}

/// All that a protocol says, spelt out.
#[must_use]
pub fn describe(protocol: &Protocol) -> Description {
    let Protocol { name, base, limits, switches, currency, .. } = protocol;
    Description {
        format: FORMAT.to_owned(),
        version: VERSION,
        name: name.clone(),
        base: base.name().to_owned(),
        currency: (*currency).to_owned(),
        limits: LimitsDescription::of(*base, limits),
        switches: SwitchesDescription::of(*base, switches),
        about: None,
        origin: None,
        sources: Vec::new(),
    }
}
