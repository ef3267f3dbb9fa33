//! `quorate fuzz`: random sequences under every check.

mod document;
mod findings;
mod regressions;
mod text;
mod told;
mod watcher;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::limits::Limits;
use super::output::print;
use super::replay::Format;
use super::{Exit, Fatal};
use crate::campaign::{Crew, Found, Plan, Progress, Report, campaign_with};
use crate::report::render;

use regressions::Regressions;
use told::{Teller, Told};
use watcher::Watcher;

/// Hunt for broken promises by random sequences: every step through the ledger, every invariant and
/// the auditor.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quorate fuzz
  quorate fuzz --protocol nis1 --seed 7 --runs 10000
  quorate fuzz --fault no-opt-in --save found
  quorate fuzz --peer ./my-node-adapter --save scenarios/regressions
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
    /// Play every step to this program, too, which speaks like `quorate apply`; may be given several
    /// times. `quorate` is this very program
    #[arg(long, value_name = "COMMAND")]
    peer: Vec<String>,
    /// How long to wait for a peer's answer, with a unit: 500ms, 5s, 2m
    #[arg(long, value_name = "TIME", default_value = "5s", requires = "peer",
          value_parser = super::duration::parse)]
    deadline: Duration,
    /// Write a scenario for every finding into this folder; what lies in `scenarios/regressions` is
    /// replayed before anything new is tried
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
    reports: super::report::Files,
    #[command(flatten)]
    limits: Limits,
}

/// As many threads as asked for, or as there are cores.
pub(super) fn jobs(asked: Option<usize>) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    asked.unwrap_or(cores).max(1)
}

/// Everything a format needs to say.
struct Hunt<'h> {
    arguments: &'h Arguments,
    plan: &'h Plan,
    regressions: &'h Regressions,
    report: &'h Report,
    told: &'h [Told],
}

impl Hunt<'_> {
    /// Whether anything is not as it should be.
    fn found(&self) -> bool {
        !self.regressions.hold() || !self.told.is_empty()
    }

    /// The command that comes to the last finding again; none if there is none.
    fn repeat(&self) -> Option<String> {
        self.told.last().map(|told| told.repeat.clone()).or_else(|| self.regressions.repeat())
    }
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    let plan = plan(arguments)?;
    let regressions = match plan.fault {
        None => Regressions::replay()?,
        Some(_) => Regressions::default(),
    };
    let (progress, interrupted) = (Arc::new(Progress::default()), Arc::new(AtomicBool::new(false)));
    let (report, told) = if regressions.hold() {
        stop_on_ctrl_c(&progress, &interrupted);
        hunt(arguments, &plan, &progress, &interrupted)?
    } else {
        (Report::default(), Vec::new())
    };
    let (regressions, report, told) = (&regressions, &report, told.as_slice());
    let hunt = Hunt { arguments, plan: &plan, regressions, report, told };
    arguments.reports.save(|| findings::report(&hunt))?;
    arguments.reports.page(|| render::fuzz(&document::document(&hunt)))?;
    let text = match arguments.format {
        Format::Json => format!("{}\n", document::document(&hunt)),
        Format::Text => text::page(&hunt),
    };
    print(&text)?;
    Ok(match (interrupted.load(Ordering::Relaxed), &report.peer_failure, hunt.found()) {
        (true, ..) => Exit::Stopped,
        (false, Some(_), _) => Exit::PeerFailed,
        (false, None, true) => Exit::Broken,
        (false, None, false) => Exit::Good,
    })
}

/// The campaign, then each finding shrunk, told and saved.
fn hunt(
    arguments: &Arguments,
    plan: &Plan,
    progress: &Arc<Progress>,
    interrupted: &Arc<AtomicBool>,
) -> Result<(Report, Vec<Told>), Fatal> {
    let commands = arguments.peer.iter().map(|peer| super::conform::command_line(peer)).collect();
    let crew = Crew::new(commands, arguments.deadline, Arc::clone(interrupted));
    crew.start().map_err(|error| Fatal(format!("--peer: {error}")))?;
    let watcher = Watcher::start(progress, plan, arguments.time);
    let played_to = (!arguments.peer.is_empty()).then_some(&crew);
    let report = campaign_with(plan, progress, played_to, |found| match found {
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
    });
    let teller = Teller { arguments, plan, crew: &crew, interrupted, watcher: &watcher };
    let checks = report.findings.iter().filter_map(|finding| teller.tell(finding));
    let peers = report.peer_findings.iter().filter_map(|finding| teller.tell_peer(finding));
    let mut told: Vec<Told> = checks.chain(peers).collect();
    watcher.end();
    told::save(arguments, &mut told)?;
    Ok((report, told))
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

fn stop_on_ctrl_c(progress: &Arc<Progress>, interrupted: &Arc<AtomicBool>) {
    let (progress, interrupted) = (Arc::clone(progress), Arc::clone(interrupted));
    // Without a handler Ctrl-C still ends the program, only less politely.
    let _ = ctrlc::set_handler(move || {
        interrupted.store(true, Ordering::Relaxed);
        progress.stop.store(true, Ordering::Relaxed);
    });
}
