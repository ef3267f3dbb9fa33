//! `quorate conform`: the same steps through another program.

mod finding;
mod text;

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::output::{print, print_json};
use super::replay::{Format, files};
use super::watcher::{Shown, Watcher};
use super::{Exit, Fatal};
use crate::conformance::{
    Comparison, Declared, Difference, DifferenceKind, Options, Peer, PeerError, Trouble, compare,
};
use crate::ledger::HORIZON_BLOCKS;
use crate::report::render::{self, Stories};
use crate::report::sheet::Sheet;
use crate::report::{self, Failure, Report, Run, Scenario, record};
use crate::scenario::open;

/// Run the same steps through another program and report every difference.
///
/// A peer reads lines as `quorate apply` does and answers as it does: the header line is not
/// answered, every step is answered by the same step with `result` and `state`. A scenario ends at
/// its first step that differs; with `--keep-going`, and where the difference is declared, the peer is
/// given a header with our state behind that step and the comparison goes on. Differences are counted by their kinds, the same pair of results or another
/// state after the same result, and the first of each kind is shrunk to the fewest steps that show it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quorate conform --peer 'quorate apply' scenarios/traces
  quorate conform --peer 'python3 sim/examples/peer.py' scenarios/household --save found
  quorate conform --peer ./my-node-adapter --declared known.json scenarios/traces/symbol
  quorate conform --peer ./my-node-adapter --time 5m scenarios/traces

Declared differences: [{\"ours\":NAME,\"theirs\":NAME,\"why\":TEXT}]")]
pub struct Arguments {
    /// Scenario files (.json, .jsonl, .jsonl.gz) or folders of them
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// The other program, with its arguments; may be given several times. `quorate` is this very
    /// program
    #[arg(long, value_name = "COMMAND", required = true)]
    peer: Vec<String>,
    /// How long to wait for an answer, with a unit: 500ms, 5s, 2m
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = super::duration::parse)]
    deadline: Duration,
    /// Stop after this time, done or not: `30s`, `5m`
    #[arg(long, value_name = "TIME", value_parser = super::duration::parse)]
    time: Option<Duration>,
    /// Most steps that wait for an answer at a time; 1 asks and waits in turn
    #[arg(long, value_name = "STEPS", default_value_t = 4096,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    window: u32,
    /// Compare results only
    #[arg(long)]
    no_state: bool,
    /// Differences that are known: counted, not failed; the state behind them may differ, too
    #[arg(long, value_name = "FILE")]
    declared: Option<PathBuf>,
    /// Save each shrunk difference as a scenario in this folder
    #[arg(long, value_name = "DIR")]
    save: Option<PathBuf>,
    /// Do not stop a scenario at its first difference: start the peer again from our state and go on
    #[arg(long)]
    keep_going: bool,
    /// Do not shrink
    #[arg(long)]
    no_shrink: bool,
    /// How many sealed blocks can be rolled back
    #[arg(long, value_name = "BLOCKS", default_value_t = HORIZON_BLOCKS)]
    horizon: usize,
    /// How to answer
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    #[command(flatten)]
    reports: super::report::Files,
}

/// The command to start: `quorate` alone is this very program, wherever it lies.
pub(super) fn command_line(command: &str) -> String {
    let own = || shlex::try_quote(std::env::current_exe().ok()?.to_str()?).ok().map(Into::into);
    match command.strip_prefix("quorate").filter(|rest| rest.is_empty() || rest.starts_with(' ')) {
        Some(rest) => own().map_or_else(|| command.to_owned(), |own: String| own + rest),
        None => command.to_owned(),
    }
}

