//! A finding as it is handed over: drawn again, shrunk, written as a scenario.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use super::outcome::{Found, NewFailure, Outcome};
use super::run::STEPS_PROMPT_MAX;
use super::{AUDITOR, CampaignPlan, PeerFinding, PeerPool, Progress, campaign_with, record};
use crate::conformance::Difference;
use crate::generate::names;
use crate::invariant;
use crate::protocol::Protocol;
use crate::reason::Explanation;
use crate::replay::{last_judged, last_reason};
use crate::scenario::Document;
use crate::shrink::{Case, Story, disagreement, shrink, shrink_difference, story};
use crate::trial::{Failure, FailureKind};

/// A kind of failure, shrunk to the fewest steps that show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Finding {
    /// The run it was met in first, from 0.
    pub run: u64,
    /// The step in it, from 1.
    #[cfg_attr(feature = "schemas", schemars(range(min = 1)))]
    pub step: u64,
    /// How many runs met the same.
    #[cfg_attr(feature = "schemas", schemars(range(min = 1)))]
    pub runs_that_met_it: u64,
    /// Its kind in a few words.
    pub label: String,
    /// What is wrong, in a sentence.
    pub what: String,
    /// With what was expected and the command that finds it again.
    pub description: String,
    /// Steps of the shrunk scenario; without one, steps of the run up to the failing one.
    pub steps: u64,
    /// The shrunk scenario; absent where the time was up before a long sequence was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<Document>,
    /// The scenario's file, or the name it would have.
    pub file: String,
    /// The line in that file on which the failing step begins.
    pub line: u64,
    /// Why the rules refuse the failing step, or why it waits; absent where they execute it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Box<Explanation>>,
    /// Who objects.
    #[serde(flatten)]
    pub cause: Cause,
    /// What shows it again.
    #[cfg_attr(feature = "schemas", schemars(length(min = 1)))]
    pub commands: Vec<String>,
    /// The file it was saved in; absent without `--save`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<String>,
}

/// Who objects, and to what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The name of the invariant that is broken.
    Invariant(String),
    /// Two answers that differ.
    Disagreement(Disagreement),
}

/// Two answers that differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Disagreement {
    /// The results of the ledger and of the auditor.
    Results {
        /// The ledger's result.
        ledger: String,
        /// The result by the rules.
        rules: String,
    },
    /// The results agree and a part of the state does not.
    State {
        /// The part of the state that differs.
        state: String,
    },
    /// A peer answers otherwise.
    Peer {
        /// The peer's command.
        peer: String,
        /// What differs: `result` or `state`.
        about: String,
        /// Our answer.
        ours: String,
        /// The peer's answer.
        theirs: String,
    },
}

impl Cause {
    fn of(kind: FailureKind, protocol: &Protocol) -> Self {
        match kind {
            FailureKind::Invariant(name) => Self::Invariant(name.to_owned()),
            FailureKind::Verdicts { ledger, auditor } => {
                Self::Disagreement(Disagreement::Results {
                    ledger: protocol.result_name(ledger).to_owned(),
                    rules: protocol.result_name(auditor).to_owned(),
                })
            }
            FailureKind::State(part) => {
                Self::Disagreement(Disagreement::State { state: part.to_owned() })
            }
        }
    }

    fn of_peer(peer: &str, difference: &Difference) -> Self {
        Self::Disagreement(Disagreement::Peer {
            peer: peer.to_owned(),
            about: difference.about.word().to_owned(),
            ours: difference.expected.clone(),
            theirs: difference.found.clone(),
        })
    }

    /// The peer's command, if it is one that objects.
    #[must_use]
    pub fn peer(&self) -> Option<&str> {
        match self {
            Self::Disagreement(Disagreement::Peer { peer, .. }) => Some(peer),
            _ => None,
        }
    }

