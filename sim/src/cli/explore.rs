//! `quorate explore`: every reachable state up to a bound.

mod words;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::answer::{Format, give};
use super::input::{self, LARGE_BYTES_MAX};
use super::limits::Limits;
use super::output::{ended, remark};
use super::{Exit, Fatal};
use crate::explore::{self, Explorer, Part, Question, RandomRuns, Residual, Share, Stop, Sweep};
use crate::hazard::Hazard;
use crate::report::file::{self, Draft};
use crate::report::render::sweep_chart;

/// Visit every multisig graph that so many accounts can reach, up to renaming, and check every
/// invariant in each.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quorate explore --accounts 5 --max-cosignatories 3 --max-cosigned 3 --max-depth 2
  quorate explore --accounts 4 --protocol nis1 --find takeover --names ann,bob,cleo,dan --save .
  quorate explore --accounts 4 --max-cosignatures 2 --find locked-alive --find over-cap
  quorate explore --accounts 4 --find takeover --sweep max-cosignatories=1-3 --sweep max-depth=1-3
  quorate explore --accounts 4 --find takeover --sweep max-cosignatories=1-3 --plot limits.svg
  quorate explore --accounts 5 --theorem
  quorate explore --accounts 5 --max-cosignatories 3 --max-depth 2 --compare-fuzz 1000
  parallel quorate explore --accounts 6 --shard {}/4 --format json '>' part-{}.json ::: 1 2 3 4
  quorate explore --merge part-*.json

Hazards:
  locked-alive  all keys exist, and an account can never be spent from again
  over-cap      an account needs more signatures than one transaction may carry
  takeover      fewer keys can spend in the end than can spend now
  takeover:K    the same, and K keys or fewer are enough in the end
  lockout:K     the loss of some K keys locks an account for ever
  dead-level    the vote of a cosignatory never counts")]
pub struct Arguments {
    /// A preset, a protocol file (.json) or a server's config-network.properties
    #[arg(long, value_name = "PROTOCOL", default_value = "symbol-mainnet")]
    protocol: String,
    /// Number of accounts, 1 to 10
    #[arg(long, value_name = "NUMBER", default_value_t = 4)]
    accounts: usize,
    #[command(flatten)]
    limits: Limits,
    /// Hazards to look for; the search ends once each has its shortest witness
    #[arg(long, value_name = "HAZARD")]
    find: Vec<Hazard>,
    /// Hazards that may not be reachable: exit code 1 if one is
    #[arg(long, value_name = "HAZARD")]
    deny: Vec<Hazard>,
    /// Continue to the last state even if every hazard is found
    #[arg(long)]
    to_the_end: bool,
    /// Number of threads; the answer does not depend on it
    #[arg(long, value_name = "NUMBER", default_value_t = 1,
          value_parser = super::count::parse::<usize>)]
    jobs: usize,
    /// Most memory for states, such as 512M or 4G
    #[arg(long, value_name = "BYTES", default_value = "4G", value_parser = words::bytes)]
    memory: usize,
    /// Most modifications from the start
    #[arg(long, value_name = "NUMBER")]
    max_modifications: Option<u32>,
    /// The accounts' names, separated by commas; else a, b, c ...
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    names: Vec<String>,
    /// Write the scenario of everything found into this folder
    #[arg(long, value_name = "FOLDER")]
    save: Option<PathBuf>,
    /// Write the search here after every level, and continue from it if it is there
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Count and check only part K of M of the states
    #[arg(long, value_name = "K/M", value_parser = words::share, default_value = "1/1")]
    shard: Share,
    /// Put the answers of all parts together (JSON files)
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["sweep", "theorem"])]
    merge: Vec<PathBuf>,
    /// Explore every combination of these limits: max-cosignatories=1-3, max-depth=1,2
    #[arg(long, value_name = "LIMIT=VALUES", value_parser = words::axis)]
    sweep: Vec<words::Axis>,
    /// Draw the sweep's states and findings into this file (SVG)
    #[arg(long, value_name = "FILE", requires = "sweep")]
    plot: Option<PathBuf>,
    /// Hold the closed form of eventual control against a search, in every state
    #[arg(long, conflicts_with = "sweep")]
    theorem: bool,
    /// Run so many random sequences under the same limits and report the share of the states they meet
    #[arg(long, value_name = "RUNS", conflicts_with_all = ["sweep", "theorem", "merge", "shard"],
          value_parser = super::count::parse::<u64>)]
    compare_fuzz: Option<u64>,
    /// Random seed of these runs
    #[arg(long, value_name = "NUMBER", default_value_t = 1, requires = "compare_fuzz")]
    seed: u64,
    /// Transactions of one random run
    #[arg(long, value_name = "NUMBER", default_value_t = 500, requires = "compare_fuzz",
          value_parser = super::count::parse::<u32>)]
    steps: u32,
    /// Output format
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Say how long it took
    #[arg(long)]
    timings: bool,
    #[command(flatten)]
    page: super::report::Page,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    if !arguments.merge.is_empty() {
        let whole = merged(&arguments.merge)?;
        let searched = |name: &str| whole.hazards.iter().any(|found| found.name == name);
        if let Some(name) = denied(arguments).iter().find(|name| !searched(name)) {
            let what = "not looked for in these parts; expected `--find` with it in each";
            return Err(Fatal(format!("`--deny {name}`: {what}")));
        }
        return answer(arguments, &Part { denied: denied(arguments), ..whole });
    }
    let mut protocol = super::protocol::load(&arguments.protocol)?;
    protocol = arguments.limits.on(protocol)?;
    let mut find = arguments.find.clone();
    find.extend(arguments.deny.iter().filter(|denied| !arguments.find.contains(denied)));
    let question = Question {
        find: &find,
        to_the_end: arguments.to_the_end,
        jobs: arguments.jobs,
        bytes_max: arguments.memory,
        depth_max: arguments.max_modifications,
        share: arguments.shard,
        ..Question::new(&protocol, arguments.accounts)
    };
    if arguments.theorem {
        return theorem(arguments, &question);
    }
    if !arguments.sweep.is_empty() {
        return sweep(arguments, &question);
    }
    if let Some(runs) = arguments.compare_fuzz {
        return compare_fuzz(arguments, &question, runs);
    }
    let labels = labels(arguments)?;
    let start = Instant::now();
    let report = searched(arguments, question.clone())?;
    let seconds = arguments.timings.then(|| start.elapsed().as_secs_f64());
    let part = Part::new(&question, &report, &labels).map_err(fatal)?;
    answer(arguments, &Part { seconds, denied: denied(arguments), ..part })
}