/// How a run through all the scenarios goes on.
enum Flow {
    On,
    PeerFailed,
    Stopped,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    let files = files(&arguments.paths)?;
    let declared = declared(arguments.declared.as_deref())?;
    super::interrupt::watch_reading();
    let count = files.len().saturating_mul(arguments.peer.len());
    let watcher = Watcher::start(&Shown::FILES, count as u64, arguments.time)?;
    let mut report = Report { command: "conform".to_owned(), complete: true, ..Report::default() };
    let mut failed = false;
    for command in &arguments.peer {
        let mut visit = Visit {
            arguments,
            command,
            watcher: &watcher,
            peer: None,
            declared: declared.clone(),
            kinds: Vec::new(),
            run: Run { peer: Some(command.clone()), ..Run::default() },
        };
        let flow = visit.all(&files, &mut report.repeat)?;
        let counted = visit.declared.into_iter().map(Declared::counted);
        let mut kinds: Vec<DifferenceKind> =
            visit.kinds.into_iter().map(|(_, kind)| kind).collect();
        kinds.sort_by_key(|kind| std::cmp::Reverse(kind.scenarios));
        report.runs.push(Run { declared: counted.collect(), kinds, ..visit.run });
        match flow {
            Flow::On => {}
            Flow::PeerFailed => failed = true,
            Flow::Stopped => break,
        }
    }
    // Also where only shrinking was cut short.
    let stop = Arc::clone(&watcher.progress.stop);
    let interrupted = watcher.end();
    report.complete = !interrupted && !stop.load(Ordering::Relaxed);
    arguments.reports.save(|| report.clone())?;
    let answer = crate::conformance::Report::from(&report);
    arguments.reports.page(|| render::with_stories(Sheet::from(&answer), &stories(&report)))?;
    match arguments.format {
        Format::Text => print(&text::summary(&report))?,
        Format::Json => print_json(&super::answer::json(&answer)?)?,
    };
    Ok(match (interrupted, failed, report.failed()) {
        (true, ..) => Exit::Stopped,
        (_, true, _) => Exit::PeerFailed,
        (_, _, 0) => Exit::Good,
        _ => Exit::Broken,
    })
}

/// The shrunk differences as our ledger plays them, for a page to step through.
fn stories(report: &Report) -> Stories {
    let mut told = Stories::default();
    for scenario in report.runs.iter().flat_map(|run| &run.scenarios) {
        let shrunk = scenario.failures.iter().filter(|failure| !failure.detail.is_empty());
        for failure in shrunk {
            let options = crate::replay::Options::default();
            if let Ok((timeline, _)) = record::text(&scenario.path, &failure.detail, options) {
                told.add(&scenario.path, || timeline, true);
            }
        }
    }
    told
}

/// Reads the differences that are known; none without a file.
pub(super) fn declared(path: Option<&Path>) -> Result<Vec<Declared>, Fatal> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let name = path.display();
    let text = super::input::text(path, super::input::SMALL_BYTES_MAX)?;
    let expected = "[{\"ours\":NAME,\"theirs\":NAME,\"why\":TEXT}]";
    let list: Vec<Declared> = super::input::json(&name.to_string(), &text, expected)?;
    for (number, one) in (1..).zip(&list) {
        one.check()
            .map_err(|what| Fatal(format!("{name}: declared difference {number}: {what}")))?;
    }
    Ok(list)
}

/// One peer on its way through the scenarios.
struct Visit<'a> {
    arguments: &'a Arguments,
    command: &'a str,
    watcher: &'a Watcher,
    peer: Option<Peer>,
    declared: Vec<Declared>,
    /// The kinds of difference that were met, each with its first.
    kinds: Vec<(Difference, DifferenceKind)>,
    run: Run,
}

