//! `quorate validate`: is this configuration safe to ship?

mod cases;
mod gate;
mod place;

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde::Serialize;

use super::answer::{Format, json, show};
use super::limits::Limits;
use super::output::print_json;
use super::protocol::Loaded;
use super::watcher::{Shown, Watcher, jobs};
use super::{Exit, Fatal};
use crate::protocol::properties::Origin;
use crate::report::sheet::Sheet;
use crate::report::{file, html};
use crate::validate::{
    Comparison, Day, Note, Question, RUNS, Report, Severity, TRANSITIONS_MAX, VISITS_MAX, validate,
};

use gate::{Denied, Gate};
use place::Place;

/// Say whether a protocol configuration is safe to ship: its contradictions, every hazard with a
/// scenario or a proof, the shipped scenarios, exhaustive exploration of few accounts, random runs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quorate validate
  quorate validate config-network.properties --deny locked-alive --junit report.xml
  quorate validate symbol-mainnet --max-cosignatures 15 --save hazards
  quorate validate node/resources --accept accepted.json --deny takeover
  quorate validate symbol-mainnet --against proposed.json --format json

  quorate validate symbol-mainnet --against proposed.json --deny new --max-cost-growth 1.5

Hazards: locked-alive, over-cap, takeover, dead-level, costly.

Without `--html` the page is written to reports/local/ where the folder `reports` exists.

Accepted hazards, each until the last day named:
  {\"accepted\":[{\"hazard\":\"takeover\",\"reason\":\"wallets warn\",\"until\":\"2027-06-30\"}]}")]
pub struct Arguments {
    /// A preset, a protocol file (.json), a server's config-network.properties, or a node's resources
    /// folder with that file in it
    #[arg(default_value = "symbol-mainnet")]
    config: String,
    /// Compare with a proposed configuration: what it gains and what it loses. Limits given as options
    /// belong to the proposed one
    #[arg(long, value_name = "CONFIG")]
    against: Option<String>,
    /// Hazards that may not be reachable, separated by commas: exit code 1 if one is, unless accepted; `all`,
    /// or with `--against` `new`, those that the proposed configuration adds
    #[arg(long, value_name = "HAZARD", value_delimiter = ',')]
    deny: Vec<Denied>,
    /// Exit code 1 if the costliest legal transaction makes a node visit more than so many times the accounts that
    /// it visits now
    #[arg(long, value_name = "FACTOR", requires = "against", value_parser = factor)]
    max_cost_growth: Option<f64>,
    /// Hazards that are accepted, each with a reason and its last day (JSON)
    #[arg(long, value_name = "FILE")]
    accept: Option<PathBuf>,
    /// The day by which acceptances are judged [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    today: Option<Day>,
    /// Account visits of one transaction above which a configuration is costly
    #[arg(long, value_name = "N", default_value_t = VISITS_MAX)]
    max_visits: u64,
    /// Random seed
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Number of random runs
    #[arg(long, value_name = "N", default_value_t = RUNS,
          value_parser = super::count::parse::<u64>)]
    runs: u64,
    /// Most legal modifications of the largest exploration
    #[arg(long, value_name = "N", default_value_t = TRANSITIONS_MAX)]
    work: u64,
    /// Stop after this time, done or not: `30s`, `5m`
    #[arg(long, value_name = "TIME", value_parser = super::duration::parse)]
    time: Option<Duration>,
    /// Number of threads [default: as many as there are cores]. The answer does not depend on it
    #[arg(long, value_name = "N", value_parser = super::count::parse::<usize>)]
    jobs: Option<usize>,
    /// Write the scenario of every hazard and finding into this folder
    #[arg(long, value_name = "FOLDER")]
    save: Option<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    #[command(flatten)]
    reports: super::report::Files,
    #[command(flatten)]
    limits: Limits,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    let present = super::protocol::read(&arguments.config)?;
    let proposed = arguments.against.as_deref().map(super::protocol::read).transpose()?;
    let (present, proposed) = match proposed {
        None => (changed(arguments, present)?, None),
        Some(proposed) => (present, Some(changed(arguments, proposed)?)),
    };
    if arguments.against.is_none() && arguments.deny.contains(&Denied::New) {
        let what = "has no effect without `--against`: there is nothing to be new beside";
        return Err(Fatal(format!("`--deny new` {what}")));
    }
    let (accept, growth) = (arguments.accept.as_deref(), arguments.max_cost_growth);
    let gate = Gate::new(&arguments.deny, growth, accept, arguments.today)?;
    let watcher = Watcher::start(&Shown::RUNS, arguments.runs, arguments.time)?;
    let mut before = answer(arguments, &present, &watcher)?;
    let after =
        proposed.as_ref().map(|proposed| answer(arguments, proposed, &watcher)).transpose()?;
    let interrupted = watcher.end();
    let is_good = match after {
        None => {
            judge(arguments, &gate, &mut before, None);
            reports(arguments, &before, &present, None)?;
            give(arguments, &before, &before.protocol.name)?;
            before.is_good()
        }
        Some(mut after) => {
            judge(arguments, &gate, &mut after, Some(&before));
            reports(arguments, &after, proposed.as_ref().unwrap_or(&present), Some(&present))?;
            let given = arguments.limits.flags().trim().to_owned();
            let compared = Comparison::new(before, after, given);
            let names = [&compared.before, &compared.after].map(|one| one.protocol.name.as_str());
            give(arguments, &compared, &names.join("-against-"))?;
            compared.after.is_good()
        }
    };
    Ok(match (interrupted, is_good) {
        (true, _) => Exit::Stopped,
        (false, true) => Exit::Good,
        (false, false) => Exit::Broken,
    })
}

