//! A new start for a peer that went another way: a header whose start is our state behind the step that
//! differs. The steps behind it are compared as if nothing had happened.
//!
//! A header says who holds what, which accounts are multisig and which keys are lost or stolen. It does not say
//! what came before: a deposit, an identity that was used, a block to go back to. A step that asks for such a
//! thing is not sent; we alone take it, and the peer starts again behind it.

use super::message::header_line_from;
use crate::ledger::{Genesis, Ledger};
use crate::replay::Replay;
use crate::scenario::{Act, Step, write};

/// Why a step is not sent: what a peer that started in the middle would have to know.
pub const LOCKED: &str = "a hash lock holds a deposit, which no header can say";
/// As [`LOCKED`].
pub const NAMED: &str = "it names a transaction of before the difference";
/// As [`LOCKED`].
pub const BLOCK: &str = "it is judged by an open block that began before the difference";
/// As [`LOCKED`].
pub const FEES: &str = "it collects fees of before the difference";
/// As [`LOCKED`].
pub const ROLLED_BACK: &str = "it goes back to before the difference";

/// Where a peer was started again, as far as it does not know what came before.
#[derive(Debug)]
pub struct Restart {
    height: u64,
    /// Whether the open block held anything.
    is_block_begun: bool,
    /// Whether fees waited for a harvester.
    has_fees: bool,
    /// Identities that had a name.
    ids: usize,
}

impl Restart {
    /// Where our ledger stands now.
    ///
    /// # Errors
    /// A state that no header can say; why, in words.
    pub fn at(replay: &Replay) -> Result<Self, &'static str> {
        let ledger = replay.ledger();
        if ledger.state().locked().0 > 0 {
            return Err(LOCKED);
        }
        Ok(Self {
            height: ledger.height(),
            is_block_begun: ledger.is_block_begun(),
            has_fees: ledger.state().uncollected().0 > 0,
            ids: replay.header().names.pending_count(),
        })
    }

    /// Why a step, which our ledger has not taken yet, asks for what came before; `None` where it does not.
    pub fn reaches_behind(&self, ledger: &Ledger, step: &Step) -> Option<&'static str> {
        let has_block_rules = ledger.protocol().base.has_block_rules();
        let is_same_block = self.is_block_begun && ledger.height() == self.height;
        match step.act {
            Act::RollBack(blocks) => {
                let first_known = self.height + u64::from(self.is_block_begun);
                let target = ledger.height().checked_sub(blocks);
                return target.is_none_or(|target| target < first_known).then_some(ROLLED_BACK);
            }
            Act::SealBlock(Some(_)) if self.has_fees => return Some(FEES),
            // What waits is judged by the last sealed block; NIS1 judges a block as a whole.
            Act::SealBlock(_) | Act::Advance(_) if is_same_block && has_block_rules => {
                return Some(BLOCK);
            }
            Act::Announce(_) | Act::Cosign(..) if is_same_block => return Some(BLOCK),
            _ => {}
        }
        step.ids().any(|id| (id.0 as usize) < self.ids).then_some(NAMED)
    }
}

/// Writes the header that starts a peer where our ledger stands. `first` is the scenario's own.
pub fn write_header(replay: &Replay, first: &str, out: &mut Vec<u8>) {
    let genesis = Genesis::from(replay.ledger().state());
    header_line_from(first, &write::start(replay.header(), &genesis), out);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::campaign::{CampaignPlan, record};
    use crate::protocol::{PRESETS, Protocol};
    use crate::replay::Options;
    use crate::scenario::{Header, Layout, open_reader, source};

    /// The replay of a header's text.
    fn replay(text: Vec<u8>) -> (Replay, String) {
        let opened = open_reader("start", source(std::io::Cursor::new(text)), Layout::Lines);
        let (header, steps) = opened.unwrap();
        let options = Options { bare: true, ..Options::default() };
        (Replay::new(header, options).unwrap(), steps.text().to_owned())
    }

    /// After every step of random sequences: a ledger on the header that is written there answers all further
    /// steps as the ledger that took the steps, but for those that are said to reach behind it.
    #[test]
    fn a_ledger_that_starts_in_the_middle_answers_the_rest_as_one_that_knows_it_all() {
        let mut met = BTreeMap::new();
        for (name, _) in PRESETS {
            let plan =
                CampaignPlan { steps: 120, ..CampaignPlan::new(Protocol::preset(name).unwrap()) };
            for run in 0..40 {
                let recorded = record(&plan, run, 119, &AtomicBool::new(false)).unwrap();
                let (protocol, start) = (&recorded.world.protocol, &recorded.world.genesis);
                let header = crate::shrink::header(protocol, start, &[]);
                let first = crate::shrink::lines(&header, &[], &AtomicBool::new(false));
                let (mut whole, first) = replay(first.unwrap().into_bytes());
                for (at, step) in recorded.steps.iter().enumerate() {
                    name_all(whole.header_mut(), step);
                    whole.act(step);
                    if at % 7 == 0 {
                        rest(&whole, &first, &recorded.steps[at + 1..], &mut met);
                    }
                }
            }
        }
        let reasons = [LOCKED, NAMED, BLOCK, FEES, ROLLED_BACK];
        assert!(reasons.iter().all(|why| met[why] > 50) && met[""] > 50_000, "{met:?}");
    }

    /// Gives the identities of a step their names, as reading it does.
    fn name_all(header: &mut Header, step: &Step) {
        for id in step.ids() {
            (0..=id.0).for_each(|number| {
                header.names.pending(&format!("p{number}"));
            });
        }
    }

    fn rest(whole: &Replay, first: &str, steps: &[Step], met: &mut BTreeMap<&'static str, u32>) {
        let mut whole = whole.fork();
        let mut line = Vec::new();
        let mut note = |why| *met.entry(why).or_default() += 1;
        let restart = match Restart::at(&whole) {
            Ok(restart) => restart,
            Err(why) => return note(why),
        };
        write_header(&whole, first, &mut line);
        let (mut fresh, _) = replay(line);
        let seen = |replay: &Replay| Genesis::from(replay.ledger().state());
        assert_eq!(seen(&fresh), seen(&whole));
        for step in steps {
            name_all(whole.header_mut(), step);
            if let Some(why) = restart.reaches_behind(whole.ledger(), step) {
                return note(why);
            }
            note("");
            let ours = whole.act(step);
            assert_eq!(fresh.act(step), ours, "{step:?}");
            assert_eq!(seen(&fresh), seen(&whole), "{step:?}");
        }
    }
}
