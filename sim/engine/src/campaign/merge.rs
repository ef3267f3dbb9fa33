//! Parts of one campaign, each a range of its runs, put together.

use serde::{Deserialize, Serialize};

use super::tally::Tally;
use super::{CampaignPlan, Finding, Report, ResultCount};
use crate::protocol::json::{self, Problem, ProtocolRecord};

/// Which runs of a campaign a part of it makes, and what all parts have in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Share {
    /// The first run, from 0.
    pub first_run: u64,
    /// Runs that were planned from there on.
    pub runs: u64,
    /// Steps of one run.
    pub steps: u32,
    /// Whether the auditor judges every step as well.
    pub auditor: bool,
    /// Whether runs behind the first finding count.
    pub keep_going: bool,
    /// The rules in full: a preset and what differs from it.
    pub rules: ProtocolRecord,
}

impl Share {
    /// The part that a plan describes.
    #[must_use]
    pub fn of(plan: &CampaignPlan) -> Self {
        Self {
            first_run: plan.first_run,
            runs: plan.runs,
            steps: plan.steps,
            auditor: plan.audited,
            keep_going: plan.keep_going,
            rules: json::record_of(&plan.protocol),
        }
    }
}

/// Parts that do not make a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// Nothing to put together.
    #[error("no parts; expected the answers of all parts of one campaign")]
    Empty,
    /// The answer of a whole campaign.
    #[error("an answer is no part of a campaign; expected answers of `fuzz --first-run`")]
    NoPart,
    /// Parts of different campaigns.
    #[error(
        "the part from run {0} on has another {1} than the first part; expected parts of one campaign"
    )]
    Other(u64, &'static str),
    /// A part that does not know how its runs came out.
    #[error("the part from run {0} on is incomplete; expected all of its runs")]
    Incomplete(u64),
    /// Runs that no part made.
    #[error("runs {0} to {1} are missing; expected every run once")]
    Missing(u64, u64),
    /// Runs that several parts made.
    #[error("runs {0} to {1} are there twice; expected every run once")]
    Twice(u64, u64),
    /// More runs than there should be.
    #[error("the parts make {0} runs; expected {1}")]
    More(u64, u64),
    /// Counts that no campaign comes to.
    #[error("the counts of the parts make a sum above {max}; expected counts of a campaign", max = u64::MAX)]
    Sum,
    /// Rules that cannot be read.
    #[error("the rules of the part from run {0} on cannot be read: {1}")]
    Rules(u64, Problem),
}

/// Puts the answers of all parts of one campaign together: the answer of one campaign that makes all
/// their runs. The order of the parts does not matter. `runs`: how many runs they must make, where
/// that is known.
///
/// # Errors
/// Parts of different campaigns, an incomplete part, and runs that are missing or there twice.
pub fn merge(parts: Vec<Report>, runs: Option<u64>) -> Result<Report, MergeError> {
    let mut shares = Vec::new();
    for report in parts {
        let share = report.part.clone().ok_or(MergeError::NoPart)?;
        shares.push((share, report));
    }
    shares.sort_by_key(|(share, _)| (share.first_run, share.runs));
    let Some((first, _)) = shares.first().cloned() else { return Err(MergeError::Empty) };
    same_campaign(&shares)?;
    every_run_once(&shares, runs)?;
    let rules = json::build(&first.rules);
    let protocol = rules.map_err(|error| MergeError::Rules(first.first_run, error))?;
    let mut reports = shares.into_iter().map(|(_, report)| report);
    let mut whole = reports.next().ok_or(MergeError::Empty)?;
    for part in reports {
        // What comes behind the first finding the whole campaign would not have tried.
        if first.keep_going || whole.findings.is_empty() {
            whole.join(part).ok_or(MergeError::Sum)?;
        }
    }
    let order: Vec<&str> = Tally::names(&protocol).collect();
    let place = |result: &ResultCount| order.iter().position(|name| *name == result.name);
    whole.results.sort_by_key(place);
    let never = whole.results.iter().filter(|one| one.count == 0);
    whole.never_reached = never.map(|one| one.name.clone()).collect();
    let command = whole.findings.last().and_then(|finding| finding.commands.first().cloned());
    whole.reproduce = command.or(whole.reproduce);
    whole.part = None;
    Ok(whole)
}