fn fatal(error: impl std::fmt::Display) -> Fatal {
    Fatal(error.to_string())
}

/// The user's names, or letters.
fn labels(arguments: &Arguments) -> Result<Vec<String>, Fatal> {
    let count = arguments.accounts;
    match arguments.names.len() {
        0 => Ok(('a'..='z').take(count).map(String::from).collect()),
        given if given == count => {
            let twice = |(at, name): &(usize, &String)| {
                arguments.names.iter().take(*at).any(|other| other == *name)
            };
            match arguments.names.iter().enumerate().find(twice) {
                Some((_, name)) => Err(Fatal(format!(
                    "`--names`: `{name}` is there twice; expected each name once"
                ))),
                None => Ok(arguments.names.clone()),
            }
        }
        given => Err(Fatal(format!("{given} names for {count} accounts; expected one for each"))),
    }
}

/// Searches level by level; the search is written down after each.
fn searched(arguments: &Arguments, question: Question<'_>) -> Result<explore::Report, Fatal> {
    let path = arguments.checkpoint.as_deref();
    let mut explorer = match path.filter(|path| path.exists()) {
        Some(path) => {
            let explorer = Explorer::resume(question, path).map_err(fatal)?;
            remark(&format!("{}: continues after level {}", path.display(), explorer.depth()));
            explorer
        }
        None => Explorer::new(question).map_err(fatal)?,
    };
    // From here on it can stop by itself; a pipe that says nothing was waited for before.
    let stop = super::interrupt::watch();
    let terminal = std::io::stderr().is_terminal();
    loop {
        let more = explorer.level(&stop);
        if terminal {
            let (depth, states) = (explorer.depth(), explorer.counts().states_canonical);
            remark(&format!("{depth} modifications: {states} states up to renaming"));
        }
        if let Some(path) = path {
            checkpoint(&explorer, path).map_err(|error| unwritable(path, &error))?;
        }
        match more {
            Ok(true) => {}
            Ok(false) => return Ok(explorer.report(None)),
            Err(stop) => return Ok(explorer.report(Some(stop))),
        }
    }
}

/// Writes the search down.
fn checkpoint(explorer: &Explorer<'_>, path: &Path) -> std::io::Result<()> {
    let mut output = std::io::BufWriter::new(Draft::create(path)?);
    explorer.save(&mut output)?;
    output.into_inner().map_err(std::io::IntoInnerError::into_error)?.commit()
}

fn unwritable(path: &Path, error: &std::io::Error) -> Fatal {
    Fatal(format!("{}: cannot write: {error}", path.display()))
}

