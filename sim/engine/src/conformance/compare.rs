//! One scenario through our ledger and through the peer, step by step, many steps in flight.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;

use super::message::{Answer, Told, close_answer, header_line, open_question, push_state};
use super::peer::{Peer, PeerError, cut};
use super::{About, Comparison, Declared, Difference, Options, Trouble};
use crate::replay::{Options as ReplayOptions, Replay};
use crate::scenario::record::{EntryRecord, StateRecord};
use crate::scenario::{Act, Header, Step, Steps};
use crate::transaction::{Body, Transaction};
use crate::verdict::Verdict;

/// Bytes of questions that are handed over at once.
const BATCH_BYTES: usize = 32 << 10;
/// A peer's line may be this much longer than our own answer.
const ANSWER_BYTES_SPARE: usize = 4 << 20;

/// Plays a scenario to the ledger and to the peer and compares every answer. Stops behind the first
/// step that differs undeclared, unless it is to continue; then nothing of it is left in flight.
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
    let mut session = Session {
        replay,
        options,
        declared,
        state: Vec::new(),
        flight: VecDeque::new(),
        in_flight: 0,
        comparison: Comparison::default(),
    };
    session.refresh_state();
    let mut first = Vec::new();
    header_line(steps.text(), &mut first);
    peer.ask(Arc::new(first));
    session.run(peer, &mut steps)?;
    Ok(session.comparison)
}

/// A step whose answer has not come yet.
struct Expected {
    step: u64,
    line: u64,
    question: Range<usize>,
    /// Our result, the state behind it, and the closing brace, in the batch's `tails`.
    tail: Range<usize>,
    /// Where the result ends in the tail.
    result_end: usize,
    result: Option<&'static str>,
}

/// Questions that are handed over together.
#[derive(Default)]
struct Batch {
    questions: Arc<Vec<u8>>,
    tails: Vec<u8>,
    expected: VecDeque<Expected>,
}

struct Session<'o> {
    replay: Replay,
    options: &'o Options,
    declared: &'o mut [Declared],
    /// Our state behind the last step, as text.
    state: Vec<u8>,
    flight: VecDeque<Batch>,
    in_flight: usize,
    comparison: Comparison,
}

