//! A treasury and its members: they vote on payments, openly or not, come and go.

use std::collections::VecDeque;

use super::{Page, Plot, WorkloadSettings, entry, header, unmentioned};
use crate::account::AccountId;
use crate::choice::{Choices, Seeded};
use crate::ledger::{Ledger, Links};
use crate::mosaic::MosaicId;
use crate::protocol::Protocol;
use crate::scenario::{Act, Header, Step};
use crate::transaction::{Body, Envelope, HashLock, PendingId, Transaction};
use crate::unit::{Amount, count_of};

/// Proposals that wait openly for their votes; what waited is never forgotten by a ledger, so that
/// those after them are put to it with all their votes.
const OPEN_MAX: u32 = 200;
/// Every so many steps a block is sealed.
const SEAL_EACH: u64 = 20;
/// Every so many steps the state is written.
const STATE_EACH: u64 = 100;

pub(super) fn begin(
    plan: &WorkloadSettings,
    members: u32,
    steps: u64,
) -> Result<(Header, Box<dyn Plot>), String> {
    let limits = &plan.protocol.limits;
    if members < 3 {
        return Err(format!("found {members} members, expected at least 3"));
    }
    if limits.max_cosignatories_per_account < 3 || limits.max_multisig_depth == 0 {
        return Err("found limits too tight for a vote, expected at least 3 cosignatories".into());
    }
    let base = plan.protocol.base;
    let width = members.to_string().len();
    let mut labels = vec!["grants".to_owned()];
    labels.extend((1..=members).map(|member| format!("member-{member:0width$}")));
    labels.push("treasury".to_owned());
    let mut header = header(&plan.protocol, &labels)?;
    // Some places stay free, for those who come.
    let places = limits.max_cosignatories_per_account.min(members);
    let seated = (places - places / 4).max(3);
    let cap = limits.max_cosignatures_per_aggregate;
    let needed = (seated / 2 + 1).min(cap.saturating_sub(1)).max(1);
    let treasury = AccountId(members + 1);
    let seats = (1..=seated).map(AccountId).collect();
    header.genesis.entries.push(entry(base, treasury, needed, seats));
    let mut hold = |account, amount| {
        header.genesis.balances.push((account, MosaicId::CURRENCY, Amount(amount)));
    };
    hold(treasury, 1 << 60);
    (1..=members).for_each(|member| hold(AccountId(member), 10_000_000_000));
    header.name = format!("A treasury and its {seated} members on {}", plan.protocol.name);
    header.description = format!(
        "{seated} of {members} people are members at first, {} a proposal. {} drawn from seed {}: \
         payments, carried or not, and members who come and go.",
        match needed {
            1 => "1 vote carries".to_owned(),
            votes => format!("{votes} votes carry"),
        },
        count_of(steps, "step"),
        plan.seed
    );
    for id in 0..OPEN_MAX {
        header.names.pending(&format!("proposal-{:03}", id + 1));
    }
    let dao = Dao {
        protocol: plan.protocol.clone(),
        treasury,
        members,
        needed,
        choices: Seeded::new(plan.seed),
        queue: VecDeque::new(),
        opened: 0,
        told: 0,
        steps,
    };
    Ok((header, Box::new(dao)))
}

struct Dao {
    protocol: Protocol,
    treasury: AccountId,
    members: u32,
    needed: u32,
    choices: Seeded,
    /// What an open proposal still asks for.
    queue: VecDeque<(Step, &'static str)>,
    opened: u32,
    told: u64,
    steps: u64,
}

impl Plot for Dao {
    fn next(&mut self, ledger: &Ledger, page: &mut Page) -> bool {
        if self.told == self.steps {
            return false;
        }
        self.told += 1;
        page.state = self.told.is_multiple_of(STATE_EACH) || self.told == self.steps;
        if self.queue.is_empty() && self.told.is_multiple_of(SEAL_EACH) {
            page.step.act = Act::Advance(1);
            return true;
        }
        let links = ledger.state().links();
        if self.queue.is_empty() && self.opened < OPEN_MAX && self.choices.chance(24) {
            self.open(links);
        }
        if let Some((step, note)) = self.queue.pop_front() {
            page.step = step;
            page.note.push_str(note);
            return true;
        }
        match self.choices.below(16) {
            0 => self.invite(links, page),
            1 => self.leave(links, page),
            _ => self.decide(links, page),
        }
        true
    }
}

impl Dao {
    /// Some members, two of three on average, in the order of their seats.
    fn votes(&mut self, links: &Links) -> Vec<AccountId> {
        let most = self.protocol.limits.max_cosignatures_per_aggregate as usize;
        let seats = links.cosignatories_of(self.treasury);
        let mut votes: Vec<AccountId> =
            seats.iter().copied().filter(|_| self.choices.chance(170)).take(most).collect();
        if votes.is_empty() {
            votes.extend(seats.first());
        }
        votes
    }

