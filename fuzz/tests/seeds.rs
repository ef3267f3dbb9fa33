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
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}
