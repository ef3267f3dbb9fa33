//! Bytes into a story: a world and its steps.
//!
//! Bytes that begin with `{` are a scenario file, so that seeds can be read and written by hand. All
//! others are decisions for the generator of `quorate fuzz`: the first byte chooses the preset, the
//! next ones draw the world, the rest one step after another until they are spent.

use std::io::Cursor;

use quorate::choice::{Bytes, Choices};
use quorate::generate::{Sequence, World, names};
use quorate::ledger::Ledger;
use quorate::protocol::{PRESETS, Protocol};
use quorate::scenario::record::StepRecord;
use quorate::scenario::{Header, Layout, Step, open_reader, source, write};

/// Most steps of a story that bytes draw: enough for a tree of every depth that a protocol allows, and
/// few enough for tens of thousands of stories a second. What lies further away is found by another
/// story of the corpus, or by `quorate fuzz`, whose runs take hundreds of steps.
pub const STEPS_MAX: usize = 32;

/// The story of these bytes; `None` if they are too few, or a scenario that cannot be read.
#[must_use]
pub fn story(bytes: &[u8]) -> Option<(Header, Vec<Step>)> {
    if bytes.starts_with(b"{") {
        return written(bytes);
    }
    let mut choices = Bytes::new(bytes);
    let world = world(&mut choices)?;
    let mut ledger = Ledger::from_genesis(world.protocol.clone(), &world.genesis).ok()?;
    let mut sequence = Sequence::new(&world);
    let mut steps = Vec::new();
    while steps.len() < STEPS_MAX && !choices.is_spent() {
        let mut step = Step::default();
        sequence.next(&mut choices, &ledger, &mut step);
        act(&mut ledger, &step);
        steps.push(step);
    }
    let names = names(&world.protocol, world.genesis.accounts, sequence.pending_count());
    let (name, description) = (String::new(), String::new());
    let (protocol, genesis) = (world.protocol, world.genesis);
    let (lost, stolen) = (Vec::new(), Vec::new());
    Some((Header { name, description, protocol, names, genesis, lost, stolen }, steps))
}

/// The world that the first decisions draw.
#[must_use]
pub fn world(choices: &mut Bytes<'_>) -> Option<World> {
    let preset = choices.below(PRESETS.len() as u32) as usize;
    let (name, _) = PRESETS.get(preset)?;
    Some(World::draw(choices, &Protocol::preset(name)?))
}

/// Puts a step to a ledger.
pub fn act(ledger: &mut Ledger, step: &Step) {
    let _verdict = step.put_to(ledger);
}

/// The story as a scenario file.
///
/// # Panics
/// If the story cannot be written, which no story should do.
#[must_use]
pub fn document(header: &Header, steps: &[Step]) -> String {
    let base = header.protocol.base;
    let records: Vec<StepRecord<'_>> =
        steps.iter().map(|step| write::step(&header.names, base, step)).collect();
    let document = write::document(header, &records);
    document.unwrap_or_else(|error| panic!("cannot be written: {error}"))
}

fn written(bytes: &[u8]) -> Option<(Header, Vec<Step>)> {
    let source = source(Cursor::new(bytes.to_vec()));
    let (mut header, mut steps) = open_reader("seed", source, Layout::Json).ok()?;
    let mut all = Vec::new();
    loop {
        let mut step = Step::default();
        match steps.next(&mut header, &mut step).ok()? {
            Some(_) => all.push(step),
            None => return Some((header, all)),
        }
    }
}
