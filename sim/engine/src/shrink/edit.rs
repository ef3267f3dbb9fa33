//! Simpler forms of one step.

use super::plain::{Plain, PlainPart};
use crate::account::AccountId;
use crate::scenario::{Act, Step};
use crate::transaction::{Body, Envelope, PendingId, Transaction};
use crate::unit::Amount;

/// How much there is to read in a step.
pub(super) fn size(step: &Step) -> usize {
    let part = |part: &PlainPart| {
        let numbers = match &part.body {
            Body::Modification(body) => {
                body.approval_delta.unsigned_abs().min(300)
                    + body.removal_delta.unsigned_abs().min(300)
            }
            _ => 0,
        };
        let amounts = part.amounts.iter().map(|(_, amount)| 1 + bits(amount.0));
        3 + part.changes.len() + amounts.sum::<usize>() + part.message.len() + numbers as usize
    };
    let transaction = |one: &Transaction| {
        let plain = Plain::of(one);
        let ids = plain.ids.iter().flatten().count();
        let deadline = plain.deadline_seconds.map_or(0, |seconds| 2 + bits(seconds.unsigned_abs()));
        let parts = plain.parts.iter().map(part).sum::<usize>();
        1 + plain.cosignatures.len() + parts + ids + deadline
    };
    let time = match step.act {
        Act::Advance(blocks) | Act::RollBack(blocks) => digits(blocks) + blocks.min(20) as usize,
        Act::SealBlock(harvester) => usize::from(harvester.is_some()),
        Act::Announce(_) | Act::Block => 2,
        _ => 0,
    };
    10 + time + step.transactions().iter().map(transaction).sum::<usize>()
}

fn digits(number: u64) -> usize {
    number.checked_ilog10().map_or(0, |log| log as usize + 1)
}

fn bits(number: u64) -> usize {
    (u64::BITS - number.leading_zeros()) as usize
}

/// Simpler forms of a step, the boldest first. Each is smaller, so that no two lead to each other.
pub(super) fn simpler(step: &Step) -> Vec<Step> {
    let mut forms = forms(step);
    let most = size(step);
    forms.retain(|form| size(form) < most);
    forms
}

fn forms(step: &Step) -> Vec<Step> {
    let with = |act: Act| Step { act, ..step.clone() };
    match &step.act {
        Act::Transaction | Act::Announce(_) => {
            let mut forms: Vec<Step> = Vec::new();
            for form in transactions(&step.transaction) {
                forms.push(Step { transaction: form, ..step.clone() });
            }
            forms
        }
        Act::Block => blocks(step),
        Act::SealBlock(Some(_)) => vec![with(Act::SealBlock(None))],
        Act::Advance(blocks @ 2..) => {
            vec![
                with(Act::Advance(1)),
                with(Act::Advance(blocks / 2)),
                with(Act::Advance(blocks - 1)),
            ]
        }
        Act::Advance(1) => vec![with(Act::SealBlock(None))],
        Act::RollBack(blocks @ 1..) => {
            vec![with(Act::RollBack(0)), with(Act::RollBack(blocks - 1))]
        }
        _ => Vec::new(),
    }
}

/// A block with one transaction fewer, or one of them simpler, or its only one alone.
fn blocks(step: &Step) -> Vec<Step> {
    let mut forms = Vec::new();
    if let [only] = step.block.as_slice() {
        forms.push(Step::submit(only.clone()));
    }
    for index in 0..step.block.len() {
        let mut fewer = step.clone();
        fewer.block.remove(index);
        forms.push(fewer);
    }
    for (index, one) in step.block.iter().enumerate() {
        for form in transactions(one) {
            let mut simpler = step.clone();
            if let Some(place) = simpler.block.get_mut(index) {
                *place = form;
            }
            forms.push(simpler);
        }
    }
    forms
}

fn transactions(transaction: &Transaction) -> Vec<Transaction> {
    let plain = Plain::of(transaction);
    let mut forms = Vec::new();
    if plain.parts.len() > 1 {
        forms.extend((0..plain.parts.len()).map(|index| without_part(&plain, index)));
    }
    for index in 0..plain.cosignatures.len() {
        let mut fewer = plain.clone();
        let signer = fewer.cosignatures.remove(index);
        let mut led = fewer.clone();
        led.signer = signer;
        forms.extend([fewer, led]);
    }
    for (index, part) in plain.parts.iter().enumerate() {
        forms.extend(parts(part).into_iter().map(|form| {
            let mut simpler = plain.clone();
            if let Some(place) = simpler.parts.get_mut(index) {
                *place = form;
            }
            simpler
        }));
    }
    forms.push(Plain { ids: [None, None], ..plain.clone() });
    forms.push(Plain { deadline_seconds: None, ..plain.clone() });
    let seconds = plain.deadline_seconds.map(i64::signum);
    forms.push(Plain { deadline_seconds: seconds, ..plain.clone() });
    let before = plain.clone();
    let forms = forms.into_iter().filter(|form| *form != before);
    forms.map(|form| form.transaction()).collect()
}

