//! What was found before must not come again: saved findings, replayed before anything new is tried.

use std::path::Path;

use crate::cli::Fatal;
use crate::cli::replay::{files, replayed};
use crate::report::Scenario;

/// Where saved findings lie, seen from the folder in which the command runs.
pub const FOLDER: &str = "scenarios/regressions";

/// The saved findings and how they came out.
#[derive(Debug, Default)]
pub struct Regressions {
    /// One for each file, in the order of their names.
    pub scenarios: Vec<Scenario>,
}

impl Regressions {
    /// Replays every scenario in the folder; none if there is no such folder or nothing in it.
    ///
    /// # Errors
    /// A scenario that cannot be read.
    pub fn replay() -> Result<Self, Fatal> {
        let folder = Path::new(FOLDER);
        let is_empty =
            || std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
        if !folder.is_dir() || is_empty() {
            return Ok(Self::default());
        }
        let files = files(&[folder.to_owned()])?;
        let scenarios = files.iter().map(|path| replayed(path));
        Ok(Self { scenarios: scenarios.collect::<Result<_, _>>()? })
    }

    /// Whether all came out as they should.
    pub fn hold(&self) -> bool {
        self.failed().next().is_none()
    }

    /// Those that did not.
    pub fn failed(&self) -> impl Iterator<Item = &Scenario> {
        self.scenarios.iter().filter(|scenario| !scenario.failures.is_empty())
    }

    /// The command that replays the first that did not.
    pub fn repeat(&self) -> Option<String> {
        let path = self.failed().next()?.path.as_str();
        let path = shlex::try_quote(path).map_or_else(|_| path.to_owned(), Into::into);
        Some(format!("quorate replay {path}"))
    }
}
