//! Two facts that only the checkout knows: the shipped scenarios, so that every copy of the program
//! carries the same ones, and the commit it is built from.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Folders and files below `scenarios` that are no stories, or too long to be carried along.
const LEFT_OUT: [&str; 5] =
    ["traces/", "protocols/", "regressions/", "supply-chain/thirty-days", "schema.json"];

fn main() -> Result<(), Box<dyn Error>> {
    let package = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    // In a package the folder lies beside this file; a checkout without symbolic links has it one
    // level up alone.
    let inside = package.join("scenarios");
    let root = if inside.is_dir() { inside } else { package.join("../scenarios") };
    let mut stories = Vec::new();
    collect(&root, "", &mut stories)?;
    stories.sort();
    let mut code = String::from("&[\n");
    for story in &stories {
        let file = root.join(story);
        writeln!(code, "Story {{ path: {story:?}, bytes: include_bytes!({file:?}) }},")?;
    }
    code.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("stories.rs"), code)?;
    println!("cargo::rerun-if-changed={}", root.display());
    println!("cargo::rustc-env=QUORATE_VERSION={}", version(&package)?);
    Ok(())
}

/// Paths of all stories below `root`, with `/` between folders.
fn collect(root: &Path, folder: &str, stories: &mut Vec<String>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let path = format!("{folder}{}", entry.file_name().to_string_lossy());
        if LEFT_OUT.iter().any(|left_out| format!("{path}/").starts_with(left_out)) {
            continue;
        }
        let scenario = [".json", ".jsonl", ".jsonl.gz"].iter().any(|end| path.ends_with(end));
        if entry.path().is_dir() {
            collect(root, &format!("{path}/"), stories)?;
        } else if scenario {
            stories.push(path);
        }
    }
    Ok(())
}

/// The package's version, with the commit behind it where this is a checkout. Development builds go
/// without: they would be built anew after every commit.
fn version(package: &Path) -> Result<String, Box<dyn Error>> {
    let number = env::var("CARGO_PKG_VERSION")?;
    if env::var("PROFILE")? != "release" {
        return Ok(number);
    }
    let git = |words: &[&str]| {
        let output = Command::new("git").current_dir(package).args(words).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    // A checkout of something else that this package merely lies in names no commit of it.
    if git(&["rev-parse", "--show-prefix"]).as_deref() != Some("sim/") {
        return Ok(number);
    }
    for file in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--path-format=absolute", "--git-path", file])
            && Path::new(&path).exists()
        {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    Ok(match git(&["rev-parse", "--short=10", "HEAD"]) {
        Some(commit) => format!("{number} ({commit})"),
        None => number,
    })
}
