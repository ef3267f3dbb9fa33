//! The rules of NEM NIS1: one threshold, one level.
//!
//! Source: NIS1 0.6.102, `MultisigCosignatoryModificationValidator`, `NumCosignatoryRangeValidator`,
//! `MultisigSignaturesPresentValidator`, `MultisigNonOperationalValidator`,
//! `MultisigTransactionSignerValidator`.

use super::{Desk, Facts};
use crate::account::AccountId;
use crate::ledger::links::{Marks, View};
use crate::protocol::Protocol;
use crate::protocol::conduct::RangeCheck;
use crate::transaction::{Action, CosignatoryModification, Modification};
use crate::verdict::Reason;

/// The entries in the order in which the server walks them: additions before deletions, each by the
/// text of the address, which is the order of the ids. Written into `sorted`.
pub fn sort(changes: &[CosignatoryModification], sorted: &mut Vec<CosignatoryModification>) {
    sorted.clear();
    sorted.extend_from_slice(changes);
    sorted.sort_by_key(|change| (rank(change.action), change.account));
}

const fn rank(action: Action) -> u8 {
    match action {
        Action::Add => 1,
        Action::Remove => 2,
        Action::Invalid => 3,
    }
}

/// Validators 14 and 15 on one modification whose entries are sorted ([`sort`]). Returns the new min
/// cosignatories.
///
/// # Errors
/// The first failure.
pub fn modification<V: View, M: Marks>(
    protocol: &Protocol,
    view: &V,
    desk: &mut Desk<M>,
    multisig: AccountId,
    modification: &Modification,
    sorted: &[CosignatoryModification],
) -> Result<u32, Reason> {
    let conduct = &protocol.conduct;
    for change in sorted {
        let account = change.account;
        let facts = Facts::accounts(multisig, account);
        let member = view.is_cosignatory(multisig, account);
        match change.action {
            Action::Add if member => {
                return desk.refuse(Reason::MultisigAlreadyACosignatory, facts);
            }
            Action::Add
                if view.is_multisig(account) && conduct.one_level && account != multisig
                    || account == multisig && conduct.self_addition_refused =>
            {
                return desk.refuse(Reason::MultisigAccountCannotBeCosigner, facts);
            }
            Action::Remove if !member => return desk.refuse(Reason::MultisigNotACosigner, facts),
            _ => {}
        }
    }
    let (additions, deletions) = distinct(desk, sorted);
    let most = protocol.switches.max_deletions_per_modification;
    if deletions > most {
        let facts = Facts::numbers(i64::from(deletions), i64::from(most)).of(multisig);
        return desk.refuse(Reason::MultisigMultipleDeletes, facts);
    }
    let different = additions + deletions;
    if different as usize != sorted.len() && conduct.repeats_refused {
        let facts = Facts::numbers(sorted.len() as i64, i64::from(different)).of(multisig);
        return desk.refuse(Reason::MultisigRedundantModification, facts);
    }
    if view.multisig_count(multisig) > 0 && conduct.one_level {
        let facts = Facts::default().of(multisig);
        return desk.refuse(Reason::MultisigAccountCannotBeCosigner, facts);
    }
    range(protocol, view, desk, multisig, modification, (additions, deletions))
}

/// Number of distinct additions and of distinct deletions.
fn distinct<M: Marks>(desk: &mut Desk<M>, changes: &[CosignatoryModification]) -> (u32, u32) {
    desk.seen.clear();
    desk.other.clear();
    let mut counts = (0, 0);
    for change in changes {
        match change.action {
            Action::Add => counts.0 += u32::from(desk.seen.mark(change.account)),
            Action::Remove => counts.1 += u32::from(desk.other.mark(change.account)),
            Action::Invalid => {}
        }
    }
    counts
}

