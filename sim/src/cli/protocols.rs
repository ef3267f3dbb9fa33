//! `quorate protocols`: the known protocols, or one of them in full.

use std::fmt::Write as _;

use serde_json::json;

use super::output::print;
use super::protocol::Loaded;
use super::{Exit, Fatal};
use crate::protocol::properties::Origin;
use crate::protocol::{PRESETS, Protocol, json as protocol_json, sources};

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
    /// How to answer
    #[arg(long, value_enum, default_value = "text")]
    format: super::replay::Format,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    let json = arguments.format == super::replay::Format::Json;
    let text = match &arguments.protocol {
        None if json => {
            let presets = PRESETS.iter().filter_map(|(name, _)| Protocol::preset(name));
            let presets: Vec<_> = presets.map(|preset| protocol_json::describe(&preset)).collect();
            format!("{}\n", json!({ "protocols": presets }))
        }
        None => list(),
        Some(name) => {
            let Loaded { protocol, origin } = super::protocol::read(name)?;
            if json {
                format!("{}\n", protocol_json::describe(&protocol))
            } else {
                describe(&protocol, origin)
            }
        }
    };
    print(&text).map(|_| Exit::Good)
}

fn list() -> String {
    let mut text = String::new();
    for (name, what) in PRESETS {
        let _ = writeln!(text, "{name:<16} {what}");
    }
    text + "\n`quorate protocols NAME` prints one with the source of every limit.\n"
}

fn describe(protocol: &Protocol, origin: Option<Origin>) -> String {
    let mut text = format!("{} (rules: {})\n", protocol.name, protocol.base.name());
    if let Some(origin) = origin {
        let _ = writeln!(text, "{origin}");
    }
    text.push('\n');
    for (limit, value, source) in sources::sources(protocol) {
        let _ = writeln!(text, "{limit:<36} {value:>12}  {source}");
    }
    text.push('\n');
    if let serde_json::Value::Object(fields) = protocol_json::describe(protocol)
        && let Some(serde_json::Value::Object(switches)) = fields.get("switches")
    {
        for (switch, value) in switches {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let _ = writeln!(text, "{switch:<36} {value:>12}");
        }
    }
    text
}
