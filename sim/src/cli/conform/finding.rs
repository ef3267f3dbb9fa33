//! From differences to findings: what a report says, and the shrunk scenario that shows it.

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest as _, Sha256};

use super::Visit;
use crate::cli::Fatal;
use crate::conformance::{About, Comparison, Difference, PeerError, compare};
use crate::replay::{Options as ReplayOptions, reasons};
use crate::report::{Failure, Scenario, file};
use crate::scenario::{Layout, Step, open, open_reader, source};
use crate::shrink::{Case, disagreement, lines, shrink_difference};

/// What a report says of a difference.
pub fn failure(difference: &Difference) -> Failure {
    let quoted = |text: &str| match difference.about {
        About::Result => format!("`{text}`"),
        About::State => text.to_owned(),
    };
    Failure {
        step: difference.step,
        line: difference.line,
        about: difference.about.word().to_owned(),
        expected: quoted(&difference.expected),
        found: quoted(&difference.found),
        ..Failure::default()
    }
}

/// What a report says of a peer that failed.
pub fn peer_failure(step: u64, line: u64, error: &PeerError) -> Failure {
    Failure {
        step,
        line,
        about: "peer".to_owned(),
        expected: "an answer to every step".to_owned(),
        found: error.to_string(),
        ..Failure::default()
    }
}

/// A shrunk difference.
pub struct Shrunk {
    /// The scenario's text.
    pub text: String,
    /// Where it was saved.
    pub file: Option<String>,
}

impl Visit<'_> {
    /// Gives every step whose result differs the reason why our ledger refuses it, if it does.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn give_reasons(
        &self,
        comparison: &Comparison,
        scenario: &mut Scenario,
    ) -> Result<(), Fatal> {
        let differs = |failure: &&mut Failure| failure.about == About::Result.word();
        let results = comparison.differences.iter().filter(|one| one.about == About::Result);
        let wanted = results.map(|one| one.step).collect();
        let options =
            ReplayOptions { horizon_blocks: self.arguments.horizon, ..ReplayOptions::default() };
        let (header, mut steps) = open(Path::new(&scenario.path))?;
        let stop = &self.watcher.progress.stop;
        let mut found = reasons(header, &mut steps, options, &wanted, stop)?;
        for failure in scenario.failures.iter_mut().filter(differs) {
            failure.reason = found.remove(&failure.step).map(Box::new);
        }
        Ok(())
    }

    /// Finds the fewest steps that still show the difference, and saves them on request; or why there are
    /// none.
    ///
    /// # Errors
    /// A file that cannot be read or written.
    pub fn shrink(
        &mut self,
        path: &str,
        difference: &Difference,
    ) -> Result<Result<Shrunk, &'static str>, Fatal> {
        let stop = Arc::clone(&self.watcher.progress.stop);
        let Some(case) = case(path, difference.step, &stop)? else { return Ok(Err(NO_TIME)) };
        let options = self.options();
        let (mut is_shown, mut has_failed) = (false, false);
        let compare = |case: &Case| {
            let text = lines(&case.header(), &case.steps, &stop)?.into_bytes();
            let opened = open_reader("candidate", source(Cursor::new(text)), Layout::Lines);
            let (header, steps) = opened.ok()?;
            let mut declared = self.declared.clone();
            let compared = compare(self.peer().ok()?, header, steps, &options, &mut declared).ok();
            if compared.is_none() {
                // A peer that failed on a candidate is started again for the next one.
                self.peer = None;
                has_failed = true;
            }
            compared
        };
        let live = |_: &Case| is_shown = true;
        let (case, smallest) = shrink_difference(case, difference, &stop, compare, live);
        let is_stopped = stop.load(Ordering::Relaxed);
        if !is_shown && !is_stopped {
            return Ok(Err(if has_failed { PEER_FAILED } else { NOT_SHOWN }));
        }
        if case.steps.len() > STEPS_PROMPT_MAX && is_stopped {
            return Ok(Err(NO_TIME));
        }
        let reproduce = self.reproduce(path);
        let text = disagreement(&case, &smallest, self.command, &reproduce).text;
        let Some(folder) = &self.arguments.save else {
            return Ok(Ok(Shrunk { text, file: None }));
        };
        let saved = folder.join(file_name(path, self.command, difference));
        let unwritable = |error| Fatal(format!("{}: cannot write: {error}", saved.display()));
        fs::create_dir_all(folder).map_err(unwritable)?;
        file::save(&saved, &text).map_err(unwritable)?;
        Ok(Ok(Shrunk { text, file: Some(saved.display().to_string()) }))
    }
}

/// Why a difference is not shrunk.
const NO_TIME: &str = "no time is left";
const PEER_FAILED: &str = "the peer fails when it is asked again";
const NOT_SHOWN: &str =
    "it does not show where quorate writes the scenario itself, without `note` and `wire`";

/// Scenarios up to this many steps are read and written even when no time is left: it takes some ten
/// milliseconds.
const STEPS_PROMPT_MAX: usize = 5_000;

/// Longest part of a path in the name of a saved scenario, in bytes.
const PLAIN_BYTES_MAX: usize = 160;

/// The scenario up to the step that differs; none where it is long and the time is up.
fn case(path: &str, step_max: u64, stop: &AtomicBool) -> Result<Option<Case>, Fatal> {
    let (mut header, mut steps) = open(Path::new(path))?;
    let mut read = Vec::new();
    let mut step = Step::default();
    while steps.number() < step_max && steps.next(&mut header, &mut step)?.is_some() {
        read.push(step.clone());
        if read.len() > STEPS_PROMPT_MAX && stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
    }
    Ok(Some(Case::written(header, read)))
}

/// A name that tells the scenario and the step; equal runs give equal names, other scenarios and other peers
/// others.
fn file_name(path: &str, peer: &str, difference: &Difference) -> String {
    let digest = Sha256::digest(format!("{path}\n{peer}"));
    let digest: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let plain = path.trim_start_matches(['.', '/']);
    let plain = plain.split_once(".json").map_or(plain, |(stem, _)| stem);
    let plain = plain.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
    let about = difference.about.word();
    // Letters of ASCII alone: a byte each. The file that tells what it is lies at the end of a path.
    let plain = plain.get(plain.len().saturating_sub(PLAIN_BYTES_MAX)..).unwrap_or_default();
    format!("conform-{plain}-step-{}-{about}-{digest}.json", difference.step)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A scenario of so many steps, as values.
    fn read_in(count: usize, stop: bool) -> Option<usize> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long.jsonl");
        let header =
            r#"{"format":"multisig-trace","version":1,"protocol":"nis1","accounts":["a"]}"#;
        let text = format!("{header}\n{}", "{\"advance\":{\"blocks\":1}}\n".repeat(count));
        fs::write(&path, text).unwrap();
        let stop = AtomicBool::new(stop);
        let case = case(path.to_str().unwrap(), count as u64, &stop).unwrap();
        case.map(|case| case.steps.len())
    }

    #[test]
    fn only_a_short_scenario_is_read_for_shrinking_when_the_time_is_up() {
        assert_eq!(read_in(5_000, true), Some(5_000));
        assert_eq!(read_in(5_001, true), None);
        assert_eq!(read_in(6_000, false), Some(6_000));
    }
}
