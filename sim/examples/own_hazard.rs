//! A hazard of one's own: a legal state that hurts, found by random steps and saved as a scenario.
//!
//! The hazard here is a *bystander*: an account that one of its own cosignatories can empty alone, now.
//! [`Control`] knows who can approve what over a few accounts; [`Sequence`] draws steps that go deep. What is
//! found is shortened and written as a scenario that `quorate replay` runs.
//!
//! ```text
//! cargo run --release --example own_hazard > bystander.json
//! ```

use std::error::Error;

use quorate::account::AccountId;
use quorate::choice::Seeded;
use quorate::generate::{Sequence, Weights, World, names};
use quorate::hazard::{Control, KEYS_MAX, When};
use quorate::ledger::{Genesis, Ledger, View};
use quorate::protocol::Protocol;
use quorate::scenario::record::Name;
use quorate::scenario::{Act, Header, Step, write};

/// Accounts of the world.
const ACCOUNTS: usize = 5;

/// Whether one key alone can empty an account that asks for two or more signatures.
fn bystander(protocol: &Protocol, ledger: &Ledger) -> Option<AccountId> {
    let links = ledger.state().links();
    let control = Control::new(protocol, links, ACCOUNTS.min(KEYS_MAX), When::Now);
    let thief = |account| control.of(account).fewest() == Some(1);
    links.multisig_accounts().find(|&one| links.minima(one).approval >= 2 && thief(one))
}

/// The account that is hurt after these steps.
fn hurt(protocol: &Protocol, genesis: &Genesis, steps: &[Step]) -> Option<AccountId> {
    let mut ledger = Ledger::from_genesis(protocol.clone(), genesis).ok()?;
    for step in steps {
        let _ = ledger.submit(&step.transaction);
    }
    bystander(protocol, &ledger)
}

/// Lives of which the shortest story is told.
const LIVES: u64 = 100;

/// Hunts, shortens, tells.
pub fn run() -> Result<String, Box<dyn Error>> {
    let protocol = Protocol::preset("symbol-mainnet").ok_or("no such preset")?;
    let genesis = Genesis::of_accounts(ACCOUNTS);
    let weights = Weights { modify: 1, ..Weights::default() };
    let world = World { protocol, genesis, weights, hot: ACCOUNTS as u32 };
    let lives = (0..LIVES).map(|seed| life(&world, seed)).collect::<Result<Vec<_>, _>>()?;
    let shortest = lives.iter().min_by_key(|steps| steps.len());
    tell(&world, shortest.map_or(&[], Vec::as_slice))
}

/// Lives until somebody is hurt, and forgets what did not matter.
fn life(world: &World, seed: u64) -> Result<Vec<Step>, Box<dyn Error>> {
    let protocol = &world.protocol;
    let mut ledger = Ledger::from_genesis(protocol.clone(), &world.genesis)?;
    let (mut choices, mut sequence) = (Seeded::new(seed), Sequence::new(world));
    let mut steps = Vec::new();
    while bystander(protocol, &ledger).is_none() {
        let mut step = Step::default();
        sequence.next(&mut choices, &ledger, &mut step);
        if step.act == Act::Transaction && ledger.submit(&step.transaction).is_accepted() {
            steps.push(step);
        }
    }
    // A step without which it happens all the same is no part of the story.
    for index in (0..steps.len()).rev() {
        let mut shorter = steps.clone();
        shorter.remove(index);
        if hurt(protocol, &world.genesis, &shorter).is_some() {
            steps = shorter;
        }
    }
    Ok(steps)
}

/// The scenario, with the ledger's answers as expectations.
fn tell(world: &World, steps: &[Step]) -> Result<String, Box<dyn Error>> {
    let protocol = &world.protocol;
    let mut ledger = Ledger::from_genesis(protocol.clone(), &world.genesis)?;
    let header = Header {
        name: "A bystander".to_owned(),
        description: "One key empties an account that asks for two signatures.".to_owned(),
        protocol: protocol.clone(),
        names: names(protocol, ACCOUNTS, 0),
        genesis: world.genesis.clone(),
        lost: Vec::new(),
        stolen: Vec::new(),
    };
    let mut records = Vec::new();
    for step in steps {
        let verdict = ledger.submit(&step.transaction);
        let mut record = write::step(&header.names, protocol.base, step);
        record.result = Some(Name::from(protocol.result_name(verdict)));
        records.push(record);
    }
    Ok(write::document(&header, &records)?)
}

/// Prints it.
#[cfg_attr(test, allow(dead_code, reason = "the tests call `run`"))]
fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", run()?);
    Ok(())
}
