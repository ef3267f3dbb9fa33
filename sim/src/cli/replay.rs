//! `quorate replay`: scenario files against the ledger.

mod export;
mod findings;
mod tell;
mod wire;

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

pub use super::answer::Format;
use super::input::{self, LARGE_BYTES_MAX};
use super::output::{Reader, print};
use super::progress::Progress;
use super::{Exit, Fatal};
use crate::ledger::HORIZON_BLOCKS;
use crate::protocol::Protocol;
use crate::replay::{Failure, Options, Outcome, replay_to_end, replay_while};
use crate::report::json;
use crate::report::record::Recorder;
use crate::report::render::{self, Stories};
use crate::scenario::{open, sniff};

/// Replay scenario files or folders: compare every expectation, check every invariant after every
/// step.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quorate replay scenarios
  quorate replay --tell scenarios/two-factor/nis1-falls-to-one-key.json
  quorate replay scenarios/traces --format json
  quorate replay --wire scenarios
  quorate replay --export-graph wallet scenarios/two-factor/nis1-falls-to-one-key.json")]
pub struct Arguments {
    /// Scenario files (.json, .jsonl, .jsonl.gz) or folders of them
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// How to answer
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// How many sealed blocks can be rolled back
    #[arg(long, value_name = "BLOCKS", default_value_t = HORIZON_BLOCKS)]
    horizon: usize,
    /// Look at everything after every step; undo and redo every step
    #[arg(long)]
    thorough: bool,
    /// Do not stop a scenario at its first failure
    #[arg(long)]
    keep_going: bool,
    /// Print a line for every file, not only one for every folder
    #[arg(long, short)]
    verbose: bool,
    /// Tell every story step by step
    #[arg(long)]
    tell: bool,
    /// Send every transaction through its bytes before the ledger sees it
    #[arg(long)]
    wire: bool,
    /// Print an account as the REST document a node would answer with in the end, and nothing else;
    /// or write those of all top accounts to a folder that exists or ends in /
    #[arg(long, value_name = "ACCOUNT|DIR", conflicts_with = "tell")]
    export_graph: Option<String>,
    #[command(flatten)]
    reports: super::report::Files,
}

struct Replayed {
    path: PathBuf,
    name: String,
    protocol: Protocol,
    outcome: Outcome,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    let files = files(&arguments.paths)?;
    let options = Options {
        horizon_blocks: arguments.horizon,
        thorough: arguments.thorough,
        bare: false,
        keep_going: arguments.keep_going,
        wire: arguments.wire,
    };
    let export = export::Export::new(arguments.export_graph.as_deref(), &files)?;
    let stop = super::interrupt::watch_reading()?;
    let mut progress = Progress::start(None);
    let mut all = Vec::new();
    let mut told = Stories::default();
    for path in files {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let watched = Watched { stop: &stop, progress: &mut progress };
        let replayed = one(arguments, &export, path, options, &mut told, watched)?;
        let text = arguments.format == Format::Text && !export.is_answer();
        if text && shown(arguments, &replayed)? == Reader::Left {
            return Ok(Exit::Good);
        }
        all.push(replayed);
    }
    drop(progress);
    let stopped = stop.load(Ordering::Relaxed);
    let incomplete = if stopped { "incomplete: stopped by Ctrl-C\n" } else { "" };
    let report = findings::report(&all, !stopped);
    arguments.reports.save(&report)?;
    arguments.reports.page(|| render::replay(&json::document(&report), &told))?;
    match arguments.format {
        _ if export.is_answer() => export.remark(&summary(&all), report.failed()),
        Format::Text => print(&(folders(arguments, &all) + &summary(&all) + incomplete))?,
        Format::Json => print(&format!("{}\n", wire::document(&all, json::document(&report))))?,
    };
    Ok(match (stopped, report.failed()) {
        (true, _) => Exit::Stopped,
        (false, 0) => Exit::Good,
        (false, _) => Exit::Broken,
    })
}

/// Who may stop a replay, and what tells how far it has come.
struct Watched<'a> {
    stop: &'a AtomicBool,
    progress: &'a mut Progress,
}

/// Replays one scenario, tells it and writes it down if somebody wants that.
fn one(
    arguments: &Arguments,
    export: &export::Export<'_>,
    path: PathBuf,
    options: Options,
    told: &mut Stories,
    watched: Watched<'_>,
) -> Result<Replayed, Fatal> {
    let (header, mut steps) = open(&path)?;
    let name = header.name.clone();
    let protocol = header.protocol.clone();
    let mut teller = arguments.tell.then(|| tell::Teller::new(&header)).transpose()?;
    let mut recorder = arguments.reports.has_page().then(|| Recorder::new(&header));
    let replay = replay_while(header, &mut steps, options, |replay, record| {
        watched.progress.step();
        teller.iter_mut().for_each(|teller| teller.step(replay, record));
        recorder.iter_mut().for_each(|recorder| recorder.step(replay, record));
        match watched.stop.load(Ordering::Relaxed) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    })?;
    export.save(&path, &replay)?;
    if teller.is_some() {
        print("\n")?;
    }
    let outcome = replay.end();
    if let Some(recorder) = recorder {
        told.add(
            &path.display().to_string(),
            || recorder.end(&outcome),
            !outcome.failures.is_empty(),
        );
    }
    Ok(Replayed { path, name, protocol, outcome })
}

