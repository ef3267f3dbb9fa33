//! What is said of missing signatures is put to the ledger before it is printed.

use super::missing::Missing;
use crate::account::{AccountId, Accounts, PerAccount};
use crate::ledger::Ledger;
use crate::transaction::{EmbeddedTransaction, Envelope, Transaction};
use crate::verdict::{Reason, Verdict};

/// A transaction that is tried with more signatures than it has; the ledger stays as it is.
pub(super) struct Trial<'a> {
    pub ledger: &'a mut Ledger,
    pub accounts: &'a Accounts,
    /// The transaction without the signatures that count for nothing.
    pub transaction: &'a Transaction,
    /// Whose signatures count.
    pub eligible: &'a PerAccount<bool>,
    /// Most signatures of an aggregate, its signer's included.
    pub most: usize,
    /// Whether it is announced and waits for its signatures.
    pub waits: bool,
}

impl Trial<'_> {
    /// The answer with these signatures more.
    pub fn with(&mut self, set: &[String]) -> Verdict {
        self.verdict(&found(self.accounts, set))
    }

    /// Of the sets that complete a transaction that waits, those with which it also goes through, where there
    /// are any: who signed beside them when it became complete makes the difference.
    pub fn going_through(&mut self, missing: Missing) -> Missing {
        let goes = |set: &&Vec<String>| self.with(set) == Verdict::Accepted;
        let sets: Vec<Vec<String>> = missing.sets.iter().filter(goes).cloned().collect();
        if sets.is_empty() || sets.len() == missing.sets.len() {
            return missing;
        }
        let whole = missing.count == Some(missing.sets.len().to_string());
        let count = whole.then(|| sets.len().to_string());
        let fewest = sets.iter().map(Vec::len).min();
        Missing { fewest, proved: missing.proved && whole, sets, count }
    }

    /// Whether every listed set completes the transaction and none does without any one of its keys.
    /// A set above the cap on signatures is only tried as a whole.
    /// `completed` is the answer with the first of them. Where no set is listed because none completes
    /// it, all who are able together must not. What was not proved to be the fewest is tried as well.
    pub fn confirms(&mut self, missing: &Missing, completed: Verdict, able: &[AccountId]) -> bool {
        if missing.fewest.is_none() {
            let stays_open = self.waits && self.verdict(able) == Verdict::Pending;
            return !missing.proved || stays_open || !self.is_signed(able);
        }
        missing.sets.iter().all(|set| {
            let keys = found(self.accounts, set);
            let fits = self.signatures() + keys.len() <= self.most;
            let same = !fits
                || match self.verdict(&keys) {
                    // What waits is executed with whoever has signed by then.
                    verdict if self.waits && completed != Verdict::Accepted => {
                        verdict != Verdict::Pending
                    }
                    verdict => verdict == completed,
                };
            let minimal = match fits {
                true => is_minimal(&keys, |keys| self.is_signed(keys)),
                // Nobody can send it: that it is enough is all there is to try.
                false => self.is_signed(&keys),
            };
            same && minimal
                && (!fits || completed != Verdict::Accepted || self.waits_without_each(&keys))
        })
    }

    fn signatures(&self) -> usize {
        match self.transaction.envelope {
            Envelope::Bare | Envelope::Multisig => 0,
            _ => 1 + self.transaction.cosignatures.len(),
        }
    }

    /// Whether the ledger still answers that signatures are missing, whichever of them is left out.
    fn waits_without_each(&mut self, keys: &[AccountId]) -> bool {
        (0..keys.len()).all(|left_out| {
            let lacks = [Reason::AggregateMissingCosignatures, Reason::MultisigInvalidCosigners];
            match self.verdict(&without(keys, left_out)) {
                Verdict::Rejected(reason) => lacks.contains(&reason),
                verdict => self.waits && verdict == Verdict::Pending,
            }
        })
    }

    fn verdict(&mut self, keys: &[AccountId]) -> Verdict {
        let transaction = self.signed_by(keys);
        let waits = self.waits;
        self.ledger.at_refusal(|ledger| put(ledger, &transaction, waits), |_, verdict, _| verdict)
    }

    /// Whether every part has its signatures at its turn, whatever else is wrong with it.
    fn is_signed(&mut self, keys: &[AccountId]) -> bool {
        let transaction = self.signed_by(keys);
        let counts = |&account: &AccountId| self.eligible[account];
        let signed: Vec<AccountId> = transaction.signatures().filter(counts).collect();
        let mut all = true;
        in_turn(self.ledger, &transaction, self.waits, |ledger, part| {
            all &= ledger.is_signed_by(&transaction, part, &signed);
        });
        all
    }

    fn signed_by(&self, keys: &[AccountId]) -> Transaction {
        let mut transaction = self.transaction.clone();
        let more = keys.iter().filter(|&&key| !self.transaction.is_signed_by(key));
        transaction.cosignatures.extend(more);
        transaction
    }
}

/// Puts a transaction to the ledger, one that `waits` as it is announced.
pub(super) fn put(ledger: &mut Ledger, transaction: &Transaction, waits: bool) -> Verdict {
    if waits { ledger.announced(transaction) } else { ledger.submit(transaction) }
}

