//! `quorate apply`: answers a trace, a line in, a line out.

use std::io::{self, Write};

use super::output::{Reader, written};
use super::{Exit, Fatal};
use crate::replay::{Options, Replay};
use crate::scenario::record::Name;
use crate::scenario::{Layout, Line, Step, open_reader, source, write};

/// Answer a trace: steps on standard input, the same steps with `result` and `state` on standard
/// output.
///
/// The first line is a header and is not answered; another header starts afresh. Every other line is
/// a step and is answered at once, so that a program can be driven in lockstep.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  gzip -dc scenarios/traces/symbol/dev-000.jsonl.gz | quorate apply")]
pub struct Arguments {
    /// Answer with `result` only
    #[arg(long)]
    no_state: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    let mut output = io::BufWriter::with_capacity(256 << 10, io::stdout().lock());
    let result = answer_all(arguments, &mut output);
    let flushed = written(output.flush());
    result.and(flushed).map(|_| Exit::Good)
}

fn answer_all(arguments: &Arguments, output: &mut impl Write) -> Result<(), Fatal> {
    let (header, mut steps) = open_reader("standard input", source(io::stdin()), Layout::Lines)?;
    let options = Options { bare: true, ..Options::default() };
    let mut replay = Replay::new(header, options).map_err(Fatal)?;
    let mut step = Step::default();
    loop {
        let mut record = match steps.next_line(replay.header_mut(), &mut step)? {
            Line::End => return Ok(()),
            Line::Header(header) => {
                replay = Replay::new(*header, options).map_err(Fatal)?;
                continue;
            }
            Line::Step(record) => record,
        };
        let verdict = replay.act(&step);
        let protocol = replay.ledger().protocol();
        record.result = verdict.map(|verdict| Name::from(protocol.result_name(verdict)));
        let links = replay.ledger().state().links();
        record.state = (!arguments.no_state)
            .then(|| write::state(&replay.header().names, protocol.base, links));
        let line = serde_json::to_writer(&mut *output, &record).map_err(io::Error::from);
        let line = line.and_then(|()| output.write_all(b"\n"));
        drop(record);
        let line = line.and_then(|()| if steps.is_idle() { output.flush() } else { Ok(()) });
        if written(line)? == Reader::Left {
            return Ok(());
        }
    }
}