    /// The check that objects, and what it expects.
    #[must_use]
    pub fn expectation(&self) -> (&str, String) {
        match self {
            Self::Invariant(name) => {
                let known = invariant::ALL.iter().find(|one| one.name == name);
                let holds = || format!("`{name}` holds");
                (name, known.map_or_else(holds, |one| one.statement.to_owned()))
            }
            Self::Disagreement(Disagreement::Results { rules, .. }) => {
                (AUDITOR, format!("`{rules}`"))
            }
            Self::Disagreement(Disagreement::State { state }) => {
                (AUDITOR, format!("the {state} that the rules lead to"))
            }
            Self::Disagreement(Disagreement::Peer { about, ours, .. }) => {
                (about, format!("`{ours}`"))
            }
        }
    }
}

impl Finding {
    /// The scenario as a file; empty where there is none.
    #[must_use]
    pub fn text(&self) -> String {
        self.scenario.as_ref().map_or_else(String::new, Document::text)
    }

    /// Notes the file it was saved in, and the commands that show it there; `declared` is the file of known
    /// differences.
    pub fn saved_as(&mut self, path: String, fault: Option<&str>, declared: Option<&str>) {
        let quoted = quoted(&path);
        self.commands.push(format!("quorate replay {quoted}"));
        if let Some(peer) = self.cause.peer() {
            let known = declared.map(|file| format!("--declared {} ", self::quoted(file)));
            let (peer, known) = (self::quoted(peer), known.unwrap_or_default());
            self.commands.push(format!("quorate conform --peer {peer} {known}{quoted}"));
        } else if let Some(name) = fault {
            self.commands
                .push(format!("quorate conform --peer 'quorate apply --fault {name}' {quoted}"));
        }
        self.file.clone_from(&path);
        self.saved = Some(path);
    }
}

/// A word as a shell reads it back.
fn quoted(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| word.to_owned(), Into::into)
}

/// Makes findings of what a campaign met: draws each run again, shrinks it and writes its scenario.
pub struct FindingReporter<'r> {
    /// The campaign.
    pub plan: &'r CampaignPlan,
    /// The peers.
    pub pool: &'r PeerPool,
    /// Their commands as the user named them.
    pub peers: &'r [String],
    /// The command that comes to the findings of a run.
    pub reproduce: &'r dyn Fn(u64) -> String,
    /// Sees every smaller case while a failure is shrunk, and none when that is done.
    pub watch: &'r dyn Fn(Option<&Case>),
}