/// Checks that all parts are parts of one campaign.
fn same_campaign(shares: &[(Share, Report)]) -> Result<(), MergeError> {
    let Some(first) = shares.first() else { return Ok(()) };
    let other = shares.iter().find_map(|one| Some((one.0.first_run, difference(first, one)?)));
    other.map_or(Ok(()), |(run, what)| Err(MergeError::Other(run, what)))
}

/// Checks that the parts, in order, make every run once, from the first one on.
fn every_run_once(shares: &[(Share, Report)], runs: Option<u64>) -> Result<(), MergeError> {
    let mut end = 0_u64;
    for (share, report) in shares.iter().filter(|(share, _)| share.runs > 0) {
        let last = share.first_run.checked_add(share.runs).ok_or(MergeError::Sum)?;
        if share.first_run > end {
            return Err(MergeError::Missing(end, share.first_run - 1));
        }
        if share.first_run < end {
            return Err(MergeError::Twice(share.first_run, end.min(last) - 1));
        }
        if !report.complete {
            return Err(MergeError::Incomplete(share.first_run));
        }
        end = last;
    }
    match runs {
        Some(runs) if runs > end => Err(MergeError::Missing(end, runs - 1)),
        Some(runs) if runs < end => Err(MergeError::More(end, runs)),
        _ => Ok(()),
    }
}

/// What two parts do not have in common, although parts of one campaign do.
fn difference(one: &(Share, Report), other: &(Share, Report)) -> Option<&'static str> {
    let ((share, report), (other_share, other_report)) = (one, other);
    let same = [
        (report.version == other_report.version, "version of quorate"),
        (report.seed == other_report.seed, "seed"),
        (
            (&report.protocol, &share.rules) == (&other_report.protocol, &other_share.rules),
            "protocol",
        ),
        (report.fault == other_report.fault, "seeded fault"),
        (share.steps == other_share.steps, "number of steps in a run"),
        (share.auditor == other_share.auditor, "choice of `--no-auditor`"),
        (share.keep_going == other_share.keep_going, "choice of `--keep-going`"),
        (report.regressions == other_report.regressions, "set of saved findings"),
    ];
    same.into_iter().find(|(same, _)| !same).map(|(_, what)| what)
}

impl Report {
    /// Takes the part behind it in; `None` where the sum of a count is beyond its range.
    fn join(&mut self, other: Self) -> Option<()> {
        self.runs = self.runs.checked_add(other.runs)?;
        self.steps = self.steps.checked_add(other.steps)?;
        self.accepted = self.accepted.checked_add(other.accepted)?;
        self.modifications = self.modifications.checked_add(other.modifications)?;
        self.states = self.states.checked_add(other.states)?;
        for result in other.results {
            match self.results.iter_mut().find(|known| known.name == result.name) {
                Some(known) => known.join(&result)?,
                None => self.results.push(result),
            }
        }
        for finding in other.findings {
            let same = |known: &&mut Finding| known.cause == finding.cause;
            match self.findings.iter_mut().find(same) {
                Some(known) => {
                    let runs = known.runs_that_met_it.checked_add(finding.runs_that_met_it)?;
                    known.runs_that_met_it = runs;
                }
                None => self.findings.push(finding),
            }
        }
        Some(())
    }
}

impl ResultCount {
    fn join(&mut self, other: &Self) -> Option<()> {
        self.count = self.count.checked_add(other.count)?;
        for (own, other) in self.by_depth.iter_mut().zip(other.by_depth) {
            *own = own.checked_add(other)?;
        }
        Some(())
    }
}
