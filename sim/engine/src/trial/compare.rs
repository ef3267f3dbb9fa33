//! The ledger's answer and state against the auditor's.

use super::{Checks, Failure, FailureKind, MOSAICS};
use crate::account::AccountId;
use crate::auditor::Auditor;
use crate::ledger::{Ledger, Status, View, Waiting};
use crate::mosaic::MosaicId;
use crate::scenario::{Act, Step};
use crate::transaction::{PendingId, Transaction};
use crate::unit::Amount;
use crate::verdict::Verdict;

type Judged = Result<(), Box<Failure>>;

impl Checks {
    /// Compares answers first, then the state of what the step touched, as the watch collected it. What
    /// both refuse before the ledger wrote anything changed neither of them.
    pub(super) fn compare(
        &self,
        ledger: &Ledger,
        step: &Step,
        verdict: Verdict,
        other: Option<Verdict>,
    ) -> Judged {
        let (Some(auditor), Some(other)) = (&self.auditor, other) else { return Ok(()) };
        if verdict != other {
            let protocol = ledger.protocol();
            let (found, expected) = (protocol.result_name(verdict), protocol.result_name(other));
            let kind = FailureKind::Verdicts { ledger: verdict, auditor: other };
            let what = format!("the ledger answers {found}, the rules say {expected}");
            return Err(Failure::of_audit(kind, what, &[]));
        }
        if self.watch.is_idle() {
            return Ok(());
        }
        let mosaics: &[MosaicId] =
            if may_move_mosaics(step) { &MOSAICS } else { &[MosaicId::CURRENCY] };
        let same = |account| account_equal(ledger, auditor, account, mosaics);
        match &step.act {
            Act::Transaction | Act::Block => {
                self.watch.touched().iter().copied().try_for_each(same)?;
            }
            // The watch has the owner of a lock and what the waiting transaction names among them.
            Act::Announce(pending) | Act::Cosign(pending, _) => {
                self.watch.touched().iter().copied().try_for_each(same)?;
                held_equal(ledger, auditor, *pending)?;
            }
            // Of a block that is refused the watch looks at all accounts.
            Act::SealBlock(Some(_)) => {
                self.watch.touched().iter().copied().try_for_each(same)?;
                waiting_equal(ledger, auditor)?;
            }
            Act::SealBlock(None) | Act::Advance(_) | Act::RollBack(_) => {
                (0..ledger.state().len() as u32).map(AccountId).try_for_each(same)?;
                waiting_equal(ledger, auditor)?;
            }
            Act::Lose(_) | Act::Steal(_) | Act::Check(_) => {}
        }
        if mosaics.len() > 1 {
            definitions_equal(ledger, auditor)?;
        }
        whole_equal(ledger, auditor)
    }
}

/// Whether it waits, and with which cosignatures.
fn held_equal(ledger: &Ledger, auditor: &Auditor, pending: PendingId) -> Judged {
    let waits = |waiting: &&Waiting| waiting.status == Status::Waiting;
    let waiting = ledger.waiting(pending).filter(waits);
    let held = waiting.map(|waiting| waiting.transaction.cosignatures.as_slice());
    if held == auditor.held(pending) {
        return Ok(());
    }
    let what = format!("pending {} holds other cosignatures than by the rules", pending.0);
    Err(Failure::of_audit(FailureKind::State("held cosignatures"), what, &[]))
}

fn waiting_equal(ledger: &Ledger, auditor: &Auditor) -> Judged {
    for (pending, waiting) in ledger.all_waiting() {
        let waits = waiting.status == Status::Waiting;
        if waits != auditor.is_waiting(pending) {
            let word = if waits { "still waits" } else { "waits no more" };
            let what = format!("pending {} {word}, by the rules it is the other way", pending.0);
            return Err(Failure::of_audit(FailureKind::State("waiting"), what, &[]));
        }
    }
    Ok(())
}

/// Whether a step may change who has how much of a mosaic that is not the currency.
fn may_move_mosaics(step: &Step) -> bool {
    let moves = |transaction: &Transaction| {
        let mut amounts = transaction.amounts.iter();
        amounts.any(|(mosaic, _)| *mosaic != MosaicId::CURRENCY)
            || transaction.parts.iter().any(|part| part.body.changes_mosaic())
    };
    match &step.act {
        Act::Transaction => moves(&step.transaction),
        Act::Block => step.block.iter().any(moves),
        _ => true,
    }
}

fn account_equal(
    ledger: &Ledger,
    auditor: &Auditor,
    account: AccountId,
    mosaics: &[MosaicId],
) -> Judged {
    let links = ledger.state().links();
    let (minima, entry) = (links.minima(account), auditor.entry(account));
    let own = links.cosignatories_of(account);
    if !own.iter().copied().eq(&entry.cosignatories) {
        let what = "the cosignatories of {} are not those of the rules".to_owned();
        return Err(Failure::of_audit(FailureKind::State("cosignatories"), what, &[account]));
    }
    if (minima.approval, minima.removal) != (entry.min_approval, entry.min_removal) {
        let what = format!(
            "{{}} has thresholds {}/{}, by the rules {}/{}",
            minima.approval, minima.removal, entry.min_approval, entry.min_removal
        );
        return Err(Failure::of_audit(FailureKind::State("thresholds"), what, &[account]));
    }
    for &mosaic in mosaics {
        let held = ledger.state().balance(account, mosaic);
        let expected = auditor.balance(account, mosaic);
        if held != expected {
            let what = format!("{{}} holds {held} of mosaic {}, by the rules {expected}", mosaic.0);
            return Err(Failure::of_audit(FailureKind::State("balance"), what, &[account]));
        }
    }
    Ok(())
}

/// Owner, supply and properties of the mosaics that a comparison looks at.
fn definitions_equal(ledger: &Ledger, auditor: &Auditor) -> Judged {
    for mosaic in MOSAICS {
        let (found, expected) = (ledger.state().definition(mosaic), auditor.definition(mosaic));
        if found != expected {
            let what = format!("mosaic {} is {found:?}, by the rules {expected:?}", mosaic.0);
            return Err(Failure::of_audit(FailureKind::State("mosaic"), what, &[]));
        }
    }
    Ok(())
}

fn whole_equal(ledger: &Ledger, auditor: &Auditor) -> Judged {
    let (found, expected) = (ledger.height(), auditor.height().0);
    if found != expected {
        let what = format!("the open block has height {found}, by the rules {expected}");
        return Err(Failure::of_audit(FailureKind::State("height"), what, &[]));
    }
    let due = ledger.all_locks().filter(|(_, lock)| lock.active && lock.end <= ledger.height());
    let due: u64 = due.map(|(_, lock)| lock.amount).sum();
    let found = Amount(ledger.state().uncollected().0.saturating_add(due));
    let expected = Amount(auditor.uncollected().0.saturating_add(auditor.expiring().0));
    if found != expected {
        let what = format!("{found} wait for the next harvester, by the rules {expected}");
        return Err(Failure::of_audit(FailureKind::State("pot"), what, &[]));
    }
    Ok(())
}
