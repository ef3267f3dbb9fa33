//! `quorate fuzz`: random sequences under every check.

mod regressions;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::answer::{Format, give};
use super::input::{self, LARGE_BYTES_MAX};
use super::limits::Limits;
use super::watcher::{Shown, Watcher, jobs};
use super::{Exit, Fatal};
use crate::campaign::{
    CampaignPlan, Finding, FindingReporter, Found, Outcome, PeerPool, RUNS, Regressions, Report,
    STEPS, Share, merge,
};
use crate::conformance::Declared;
use crate::report::file;
use crate::shrink::Case;

/// Random sequences of transactions: every step through the ledger, every invariant and the auditor.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quorate fuzz
  quorate fuzz --protocol nis1 --seed 7 --runs 10000
  quorate fuzz --fault no-opt-in --save found
  quorate fuzz --peer ./my-node-adapter --save scenarios/regressions
  quorate fuzz --peer ./my-node-adapter --declared known.json
  quorate fuzz --protocol config-network.properties --max-depth 2 --time 30s
  parallel quorate fuzz --first-run {}000 --runs 1000 --format json '>' part-{}.json ::: 0 1 2 3
  quorate fuzz --merge part-*.json --runs 4000")]
pub struct Arguments {
    /// A preset, a protocol file (.json) or a server's config-network.properties; default:
    /// `symbol-mainnet`, or the first protocol of the fault
    #[arg(long)]
    protocol: Option<String>,
    /// Random seed
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Steps of one run
    #[arg(long, value_name = "N", default_value_t = STEPS,
          value_parser = super::count::parse::<u32>)]
    steps: u32,
    /// Number of runs [default: 2000]
    #[arg(long, value_name = "N", value_parser = super::count::parse::<u64>)]
    runs: Option<u64>,
    /// Make only part of a campaign: its runs from this one on, counted from 0, as many as `--runs`
    #[arg(long, value_name = "N", conflicts_with = "peer")]
    first_run: Option<u64>,
    /// Put the answers of all parts of a campaign together (JSON files); `--runs` says how many runs
    /// they must make
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["protocol", "seed", "steps",
          "first_run", "time", "jobs", "fault", "peer", "declared", "save", "keep_going", "no_auditor"])]
    merge: Vec<PathBuf>,
    /// Stop after this time, done or not: `30s`, `5m`
    #[arg(long, value_name = "TIME", value_parser = super::duration::parse)]
    time: Option<Duration>,
    /// Number of threads [default: one per core]
    #[arg(long, value_name = "N", value_parser = super::count::parse::<usize>)]
    jobs: Option<usize>,
    /// Seed this bug in the ledger (`quorate faults` lists them)
    #[arg(long, value_name = "NAME")]
    fault: Option<String>,
    /// Play every step to this program, too, which speaks like `quorate apply`; may be given several
    /// times. `quorate` is this very program
    #[arg(long, value_name = "COMMAND")]
    peer: Vec<String>,
    /// How long to wait for a peer's answer, with a unit: 500ms, 5s, 2m
    #[arg(long, value_name = "TIME", default_value = "5s", requires = "peer",
          value_parser = super::duration::parse)]
    deadline: Duration,
    /// Differences of the peers that are known, a file as for `conform`: counted, and the run goes on
    #[arg(long, value_name = "FILE", requires = "peer")]
    declared: Option<PathBuf>,
    /// Write a scenario for every finding into this folder; what lies in `scenarios/regressions` is
    /// replayed before anything new is tried
    #[arg(long, value_name = "FOLDER")]
    save: Option<PathBuf>,
    /// Continue after the first finding and report each kind once
    #[arg(long)]
    keep_going: bool,
    /// Judge by invariants alone
    #[arg(long)]
    no_auditor: bool,
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
    if !arguments.merge.is_empty() {
        return answer(arguments, &merged(arguments)?, false);
    }
    let plan = plan(arguments)?;
    let declared = super::conform::declared(arguments.declared.as_deref())?;
    let regressions = match plan.fault {
        None => regressions::replay()?,
        Some(_) => Regressions::default(),
    };
    let (outcome, mut findings, interrupted) = match regressions.hold() {
        true => campaign(arguments, &plan, &declared)?,
        false => (Outcome::default(), Vec::new(), false),
    };
    save(arguments, &plan, &mut findings)?;
    let mut report =
        Report::new(&plan, (&arguments.peer, &declared), regressions, &outcome, findings);
    if let Some(failure) = &outcome.peer_failure {
        report.reproduce.get_or_insert_with(|| reproduce(arguments, &plan, failure.run));
    }
    let part = arguments.first_run.map(|_| Share::of(&plan));
    answer(arguments, &Report { part, ..report }, interrupted)
}

/// Prints the answer and writes it into files.
fn answer(arguments: &Arguments, report: &Report, interrupted: bool) -> Result<Exit, Fatal> {
    arguments.reports.save(|| report.into())?;
    give(report, arguments.format, arguments.reports.page_options())?;
    Ok(match (interrupted, &report.peer_failure, report.found()) {
        (true, ..) => Exit::Stopped,
        (false, Some(_), _) => Exit::PeerFailed,
        (false, None, true) => Exit::Broken,
        (false, None, false) => Exit::Good,
    })
}