/// Replays one scenario under every check, as a report tells of it.
///
/// # Errors
/// A scenario that cannot be read.
pub(super) fn replayed(path: PathBuf) -> Result<crate::report::Scenario, Fatal> {
    let (header, mut steps) = open(&path)?;
    let (name, protocol) = (header.name.clone(), header.protocol.clone());
    let outcome = replay_to_end(header, &mut steps, Options::default(), |_, _| ())?.end();
    Ok(findings::scenario(&Replayed { path, name, protocol, outcome }))
}

/// The scenario files under these paths, folders in the order of their names.
pub(super) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Fatal> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = files.len();
            collect(path, &mut files)?;
            if files.len() == before {
                let path = path.display();
                return Err(Fatal(format!(
                    "{path}: no scenario in it; expected `.json`, `.jsonl` or `.jsonl.gz` files"
                )));
            }
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Fatal> {
    let unreadable = |error| Fatal(format!("{}: cannot read: {error}", folder.display()));
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        entries.push(entry.map_err(unreadable)?.path());
    }
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, files)?;
        } else if sniff(&path).is_some() && !is_other(&path) {
            files.push(path);
        }
    }
    Ok(())
}

/// Whether a JSON file of a folder says of itself that it is something else: a protocol, a schema, an
/// account tree. Named on the command line, it would be refused with the reason.
fn is_other(path: &Path) -> bool {
    if path.extension().is_none_or(|extension| extension != "json") {
        return false;
    }
    let Ok(text) = input::text(path, LARGE_BYTES_MAX) else { return false };
    let Ok(Value::Object(fields)) = serde_json::from_str::<Value>(&text) else { return false };
    match fields.get("format") {
        Some(format) => format.as_str().is_some_and(|format| format != crate::scenario::FORMAT),
        None => fields.contains_key("$schema"),
    }
}

fn shown(arguments: &Arguments, replayed: &Replayed) -> Result<Reader, Fatal> {
    let outcome = &replayed.outcome;
    let path = replayed.path.display();
    let mut text = String::new();
    if outcome.failures.is_empty() {
        if !arguments.verbose {
            return Ok(Reader::Listens);
        }
        let (steps, expectations) = (outcome.steps, outcome.expectations);
        let _ = writeln!(text, "ok      {path}: {steps} steps, {expectations} expectations");
    } else {
        let _ = writeln!(text, "FAILED  {path}");
        outcome.failures.iter().for_each(|failure| describe(&mut text, replayed, failure));
    }
    print(&text)
}

fn describe(text: &mut String, replayed: &Replayed, failure: &Failure) {
    let path = replayed.path.display();
    let (line, step) = (failure.line, failure.step);
    let about = &failure.about;
    let what = if failure.invariant { "broken invariant" } else { "unexpected" };
    let _ = writeln!(text, "{path}:{line}: step {step}: {what} `{about}`");
    let _ = writeln!(text, "  expected: {}", failure.expected);
    let _ = writeln!(text, "  found:    {}", failure.found);
    for line in failure.tree.lines() {
        let _ = writeln!(text, "    {line}");
    }
}

/// A line for every folder that holds several of the scenarios.
fn folders(arguments: &Arguments, all: &[Replayed]) -> String {
    let mut text = String::new();
    if arguments.verbose || arguments.tell {
        return text;
    }
    for of_folder in all.chunk_by(|one, other| one.path.parent() == other.path.parent()) {
        let Some(folder) = of_folder.first().and_then(|one| one.path.parent()) else { continue };
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let steps: u64 = of_folder.iter().map(|one| one.outcome.steps).sum();
        let failed = of_folder.iter().filter(|one| !one.outcome.failures.is_empty()).count();
        let verdict = if failed == 0 { "ok".to_owned() } else { format!("{failed} FAILED") };
        let (folder, count) = (folder.display().to_string(), of_folder.len());
        let _ = writeln!(text, "{folder:<36} {count:>4} scenarios {steps:>7} steps  {verdict}");
    }
    text.push('\n');
    text
}

fn summary(all: &[Replayed]) -> String {
    let failed: Vec<&Replayed> =
        all.iter().filter(|replayed| !replayed.outcome.failures.is_empty()).collect();
    let steps: u64 = all.iter().map(|replayed| replayed.outcome.steps).sum();
    let expectations: u64 = all.iter().map(|replayed| replayed.outcome.expectations).sum();
    let count = all.len();
    let passed = count - failed.len();
    let invariants = crate::invariant::ALL.len();
    let mut text = format!(
        "{passed} of {count} scenarios as expected: {steps} steps, {expectations} expectations, \
         {invariants} invariants after every step\n"
    );
    text += &wire::summary(all);
    if let Some(repeat) = repeat(all) {
        let _ = writeln!(text, "repeat: {repeat}");
    }
    text
}

/// The command that shows the first failure again.
fn repeat(all: &[Replayed]) -> Option<String> {
    let first = all.iter().find(|replayed| !replayed.outcome.failures.is_empty())?;
    let path = first.path.display().to_string();
    let path = shlex::try_quote(&path).map_or(path.clone(), Into::into);
    let wire = if wire::is_broken(&first.outcome) { " --wire" } else { "" };
    Some(format!("quorate replay {path} --keep-going{wire}"))
}