/// `NumCosignatoryRange`: the threshold first, then the number of cosignatories.
fn range<V: View, M: Marks>(
    protocol: &Protocol,
    view: &V,
    desk: &mut Desk<M>,
    multisig: AccountId,
    modification: &Modification,
    (additions, deletions): (u32, u32),
) -> Result<u32, Reason> {
    let after =
        i64::from(view.cosignatory_count(multisig)) + i64::from(additions) - i64::from(deletions);
    let before = view.minima(multisig).approval as i32;
    let conduct = &protocol.conduct;
    let minimum = match conduct.delta_relative || !modification.delta_present {
        true => before.wrapping_add(modification.approval_delta),
        false => modification.approval_delta,
    };
    let judged = conduct.range_check == RangeCheck::Always || modification.delta_present;
    let zero_refused =
        !conduct.zero_delta_taken && modification.delta_present && modification.approval_delta == 0;
    if judged && (minimum < 0 || i64::from(minimum) > after) || zero_refused {
        let facts = Facts::numbers(i64::from(minimum), after).of(multisig);
        return desk.refuse(Reason::MultisigMinCosignatoriesOutOfRange, facts);
    }
    let most = i64::from(protocol.limits.max_cosignatories_per_account);
    if after > most {
        let facts = Facts::numbers(after, most).of(multisig);
        return desk.refuse(Reason::TooManyMultisigCosigners, facts);
    }
    Ok(minimum as u32)
}

/// How many of the cosignatories that stay must sign for a transaction that makes these changes.
/// Leaves those it removes, whose signatures do not count, marked in `desk.other`.
///
/// N-of-N (min 0 or N): all that stay, unless the protocol is changed to ask for all; M-of-N: M of
/// those that stay.
pub fn signatures_needed<V: View, M: Marks>(
    protocol: &Protocol,
    view: &V,
    desk: &mut Desk<M>,
    multisig: AccountId,
    changes: &[CosignatoryModification],
) -> u32 {
    let (all, minimum) = (view.cosignatory_count(multisig), view.minima(multisig).approval);
    let conduct = &protocol.conduct;
    let n_of_n = minimum == 0 || minimum == all && conduct.stored_n_is_all;
    let by_others = !n_of_n || protocol.switches.n_of_n_removal_by_others;
    desk.other.clear();
    let mut removed = 0;
    for change in changes.iter().filter(|change| by_others && change.action == Action::Remove) {
        let member = view.is_cosignatory(multisig, change.account);
        removed += u32::from(desk.other.mark(change.account) && member);
    }
    if !conduct.removed_left_out {
        desk.other.clear();
    }
    let others = !conduct.m_of_n_removal_by_minimum && removed > 0;
    if n_of_n || others { all - removed } else { minimum }
}

/// Whether the attached signatures are enough ([`signatures_needed`]). `signers` names the initiator
/// and everyone who attached a signature (a repeat counts once), `changes` what the inner modification
/// does.
///
/// # Errors
/// A stranger's signature, or too few.
pub fn signatures_present<V: View, M: Marks>(
    protocol: &Protocol,
    view: &V,
    desk: &mut Desk<M>,
    multisig: AccountId,
    signers: impl Iterator<Item = AccountId>,
    changes: &[CosignatoryModification],
) -> Result<(), Reason> {
    let needed = signatures_needed(protocol, view, desk, multisig, changes);
    desk.seen.clear();
    let (mut counted, mut first) = (0, true);
    let votes_of_first = u32::from(protocol.conduct.signer_votes);
    for signer in signers {
        if !view.is_cosignatory(multisig, signer) {
            if protocol.conduct.stranger_refused {
                let facts = Facts::accounts(multisig, signer);
                return desk.refuse(Reason::MultisigInvalidCosigners, facts);
            }
            continue;
        }
        let vote = u32::from(desk.seen.mark(signer) && !desk.other.marked(signer));
        counted += vote * if std::mem::take(&mut first) { votes_of_first } else { 1 };
    }
    if counted >= needed {
        return Ok(());
    }
    let facts = Facts::numbers(i64::from(counted), i64::from(needed)).of(multisig);
    desk.refuse(Reason::MultisigInvalidCosigners, facts)
}