impl Session<'_> {
    fn run(&mut self, peer: &mut Peer, steps: &mut Steps) -> Result<(), Trouble> {
        let window = self.options.window.max(1);
        let mut more = true;
        let mut step = Step::default();
        loop {
            while more && self.in_flight < window {
                more = self.send(peer, steps, &mut step, window)?;
            }
            if self.in_flight == 0 {
                return Ok(());
            }
            // Half the window stays with the peer while we prepare the next half.
            let stay = if more { window / 2 } else { 0 };
            while self.in_flight > stay {
                if !self.take(peer)? {
                    return self.drain(peer);
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
        let mut questions = Vec::with_capacity(BATCH_BYTES + (BATCH_BYTES >> 2));
        let mut batch = Batch::default();
        let mut more = true;
        while questions.len() < BATCH_BYTES && self.in_flight + batch.expected.len() < window {
            let read = steps.next(self.replay.header_mut(), step);
            let Some(record) = read.map_err(Trouble::Scenario)? else {
                more = false;
                break;
            };
            let told = Told::by(&record);
            drop(record);
            self.prepare(steps, told, step, &mut questions, &mut batch);
        }
        self.in_flight += batch.expected.len();
        batch.questions = Arc::new(questions);
        if !batch.expected.is_empty() {
            peer.ask(Arc::clone(&batch.questions));
            self.flight.push_back(batch);
        }
        Ok(more)
    }

    fn prepare(
        &mut self,
        steps: &Steps,
        told: Told,
        step: &Step,
        questions: &mut Vec<u8>,
        batch: &mut Batch,
    ) {
        if matches!(step.act, Act::Check(_)) {
            return;
        }
        let start = questions.len();
        let any = open_question(steps.text(), told, questions);
        let question = start..questions.len();
        questions.extend_from_slice(b"}\n");
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
        let (step, line) = (steps.number(), steps.line());
        batch.expected.push_back(Expected { step, line, question, tail, result_end, result });
    }

    fn refresh_state(&mut self) {
        let (ledger, names) = (self.replay.ledger(), &self.replay.header().names);
        self.state.clear();
        push_state(names, ledger.protocol().base, ledger.state().links(), &mut self.state);
    }

    /// Takes one answer; `false` if it ends this scenario.
    fn take(&mut self, peer: &mut Peer) -> Result<bool, Trouble> {
        while self.flight.front().is_some_and(|batch| batch.expected.is_empty()) {
            self.flight.pop_front();
        }
        let Some(batch) = self.flight.front_mut() else { return Ok(true) };
        let Some(expected) = batch.expected.pop_front() else { return Ok(true) };
        self.in_flight -= 1;
        let question = batch.questions.get(expected.question.clone()).unwrap_or(&[]);
        let tail = batch.tails.get(expected.tail.clone()).unwrap_or(&[]);
        let bytes_max = ANSWER_BYTES_SPARE + 16 * (question.len() + tail.len());
        let (step, line) = (expected.step, expected.line);
        let failed = |error| Trouble::Peer { step, line, error };
        let answer = match peer.answer(bytes_max) {
            Ok(answer) => answer,
            Err(PeerError::Stopped) => return Err(Trouble::Stopped),
            Err(error) => return Err(failed(error)),
        };
        self.comparison.steps += 1;
        let result_bytes = expected.result_end - expected.tail.start;
        if agrees(answer, question, tail, result_bytes, self.options.states) {
            return Ok(true);
        }
        let known = self.comparison.differences.len();
        let judged = judge(answer, &expected, tail, result_bytes);
        let differences = match judged {
            Ok(differences) => differences,
            Err(what) => {
                let line = cut(answer);
                let complaint = peer.complaint();
                return Err(failed(PeerError::Garbage { line, what, complaint }));
            }
        };
        for difference in differences {
            let found = self.declared.iter_mut().find(|one| one.covers(&difference));
            match found {
                Some(one) => {
                    one.count += 1;
                    self.comparison.declared += 1;
                }
                None => self.comparison.differences.push(difference),
            }
        }
        Ok(self.comparison.differences.len() == known || self.options.keep_going)
    }

    /// Lets what is in flight arrive, unread, so that the peer is ready for another scenario.
    fn drain(&mut self, peer: &mut Peer) -> Result<(), Trouble> {
        while self.in_flight > 0 {
            self.in_flight -= 1;
            match peer.answer(usize::MAX >> 1) {
                Ok(_) => {}
                Err(PeerError::Stopped) => return Err(Trouble::Stopped),
                // The scenario has its finding; the next one will see what is wrong with the peer.
                Err(_) => return Ok(()),
            }
        }
        Ok(())
    }
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

/// Whether the answer is, byte by byte, the one we would have given; the usual case.
fn agrees(answer: &[u8], question: &[u8], tail: &[u8], result_bytes: usize, states: bool) -> bool {
    let Some(rest) = answer.strip_prefix(question) else { return false };
    if rest == tail {
        return true;
    }
    let (result, _) = tail.split_at(result_bytes);
    match rest.strip_prefix(result) {
        Some(rest) => !states && (rest == b"}" || !result.is_empty() && rest.starts_with(b",")),
        None => false,
    }
}

/// Reads an answer that is not ours byte by byte.
fn judge(
    answer: &[u8],
    expected: &Expected,
    tail: &[u8],
    result_bytes: usize,
) -> Result<Vec<Difference>, String> {
    let theirs = Answer::read(answer)?;
    let mut differences = Vec::new();
    let difference = |about, ours: String, theirs: String| Difference {
        step: expected.step,
        line: expected.line,
        result: expected.result,
        about,
        expected: ours,
        found: theirs,
    };
    if let Some(ours) = expected.result {
        let Some(result) = &theirs.result else {
            return Err("it has no `result`".to_owned());
        };
        if result.0 != ours {
            differences.push(difference(About::Result, ours.to_owned(), result.0.to_string()));
        }
    }
    let ours = tail.get(result_bytes..).and_then(|rest| {
        let from = rest.iter().position(|&byte| byte == b'{')?;
        rest.get(from..rest.len() - 1)
    });
    if ours.is_some() && theirs.state.is_none() {
        let found = "no `state` in the answer; `--no-state` compares results only".to_owned();
        differences.push(difference(About::State, "a `state` with every answer".to_owned(), found));
    }
    if let (Some(ours), Some(theirs)) = (ours, &theirs.state) {
        let ours = serde_json::from_slice::<StateRecord<'_>>(ours).map_err(|it| it.to_string())?;
        let (ours, theirs) = (sorted(&ours), sorted(theirs));
        if ours != theirs {
            let (one, other) = (entries_without(&ours, &theirs), entries_without(&theirs, &ours));
            differences.push(difference(About::State, one, other));
        }
    }
    Ok(differences)
}

type Entries<'a> = BTreeMap<&'a str, EntryRecord<'a>>;

/// A state in which the order of names does not count.
fn sorted<'a>(state: &'a StateRecord<'_>) -> Entries<'a> {
    let entry = |(name, entry): &'a (crate::scenario::record::Name<'_>, EntryRecord<'_>)| {
        let mut entry = entry.clone();
        entry.cosignatories.sort_unstable();
        (name.0.as_ref(), entry)
    };
    state.0.iter().map(entry).collect()
}

/// The entries of one state that the other does not have, as text.
fn entries_without(one: &Entries<'_>, other: &Entries<'_>) -> String {
    let differs = |(name, entry): &(&&str, &EntryRecord<'_>)| other.get(**name) != Some(*entry);
    let entries: Vec<String> = one
        .iter()
        .filter(differs)
        .map(|(name, entry)| {
            format!("`{name}` {}", serde_json::to_string(entry).unwrap_or_default())
        })
        .collect();
    if entries.is_empty() { "no other multisig account".to_owned() } else { entries.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAIL: &[u8] = b",\"result\":\"Success\",\"state\":{\"a\":{\"min_approval\":1,\"min_removal\":1,\"cosignatories\":[\"b\",\"c\"]}}}";
    const RESULT_BYTES: usize = ",\"result\":\"Success\"".len();

    fn expected() -> Expected {
        let result = Some("Success");
        Expected {
            step: 1,
            line: 2,
            question: 0..0,
            tail: 0..TAIL.len(),
            result_end: RESULT_BYTES,
            result,
        }
    }

    fn judged(answer: &str) -> Result<Vec<Difference>, String> {
        judge(answer.as_bytes(), &expected(), TAIL, RESULT_BYTES)
    }

    #[test]
    fn order_spaces_and_further_members_do_not_count() {
        let answer = "{\"x\": [1], \"state\": {\"a\": {\"cosignatories\": [\"c\", \"b\"], \"min_removal\": 1, \"min_approval\": 1}}, \"result\": \"Success\"}";
        assert_eq!(judged(answer), Ok(vec![]));
    }

    #[test]
    fn another_result_and_another_state_differ() {
        let found = judged("{\"result\":\"No\",\"state\":{}}").unwrap();
        let [result, state] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(
            (result.about, result.expected.as_str(), result.found.as_str()),
            (About::Result, "Success", "No")
        );
        assert_eq!(state.about, About::State);
        assert_eq!(state.found, "no other multisig account");
        assert!(state.expected.starts_with("`a` {\"min_approval\":1"));
    }

    #[test]
    fn an_answer_without_the_state_that_was_asked_for_differs() {
        let found = judged("{\"result\":\"Success\"}").unwrap();
        let [missing] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(missing.about, About::State);
        assert!(missing.found.contains("no `state`"), "{missing:?}");
    }

    #[test]
    fn what_is_no_answer_is_garbage() {
        for line in
            ["", "hello", "[]", "{}", "{\"result\":1}", "{\"result\":\"Success\",\"state\":[]}"]
        {
            assert!(judged(line).is_err(), "{line}");
        }
    }

    #[test]
    fn the_usual_answer_agrees_byte_by_byte() {
        let whole = [b"{\"q\":1".as_slice(), TAIL].concat();
        let agree = |answer: &[u8], states| agrees(answer, b"{\"q\":1", TAIL, RESULT_BYTES, states);
        assert!(agree(&whole, true));
        assert!(!agree(b"{\"q\":1,\"result\":\"Success\"}", true), "its state is missing");
        assert!(agree(b"{\"q\":1,\"result\":\"Success\"}", false));
        assert!(!agree(b"{\"q\":2,\"result\":\"Success\"}", true));
        assert!(!agree(b"{\"q\":1,\"result\":\"Success\",\"state\":{}}", true));
        assert!(agree(b"{\"q\":1,\"result\":\"Success\",\"state\":{}}", false));
    }
}
