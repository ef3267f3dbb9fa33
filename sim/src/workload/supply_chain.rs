//! A cold chain: sensors read a shipment's temperature every five minutes, sign a report a day, and
//! the quality approval is released only when production date, inspection and all reports are there.
//!
//! The ledger knows no conditions: a sensor that read too much does not sign its day's report, and the
//! transaction that releases the approval hands in a report for every day.

mod cast;

use std::collections::{BTreeSet, VecDeque};

use super::{Page, Plot, WorkloadSettings};
use crate::account::AccountId;
use crate::choice::{Choices, Seeded};
use crate::ledger::Ledger;
use crate::mosaic::MosaicId;
use crate::protocol::Base;
use crate::scenario::{Act, Check, Header, Step};
use crate::transaction::{Body, Envelope, Transaction, Transfer};
use crate::unit::{Amount, Span, count_of};

use cast::{Cast, Shipment};

/// Readings of a sensor in a day: one every five minutes.
const SLOTS: u32 = 288;
/// Tenths of a degree that no reading may exceed.
const WARM: u32 = 80;

pub(super) fn begin(
    plan: &WorkloadSettings,
    sensors: u32,
    days: u32,
    warm: u32,
) -> Result<(Header, Box<dyn Plot>), String> {
    if sensors == 0 || days == 0 {
        return Err(format!(
            "found {} and {}, expected at least 1 each",
            count_of(sensors.into(), "sensor"),
            count_of(days.into(), "day")
        ));
    }
    let readings = u64::from(sensors) * u64::from(days) * u64::from(SLOTS);
    if u64::from(warm) > readings / 2 {
        let most = readings / 2;
        return Err(format!("found {warm} readings that are too warm, expected at most {most}"));
    }
    let (cast, mut header) = cast::cast(plan, sensors, days)?;
    let mut choices = Seeded::new(plan.seed);
    let mut too_warm = BTreeSet::new();
    while too_warm.len() < warm as usize {
        too_warm.insert((choices.below(days), choices.below(SLOTS), choices.below(sensors)));
    }
    header.name =
        format!("A cold chain over {} on {}", count_of(days.into(), "day"), plan.protocol.name);
    header.description = format!(
        "{}, {}, a reading every five minutes, {warm} of them too warm. A sensor \
         that read more than 8.0 C does not sign its day's report; the quality approval hands in a report \
         for every day, and fails as a whole if one is missing.",
        count_of(cast.shipments.len() as u64, "shipment"),
        count_of(sensors.into(), "sensor")
    );
    let base = plan.protocol.base;
    let blocks = 300_u64.div_ceil(plan.protocol.limits.block_time_seconds.max(1));
    let mut chain = SupplyChain {
        base,
        blocks,
        days,
        day: 0,
        slot: 0,
        sensor: 0,
        ended: false,
        absent: vec![Vec::new(); cast.shipments.len()],
        spread: vec![(u32::MAX, 0); cast.shipments.len()],
        missing: vec![0; cast.shipments.len()],
        cast,
        too_warm,
        choices,
        queue: VecDeque::new(),
    };
    chain.set_up();
    Ok((header, Box::new(chain)))
}

/// A step that waits to be written.
struct QueuedStep {
    step: Step,
    note: String,
    accepted: bool,
}

struct SupplyChain {
    base: Base,
    /// Blocks in five minutes.
    blocks: u64,
    days: u32,
    cast: Cast,
    too_warm: BTreeSet<(u32, u32, u32)>,
    choices: Seeded,
    queue: VecDeque<QueuedStep>,
    day: u32,
    slot: u32,
    sensor: u32,
    ended: bool,
    /// Of each shipment: the sensors that do not sign today's report.
    absent: Vec<Vec<AccountId>>,
    /// Of each shipment: today's lowest and highest reading, in tenths of a degree.
    spread: Vec<(u32, u32)>,
    /// Of each shipment: reports that nobody signed.
    missing: Vec<u32>,
}

impl Plot for SupplyChain {
    fn next(&mut self, _: &Ledger, page: &mut Page) -> bool {
        loop {
            if let Some(told) = self.queue.pop_front() {
                (page.step, page.note, page.accepted) = (told.step, told.note, told.accepted);
                return true;
            }
            if self.day < self.days {
                return self.read(page);
            }
            if self.ended {
                return false;
            }
            self.ended = true;
            self.end();
        }
    }
}

