//! `quorate report`: saved answers as one page.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::bench::Bench;
use crate::cli::{Exit, Fatal, input};
use crate::replay::{Options, Report, Scenario};
use crate::report::benchmark::{FORMAT, Run};
use crate::report::render::{self, Stories};
use crate::report::sheet::{Sheet, Timeline};
use crate::report::{file, html, record};
use crate::scenario::open;

/// Draw saved answers (`--format json`) as one HTML page that needs no network.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quorate replay scenarios/takeover --format json > takeover.json
  quorate report takeover.json --html takeover.html
  quorate fuzz --fault no-opt-in --format json | quorate report - --html found.html
  quorate report replay.json explore.json analyze.json --html all.html
  quorate report --bench --save now.json --against before.json --html benchmarks.html

A replay's scenarios are told step by step if they still lie where they lay and still end as they did.")]
pub struct Arguments {
    /// Answers of replay, conform, fuzz, explore, analyze, plan, validate or faults, or a saved run of the
    /// benchmarks; - is standard input
    #[arg(required_unless_present = "bench", value_name = "RESULT")]
    results: Vec<PathBuf>,
    /// The page to write
    #[arg(long, value_name = "FILE")]
    html: PathBuf,
    #[command(flatten)]
    bench: Bench,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    let mut sheets = Vec::new();
    let mut is_run = false;
    for path in &arguments.results {
        let answer = read(path)?;
        is_run |= answer.get("format").and_then(Value::as_str) == Some(FORMAT);
        sheets.push((path.display().to_string(), sheet(arguments, path, &answer)?));
    }
    arguments.bench.refuse_idle(is_run)?;
    sheets.extend(arguments.bench.sheet()?.map(|sheet| ("benchmarks".to_owned(), sheet)));
    let page = html::page(&only(sheets));
    file::save(&arguments.html, &page)
        .map_err(|error| super::unwritable(&arguments.html, &error))?;
    Ok(Exit::Good)
}

/// The page of one answer.
fn sheet(arguments: &Arguments, path: &Path, answer: &Value) -> Result<Sheet, Fatal> {
    let told = |error: &dyn std::fmt::Display| Fatal(format!("{}: {error}", path.display()));
    if answer.get("format").and_then(Value::as_str) == Some(FORMAT) {
        let run = Run::parse(&answer.to_string()).map_err(|error| told(&error))?;
        return arguments.bench.told(&run);
    }
    render::any(answer, stories).map_err(|error| told(&error))
}

/// The one page, or all as one.
fn only(mut sheets: Vec<(String, Sheet)>) -> Sheet {
    match (sheets.pop(), sheets.is_empty()) {
        (Some((_, sheet)), true) => sheet,
        (last, _) => {
            sheets.extend(last);
            render::joined(sheets)
        }
    }
}

fn read(path: &Path) -> Result<Value, Fatal> {
    let name = path.display();
    let text = input::text(path, input::LARGE_BYTES_MAX)?;
    input::json(&name.to_string(), &text, "one answer of `--format json`")
}

/// The scenarios of a replay that can still be read and still end in the state that was reported.
fn stories(answer: &Report) -> Stories {
    let mut stories = Stories::default();
    for scenario in &answer.scenarios {
        let failed = scenario.has_failed();
        if !stories.has_room(failed) {
            stories.leave_out();
        } else if let Some(timeline) = story(scenario) {
            stories.add(&scenario.path, || timeline, failed);
        }
    }
    stories
}

fn story(scenario: &Scenario) -> Option<Timeline> {
    let (header, mut steps) = open(Path::new(&scenario.path)).ok()?;
    // As `replay --html` draws it.
    let options = Options { explain: true, ..Options::default() };
    let (timeline, outcome) = record::story(header, &mut steps, options).ok()?;
    let same = scenario.has_failed() || scenario.digest == Some(outcome.digest_text());
    same.then_some(timeline)
}