fn without_part(plain: &Plain, index: usize) -> Plain {
    let mut fewer = plain.clone();
    fewer.parts.remove(index);
    fewer
}

/// Simpler forms of one part.
fn parts(part: &PlainPart) -> Vec<PlainPart> {
    let mut forms = Vec::new();
    let mut with = |edit: &dyn Fn(&mut PlainPart)| {
        let mut form = part.clone();
        edit(&mut form);
        forms.push(form);
    };
    for index in 0..part.changes.len() {
        with(&|form| {
            form.changes.remove(index);
        });
    }
    match &part.body {
        Body::Modification(body) => {
            let (approval, removal) = (body.approval_delta, body.removal_delta);
            for delta in lower(approval) {
                with(&|form| set_deltas(form, delta, removal));
            }
            for delta in lower(removal) {
                with(&|form| set_deltas(form, approval, delta));
            }
            if approval != removal && removal != 0 && approval != 0 {
                with(&|form| set_deltas(form, approval.min(removal), approval.min(removal)));
            }
        }
        Body::Transfer(_) => {
            for (index, &(_, amount)) in part.amounts.iter().enumerate() {
                with(&|form| {
                    form.amounts.remove(index);
                });
                for lower in [0, 1, amount.0 / 2].into_iter().filter(|&lower| lower < amount.0) {
                    with(&|form| {
                        if let Some(place) = form.amounts.get_mut(index) {
                            place.1 = Amount(lower);
                        }
                    });
                }
            }
            if !part.message.is_empty() {
                with(&|form| form.message.clear());
            }
        }
        _ => {}
    }
    forms
}

fn set_deltas(part: &mut PlainPart, approval: i32, removal: i32) {
    if let Body::Modification(body) = &mut part.body {
        (body.approval_delta, body.removal_delta) = (approval, removal);
    }
}

/// Smaller numbers of the same sign.
fn lower(delta: i32) -> Vec<i32> {
    let mut smaller = vec![0, delta.signum(), delta / 2, delta - delta.signum()];
    smaller.retain(|&number| number.abs() < delta.abs());
    smaller.dedup();
    smaller
}

/// Makes every other step that puts the transaction of this one to the ledger put it as it is now:
/// the same id is the same bytes, cosignatures aside.
pub(super) fn follow(steps: &mut [Step], index: usize) {
    let Some(edited) = steps.get(index).cloned() else { return };
    let Some(id) = identity(&edited) else { return };
    for (_, step) in steps.iter_mut().enumerate().filter(|(other, _)| *other != index) {
        if identity(step) == Some(id) {
            let (id, own) = (step.transaction.id, step.transaction.cosignatures.clone());
            step.transaction.copy_from(&edited.transaction);
            (step.transaction.id, step.transaction.cosignatures) = (id, own);
        }
    }
}

/// What the transaction of a step is known by.
fn identity(step: &Step) -> Option<PendingId> {
    match step.act {
        Act::Announce(pending) => Some(pending),
        Act::Transaction => step.transaction.id,
        _ => None,
    }
}

/// Every account of a step, mapped to another one.
pub(super) fn rename(step: &mut Step, to: &dyn Fn(AccountId) -> AccountId) {
    let transaction = |one: &mut Transaction| {
        one.signer = to(one.signer);
        one.cosignatures.iter_mut().for_each(|account| *account = to(*account));
        one.changes.iter_mut().for_each(|change| change.account = to(change.account));
        for part in &mut one.parts {
            part.signer = to(part.signer);
            if let Body::Transfer(body) = &mut part.body {
                body.recipient = to(body.recipient);
            }
        }
        if one.envelope == Envelope::Bare
            && let Some(part) = one.parts.first()
        {
            one.signer = part.signer;
        }
    };
    transaction(&mut step.transaction);
    step.block.iter_mut().for_each(transaction);
    match &mut step.act {
        Act::Cosign(_, account) | Act::SealBlock(Some(account)) => *account = to(*account),
        _ => {}
    }
}