impl SupplyChain {
    /// One reading of one sensor, or the five minutes behind the last of them.
    fn read(&mut self, page: &mut Page) -> bool {
        let Some(&(shipment, sensor)) = self.cast.sensors.get(self.sensor as usize) else {
            page.step.act = Act::Advance(self.blocks);
            (self.sensor, self.slot) = (0, self.slot + 1);
            if self.slot == SLOTS {
                self.report();
                (self.slot, self.day) = (0, self.day + 1);
            }
            return true;
        };
        let warm = self.too_warm.contains(&(self.day, self.slot, self.sensor));
        let tenths = match warm {
            true => WARM + 1 + self.choices.below(25),
            false => 44 + self.choices.below(20),
        };
        if let (Some(spread), Some(absent)) =
            (self.spread.get_mut(shipment), self.absent.get_mut(shipment))
        {
            *spread = (spread.0.min(tenths), spread.1.max(tenths));
            if warm && !absent.contains(&sensor) {
                absent.push(sensor);
            }
        }
        if self.sensor == 0 && self.slot == 0 {
            page.note = format!("day {}", self.day + 1);
        } else if warm {
            page.note = "too warm: this sensor will not sign today's report".to_owned();
        }
        self.sensor += 1;
        let Some(shipment) = self.cast.shipments.get(shipment) else { return false };
        let clock = self.slot * 5;
        let message =
            format!("{:02}:{:02} {}.{} C", clock / 60, clock % 60, tenths / 10, tenths % 10);
        page.step.act = Act::Transaction;
        page.step.transaction.reset(Envelope::Bare, sensor);
        let amount = (MosaicId::CURRENCY, Amount::ZERO);
        hand_over(&mut page.step.transaction, sensor, shipment.shipping, &[amount], &message);
        true
    }

    /// The day's report of every shipment, signed by every sensor that read nothing too warm.
    fn report(&mut self) {
        let day = self.day + 1;
        for (index, shipment) in self.cast.shipments.iter().enumerate() {
            let (Some(absent), Some(spread), Some(missing)) = (
                self.absent.get_mut(index),
                self.spread.get_mut(index),
                self.missing.get_mut(index),
            ) else {
                continue;
            };
            let signs = |sensor: &&AccountId| !absent.contains(sensor);
            let signers: Vec<AccountId> = shipment.sensors.iter().filter(signs).copied().collect();
            let whole = absent.is_empty();
            let note = match whole {
                true => format!("the report of day {day}, signed by every sensor"),
                false => {
                    format!("the report of day {day}; sensors that do not sign: {}", absent.len())
                }
            };
            let (low, high) = *spread;
            let readings = shipment.sensors.len() as u32 * SLOTS;
            let message = format!(
                "day {day}: {readings} readings, {}.{} to {}.{} C",
                low / 10,
                low % 10,
                high / 10,
                high % 10
            );
            if !whole {
                *missing += 1;
            }
            if !signers.is_empty() {
                let report = [(shipment.reports, Amount(1))];
                let mut step = signed(self.base, &signers);
                let transaction = &mut step.transaction;
                hand_over(transaction, shipment.shipping, shipment.shipment, &report, &message);
                self.queue.push_back(QueuedStep { step, note, accepted: whole });
            }
            absent.clear();
            *spread = (u32::MAX, 0);
        }
    }

    fn set_up(&mut self) {
        for shipment in &self.cast.shipments {
            let steps = shipment.set_up(self.base);
            self.queue.extend(steps.into_iter().map(|(step, note)| QueuedStep {
                step,
                note: note.to_owned(),
                accepted: true,
            }));
        }
    }

    /// The approval of every shipment: released, or withheld for want of a report.
    fn end(&mut self) {
        for (shipment, &missing) in self.cast.shipments.iter().zip(&self.missing) {
            let handed_in = [
                (shipment.reports, Amount(u64::from(self.days))),
                (shipment.produced, Amount(1)),
                (shipment.inspected, Amount(1)),
            ];
            let mut step = signed(self.base, &shipment.everybody(self.base));
            let transaction = &mut step.transaction;
            let released = (shipment.approval, Amount(1));
            if self.base.has_aggregates() {
                hand_over(transaction, shipment.shipment, self.cast.archive, &handed_in, "");
                hand_over(
                    transaction,
                    shipment.shipment,
                    self.cast.pharmacy,
                    &[released],
                    "approved",
                );
            } else {
                let all: Vec<_> = handed_in.into_iter().chain([released]).collect();
                hand_over(transaction, shipment.shipment, self.cast.pharmacy, &all, "approved");
            }
            let note = match missing {
                0 => "every report is there: approved".to_owned(),
                _ => format!("reports missing: {missing}; everybody signs, and it is withheld"),
            };
            self.queue.push_back(QueuedStep { step, note, accepted: missing == 0 });
            let held = Amount(u64::from(missing > 0));
            let check = Check {
                balances: vec![
                    (shipment.shipment, shipment.approval, held),
                    (self.cast.pharmacy, shipment.approval, Amount(1 - held.0)),
                ],
                ..Check::default()
            };
            let step = Step::of(Act::Check(Box::new(check)));
            self.queue.push_back(QueuedStep { step, note: String::new(), accepted: false });
        }
    }
}

