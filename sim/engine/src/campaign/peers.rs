//! Every run once more through other programs that speak the line protocol of `apply`.
//!
//! A [`PeerPool`] starts each program once for every thread that plays at a time. A run is drawn again,
//! written down as a scenario and compared as `conform` compares any other.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::CampaignPlan;
use super::run::record;
use crate::conformance::{
    self, Comparison, Declared, Difference, Options, Peer, PeerError, Trouble,
};
use crate::scenario::{Header, Layout, Step, open_reader, source};
use crate::shrink::{header, lines};

/// A step that a peer answers otherwise, in a way that no earlier run met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerFinding {
    /// Which peer, from 0, in the order in which they were named.
    pub peer: usize,
    /// The run.
    pub run: u64,
    /// What differs, and in which step, from 1.
    pub difference: Difference,
    /// How many runs met the same, this one included.
    pub count: u64,
}

/// A peer that crashed, fell silent or talked rubbish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerFailure {
    /// Which peer, from 0.
    pub peer: usize,
    /// The run.
    pub run: u64,
    /// The step that was not answered, from 1; 0 before the first.
    pub step: u64,
    /// How, in words.
    pub error: String,
}

/// What a peer made of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PeerOutcome {
    /// It answers every step as the rules do.
    Agrees,
    /// It answers one otherwise.
    Differs(Difference),
    /// It failed in this step.
    Fails(u64, String),
    /// It was interrupted.
    Stopped,
}

/// What all peers made of a run.
#[derive(Debug, Default)]
pub(super) struct Played {
    /// What each made of it, in their order.
    pub outcomes: Vec<PeerOutcome>,
    /// How often each declared difference was met.
    pub declared: Vec<u64>,
    /// Steps behind a declared difference that were not compared, by the reason.
    pub uncompared: BTreeMap<&'static str, u64>,
}

/// Other programs to play every run to.
pub struct PeerPool {
    commands: Vec<String>,
    declared: Vec<Declared>,
    options: Options,
    stop: Arc<AtomicBool>,
    /// Programs that run and wait for somebody to play to them; a list for each command.
    idle: Mutex<Vec<Vec<Peer>>>,
}

impl PeerPool {
    /// A pool of these commands, none of which is started yet. Waits end when `stop` is set.
    #[must_use]
    pub fn new(commands: Vec<String>, deadline: Duration, stop: Arc<AtomicBool>) -> Self {
        let idle = Mutex::new(commands.iter().map(|_| Vec::new()).collect());
        let options = Options { deadline, ..Options::default() };
        Self { commands, declared: Vec::new(), options, stop, idle }
    }

    /// The same pool, of programs that are known to differ in this.
    #[must_use]
    pub fn with_declared(self, declared: Vec<Declared>) -> Self {
        Self { declared, ..self }
    }

    /// Starts one of each, so that a command that cannot be started is known before the first run.
    ///
    /// # Errors
    /// A command that is none, or a program that cannot be started.
    pub fn start(&self) -> Result<(), PeerError> {
        for peer in 0..self.commands.len() {
            self.give_back(peer, self.started(peer)?);
        }
        Ok(())
    }

    fn started(&self, peer: usize) -> Result<Peer, PeerError> {
        let command = self.commands.get(peer).map_or("", String::as_str);
        Peer::start(command, self.options.deadline, Arc::clone(&self.stop))
    }

    /// Plays a run as far as the step `last`, from 0, to every peer.
    pub(super) fn play(&self, plan: &CampaignPlan, number: u64, last: usize) -> Played {
        let mut played = Played::default();
        let Some(recorded) = record(plan, number, last, &self.stop) else { return played };
        let (world, steps) = (&recorded.world, &recorded.steps);
        if steps.len() <= last {
            played.outcomes.push(PeerOutcome::Stopped);
            return played;
        }
        let header = header(&world.protocol, &world.genesis, steps);
        let mut declared = self.declared.clone();
        for peer in 0..self.commands.len() {
            let compared = self.compare_with(peer, &header, steps, &mut declared);
            if let Ok(Comparison { uncompared, .. }) = &compared {
                for (why, steps) in uncompared {
                    *played.uncompared.entry(why).or_default() += steps;
                }
            }
            played.outcomes.push(outcome(compared));
        }
        played.declared = declared.iter().map(|one| one.count).collect();
        played
    }

    /// Compares one peer's answers to these steps. A peer that fails is ended.
    ///
    /// # Errors
    /// A peer that cannot be started or fails, or a wish to stop.
    pub fn compare(
        &self,
        peer: usize,
        header: &Header,
        steps: &[Step],
    ) -> Result<Comparison, Trouble> {
        self.compare_with(peer, header, steps, &mut self.declared.clone())
    }

    fn compare_with(
        &self,
        peer: usize,
        header: &Header,
        steps: &[Step],
        declared: &mut [Declared],
    ) -> Result<Comparison, Trouble> {
        let text = lines(header, steps, &self.stop).ok_or(Trouble::Stopped)?.into_bytes();
        let opened = open_reader("run", source(Cursor::new(text)), Layout::Lines);
        let (header, steps) = opened.map_err(Trouble::Scenario)?;
        let mut program = self.take(peer)?;
        let compared = conformance::compare(&mut program, header, steps, &self.options, declared);
        if compared.is_ok() {
            self.give_back(peer, program);
        }
        compared
    }

    fn take(&self, peer: usize) -> Result<Peer, Trouble> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(program) = idle.get_mut(peer).and_then(Vec::pop) {
            return Ok(program);
        }
        drop(idle);
        self.started(peer).map_err(|error| Trouble::Peer { step: 0, line: 1, error })
    }

    fn give_back(&self, peer: usize, program: Peer) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(list) = idle.get_mut(peer) {
            list.push(program);
        }
    }
}

fn outcome(compared: Result<Comparison, Trouble>) -> PeerOutcome {
    match compared {
        Ok(comparison) => {
            let first = comparison.differences.into_iter().next();
            first.map_or(PeerOutcome::Agrees, PeerOutcome::Differs)
        }
        Err(Trouble::Stopped) => PeerOutcome::Stopped,
        Err(Trouble::Peer { step, error, .. }) => PeerOutcome::Fails(step, error.to_string()),
        Err(Trouble::Scenario(error)) => PeerOutcome::Fails(0, error.to_string()),
    }
}
