//! Every scenario file is a named test: `cargo test --test scenarios two-factor` runs the stories of
//! that folder. Replays are thorough: everything is looked at after every step, and every executed
//! step is taken back and executed again, which must give the identical state.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use quorate::replay::{Options, replay};
use quorate::scenario::{open, sniff};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let mut files = Vec::new();
    collect(&root, &mut files);
    assert!(files.len() > 400, "{} scenarios found; the folder is not complete", files.len());
    let trials = files.into_iter().map(|path| {
        let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
        Trial::test(name, move || run(&path))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

/// All scenario files: `protocols` holds protocols, and a schema is no story.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        match name.as_deref() {
            Some("protocols" | "schema.json") => {}
            _ if path.is_dir() => collect(&path, files),
            _ if sniff(&path).is_some() => files.push(path),
            _ => {}
        }
    }
}

fn run(path: &Path) -> Result<(), Failed> {
    let (header, mut steps) = open(path)?;
    let thorough = header.names.accounts.len() <= 64;
    let options = Options { thorough, ..Options::default() };
    let outcome = replay(header, &mut steps, options)?;
    match outcome.failures.first() {
        None if outcome.expectations == 0 => Err("a scenario that expects nothing".into()),
        None => Ok(()),
        Some(failure) => {
            let path = path.display();
            let (line, step) = (failure.line, failure.step);
            let (about, expected, found) = (&failure.about, &failure.expected, &failure.found);
            let message = format!(
                "{path}:{line}: step {step}: `{about}`: expected {expected}, found {found}"
            );
            Err(message.into())
        }
    }
}
