//! `quorate replay`: scenario files against the ledger.

mod export;
mod trace;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use super::answer;
pub use super::answer::Format;
use super::input::{self, LARGE_BYTES_MAX};
use super::output::print;
use super::progress::Progress;
use super::{Exit, Fatal};
use crate::ledger::HORIZON_BLOCKS;
use crate::replay::{Conveyed, Options, Replay, Report, Scenario, replay_to_end, replay_while};
use crate::report::record::Recorder;
use crate::report::render::{Stories, with_stories};
use crate::report::sheet::Sheet;
use crate::scenario::record::StepRecord;
use crate::scenario::{Header, Steps, open, sniff};

/// Replay scenario files or folders: compare every expectation, check every invariant after every
/// step.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quorate replay scenarios
  quorate replay --trace scenarios/two-factor/nis1-falls-to-one-key.json
  quorate replay scenarios/traces --format json
  quorate replay --wire scenarios
  quorate replay --export-graph wallet scenarios/two-factor/nis1-falls-to-one-key.json")]
pub struct Arguments {
    /// Scenario files (.json, .jsonl, .jsonl.gz) or folders of them
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Output format
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
    /// Print a line for every file as well, and what every invariant says
    #[arg(long, short)]
    verbose: bool,
    /// Print every scenario step by step
    #[arg(long, alias = "tell")]
    trace: bool,
    /// Send every transaction through its bytes before the ledger sees it
    #[arg(long)]
    wire: bool,
    /// Print an account as the REST document a node would answer with in the end, and nothing else;
    /// or write those of all top accounts to a folder that exists or ends in /
    #[arg(long, value_name = "ACCOUNT|DIR", conflicts_with = "trace")]
    export_graph: Option<String>,
    #[command(flatten)]
    reports: super::report::Files,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    let files = files(&arguments.paths)?;
    let export = export::Export::new(arguments.export_graph.as_deref(), &files)?;
    if export.is_answer() && (arguments.verbose || arguments.format == Format::Json) {
        let flag = if arguments.verbose { "--verbose" } else { "--format json" };
        let why = "an account's document is printed and nothing else";
        return Err(Fatal(format!("`{flag}` has no effect beside `--export-graph`: {why}")));
    }
    let stop = super::interrupt::watch_reading();
    let mut session = Session {
        arguments,
        export: &export,
        stop,
        progress: Progress::start(None),
        stories: Stories::default(),
        conveyed: Conveyed::default(),
    };
    let mut scenarios = Vec::new();
    for path in &files {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        scenarios.push(session.replay(path)?);
    }
    let Session { stories, conveyed, progress, .. } = session;
    drop(progress);
    let report = Report::new(scenarios, conveyed, !stop.load(Ordering::Relaxed));
    arguments.reports.save(|| (&report).into())?;
    arguments.reports.page(|| with_stories(Sheet::from(&report), &stories))?;
    match export.is_answer() {
        true => export.remark(&report),
        false => answer::give_text(&report, arguments.format, arguments.verbose)?,
    };
    Ok(match (report.complete, report.failed) {
        (false, _) => Exit::Stopped,
        (true, 0) => Exit::Good,
        (true, _) => Exit::Broken,
    })
}

/// What all scenarios of one command line share.
struct Session<'a> {
    arguments: &'a Arguments,
    export: &'a export::Export<'a>,
    stop: &'static AtomicBool,
    progress: Progress,
    stories: Stories,
    conveyed: Conveyed,
}

impl Session<'_> {
    /// Replays one scenario, traces it and writes it down if somebody wants that.
    fn replay(&mut self, path: &Path) -> Result<Scenario, Fatal> {
        let arguments = self.arguments;
        let (header, mut steps) = open(path)?;
        let name = header.name.clone();
        let protocol = header.protocol.clone();
        let mut trace = arguments.trace.then(|| trace::Trace::new(&header)).transpose()?;
        let mut recorder = arguments.reports.has_page().then(|| Recorder::new(&header));
        let mut tell = |replay: &Replay, record: &StepRecord<'_>| {
            self.progress.step();
            trace.iter_mut().for_each(|trace| trace.step(replay, record));
            recorder.iter_mut().for_each(|recorder| recorder.step(replay, record));
            match self.stop.load(Ordering::Relaxed) {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        };
        let replay = replay_while(header, &mut steps, options(arguments, self.stop), &mut tell)?;
        self.export.save(path, &replay)?;
        if trace.is_some() {
            print("\n")?;
        }
        let outcome = replay.end();
        let path = path.display().to_string();
        if let Some(recorder) = recorder {
            let failed = !outcome.failures.is_empty();
            self.stories.add(&path, || recorder.end(&outcome), failed);
        }
        self.conveyed.add(&outcome.conveyed);
        Ok(Scenario::of(path, name, &protocol, &outcome))
    }
}

fn options(arguments: &Arguments, stop: &'static AtomicBool) -> Options {
    Options {
        horizon_blocks: arguments.horizon,
        thorough: arguments.thorough,
        bare: false,
        keep_going: arguments.keep_going,
        wire: arguments.wire,
        stop: Some(stop),
        explain: arguments.trace || arguments.reports.has_page(),
    }
}

/// Opens a scenario whose start is possible: no loop among its accounts, no balance beyond its range.
///
/// # Errors
/// A header that cannot be read, or a start that no ledger can stand on.
pub(super) fn start(path: &Path) -> Result<(Header, Steps), Fatal> {
    let (header, steps) = open(path)?;
    let bare = Options { bare: true, ..Options::default() };
    let replay = Replay::new(header, bare).map_err(|what| steps.error(what))?;
    Ok((replay.header().clone(), steps))
}

/// Replays one scenario under every check.
///
/// # Errors
/// A scenario that cannot be read.
pub(super) fn replayed(path: &Path) -> Result<Scenario, Fatal> {
    let (header, mut steps) = open(path)?;
    let (name, protocol) = (header.name.clone(), header.protocol.clone());
    let outcome = replay_to_end(header, &mut steps, Options::default(), |_, _| ())?.end();
    Ok(Scenario::of(path.display().to_string(), name, &protocol, &outcome))
}

/// The scenario files under these paths, folders in the order of their names.
pub(super) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Fatal> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = files.len();
            let scenario = |path: &PathBuf| sniff(path).is_some() && !is_other(path);
            files.extend(input::files_below(path)?.into_iter().filter(scenario));
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

/// Whether a JSON file of a folder says of itself that it is something else: a protocol, a schema, an
/// account tree. Named on the command line, it would be refused with the reason.
fn is_other(path: &Path) -> bool {
    if path.extension().is_none_or(|extension| extension != "json") {
        return false;
    }
    let Ok(text) = input::text(path, LARGE_BYTES_MAX) else { return false };
    let Ok(Value::Object(fields)) = input::json("", &text, "") else { return false };
    match fields.get("format") {
        Some(format) => format.as_str().is_some_and(|format| format != crate::scenario::FORMAT),
        None => fields.contains_key("$schema"),
    }
}
