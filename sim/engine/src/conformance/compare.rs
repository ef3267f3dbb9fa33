//! One scenario through our ledger and through the peer, step by step, many steps in flight.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::judge::{Ours, agrees, judge, names_a_refusal};
use super::message::{AnswerPlaces, close_answer, header_line, open_question, push_state};
use super::peer::{Peer, PeerError, cut};
use super::restart::{Restart, write_header};
use super::{About, Comparison, Declared, Difference, Options, Trouble};
use crate::replay::{Options as ReplayOptions, Replay};
use crate::scenario::record::StepRecord;
use crate::scenario::{Act, Header, Misfit, Step, Steps};
use crate::transaction::{Body, Transaction};
use crate::verdict::Verdict;

/// Bytes of questions that are handed over at once.
const BATCH_BYTES: usize = 32 << 10;
/// A peer's line may be this much longer than our own answer.
const ANSWER_BYTES_SPARE: usize = 4 << 20;
/// Bytes of questions between two checkpoints, at least.
const CHECKPOINT_BYTES_MIN: usize = 1 << 20;

/// Plays a scenario to the ledger and to the peer and compares every answer. Ends behind the first
/// step that differs undeclared, unless it is to continue; then nothing of it is left in flight.
///
/// Behind any other step that differs the peer is started again from our state. What was sent
/// meanwhile is sent once more, so that the outcome is the same whatever the window.
///
/// # Errors
/// A scenario that cannot be read, a peer that fails, a wish to stop.
pub fn compare(
    peer: &mut Peer,
    header: Header,
    mut steps: Steps,
    options: &Options,
    declared: &mut [Declared],
) -> Result<Comparison, Trouble> {
    if let Some(error) = peer.surplus() {
        return Err(Trouble::Peer { step: 0, line: steps.line(), error });
    }
    let replaying = ReplayOptions {
        bare: true,
        horizon_blocks: options.horizon_blocks,
        ..ReplayOptions::default()
    };
    let replay = Replay::new(header, replaying);
    let replay = replay.map_err(|what| Trouble::Scenario(steps.error(what)))?;
    let mut first = Vec::new();
    header_line(steps.text(), &mut first);
    let first = Arc::new(first);
    peer.ask(Arc::clone(&first));
    let mut session = Session {
        first,
        checkpoint: replay.fork(),
        replay,
        options,
        declared,
        state: Vec::new(),
        known: Known::Everything,
        answered: Vec::new(),
        flight: VecDeque::new(),
        in_flight: 0,
        again: VecDeque::new(),
        pace: usize::MAX,
        bytes: 0,
        comparison: Comparison::default(),
    };
    session.refresh_state();
    session.run(peer, &mut steps)?;
    Ok(session.comparison)
}

/// A step that our ledger has taken.
struct Expected {
    step: u64,
    line: u64,
    /// Its text without the closing brace: in the batch's `questions`, or in `unsent`.
    question: Range<usize>,
    /// Why it was not sent; then there is no answer to it.
    unsent: Option<&'static str>,
    /// Our result, the state behind it, and the closing brace, in the batch's `tails`.
    tail: Range<usize>,
    /// Where the result ends in the tail.
    result_end: usize,
    result: Option<&'static str>,
    /// Whether it is a transaction, or a block of them, that changed nothing.
    is_refused: bool,
}

/// Questions that are handed over together.
#[derive(Default)]
struct Batch {
    questions: Arc<Vec<u8>>,
    tails: Vec<u8>,
    /// The text of steps that are not sent.
    unsent: Vec<u8>,
    expected: Vec<Expected>,
    /// How many of them are done with.
    done: usize,
    /// Our ledger before its first step, now and then.
    checkpoint: Option<Box<Replay>>,
}

impl Batch {
    /// The text of a step.
    fn text(&self, expected: &Expected) -> String {
        let bytes = if expected.unsent.is_some() { &self.unsent } else { &*self.questions };
        let question = bytes.get(expected.question.clone()).unwrap_or_default();
        String::from_utf8_lossy(question).into_owned() + "}"
    }
}

/// A step that is to be sent once more.
struct Again {
    text: String,
    step: u64,
    line: u64,
}

/// What the peer knows of our state before the next step.
enum Known {
    /// Everything: it took every step.
    Everything,
    /// What a header says: it was started again.
    Start(Restart),
    /// Nothing: it is to be started again.
    Nothing,
}

