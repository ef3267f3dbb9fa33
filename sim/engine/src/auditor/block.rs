//! The passing of blocks, what they pay to whom, and the way back.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Auditor;
use super::nis1;
use super::state::{Lock, OpenBlock, State};
use super::waiting::{Pool, Stage};
use crate::account::AccountId;
use crate::mosaic::MosaicId;
use crate::protocol::{Base, Protocol};
use crate::transaction::PendingId;
use crate::unit::{Amount, Height};
use crate::verdict::{Reason, Refusal, Verdict};

/// The rules of a block; the Catapult eras have none that speak of its transactions. `repeats`: it
/// holds something that an earlier one holds.
pub(super) fn judge(
    protocol: &Protocol,
    state: &State,
    harvester: Option<AccountId>,
    repeats: bool,
) -> Result<(), Reason> {
    match protocol.base {
        Base::Nis1 => nis1::validate_block(protocol, &state.chain().block, harvester, repeats),
        _ => Ok(()),
    }
}

/// A whole copy of the world as a block opened.
#[derive(Debug)]
struct World {
    state: State,
    pool: Pool,
}

/// The copies that a rollback restores.
#[derive(Clone, Debug)]
pub(super) struct History {
    /// How the open block began; none while nothing happened in it.
    opening: Option<Arc<World>>,
    /// How each sealed block began, the oldest first.
    sealed: VecDeque<Arc<World>>,
    /// Most sealed blocks to keep.
    horizon_blocks: usize,
    /// Copies that nobody needs any more, to be written over.
    spare: Vec<Arc<World>>,
}

impl History {
    pub(super) fn new(horizon_blocks: usize) -> Self {
        Self { opening: None, sealed: VecDeque::new(), horizon_blocks, spare: Vec::new() }
    }

    /// The state as the open block began; none while nothing happened in it.
    pub(super) fn opening_state(&self) -> Option<&State> {
        self.opening.as_deref().map(|world| &world.state)
    }

    fn push(&mut self, world: Arc<World>) {
        self.sealed.push_back(world);
        while self.sealed.len() > self.horizon_blocks {
            let oldest = self.sealed.pop_front();
            self.spare.extend(oldest.filter(|world| Arc::strong_count(world) == 1));
        }
    }

    /// Forgets the open block and all sealed ones but the oldest `kept`.
    fn forget(&mut self, kept: usize) {
        let gone = self.sealed.drain(kept.min(self.sealed.len())..).chain(self.opening.take());
        self.spare.extend(gone.filter(|world| Arc::strong_count(world) == 1));
    }

    /// A copy of the world, in the memory of one that nobody needs any more.
    fn copy(&mut self, state: &State, pool: &Pool) -> Arc<World> {
        while let Some(mut copy) = self.spare.pop() {
            // A copy of this auditor shares the spare ones.
            if let Some(world) = Arc::get_mut(&mut copy) {
                world.state.clone_from(state);
                world.pool.clone_from(pool);
                return copy;
            }
        }
        Arc::new(World { state: state.clone(), pool: pool.clone() })
    }
}

/// The block that forgets a lock.
fn forgotten_at(protocol: &Protocol, lock: &Lock) -> Height {
    Height(lock.end.0.saturating_add(protocol.limits.max_rollback_blocks))
}

impl Auditor {
    /// Closes the open block and opens the next.
    ///
    /// Its fees and the deposits that expire with it go to the harvester, or into a pot for the
    /// next one if there is none. NIS1 judges the block first; one that is refused is dropped
    /// whole.
    pub fn seal_block(&mut self, harvester: Option<AccountId>) -> Verdict {
        self.remember_opening();
        if let Err(reason) = judge(&self.protocol, &self.state, harvester, false) {
            // Nothing of a block that is refused stays.
            let _ = self.roll_back(0);
            return Verdict::Rejected(reason);
        }
        if let Some(opening) = self.history.opening.take() {
            self.history.push(opening);
        }
        self.expire_locks(harvester);
        self.prune_locks();
        self.collect_fees(harvester);
        let chain = self.state.chain_mut();
        chain.block = OpenBlock::default();
        chain.height = Height(chain.height.0.saturating_add(1));
        self.drop_expired();
        Verdict::Accepted
    }

    /// Seals this many blocks that nobody harvests, unless the open one is refused. Blocks in which
    /// nothing happens cost nothing.
    pub fn advance(&mut self, blocks: u64) -> Verdict {
        let mut left = blocks;
        while left > 0 {
            let quiet = self.quiet_blocks().min(left);
            if quiet > 0 {
                self.seal_quiet_blocks(quiet);
                left -= quiet;
            } else {
                let verdict = self.seal_block(None);
                if !verdict.is_accepted() {
                    return verdict;
                }
                left -= 1;
            }
        }
        Verdict::Accepted
    }

