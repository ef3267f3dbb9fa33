//! A finding as people read it: drawn again, shrunk, told as a scenario, saved.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::{Arguments, Watcher};
use crate::account::Accounts;
use crate::campaign::{Crew, Finding, PeerFinding, Plan, record};
use crate::cli::Fatal;
use crate::conformance::Difference;
use crate::generate::names;
use crate::report::file;
use crate::shrink::{Case, Story, disagreement, shrink, shrink_by, story};
use crate::trial::{Failure, Kind};

/// Who objects, and to what.
pub enum Cause {
    /// An invariant or the auditor.
    Check(Failure),
    /// A peer: its command, and the difference.
    Peer(String, Difference),
}

/// A finding, shrunk and told.
pub struct Told {
    /// The run it was met in first.
    pub run: u64,
    /// The step in it, from 1.
    pub step: u64,
    /// How many runs met the same.
    pub count: u64,
    /// Who objects.
    pub cause: Cause,
    /// Its kind in a few words.
    pub label: String,
    /// What is wrong, in a sentence.
    pub what: String,
    /// The fewest steps that show it.
    pub case: Case,
    /// The same as a scenario.
    pub story: Story,
    /// Where that was saved.
    pub saved: Option<String>,
    /// The command that comes to it again.
    pub repeat: String,
}

/// What it takes to tell.
pub struct Teller<'t> {
    /// The command line.
    pub arguments: &'t Arguments,
    /// The campaign.
    pub plan: &'t Plan,
    /// The peers.
    pub crew: &'t Crew,
    /// Set by Ctrl-C.
    pub interrupted: &'t Arc<AtomicBool>,
    /// Who shows how far it is.
    pub watcher: &'t Watcher,
}

impl Teller<'_> {
    /// Tells what an invariant or the auditor objects to.
    pub fn tell(&self, finding: &Finding) -> Option<Told> {
        let case = self.case(finding.run, finding.step, finding.failure.kind)?;
        let case = shrink(case, self.interrupted, |smaller| self.note(smaller));
        let failure =
            case.failure().map_or_else(|| finding.failure.clone(), |(_, failure)| failure);
        let repeat = self.repeat(finding.run);
        let story = story(&case, &failure, &repeat);
        Some(Told {
            run: finding.run,
            step: finding.step as u64 + 1,
            count: finding.count,
            label: failure.kind.label(&self.plan.protocol),
            what: failure.sentence(&accounts(self.plan, &case)),
            cause: Cause::Check(failure),
            case,
            story,
            saved: None,
            repeat,
        })
    }

    /// Tells what a peer answers otherwise.
    pub fn tell_peer(&self, finding: &PeerFinding) -> Option<Told> {
        let difference = &finding.difference;
        let command = self.arguments.peer.get(finding.peer)?.clone();
        let last = usize::try_from(difference.step.saturating_sub(1)).ok()?;
        let case = self.case(finding.run, last, Kind::State("answer"))?;
        let case = Case { fault: None, ..case };
        let judge = |case: &Case| {
            let compared =
                self.crew.compare(finding.peer, &case.protocol, &case.genesis, &case.steps).ok()?;
            let first = compared.differences.first().filter(|found| found.is_like(difference))?;
            usize::try_from(first.step.saturating_sub(1)).ok()
        };
        let case = shrink_by(case, self.interrupted, judge, |smaller| self.note(smaller));
        let repeat = self.repeat(finding.run);
        let story = disagreement(&case, difference, &command, &repeat);
        let (about, ours, theirs) =
            (difference.about.word(), &difference.expected, &difference.found);
        Some(Told {
            run: finding.run,
            step: difference.step,
            count: finding.count,
            label: format!("another {about} by `{command}`"),
            what: format!("the peer `{command}` says {theirs}, the rules say {ours}"),
            cause: Cause::Peer(command, difference.clone()),
            case,
            story,
            saved: None,
            repeat,
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

    fn note(&self, smaller: &Case) {
        let (steps, size) = (smaller.steps.len(), smaller.size());
        self.watcher.note(&format!("shrinking: {steps} steps, size {size}"));
    }

    /// The command that comes to the same finding.
    fn repeat(&self, run: u64) -> String {
        let (arguments, plan) = (self.arguments, self.plan);
        let name = arguments.protocol.as_deref().unwrap_or(&plan.protocol.name);
        let name = quoted(name);
        let fault = plan.fault.map_or(String::new(), |fault| format!(" --fault {}", fault.name));
        let peers = arguments.peer.iter().map(|peer| format!(" --peer {}", quoted(peer)));
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
}

/// A word as a shell reads it back.
fn quoted(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| word.to_owned(), Into::into)
}

/// The accounts' names in a case.
fn accounts(plan: &Plan, case: &Case) -> Accounts {
    names(&plan.protocol, case.genesis.accounts, 0).accounts
}

impl Told {
    /// The commands that show a saved finding again: healthy here, and wrong where it was found.
    pub fn commands(&self) -> Vec<String> {
        let mut commands = vec![self.repeat.clone()];
        if let Some(saved) = &self.saved {
            let saved = quoted(saved);
            commands.push(format!("quorate replay {saved}"));
            if let Cause::Peer(command, _) = &self.cause {
                commands.push(format!("quorate conform --peer {} {saved}", quoted(command)));
            }
            if let Some(fault) = self.case.fault {
                let name = fault.name;
                commands
                    .push(format!("quorate conform --peer 'quorate apply --fault {name}' {saved}"));
            }
        }
        commands
    }
}

/// Writes every story into the folder, each under its name only once it is whole.
///
/// # Errors
/// A folder or a file that cannot be written.
pub fn save(arguments: &Arguments, all: &mut [Told]) -> Result<(), Fatal> {
    let Some(folder) = &arguments.save else { return Ok(()) };
    let unwritable = |error| Fatal(format!("{}: cannot write: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(unwritable)?;
    for told in all {
        let path = folder.join(format!("{}.json", told.story.file));
        file::save(&path, &told.story.text).map_err(unwritable)?;
        told.saved = Some(path.display().to_string());
    }
    Ok(())
}