impl FindingReporter<'_> {
    /// Runs the campaign. Every failure of a new kind is shown to `tell` and shrunk when its round ends, so
    /// that a time that is up cuts the search short, not the findings. Invariants and the auditor come before
    /// peers.
    pub fn campaign(
        &self,
        progress: &Progress,
        mut tell: impl FnMut(Found<'_>),
    ) -> (Outcome, Vec<Finding>) {
        let (mut checks, mut peers) = (Vec::new(), Vec::new());
        let played_to = (!self.peers.is_empty()).then_some(self.pool);
        let outcome = campaign_with(self.plan, progress, played_to, |found| {
            tell(found);
            match found {
                Found::Check(met) => checks.push(self.check(met, &progress.stop)),
                Found::Peer(met) => peers.push(self.peer(met, &progress.stop)),
            }
            (self.watch)(None);
        });
        // How many runs met a kind is known at the end.
        let counts = outcome.findings.iter().map(|met| met.count);
        let counts = counts.chain(outcome.peer_findings.iter().map(|met| met.count));
        let found = checks.into_iter().chain(peers).zip(counts);
        let findings =
            found.filter_map(|(one, count)| Some(Finding { runs_that_met_it: count, ..one? }));
        let findings = findings.collect();
        // What was not shrunk to its end is another answer than without a clock.
        let complete = outcome.complete && !progress.stop.load(Ordering::Relaxed);
        (Outcome { complete, ..outcome }, findings)
    }

    /// What an invariant or the auditor objects to.
    fn check(&self, met: &NewFailure, stop: &AtomicBool) -> Option<Finding> {
        let case = self.case(met.run, met.step, Some(met.failure.kind), stop)?;
        let case = in_time(shrink(case, stop, |smaller| (self.watch)(Some(smaller))), stop);
        // What was not drawn again is reported as it was met.
        let same = case.failure().filter(|(_, failure)| failure.kind == met.failure.kind);
        let failure = same.map_or_else(|| met.failure.clone(), |(_, failure)| failure);
        let reproduce = (self.reproduce)(met.run);
        let story = story(&case, &failure, &reproduce);
        let protocol = &self.plan.protocol;
        let accounts = names(protocol, case.genesis.accounts, 0).accounts;
        let Failure { kind, .. } = failure;
        Some(Finding {
            run: met.run,
            label: kind.label(protocol),
            what: failure.sentence(&accounts),
            cause: Cause::of(kind, protocol),
            ..handed_over(&case, met.step as u64 + 1, story, reproduce)?
        })
    }

    /// What a peer answers otherwise.
    fn peer(&self, met: &PeerFinding, stop: &AtomicBool) -> Option<Finding> {
        let difference = &met.difference;
        let command = self.peers.get(met.peer)?;
        let last = usize::try_from(difference.step.saturating_sub(1)).ok()?;
        let case = Case { fault: None, ..self.case(met.run, last, None, stop)? };
        let compare = |case: &Case| self.pool.compare(met.peer, &case.header(), &case.steps).ok();
        let live = |smaller: &Case| (self.watch)(Some(smaller));
        let (case, smallest) = shrink_difference(case, difference, stop, compare, live);
        let case = in_time(case, stop);
        let reproduce = (self.reproduce)(met.run);
        let story = disagreement(&case, &smallest, command, &reproduce);
        let (about, ours, theirs) = (difference.about.word(), &smallest.expected, &smallest.found);
        Some(Finding {
            run: met.run,
            label: format!("another {about} by `{command}`"),
            what: format!("the peer `{command}` says {theirs}, the rules say {ours}"),
            cause: Cause::of_peer(command, &smallest),
            ..handed_over(&case, difference.step, story, reproduce)?
        })
    }

    /// The run up to its failing step, from 0, drawn again; without steps if `stop` was set before that.
    fn case(
        &self,
        run: u64,
        last: usize,
        kind: Option<FailureKind>,
        stop: &AtomicBool,
    ) -> Option<Case> {
        let recorded = record(self.plan, run, last, stop)?;
        let is_whole = recorded.steps.len() > last;
        Some(Case {
            protocol: recorded.world.protocol,
            wide: self.plan.protocol.clone(),
            fault: self.plan.fault,
            invariants: self.plan.invariants,
            audited: self.plan.audited,
            genesis: recorded.world.genesis,
            steps: if is_whole { recorded.steps } else { Vec::new() },
            kind,
            names: None,
        })
    }
}

/// The case; without its steps if they are too many to be written in no time and none is left.
fn in_time(case: Case, stop: &AtomicBool) -> Case {
    match case.steps.len() > STEPS_PROMPT_MAX && stop.load(Ordering::Relaxed) {
        true => Case { steps: Vec::new(), ..case },
        false => case,
    }
}

/// A case with its scenario, if it has steps; `step` is the failing one in its run, from 1. Who objects is
/// still missing.
fn handed_over(case: &Case, step: u64, story: Story, reproduce: String) -> Option<Finding> {
    let is_written = !case.steps.is_empty();
    let scenario = is_written.then(|| Document::new(&story.text)).transpose().ok()?;
    Some(Finding {
        run: 0,
        step,
        runs_that_met_it: 1,
        label: String::new(),
        what: String::new(),
        description: story.description,
        steps: if is_written { case.steps.len() as u64 } else { step },
        line: last_judged(&story.text).map_or(1, |(_, line)| line),
        reason: last_reason(&story.text).map(Box::new),
        scenario,
        file: format!("{}.json", story.file),
        cause: Cause::Invariant(String::new()),
        commands: vec![reproduce],
        saved: None,
    })
}