    /// Drops the open block and the last `blocks` sealed ones; the world is as it was when the
    /// first of them opened.
    pub fn roll_back(&mut self, blocks: u64) -> Verdict {
        let kept = (self.history.sealed.len() as u64).checked_sub(blocks);
        let Some(kept) = kept else { return Verdict::Refused(Refusal::BeyondHorizon) };
        let height = Height(self.height().0.saturating_sub(blocks));
        let first_sealed = self.history.sealed.get(kept as usize).cloned();
        let world = if blocks == 0 { self.history.opening.clone() } else { first_sealed };
        if let Some(world) = world {
            self.state.clone_from(&world.state);
            self.draft.clone_from(&world.state);
            self.pool.clone_from(&world.pool);
        }
        // Quiet blocks share one copy, whose height is that of the first of them.
        self.state.chain_mut().height = height;
        self.history.forget(kept as usize);
        Verdict::Accepted
    }

    /// The height of the open block, from 1.
    #[must_use]
    pub fn height(&self) -> Height {
        self.state.chain().height
    }

    /// Fees and deposits that no harvester got, those of the open block included.
    #[must_use]
    pub fn uncollected(&self) -> Amount {
        let chain = self.state.chain();
        let sum = chain.uncollected.checked_add(chain.fees);
        sum.unwrap_or(Amount(u64::MAX))
    }

    /// Deposits that hold no more and go to the harvester of the open block.
    #[must_use]
    pub fn expiring(&self) -> Amount {
        let is_due = |lock: &&Lock| !lock.settled && lock.end <= self.height();
        let due = self.state.chain().locks.iter().filter(is_due).map(|lock| lock.amount);
        due.fold(Amount::ZERO, |sum, amount| sum.checked_add(amount).unwrap_or(Amount(u64::MAX)))
    }

    /// Keeps a copy of the world before the first step of a block touches it.
    pub(super) fn remember_opening(&mut self) {
        if self.history.opening.is_none() {
            self.history.opening = Some(self.history.copy(&self.state, &self.pool));
        }
    }

    /// `lock_hash`, an expired lock: its deposit goes to the harvester of the block.
    fn expire_locks(&mut self, harvester: Option<AccountId>) {
        let height = self.height();
        let is_due = |lock: &&Lock| !lock.settled && lock.end <= height;
        let due: Vec<Lock> = self.state.chain().locks.iter().filter(is_due).copied().collect();
        for lock in due {
            self.state.settle(lock);
            self.collect(harvester, lock.amount);
        }
    }

    /// `HashLockInfoPruningObserver`, the older eras: a lock is forgotten by the block that comes
    /// `maxRollbackBlocks` after its end. Symbol keeps them.
    fn prune_locks(&mut self) {
        if self.protocol.base.has_one_lock_per_hash() {
            let (protocol, height) = (&self.protocol, self.height());
            let stays = |lock: &Lock| !lock.settled || forgotten_at(protocol, lock) > height;
            self.state.chain_mut().locks.retain(stays);
        }
    }

    fn collect_fees(&mut self, harvester: Option<AccountId>) {
        let fees = std::mem::take(&mut self.state.chain_mut().fees);
        self.collect(harvester, fees);
        if harvester.is_some() {
            let pot = std::mem::take(&mut self.state.chain_mut().uncollected);
            self.collect(harvester, pot);
        }
    }

    fn collect(&mut self, harvester: Option<AccountId>, amount: Amount) {
        match harvester {
            Some(account) => self.state.credit(account, MosaicId::CURRENCY, amount),
            None => {
                let chain = self.state.chain_mut();
                let sum = chain.uncollected.checked_add(amount);
                chain.uncollected = sum.unwrap_or(Amount(u64::MAX));
            }
        }
    }

    /// What waits goes when its own lifetime is over, and with its deposit on Catapult.
    fn drop_expired(&mut self) {
        let state = &self.state;
        let needs_lock = self.protocol.base != Base::Nis1;
        let ended = self.pool.waiting().filter(|&(pending, waiting)| {
            let holds = !needs_lock || state.active_lock(pending).is_some();
            state.chain().height > waiting.last || !holds
        });
        let ended: Vec<PendingId> = ended.map(|(pending, _)| pending).collect();
        self.pool.end(ended.into_iter(), Stage::Ended);
    }

    /// How many blocks can be sealed, from the open one on, before anything happens.
    fn quiet_blocks(&self) -> u64 {
        if self.history.opening.is_some() {
            return 0;
        }
        let prunes = self.protocol.base.has_one_lock_per_hash();
        let locks = self.state.chain().locks.iter();
        let ends = locks.clone().filter(|lock| !lock.settled).map(|lock| lock.end.0);
        let last_active = ends.clone().map(|end| end.saturating_sub(1));
        let forgotten = locks.filter(|_| prunes).map(|lock| forgotten_at(&self.protocol, lock).0);
        let last_waiting = self.pool.waiting().map(|(_, waiting)| waiting.last.0);
        ends.chain(last_active)
            .chain(forgotten)
            .chain(last_waiting)
            .filter_map(|height| height.checked_sub(self.height().0))
            .min()
            .unwrap_or(u64::MAX)
    }

    fn seal_quiet_blocks(&mut self, blocks: u64) {
        let world = self.history.copy(&self.state, &self.pool);
        let copies = blocks.min(self.history.horizon_blocks as u64);
        for _ in 0..copies {
            self.history.push(Arc::clone(&world));
        }
        self.state.chain_mut().height = Height(self.height().0.saturating_add(blocks));
    }
}
