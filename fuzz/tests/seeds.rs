//! Every committed seed, and every prefix of it, through the body of its target: `cargo test` without an
//! engine.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Trial};

fn main() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let mut trials = Vec::new();
    for (target, body) in quorate_fuzz::TARGETS {
        let files = files(&seeds.join(target));
        assert!(!files.is_empty(), "{target} has no seed");
        for path in files {
            let name = format!("{target}/{}", path.file_name().unwrap().to_string_lossy());
            trials.push(Trial::test(name, move || {
                let bytes = fs::read(&path)?;
                let step = bytes.len() / 64 + 1;
                (0..bytes.len()).step_by(step).for_each(|end| body(&bytes[..end]));
                body(&bytes);
                Ok(())
            }));
        }
    }
    trials.push(Trial::test("the page names every target", || {
        named();
        Ok(())
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// `README.md`, `targets/`, `Cargo.toml` and [`quorate_fuzz::TARGETS`] name the same targets.
fn named() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    let page = fs::read_to_string(top.join("README.md")).unwrap();
    let rows = page.lines().skip_while(|line| !line.starts_with("| target |")).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    let rows = sorted(rows.map(|row| row.split('`').nth(1).unwrap().to_owned()).collect());
    let stem = |path: PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
    assert_eq!(rows, sorted(files(&top.join("targets")).into_iter().map(stem).collect()));
    assert_eq!(rows, sorted(quorate_fuzz::TARGETS.map(|(name, _)| name.to_owned()).to_vec()));
    let manifest = fs::read_to_string(top.join("Cargo.toml")).unwrap();
    let bins = manifest.split("[[bin]]").skip(1);
    assert_eq!(rows, sorted(bins.map(|one| one.split('"').nth(1).unwrap().to_owned()).collect()));
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}
