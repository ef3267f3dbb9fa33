//! Sequences of steps that go deep: mostly valid, often just beyond, sometimes absurd.
//!
//! A [`World`] is drawn once for a run: accounts, balances, limits as they are or tightened, and how
//! often each kind of step comes (some never do). A [`Sequence`] then looks at the ledger and draws
//! one step after another into the same record, so that no step allocates.
//!
//! ```
//! use quorate::choice::Seeded;
//! use quorate::generate::{Sequence, World};
//! use quorate::ledger::Ledger;
//! use quorate::protocol::Protocol;
//! use quorate::scenario::{Act, Step};
//!
//! let mut choices = Seeded::new(7);
//! let protocol = Protocol::preset("symbol-mainnet").unwrap();
//! let world = World::draw(&mut choices, &protocol);
//! let mut ledger = Ledger::from_genesis(world.protocol.clone(), &world.genesis).unwrap();
//! let mut sequence = Sequence::new(&world);
//! let mut step = Step::default();
//! for _ in 0..10 {
//!     sequence.next(&mut choices, &ledger, &mut step);
//!     if step.act == Act::Transaction {
//!         let _verdict = ledger.submit(&step.transaction);
//!     }
//! }
//! ```

mod envelope;
mod identity;
mod modification;
mod sequence;
mod signatures;
mod waiting;
mod world;

pub use sequence::Sequence;
pub use world::{Weights, World, names};
