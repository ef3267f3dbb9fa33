//! Files that are read whole: no more of them than anybody could mean.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::Fatal;

/// Largest protocol, properties or list of declared differences, in bytes; real ones have a few thousand.
pub const SMALL_BYTES_MAX: u64 = 4 << 20;
/// Largest scenario, account tree or answer of another run, in bytes.
pub const LARGE_BYTES_MAX: u64 = 256 << 20;

/// Reads a file that is no larger than `bytes_max`, a whole number of MiB.
///
/// # Errors
/// A file that cannot be read, or that goes on.
pub fn bytes(path: &Path, bytes_max: u64) -> Result<Vec<u8>, Fatal> {
    let unreadable = |error| Fatal(format!("{}: cannot read: {error}", path.display()));
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(bytes_max + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > bytes_max {
        let (name, most) = (path.display(), bytes_max >> 20);
        return Err(Fatal(format!("{name}: more than {most} MiB; expected at most that")));
    }
    Ok(bytes)
}

/// As [`bytes`], as text.
///
/// # Errors
/// As [`bytes`], or a byte that is no UTF-8.
pub fn text(path: &Path, bytes_max: u64) -> Result<String, Fatal> {
    String::from_utf8(bytes(path, bytes_max)?).map_err(|error| {
        let (name, at) = (path.display(), error.utf8_error().valid_up_to());
        Fatal(format!("{name}: byte {at} is no UTF-8; expected JSON text in UTF-8"))
    })
}
