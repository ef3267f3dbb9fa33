//! Who approves what, worked out anew from raw entries: the second opinion behind `approved` and
//! `opt-in`. Shares no line with the ledger's rules.

use smallvec::SmallVec;

use super::shadow::Shadow;
use crate::account::AccountId;
use crate::ledger::Minima;
use crate::protocol::{Protocol, Threshold};
use crate::transaction::{Action, Body, CosignatoryModification, EmbeddedTransaction, Transaction};

/// The state in which one part of a transaction was judged: the shadow, and over it what the parts
/// before did.
pub(super) struct Evaluator<'a> {
    protocol: &'a Protocol,
    shadow: &'a Shadow,
    over: SmallVec<[(AccountId, Minima, Cosignatories); 2]>,
}

/// So many that most accounts have no more.
type Cosignatories = SmallVec<[AccountId; 8]>;

/// The accounts a question came through, from the one asked last upwards.
struct Path<'w> {
    account: AccountId,
    above: Option<&'w Path<'w>>,
}

impl Path<'_> {
    fn holds(&self, account: AccountId) -> bool {
        self.account == account || self.above.is_some_and(|above| above.holds(account))
    }
}

impl<'a> Evaluator<'a> {
    pub fn new(protocol: &'a Protocol, shadow: &'a Shadow) -> Self {
        Self { protocol, shadow, over: SmallVec::new() }
    }

    fn entry(&self, account: AccountId) -> (Minima, &[AccountId]) {
        match self.over.iter().find(|(changed, ..)| *changed == account) {
            Some((_, minima, cosignatories)) => (*minima, cosignatories),
            None => {
                let entry = self.shadow.entry(account);
                (entry.minima, entry.cosignatories())
            }
        }
    }

    /// Takes one executed part into account for the parts behind it.
    pub fn execute(&mut self, transaction: &Transaction, part: &EmbeddedTransaction) {
        let Body::Modification(body) = &part.body else { return };
        let (mut minima, list) = self.entry(part.signer);
        let mut list = Cosignatories::from_slice(list);
        for change in transaction.changes_of(body) {
            list.retain(|member| *member != change.account);
            if change.action == Action::Add {
                list.push(change.account);
            }
        }
        minima.approval = minima.approval.wrapping_add_signed(body.approval_delta);
        minima.removal = minima.removal.wrapping_add_signed(body.removal_delta);
        if list.is_empty() {
            minima = Minima::default();
        }
        list.sort_unstable();
        self.over.retain(|(changed, ..)| *changed != part.signer);
        self.over.push((part.signer, minima, list));
    }

    /// What a modification with these changes needs, in the words of the protocol.
    pub fn threshold(&self, changes: &[CosignatoryModification]) -> Threshold {
        let (mut additions, mut deletions) = (false, false);
        for change in changes {
            additions |= change.action == Action::Add;
            deletions |= change.action == Action::Remove;
        }
        if !deletions {
            Threshold::Approval
        } else if additions {
            self.protocol.switches.mixed_threshold
        } else {
            self.protocol.switches.removal_threshold
        }
    }

    /// Whether `account` approves at this threshold by the signatures of `transaction`.
    pub fn approves(
        &self,
        account: AccountId,
        threshold: Threshold,
        transaction: &Transaction,
    ) -> bool {
        self.agrees(account, threshold, transaction, None)
    }

    /// As [`Evaluator::approves`]; an account that is asked for its own sake approves nothing, so that
    /// a loop drawn by a broken ledger has an end.
    fn agrees(
        &self,
        account: AccountId,
        threshold: Threshold,
        transaction: &Transaction,
        above: Option<&Path<'_>>,
    ) -> bool {
        let (minima, cosignatories) = self.entry(account);
        if cosignatories.is_empty() {
            return transaction.is_signed_by(account);
        }
        if above.is_some_and(|above| above.holds(account)) {
            return false;
        }
        let path = Path { account, above };
        let needed = match threshold {
            Threshold::Approval => minima.approval,
            Threshold::Removal => minima.removal,
            Threshold::Larger => minima.approval.max(minima.removal),
        };
        let below = if self.protocol.switches.pass_down { threshold } else { Threshold::Approval };
        let mut votes = 0;
        for &cosignatory in cosignatories {
            let plain = self.entry(cosignatory).1.is_empty();
            votes += u32::from(match plain {
                true => transaction.is_signed_by(cosignatory),
                false => self.agrees(cosignatory, below, transaction, Some(&path)),
            });
            if votes >= needed {
                return true;
            }
        }
        needed == 0
    }

    /// NIS1: whether a wrapper's signers are all cosignatories and enough of them stay.
    pub fn approves_wrapper(&self, transaction: &Transaction, part: &EmbeddedTransaction) -> bool {
        let (minima, cosignatories) = self.entry(part.signer);
        let removes = |change: &CosignatoryModification| change.action == Action::Remove;
        let leaves = |account| {
            let mut changes = transaction.changes_in(part).iter();
            changes.any(|change| removes(change) && change.account == account)
        };
        let signed = |account| transaction.is_signed_by(account);
        let strangers = transaction.signatures().any(|signer| !cosignatories.contains(&signer));
        let all = minima.approval == 0 || minima.approval as usize == cosignatories.len();
        let everybody = all && !self.protocol.switches.n_of_n_removal_by_others;
        let counted = |account: &&AccountId| everybody || !leaves(**account);
        let electorate = cosignatories.iter().filter(counted);
        let votes = electorate.clone().filter(|account| signed(**account)).count();
        let needed = if all { electorate.count() } else { minima.approval as usize };
        !strangers && votes >= needed
    }
}
