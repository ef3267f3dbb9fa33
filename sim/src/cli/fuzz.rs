//! `quorate fuzz`: random sequences under every check.

mod outcome;
mod watcher;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::limits::Limits;
use super::output::print;
use super::replay::Format;
use super::{Exit, Fatal};
use crate::campaign::{Finding, Plan, Progress, Report, campaign, record};
use crate::generate::names;
use crate::protocol::Protocol;
use crate::replay::{Options, replay};
use crate::report::render;
use crate::scenario::open;
use crate::shrink::{Case, Story, shrink, story};
use crate::trial::Kind;

use watcher::Watcher;

/// Hunt for broken promises by random sequences: every step through the ledger, every invariant and
/// the auditor.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quorate fuzz
  quorate fuzz --protocol nis1 --seed 7 --runs 10000
  quorate fuzz --fault no-opt-in --save found
  quorate fuzz --protocol config-network.properties --max-depth 2 --time 30s")]
pub struct Arguments {
    /// A preset, a protocol file (.json) or a server's config-network.properties; `symbol-mainnet`,
    /// or the first protocol of the fault, unless told
    #[arg(long)]
    protocol: Option<String>,
    /// Where all decisions come from
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Steps of one run
    #[arg(long, value_name = "N", default_value_t = 500)]
    steps: u32,
    /// Number of runs
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    runs: u64,
    /// Stop after this time, done or not: `30s`, `5m`
    #[arg(long, value_name = "TIME", value_parser = super::duration::parse)]
    time: Option<Duration>,
    /// Number of threads; as many as there are cores unless told
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Seed this bug in the ledger (`quorate faults` lists them)
    #[arg(long, value_name = "NAME")]
    fault: Option<String>,
    /// Write a scenario for every finding into this folder
    #[arg(long, value_name = "FOLDER")]
    save: Option<PathBuf>,
    /// Go on behind the first finding and report each kind once
    #[arg(long)]
    keep_going: bool,
    /// Judge by invariants alone
    #[arg(long)]
    no_auditor: bool,
    /// How to answer
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    #[command(flatten)]
    limits: Limits,
    #[command(flatten)]
    reports: super::report::Files,
}

/// Where regressions lie that are replayed before anything new is tried.
const REGRESSIONS: &str = "scenarios/regressions";

/// As many threads as asked for, or as there are cores.
pub(super) fn jobs(asked: Option<usize>) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    asked.unwrap_or(cores).max(1)
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    let plan = plan(arguments)?;
    if plan.fault.is_none() && !regressions_hold()? {
        return Ok(Exit::Broken);
    }
    let (progress, interrupted) = (Arc::new(Progress::default()), Arc::new(AtomicBool::new(false)));
    stop_on_ctrl_c(&progress, &interrupted);
    let watcher = Watcher::start(&progress, &plan, arguments.time);
    let report = campaign(&plan, &progress, |finding| {
        let label = finding.failure.kind.label(&plan.protocol);
        watcher.say(&format!("found {label} in run {}, step {}", finding.run, finding.step + 1));
    });
    let told: Vec<Told> = report
        .findings
        .iter()
        .filter_map(|finding| tell(arguments, &plan, finding, &interrupted, &watcher))
        .collect();
    watcher.end();
    let saved = save(arguments, &told)?;
    arguments.reports.save(&outcome::report(arguments, &plan, &report, &told, &saved))?;
    arguments.reports.page(|| render::fuzz(&document(&plan, &report, &told, &saved)))?;
    let text = match arguments.format {
        Format::Json => format!("{}\n", document(&plan, &report, &told, &saved)),
        Format::Text => page(arguments, &plan, &report, &told, &saved),
    };
    print(&text)?;
    Ok(match (interrupted.load(Ordering::Relaxed), report.findings.is_empty()) {
        (true, _) => Exit::Stopped,
        (false, false) => Exit::Broken,
        (false, true) => Exit::Good,
    })
}

fn plan(arguments: &Arguments) -> Result<Plan, Fatal> {
    let fault = arguments.fault.as_deref().map(super::faults::named).transpose()?;
    let first = fault.and_then(|fault| fault.protocols.first().copied());
    let name = arguments.protocol.as_deref().or(first).unwrap_or("symbol-mainnet");
    let protocol = arguments.limits.on(super::protocol::load(name)?);
    if let Some(fault) = fault.filter(|fault| !fault.concerns(protocol.base)) {
        let (name, fits) = (fault.name, fault.protocols.join("`, `"));
        return Err(Fatal(format!(
            "fault `{name}` makes no difference to `{}`; expected `{fits}`",
            protocol.name
        )));
    }
    Ok(Plan {
        protocol,
        fault,
        seed: arguments.seed,
        runs: arguments.runs,
        steps: arguments.steps,
        audited: !arguments.no_auditor,
        keep_going: arguments.keep_going,
        jobs: jobs(arguments.jobs),
    })
}