/// Shows the ledger as it stands where each part is judged: behind the parts before it, and of a transaction
/// that `waits` before all of them.
pub(super) fn in_turn(
    ledger: &mut Ledger,
    transaction: &Transaction,
    waits: bool,
    mut look: impl FnMut(&mut Ledger, &EmbeddedTransaction),
) {
    match waits {
        true => transaction.parts.iter().for_each(|part| look(ledger, part)),
        false => ledger.in_turn(transaction, look),
    }
}

/// Whether these keys are enough, and not without any one of them.
pub(super) fn is_minimal(keys: &[AccountId], mut enough: impl FnMut(&[AccountId]) -> bool) -> bool {
    enough(keys) && (0..keys.len()).all(|left_out| !enough(&without(keys, left_out)))
}

fn without(keys: &[AccountId], left_out: usize) -> Vec<AccountId> {
    let (before, after) = keys.split_at(left_out);
    before.iter().chain(after.iter().skip(1)).copied().collect()
}

/// The accounts of these names.
pub(super) fn found(accounts: &Accounts, names: &[String]) -> Vec<AccountId> {
    names.iter().filter_map(|name| accounts.find(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Entry, Genesis, Minima};
    use crate::mosaic::MosaicId;
    use crate::protocol::Protocol;
    use crate::unit::Amount;

    const A: AccountId = AccountId(0);
    const B: AccountId = AccountId(1);
    const C: AccountId = AccountId(2);
    const X: AccountId = AccountId(3);

    /// 2-of-3 account `x` pays; `a` has signed.
    fn confirmed(fewest: Option<usize>, sets: &[&[&str]], amount: u64, completed: Verdict) -> bool {
        confirmed_by([true, true, true, false], fewest, sets, amount, completed)
    }

    /// The same where `eligible` signatures count for the rule.
    fn confirmed_by(
        eligible: [bool; 4],
        fewest: Option<usize>,
        sets: &[&[&str]],
        amount: u64,
        completed: Verdict,
    ) -> bool {
        let accounts = Accounts::new(&["a", "b", "c", "x"]).unwrap();
        let mut genesis = Genesis::of_accounts(4);
        genesis.balances = vec![(X, MosaicId::CURRENCY, Amount(5))];
        let minima = Minima { approval: 2, removal: 2 };
        genesis.entries = vec![Entry { account: X, minima, cosignatories: vec![A, B, C] }];
        let protocol = Protocol::preset("symbol-mainnet").unwrap();
        let mut ledger = Ledger::from_genesis(protocol, &genesis).unwrap();
        let mut transaction = Transaction::new(Envelope::AggregateComplete, A);
        transaction.push_transfer(X, A, Amount(amount));
        let eligible = PerAccount(eligible.to_vec());
        let mut trial = Trial {
            ledger: &mut ledger,
            accounts: &accounts,
            transaction: &transaction,
            eligible: &eligible,
            most: 25,
            waits: false,
        };
        let sets = sets.iter().map(|set| set.iter().map(|&name| name.to_owned()).collect());
        let missing = Missing { fewest, proved: true, sets: sets.collect(), count: None };
        trial.confirms(&missing, completed, &[A, B, C])
    }

    #[test]
    fn only_sets_that_complete_it_and_need_each_key_are_confirmed() {
        let accepted = Verdict::Accepted;
        assert!(confirmed(Some(1), &[&["b"], &["c"]], 5, accepted));
        assert!(!confirmed(Some(2), &[&["b", "c"]], 5, accepted), "b alone completes it");
        assert!(!confirmed(Some(1), &[&["b"], &["b", "c"]], 5, accepted));
        assert!(!confirmed(Some(0), &[&[]], 5, accepted), "a alone is not enough");
        assert!(!confirmed(Some(1), &[&["x"]], 5, accepted), "its own key counts for nothing");
        assert!(!confirmed(None, &[], 5, accepted), "b could complete it");
    }

    #[test]
    fn the_ledger_has_its_own_say_where_the_rule_is_deceived() {
        let accepted = Verdict::Accepted;
        let without_a = [false, true, true, false];
        let sets: &[&[&str]] = &[&["b", "c"]];
        assert!(
            !confirmed_by(without_a, Some(2), sets, 5, accepted),
            "the rule does not see that `a` signed, so to it both are needed; to the ledger one is"
        );
        let all = [true, true, true, false];
        let enough: &[&[&str]] = &[&["b"]];
        assert!(confirmed_by(all, Some(1), enough, 5, accepted));
        let missing = Verdict::Rejected(Reason::AggregateMissingCosignatures);
        assert!(!confirmed_by(all, Some(1), enough, 5, missing), "the ledger accepts it");
    }

    #[test]
    fn a_set_is_confirmed_with_the_answer_that_is_printed_beside_it() {
        let poor = Verdict::Rejected(Reason::InsufficientBalance);
        assert!(confirmed(Some(1), &[&["b"]], 6, poor));
        assert!(!confirmed(Some(1), &[&["b"]], 6, Verdict::Accepted));
        assert!(!confirmed(Some(1), &[&["b"]], 5, poor));
        assert!(!confirmed(Some(2), &[&["b", "c"]], 6, poor), "b alone would do");
        let missing = Verdict::Rejected(Reason::AggregateMissingCosignatures);
        assert!(!confirmed(Some(0), &[&[]], 6, missing), "a alone is not enough");
    }
}
