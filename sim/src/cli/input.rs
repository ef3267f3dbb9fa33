//! Files that are read whole: no more of them than anybody could mean.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::Fatal;
use crate::encoding;

/// Largest protocol, properties or list of declared differences, in bytes; real ones have a few thousand.
pub const SMALL_BYTES_MAX: u64 = 4 << 20;
/// Largest scenario, account tree or answer of another run, in bytes.
pub const LARGE_BYTES_MAX: u64 = 256 << 20;

/// Reads a file, or standard input where the path is `-`, that is no larger than `bytes_max`, a whole
/// number of MiB.
///
/// # Errors
/// A file that cannot be read, or that goes on.
pub fn bytes(path: &Path, bytes_max: u64) -> Result<Vec<u8>, Fatal> {
    let unreadable = |error| Fatal(format!("{}: cannot read: {error}", path.display()));
    let source: Box<dyn Read> = match path.to_str() {
        Some("-") => Box::new(std::io::stdin().lock()),
        _ => Box::new(File::open(path).map_err(unreadable)?),
    };
    if path.is_dir() {
        return Err(Fatal(format!("{}: a folder; expected a file", path.display())));
    }
    let mut bytes = Vec::new();
    source.take(bytes_max + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > bytes_max {
        let (name, most) = (path.display(), bytes_max >> 20);
        return Err(Fatal(format!("{name}: more than {most} MiB; expected at most that")));
    }
    Ok(bytes)
}

/// As [`bytes`], as text.
///
/// # Errors
/// As [`bytes`], or as [`utf8`].
pub fn text(path: &Path, bytes_max: u64) -> Result<String, Fatal> {
    utf8(&path.display().to_string(), &bytes(path, bytes_max)?)
}

/// The text of a file's bytes, without a byte order mark.
///
/// # Errors
/// UTF-16, or a byte that is not UTF-8, with its place.
pub fn utf8(name: &str, bytes: &[u8]) -> Result<String, Fatal> {
    encoding::text(bytes).map(str::to_owned).map_err(|error| {
        let (line, column) = error.place(bytes);
        Fatal(format!("{name}:{line}:{column}: {error}"))
    })
}