/// What an answer leads to.
enum Flow {
    On,
    /// The scenario ends with this difference.
    End,
    /// The peer went another way.
    Restart,
}

struct Session<'o> {
    /// The scenario's header, on one line.
    first: Arc<Vec<u8>>,
    replay: Replay,
    options: &'o Options,
    declared: &'o mut [Declared],
    /// Our state behind the last step, as text.
    state: Vec<u8>,
    known: Known,
    /// Our ledger before the first of the answered batches.
    checkpoint: Replay,
    /// The batches since the checkpoint that are done with.
    answered: Vec<Batch>,
    flight: VecDeque<Batch>,
    in_flight: usize,
    /// Steps that come before the next one of the scenario.
    again: VecDeque<Again>,
    /// Most steps in flight; few behind a difference, so that few are sent twice.
    pace: usize,
    /// Bytes of questions since the last checkpoint.
    bytes: usize,
    comparison: Comparison,
}

impl Session<'_> {
    fn run(&mut self, peer: &mut Peer, steps: &mut Steps) -> Result<(), Trouble> {
        let mut more = true;
        let mut step = Step::default();
        loop {
            let window = self.options.window.max(1).min(self.pace);
            while more && self.in_flight < window {
                more = self.send(peer, steps, &mut step, window)?;
            }
            if self.in_flight == 0 {
                return Ok(());
            }
            // Half the window stays with the peer while we prepare the next half.
            let stay = if more { window / 2 } else { 0 };
            while self.in_flight > stay {
                match self.take(peer)? {
                    Flow::On => self.pace = self.pace.saturating_add(2),
                    Flow::End => return self.drain(peer),
                    Flow::Restart => {
                        self.drain(peer)?;
                        self.go_back()
                            .map_err(|misfit| Trouble::Scenario(steps.error(misfit.0)))?;
                        more = true;
                        break;
                    }
                }
            }
        }
    }

    /// Prepares a batch and hands it over; `false` if there are no more steps.
    fn send(
        &mut self,
        peer: &Peer,
        steps: &mut Steps,
        step: &mut Step,
        window: usize,
    ) -> Result<bool, Trouble> {
        let room = BATCH_BYTES + (BATCH_BYTES >> 2);
        let mut questions = Vec::with_capacity(room);
        let mut batch = Batch { checkpoint: self.new_checkpoint(), ..Batch::default() };
        let mut more = true;
        while more
            && questions.len() < BATCH_BYTES
            && self.in_flight + batch.expected.len() < window
        {
            more = self.prepare_next(steps, step, &mut questions, &mut batch)?;
        }
        self.in_flight += batch.expected.len();
        self.bytes += questions.len();
        if questions.len() < room / 2 {
            questions.shrink_to_fit();
        }
        batch.questions = Arc::new(questions);
        if !batch.questions.is_empty() {
            peer.ask(Arc::clone(&batch.questions));
        }
        if !batch.expected.is_empty() {
            self.flight.push_back(batch);
        }
        Ok(more)
    }

    /// Our ledger as it stands, if so much was sent since the last time that a copy costs little beside it.
    fn new_checkpoint(&mut self) -> Option<Box<Replay>> {
        let (ledger, names) = (self.replay.ledger(), &self.replay.header().names);
        let copied =
            ledger.journal_bytes() + 512 * ledger.state().len() + 64 * names.pending_count();
        (self.bytes > copied.max(CHECKPOINT_BYTES_MIN)).then(|| {
            self.bytes = 0;
            Box::new(self.replay.fork())
        })
    }

    /// Prepares the next step; `false` if there is none.
    fn prepare_next(
        &mut self,
        steps: &mut Steps,
        step: &mut Step,
        questions: &mut Vec<u8>,
        batch: &mut Batch,
    ) -> Result<bool, Trouble> {
        if let Some(Again { text, step: number, line }) = self.again.pop_front() {
            let read = read(&text, &mut self.replay, step);
            read.map_err(|misfit| Trouble::Scenario(steps.error(misfit.0)))?;
            self.prepare((&text, AnswerPlaces::default()), (number, line), step, questions, batch);
            return Ok(true);
        }
        let read = steps.next(self.replay.header_mut(), step);
        let Some(record) = read.map_err(Trouble::Scenario)? else { return Ok(false) };
        let places = AnswerPlaces::by(&record);
        drop(record);
        let place = (steps.number(), steps.line());
        self.prepare((steps.text(), places), place, step, questions, batch);
        Ok(true)
    }

    fn prepare(
        &mut self,
        (text, places): (&str, AnswerPlaces),
        (number, line): (u64, u64),
        step: &Step,
        questions: &mut Vec<u8>,
        batch: &mut Batch,
    ) {
        if matches!(step.act, Act::Check(_)) {
            return;
        }
        let unsent = self.reach(step, questions).err();
        let out = if unsent.is_some() { &mut batch.unsent } else { questions };
        let start = out.len();
        let any = open_question(text, places, out);
        let question = start..out.len();
        out.extend_from_slice(b"}\n");
        let verdict = self.replay.act(step);
        if self.options.states && may_change_state(step, verdict) {
            self.refresh_state();
        }
        let result = verdict.map(|verdict| self.replay.ledger().protocol().result_name(verdict));
        let state = self.options.states.then_some(self.state.as_slice());
        let tail_start = batch.tails.len();
        close_answer(any, result, state, &mut batch.tails);
        let tail = tail_start..batch.tails.len() - 1;
        let closing = 1 + state.map_or(0, |state| state.len() + ",\"state\":".len());
        let result_end = (tail.end - closing).max(tail.start);
        let is_refused = matches!(step.act, Act::Transaction | Act::Block)
            && matches!(verdict, Some(Verdict::Rejected(_) | Verdict::Refused(_)));
        let step = number;
        batch.expected.push(Expected {
            step,
            line,
            question,
            unsent,
            tail,
            result_end,
            result,
            is_refused,
        });
    }

    /// Sees to it that the peer knows what the step asks for, if need be with a new header.
    ///
    /// # Errors
    /// Why the step is not to be sent.
    fn reach(&mut self, step: &Step, questions: &mut Vec<u8>) -> Result<(), &'static str> {
        let restart = match &self.known {
            Known::Everything => return Ok(()),
            Known::Start(restart) => restart,
            Known::Nothing => &Restart::at(&self.replay)?,
        };
        if let Some(why) = restart.reaches_behind(self.replay.ledger(), step) {
            self.known = Known::Nothing;
            return Err(why);
        }
        if let Known::Nothing = self.known {
            let first = std::str::from_utf8(&self.first).unwrap_or_default();
            write_header(&self.replay, first, questions);
            self.known = Known::Start(Restart::at(&self.replay)?);
        }
        Ok(())
    }

    fn refresh_state(&mut self) {
        let (ledger, names) = (self.replay.ledger(), &self.replay.header().names);
        self.state.clear();
        push_state(names, ledger.protocol().base, ledger.state().links(), &mut self.state);
    }

    /// Puts batches aside that are done with.
    fn turn_batches(&mut self) {
        while self.flight.front().is_some_and(|batch| batch.done == batch.expected.len()) {
            let done = self.flight.pop_front();
            let count = done.as_ref().map_or(0, |batch| batch.done as u64);
            self.options.answers.fetch_add(count, Ordering::Relaxed);
            self.answered.extend(done.map(|batch| Batch { tails: Vec::new(), ..batch }));
            let next = self.flight.front_mut();
            if let Some(checkpoint) = next.and_then(|batch| batch.checkpoint.take()) {
                self.checkpoint = *checkpoint;
                self.answered.clear();
            }
        }
    }

    /// Takes one answer.
    fn take(&mut self, peer: &mut Peer) -> Result<Flow, Trouble> {
        self.turn_batches();
        let Some(batch) = self.flight.front_mut() else { return Ok(Flow::On) };
        let Some(expected) = batch.expected.get(batch.done) else { return Ok(Flow::On) };
        batch.done += 1;
        self.in_flight -= 1;
        if let Some(why) = expected.unsent {
            *self.comparison.uncompared.entry(why).or_default() += 1;
            return Ok(Flow::On);
        }
        let question = batch.questions.get(expected.question.clone()).unwrap_or(&[]);
        let tail = batch.tails.get(expected.tail.clone()).unwrap_or(&[]);
        let bytes_max = ANSWER_BYTES_SPARE + 16 * (question.len() + tail.len());
        let &Expected { step, line, result, is_refused, .. } = expected;
        let result_bytes = expected.result_end - expected.tail.start;
        let ours = Ours { step, line, result, tail, result_bytes };
        let failed = |error| Trouble::Peer { step, line, error };
        let answer = match peer.answer(bytes_max) {
            Ok(answer) => answer,
            Err(PeerError::Stopped) => return Err(Trouble::Stopped),
            Err(error) => return Err(failed(error)),
        };
        self.comparison.steps += 1;
        if agrees(answer, question, &ours, self.options.states) {
            return Ok(Flow::On);
        }
        let differences = match judge(answer, &ours) {
            Ok(differences) => differences,
            Err(what) => {
                let line = cut(answer);
                let complaint = peer.complaint();
                return Err(failed(PeerError::Garbage { line, what, complaint }));
            }
        };
        let protocol = &self.replay.header().protocol;
        let changes_nothing = |one: &Difference| {
            one.about == About::Result && is_refused && names_a_refusal(protocol, &one.found)
        };
        let is_same_state = differences.iter().all(changes_nothing);
        let is_undeclared = self.note(differences);
        Ok(match (is_undeclared && !self.options.keep_going, is_same_state) {
            (true, _) => Flow::End,
            (_, true) => Flow::On,
            (_, false) => Flow::Restart,
        })
    }

    /// Counts what is declared and keeps the rest; whether there is any. Where other results are declared
    /// another state behind them is no news.
    fn note(&mut self, differences: Vec<Difference>) -> bool {
        let covers = |one: &&mut Declared| differences.iter().any(|found| one.covers(found));
        if let Some(one) = self.declared.iter_mut().find(covers) {
            one.count += 1;
            self.comparison.declared += 1;
            return false;
        }
        let any = !differences.is_empty();
        self.comparison.differences.extend(differences);
        any
    }

    /// Lets what is in flight arrive, unread, so that the peer is ready for another header. One that fails
    /// meanwhile is started again: on another way than ours it may well fail.
    fn drain(&mut self, peer: &mut Peer) -> Result<(), Trouble> {
        let differs = |batch: &Batch| {
            batch.expected.get(batch.done.checked_sub(1)?).map(|one| (one.step, one.line))
        };
        let (step, line) = self.flight.front().and_then(differs).unwrap_or_default();
        let unread = self.flight.iter().flat_map(|batch| batch.expected.iter().skip(batch.done));
        for _ in unread.filter(|one| one.unsent.is_none()) {
            match peer.answer(usize::MAX >> 1) {
                Ok(_) => {}
                Err(PeerError::Stopped) => return Err(Trouble::Stopped),
                Err(_) => {
                    return peer.restart().map_err(|error| Trouble::Peer { step, line, error });
                }
            }
        }
        Ok(())
    }

    /// Takes our ledger back to where it stood behind the step that was answered last. The steps that were
    /// sent since are sent once more.
    fn go_back(&mut self) -> Result<(), Misfit> {
        let mut step = Step::default();
        let batches = self.answered.drain(..).chain(self.flight.drain(..));
        let mut again = VecDeque::new();
        for batch in batches {
            let (done, sent) = batch.expected.split_at(batch.done.min(batch.expected.len()));
            for expected in done {
                read(&batch.text(expected), &mut self.checkpoint, &mut step)?;
                self.checkpoint.act(&step);
            }
            again.extend(sent.iter().map(|expected| Again {
                text: batch.text(expected),
                step: expected.step,
                line: expected.line,
            }));
        }
        again.append(&mut self.again);
        self.again = again;
        self.replay = self.checkpoint.fork();
        self.refresh_state();
        self.known = Known::Nothing;
        self.in_flight = 0;
        self.pace = 1;
        self.bytes = 0;
        Ok(())
    }
}

/// Reads a step's text once more.
fn read(text: &str, replay: &mut Replay, step: &mut Step) -> Result<(), Misfit> {
    let record: StepRecord<'_> =
        serde_json::from_str(text).map_err(|error| Misfit(error.to_string()))?;
    let Header { names, protocol, .. } = replay.header_mut();
    names.read(protocol, &record, step)
}

/// Whether the links between accounts may be others than before.
fn may_change_state(step: &Step, verdict: Option<Verdict>) -> bool {
    let modifies = |transaction: &Transaction| {
        transaction.parts.iter().any(|part| matches!(part.body, Body::Modification(_)))
    };
    match &step.act {
        Act::Transaction => verdict == Some(Verdict::Accepted) && modifies(&step.transaction),
        Act::Announce(_) | Act::Cosign(..) => verdict == Some(Verdict::Accepted),
        Act::Lose(_) | Act::Steal(_) | Act::Check(_) => false,
        Act::Block | Act::SealBlock(_) | Act::Advance(_) | Act::RollBack(_) => true,
    }
}