/// What was found before must not come again.
fn regressions_hold() -> Result<bool, Fatal> {
    let folder = Path::new(REGRESSIONS);
    if !folder.is_dir() {
        return Ok(true);
    }
    let mut hold = true;
    for path in super::replay::files(&[folder.to_owned()])? {
        let (header, mut steps) = open(&path)?;
        let outcome = replay(header, &mut steps, Options::default())?;
        if !outcome.failures.is_empty() {
            hold = false;
            print(&format!(
                "FAILED  {}\nrepeat: quorate replay {}\n",
                path.display(),
                path.display()
            ))?;
        }
    }
    Ok(hold)
}

fn stop_on_ctrl_c(progress: &Arc<Progress>, interrupted: &Arc<AtomicBool>) {
    let (progress, interrupted) = (Arc::clone(progress), Arc::clone(interrupted));
    // Without a handler Ctrl-C still ends the program, only less politely.
    let _ = ctrlc::set_handler(move || {
        interrupted.store(true, Ordering::Relaxed);
        progress.stop.store(true, Ordering::Relaxed);
    });
}

/// A finding, shrunk and told.
struct Told {
    finding: Finding,
    case: Case,
    story: Story,
}

fn tell(
    arguments: &Arguments,
    plan: &Plan,
    finding: &Finding,
    interrupted: &AtomicBool,
    watcher: &Watcher,
) -> Option<Told> {
    let recorded = record(plan, finding.run, finding.step)?;
    let case = Case {
        protocol: recorded.world.protocol,
        wide: plan.protocol.clone(),
        fault: plan.fault,
        audited: plan.audited,
        genesis: recorded.world.genesis,
        steps: recorded.steps,
        kind: finding.failure.kind,
    };
    let case = shrink(case, interrupted, |smaller| {
        watcher.note(&format!("shrinking: {} steps, size {}", smaller.steps.len(), smaller.size()));
    });
    let failure = case.failure().map_or_else(|| finding.failure.clone(), |(_, failure)| failure);
    let story = story(&case, &failure, &repeat(arguments, plan, finding.run));
    Some(Told { finding: Finding { failure, ..finding.clone() }, case, story })
}

/// The command that comes to the same finding.
fn repeat(arguments: &Arguments, plan: &Plan, run: u64) -> String {
    let name = arguments.protocol.as_deref().unwrap_or(&plan.protocol.name);
    let name = shlex::try_quote(name).unwrap_or(name.into());
    let fault = plan.fault.map_or(String::new(), |fault| format!(" --fault {}", fault.name));
    let auditor = if plan.audited { "" } else { " --no-auditor" };
    let keep = if plan.keep_going { " --keep-going" } else { "" };
    format!(
        "quorate fuzz --protocol {name}{fault} --seed {} --steps {} --runs {}{keep}{auditor}{}",
        plan.seed,
        plan.steps,
        run + 1,
        arguments.limits.flags()
    )
}

