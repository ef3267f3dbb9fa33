//! `quorate apply`: answers a trace, a line in, a line out.

use std::io::{self, Write};

use super::output::{Reader, written};
use super::{Exit, Fatal};
use crate::conformance::message::{AnswerPlaces, close_answer, open_question, push_state};
use crate::fault::Fault;
use crate::reason::Explanation;
use crate::replay::{Options, Replay};
use crate::scenario::{Header, Layout, Line, Step, open_reader, source};

/// Bytes of answers that are written at once while questions keep coming.
const ANSWER_BYTES: usize = 128 << 10;

/// Answer a trace: steps on standard input, the same steps with `result` and `state` on standard
/// output.
///
/// The first line is a header and is not answered; another header starts afresh. Every other line is
/// a step and is answered at once, so that a program can be driven in lockstep.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  gzip -dc scenarios/traces/symbol/dev-000.jsonl.gz | quorate apply
  quorate conform --peer 'quorate apply --fault no-opt-in' scenarios/traces/symbol")]
pub struct Arguments {
    /// Answer with `result` only
    #[arg(long)]
    no_state: bool,
    /// Add the `reason` of every step that is refused or waits
    #[arg(long)]
    explain: bool,
    /// Answer as a ledger with this bug would (`quorate faults` lists them)
    #[arg(long, value_name = "NAME")]
    fault: Option<String>,
}

/// The ledger for a scenario, with the bug in it if one was asked for.
fn ledger(mut header: Header, fault: Option<&Fault>) -> Result<Replay, String> {
    let options = Options { bare: true, ..Options::default() };
    if let Some(fault) = fault {
        header.protocol = fault.seeded_in(&header.protocol);
    }
    Replay::new(header, options)
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    let mut answers = Vec::with_capacity(2 * ANSWER_BYTES);
    let mut output = io::stdout().lock();
    let result = answer_all(arguments, &mut answers, &mut output);
    // What was answered before an unreadable line is still said.
    let flushed = hand_over(&mut answers, &mut output);
    result.and(flushed).map(|_| Exit::Good)
}

fn answer_all(
    arguments: &Arguments,
    answers: &mut Vec<u8>,
    output: &mut impl Write,
) -> Result<(), Fatal> {
    let (header, mut steps) = open_reader("standard input", source(io::stdin()), Layout::Lines)?;
    let fault = arguments.fault.as_deref().map(super::faults::named).transpose()?;
    let mut replay = ledger(header, fault).map_err(|what| steps.error(what))?;
    let mut step = Step::default();
    let mut state = Vec::new();
    loop {
        let places = match steps.next_line(replay.header_mut(), &mut step)? {
            Line::End => return Ok(()),
            Line::Header(header) => {
                replay = ledger(*header, fault).map_err(|what| steps.error(what))?;
                // What was asked before it is answered before the next question.
                if steps.is_idle() && hand_over(answers, output)? == Reader::Left {
                    return Ok(());
                }
                continue;
            }
            Line::Step(record) => AnswerPlaces::by(&record),
        };
        let any = open_question(steps.text(), places, answers);
        let mark = replay.ledger().mark();
        let verdict = replay.act(&step);
        let reason = match verdict.filter(|_| arguments.explain) {
            Some(verdict) => replay.reason_of(verdict, &step, mark),
            None => None,
        };
        let protocol = replay.ledger().protocol();
        let result = verdict.map(|verdict| protocol.result_name(verdict));
        if !arguments.no_state {
            state.clear();
            let links = replay.ledger().state().links();
            push_state(&replay.header().names, protocol.base, links, &mut state);
        }
        close_answer(any, result, (!arguments.no_state).then_some(&state), answers);
        if let Some(reason) = reason {
            add_reason(answers, &reason)?;
        }
        let full = answers.len() >= ANSWER_BYTES;
        if (full || steps.is_idle()) && hand_over(answers, output)? == Reader::Left {
            return Ok(());
        }
    }
}

/// Adds the reason to the answer written last, before its closing brace and line end.
fn add_reason(answers: &mut Vec<u8>, reason: &Explanation) -> Result<(), Fatal> {
    answers.truncate(answers.len().saturating_sub(b"}\n".len()));
    answers.extend_from_slice(b",\"reason\":");
    let written = serde_json::to_writer(&mut *answers, reason);
    written.map_err(|error| Fatal(format!("cannot write JSON: {error}")))?;
    answers.extend_from_slice(b"}\n");
    Ok(())
}

fn hand_over(answers: &mut Vec<u8>, output: &mut impl Write) -> Result<Reader, Fatal> {
    let reader = written(output.write_all(answers).and_then(|()| output.flush()));
    answers.clear();
    reader
}
