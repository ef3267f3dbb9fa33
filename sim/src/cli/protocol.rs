//! The protocol a command works with: a preset, a protocol file, a server's properties, and limits
//! changed on the spot.

use std::path::Path;

use crate::cli::{Fatal, input};
use crate::encoding::{self, Syntax};
use crate::protocol::properties::{self, Origin};
use crate::protocol::{Protocol, json};
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

/// As [`read`], without the server.
///
/// # Errors
/// As [`read`].
pub fn load(name: &str) -> Result<Protocol, Fatal> {
    read(name).map(|loaded| loaded.protocol)
}

/// Reads a protocol by name, from a file, from a folder with a [`PROPERTIES`] file in it, or with `-` from
/// standard input. Whether a file is JSON or a server's properties is decided by its content.
///
/// # Errors
/// A name that is no preset and no file, or a file that cannot be read.
pub fn read(name: &str) -> Result<Loaded, Fatal> {
    if let Some(protocol) = Protocol::preset(name) {
        return Ok(Loaded { protocol, origin: None });
    }
    let inside = file_of(name);
    let path = Path::new(&inside);
    if inside != name && !path.is_file() {
        return Err(Fatal(format!("{name}: no `{PROPERTIES}` in this folder; expected one")));
    }
    let name = inside.as_str();
    if name != "-" && !path.exists() {
        let what = unknown_protocol(name);
        return Err(Fatal(format!(
            "{what}, a protocol file (`.json`) or a server's `config-network.properties`"
        )));
    }
    let bytes = input::bytes(path, input::SMALL_BYTES_MAX)?;
    let (name, stem) = match (name, path.file_stem()) {
        ("-", _) | (_, None) => ("standard input", "standard-input".into()),
        (name, Some(stem)) => (name, stem.to_string_lossy()),
    };
    of_bytes(name, &stem, &bytes)
}

/// The file that a configuration stands in: of a folder the properties file in it.
pub fn file_of(name: &str) -> String {
    let path = Path::new(name);
    match path.is_dir() && Protocol::preset(name).is_none() {
        true => path.join(PROPERTIES).display().to_string(),
        false => name.to_owned(),
    }
}

fn of_bytes(name: &str, stem: &str, bytes: &[u8]) -> Result<Loaded, Fatal> {
    let is_named_so = name.ends_with(".properties");
    let text = input::utf8(name, bytes)?;
    match encoding::syntax(&text) {
        Some(Syntax::Json) => {}
        None if !is_named_so => {
            return Err(Fatal(format!(
                "{name}: neither a protocol in JSON (`{{..}}`) nor a server's \
                 `config-network.properties` (`[section]`, `key = value`)"
            )));
        }
        Some(Syntax::Properties) | None => {
            let place = |error| Fatal(format!("{name}:{error}"));
            let protocol = properties::protocol(text.as_bytes(), stem, None).map_err(place)?;
            let origin = properties::parse(text.as_bytes()).map_err(place)?.origin;
            return Ok(Loaded { protocol, origin: Some(origin) });
        }
    }
    let protocol = json::parse(&text).map_err(|error| Fatal(format!("{name}:{error}")))?;
    Ok(Loaded { protocol, origin: None })
}
