//! Which shipped scenarios are about a configuration, and what comes of them.
//!
//! A scenario names a protocol of its own. It is about another configuration, too, if the base and the
//! switches are the same, and either the limits are, or no limit matters: neither under its own protocol
//! nor here is any step refused for a limit, and no time passes that differs.
//! Then every expectation must hold here as well.

use std::io::Cursor;

use flate2::bufread::MultiGzDecoder;

use super::stories::{STORIES, Story};
use crate::protocol::{Limits, Protocol};
use crate::replay::{Options, Outcome, replay_to_end};
use crate::scenario::record::{StepRecord, TransactionType};
use crate::scenario::{Header, Layout, ScenarioError, Steps, open_reader, source};
use crate::verdict::{Reason, Verdict};

/// What came of a story.
#[derive(Clone, Debug)]
pub enum Fit {
    /// It was replayed under the configuration; its failures are in the outcome.
    Replayed(Outcome),
    /// It does not fit, and why.
    Not(&'static str),
    /// It cannot be read.
    Unreadable(ScenarioError),
}

/// A story and what came of it.
#[derive(Clone, Debug)]
pub struct StoryResult {
    /// Its path below `scenarios`.
    pub path: &'static str,
    /// Its name.
    pub name: String,
    /// What came of it.
    pub fit: Fit,
}

impl StoryResult {
    /// Whether it fits and all is as expected.
    #[must_use]
    pub fn passed(&self) -> bool {
        matches!(&self.fit, Fit::Replayed(outcome) if outcome.failures.is_empty())
    }

