//! A finding as it is handed over: drawn again, shrunk, written as a scenario.

use std::sync::atomic::AtomicBool;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::outcome::{NewFailure, Outcome};
use super::{AUDITOR, PeerFinding, PeerPool, Plan, record};
use crate::conformance::Difference;
use crate::generate::names;
use crate::invariant;
use crate::protocol::Protocol;
use crate::reason::Explanation;
use crate::replay::{last_judged, last_reason};
use crate::scenario::Document;
use crate::shrink::{Case, Story, disagreement, shrink, shrink_by, story};
use crate::trial::{Failure, Kind};

/// A kind of failure, shrunk to the fewest steps that show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The run it was met in first, from 0.
    pub run: u64,
    /// The step in it, from 1.
    #[schemars(range(min = 1))]
    pub step: u64,
    /// How many runs met the same.
    #[schemars(range(min = 1))]
    pub runs_that_met_it: u64,
    /// Its kind in a few words.
    pub label: String,
    /// What is wrong, in a sentence.
    pub what: String,
    /// With what was expected and the command that finds it again.
    pub description: String,
    /// Steps of the shrunk scenario.
    pub steps: u64,
    /// The shrunk scenario.
    pub scenario: Document,
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
    #[schemars(length(min = 1))]
    pub commands: Vec<String>,
    /// The file it was saved in; absent without `--save`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<String>,
}

/// Who objects, and to what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The name of the invariant that is broken.
    Invariant(String),
    /// Two answers that differ.
    Disagreement(Disagreement),
}

/// Two answers that differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    fn of(kind: Kind, protocol: &Protocol) -> Self {
        match kind {
            Kind::Invariant(name) => Self::Invariant(name.to_owned()),
            Kind::Verdicts { ledger, auditor } => Self::Disagreement(Disagreement::Results {
                ledger: protocol.result_name(ledger).to_owned(),
                rules: protocol.result_name(auditor).to_owned(),
            }),
            Kind::State(part) => Self::Disagreement(Disagreement::State { state: part.to_owned() }),
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
                (name, known.map_or("", |one| one.promise).to_owned())
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
    /// Notes the file it was saved in, and the commands that show it there.
    pub fn saved_as(&mut self, path: String, fault: Option<&str>) {
        let quoted = quoted(&path);
        self.commands.push(format!("quorate replay {quoted}"));
        if let Some(peer) = self.cause.peer() {
            self.commands.push(format!("quorate conform --peer {} {quoted}", self::quoted(peer)));
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
    pub plan: &'r Plan,
    /// The peers.
    pub pool: &'r PeerPool,
    /// Their commands as the user named them.
    pub peers: &'r [String],
    /// Set it to stop shrinking.
    pub interrupted: &'r AtomicBool,
    /// The command that comes to the findings of a run.
    pub reproduce: &'r dyn Fn(u64) -> String,
    /// Sees every smaller case.
    pub watch: &'r dyn Fn(&Case),
}

impl FindingReporter<'_> {
    /// What the campaign found, shrunk; invariants and the auditor before peers.
    #[must_use]
    pub fn findings(&self, outcome: &Outcome) -> Vec<Finding> {
        let checks = outcome.findings.iter().filter_map(|finding| self.check(finding));
        let peers = outcome.peer_findings.iter().filter_map(|finding| self.peer(finding));
        checks.chain(peers).collect()
    }

    /// What an invariant or the auditor objects to.
    fn check(&self, met: &NewFailure) -> Option<Finding> {
        let case = self.case(met.run, met.step, met.failure.kind)?;
        let case = shrink(case, self.interrupted, |smaller| (self.watch)(smaller));
        // With no time left a case that was not shrunk is handed over as it was met.
        let failure = case.failure_unless(self.interrupted);
        let failure = failure.map_or_else(|| met.failure.clone(), |(_, failure)| failure);
        let reproduce = (self.reproduce)(met.run);
        let story = story(&case, &failure, &reproduce);
        let protocol = &self.plan.protocol;
        let accounts = names(protocol, case.genesis.accounts, 0).accounts;
        let Failure { kind, .. } = failure;
        Some(Finding {
            run: met.run,
            step: met.step as u64 + 1,
            runs_that_met_it: met.count,
            label: kind.label(protocol),
            what: failure.sentence(&accounts),
            cause: Cause::of(kind, protocol),
            ..written(&case, story, reproduce)?
        })
    }

    /// What a peer answers otherwise.
    fn peer(&self, met: &PeerFinding) -> Option<Finding> {
        let difference = &met.difference;
        let command = self.peers.get(met.peer)?;
        let last = usize::try_from(difference.step.saturating_sub(1)).ok()?;
        let case = self.case(met.run, last, Kind::State("answer"))?;
        let case = Case { fault: None, ..case };
        let judge = |case: &Case| {
            let compared =
                self.pool.compare(met.peer, &case.protocol, &case.genesis, &case.steps).ok()?;
            let first = compared.differences.first().filter(|found| found.is_like(difference))?;
            usize::try_from(first.step.saturating_sub(1)).ok()
        };
        let case = shrink_by(case, self.interrupted, judge, |smaller| (self.watch)(smaller));
        let reproduce = (self.reproduce)(met.run);
        let story = disagreement(&case, difference, command, &reproduce);
        let (about, ours, theirs) =
            (difference.about.word(), &difference.expected, &difference.found);
        Some(Finding {
            run: met.run,
            step: difference.step,
            runs_that_met_it: met.count,
            label: format!("another {about} by `{command}`"),
            what: format!("the peer `{command}` says {theirs}, the rules say {ours}"),
            cause: Cause::of_peer(command, difference),
            ..written(&case, story, reproduce)?
        })
    }

    /// The run up to its failing step, from 0, drawn again.
    fn case(&self, run: u64, last: usize, kind: Kind) -> Option<Case> {
        let recorded = record(self.plan, run, last)?;
        Some(Case {
            protocol: recorded.world.protocol,
            wide: self.plan.protocol.clone(),
            fault: self.plan.fault,
            audited: self.plan.audited,
            genesis: recorded.world.genesis,
            steps: recorded.steps,
            kind,
        })
    }
}

/// A shrunk case with its scenario; who objects and where is still missing.
fn written(case: &Case, story: Story, reproduce: String) -> Option<Finding> {
    let scenario = Document::new(&story.text).ok()?;
    Some(Finding {
        run: 0,
        step: 0,
        runs_that_met_it: 0,
        label: String::new(),
        what: String::new(),
        description: story.description,
        steps: case.steps.len() as u64,
        line: last_judged(&story.text).map_or(1, |(_, line)| line),
        reason: last_reason(&story.text).map(Box::new),
        scenario,
        file: format!("{}.json", story.file),
        cause: Cause::Invariant(String::new()),
        commands: vec![reproduce],
        saved: None,
    })
}
