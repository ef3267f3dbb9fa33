//! There and back: what the ledger gets when a transaction went through its bytes.

use super::super::{Era, round_trip};
use super::Courier;
use crate::transaction::{Action, Body, Transaction};

/// What became of a transaction that was sent through its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    /// It came back saying the same.
    Same(Transaction),
    /// It has no bytes in this era; what there are none for.
    NoBytes(String),
    /// Its bytes, or what came back of them, say something else; how.
    Changed(String),
}

impl Courier {
    /// Sends a transaction through its bytes: written, read, written again (from the model, its JSON and
    /// its step), and turned back into a transaction. Identity and deadline are the scenario's own.
    #[must_use]
    pub fn carry(&self, transaction: &Transaction) -> Carried {
        let bytes = match self.send(transaction, None) {
            Ok(bytes) => bytes,
            Err(error) => return Carried::NoBytes(error.found),
        };
        match round_trip(&bytes, self.era) {
            Ok(true) => {}
            Ok(false) => return Carried::Changed("bytes that are refused".to_owned()),
            Err(what) => return Carried::Changed(what),
        }
        let kept = |received: Transaction| Transaction {
            id: transaction.id,
            inner_id: transaction.inner_id,
            deadline_seconds: transaction.deadline_seconds,
            ..received
        };
        match self.receive(&bytes, None).map(kept) {
            Err(error) => Carried::Changed(error.to_string()),
            Ok(received) if same(&received, transaction, self.era) => Carried::Same(received),
            Ok(received) => Carried::Changed(format!("another transaction: {received:?}")),
        }
    }
}

fn same(received: &Transaction, sent: &Transaction, era: Era) -> bool {
    received == sent || normal(received, era) == normal(sent, era)
}

/// What no byte keeps and no rule looks at: the order between additions and deletions (NIS1: any), the
/// order of Symbol's and NIS1's mosaics, and whether a modification's version was named.
fn normal(transaction: &Transaction, era: Era) -> Transaction {
    let mut normal = transaction.clone();
    for part in &mut normal.parts {
        match &mut part.body {
            Body::Modification(modification) => {
                modification.version = 0;
                modification.delta_present |= era != Era::N;
                let run = modification.changes.start as usize..modification.changes.end as usize;
                let Some(changes) = normal.changes.get_mut(run) else { continue };
                match era {
                    Era::N => changes.sort_by_key(|one| (one.action != Action::Add, one.account)),
                    Era::C | Era::B2 => changes.sort_by_key(|one| one.action != Action::Add),
                    Era::A | Era::A1 | Era::B => {}
                }
            }
            Body::Transfer(transfer) if matches!(era, Era::C | Era::N) => {
                let run = transfer.amounts.start as usize..transfer.amounts.end as usize;
                if let Some(amounts) = normal.amounts.get_mut(run) {
                    amounts.sort_by_key(|(mosaic, _)| *mosaic);
                }
            }
            _ => {}
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::super::super::Network;
    use super::*;
    use crate::account::Accounts;
    use crate::transaction::{Body, Envelope};

    #[test]
    fn what_differs_is_seen_and_an_order_that_no_rule_looks_at_is_not() {
        let accounts = Accounts::new(&["alice", "bob", "carol"]).unwrap();
        let [alice, bob, carol] =
            ["alice", "bob", "carol"].map(|name| accounts.find(name).unwrap());
        let courier = Courier::new(&accounts, Era::N, Network::Testnet);
        let mut sent = Transaction::new(Envelope::Bare, alice);
        sent.push_modification(alice, (1, 0), &[carol, bob], &[]);
        let Carried::Same(received) = courier.carry(&sent) else { panic!("{sent:?}") };
        assert_ne!(received, sent, "nis1 sorts");
        assert!(!same(&received, &Transaction::new(Envelope::Bare, alice), Era::N));
        let mut other = sent.clone();
        other.signer = bob;
        assert!(!same(&other, &sent, Era::N));
        sent.parts.iter_mut().for_each(|part| {
            if let Body::Modification(modification) = &mut part.body {
                modification.version = 1;
            }
        });
        assert!(matches!(courier.carry(&sent), Carried::NoBytes(_)), "version 1 has no delta");
    }
}
