//! Keeps a command from writing over what it reads: seen before anything is read or written.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::Fatal;
use super::input::files_below;
use crate::report::file;

/// The options and arguments whose value is written to.
const OUTPUTS: [&str; 9] =
    ["html", "junit", "sarif", "save", "svg", "plot", "output", "checkpoint", "export_graph"];

/// The only command that writes what it reads, as it says.
const IN_PLACE: &str = "fmt";

/// Refuses a command line of which one file is both written and read, or written twice; by the file
/// itself, so that links do not hide it. Inputs stay protected from whatever is written into folders.
///
/// # Errors
/// Such a file.
pub fn check(matches: &ArgMatches) -> Result<(), Fatal> {
    let mut matches = matches;
    while let Some((name, below)) = matches.subcommand() {
        if name == IN_PLACE {
            return Ok(());
        }
        matches = below;
    }
    let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
    for id in matches.ids().map(clap::Id::as_str) {
        if matches.value_source(id) != Some(ValueSource::CommandLine) {
            continue;
        }
        let Ok(Some(values)) = matches.try_get_raw(id) else { continue };
        match OUTPUTS.contains(&id) {
            true => outputs.extend(values.map(|value| (id, value))),
            false => inputs.extend(values.map(Path::new)),
        }
    }
    if outputs.is_empty() {
        return Ok(());
    }
    let inputs: Vec<PathBuf> = inputs.into_iter().flat_map(files_of).collect();
    judge(&inputs, &outputs)?;
    file::protect(&inputs);
    Ok(())
}

fn judge(inputs: &[PathBuf], outputs: &[(&str, &OsStr)]) -> Result<(), Fatal> {
    for (index, (id, value)) in outputs.iter().enumerate() {
        let path = Path::new(value);
        let option = format!("`--{}`", id.replace('_', "-"));
        let name = path.display();
        if let Some(input) = inputs.iter().find(|input| file::is_same(input, path)) {
            let input = input.display();
            return Err(Fatal(format!(
                "{name}: {option} would write over the input `{input}`; expected another file"
            )));
        }
        let earlier = outputs.iter().take(index);
        let twice = |(_, other): &&(&str, &OsStr)| {
            other == value && !Path::new(other).exists() || file::is_same(Path::new(other), path)
        };
        if let Some((other, _)) = earlier.clone().find(twice) {
            let other = other.replace('_', "-");
            return Err(Fatal(format!(
                "{name}: {option} would write over what `--{other}` writes; expected another file"
            )));
        }
    }
    Ok(())
}

/// The files that a path stands for: itself, or all those of a folder.
fn files_of(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    // What cannot be read is said by the command itself.
    let mut files = match path.is_dir() {
        true => files_below(path).unwrap_or_default(),
        false => Vec::new(),
    };
    files.retain(|path| is_input(path));
    files
}

/// Whether a command that is given a folder reads this file of it.
fn is_input(path: &Path) -> bool {
    crate::scenario::sniff(path).is_some()
        || path.extension().is_some_and(|extension| extension == "properties")
}
