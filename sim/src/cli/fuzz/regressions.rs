//! What was found before must not come again: saved findings, replayed before anything new is tried.

use std::path::Path;

use crate::campaign::Regressions;
use crate::cli::Fatal;
use crate::cli::replay::{files, replayed};

/// Where saved findings lie, seen from the folder in which the command runs.
const FOLDER: &str = "scenarios/regressions";

/// Replays every scenario in the folder; none if there is no such folder or nothing in it.
///
/// # Errors
/// A scenario that cannot be read.
pub fn replay() -> Result<Regressions, Fatal> {
    let folder = Path::new(FOLDER);
    let is_empty = || std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
    if !folder.is_dir() || is_empty() {
        return Ok(Regressions::default());
    }
    let files = files(&[folder.to_owned()])?;
    let scenarios = files.iter().map(|path| replayed(path)).collect::<Result<Vec<_>, _>>()?;
    Ok(Regressions::new(scenarios))
}
