//! `quorate validate`: is this configuration safe to ship?

mod against;
mod answers;
mod document;
mod gate;
mod tell;
mod watcher;

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::Value;

use super::limits::Limits;
use super::output::print;
use super::replay::Format;
use super::{Exit, Fatal};
use crate::protocol::Protocol;
use crate::report::{file, html, render};
use crate::validate::{
    Answer, Day, Peril, Question, RUNS, Soundness, TRANSITIONS_MAX, VISITS_MAX, validate,
};

use gate::Gate;
use watcher::Watcher;

/// Say whether a protocol configuration is safe to ship: its contradictions, every hazard with a
/// scenario or a proof, every story that fits, small worlds completely, random runs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quorate validate
  quorate validate config-network.properties --deny locked-alive --junit report.xml
  quorate validate symbol-mainnet --max-cosignatures 15 --save hazards
  quorate validate node/resources --accept accepted.json --deny takeover
  quorate validate symbol-mainnet --against proposed.json --format json

Hazards: locked-alive, over-cap, takeover, dead-level, costly.

Accepted hazards, each until the last day named:
  {\"accepted\":[{\"hazard\":\"takeover\",\"reason\":\"wallets warn\",\"until\":\"2027-06-30\"}]}")]
pub struct Arguments {
    /// A preset, a protocol file (.json), a server's config-network.properties, or a node's resources
    /// folder with that file in it
    #[arg(default_value = "symbol-mainnet")]
    config: String,
    /// Compare with a proposed configuration: what it gains and what it loses
    #[arg(long, value_name = "CONFIG")]
    against: Option<String>,
    /// Hazards that may not be reachable: exit code 1 if one is, unless accepted
    #[arg(long, value_name = "HAZARD")]
    deny: Vec<Peril>,
    /// Hazards that are accepted, each with a reason and its last day (JSON)
    #[arg(long, value_name = "FILE")]
    accept: Option<PathBuf>,
    /// The day by which acceptances are judged; today unless told
    #[arg(long, value_name = "YYYY-MM-DD")]
    today: Option<Day>,
    /// Account visits of one aggregate above which a configuration is costly
    #[arg(long, value_name = "N", default_value_t = VISITS_MAX)]
    max_visits: u64,
    /// Where the decisions of random runs come from
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Number of random runs
    #[arg(long, value_name = "N", default_value_t = RUNS)]
    runs: u64,
    /// Most legal modifications of the largest small world
    #[arg(long, value_name = "N", default_value_t = TRANSITIONS_MAX)]
    work: u64,
    /// Stop after this time, done or not: `30s`, `5m`
    #[arg(long, value_name = "TIME", value_parser = super::duration::parse)]
    time: Option<Duration>,
    /// Number of threads; as many as there are cores unless told. The answer does not depend on it
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Write the scenario of every hazard and finding into this folder
    #[arg(long, value_name = "FOLDER")]
    save: Option<PathBuf>,
    /// How to answer
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    #[command(flatten)]
    reports: super::report::Files,
    #[command(flatten)]
    limits: Limits,
}

/// The file of a node's resources that a protocol is read from.
const PROPERTIES: &str = "config-network.properties";

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    let protocol = arguments.limits.on(load(&arguments.config)?);
    let proposed = arguments.against.as_deref().map(load).transpose()?;
    let proposed = proposed.map(|proposed| arguments.limits.on(proposed));
    let gate = Gate::new(&arguments.deny, arguments.accept.as_deref(), arguments.today)?;
    let watcher = Watcher::start(arguments.runs, arguments.time)?;
    let before = answer(arguments, &protocol, &watcher)?;
    let after = proposed.map(|proposed| answer(arguments, &proposed, &watcher)).transpose()?;
    let interrupted = watcher.end();
    let judged = after.as_ref().unwrap_or(&before);
    save(arguments, judged)?;
    arguments.reports.save(|| answers::report(arguments, judged, &gate))?;
    let document = match &after {
        None => document::answer(&before, &gate),
        Some(after) => against::document(&before, after, &gate),
    };
    let page = page(arguments, &document, after.is_some())?;
    let mut text = match (&after, arguments.format) {
        (_, Format::Json) => format!("{document}\n"),
        (None, Format::Text) => tell::answer(&before, &gate),
        (Some(after), Format::Text) => against::text(&before, after, &gate),
    };
    if let (Format::Text, Some(page)) = (arguments.format, page) {
        text += &format!("report: {}\n", page.display());
    }
    print(&text)?;
    let good = judged.soundness() != Soundness::Broken && gate.refused(judged).is_empty();
    if !good {
        eprintln!("again: {}", repeat(arguments));
    }
    Ok(match (interrupted, good) {
        (true, _) => Exit::Stopped,
        (false, true) => Exit::Good,
        (false, false) => Exit::Broken,
    })
}