    /// Votes enough, and no more.
    fn majority(&mut self, links: &Links) -> Vec<AccountId> {
        let seats = links.cosignatories_of(self.treasury);
        let first = self.choices.below(seats.len() as u32) as usize;
        seats.iter().cycle().skip(first).take(self.needed as usize).copied().collect()
    }

    fn grant(&mut self) -> Amount {
        Amount(1 + u64::from(self.choices.below(1_000)))
    }

    fn decide(&mut self, links: &Links, page: &mut Page) {
        let (votes, grant) = (self.votes(links), self.grant());
        let transaction = page.blank(self.protocol.base, &votes);
        transaction.push_transfer(self.treasury, AccountId(0), grant);
    }

    fn invite(&mut self, links: &Links, page: &mut Page) {
        let guest = AccountId(1 + self.choices.below(self.members));
        let mut signers = self.majority(links);
        if self.protocol.switches.opt_in && !signers.contains(&guest) {
            signers.push(guest);
        }
        page.note.push_str("a member is invited");
        let transaction = page.blank(self.protocol.base, &signers);
        transaction.push_modification(self.treasury, (0, 0), &[guest], &[]);
        unmentioned(self.protocol.base, transaction);
    }

    fn leave(&mut self, links: &Links, page: &mut Page) {
        let signers = self.majority(links);
        let seats = links.cosignatories_of(self.treasury);
        let room = seats.len() as u32 > self.needed + 1;
        let (true, Some(leaving)) = (room, self.choices.one_of(seats)) else {
            return self.decide(links, page);
        };
        page.note.push_str("a member leaves");
        let transaction = page.blank(self.protocol.base, &signers);
        transaction.push_modification(self.treasury, (0, 0), &[], &[leaving]);
        unmentioned(self.protocol.base, transaction);
    }

    /// A proposal that waits for its votes, one after another.
    fn open(&mut self, links: &Links) {
        let limits = self.protocol.limits;
        let deposit = self.protocol.base.has_hash_locks();
        if deposit && !self.protocol.switches.bonded_aggregates {
            return;
        }
        let pending = PendingId(self.opened);
        self.opened += 1;
        let votes = self.votes(links);
        let Some((&first, others)) = votes.split_first() else { return };
        if deposit {
            let mut lock = Transaction::new(Envelope::Bare, first);
            lock.push(
                first,
                Body::HashLock(HashLock {
                    pending,
                    amount: Amount(limits.hash_lock_amount),
                    duration_blocks: limits.hash_lock_duration_blocks_max.min(480),
                }),
            );
            self.queue.push_back((Step::submit(lock), "a deposit for a proposal that will wait"));
            self.queue.push_back((Step::of(Act::SealBlock(None)), "a deposit counts once sealed"));
        }
        let envelope = if deposit { Envelope::AggregateBonded } else { Envelope::Multisig };
        let mut transaction = Transaction::new(envelope, first);
        transaction.push_transfer(self.treasury, AccountId(0), self.grant());
        let announce = Step { act: Act::Announce(pending), transaction, ..Step::default() };
        self.queue.push_back((announce, "the proposal"));
        let vote = |&voter| (Step::of(Act::Cosign(pending, voter)), "");
        // One vote comes too late.
        self.queue.extend(others.iter().take(self.needed as usize).map(vote));
    }
}