    /// Whether it should have come out otherwise.
    #[cfg(test)]
    pub fn failed(&self) -> bool {
        !self.passed() && !matches!(self.fit, Fit::Not(_))
    }
}

/// Tries every shipped story until `stop` says so.
pub(super) fn tried(protocol: &Protocol, stop: impl Fn() -> bool) -> Vec<StoryResult> {
    STORIES.iter().take_while(|_| !stop()).map(|story| one(story, protocol)).collect()
}

fn one(story: &Story, protocol: &Protocol) -> StoryResult {
    let (name, fit) = match fitted(story, protocol) {
        Ok((name, fit)) => (name, fit),
        Err(error) => (String::new(), Fit::Unreadable(error)),
    };
    StoryResult { path: story.path, name, fit }
}

fn opened(story: &Story) -> Result<(Header, Steps), ScenarioError> {
    let bytes = Cursor::new(story.bytes);
    match story.path.strip_suffix(".gz") {
        Some(_) => open_reader(story.path, source(MultiGzDecoder::new(bytes)), Layout::Lines),
        None if story.path.ends_with(".jsonl") => {
            open_reader(story.path, source(bytes), Layout::Lines)
        }
        None => open_reader(story.path, source(bytes), Layout::Json),
    }
}

/// What a story met on its way.
#[derive(Clone, Copy, Debug, Default)]
struct Met {
    limit: bool,
    time: bool,
}

fn fitted(story: &Story, protocol: &Protocol) -> Result<(String, Fit), ScenarioError> {
    let (header, mut steps) = opened(story)?;
    let (name, own) = (header.name.clone(), header.protocol.clone());
    if own.base != protocol.base {
        return Ok((name, Fit::Not("another base")));
    }
    if own.switches != protocol.switches {
        return Ok((name, Fit::Not("other switches")));
    }
    let (outcome, met) = replayed(header, &mut steps, protocol)?;
    if own.limits == protocol.limits {
        return Ok((name, Fit::Replayed(outcome)));
    }
    if met.limit {
        return Ok((name, Fit::Not("it needs other limits")));
    }
    if met.time && times(&own.limits) != times(&protocol.limits) {
        return Ok((name, Fit::Not("its own times differ")));
    }
    let (header, mut steps) = opened(story)?;
    let at_home = replayed(header, &mut steps, &own)?.1;
    Ok((
        name,
        if at_home.limit { Fit::Not("it is about other limits") } else { Fit::Replayed(outcome) },
    ))
}

fn replayed(
    mut header: Header,
    steps: &mut Steps,
    protocol: &Protocol,
) -> Result<(Outcome, Met), ScenarioError> {
    header.protocol = protocol.clone();
    let mut met = Met::default();
    let options = Options { keep_going: true, ..Options::default() };
    let replay = replay_to_end(header, steps, options, |replay, record| {
        met.limit |= replay.verdict().is_some_and(is_limit);
        met.time |= passes_time(record);
    });
    let end = match replay {
        Ok(replay) => replay.end(),
        // A start that the other limits do not allow.
        Err(_) => {
            met.limit = true;
            Outcome::default()
        }
    };
    Ok((end, met))
}

fn passes_time(record: &StepRecord<'_>) -> bool {
    let lock = record.transaction.as_ref().is_some_and(|one| one.kind == TransactionType::HashLock);
    lock || record.advance.is_some() || record.announce.is_some()
}

/// What waiting depends on.
const fn times(limits: &Limits) -> [u64; 6] {
    [
        limits.transaction_lifetime_seconds,
        limits.max_rollback_blocks,
        limits.bonded_lifetime_seconds,
        limits.hash_lock_amount,
        limits.hash_lock_duration_blocks_max,
        limits.block_time_seconds,
    ]
}

/// Whether an answer speaks of a limit.
const fn is_limit(verdict: Verdict) -> bool {
    matches!(
        verdict,
        Verdict::Rejected(
            Reason::AggregateTooManyTransactions
                | Reason::AggregateTooManyCosignatures
                | Reason::MultisigMaxCosignedAccounts
                | Reason::MultisigMaxCosignatories
                | Reason::MultisigMaxMultisigDepth
                | Reason::MessageTooLarge
                | Reason::LockHashInvalidDuration
                | Reason::LockHashInvalidMosaicAmount
                | Reason::TooManyMultisigCosigners
                | Reason::TooManyTransactions
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_story_is_carried_along() {
        let paths: Vec<&str> = STORIES.iter().map(|story| story.path).collect();
        assert!(paths.is_sorted() && paths.len() > 280, "{} stories", paths.len());
        let elsewhere = ["traces", "protocols", "regressions", "schema"];
        let stray = |path: &&str| elsewhere.iter().any(|folder| path.starts_with(folder));
        assert_eq!(paths.iter().find(|path| stray(path)), None);
        let folders = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios"));
        for folder in folders.unwrap().map(|entry| entry.unwrap().path()) {
            let name = folder.file_name().unwrap().to_str().unwrap();
            let carried = paths.iter().any(|path| path.starts_with(&format!("{name}/")));
            assert_eq!(carried, folder.is_dir() && !elsewhere.contains(&name), "`{name}`");
        }
    }

    fn count(protocol: &Protocol) -> [usize; 3] {
        let all = tried(protocol, || false);
        let passed = all.iter().filter(|tried| tried.passed()).count();
        let failed: Vec<_> = all.iter().filter(|tried| tried.failed()).collect();
        assert!(failed.is_empty(), "{failed:#?}");
        [passed, failed.len(), all.len() - passed]
    }

    #[test]
    fn stories_of_a_base_fit_all_its_configurations_but_those_about_limits() {
        let mainnet = Protocol::preset("symbol-mainnet").unwrap();
        let [as_shipped, ..] = count(&mainnet);
        let mut tight = mainnet.clone();
        tight.limits.max_cosignatures_per_aggregate = 15;
        let [under_a_cap, ..] = count(&tight);
        assert!(as_shipped > 60 && under_a_cap > 50 && under_a_cap < as_shipped);
        let mut wide = mainnet.clone();
        wide.limits.max_cosignatories_per_account = 60;
        wide.limits.max_cosigned_accounts_per_account = 60;
        wide.limits.max_multisig_depth = 9;
        wide.limits.max_cosignatures_per_aggregate = 60;
        wide.limits.max_transactions_per_aggregate = 900;
        let [in_a_wide_net, ..] = count(&wide);
        assert!(in_a_wide_net > 50 && in_a_wide_net < as_shipped);
        let mut guarded = mainnet;
        guarded.switches.removal_threshold = crate::protocol::Threshold::Larger;
        let fitting: Vec<_> = tried(&guarded, || false);
        let fitting: Vec<_> =
            fitting.iter().filter(|tried| tried.passed()).map(|tried| tried.path).collect();
        assert_eq!(fitting, ["switches/removal-needs-the-larger-symbol.json"]);
    }

    #[test]
    fn a_story_that_comes_out_otherwise_is_noticed() {
        let mut faulty = Protocol::preset("nis1").unwrap();
        faulty.conduct.stored_n_is_all = false;
        assert!(tried(&faulty, || false).iter().any(StoryResult::failed));
    }
}
