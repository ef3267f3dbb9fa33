//! The protocol a command works with: a preset, a protocol file, a server's properties, and limits
//! changed on the spot.

use std::path::Path;

use crate::cli::{Fatal, input};
use crate::protocol::{Protocol, json, properties};
use crate::scenario::unknown_protocol;

/// Reads a protocol by name or from a file.
///
/// # Errors
/// A name that is no preset and no file, or a file that cannot be read.
pub fn load(name: &str) -> Result<Protocol, Fatal> {
    if let Some(protocol) = Protocol::preset(name) {
        return Ok(protocol);
    }
    let path = Path::new(name);
    if !path.exists() {
        let what = unknown_protocol(name);
        return Err(Fatal(format!(
            "{what}, a protocol file (`.json`) or a server's `config-network.properties`"
        )));
    }
    let bytes = input::bytes(path, input::SMALL_BYTES_MAX)?;
    let stem = path.file_stem().map_or(name.into(), |stem| stem.to_string_lossy());
    if name.ends_with(".properties") {
        return properties::protocol(&bytes, &stem, None)
            .map_err(|error| Fatal(format!("{name}:{error}")));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Fatal(format!("{name}: byte {at} is no UTF-8; expected JSON text in UTF-8"))
    })?;
    json::parse(&text).map_err(|error| Fatal(format!("{name}:{error}")))
}