/// Where reports go unless told otherwise, if the folder above is there.
const REPORTS: &str = "reports";

/// Writes the page: where it is asked for, else beside the other reports.
fn page(
    arguments: &Arguments,
    document: &Value,
    is_change: bool,
) -> Result<Option<PathBuf>, Fatal> {
    let sheet = || match is_change {
        true => render::change(document),
        false => render::validate(document),
    };
    if let Some(path) = arguments.reports.page_path() {
        arguments.reports.page(sheet)?;
        return Ok(Some(path.to_owned()));
    }
    if !Path::new(REPORTS).is_dir() {
        return Ok(None);
    }
    let field = |part: &Value| part.get("protocol").and_then(Value::as_str).map(str::to_owned);
    let part = |name| document.get(name).and_then(field);
    let names = [field(document), part("before"), part("after")];
    let name = names.into_iter().flatten().collect::<Vec<_>>().join("-against-");
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let name: String = name.chars().map(plain).take(100).collect();
    let folder = Path::new(REPORTS).join("local");
    let path = folder.join(format!("validate-{name}.html"));
    let saved = std::fs::create_dir_all(&folder);
    let saved = saved.and_then(|()| file::save(&path, &html::page(&sheet())));
    saved.map_err(|error| Fatal(format!("{}: cannot write: {error}", path.display())))?;
    Ok(Some(path))
}

/// Reads a configuration; a folder stands for the properties file in it.
fn load(name: &str) -> Result<Protocol, Fatal> {
    let path = Path::new(name);
    if !path.is_dir() || Protocol::preset(name).is_some() {
        return super::protocol::load(name);
    }
    let inside = path.join(PROPERTIES);
    if !inside.is_file() {
        return Err(Fatal(format!("{name}: no `{PROPERTIES}` in this folder; expected one")));
    }
    super::protocol::load(&inside.display().to_string())
}

fn answer(arguments: &Arguments, protocol: &Protocol, watcher: &Watcher) -> Result<Answer, Fatal> {
    let question = Question {
        seed: arguments.seed,
        runs: arguments.runs,
        jobs: super::fuzz::jobs(arguments.jobs),
        visits_max: arguments.max_visits,
        transitions_max: arguments.work,
        ..Question::new(protocol)
    };
    watcher.progress.runs.store(0, Ordering::Relaxed);
    validate(&question, &watcher.progress, |what| watcher.say(what))
        .map_err(|error| Fatal(error.to_string()))
}

/// Writes every hazard's and finding's scenario.
fn save(arguments: &Arguments, answer: &Answer) -> Result<(), Fatal> {
    let Some(folder) = &arguments.save else { return Ok(()) };
    let unwritable =
        |path: &Path, error| Fatal(format!("{}: cannot write: {error}", path.display()));
    std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, error))?;
    for (name, text) in answers::scenarios(answer) {
        let path = folder.join(format!("{name}.json"));
        file::save(&path, text).map_err(|error| unwritable(&path, error))?;
    }
    Ok(())
}

/// The command that comes to the same answer.
fn repeat(arguments: &Arguments) -> String {
    let quoted = |word: &str| shlex::try_quote(word).map_or(word.to_owned(), Into::into);
    let mut text = format!("quorate validate {}", quoted(&arguments.config));
    if let Some(against) = &arguments.against {
        text += &format!(" --against {}", quoted(against));
    }
    arguments.deny.iter().for_each(|peril| text += &format!(" --deny {peril}"));
    if let Some(file) = &arguments.accept {
        text += &format!(" --accept {}", quoted(&file.display().to_string()));
    }
    let numbers = [
        ("max-visits", arguments.max_visits, VISITS_MAX),
        ("seed", arguments.seed, 1),
        ("runs", arguments.runs, RUNS),
        ("work", arguments.work, TRANSITIONS_MAX),
    ];
    for (name, value, usual) in numbers {
        if value != usual {
            text += &format!(" --{name} {value}");
        }
    }
    text + &arguments.limits.flags()
}
