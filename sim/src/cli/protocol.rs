//! The protocol a command works with: a preset, a protocol file, a server's properties, and limits
//! changed on the spot.

use std::path::Path;

use crate::cli::output::remark;
use crate::cli::{Fatal, input};
use crate::encoding::{self, Syntax};
use crate::protocol::properties::{self, Document, Origin};
use crate::protocol::{Protocol, json};
use crate::rest::transaction::{Contents, contents_of};
use crate::scenario::unknown_protocol;

/// A protocol, and the server it was written for where a properties file says so.
pub struct Loaded {
    /// The protocol.
    pub protocol: Protocol,
    /// The server of its properties file.
    pub origin: Option<Origin>,
}

/// The file of a node's resources that a protocol is read from.
const PROPERTIES: &str = "config-network.properties";
/// What else than a preset can be named.
const FILES: &str = "a protocol file (`.json`) or a server's `config-network.properties`";
/// The folder of a node that it stands in.
const RESOURCES: &str = "resources";

/// As [`read`], without the server.
///
/// # Errors
/// As [`read`].
pub fn load(name: &str) -> Result<Protocol, Fatal> {
    read(name).map(|loaded| loaded.protocol)
}

/// Reads a protocol by name, from a file, from a node's folder with a [`PROPERTIES`] file in it or in its
/// [`RESOURCES`], or with `-` from standard input. Whether a file is a protocol in JSON, a node's
/// `network/properties` or a server's properties is decided by its content.
///
/// # Errors
/// A name that is no preset and no file, or a file that cannot be read.
pub fn read(name: &str) -> Result<Loaded, Fatal> {
    if let Some(protocol) = Protocol::preset(name) {
        return Ok(Loaded { protocol, origin: None });
    }
    let inside = file_of(name);
    let path = Path::new(&inside);
    if inside != name {
        if !path.is_file() {
            return Err(Fatal(format!(
                "{name}: neither `{RESOURCES}/{PROPERTIES}` nor `{PROPERTIES}` in this folder; \
                 expected one of them"
            )));
        }
        remark(&format!("{name}: reading {inside}"));
    }
    let name = inside.as_str();
    if name != "-" && !path.exists() {
        return Err(Fatal(match input::is_path(name) {
            true => format!("{name}: no such file; expected a preset's name, {FILES}"),
            false => unknown_protocol(name, &format!(", {FILES}")),
        }));
    }
    let bytes = input::bytes(path, input::SMALL_BYTES_MAX)?;
    let (name, stem) = match (name, path.file_stem()) {
        ("-", _) | (_, None) => ("standard input", "standard-input".into()),
        (name, Some(stem)) => (name, stem.to_string_lossy()),
    };
    of_bytes(name, &stem, &bytes)
}

/// The file that a configuration stands in: of a node's folder the properties file in it.
pub fn file_of(name: &str) -> String {
    let path = Path::new(name);
    if !path.is_dir() || Protocol::preset(name).is_some() {
        return name.to_owned();
    }
    let inside = path.join(RESOURCES).join(PROPERTIES);
    let inside = if inside.is_file() { inside } else { path.join(PROPERTIES) };
    inside.display().to_string()
}

fn of_bytes(name: &str, stem: &str, bytes: &[u8]) -> Result<Loaded, Fatal> {
    let is_named_so = name.ends_with(".properties");
    let text = input::utf8(name, bytes)?;
    let refused = |what: &str| Err(Fatal(format!("{name}: {what}")));
    match encoding::syntax(&text) {
        Some(Syntax::Json) => of_json(name, stem, &text),
        Some(Syntax::Yaml) if !is_named_so => refused(
            "this is YAML, such as a preset of a bootstrap tool; expected the file that the tool makes \
             of it: the node's `resources/config-network.properties`",
        ),
        Some(Syntax::Markup) => refused(
            "this is a page in HTML or XML; expected a protocol in JSON, a server's \
             `config-network.properties` or a node's answer to GET /network/properties",
        ),
        None if text.trim().is_empty() => refused(
            "the file is empty; expected a protocol in JSON or a server's `config-network.properties`",
        ),
        None if !is_named_so => refused(
            "neither a protocol in JSON (`{..}`) nor a server's `config-network.properties` \
             (`[section]`, `key = value`)",
        ),
        Some(Syntax::Properties | Syntax::Yaml) | None => {
            let document = Document::read(text.as_bytes());
            let document = document.map_err(|error| Fatal(format!("{name}:{error}")))?;
            of_document(name, stem, &document)
        }
    }
}

/// A protocol of one's own, or a node's `network/properties`.
fn of_json(name: &str, stem: &str, text: &str) -> Result<Loaded, Fatal> {
    let contents =
        serde_json::from_str(text).map_or(Contents::Unknown, |value| contents_of(&value));
    match contents {
        Contents::NetworkProperties => {
            let sections = properties::normal_json(text);
            let sections = sections.map_err(|what| Fatal(format!("{name}: {what}")))?;
            of_document(name, stem, &Document::of_json(&sections, text))
        }
        Contents::NodeError { .. } | Contents::Accounts | Contents::Transaction => {
            let expected = "expected a protocol, or a node's answer to GET /network/properties";
            Err(Fatal(format!("{name}: {}; {expected}", contents.text())))
        }
        _ => {
            let protocol = json::parse(text).map_err(|error| Fatal(format!("{name}:{error}")))?;
            Ok(Loaded { protocol, origin: None })
        }
    }
}

fn of_document(name: &str, stem: &str, document: &Document<'_>) -> Result<Loaded, Fatal> {
    let place = |error| Fatal(format!("{name}:{error}"));
    let protocol = properties::protocol_of(document, stem, None).map_err(place)?;
    let properties = properties::parse_document(document).map_err(place)?;
    if !properties.ignored.is_empty() {
        let keys = properties.ignored.join("`, `");
        remark(&format!("warning: {name}: ignored, for no rule here knows them: `{keys}`"));
    }
    Ok(Loaded { protocol, origin: Some(properties.origin) })
}
