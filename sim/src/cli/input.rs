//! Files that are read whole: no more of them than anybody could mean, packed or not.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Fatal;
use crate::encoding::{self, JSON_VALUES_MAX, json_values};
use crate::flaw::Flaw;
use crate::report::file;

/// Largest protocol, properties or list of declared differences, in bytes; real ones have a few thousand.
pub const SMALL_BYTES_MAX: u64 = 4 << 20;
/// Largest scenario, account tree or answer of another run, in bytes.
pub const LARGE_BYTES_MAX: u64 = 256 << 20;

/// Reads a file, or standard input where the path is `-`, that is no larger than `bytes_max`, a whole
/// number of MiB; unpacked where its name ends in `.gz`.
///
/// # Errors
/// A file that cannot be read, or that goes on.
pub fn bytes(path: &Path, bytes_max: u64) -> Result<Vec<u8>, Fatal> {
    let unreadable = |error| Fatal(format!("{}: cannot read: {error}", path.display()));
    let is_packed = path.extension().is_some_and(|extension| extension == "gz");
    let source: Box<dyn Read> = match path.to_str() {
        Some("-") => Box::new(std::io::stdin().lock()),
        _ if is_packed => {
            let file = File::open(path).map_err(unreadable)?;
            Box::new(MultiGzDecoder::new(BufReader::new(file)))
        }
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

/// Whether a word that names no file was meant as one: it has a folder or an extension of letters.
pub fn is_path(word: &str) -> bool {
    let extension = word.rsplit_once('.').map(|(_, extension)| extension);
    let is_extension = |text: &str| {
        (1..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    word.contains(['/', '\\']) || extension.is_some_and(is_extension)
}

/// Refuses text in UTF-16, and what begins as JSON and is none; anything else passes.
///
/// # Errors
/// As above, with the place.
pub fn check_json(name: &str, bytes: &[u8]) -> Result<(), Fatal> {
    let text = match encoding::text(bytes) {
        Err(error @ encoding::NotUtf8::Utf16 { .. }) => {
            return Err(Fatal(format!("{name}:1:1: {error}")));
        }
        Ok(text) if text.trim_start().starts_with(['{', '[']) => text,
        _ => return Ok(()),
    };
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    match values.find_map(Result::err) {
        None => Ok(()),
        Some(error) => Err(Fatal(format!("{name}:{}", Flaw::new(text, &error).expecting("JSON")))),
    }
}

/// A document of any layout, or one of a type's. What it takes in memory is bounded by its number of values.
///
/// # Errors
/// What is no JSON, with its place, or is not of this type; too many values.
pub fn json<'t, T: Deserialize<'t>>(name: &str, text: &'t str, expected: &str) -> Result<T, Fatal> {
    if json_values(text) > JSON_VALUES_MAX {
        return Err(Fatal(format!("{name}: more than {JSON_VALUES_MAX} values; expected fewer")));
    }
    serde_json::from_str(text).map_err(|error| {
        Fatal(format!("{name}:{}", Flaw::of_format(text, &error, expected).expecting(expected)))
    })
}

/// All files below a folder, in the order of their names; each file and each folder once, by its identity,
/// whatever links lead to it.
///
/// # Errors
/// A folder that cannot be read.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>, Fatal> {
    let (mut files, mut seen) = (Vec::new(), BTreeSet::new());
    collect(folder, &mut seen, &mut files)?;
    Ok(files)
}

fn collect(
    path: &Path,
    seen: &mut BTreeSet<(u64, u64)>,
    files: &mut Vec<PathBuf>,
) -> Result<(), Fatal> {
    if file::identity(path).is_some_and(|identity| !seen.insert(identity)) {
        return Ok(());
    }
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let unreadable = |error| Fatal(format!("{}: cannot read: {error}", path.display()));
    let entries = std::fs::read_dir(path).map_err(unreadable)?;
    let entries = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut entries = entries.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    entries.sort();
    entries.iter().try_for_each(|entry| collect(entry, seen, files))
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