/// Writes every story into the folder, each under its name only once it is whole.
fn save(arguments: &Arguments, told: &[Told]) -> Result<Vec<PathBuf>, Fatal> {
    let Some(folder) = &arguments.save else { return Ok(Vec::new()) };
    let unwritable = |error| Fatal(format!("{}: cannot write: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(unwritable)?;
    let mut paths = Vec::new();
    for one in told {
        let path = folder.join(format!("{}.json", one.story.file));
        let draft = folder.join(format!(".{}.json.part", one.story.file));
        std::fs::write(&draft, &one.story.text).map_err(unwritable)?;
        std::fs::rename(&draft, &path).map_err(unwritable)?;
        paths.push(path);
    }
    Ok(paths)
}

fn page(
    arguments: &Arguments,
    plan: &Plan,
    report: &Report,
    told: &[Told],
    saved: &[PathBuf],
) -> String {
    let mut text = table(&plan.protocol, report);
    for (index, one) in told.iter().enumerate() {
        let finding = &one.finding;
        let label = finding.failure.kind.label(&plan.protocol);
        let (steps, run) = (one.case.steps.len(), finding.run);
        let plural = if steps == 1 { "step" } else { "steps" };
        let _ = writeln!(
            text,
            "\nFOUND {label} (run {run}, step {}), shrunk to {steps} {plural}",
            finding.step + 1
        );
        let _ = writeln!(text, "  {}", one.story.description);
        match saved.get(index) {
            Some(path) => {
                let _ = writeln!(text, "  saved: {}", path.display());
            }
            None => text.push_str(&one.story.text),
        }
    }
    let accepted = percent(report.tally.accepted(), report.tally.steps());
    let incomplete = if report.complete { "" } else { ", incomplete" };
    let _ = writeln!(
        text,
        "\n{}, seed {}: {} runs, {} steps, {accepted}% accepted, {} modifications, {} states{incomplete}",
        plan.protocol.name,
        plan.seed,
        report.runs,
        report.tally.steps(),
        report.tally.modifications,
        report.tally.states,
    );
    match told.last() {
        Some(one) => {
            let _ = writeln!(text, "repeat: {}", repeat(arguments, plan, one.finding.run));
        }
        None => text.push_str("nothing found\n"),
    }
    text
}

/// Every result with its count by depth, those never reached marked.
fn table(protocol: &Protocol, report: &Report) -> String {
    let heads = ["plain", "depth 1", "depth 2", "depth 3", "deeper"];
    let mut text = format!("{:<66}", "result");
    heads.iter().for_each(|head| text.push_str(&format!("{head:>10}")));
    text.push('\n');
    for (name, counts) in report.tally.rows(protocol) {
        let _ = write!(text, "{name:<66}");
        if counts.iter().all(|&count| count == 0) {
            text.push_str("  never reached");
        } else {
            counts.iter().for_each(|count| text.push_str(&format!("{count:>10}")));
        }
        text.push('\n');
    }
    text
}

fn percent(part: u64, whole: u64) -> u64 {
    (part * 100).checked_div(whole).unwrap_or(0)
}

fn document(plan: &Plan, report: &Report, told: &[Told], saved: &[PathBuf]) -> Value {
    let rows: Vec<(&str, [u64; crate::campaign::DEPTHS])> =
        report.tally.rows(&plan.protocol).collect();
    let results = rows.iter().map(|(name, counts)| {
        json!({ "name": name, "count": counts.iter().sum::<u64>(), "by_depth": counts })
    });
    let never = rows.iter().filter(|(_, counts)| counts.iter().all(|&count| count == 0));
    let findings = told
        .iter()
        .enumerate()
        .map(|(index, one)| finding_json(plan, one, saved.get(index).map(PathBuf::as_path)));
    json!({
        "protocol": plan.protocol.name,
        "fault": plan.fault.map(|fault| fault.name),
        "seed": plan.seed,
        "runs": report.runs,
        "steps": report.tally.steps(),
        "accepted": report.tally.accepted(),
        "modifications": report.tally.modifications,
        "states": report.tally.states,
        "results": results.collect::<Vec<_>>(),
        "never_reached": never.map(|(name, _)| name).collect::<Vec<_>>(),
        "findings": findings.collect::<Vec<_>>(),
        "complete": report.complete,
        "protocol_digest": plan.protocol.digest(),
        "quorate": env!("CARGO_PKG_VERSION"),
    })
}

fn finding_json(plan: &Plan, one: &Told, saved: Option<&Path>) -> Value {
    let finding = &one.finding;
    let accounts = names(&plan.protocol, one.case.genesis.accounts, 0).accounts;
    let mut value = json!({
        "run": finding.run,
        "step": finding.step + 1,
        "runs_that_met_it": finding.count,
        "what": finding.failure.sentence(&accounts),
        "description": one.story.description,
        "steps": one.case.steps.len(),
        "scenario": serde_json::from_str::<Value>(&one.story.text).unwrap_or(Value::Null),
    });
    let (field, content) = match finding.failure.kind {
        Kind::Invariant(name) => ("invariant", json!(name)),
        Kind::Verdicts { ledger, auditor } => {
            let (found, expected) =
                (plan.protocol.result_name(ledger), plan.protocol.result_name(auditor));
            ("disagreement", json!({ "ledger": found, "rules": expected }))
        }
        Kind::State(part) => ("disagreement", json!({ "state": part })),
    };
    if let Value::Object(fields) = &mut value {
        fields.insert(field.to_owned(), content);
        if let Some(path) = saved {
            fields.insert("saved".to_owned(), json!(path.display().to_string()));
        }
    }
    value
}