/// Prints the answer and says how it ended.
fn answer(arguments: &Arguments, part: &Part) -> Result<Exit, Fatal> {
    if let Some(folder) = &arguments.save {
        save(folder, part)?;
    }
    let reader = give(part, arguments.format, &arguments.page)?;
    let exit = match part.stop {
        _ if !part.broken.is_empty() => Exit::Broken,
        _ if part.not_excluded().any(|found| found.reachable == Some(true)) => Exit::Broken,
        Some(Stop::Asked) => Exit::Stopped,
        _ if part.not_excluded().next().is_some() => Exit::Broken,
        _ => Exit::Good,
    };
    Ok(ended(exit, reader))
}

/// The names of the hazards that may not be reachable.
fn denied(arguments: &Arguments) -> Vec<String> {
    arguments.deny.iter().map(ToString::to_string).collect()
}

/// Writes the scenario of everything found.
fn save(folder: &Path, part: &Part) -> Result<(), Fatal> {
    std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
    for found in part.broken.iter().chain(&part.hazards) {
        let Some(scenario) = &found.scenario else { continue };
        let path = folder.join(format!("explore-{}.json", found.name.replace(':', "-")));
        file::save(&path, &scenario.text()).map_err(|error| unwritable(&path, &error))?;
    }
    Ok(())
}

fn merged(paths: &[PathBuf]) -> Result<Part, Fatal> {
    let part = |path: &PathBuf| {
        let text = input::text(path, LARGE_BYTES_MAX)?;
        let name = path.display().to_string();
        input::json(&name, &text, "an answer of `explore --format json`")
    };
    let parts = paths.iter().map(part).collect::<Result<Vec<Part>, Fatal>>()?;
    explore::merge(parts).map_err(fatal)
}

fn theorem(arguments: &Arguments, question: &Question<'_>) -> Result<Exit, Fatal> {
    let agreement = explore::control_theorem(question).map_err(fatal)?;
    let reader = give(&agreement, arguments.format, &arguments.page)?;
    Ok(ended(if agreement.agrees { Exit::Good } else { Exit::Broken }, reader))
}

/// Explores, runs random sequences, and says which share of the states they met.
fn compare_fuzz(arguments: &Arguments, question: &Question<'_>, runs: u64) -> Result<Exit, Fatal> {
    let random = RandomRuns { seed: arguments.seed, runs, steps: arguments.steps };
    let stop = super::interrupt::watch();
    let residual = explore::residual(question, random, &stop).map_err(fatal)?;
    let reader = give(&residual, arguments.format, &arguments.page)?;
    Ok(ended(compared(&residual), reader))
}

/// How a comparison of random sequences with an exploration ends.
fn compared(residual: &Residual) -> Exit {
    match residual.stop {
        _ if residual.unexplored > 0 => Exit::Broken,
        Some(Stop::Asked) => Exit::Stopped,
        _ => Exit::Good,
    }
}

fn sweep(arguments: &Arguments, question: &Question<'_>) -> Result<Exit, Fatal> {
    let mut axes = Sweep::default();
    for axis in &arguments.sweep {
        let flag = format!(" --{} ", axis.limit());
        if arguments.limits.flags().contains(&flag) {
            let what = "has no effect beside `--sweep` of the same limit";
            return Err(Fatal(format!("`{}` {what}", flag.trim())));
        }
        axis.set(&mut axes);
    }
    let report = explore::sweep(question, &axes).map_err(fatal)?;
    let report = explore::SweepReport { denied: denied(arguments), ..report };
    if let Some(path) = &arguments.plot {
        let svg = sweep_chart(&report).svg().map_err(fatal)?;
        file::save(path, &svg).map_err(|error| unwritable(path, &error))?;
    }
    let reader = give(&report, arguments.format, &arguments.page)?;
    let good = !report.is_broken() && report.not_excluded().next().is_none();
    Ok(ended(if good { Exit::Good } else { Exit::Broken }, reader))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_the_exploration_missed_is_exit_code_1_whatever_ended_the_runs() {
        let protocol = crate::protocol::Protocol::preset("nis1").unwrap();
        let random = RandomRuns { seed: 1, runs: 1, steps: 20 };
        let never = std::sync::atomic::AtomicBool::new(false);
        let found = explore::residual(&Question::new(&protocol, 3), random, &never).unwrap();
        assert_eq!(compared(&found), Exit::Good);
        for (stop, exit) in [
            (None, Exit::Good),
            (Some(Stop::Memory), Exit::Good),
            (Some(Stop::Asked), Exit::Stopped),
        ] {
            let seen = Residual { stop, ..found.clone() };
            assert_eq!(compared(&seen), exit, "{stop:?}");
            assert_eq!(compared(&Residual { unexplored: 1, ..seen }), Exit::Broken, "{stop:?}");
        }
    }
}