/// A step that these sign, the first of them as the initiator.
fn signed(base: Base, signers: &[AccountId]) -> Step {
    let mut page = Page::default();
    page.blank(base, signers);
    page.step
}

/// Adds a transfer of these amounts with a message.
fn hand_over(
    transaction: &mut Transaction,
    sender: AccountId,
    recipient: AccountId,
    amounts: &[(MosaicId, Amount)],
    message: &str,
) {
    let start = transaction.amounts.len();
    transaction.amounts.extend_from_slice(amounts);
    let amounts = Span::between(start, transaction.amounts.len());
    let start = transaction.text.len();
    transaction.text.push_str(message);
    let message = Span::between(start, transaction.text.len());
    transaction.push(sender, Body::Transfer(Transfer { recipient, amounts, message }));
}

impl Shipment {
    /// The steps before the first day.
    fn set_up(&self, base: Base) -> Vec<(Step, &'static str)> {
        let mut steps = self.tree(base);
        let [first, second] = self.staff;
        let record = [(self.produced, Amount(1))];
        let inspected = [(self.inspected, Amount(1))];
        let [one, two, _] = self.inspectors;
        let (mut produced, mut released) = match base.has_levels() {
            true => (signed(base, &[first, second]), signed(base, &[one, two])),
            false => (bare(self.production), bare(self.inspection)),
        };
        let to = self.shipment;
        hand_over(&mut produced.transaction, self.production, to, &record, "produced");
        hand_over(&mut released.transaction, self.inspection, to, &inspected, "inspected");
        steps.push((produced, "the production date"));
        steps.push((released, "the safety inspection"));
        steps
    }

    fn tree(&self, base: Base) -> Vec<(Step, &'static str)> {
        let sensors = self.sensors.len() as i32;
        if !base.has_levels() {
            let mut shipment = vec![self.production, self.inspection];
            shipment.extend_from_slice(&self.sensors);
            let convert = |account, cosignatories: &[AccountId]| {
                let mut step = bare(account);
                step.transaction.push_modification(account, (0, 0), cosignatories, &[]);
                super::unmentioned(base, &mut step.transaction);
                step
            };
            return vec![
                (convert(self.shipping, &self.sensors), "shipping: all sensors"),
                (convert(self.shipment, &shipment), "the shipment: everybody, on one level"),
            ];
        }
        let mut signers = vec![self.shipment, self.production, self.inspection, self.shipping];
        signers.extend(self.staff.iter().chain(&self.inspectors).chain(&self.sensors));
        let mut step = signed(base, &signers);
        let transaction = &mut step.transaction;
        let parts = [self.production, self.inspection, self.shipping];
        transaction.push_modification(self.shipping, (sensors, sensors), &self.sensors, &[]);
        transaction.push_modification(self.production, (2, 2), &self.staff, &[]);
        transaction.push_modification(self.inspection, (2, 2), &self.inspectors, &[]);
        transaction.push_modification(self.shipment, (3, 3), &parts, &[]);
        vec![(step, "the whole tree in one aggregate, bottom-up")]
    }

    /// Everybody whose signature the approval needs.
    fn everybody(&self, base: Base) -> Vec<AccountId> {
        let [one, two, _] = self.inspectors;
        let [first, second] = self.staff;
        let mut signers = match base.has_levels() {
            true => vec![first, second, one, two],
            false => vec![self.production, self.inspection],
        };
        signers.extend_from_slice(&self.sensors);
        signers
    }
}

/// A step with a bare transaction of this account.
fn bare(account: AccountId) -> Step {
    Step::submit(Transaction::new(Envelope::Bare, account))
}