impl Visit<'_> {
    fn all(&mut self, files: &[PathBuf], repeat: &mut String) -> Result<Flow, Fatal> {
        for path in files {
            let (header, steps) = open(path)?;
            let mut scenario = Scenario {
                path: path.display().to_string(),
                name: header.name.clone(),
                protocol: Some(report::ProtocolId::of(&header.protocol)),
                ..Scenario::default()
            };
            let options = self.options();
            let known = self.kinds.len();
            let mut declared = std::mem::take(&mut self.declared);
            let compared = self.peer().map_err(|error| Trouble::Peer { step: 0, line: 1, error });
            let compared =
                compared.and_then(|peer| compare(peer, header, steps, &options, &mut declared));
            self.declared = declared;
            let flow = match compared {
                Ok(comparison) => {
                    self.judge(&comparison, &mut scenario)?;
                    Flow::On
                }
                Err(Trouble::Scenario(error)) => return Err(error.into()),
                Err(Trouble::Stopped) => return Ok(Flow::Stopped),
                Err(Trouble::Peer {
                    error: error @ (PeerError::Command(_) | PeerError::Start { .. }),
                    ..
                }) => {
                    return Err(Fatal(error.to_string()));
                }
                Err(Trouble::Peer { step, line, error }) => {
                    scenario.error = Some(finding::peer_failure(step, line, &error));
                    Flow::PeerFailed
                }
            };
            if repeat.is_empty() && scenario.findings().next().is_some() {
                let shrunk = scenario.failures.first().and_then(|one| one.shrunk.as_ref());
                *repeat = self.reproduce(shrunk.unwrap_or(&scenario.path));
            }
            if self.arguments.format == Format::Text {
                let told = text::scenario(self.command, &scenario, self.kinds.len() == known);
                self.watcher.around(|| print(&told))?;
            }
            let progress = &self.watcher.progress;
            progress.runs.fetch_add(1, Ordering::Relaxed);
            progress.findings.fetch_add(scenario.findings().count() as u64, Ordering::Relaxed);
            self.run.scenarios.push(scenario);
            if !matches!(flow, Flow::On) {
                self.peer = None;
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }

    fn options(&self) -> Options {
        Options {
            window: self.arguments.window as usize,
            deadline: self.arguments.deadline,
            states: !self.arguments.no_state,
            keep_going: self.arguments.keep_going,
            horizon_blocks: self.arguments.horizon,
            answers: Arc::clone(&self.watcher.progress.steps),
        }
    }

    /// The peer, started if it does not run.
    fn peer(&mut self) -> Result<&mut Peer, PeerError> {
        let peer = match self.peer.take() {
            Some(peer) => peer,
            None => {
                let command = command_line(self.command);
                Peer::start(
                    &command,
                    self.arguments.deadline,
                    Arc::clone(&self.watcher.progress.stop),
                )?
            }
        };
        Ok(self.peer.insert(peer))
    }

    /// Notes what was found; the first difference of each kind is shrunk.
    fn judge(&mut self, comparison: &Comparison, scenario: &mut Scenario) -> Result<(), Fatal> {
        scenario.steps = comparison.steps;
        scenario.declared = Some(comparison.declared);
        let uncompared = comparison.uncompared.iter();
        scenario.uncompared = uncompared.map(|(&why, &steps)| (why.to_owned(), steps)).collect();
        scenario.failures = comparison.differences.iter().map(finding::failure).collect();
        if comparison.differences.is_empty() {
            return Ok(());
        }
        self.give_reasons(comparison, scenario)?;
        let news = self.count(&comparison.differences, &scenario.path);
        for place in news.into_iter().filter(|_| !self.arguments.no_shrink) {
            let Some((first, _)) = self.kinds.get(place).cloned() else { continue };
            let shrunk = match self.shrink(&scenario.path, &first)? {
                Ok(shrunk) => shrunk,
                Err(why) => {
                    if let Some((_, kind)) = self.kinds.get_mut(place) {
                        kind.unshrunk = Some(why.to_owned());
                    }
                    continue;
                }
            };
            let is_first = |failure: &&mut Failure| {
                failure.step == first.step && failure.about == first.about.word()
            };
            if let Some(failure) = scenario.failures.iter_mut().find(is_first) {
                failure.detail = shrunk.text;
                failure.shrunk.clone_from(&shrunk.file);
            }
            if let Some((_, kind)) = self.kinds.get_mut(place) {
                kind.shrunk = shrunk.file;
            }
        }
        Ok(())
    }

    /// Counts the differences of one scenario by their kinds; the places of kinds that are new.
    fn count(&mut self, differences: &[Difference], path: &str) -> Range<usize> {
        let before = self.kinds.len();
        let mut here = BTreeSet::new();
        for difference in differences {
            let known = self.kinds.iter().position(|(first, _)| first.is_like(difference));
            let place = known.unwrap_or_else(|| {
                let kind = DifferenceKind::of(difference, path);
                self.kinds.push((difference.clone(), kind));
                self.kinds.len() - 1
            });
            let Some((_, kind)) = self.kinds.get_mut(place) else { continue };
            kind.count += 1;
            kind.scenarios += u64::from(here.insert(place));
        }
        before..self.kinds.len()
    }

    /// The command that shows the difference in a scenario's file again.
    fn reproduce(&self, path: &str) -> String {
        let arguments = self.arguments;
        let mut words = vec!["quorate".to_owned(), "conform".to_owned()];
        words.extend(["--peer".to_owned(), self.command.to_owned()]);
        if arguments.no_state {
            words.push("--no-state".to_owned());
        }
        if let Some(declared) = &arguments.declared {
            words.extend(["--declared".to_owned(), declared.display().to_string()]);
        }
        if arguments.deadline != Options::default().deadline {
            let milliseconds = arguments.deadline.as_millis();
            words.extend(["--deadline".to_owned(), format!("{milliseconds}ms")]);
        }
        if arguments.horizon != HORIZON_BLOCKS {
            words.extend(["--horizon".to_owned(), arguments.horizon.to_string()]);
        }
        words.push(path.to_owned());
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        shlex::try_join(words.iter().copied()).unwrap_or_else(|_| words.join(" "))
    }
}