/// The answer of the campaign whose parts lie in these files.
fn merged(arguments: &Arguments) -> Result<Report, Fatal> {
    let part = |path: &PathBuf| {
        let text = input::text(path, LARGE_BYTES_MAX)?;
        let name = path.display().to_string();
        let expected = "an answer of `fuzz --first-run --format json`";
        let report: Report = input::json(&name, &text, expected)?;
        match report.part {
            Some(_) => Ok(report),
            None => {
                Err(Fatal(format!("{name}: this is no part of a campaign; expected {expected}")))
            }
        }
    };
    let parts = arguments.merge.iter().map(part).collect::<Result<Vec<Report>, Fatal>>()?;
    merge(parts, arguments.runs).map_err(|error| Fatal(format!("--merge: {error}")))
}

/// The campaign with each finding shrunk; whether Ctrl-C was pressed.
fn campaign(
    arguments: &Arguments,
    plan: &CampaignPlan,
    declared: &[Declared],
) -> Result<(Outcome, Vec<Finding>, bool), Fatal> {
    let watcher = Watcher::start(&Shown::RUNS, plan.runs, arguments.time)?;
    // Set by Ctrl-C and when the time is up: it ends runs, shrinking and waiting for a peer.
    let stop = &watcher.progress.stop;
    let commands = arguments.peer.iter().map(|peer| super::conform::command_line(peer)).collect();
    let pool = PeerPool::new(commands, arguments.deadline, Arc::clone(stop))
        .with_declared(declared.to_vec());
    pool.start().map_err(|error| Fatal(format!("--peer: {error}")))?;
    let say = |found: Found<'_>| match found {
        Found::Check(finding) => {
            let label = finding.failure.kind.label(&plan.protocol);
            let (run, step) = (finding.run, finding.step + 1);
            watcher.say(&format!("found {label} in run {run}, step {step}"));
        }
        Found::Peer(finding) => {
            let (run, step) = (finding.run, finding.difference.step);
            let about = finding.difference.about.word();
            let peer = arguments.peer.get(finding.peer).map_or("", String::as_str);
            watcher.say(&format!("another {about} by `{peer}` in run {run}, step {step}"));
        }
    };
    let reporter = FindingReporter {
        plan,
        pool: &pool,
        peers: &arguments.peer,
        reproduce: &|run| reproduce(arguments, plan, run),
        watch: &|case| {
            let words = |case: &Case| {
                format!("shrinking: {} steps, size {}", case.steps.len(), case.size())
            };
            watcher.note(&case.map_or_else(String::new, words));
        },
    };
    let (outcome, findings) = reporter.campaign(&watcher.progress, say);
    Ok((outcome, findings, watcher.end()))
}

/// The command that comes to the findings of this run, or to the peer's failure in it.
fn reproduce(arguments: &Arguments, plan: &CampaignPlan, run: u64) -> String {
    let quoted = |word: &str| shlex::try_quote(word).map_or_else(|_| word.to_owned(), Into::into);
    let name = quoted(arguments.protocol.as_deref().unwrap_or(&plan.protocol.name));
    let fault = plan.fault.map_or(String::new(), |fault| format!(" --fault {}", fault.name));
    let peers = arguments.peer.iter().map(|peer| format!(" --peer {}", quoted(peer)));
    let declared = arguments.declared.iter();
    let declared =
        declared.map(|file| format!(" --declared {}", quoted(&file.display().to_string())));
    let peers = peers.chain(declared);
    let auditor = if plan.audited { "" } else { " --no-auditor" };
    let keep = if plan.keep_going { " --keep-going" } else { "" };
    format!(
        "quorate fuzz --protocol {name}{fault}{} --seed {} --steps {} --runs {}{keep}{auditor}{}",
        peers.collect::<String>(),
        plan.seed,
        plan.steps,
        run + 1,
        arguments.limits.flags()
    )
}

/// Writes the scenario of every finding into the folder.
fn save(arguments: &Arguments, plan: &CampaignPlan, findings: &mut [Finding]) -> Result<(), Fatal> {
    let Some(folder) = &arguments.save else { return Ok(()) };
    let unwritable = |error| Fatal(format!("{}: cannot write: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(unwritable)?;
    let declared = arguments.declared.as_ref().map(|path| path.display().to_string());
    let fault = plan.fault.map(|fault| fault.name);
    for finding in findings {
        let Some(scenario) = &finding.scenario else { continue };
        let path = folder.join(&finding.file);
        file::save(&path, &scenario.text()).map_err(unwritable)?;
        finding.saved_as(path.display().to_string(), fault, declared.as_deref());
    }
    Ok(())
}

fn plan(arguments: &Arguments) -> Result<CampaignPlan, Fatal> {
    let fault = arguments.fault.as_deref().map(super::faults::named).transpose()?;
    let first = fault.and_then(|fault| fault.protocols.first().copied());
    let name = arguments.protocol.as_deref().or(first).unwrap_or("symbol-mainnet");
    let protocol = arguments.limits.on(super::protocol::load(name)?)?;
    if let Some(fault) = fault.filter(|fault| !fault.concerns(protocol.base)) {
        let (name, fits) = (fault.name, fault.protocols.join("`, `"));
        return Err(Fatal(format!(
            "fault `{name}` makes no difference to `{}`; expected `{fits}`",
            protocol.name
        )));
    }
    Ok(CampaignPlan {
        fault,
        seed: arguments.seed,
        first_run: arguments.first_run.unwrap_or(0),
        runs: arguments.runs.unwrap_or(RUNS),
        steps: arguments.steps,
        audited: !arguments.no_auditor,
        keep_going: arguments.keep_going,
        jobs: jobs(arguments.jobs),
        ..CampaignPlan::new(protocol)
    })
}