/// Reads a factor from the command line.
fn factor(text: &str) -> Result<f64, String> {
    let factor = text.parse().ok().filter(|factor: &f64| factor.is_finite() && *factor > 0.0);
    factor.ok_or_else(|| "expected a number above 0, such as 1.5".to_owned())
}

/// Applies what is denied and accepted; an answer that is not as wanted names the command that repeats it.
fn judge(arguments: &Arguments, gate: &Gate, report: &mut Report, before: Option<&Report>) {
    gate.judge(report, before);
    report.reproduce = (!report.is_good()).then(|| reproduce(arguments));
}

/// Writes the scenarios, JUnit and SARIF that were asked for; `before` is what it is compared with.
fn reports(
    arguments: &Arguments,
    report: &Report,
    judged: &Loaded,
    before: Option<&Loaded>,
) -> Result<(), Fatal> {
    save(arguments, report)?;
    let config = arguments.against.as_ref().unwrap_or(&arguments.config);
    let place = Place::new(config, &judged.protocol, before.map(|before| &before.protocol));
    arguments.reports.save(|| cases::report(report, &judged.protocol, &place))
}

/// Prints the answer and writes its page: where it is asked for, else beside the other reports.
fn give<'a, A>(arguments: &Arguments, answer: &'a A, name: &str) -> Result<(), Fatal>
where
    A: Serialize,
    Sheet: From<&'a A>,
{
    let page = page(arguments, || Sheet::from(answer), name)?;
    match arguments.format {
        Format::Json => print_json(&json(answer)?)?,
        Format::Text => {
            let mut sheet = Sheet::from(answer);
            let path = page.map(|page| ("report".to_owned(), page.display().to_string()));
            sheet.facts.extend(path);
            show(&sheet, false)?
        }
    };
    Ok(())
}

/// Where reports go by default, if the folder above is there.
const REPORTS: &str = "reports";

/// Writes the page, and says where.
fn page(
    arguments: &Arguments,
    sheet: impl Fn() -> Sheet,
    name: &str,
) -> Result<Option<PathBuf>, Fatal> {
    if let Some(path) = arguments.reports.page_path() {
        arguments.reports.page(sheet)?;
        return Ok(Some(path.to_owned()));
    }
    if !Path::new(REPORTS).is_dir() {
        return Ok(None);
    }
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let name: String = name.chars().map(plain).take(100).collect();
    let folder = Path::new(REPORTS).join("local");
    let path = folder.join(format!("validate-{name}.html"));
    let saved = std::fs::create_dir_all(&folder);
    let saved = saved.and_then(|()| file::save(&path, &html::page(&sheet())));
    saved.map_err(|error| Fatal(format!("{}: cannot write: {error}", path.display())))?;
    Ok(Some(path))
}

/// The configuration with the limits given on the command line.
fn changed(arguments: &Arguments, loaded: Loaded) -> Result<Loaded, Fatal> {
    Ok(Loaded { protocol: arguments.limits.named_on(loaded.protocol)?, ..loaded })
}

fn answer(arguments: &Arguments, loaded: &Loaded, watcher: &Watcher) -> Result<Report, Fatal> {
    let protocol = &loaded.protocol;
    let question = Question {
        seed: arguments.seed,
        runs: arguments.runs,
        jobs: jobs(arguments.jobs),
        visits_max: arguments.max_visits,
        transitions_max: arguments.work,
        ..Question::new(protocol)
    };
    watcher.progress.runs.store(0, Ordering::Relaxed);
    let mut report = validate(&question, &watcher.progress, |what| watcher.note(what))
        .map_err(|error| Fatal(error.to_string()))?;
    let note = |origin: &Origin| Note {
        name: "server".to_owned(),
        severity: Severity::Remark,
        text: origin.to_string(),
    };
    report.configuration.extend(loaded.origin.as_ref().map(note));
    Ok(report)
}

/// Writes every hazard's and finding's scenario.
fn save(arguments: &Arguments, report: &Report) -> Result<(), Fatal> {
    let Some(folder) = &arguments.save else { return Ok(()) };
    let unwritable =
        |path: &Path, error| Fatal(format!("{}: cannot write: {error}", path.display()));
    std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, error))?;
    let shown = report.hazards.iter().filter_map(|hazard| {
        let witness = hazard.witness.as_ref()?;
        Some((format!("{}.json", hazard.kind), &witness.scenario))
    });
    let found = report.campaign.findings.iter();
    let found = found.filter_map(|one| Some((one.file.clone(), one.scenario.as_ref()?)));
    for (name, scenario) in shown.chain(found) {
        let path = folder.join(name);
        file::save(&path, &scenario.text()).map_err(|error| unwritable(&path, error))?;
    }
    Ok(())
}

/// The command that comes to the same answer.
fn reproduce(arguments: &Arguments) -> String {
    let quoted = |word: &str| shlex::try_quote(word).map_or(word.to_owned(), Into::into);
    let mut text = format!("quorate validate {}", quoted(&arguments.config));
    if let Some(against) = &arguments.against {
        text += &format!(" --against {}", quoted(against));
    }
    arguments.deny.iter().for_each(|kind| text += &format!(" --deny {kind}"));
    if let Some(factor) = arguments.max_cost_growth {
        text += &format!(" --max-cost-growth {factor}");
    }
    if let Some(file) = &arguments.accept {
        text += &format!(" --accept {}", quoted(&file.display().to_string()));
    }
    if let Some(day) = &arguments.today {
        text += &format!(" --today {day}");
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
